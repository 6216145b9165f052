"""Arrival, the stay and departure."""

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.hotel.rows import (
    Amenity,
    AmenityBooking,
    Booking,
    Guest,
    HousekeepingTask,
    Room,
    hotel,
)
from envgym.environments.tool_world.domains.hotel.selling import free_rooms, make_room, post_stay
from envgym.environments.tool_world.fields import date, integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    hotel,
    AmenityBooking,
    """
    cancel_amenity | status | booked > cancelled
    | cancel {amenity_booking} | call off {amenity_booking} | {amenity_booking} is not wanted any more
    """,
)


@hotel.op(
    say=phrases("""
        check {booking} in to {room} | {booking} has arrived, give them {room} | hand out {room} to {booking}
        | do the check-in of {booking} with {room} | welcome the guests of {booking} and give them {room} | put {booking} in {room}""")
)
def check_in(tx: Tx, booking: Booking, room: Room) -> None:
    """Checks a booking in to a ready room of its type and charges the stay on the first folio."""
    tx.require(booking.status == "booked", "only bookings that have not begun can be checked in")
    tx.require(booking.arrives_on <= tx.today, "the day of arrival has to have come")
    tx.require(booking.arrives_on >= tx.days(-1), "after a day the booking is a no-show")
    tx.require(room.room_type == booking.room_type, "the room has to be of the type that was booked")
    tx.require(room.condition == "ready", "the room has to be ready")
    booking.status = "in_house"
    booking.room = room
    room.condition = "occupied"
    post_stay(tx, booking, "room", booking.total)


@hotel.op(
    say=phrases("""
        move {booking} to {room} | {booking} wants to change rooms, {room} would do | give {booking} {room} instead of the present room
        | relocate {booking} to {room} | swap the room of {booking} for {room}
        | let the guests of {booking} have {room}, they cannot sleep where they are""")
)
def move_room(tx: Tx, booking: Booking, room: Room) -> None:
    """Moves guests in house to another ready room of the type; the old room is to be cleaned."""
    tx.require(booking.status == "in_house", "only guests in house can change rooms")
    tx.require(booking.room is not None, "the guests have to have a room")
    tx.require(booking.room.condition == "occupied", "the room of the guests has to be occupied")
    tx.require(room != booking.room, "the guests have that room already")
    tx.require(room.room_type == booking.room_type, "the room has to be of the type that was booked")
    tx.require(room.condition == "ready", "the room has to be ready")
    booking.room.condition = "dirty"
    tx.new(HousekeepingTask, room=booking.room, kind="departure_clean")
    booking.room = room
    room.condition = "occupied"


def _longer(tx: Tx, booking: Booking, nights: int) -> None:
    make_room(booking.room_type, booking.departs_on, shifted(booking.departs_on, nights), booking)


@hotel.op(
    say=phrases("""
        extend {booking} by {nights} nights | {booking} stays {nights} nights longer | add {nights} nights to {booking}
        | let {booking} run for {nights} more nights | prolong {booking}, {nights} nights
        | keep {booking} another {nights} nights"""),
    takes={"nights": integer(2, 4)},
    setup=_longer,
)
def extend_stay(tx: Tx, booking: Booking, nights: int) -> None:
    """Lengthens a stay at its nightly price, where rooms of the type are free, and charges the added nights."""
    tx.require(booking.status == "in_house", "only stays that are going on can be extended")
    tx.require(booking.nights + nights <= 14, "a stay lasts 14 nights at most")
    until = shifted(booking.departs_on, nights)
    tx.require(
        free_rooms(booking.room_type, booking.departs_on, until, booking) >= 1, "a room of the type has to be free then"
    )
    booking.nights += nights
    booking.departs_on = until
    booking.total += booking.nightly_price * nights
    post_stay(tx, booking, "room", booking.nightly_price * nights)


def _leaving(tx: Tx, booking: Booking) -> None:
    booking.status = "in_house"
    booking.arrives_on = shifted(tx.today, 1 - booking.nights)
    booking.departs_on = tx.days(1)
    make_room(booking.room_type, booking.departs_on, tx.days(2), booking)


@hotel.op(
    say=phrases("""
        grant a late checkout for {booking} | {booking} would like to leave late | let {booking} keep the room until the afternoon
        | give {booking} a late checkout | allow {booking} a late checkout, the flight is in the evening
        | note a late checkout on {booking}"""),
    setup=_leaving,
)
def grant_late_checkout(tx: Tx, booking: Booking) -> None:
    """Lets guests who leave today or tomorrow keep the room until 16:00, where the night is not sold out: half a night's price,
    nothing for gold and platinum."""
    tx.require(booking.status == "in_house", "late checkout is for guests in house")
    tx.require(not booking.late_checkout, "the booking has a late checkout already")
    tx.require(booking.departs_on <= tx.days(1), "late checkout is granted a day ahead at most")
    next_day = shifted(booking.departs_on, 1)
    tx.require(
        free_rooms(booking.room_type, booking.departs_on, next_day, booking) >= 1,
        "a room of the type has to be free on the night after",
    )
    booking.late_checkout = True
    if booking.guest.tier not in ("gold", "platinum"):
        post_stay(tx, booking, "late_checkout", booking.nightly_price // 2)


@hotel.op(
    say=phrases("""
        check {booking} out | check out {booking}, the guests are leaving | do the checkout of {booking}
        | {booking} is going home, close the stay
        | end the stay of {booking} | let {booking} go, the bill is paid""")
)
def check_out(tx: Tx, booking: Booking) -> None:
    """Ends a stay whose folios are paid: the room is to be cleaned, and the guest earns a point for each whole unit of money of
    the stay, half as many again with gold or platinum."""
    tx.require(booking.status == "in_house", "only guests in house can check out")
    tx.require(booking.room is not None, "the guests have to have a room")
    tx.require(booking.room.condition == "occupied", "the room of the guests has to be occupied")
    for folio in booking.folios:
        tx.require(folio.paid >= folio.charged, "all folios have to be paid")
    earned = booking.total // 100
    booking.guest.points += earned * 3 // 2 if booking.guest.tier in ("gold", "platinum") else earned
    booking.room.condition = "dirty"
    tx.new(HousekeepingTask, room=booking.room, kind="departure_clean")
    booking.status = "checked_out"


def _offered(tx: Tx, booking: Booking, amenity: Amenity, day: str, pieces: int) -> None:
    amenity.daily_capacity = max(amenity.daily_capacity, pieces)
    booking.status = "booked"
    booking.group = None
    booking.arrives_on = shifted(day, -1)
    booking.departs_on = shifted(booking.arrives_on, booking.nights)
    for other in amenity.amenity_bookings:
        if other.day == day:
            other.status = "cancelled"


@hotel.op(
    say=phrases("""
        book {pieces} x {amenity} on {day} for {booking} | {booking} would like {amenity} on {day}, {pieces} of it
        | reserve {amenity} for {booking}: {day}, {pieces} pieces | add {amenity} ({pieces}) to {booking} for {day}
        | put {booking} down for {amenity} on {day}, number {pieces}
        | get {amenity} for {pieces} on {day} on {booking}"""),
    takes={"day": date(2, 40), "pieces": integer(1, 3)},
    setup=_offered,
)
def book_amenity(tx: Tx, booking: Booking, amenity: Amenity, day: str, pieces: int) -> None:
    """Books an amenity of the property for a day of the stay, within what is offered a day, and posts its price."""
    tx.require(booking.status in ("booked", "in_house"), "amenities are for stays to come or going on")
    tx.require(amenity.property == booking.property, "the amenity has to be offered in the same property")
    tx.require(amenity.open, "the amenity has to be open")
    tx.require(booking.arrives_on <= day, "the day must not lie before the arrival")
    tx.require(booking.departs_on >= day, "the day must not lie after the departure")
    taken = sum(other.pieces for other in amenity.amenity_bookings if other.day == day and other.status != "cancelled")
    tx.require(amenity.daily_capacity >= taken + pieces, "there have to be enough left on that day")
    tx.new(AmenityBooking, booking=booking, amenity=amenity, day=day, pieces=pieces)
    post_stay(tx, booking, "amenity", amenity.price * pieces)


@hotel.op(
    say=phrases("""
        grant {guest} {points} points for the inconvenience | give {guest} {points} points as an apology | credit {points} points to {guest}
        | treat {guest} to {points} points after this | add {points} goodwill points for {guest}
        | make it up to {guest} with {points} points"""),
    takes={"points": integer(500, 5000)},
)
def grant_points(tx: Tx, guest: Guest, points: int) -> None:
    """Credits goodwill points to a guest."""
    tx.require(guest.points <= 100000, "guests above 100,000 points are looked after by the loyalty office")
    guest.points += points


@hotel.op(
    say=phrases("""
        credit the move bonus for {booking} | give the guests of {booking} the points for changing rooms
        | add the bonus for the change of rooms to {booking} | book the room change bonus on {booking}
        | thank the guests of {booking} with the move bonus | let {booking} have its points for the move""")
)
def grant_move_bonus(tx: Tx, booking: Booking) -> None:
    """Credits 1,000 points to the guest of a stay who had to change rooms."""
    tx.require(booking.status == "in_house", "the bonus is for guests in house")
    booking.guest.points += 1000
