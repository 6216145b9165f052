"""Rows of a retail bank: customers and accounts, what is booked on them, cards and what goes wrong with them, payees, loans."""

from typing import Any

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    cents,
    choice,
    city,
    code,
    company,
    date,
    email,
    flag,
    full_name,
    integer,
    phone,
    ref,
    states,
    street,
    time,
    words,
)
from envgym.environments.tool_world.transaction import Tx

SIZES = ("smallest", "largest")
SHOPS = (
    "Corner Grocery",
    "Metro Fuel",
    "Skyline Hotel",
    "Pixel Games",
    "Harvest Bistro",
    "Nordic Air",
    "Lumen Electrics",
    "City Parking",
    "Oak Books",
    "Riverside Gym",
    "Violet Fashion",
    "Homestead Furniture",
)
BANK = "the bank"
REPLACEMENT_FEE = 1000

bank = Domain(
    "bank",
    role="a telephone banking adviser of a retail bank",
    now="2026-05-18 10:15",
    style=Style(
        get="{noun}_details",
        find="{noun}_by_{keys}",
        list="{parent}_{children}",
        search="query_{nouns}",
        edit="amend_{noun}_{field}",
        create="new_{noun}",
        delete="drop_{noun}",
        camel=True,
        error="code",
        money="cents",
        page=12,
    ),
)


@bank.entity("BR-##-##", find=["city"], rows=5)
class Branch(Entity):
    """A branch that customers can walk into."""

    city = city(unique=True)
    street = street()
    phone = phone(edit=True)
    opens_at = time(8, 11, edit=True)
    step_free = flag(0.7, edit=True, search=True)


@bank.entity("CIF#######", find=["email, born_on", "name, born_on"], rows=12)
class Customer(Entity):
    """A person who banks here. `goodwill_left` is how many fees may still be refunded to them this year."""

    name = full_name()
    born_on = date(-29000, -6800, says="born on {value}", extremes=("oldest", "youngest"))
    email = email(unique=True)
    phone = phone(edit=True)
    city = city(edit=True)
    segment = choice("standard", "premier", "private", search=True)
    goodwill_left = integer(0, 2)
    paperless = flag(0.6, edit=True)


@bank.entity("ACC-?#####?", find=["number"])
class Account(Entity):
    """A current or savings account. What is on hold (`held`) is part of the balance but cannot be spent."""

    customer = ref(Customer, many="accounts", per=(2, 3))
    branch = ref(Branch, many="accounts", search=True)
    number = code("########")
    kind = choice("current", "savings", search=True)
    nickname = words(
        ("everyday", "holiday", "rainy day", "joint", "bills"),
        ("money", "pot", "fund"),
        edit=True,
        says="nicknamed {value}",
    )
    balance = cents(60000, 1200000, extremes=None)
    held = cents(0, 0, extremes=None)
    daily_limit = cents(100000, 500000, step=50000, extremes=None)
    sent_today = cents(0, 0, extremes=None)
    opened_on = date(-3000, -30, says="opened on {value}", extremes=("oldest", "newest"))
    status = states("open > frozen > open", "open > closed", mostly="open", search=True)


@bank.entity("CRD-***-***", find=["number"])
class Card(Entity):
    """A debit card of an account. A new one is ordered first, and activated when it has arrived."""

    account = ref(Account, many="cards", per=(0, 1))
    number = code("4### #### #### ####")
    last_four = code("####", unique=False, says="ending in {value}")
    network = choice("Visa", "Mastercard")
    expires_on = date(60, 1400, says="valid until {value}")
    contactless = flag(0.8, edit=True)
    abroad = flag(0.4, edit=True, search=True)
    status = states(
        "ordered > active > frozen > active", "active > blocked", "frozen > blocked", "ordered > blocked", search=True
    )


@bank.entity("TX########", known=True)
class Transaction(Entity):
    """A booking on an account; payments by card name the card, are pending first, and can be disputed."""

    account = ref(Account, many="transactions", per=(4, 6))
    card = ref(Card, many="transactions", same="account", optional=True)
    kind = choice("card", "transfer", "salary", "fee", "refund", "reversal", "loan", search=True)
    direction = choice("credit", "debit", search=True)
    counterparty = words(SHOPS, says="with {value}", search=True)
    amount = cents(400, 45000, extremes=SIZES, says="over {value}")
    booked_on = date(-90, 0, default="today", says="booked on {value}")
    status = states("pending > settled > disputed > refunded", "disputed > settled", "pending > reversed", search=True)


@bank.entity("DSP-######", known=True, rows=8)
class Dispute(Entity):
    """A chargeback. `credited` is what the customer has been given in advance."""

    transaction = ref(Transaction, many="disputes")
    reason = choice(
        "unknown_payment", "missing_goods", "duplicate_charge", "wrong_amount", search=True, says="over {value}"
    )
    credited = cents(0, 0, extremes=None)
    opened_on = date(-40, 0, default="today", says="opened on {value}")
    status = states("opened > under_review > upheld", "under_review > declined", search=True)


@bank.entity("FRD-****-##", known=True, rows=8)
class FraudAlert(Entity):
    """What the fraud engine finds wrong with a card."""

    card = ref(Card, many="alerts")
    signal = choice("foreign_country", "unusual_amount", "many_attempts", "stolen_card", search=True)
    reported = flag(0.0)
    raised_on = date(-10, 0, default="today", says="raised on {value}", extremes=("oldest", "latest"))
    status = states("open > confirmed", "open > dismissed", search=True)


@bank.entity("PYE-#####", create=True, delete=True)
class Payee(Entity):
    """Somebody a customer pays. The name is confirmed with the payee's bank before money can be sent."""

    customer = ref(Customer, many="payees", per=(2, 3))
    name = company(says="called {value}")
    account_number = code("########", says="with the account number {value}")
    status = states("unconfirmed > confirmed > blocked", mostly="confirmed", search=True)


@bank.entity("STO-*****")
class StandingOrder(Entity):
    """A fixed amount that goes to a payee again and again."""

    customer = ref(Customer, many="standing_orders", per=(1, 2))
    account = ref(Account, many="standing_orders", same="customer")
    payee = ref(Payee, many="standing_orders", same="customer")
    amount = cents(1500, 90000, extremes=SIZES, says="over {value}")
    frequency = choice("weekly", "monthly", "quarterly", search=True)
    next_on = date(2, 45, says="due next on {value}")
    status = states("active > paused > active", "active > cancelled", search=True)


@bank.entity("SCH-###-###", known=True)
class ScheduledPayment(Entity):
    """A single payment to a payee that leaves on a later day."""

    customer = ref(Customer, many="scheduled_payments", per=(0, 2))
    account = ref(Account, many="scheduled_payments", same="customer")
    payee = ref(Payee, many="scheduled_payments", same="customer")
    amount = cents(1000, 150000, extremes=SIZES, says="of {value}")
    due_on = date(1, 40, says="due on {value}")
    status = states("scheduled > sent", "scheduled > cancelled", mostly="scheduled", search=True)


@bank.entity("LON-####-?", find=["number"])
class Loan(Entity):
    """A personal loan at a yearly `rate` in percent. `outstanding` is the sum of the instalments that are still due."""

    customer = ref(Customer, many="loans", per=(0, 1))
    number = code("PL#######")
    purpose = choice("car", "home_improvement", "wedding", "debt_consolidation", search=True)
    rate = integer(4, 14)
    outstanding = cents(0, 0, extremes=None)
    deferrals_left = integer(0, 2)
    status = states("active > in_arrears > active", "active > settled", "in_arrears > settled", search=True)


@bank.entity("INS-#######")
class Instalment(Entity):
    """One repayment of a loan."""

    loan = ref(Loan, many="instalments", per=(5, 7), inline=True)
    number = integer(1, 60, says="number {value}")
    due_on = date(-60, 150, says="due on {value}")
    amount = cents(9000, 48000, extremes=None)
    paid_on = date(-60, 0, optional=True)
    status = states("due > paid", "due > cancelled")


@bank.entity("FEE-####")
class Fee(Entity):
    """A charge on an account."""

    account = ref(Account, many="fees", per=(0, 2))
    kind = choice(
        "unpaid_item",
        "foreign_payment",
        "late_payment",
        "card_replacement",
        "early_settlement",
        search=True,
    )
    amount = cents(300, 3500, extremes=SIZES, says="of {value}")
    charged_on = date(-120, 0, default="today", says="charged on {value}")
    status = states("charged > refunded", search=True)


@bank.entity("HLD-###?")
class Hold(Entity):
    """Part of a balance that is set aside."""

    account = ref(Account, many="holds", per=(0, 2))
    reason = choice("card_authorisation", "cheque_clearing", "court_order", search=True)
    amount = cents(1000, 20000, extremes=SIZES, says="of {value}")
    placed_on = date(-20, 0, default="today", says="placed on {value}")
    status = states("active > released", search=True)


@bank.fill(Account)
def _account(tx: Tx, account: Account) -> None:
    account.held = sum(hold.amount for hold in account.holds if hold.status == "active")
    account.balance = max(account.balance, account.held)
    if account.cards:
        account.kind = "current"


@bank.fill(Card)
def _card(tx: Tx, card: Card) -> None:
    card.last_four = card.number[-4:]


@bank.fill(Transaction)
def _transaction(tx: Tx, transaction: Transaction) -> None:
    if transaction.card:
        transaction.kind = "card"
    else:
        transaction.kind = "transfer" if transaction.kind == "card" else transaction.kind
        transaction.status = "settled"
    if transaction.kind in ("fee", "refund", "reversal", "loan"):
        transaction.counterparty = BANK
    if transaction.kind == "salary" and transaction.amount < 100000:
        transaction.amount += 150000
    if transaction.kind == "fee" and transaction.amount > 3500:
        transaction.amount = 300 + transaction.amount % 3200
    if transaction.kind == "transfer" and transaction.counterparty in SHOPS:
        payees = transaction.account.customer.payees
        if payees:
            transaction.counterparty = payees[int(transaction.id[-2:]) % len(payees)].name
    if transaction.kind != "transfer":
        transaction.direction = "credit" if transaction.kind in ("salary", "refund") else "debit"
    if transaction.status == "pending":
        transaction.booked_on = max(transaction.booked_on, tx.days(-4))
    elif transaction.status in ("disputed", "refunded") and not transaction.disputes:
        transaction.status = "settled"


@bank.fill(StandingOrder)
def _standing_order(tx: Tx, order: StandingOrder) -> None:
    if order.status != "cancelled":
        _from_current(order)
    if order.status != "cancelled" and order.payee.status != "confirmed":
        confirmed = [payee for payee in order.customer.payees if payee.status == "confirmed"]
        if confirmed:
            order.payee = confirmed[0]
        else:
            order.payee.status = "confirmed"


def _from_current(payment: Any) -> None:
    """Has what goes to a payee leave a current account, made one where the customer has none."""
    if payment.account.kind == "savings":
        current = [account for account in payment.customer.accounts if account.kind == "current"]
        if current:
            payment.account = current[0]
        else:
            payment.account.kind = "current"


@bank.fill(ScheduledPayment)
def _scheduled_payment(tx: Tx, payment: ScheduledPayment) -> None:
    if payment.status == "scheduled":
        _from_current(payment)
    if payment.status == "sent" and payment.due_on > tx.today:
        payment.due_on = shifted(payment.due_on, -41)


@bank.fill(Fee)
def _fee(tx: Tx, fee: Fee) -> None:
    if fee.kind == "card_replacement":
        fee.amount = REPLACEMENT_FEE


@bank.fill(Dispute)
def _dispute(tx: Tx, dispute: Dispute) -> None:
    first = dispute.transaction.disputes[0]
    if first != dispute:
        free = [each for each in dispute.transaction.account.transactions if not each.disputes]
        dispute.transaction = free[0] if free else dispute.transaction
        dispute.status = dispute.status if free else first.status
    payment = dispute.transaction
    payment.card = payment.card or _card_of(tx, payment.account)
    payment.kind, payment.direction = "card", "debit"
    payment.counterparty = SHOPS[0] if payment.counterparty == BANK else payment.counterparty
    payment.status = {"upheld": "refunded", "declined": "settled"}.get(dispute.status, "disputed")
    dispute.credited = payment.amount if dispute.status != "declined" and payment.amount <= 10000 else 0
    dispute.opened_on = max(dispute.opened_on, payment.booked_on)


def _card_of(tx: Tx, account: Account) -> Any:
    """A card of an account, made where it has none."""
    if account.cards:
        return account.cards[0]
    number = f"4{int(account.number) * 7_919_117 % 10**15:015}"
    return tx.new(
        Card,
        account=account,
        number=" ".join(number[at : at + 4] for at in range(0, 16, 4)),
        last_four=number[-4:],
        network="Visa",
        expires_on=tx.days(700),
        status="active",
    )


@bank.fill(FraudAlert)
def _alert(tx: Tx, alert: FraudAlert) -> None:
    if alert.status == "open" and alert.card.status in ("ordered", "blocked"):
        alert.card.status = "frozen"
    if alert.status == "confirmed":
        alert.card.status = "blocked"


@bank.fill(Loan)
def _loan(tx: Tx, loan: Loan) -> None:
    if loan.outstanding == 0:
        late = 70 if loan.status == "in_arrears" else 50
        for number, instalment in enumerate(loan.instalments, 1):
            instalment.number, instalment.amount, instalment.due_on = (
                number,
                loan.instalments[0].amount,
                tx.days(30 * number - late),
            )
            instalment.status = (
                "paid"
                if loan.status == "settled" or (instalment.due_on < tx.today and loan.status == "active")
                else "due"
            )
    for instalment in loan.instalments:
        instalment.paid_on = min(instalment.due_on, tx.days(-1)) if instalment.status == "paid" else None
    loan.outstanding = sum(instalment.amount for instalment in loan.instalments if instalment.status == "due")
