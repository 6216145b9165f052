"""Columns that follow from others.

The state of a booking leads and its dates follow: who is in house arrived by today and leaves today or later. What is paid on
a folio leads its payments, and its charges lead what is charged.
"""

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.hotel.rows import (
    AMENITIES,
    EXTRAS,
    PRICES,
    Amenity,
    AmenityBooking,
    Booking,
    Company,
    Folio,
    GroupBlock,
    Guest,
    HousekeepingTask,
    RatePlan,
    Room,
    RoomType,
    hotel,
)
from envgym.environments.tool_world.transaction import Tx

STAYED = {*EXTRAS, "room"}
FEES = {"in_house": STAYED, "checked_out": STAYED, "cancelled": {"cancellation"}, "no_show": {"no_show"}}


LEVELS = {"Standard": 1, "Superior": 2, "Deluxe": 3}
BEDS = {"Double": 0, "Twin": 0, "King": 1, "Studio": 2}
"""What level and beds add to the rank of a room."""
PERCENT = {"Flexible": 100, "Weekend": 95, "Member": 90, "Advance": 85, "Long Stay": 80}
BREAKFAST = 12


@hotel.fill(RoomType)
def _room_type(tx: Tx, room_type: RoomType) -> None:
    level, beds = room_type.title.split()
    room_type.rank = LEVELS[level] + BEDS[beds]
    room_type.base_price = 3400 + 1500 * room_type.property.stars + 3500 * room_type.rank


@hotel.fill(RatePlan)
def _rate_plan(tx: Tx, rate_plan: RatePlan) -> None:
    board = "with Breakfast" if rate_plan.title.endswith("with Breakfast") else "Rate"
    name = rate_plan.title.removesuffix(board).strip()
    if name in ("Advance", "Long Stay"):
        name = "Flexible"
    if rate_plan.min_nights >= 3:
        name = "Long Stay"
    if not rate_plan.refundable:
        name = "Advance"
    rate_plan.title = f"{name} {board}"
    rate_plan.percent = PERCENT[name] + (BREAKFAST if board == "with Breakfast" else 0)


@hotel.fill(Room)
def _room(tx: Tx, room: Room) -> None:
    taken = any(booking.status == "in_house" for booking in room.bookings)
    if taken != (room.condition == "occupied"):
        room.condition = "occupied" if taken else "ready" if room.condition == "occupied" else room.condition


@hotel.fill(Guest)
def _guest(tx: Tx, guest: Guest) -> None:
    guest.points = guest.points if guest.points < 90000 else guest.points % 90000


@hotel.fill(Company)
def _company(tx: Tx, company: Company) -> None:
    company.outstanding = min(company.outstanding, company.credit_limit)


@hotel.fill(GroupBlock)
def _group(tx: Tx, group: GroupBlock) -> None:
    if not 6 <= group.rooms_held <= 12:
        group.rooms_held = 6 + group.rooms_held % 7
    if group.rooms_picked_up > group.rooms_held:
        group.rooms_picked_up = group.rooms_held // 2
    if group.cutoff_on > group.arrives_on:
        group.arrives_on = shifted(group.cutoff_on, 14)


@hotel.fill(Booking)
def _booking(tx: Tx, booking: Booking) -> None:
    _dates(tx, booking)
    _place(booking)
    price = booking.room_type.base_price * booking.rate_plan.percent // 100
    booking.nightly_price = booking.group.nightly_price if booking.group else price
    booking.total = booking.nightly_price * booking.nights
    booking.adults = min(booking.adults, booking.room_type.sleeps)
    for folio, window in zip(booking.folios, ("1", "2"), strict=False):
        folio.window = window
        stayed = booking.status in ("in_house", "checked_out")
        if window == "1" and stayed and folio.charges and not any(charge.kind == "room" for charge in folio.charges):
            folio.charges[0].kind, folio.charges[0].amount = "room", booking.total
        _folio(tx, folio)


def _dates(tx: Tx, booking: Booking) -> None:
    """Dates that go with the state of a booking."""
    leaves = shifted(booking.arrives_on, booking.nights)
    if booking.status == "in_house" and not booking.arrives_on <= tx.today <= leaves:
        booking.arrives_on = shifted(tx.today, 1 - booking.nights)
    elif booking.status == "checked_out" and leaves > tx.today:
        booking.arrives_on = shifted(tx.today, -1 - booking.nights)
    elif booking.status == "no_show" and booking.arrives_on >= tx.today:
        booking.arrives_on = tx.days(-3)
    elif booking.status == "booked" and booking.arrives_on < tx.days(-6):
        booking.arrives_on = shifted(booking.arrives_on, 30)
    booking.departs_on = shifted(booking.arrives_on, booking.nights)
    if booking.group and booking.group.arrives_on != booking.arrives_on:
        booking.group = None


def _place(booking: Booking) -> None:
    """The room that goes with the state of a booking."""
    if booking.status not in ("in_house", "checked_out"):
        booking.room = None
    elif booking.room is None or booking.room.room_type != booking.room_type:
        ready = [room for room in booking.room_type.rooms if room.condition == "ready"]
        booking.room = (ready or booking.room_type.rooms)[0]
    if booking.status == "in_house":
        booking.room.condition = "occupied"


@hotel.fill(Folio)
def _folio(tx: Tx, folio: Folio) -> None:
    booking = folio.booking
    fitting = (
        {"parking", "amenity"}
        | FEES.get(booking.status, set())
        | ({"late_checkout"} if booking.late_checkout else set())
    )
    kinds = sorted(fitting - {"room", "late_checkout"})
    for charge in folio.charges:
        if charge.kind not in fitting:
            charge.kind = kinds[int(charge.id[-2:]) % len(kinds)]
    folio.charged = sum(charge.amount for charge in folio.charges if charge.state == "posted")
    folio.paid = folio.charged if booking.status == "checked_out" else min(folio.paid, folio.charged)
    others = sum(payment.amount for payment in folio.payments[1:])
    for payment in folio.payments[:1]:
        payment.amount = max(folio.paid - others, 0)


@hotel.fill(HousekeepingTask)
def _task(tx: Tx, task: HousekeepingTask) -> None:
    crew = task.room.room_type.property.attendants
    if task.status in ("open", "dropped"):
        task.attendant = None
    elif crew and (task.attendant is None or task.attendant not in crew):
        task.attendant = crew[0]


@hotel.fill(Amenity)
def _amenity(tx: Tx, amenity: Amenity) -> None:
    taken = {other.title for other in amenity.property.amenities if other != amenity}
    if amenity.title in taken:
        amenity.title = next((title for title in AMENITIES if title not in taken), amenity.title)
    amenity.price = PRICES[amenity.title] + 100 * amenity.property.stars


@hotel.fill(AmenityBooking)
def _amenity_booking(tx: Tx, booked: AmenityBooking) -> None:
    stay = booked.booking
    if booked.amenity.property != stay.property and stay.property.amenities:
        booked.amenity = stay.property.amenities[0]
    booked.day = min(max(booked.day, stay.arrives_on), stay.departs_on)
