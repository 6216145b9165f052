"""Bills, payments, and money that customers get back."""

from envgym.environments.tool_world.domains.telecom.rows import (
    Bill,
    Charge,
    Line,
    Outage,
    Payment,
    PaymentMethod,
    Posting,
    telecom,
)
from envgym.environments.tool_world.fields import date, phrases
from envgym.environments.tool_world.transaction import Tx


@telecom.op(
    say=phrases("""
        pay {bills} from {payment_method} | settle {bills} with {payment_method} | charge {bills} to {payment_method}
        | take the money for {bills} from {payment_method} | use {payment_method} to pay {bills}
        | clear {bills} through {payment_method}"""),
)
def pay_bills(tx: Tx, bills: list[Bill], payment_method: PaymentMethod) -> None:
    """Pays bills of one account in full today, in place of the debits that were scheduled for them."""
    account = bills[0].account
    for bill in bills:
        tx.require(bill.account == account, "all bills have to be of one account")
        tx.require(bill.status != "paid", "a bill can be paid once")
    tx.require(payment_method.account == account, "the payment method has to belong to the account of the bills")
    tx.require(payment_method.expires_on >= tx.today, "the payment method must not have expired")
    for bill in bills:
        bill.status = "paid"
        for payment in bill.payments:
            if payment.status == "scheduled":
                payment.status = "cancelled"
        tx.new(Payment, bill=bill, payment_method=payment_method, amount=bill.total, status="booked")


@telecom.op(
    say=phrases("""
        let me pay {bill} by {until} | note that {bill} will be paid until {until} | I promise to pay {bill} by {until}
        | give me time for {bill} until {until} | set up a promise on {bill} for {until} | put {bill} off until {until}"""),
    takes={"until": date(1, 14)},
)
def promise_payment(tx: Tx, bill: Bill, until: str) -> None:
    """Notes the day by which an overdue bill will be paid, at most two weeks ahead."""
    tx.require(bill.status == "overdue", "a promise is taken for overdue bills only")
    tx.require(until >= tx.today, "the day has to lie ahead")
    tx.require(until <= tx.days(14), "the day may lie at most 14 days ahead")
    tx.require(bill.promised_for is None, "a bill can be promised once")
    bill.promised_for = until


@telecom.op(
    say=phrases("""
        credit {charges} | take {charges} back, I did not order that | I dispute {charges}, please credit it
        | give me the money for {charges} back on the next bill | refund {charges} with the next bill | undo {charges}"""),
)
def credit_charges(tx: Tx, charges: list[Charge]) -> None:
    """Credits disputed charges of one bill on the next one; plan and add-on fees stay."""
    bill = charges[0].bill
    for charge in charges:
        tx.require(charge.bill == bill, "all charges have to be of one bill")
        tx.require(charge.state == "billed", "a charge can be credited once")
        tx.require(
            charge.kind in ("roaming", "premium_sms", "late_fee"),
            "only roaming, premium messages and late fees can be credited",
        )
    tx.require(bill.issued_on >= tx.days(-60), "charges can be disputed for 60 days after the bill was issued")
    for charge in charges:
        charge.state = "credited"
    tx.new(
        Posting, account=bill.account, kind="credit", about="goodwill", amount=sum(charge.amount for charge in charges)
    )


@telecom.op(
    say=phrases("""
        credit {line} for {outage} | make up for {outage} on {line} | give {line} its money back for {outage}
        | compensate {line} for {outage} | {line} was cut off by {outage}, credit it
        | take {outage} off the next bill of {line}"""),
)
def credit_outage(tx: Tx, line: Line, outage: Outage) -> None:
    """Credits the monthly price of a line by the day, once, for an outage of at least two days that is over."""
    tx.require(outage.status != "open", "an outage is credited when it is over")
    tx.require(outage.area == line.area, "the outage has to be in the area of the line")
    tx.require(outage.days >= 2, "outages are credited from two days on")
    tx.require(line.status != "cancelled", "a cancelled line gets no credit")
    for credit in outage.credits:
        tx.require(credit.line != line, "an outage is credited once for a line")
    tx.new(
        Posting,
        account=line.account,
        kind="credit",
        about="outage",
        amount=line.plan.monthly * outage.days // 30,
        line=line,
        outage=outage,
    )
