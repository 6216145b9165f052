"""Rows of a mobile network operator: accounts, lines, SIMs and phones, plans, bills, roaming, number porting.

What a phone shows on its own screen is hidden from the agent: the customer has to look, and to touch it.
"""

from typing import Literal

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    cents,
    choice,
    city,
    code,
    date,
    email,
    flag,
    full_name,
    integer,
    note,
    phone,
    postcode,
    ref,
    states,
    words,
)
from envgym.environments.tool_world.transaction import Tx

STYLE = Style(
    get="view_{noun}",
    find="lookup_{noun}_by_{keys}",
    list="view_{parent}_{children}",
    search="query_{nouns}",
    edit="set_{noun}_{field}",
    create="open_{noun}",
    delete="remove_{noun}",
    error="code",
    money="cents",
    page=8,
)
COUNTRIES = (
    "Brazil",
    "Canada",
    "Egypt",
    "Greece",
    "Iceland",
    "Italy",
    "Japan",
    "Kenya",
    "Mexico",
    "Morocco",
    "Norway",
    "Peru",
    "Turkey",
)
CARRIERS = Literal["Bluewave", "Cellnet", "Northcall", "Talkline"]
LATE_FEE = 500
"""Charged once on a bill that was not paid in time."""
ROLLOVER_MB = 10_000
"""Data of the month before that may be left on top of the plan."""
telecom = Domain(
    "telecom", role="a customer care agent of a mobile network operator", now="2026-05-18 10:15", style=STYLE
)


@telecom.entity("AREA-**", find=["name"], rows=8)
class Area(Entity):
    """A region of the radio network."""

    name = city(unique=True)
    technology = choice("4G", "5G", search=True)


@telecom.entity("OUT-####", known=True, rows=8)
class Outage(Entity):
    """A disturbance of the network in one area."""

    area = ref(Area, many="outages", search=True)
    cause = choice("power_failure", "fibre_cut", "planned_work", "hardware", says="caused by {value}")
    started_on = date(-20, -2)
    days = integer(1, 9)
    status = states("open > fixed > closed", search=True)


@telecom.entity("PLN-***", find=["title"], rows=10)
class Plan(Entity):
    """A tariff with a monthly price and a data allowance."""

    title = words(("Basic", "Smart", "Max", "Flex", "Pro"), ("S", "M", "L", "XL"), unique=True)
    segment = choice("consumer", "business", search=True)
    monthly = cents(900, 6900, edit=True)
    data_gb = integer(2, 100)
    on_sale = flag(0.8, edit=True, search=True)


@telecom.entity("OPT-***", find=["title"], rows=10)
class AddOn(Entity):
    """An option that is booked on a line on top of its plan."""

    title = words(("Data", "Calls", "Music", "Safety", "Abroad"), ("Mini", "Plus", "Extra", "Unlimited"), unique=True)
    monthly = cents(200, 1900, edit=True)
    data_gb = integer(0, 20)
    on_sale = flag(0.9, edit=True, search=True)


@telecom.entity("CTY-**", find=["name"], rows=8, plural="countries")
class Country(Entity):
    """Where customers roam: zone 1 is like at home, the others are sold by the day."""

    name = words(COUNTRIES, unique=True)
    zone = integer(1, 4)
    day_pass = cents(200, 1200, edit=True)


@telecom.entity("70######", known=True, find=["email", "name, postcode"], rows=12)
class Account(Entity):
    """A customer's account. What is charged or credited between two bills stands in its postings."""

    name = full_name()
    email = email(unique=True)
    postcode = postcode()
    segment = choice("consumer", "business", search=True)
    credit_class = choice("A", "B", "C", mostly="A", search=True, says="of credit class {value}")
    years = integer(0, 14)
    next_bill_on = date(3, 28, says="whose next bill comes on {value}")
    paperless = flag(0.8, edit=True)
    pin = code("####", hidden=True)


@telecom.entity("PM-*****", rows=12)
class PaymentMethod(Entity):
    """A card or a bank account that bills are paid from."""

    account = ref(Account, many="payment_methods", per=(1, 2))
    kind = choice("credit_card", "debit_card", "direct_debit")
    last_digits = code("####", says="ending in {value}")
    expires_on = date(40, 900, says="that expires on {value}")


@telecom.entity("LN-#####", find=["number"], rows=20)
class Line(Entity):
    """A mobile number with its plan and what the network lets it do."""

    account = ref(Account, many="lines", per=(1, 3))
    number = phone(unique=True, says="with the number {value}")
    plan = ref(Plan, many="lines", says="on {value}")
    area = ref(Area, many="lines")
    status = states(
        "pending > active > suspended > active > cancelled", "suspended > cancelled", mostly="active", search=True
    )
    suspended_for = choice("customer_request", "lost_or_stolen", "non_payment", optional=True)
    activated_on = date(-2000, -40, default="today", says="activated on {value}")
    data_left_mb = integer(0, 400_000)
    registration = states("registered > lost > registered", mostly="registered", says="whose registration is {value}")
    data_service = states("open > barred > open", mostly="open", says="with data {value}")
    spend_control = states("open > stopped > open", mostly="open", says="with its spending {value}")
    speed = states("full > throttled > full", mostly="full", says="at {value} speed")
    access = states("5g > 4g > 5g", mostly="5g", says="with {value} access")
    roaming = states("off > on > off", says="with roaming {value}")
    roaming_spend = states("open > stopped > open", mostly="open", says="with its roaming costs {value}")
    voicemail = flag(0.7, edit=True)


@telecom.entity("SIM-******", find=["iccid"], rows=20)
class SimCard(Entity):
    """A SIM card or eSIM of a line. A blocked one asks for its PUK."""

    line = ref(Line, many="sim_cards", per=(1, 1), inline=True)
    iccid = code("8944 #### #### #### ###", says="with the ICCID {value}")
    kind = choice("physical", "esim")
    status = states("active > blocked > active > retired", "blocked > retired", mostly="active")


@telecom.entity("DV-******", find=["imei"], rows=20)
class Device(Entity):
    """The phone that a line is used with."""

    line = ref(Line, many="devices", per=(1, 1))
    sim_card = ref(SimCard, same="line")
    imei = code("35#############", says="with the IMEI {value}")
    model = words(("Aster", "Kestrel", "Nimbus", "Orbit"), ("6", "7", "8 Pro", "Lite"), says="the {value}", search=True)
    bar = states("clear > barred > clear", mostly="clear", says="whose IMEI is {value}")
    modem = states("running > hung > running", mostly="running", hidden=True)
    airplane_mode = states("off > on > off", mostly="off", hidden=True)
    tray = states("seated > loose > seated", mostly="seated", hidden=True)
    network = states("automatic > manual > automatic", mostly="automatic", hidden=True)
    mode = states("fastest > 3g_only > fastest", mostly="fastest", hidden=True)
    mobile_data = states("on > off > on", mostly="on", hidden=True)
    data_roaming = states("off > on > off", hidden=True)
    apn = states("right > wrong > right", mostly="right", hidden=True)
    data_saver = states("off > on > off", mostly="off", hidden=True)
    vpn = states("off > on > off", mostly="off", hidden=True)
    carrier_settings = states("current > outdated > current", mostly="current", hidden=True)


@telecom.entity("CON-*****", rows=12)
class Contract(Entity):
    """The minimum term of a line and what leaving early costs."""

    line = ref(Line, many="contracts", per=(0, 1), inline=True)
    signed_on = date(-700, -30, says="signed on {value}")
    ends_on = date(10, 700, says="ending on {value}")
    monthly_discount = cents(100, 900)
    status = states("running > ended", "running > terminated", mostly="running", search=True)


@telecom.entity("SUB-*****", rows=12)
class Subscription(Entity):
    """An add-on that is booked on a line."""

    line = ref(Line, many="subscriptions", per=(0, 2), inline=True)
    add_on = ref(AddOn, many="subscriptions", says="for {value}")
    since = date(-300, -5, says="booked on {value}")
    status = states("active > ended", mostly="active")


@telecom.entity("B#########", known=True, rows=20)
class Bill(Entity):
    """A monthly bill. Its total is the sum of its charges; it is due three weeks after its issue."""

    account = ref(Account, many="bills", per=(1, 3))
    issued_on = date(-19, -1, says="of {value}", search=True)
    total = cents(0, 0)
    status = states("open > overdue > paid", "open > paid", search=True)
    promised_for = date(1, 14, optional=True)


@telecom.entity("CHG-******", rows=40)
class Charge(Entity):
    """One line of a bill."""

    bill = ref(Bill, many="charges", per=(2, 4), inline=True)
    kind = choice("plan", "add_on", "roaming", "premium_sms", "late_fee")
    amount = cents(300, 2900, says="of {value}")
    state = states("billed > credited", mostly="billed")


@telecom.entity("PAY-######", rows=8)
class Payment(Entity):
    """A debit for a bill, booked on its day. One that the bank gave back is bounced."""

    bill = ref(Bill, many="payments", per=(1, 1), inline=True)
    payment_method = ref(PaymentMethod)
    amount = cents(900, 9900)
    booked_on = date(1, 20, default="today")
    status = states("scheduled > booked > bounced", "scheduled > cancelled", search=True)


@telecom.entity("PST-******", rows=6)
class Posting(Entity):
    """A charge or a credit that the next bill will show."""

    account = ref(Account, many="postings")
    kind = choice("charge", "credit", search=True)
    about = choice(
        "plan_change", "add_on", "data", "sim", "roaming", "goodwill", "outage", "early_exit", says="for {value}"
    )
    amount = cents(100, 4900, says="of {value}")
    posted_on = date(-18, -1, default="today")
    line = ref(Line, optional=True, same="account")
    outage = ref(Outage, many="credits", optional=True)


@telecom.entity("PRT-*****", find=["number"], rows=6)
class PortRequest(Entity):
    """A number on its way here from another operator."""

    line = ref(Line, many="port_requests")
    number = phone(unique=True, says="for the number {value}")
    carrier = choice("Bluewave", "Cellnet", "Northcall", "Talkline", says="from {value}", search=True)
    pin = code("####", hidden=True)
    due_on = date(1, 20)
    status = states(
        "submitted > accepted > completed", "submitted > rejected > submitted", "rejected > withdrawn", search=True
    )


@telecom.entity("TRP-*****", rows=6)
class TravelPass(Entity):
    """Roaming days that were bought for one country."""

    line = ref(Line, many="travel_passes")
    country = ref(Country, many="travel_passes")
    starts_on = date(0, 20, says="that starts on {value}")
    days = integer(1, 21)


@telecom.entity("TT-#####", known=True, create=True, rows=8)
class TroubleTicket(Entity):
    """A case that the network or billing department works on."""

    line = ref(Line, many="trouble_tickets")
    topic = choice("coverage", "speed", "calls", "billing", search=True)
    priority = choice("low", "normal", "high", edit=True, search=True, says="of {value} priority")
    status = states("open > in_work > solved > closed", "solved > in_work", search=True)
    text = note()


@telecom.fill(Bill)
def _bill(tx: Tx, bill: Bill) -> None:
    _set_charges(tx, bill)
    bill.total = sum(charge.amount for charge in bill.charges)
    if bill.status != "open" and bill.issued_on > tx.days(-22):
        bill.issued_on = shifted(bill.issued_on, -30)
    for payment in bill.payments:
        payment.amount = bill.total
        payment.booked_on = shifted(bill.issued_on, 21)
        payment.status = "scheduled" if bill.status == "open" else "booked" if bill.status == "paid" else "bounced"
        if bill.account.payment_methods:
            payment.payment_method = bill.account.payment_methods[0]


def _set_charges(tx: Tx, bill: Bill) -> None:
    """Every bill has a charge for the plan of each line at most, for that of one at least, and one late fee at most."""
    lines = bill.account.lines
    if lines and not any(charge.kind == "plan" for charge in bill.charges):
        tx.new(Charge, bill=bill, kind="plan", amount=lines[0].plan.monthly)
    plans = [charge for charge in bill.charges if charge.kind == "plan"]
    for charge, line in zip(plans, lines, strict=False):
        charge.amount = line.plan.monthly
    for charge in plans[len(lines) :]:
        charge.kind = "premium_sms"
    for charge in [charge for charge in bill.charges if charge.kind == "late_fee"][1:]:
        charge.kind = "roaming"
    for charge in bill.charges:
        if charge.kind == "late_fee":
            charge.amount = LATE_FEE
        if charge.kind in ("plan", "add_on"):
            charge.state = "billed"


@telecom.fill(Line)
def _line(tx: Tx, line: Line) -> None:
    if line.plan.segment != line.account.segment:
        fitting = tx.all(Plan, segment=line.account.segment)
        if fitting:
            line.plan = fitting[int(line.id[-2:]) % len(fitting)]
    line.data_left_mb = min(line.data_left_mb, line.plan.data_gb * 1000 + ROLLOVER_MB)
    if line.status == "suspended" and line.suspended_for is None:
        line.suspended_for = "customer_request"


@telecom.fill(Posting)
def _posting(tx: Tx, posting: Posting) -> None:
    if posting.about != "plan_change":
        posting.kind = "credit" if posting.about in ("goodwill", "outage") else "charge"
    if posting.about != "outage":
        posting.line = None
        posting.outage = None


@telecom.fill(PortRequest)
def _port_request(tx: Tx, port_request: PortRequest) -> None:
    if port_request.status == "completed" and port_request.due_on > tx.today:
        port_request.due_on = shifted(port_request.due_on, -25)
