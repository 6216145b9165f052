"""Money on the move: between own accounts, to payees, by standing order; limits, holds, and the end of an account."""

from calendar import monthrange
from typing import Literal

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.bank.booking import credit, debit
from envgym.environments.tool_world.domains.bank.rows import (
    Account,
    Branch,
    Customer,
    Hold,
    Payee,
    ScheduledPayment,
    StandingOrder,
    bank,
)
from envgym.environments.tool_world.fields import cents, date, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    bank,
    Account,
    """
    freeze_account | status | open > frozen
    | freeze {account} | let nothing leave {account} for now | lock {account}
    unfreeze_account | status | frozen > open
    | unfreeze {account} | unlock {account} | lift the freeze of {account}
    """,
)
move_table(
    bank,
    Payee,
    """
    confirm_payee | status | unconfirmed > confirmed
    | confirm {payee} | mark {payee} as checked | the name of {payee} matches, confirm it
    block_payee | status | confirmed > blocked
    | block {payee} | bar {payee} | let nothing go to {payee} any more
    """,
)
move_table(
    bank,
    StandingOrder,
    """
    pause_standing_order | status | active > paused
    | pause {standing_order} | hold {standing_order} back for now | suspend {standing_order}
    resume_standing_order | status | paused > active
    | resume {standing_order} | let {standing_order} run again | restart {standing_order}
    cancel_standing_order | status | active > cancelled
    | cancel {standing_order} | end {standing_order} | stop {standing_order} for good
    """,
)


@bank.op(
    say=phrases("""
        move {amount} from {account} to {other_account} | transfer {amount} out of {account} into {other_account}
        | top {other_account} up with {amount} from {account}
        | I would like {amount} of what is on {account} to go to {other_account}
        | put {amount} on {other_account}, it should come from {account}
        | shift {amount} over to {other_account}, taking it from {account}"""),
    takes={"amount": cents(1000, 50000, step=500)},
)
def move_money(tx: Tx, account: Account, other_account: Account, amount: int) -> None:
    """Moves money between two accounts of one customer; no daily limit applies."""
    tx.require(account.customer == other_account.customer, "both accounts have to belong to the same customer")
    tx.require(account != other_account, "money is moved to another account")
    debit(tx, account, amount, "transfer", "own account")
    credit(tx, other_account, amount, "transfer", "own account")


@bank.op(
    say=phrases("""
        send {amount} from {account} to {payee} | pay {payee} {amount} out of {account}
        | {payee} should get {amount} today, from {account} | I owe {payee} {amount}, please take it from {account}
        | make a payment of {amount} to {payee} and debit {account}
        | settle a bill of {amount} with {payee} using {account} | use {account} to get {amount} over to {payee}"""),
    takes={"amount": cents(1000, 90000)},
)
def send_money(tx: Tx, account: Account, payee: Payee, amount: int) -> None:
    """Sends money from a current account to a payee at once, within the daily limit of the account."""
    tx.require(account.kind == "current", "payees are paid from current accounts only")
    tx.require(payee.customer == account.customer, "the payee has to be one of the account holder's own")
    tx.require(payee.status == "confirmed", "the payee has to be confirmed")
    tx.require(
        account.sent_today + amount <= account.daily_limit, "the daily limit of the account must not be exceeded"
    )
    debit(tx, account, amount, "transfer", payee.name)
    account.sent_today += amount


@bank.op(
    say=phrases("""
        schedule {amount} from {account} to {payee} for {day} | pay {payee} {amount} out of {account} on {day}
        | on {day}, send {payee} {amount} from {account} | I want {amount} to go to {payee} on {day}, from {account}
        | put a payment of {amount} to {payee} into the calendar for {day}, debiting {account}
        | {account} should pay {payee} {amount}, but not before {day}"""),
    takes={"amount": cents(1000, 150000), "day": date(1, 60)},
)
def schedule_payment(tx: Tx, account: Account, payee: Payee, amount: int, day: str) -> None:
    """Schedules a single payment from a current account to a payee for one of the next 90 days; nothing is debited before."""
    tx.require(account.kind == "current", "payees are paid from current accounts only")
    tx.require(account.status == "open", "the account has to be open")
    tx.require(payee.customer == account.customer, "the payee has to be one of the account holder's own")
    tx.require(payee.status == "confirmed", "the payee has to be confirmed")
    tx.require(day > tx.today, "the day has to lie ahead")
    tx.require(day <= tx.days(90), "the day has to lie within 90 days")
    tx.new(ScheduledPayment, customer=account.customer, account=account, payee=payee, amount=amount, due_on=day)


@bank.op(
    say=phrases("""
        move {scheduled_payment} to {day} | let {scheduled_payment} go out on {day} instead
        | change the day of {scheduled_payment} to {day} | have {scheduled_payment} leave on {day}
        | I would rather have {scheduled_payment} paid on {day} | reschedule {scheduled_payment} for {day}"""),
    takes={"day": date(1, 60)},
)
def reschedule_payment(tx: Tx, scheduled_payment: ScheduledPayment, day: str) -> None:
    """Moves a scheduled payment to another day; the day before it is due is too late."""
    tx.require(scheduled_payment.status == "scheduled", "only payments that are still scheduled can be moved")
    tx.require(scheduled_payment.due_on > tx.days(1), "a payment can be moved until two days before it is due")
    tx.require(day > tx.today, "the new day has to lie ahead")
    tx.require(day != scheduled_payment.due_on, "the payment is due on that day already")
    scheduled_payment.due_on = day


@bank.op(
    say=phrases("""
        cancel {scheduled_payment} | hold {scheduled_payment} back for good | call {scheduled_payment} off
        | stop {scheduled_payment} before it goes out | I do not want {scheduled_payment} to leave my account
        | take {scheduled_payment} out of the calendar"""),
)
def cancel_payment(tx: Tx, scheduled_payment: ScheduledPayment) -> None:
    """Cancels a scheduled payment; on the day itself it is too late."""
    tx.require(scheduled_payment.status == "scheduled", "only payments that are still scheduled can be cancelled")
    tx.require(scheduled_payment.due_on > tx.today, "on the day itself a payment cannot be cancelled any more")
    scheduled_payment.status = "cancelled"


@bank.op(
    say=phrases("""
        set up a {frequency} standing order of {amount} from {account} to {payee}, first on {first_day}
        | pay {payee} {amount} {frequency} out of {account}, starting on {first_day}
        | from {first_day} on, {payee} is to get {amount} {frequency} from {account}
        | I want {amount} to leave {account} {frequency} for {payee}; begin on {first_day}
        | arrange {frequency} payments of {amount} to {payee} with {account}, beginning {first_day}
        | put {payee} on a {frequency} standing order: {amount} out of {account}, first payment {first_day}"""),
    takes={"amount": cents(1500, 90000), "first_day": date(2, 45)},
)
def set_up_standing_order(
    tx: Tx,
    account: Account,
    payee: Payee,
    amount: int,
    frequency: Literal["weekly", "monthly", "quarterly"],
    first_day: str,
) -> None:
    """Sets up a standing order on a current account; the bank needs two days before the first payment."""
    tx.require(account.kind == "current", "standing orders run on current accounts only")
    tx.require(account.status == "open", "the account has to be open")
    tx.require(payee.customer == account.customer, "the payee has to be one of the account holder's own")
    tx.require(payee.status == "confirmed", "the payee has to be confirmed")
    tx.require(first_day >= tx.days(2), "the first payment has to be at least two days away")
    tx.new(
        StandingOrder,
        customer=account.customer,
        account=account,
        payee=payee,
        amount=amount,
        frequency=frequency,
        next_on=first_day,
    )


@bank.op(
    say=phrases("""
        change {standing_order} to {amount} | pay {amount} with {standing_order} from now on
        | let {standing_order} run over {amount} | adjust the amount of {standing_order} to {amount}
        | set {standing_order} to {amount} a time | my rent goes up, so make it {amount} for {standing_order}"""),
    takes={"amount": cents(1500, 90000)},
)
def change_standing_order(tx: Tx, standing_order: StandingOrder, amount: int) -> None:
    """Changes the amount of a standing order; a payment due within two days still goes out as it was, so it is too late for that."""
    tx.require(standing_order.status != "cancelled", "a cancelled standing order cannot be changed")
    tx.require(standing_order.next_on >= tx.days(2), "the next payment has to be at least two days away")
    tx.require(standing_order.amount != amount, "the standing order has that amount already")
    standing_order.amount = amount


def _months_later(day: str, months: int) -> str:
    """The same day of a later month, or the last one of a month that is shorter."""
    month = int(day[5:7]) - 1 + months
    year = int(day[:4]) + month // 12
    last = monthrange(year, month % 12 + 1)[1]
    return f"{year}-{month % 12 + 1:02}-{min(int(day[8:]), last):02}"


@bank.op(
    say=phrases("""
        skip the next payment of {standing_order} | leave {standing_order} out once
        | let {standing_order} miss its next turn
        | make a one-time exception and leave out the coming payment of {standing_order}
        | jump over the coming payment of {standing_order} | I cannot afford {standing_order} this time, so skip it once"""),
)
def skip_next_payment(tx: Tx, standing_order: StandingOrder) -> None:
    """Leaves out the next payment of an active standing order: it is due a week, a month or three months later."""
    tx.require(standing_order.status == "active", "only active standing orders can skip a payment")
    tx.require(standing_order.next_on >= tx.days(2), "the next payment has to be at least two days away")
    if standing_order.frequency == "weekly":
        standing_order.next_on = shifted(standing_order.next_on, 7)
    else:
        months = 1 if standing_order.frequency == "monthly" else 3
        standing_order.next_on = _months_later(standing_order.next_on, months)


@bank.op(
    say=phrases("""
        raise the daily limit of {account} to {amount} | let me send up to {amount} a day from {account}
        | I need a daily limit of {amount} on {account} | bring the sending limit of {account} up to {amount}
        | {account} should allow payments of {amount} a day | increase what can leave {account} per day to {amount}"""),
    takes={"amount": cents(600000, 2000000, step=50000)},
)
def raise_daily_limit(tx: Tx, account: Account, amount: int) -> None:
    """Raises how much may be sent from an account in one day."""
    tx.require(account.status == "open", "the account has to be open")
    tx.require(account.opened_on <= tx.days(-90), "the account has to be at least 90 days old")
    tx.require(amount > account.daily_limit, "the new limit has to be above the present one")
    account.daily_limit = amount


@bank.op(
    say=phrases("""
        put {amount} of {account} on hold for {reason} | set {amount} aside on {account}, the reason is {reason}
        | hold {amount} on {account}: {reason} | block {amount} of {account} because of {reason}
        | reserve {amount} on {account} for {reason} | make {amount} of {account} unavailable ({reason})"""),
    takes={"amount": cents(1000, 30000)},
)
def place_hold(
    tx: Tx, account: Account, amount: int, reason: Literal["card_authorisation", "cheque_clearing", "court_order"]
) -> None:
    """Sets part of a balance aside."""
    tx.require(account.status != "closed", "the account must not be closed")
    tx.require(
        account.balance - account.held >= amount, "the account has to hold the amount on top of what is on hold already"
    )
    account.held += amount
    tx.new(Hold, account=account, reason=reason, amount=amount)


@bank.op(
    say=phrases("""
        release {hold} | lift {hold} | free the money of {hold} | {hold} is no longer needed, let it go
        | take {hold} off the account | make the money of {hold} available again""")
)
def release_hold(tx: Tx, hold: Hold) -> None:
    """Releases a hold, so that its amount can be spent."""
    tx.require(hold.status == "active", "only active holds can be released")
    tx.require(hold.reason != "court_order", "a hold by court order is released by the court only")
    hold.status = "released"
    hold.account.held = sum(each.amount for each in hold.account.holds if each.status == "active")


@bank.op(
    say=phrases("""
        move {customer} to {branch} | make {branch} the branch for {customer} | let {branch} look after {customer}
        | transfer {customer} with all accounts to {branch} | register {customer} at {branch} from now on
        | have {branch} take {customer} over"""),
)
def move_to_branch(tx: Tx, customer: Customer, branch: Branch) -> None:
    """Has another branch keep all accounts of a customer that are not closed."""
    for account in customer.accounts:
        tx.require(account.branch != branch, "none of the accounts may be with that branch already")
    for account in customer.accounts:
        if account.status != "closed":
            account.branch = branch


@bank.op(
    say=phrases("""
        close {account} and move the rest to {other_account} | shut {account} down, its money goes to {other_account}
        | wind {account} up in favour of {other_account}
        | I do not need {account} any more, pay it out to {other_account}
        | end {account} and transfer what is on it to {other_account}
        | have {account} closed and the balance put on {other_account}""")
)
def close_account(tx: Tx, account: Account, other_account: Account) -> None:
    """Closes an account without holds, standing orders or scheduled payments: its balance goes to another account of the customer,
    its cards are blocked."""
    tx.require(account.status == "open", "only open accounts can be closed")
    tx.require(other_account.customer == account.customer, "the other account has to belong to the same customer")
    tx.require(other_account != account, "the balance goes to another account")
    tx.require(account.held == 0, "nothing may be on hold")
    for hold in account.holds:
        tx.require(hold.status == "released", "all holds on the account have to be released")
    for standing_order in account.standing_orders:
        tx.require(standing_order.status == "cancelled", "all standing orders of the account have to be cancelled")
    for payment in account.scheduled_payments:
        tx.require(payment.status != "scheduled", "no payment from the account may still be scheduled")
    for card in account.cards:
        card.status = "blocked"
    if account.balance > 0:
        credit(tx, other_account, account.balance, "transfer", "own account")
        debit(tx, account, account.balance, "transfer", "own account")
    account.status = "closed"
