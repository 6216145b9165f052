"""Loans and their instalments; fees that are given back."""

from envgym.environments.tool_world.calendar import days_between, shifted
from envgym.environments.tool_world.domains.bank.booking import credit, debit
from envgym.environments.tool_world.domains.bank.rows import BANK, Account, Fee, Instalment, Loan, bank
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.transaction import Tx


def _payable(tx: Tx, instalments: list[Instalment], account: Account) -> None:
    if min(each.due_on for each in instalments) < tx.today or instalments[0].loan.status == "settled":
        instalments[0].loan.status = "in_arrears"
    account.balance = max(account.balance, account.held + sum(each.amount for each in instalments))


@bank.op(
    say=phrases("""
        pay {instalments} from {account} | settle {instalments} out of {account}
        | take the money for {instalments} from {account} | use {account} for {instalments}
        | I want to pay {instalments}, debit {account} | clear {instalments} with what is on {account}"""),
    setup=_payable,
)
def pay_instalments(tx: Tx, instalments: list[Instalment], account: Account) -> None:
    """Pays instalments of one loan, early ones too. Arrears end with the last overdue instalment, the loan with the last one of all."""
    loan = instalments[0].loan
    tx.require(loan.status in ("active", "in_arrears"), "the loan must not be settled")
    tx.require(account.customer == loan.customer, "the account has to belong to the borrower")
    for instalment in instalments:
        tx.require(instalment.loan == loan, "all instalments have to be of one loan")
        tx.require(instalment.status == "due", "only instalments that are due can be paid")
    debit(tx, account, sum(instalment.amount for instalment in instalments), "loan", BANK)
    for instalment in instalments:
        instalment.status = "paid"
        instalment.paid_on = tx.today
    left = [each for each in loan.instalments if each.status == "due"]
    loan.outstanding = sum(each.amount for each in left)
    if not left:
        loan.status = "settled"
    elif min(each.due_on for each in left) >= tx.today:
        loan.status = "active"


@bank.op(
    say=phrases("""
        defer {instalment} | put {instalment} off to the end of the loan
        | I cannot pay {instalment} now, move it to the end | skip {instalment} and add it at the back
        | let me have a payment break for {instalment} | postpone {instalment} until after the last one""")
)
def defer_instalment(tx: Tx, instalment: Instalment) -> None:
    """Moves an instalment to 30 days after the last one; a month's interest is added to it."""
    loan = instalment.loan
    tx.require(loan.status == "active", "only instalments of loans without arrears can be deferred")
    tx.require(loan.deferrals_left > 0, "the loan has to have a deferral left")
    tx.require(instalment.status == "due", "only instalments that are due can be deferred")
    tx.require(instalment.due_on >= tx.days(3), "an instalment is deferred at least three days before it is due")
    instalment.due_on = shifted(max(each.due_on for each in loan.instalments), 30)
    instalment.amount += instalment.amount * loan.rate // 1200
    loan.deferrals_left -= 1
    loan.outstanding = sum(each.amount for each in loan.instalments if each.status == "due")


def _settlement(tx: Tx, loan: Loan) -> int:
    """What is left of a loan today: its instalments without the interest for the days that they are early."""
    figure = 0
    for instalment in loan.instalments:
        if instalment.status == "due":
            early = max(days_between(tx.today, instalment.due_on), 0)
            figure += instalment.amount - instalment.amount * loan.rate * early // 36_500
    return figure


@bank.op(
    say=phrases("""
        tell me what it would cost to settle {loan} today | quote the early settlement of {loan}
        | let me know how much I have to pay to be rid of {loan} | work out the settlement figure of {loan}
        | give me the payoff amount of {loan} | tell me what clearing {loan} would take"""),
)
def quote_settlement(tx: Tx, loan: Loan) -> int:
    """What it costs to settle a loan today, in cents: its instalments less future interest, and a charge of one percent."""
    tx.require(loan.status in ("active", "in_arrears"), "the loan must not be settled")
    figure = _settlement(tx, loan)
    return figure + figure // 100


def _settlement_affordable(tx: Tx, loan: Loan, account: Account) -> None:
    if loan.status == "settled":
        loan.status = "active"
        for instalment in loan.instalments:
            instalment.status = "paid" if instalment.due_on < tx.today else "due"
        loan.outstanding = sum(each.amount for each in loan.instalments if each.status == "due")
    account.balance = max(account.balance, account.held + loan.outstanding + loan.outstanding // 100)


@bank.op(
    say=phrases("""
        settle {loan} early from {account} | pay {loan} off with the money on {account}
        | I want to be done with {loan}, use {account} | clear all of {loan} out of {account}
        | redeem {loan} today and debit {account} | take what is left of {loan} from {account}"""),
    setup=_settlement_affordable,
)
def settle_loan(tx: Tx, loan: Loan, account: Account) -> None:
    """Pays off a loan at once, less the interest that is saved, with a charge of one percent; what is left of it is cancelled."""
    tx.require(loan.status in ("active", "in_arrears"), "the loan must not be settled")
    tx.require(account.customer == loan.customer, "the account has to belong to the borrower")
    figure = _settlement(tx, loan)
    charge = figure // 100
    debit(tx, account, figure + charge, "loan", BANK)
    tx.new(Fee, account=account, kind="early_settlement", amount=charge)
    for instalment in loan.instalments:
        if instalment.status == "due":
            instalment.status = "cancelled"
    loan.outstanding = 0
    loan.status = "settled"


@bank.op(
    say=phrases("""
        refund {fee} | give me {fee} back as goodwill | waive {fee} | reverse {fee}
        | I should not have to pay {fee}, credit it | take {fee} off again as a courtesy""")
)
def refund_fee(tx: Tx, fee: Fee) -> None:
    """Refunds a fee of the last 60 days and uses up one of the customer's goodwill refunds."""
    tx.require(fee.status == "charged", "a fee can be refunded once")
    tx.require(fee.charged_on >= tx.days(-60), "only fees of the last 60 days can be refunded")
    tx.require(fee.account.customer.goodwill_left > 0, "the customer has to have a goodwill refund left")
    fee.account.customer.goodwill_left -= 1
    credit(tx, fee.account, fee.amount, "refund", BANK)
    fee.status = "refunded"
