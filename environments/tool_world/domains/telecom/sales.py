"""What is sold and ended: plans, add-ons, data, travel passes, contracts."""

from envgym.environments.tool_world.calendar import days_between, shifted
from envgym.environments.tool_world.domains.telecom.rows import (
    AddOn,
    Contract,
    Country,
    Line,
    Plan,
    Posting,
    Subscription,
    TravelPass,
    telecom,
)
from envgym.environments.tool_world.fields import choice, date, integer, phrases
from envgym.environments.tool_world.transaction import Tx


@telecom.op(
    say=phrases("""
        move {line} to {plan} | switch {line} over to {plan} | I would like {plan} on {line} from today
        | change the plan of {line} to {plan} | put {line} on {plan} | {line} should be on {plan}"""),
)
def change_plan(tx: Tx, line: Line, plan: Plan) -> None:
    """Puts a line on another plan from today; the difference in price until the next bill is charged or credited by the day."""
    tx.require(line.status == "active", "only an active line can change its plan")
    tx.require(plan.on_sale, "the new plan has to be on sale")
    tx.require(plan.segment == line.account.segment, "the plan has to be for the customer's segment")
    tx.require(plan != line.plan, "the line is on that plan already")
    for contract in line.contracts:
        if contract.status == "running":
            tx.require(
                plan.monthly >= line.plan.monthly,
                "a line under contract can move only to a plan that costs as much or more",
            )
    gap = (plan.monthly - line.plan.monthly) * days_between(tx.today, line.account.next_bill_on) // 30
    if gap != 0:
        kind = "charge" if gap > 0 else "credit"
        tx.new(Posting, account=line.account, kind=kind, about="plan_change", amount=abs(gap))
    line.data_left_mb = max(line.data_left_mb + (plan.data_gb - line.plan.data_gb) * 1000, 0)
    line.plan = plan


@telecom.op(
    say=phrases("""
        book {add_on} on {line} | add {add_on} to {line} | I want {add_on} for {line} | put {add_on} on top of {line}
        | {line} should get {add_on} | order {add_on} for {line}"""),
)
def book_add_on(tx: Tx, line: Line, add_on: AddOn) -> None:
    """Books an add-on on an active line, charges its first month and adds its data."""
    tx.require(line.status == "active", "add-ons can be booked on active lines only")
    tx.require(add_on.on_sale, "the add-on has to be on sale")
    for subscription in line.subscriptions:
        if subscription.status == "active":
            tx.require(subscription.add_on != add_on, "an add-on can be booked once on a line")
    tx.new(Subscription, line=line, add_on=add_on, since=tx.today)
    tx.new(Posting, account=line.account, kind="charge", about="add_on", amount=add_on.monthly)
    line.data_left_mb += add_on.data_gb * 1000


@telecom.op(
    say=phrases("""
        end {subscription} | cancel {subscription} | I no longer need {subscription} | take {subscription} off
        | stop {subscription} from today | have {subscription} removed"""),
)
def end_add_on(tx: Tx, subscription: Subscription) -> None:
    """Ends an add-on that has run for its minimum of 30 days."""
    tx.require(subscription.status == "active", "only an active add-on can be ended")
    tx.require(subscription.since <= tx.days(-30), "an add-on runs for at least 30 days")
    subscription.status = "ended"


@telecom.op(
    say=phrases("""
        renew {contract} for {months} months | extend {contract} by {months} months
        | sign {contract} on for another {months} months | prolong {contract}, {months} months
        | I will stay {months} months more on {contract} | give {contract} {months} more months"""),
    takes={"months": choice("12", "24")},
)
def renew_contract(tx: Tx, contract: Contract, months: str) -> None:
    """Renews a contract in its last 90 days: 2.00 off a month for 12 months, 5.00 for 24."""
    tx.require(contract.status == "running", "only a running contract can be renewed")
    tx.require(contract.ends_on <= tx.days(90), "a contract can be renewed in its last 90 days")
    tx.require(contract.line.status == "active", "the line of the contract has to be active")
    contract.ends_on = shifted(contract.ends_on, 365 if months == "12" else 730)
    contract.monthly_discount = 200 if months == "12" else 500


def _exit_fee(tx: Tx, line: Line) -> int:
    """Half of the monthly price for each full month left under contract."""
    fee = 0
    for contract in line.contracts:
        if contract.status == "running":
            fee += line.plan.monthly // 2 * (days_between(tx.today, contract.ends_on) // 30)
    return fee


@telecom.op(
    say=phrases("""
        tell me what it would cost to leave with {line} | work out the early exit fee of {line}
        | tell me what ending {line} now costs | quote the exit fee for {line}
        | work out what {line} costs to cancel today | let me know what I owe if I end {line}"""),
)
def quote_exit_fee(tx: Tx, line: Line) -> int:
    """The fee in cents for ending a line today: half the monthly price for each full month left under contract."""
    tx.require(line.status != "cancelled", "a cancelled line costs nothing more")
    return _exit_fee(tx, line)


@telecom.op(
    say=phrases("""
        cancel {line} | end {line} today | I am leaving, close {line} | terminate {line} | give {line} up for good
        | shut {line} down and bill the fee"""),
)
def cancel_line(tx: Tx, line: Line) -> None:
    """Ends a line today with its contract, add-ons and SIM, and charges the early exit fee."""
    tx.require(line.status in ("active", "suspended"), "only an active or suspended line can be cancelled")
    for bill in line.account.bills:
        tx.require(bill.status != "overdue", "a line can be cancelled only when no bill of the account is overdue")
    fee = _exit_fee(tx, line)
    if fee > 0:
        tx.new(Posting, account=line.account, kind="charge", about="early_exit", amount=fee)
    for contract in line.contracts:
        if contract.status == "running":
            contract.status = "terminated"
    for subscription in line.subscriptions:
        if subscription.status == "active":
            subscription.status = "ended"
    for sim_card in line.sim_cards:
        if sim_card.status != "retired":
            sim_card.status = "retired"
    line.status = "cancelled"


@telecom.op(
    say=phrases("""
        give {gigabytes} GB of {line} to {receiver} | move {gigabytes} GB from {line} to {receiver}
        | share {gigabytes} GB of {line} with {receiver} | {receiver} should get {gigabytes} GB from {line}
        | pass {gigabytes} GB on from {line} to {receiver} | take {gigabytes} GB off {line} for {receiver}"""),
    takes={"gigabytes": integer(1, 10)},
)
def share_data(tx: Tx, line: Line, receiver: Line, gigabytes: int) -> None:
    """Moves data that is left on one line to another line of the same account."""
    tx.require(receiver.account == line.account, "data can be shared within one account only")
    tx.require(receiver != line, "data is shared with another line")
    tx.require(line.status == "active" and receiver.status == "active", "both lines have to be active")
    tx.require(line.data_left_mb >= gigabytes * 1000, "the giving line has to have that much data left")
    line.data_left_mb -= gigabytes * 1000
    receiver.data_left_mb += gigabytes * 1000


@telecom.op(
    say=phrases("""
        book one more GB on {line} | refill the data of {line} | add a gigabyte to {line}
        | {line} is out of data, top it up | buy a data refill for {line} | give {line} another GB for 4.90"""),
)
def refill_data(tx: Tx, line: Line) -> None:
    """Adds 1 GB to an active line for 4.90, charged with the next bill."""
    tx.require(line.status == "active", "data can be added to an active line only")
    line.data_left_mb += 1000
    tx.new(Posting, account=line.account, kind="charge", about="data", amount=490)


@telecom.op(
    say=phrases("""
        buy {days} travel days in {country} for {line}, starting {starts_on}
        | {line} goes to {country} on {starts_on} for {days} days, book the pass
        | book a pass for {country} on {line}: {days} days from {starts_on}
        | I need {line} in {country} from {starts_on}, {days} days
        | get {line} a travel pass for {country} of {days} days, starting {starts_on}
        | give {line} {days} roaming days in {country}, first day {starts_on}"""),
    takes={"starts_on": date(0, 30), "days": integer(2, 14)},
)
def buy_travel_pass(tx: Tx, line: Line, country: Country, starts_on: str, days: int) -> None:
    """Sells roaming days for a country outside zone 1 and opens the line for roaming."""
    tx.require(line.status == "active", "a travel pass needs an active line")
    tx.require(country.zone > 1, "zone 1 needs no pass, it is like at home")
    tx.require(starts_on >= tx.today, "a pass starts today or later")
    tx.new(TravelPass, line=line, country=country, starts_on=starts_on, days=days)
    tx.new(Posting, account=line.account, kind="charge", about="roaming", amount=country.day_pass * days)
    if line.roaming == "off":
        line.roaming = "on"
