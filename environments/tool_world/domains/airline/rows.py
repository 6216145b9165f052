"""Rows of the airline: fares and flights, members and their reservations, and what goes wrong with them.

Flights lead and the rest follows: what was booked on a flight that has landed was flown, and a round trip comes back on its own route.
"""

from envgym.environments.tool_world.calendar import later, shifted
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
    moment,
    phone,
    ref,
    states,
    words,
)
from envgym.environments.tool_world.transaction import Tx

CAUSES = ("technical", "crew", "operations", "weather", "air_traffic_control")
CABINS = ("economy", "premium", "business")
RIGID = ("Basic", "Light", "Promo")
CHANGEABLE = ("Saver", "Classic", "Select")
FLEXIBLE = ("Plus", "Flex", "Freedom")
"""Names of fares that can be neither changed nor refunded, changed only, and both."""
ROWS = {"business": (2, 3), "premium": (6, 7), "economy": (11, 14, 17, 19, 22, 25)}
SEATS = {cabin: tuple(f"{row}{letter}" for row in rows for letter in "ABCDEF") for cabin, rows in ROWS.items()}

air = Domain(
    "airline",
    role="an agent at the customer and operations desk of a small airline",
    now="2026-06-09 11:20",
    style=Style(
        get="retrieve_{noun}",
        find="retrieve_{noun}_by_{keys}",
        search="query_{nouns}",
        camel=True,
        error="code",
        page=8,
    ),
)


@air.entity("FF-**", find=["title"], rows=7, plural="fare families")
class FareFamily(Entity):
    """The rules of a fare. Fees are per passenger and flight."""

    title = words(("Economy", "Premium", "Business"), (*RIGID, *CHANGEABLE, *FLEXIBLE), unique=True)
    cabin = choice(*CABINS, search=True)
    changeable = flag(0.7)
    change_fee = cents(2500, 12000)
    refundable = flag(0.5)
    cancel_fee = cents(3000, 15000)
    free_bags = integer(0, 2)
    on_sale = flag(0.9)


@air.entity("RT?##?", find=["airport", "city"], rows=7)
class Route(Entity):
    """A city that is flown to from the hub and back, by the code of its airport."""

    city = city(unique=True, says="to {value}")
    airport = code("???")
    distance_km = integer(300, 8800)
    lounge = flag(0.4, edit=True, search=True)


@air.entity("F*******", find=["number, day"], rows=32)
class Flight(Entity):
    """One flight, from the hub or back to it; a number flies again on other days. `day` is that of the timetable."""

    number = code("NV####", unique=False)
    day = date(-12, 40, says="on {value}")
    route = ref(Route, many="flights", per=(4, 6), search=True)
    direction = choice("outbound", "inbound", search=True)
    departs_at = moment(-12, 40, step=5, hours=(6, 22), says="leaving {value}", search=True)
    arrives_at = moment(-12, 41, says="arriving {value}")
    gate = choice("A4", "A9", "A12", "B2", "B7", "B15", "C1", "C8", says="at gate {value}", edit=True)
    status = states(
        "scheduled > delayed > landed",
        "scheduled > landed",
        "scheduled > cancelled",
        "delayed > cancelled",
        mostly="scheduled",
        search=True,
    )
    delay_minutes = integer(0, 480, default=0)
    cause = choice(*CAUSES, optional=True)


@air.entity("FB******", find=["basis"], rows=60)
class Fare(Entity):
    """A price for one seat on a flight under the rules of a fare family, by its fare basis, and how many seats are left at it."""

    flight = ref(Flight, many="fares", per=(2, 3), inline=True)
    rules = ref(FareFamily, many="fares", search=True)
    basis = code("?##?##")
    price = cents(6000, 29900)
    seats_left = integer(0, 180)


@air.entity("ST*****", rows=90)
class Seat(Entity):
    """A seat of a flight that is or was open for choice; it is free while it has no passenger."""

    flight = ref(Flight, many="seats", per=(5, 7))
    label = words(sum(SEATS.values(), ()), says="{value}")
    position = choice("window", "middle", "aisle", search=True)
    cabin = choice(*CABINS)
    exit_row = flag(0.15)
    fee = cents(900, 6500)
    passenger = ref("Passenger", many="seats", optional=True)


@air.entity("M********", find=["flyer_number", "email"], rows=14)
class Member(Entity):
    """A person in the frequent flyer programme. Gold members check one bag more and choose seats for free."""

    name = full_name()
    flyer_number = code("NV########")
    email = email(unique=True)
    phone = phone(edit=True)
    tier = choice("blue", "silver", "gold", search=True)
    miles = integer(0, 900000)
    meal = choice("standard", "vegetarian", "vegan", "halal", "kosher", says="with the {value} meal", edit=True)
    newsletter = flag(edit=True)


@air.entity("CC****", rows=20)
class Card(Entity):
    """A payment card in the profile of a member."""

    member = ref(Member, many="cards", per=(1, 2))
    brand = choice("visa", "mastercard", "amex")
    last_digits = code("####", says="ending in {value}")
    expires_on = date(-90, 1400, says="that expires on {value}")


@air.entity("TC-######", known=True, rows=12)
class Certificate(Entity):
    """A travel certificate that pays for flights until it expires; what is not spent stays on it."""

    member = ref(Member, many="certificates", per=(0, 2))
    balance = cents(5000, 60000)
    expires_on = date(-60, 360, says="valid until {value}")
    origin = choice("compensation", "goodwill", "refund", search=True)


@air.entity("?*****", known=True, rows=30)
class Reservation(Entity):
    """A booking by its six-sign reference. It is held until it is paid for, then ticketed. Infants have no seat and pay a tenth."""

    member = ref(Member, many="reservations", per=(1, 3))
    booked_on = date(-90, -1, default="today", says="booked on {value}", search=True)
    ticket_by = date(0, 4, says="to be paid by {value}", optional=True)
    contact = phone(says="with the contact number {value}", edit=True)
    total = cents(0, 0)
    status = states("held > ticketed > flown", "held > cancelled", "ticketed > cancelled", search=True)
    cancel_reason = choice(
        "change_of_plan", "illness", "airline_disruption", says="cancelled for {value}", optional=True
    )


@air.entity("S*******", rows=45)
class Segment(Entity):
    """One flight of a reservation, for all of its passengers. The price is per passenger."""

    reservation = ref(Reservation, many="segments", per=(1, 2), inline=True)
    fare = ref(Fare, many="segments")
    leg = choice("outbound", "return", says="for the {value} trip")
    price = cents(6000, 90000, extremes=None)
    state = states(
        "confirmed > checked_in > flown",
        "confirmed > flown",
        "confirmed > no_show",
        "confirmed > cancelled",
        mostly="confirmed",
        search=True,
    )


@air.entity("P*******", rows=50)
class Passenger(Entity):
    """Somebody who travels on a reservation."""

    reservation = ref(Reservation, many="passengers", per=(1, 3), inline=True)
    name = full_name(says="named {value}")
    kind = choice("adult", "child", "infant", mostly="adult")
    name_corrected = flag(0.1)


@air.entity("NV######", known=True, rows=20)
class Bag(Entity):
    """A checked bag by the number on its tag."""

    passenger = ref(Passenger, many="bags", per=(0, 2))
    weight_kg = integer(7, 32, extremes=("lightest", "heaviest"))
    fee = cents(0, 0, extremes=None)
    state = states("registered > arrived > missing > located > delivered", mostly="registered", search=True)


@air.entity("PY******", rows=30)
class Payment(Entity):
    """Money for a reservation, or back from it, by card or travel certificate."""

    reservation = ref(Reservation, many="payments", per=(1, 1), inline=True)
    card = ref(Card, optional=True)
    certificate = ref(Certificate, optional=True)
    kind = choice("charge", "refund", says="that is a {value}", search=True)
    amount = cents(4000, 80000)
    status = states("pending > settled", "pending > rejected", mostly="settled", search=True)


@air.entity("SR*****", rows=14)
class SpecialService(Entity):
    """Help that a passenger has asked for on one of the flights of the reservation."""

    reservation = ref(Reservation, many="services")
    passenger = ref(Passenger, same="reservation", many="services")
    segment = ref(Segment, same="reservation")
    kind = choice("wheelchair", "special_meal", "medical_oxygen", "pet_in_cabin", says="for a {value}", search=True)
    status = states("requested > confirmed > provided", "requested > declined", search=True)


@air.entity("CL-*****", known=True, rows=12)
class Claim(Entity):
    """A passenger's claim for compensation after a long delay or a cancellation."""

    passenger = ref(Passenger, many="claims")
    flight = ref(Flight, many="claims")
    amount = cents(25000, 60000)
    filed_on = date(-40, -1, default="today")
    status = states("filed > approved > paid", "filed > rejected", search=True)


def compensation(flight: Flight) -> int:
    """What each passenger may claim, by the length of the route."""
    return 25000 if flight.route.distance_km <= 1500 else 40000 if flight.route.distance_km <= 3500 else 60000


def seats_of(passengers: list[Passenger]) -> int:
    """How many seats passengers need: infants sit on a lap."""
    return sum(1 for passenger in passengers if passenger.kind != "infant")


def fare_for(passengers: list[Passenger], price: int) -> int:
    """What passengers pay together at a price for one: infants a tenth."""
    return sum(price // 10 if passenger.kind == "infant" else price for passenger in passengers)


@air.fill(Member)
def _member(tx: Tx, member: Member) -> None:
    member.miles = member.miles if member.miles < 240000 else member.miles % 240000


@air.fill(Route)
def _route(tx: Tx, route: Route) -> None:
    flights = sorted(route.flights, key=lambda flight: str(flight.departs_at))
    if len(flights) > 1 and all(flight.direction == flights[0].direction for flight in flights):
        flights[-1].direction = "inbound" if flights[0].direction == "outbound" else "outbound"
    for at, flight in enumerate(flights):
        before = [other for other in flights[:at] if other.direction == flight.direction]
        if before and flight.day not in [other.day for other in before]:
            flight.number = before[0].number


@air.fill(FareFamily)
def _family(tx: Tx, family: FareFamily) -> None:
    family.refundable = family.refundable and family.changeable
    cabin, brand = family.title.split()
    brands = FLEXIBLE if family.refundable else CHANGEABLE if family.changeable else RIGID
    if cabin.lower() != family.cabin or brand not in brands:
        titles = [f"{family.cabin.capitalize()} {each}" for each in brands]
        family.title = next((title for title in titles if not tx.all(FareFamily, title=title)), family.title)


@air.fill(Flight)
def _flight(tx: Tx, flight: Flight) -> None:
    minutes = 35 + flight.route.distance_km // 14 // 5 * 5
    if flight.departs_at < tx.now <= later(flight.departs_at, minutes):
        flight.departs_at = shifted(flight.departs_at, -1)
    past = flight.departs_at < tx.now
    if past and flight.status in ("scheduled", "delayed"):
        flight.status = "landed"
    elif flight.status == "landed" and not past:
        flight.status = "scheduled"
    if flight.status == "scheduled" or (
        flight.status == "landed" and flight.cause is None and flight.number[-1] not in "369"
    ):
        flight.delay_minutes, flight.cause = 0, None
    elif flight.cause is None:
        flight.cause = CAUSES[flight.delay_minutes % 5]
    if flight.status == "delayed":
        flight.delay_minutes = max(flight.delay_minutes, 20)
    flight.day = flight.departs_at[:10]
    flight.arrives_at = later(flight.departs_at, minutes)


@air.fill(Fare)
def _fare(tx: Tx, fare: Fare) -> None:
    fare.price = fare.price % 30000 + 30000 * (0, 1, 3)[CABINS.index(fare.rules.cabin)]
    fare.seats_left = fare.seats_left if fare.seats_left < 40 else fare.seats_left % 40


@air.fill(Seat)
def _seat(tx: Tx, seat: Seat) -> None:
    taken = {other.label for other in seat.flight.seats if other != seat}
    if seat.label in taken or seat.label not in SEATS[seat.cabin]:
        seat.label = next((label for label in SEATS[seat.cabin] if label not in taken), seat.label)
    seat.position = "window" if seat.label[-1] in "AF" else "middle" if seat.label[-1] in "BE" else "aisle"
    seat.exit_row = seat.label.startswith("14")
    person = seat.passenger
    if person and (
        person.kind == "infant"
        or not any(segment.fare.flight == seat.flight for segment in person.reservation.segments)
    ):
        seat.passenger = None


@air.fill(Reservation)
def _reservation(tx: Tx, reservation: Reservation) -> None:
    segments = reservation.segments
    passengers = reservation.passengers
    if passengers and not seats_of(passengers):
        passengers[0].kind = "adult"
    for segment, leg in zip(segments, ("outbound", "return"), strict=False):
        segment.leg = leg
    if len(segments) > 1:
        _come_back(segments[0], segments[1])
    for segment in segments:
        landed = segment.fare.flight.status == "landed"
        if reservation.status == "cancelled":
            segment.state = "cancelled"
        elif landed != (segment.state in ("flown", "no_show")) or segment.state == "cancelled":
            segment.state = "flown" if landed else "confirmed"
        segment.price = segment.fare.price
    if reservation.status != "cancelled" and segments:
        over = [segment.fare.flight.status == "landed" for segment in segments]
        reservation.status = (
            "flown" if all(over) else "held" if reservation.status == "held" and not any(over) else "ticketed"
        )
        reservation.ticket_by = (reservation.ticket_by or tx.days(2)) if reservation.status == "held" else None
        reservation.booked_on = min(reservation.booked_on, shifted(segments[0].fare.flight.departs_at[:10], -1))
    if reservation.status == "cancelled" and reservation.cancel_reason is None:
        reservation.cancel_reason = "illness" if reservation.total % 3 else "change_of_plan"
    _bill(reservation)


def _come_back(out: Segment, back: Segment) -> None:
    """Makes a round trip of two segments: the second flies the same route back, later; where no flight does, both change."""
    if _is_back(out.fare.flight, back.fare.flight):
        return
    flights = sorted(out.fare.flight.route.flights, key=lambda flight: str(flight.departs_at))
    ways = [flight for flight in flights if _is_back(out.fare.flight, flight)]
    pairs = [(first, last) for first in flights for last in flights if _is_back(first, last)]
    if ways:
        back.fare = ways[0].fares[0]
    elif pairs:
        out.fare, back.fare = pairs[0][0].fares[0], pairs[0][1].fares[0]


def _is_back(out: Flight, back: Flight) -> bool:
    return bool(back.route == out.route and back.direction != out.direction and back.departs_at > out.arrives_at)


def _bill(reservation: Reservation) -> None:
    """Fees of bags, the total, and the payment that goes with the state."""
    bags = [bag for passenger in reservation.passengers for bag in passenger.bags]
    for bag in bags:
        bag.fee = 6000 if bag.weight_kg > 23 else 0
        if bag.state == "registered" and reservation.status == "flown":
            bag.state = "arrived"
    flown = sum(fare_for(reservation.passengers, segment.price) for segment in reservation.segments)
    reservation.total = flown + sum(bag.fee for bag in bags)
    unpaid = reservation.status == "held"
    for payment in reservation.payments[:1]:
        payment.certificate, payment.kind, payment.amount = None, "charge", reservation.total
        if payment.card is None or payment.card.member != reservation.member:
            payment.card = next(iter(reservation.member.cards), None)
        if payment.status != "pending":
            payment.status = "rejected" if unpaid else "settled"


@air.fill(Claim)
def _claim(tx: Tx, claim: Claim) -> None:
    flights = [segment.fare.flight for segment in claim.passenger.reservation.segments]
    if flights and claim.flight not in flights:
        claim.flight = flights[0]
    claim.amount = compensation(claim.flight)
