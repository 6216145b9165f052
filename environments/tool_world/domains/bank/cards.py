"""Cards: stopping and replacing them, disputing what was paid with them, and fraud."""

from typing import Literal

from envgym.environments.tool_world.domains.bank.booking import credit, debit
from envgym.environments.tool_world.domains.bank.rows import (
    BANK,
    REPLACEMENT_FEE,
    Card,
    Dispute,
    Fee,
    FraudAlert,
    Transaction,
    bank,
)
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    bank,
    Card,
    """
    activate_card | status | ordered > active
    | activate {card} | {card} has arrived, switch it on | make {card} ready for use
    freeze_card | status | active > frozen
    | freeze {card} | put {card} on ice for now | stop {card} from working
    unfreeze_card | status | frozen > active
    | unfreeze {card} | let {card} work again | take the freeze off {card}
    """,
)
move_table(
    bank,
    Dispute,
    """
    review_dispute | status | opened > under_review
    | take up {dispute} | look into {dispute} | start the review of {dispute}
    """,
)
move_table(
    bank,
    FraudAlert,
    """
    dismiss_alert | status | open > dismissed
    | dismiss {fraud_alert} | clear {fraud_alert}, it is a false alarm | that was me after all, drop {fraud_alert}
    """,
)


def _next_number(number: str) -> str:
    """The number of the card that follows one: the same in every replay, and hardly ever taken."""
    digits = f"4{(int(number.replace(' ', '')) * 7 + 10_000_019) % 10**15:015}"
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def _reissue(tx: Tx, card: Card) -> None:
    """Blocks a card for good and orders its successor."""
    card.status = "blocked"
    number = _next_number(card.number)
    tx.new(
        Card,
        account=card.account,
        number=number,
        last_four=number[-4:],
        network=card.network,
        expires_on=tx.days(1461),
        contactless=card.contactless,
        abroad=card.abroad,
    )


@bank.op(
    say=phrases("""
        replace {card}, it was {reason} | order a new card in place of {card}, which has been {reason}
        | I need another card because {card} was {reason} | block {card} as {reason} and send a replacement
        | my card has been {reason}, it is {card}, so issue a new one | get me a substitute for {card}, reason: {reason}""")
)
def replace_card(tx: Tx, card: Card, reason: Literal["lost", "stolen", "damaged"]) -> None:
    """Blocks a card for good and orders its successor. A lost card costs standard customers 10.00, a stolen one raises a fraud alert."""
    tx.require(card.status in ("active", "frozen"), "only active and frozen cards are replaced")
    tx.require(card.account.status != "closed", "the account of the card must not be closed")
    if reason == "lost" and card.account.customer.segment == "standard":
        debit(tx, card.account, REPLACEMENT_FEE, "fee", BANK)
        tx.new(Fee, account=card.account, kind="card_replacement", amount=REPLACEMENT_FEE)
    if reason == "stolen":
        tx.new(FraudAlert, card=card, signal="stolen_card")
    _reissue(tx, card)


@bank.op(
    say=phrases("""
        dispute {transactions} as {reason} | open a chargeback for {transactions}, reason {reason}
        | contest {transactions}, the ground is {reason} | I want my money back for {transactions}: {reason}
        | claim {transactions} back from the shop ({reason}) | raise a dispute over {transactions} and put down {reason}""")
)
def dispute_transactions(
    tx: Tx,
    transactions: list[Transaction],
    reason: Literal["unknown_payment", "missing_goods", "duplicate_charge", "wrong_amount"],
) -> None:
    """Opens a dispute for each of several payments with one card. Payments of up to 100.00 are credited in advance."""
    card = transactions[0].card
    for payment in transactions:
        tx.require(payment.card is not None, "only payments by card can be disputed")
        tx.require(payment.card == card, "all payments have to be made with one card")
        tx.require(payment.status == "settled", "only settled payments can be disputed")
        tx.require(payment.booked_on >= tx.days(-120), "payments can be disputed within 120 days")
    for payment in transactions:
        credited = payment.amount if payment.amount <= 10000 else 0
        if credited:
            credit(tx, payment.account, credited, "refund", BANK)
        payment.status = "disputed"
        tx.new(Dispute, transaction=payment, reason=reason, credited=credited)


@bank.op(
    say=phrases("""
        close {dispute} as {outcome} | the shop has answered, so {dispute} is {outcome}
        | record that {dispute} was {outcome} | finish {dispute} with the outcome {outcome} | end {dispute}: {outcome}
        | enter {outcome} as the decision on {dispute}""")
)
def decide_dispute(tx: Tx, dispute: Dispute, outcome: Literal["upheld", "declined"]) -> None:
    """Ends a dispute under review. Upheld: the rest of the amount is refunded. Declined: what was credited in advance is taken back."""
    payment = dispute.transaction
    tx.require(dispute.status == "under_review", "only disputes under review can be decided")
    tx.require(payment.status == "disputed", "the payment has to be in dispute")
    rest = payment.amount - dispute.credited
    if outcome == "upheld" and rest > 0:
        credit(tx, payment.account, rest, "refund", BANK)
    if outcome == "declined" and dispute.credited > 0:
        debit(tx, payment.account, dispute.credited, "reversal", BANK)
    payment.status = "refunded" if outcome == "upheld" else "settled"
    dispute.status = outcome


def _with_the_card(tx: Tx, fraud_alert: FraudAlert, transactions: list[Transaction]) -> None:
    for payment in transactions:
        payment.account = fraud_alert.card.account
        payment.card = fraud_alert.card


@bank.op(
    say=phrases("""
        confirm {fraud_alert} as fraud, it is about {transactions} | act on {fraud_alert}, somebody else made {transactions}
        | treat {fraud_alert} as genuine fraud and take back {transactions}
        | it was not me who made {transactions}, go ahead with {fraud_alert}
        | mark {fraud_alert} as confirmed, with {transactions} as the fraud, and replace the card
        | I never made {transactions}, so confirm {fraud_alert}"""),
    setup=_with_the_card,
)
def confirm_fraud(tx: Tx, fraud_alert: FraudAlert, transactions: list[Transaction]) -> None:
    """Confirms an alert with the payments that are fraud: pending ones are reversed, settled ones credited and disputed. The card is
    blocked, a new one is ordered."""
    tx.require(fraud_alert.status == "open", "only open alerts can be confirmed")
    tx.require(fraud_alert.card.status in ("active", "frozen"), "the card has to be active or frozen")
    for payment in transactions:
        tx.require(payment.card == fraud_alert.card, "the payments have to be made with the card of the alert")
        tx.require(payment.status in ("pending", "settled"), "the payments have to be pending or settled")
    for payment in transactions:
        if payment.status == "pending":
            payment.status = "reversed"
        else:
            credit(tx, payment.account, payment.amount, "refund", BANK)
            payment.status = "disputed"
            tx.new(Dispute, transaction=payment, reason="unknown_payment", credited=payment.amount)
    _reissue(tx, fraud_alert.card)
    fraud_alert.status = "confirmed"


@bank.op(
    say=phrases("""
        report {fraud_alert} to the police | file the fraud report for {fraud_alert} | pass {fraud_alert} on to the fraud authority
        | send the authorities what we know about {fraud_alert} | hand {fraud_alert} over to the police
        | make the official report about {fraud_alert}""")
)
def report_fraud(tx: Tx, fraud_alert: FraudAlert) -> None:
    """Reports an alert to the authorities, once."""
    tx.require(fraud_alert.status != "dismissed", "a false alarm is not reported")
    tx.require(not fraud_alert.reported, "an alert is reported once")
    fraud_alert.reported = True
