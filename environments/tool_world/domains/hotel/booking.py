"""Reservations: selling a stay, changing its dates, type or rate, cancelling it, no-shows, groups."""

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.hotel.rows import (
    Booking,
    Folio,
    GroupBlock,
    Guest,
    RatePlan,
    RoomType,
    hotel,
)
from envgym.environments.tool_world.domains.hotel.selling import free_rooms, make_room, post_stay
from envgym.environments.tool_world.fields import date, integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    hotel,
    GroupBlock,
    """
    confirm_group | status | tentative > definite
    | confirm {group_block} | make {group_block} definite | {group_block} has signed, confirm it
    cancel_group | status | tentative > cancelled
    | cancel {group_block} | call {group_block} off | {group_block} will not come
    """,
)


def _sellable(tx: Tx, room_type: RoomType, arrives_on: str, nights: int) -> None:
    make_room(room_type, arrives_on, shifted(arrives_on, nights))


@hotel.op(
    say=phrases("""
        book {room_type} at {rate_plan} for {guest}: {nights} nights from {arrives_on}, {adults} adults
        | take a reservation for {guest}: {room_type} from {arrives_on} for {nights} nights with {adults} adults, on {rate_plan}
        | reserve {nights} nights in {room_type} for {guest}, arriving {arrives_on}, party of {adults}, {rate_plan}
        | make a booking under {rate_plan}: {guest}, {room_type}, {arrives_on}, {nights} nights, {adults} adults
        | I want to come on {arrives_on} and stay {nights} nights; {adults} of us, {room_type}, {rate_plan}, for {guest}
        | please put {guest} into {room_type} at {rate_plan}, {arrives_on}, nights: {nights}, adults: {adults}"""),
    takes={"arrives_on": date(1, 60), "nights": integer(2, 7), "adults": integer(2, 3)},
    setup=_sellable,
)
def book_stay(
    tx: Tx, guest: Guest, room_type: RoomType, rate_plan: RatePlan, arrives_on: str, nights: int, adults: int
) -> None:
    """Books a stay at a rate of the property and opens its folio. Nothing is charged before arrival."""
    tx.require(rate_plan.property == room_type.property, "the rate has to be one of the property")
    tx.require(rate_plan.min_nights <= nights, "the stay has to be as long as the rate asks for")
    tx.require(room_type.sleeps >= adults, "the room has to sleep that many adults")
    tx.require(arrives_on >= tx.today, "the arrival must not lie in the past")
    departs_on = shifted(arrives_on, nights)
    tx.require(free_rooms(room_type, arrives_on, departs_on) >= 1, "a room of the type has to be free on all nights")
    price = room_type.base_price * rate_plan.percent // 100
    booking = tx.new(
        Booking,
        guest=guest,
        property=room_type.property,
        room_type=room_type,
        rate_plan=rate_plan,
        arrives_on=arrives_on,
        nights=nights,
        departs_on=departs_on,
        adults=adults,
        nightly_price=price,
        total=price * nights,
    )
    tx.new(Folio, booking=booking, window="1", charged=0, paid=0, payer="guest")


def _movable(tx: Tx, booking: Booking, arrives_on: str, nights: int) -> None:
    booking.rate_plan.refundable = True
    make_room(booking.room_type, arrives_on, shifted(arrives_on, nights), booking)


@hotel.op(
    say=phrases("""
        move {booking} to {arrives_on} for {nights} nights | change the dates of {booking}: arrival {arrives_on}, {nights} nights
        | let {booking} start on {arrives_on} and last {nights} nights | rebook {booking} for {nights} nights from {arrives_on}
        | shift {booking} to an arrival on {arrives_on} and make it {nights} nights
        | put {booking} on {arrives_on}, staying {nights} nights"""),
    takes={"arrives_on": date(1, 60), "nights": integer(2, 7)},
    setup=_movable,
)
def change_dates(tx: Tx, booking: Booking, arrives_on: str, nights: int) -> None:
    """Moves a booking to other dates at its nightly price, where a room of its type is free."""
    tx.require(booking.status == "booked", "only bookings that have not begun can be moved")
    tx.require(booking.group is None, "a booking in a group block keeps the dates of the group")
    tx.require(booking.rate_plan.refundable, "bookings at rates without refund keep their dates")
    tx.require(booking.rate_plan.min_nights <= nights, "the stay has to be as long as the rate asks for")
    tx.require(arrives_on >= tx.today, "the arrival must not lie in the past")
    departs_on = shifted(arrives_on, nights)
    tx.require(
        free_rooms(booking.room_type, arrives_on, departs_on, booking) >= 1, "a room of the type has to be free then"
    )
    booking.arrives_on = arrives_on
    booking.nights = nights
    booking.departs_on = departs_on
    booking.total = booking.nightly_price * nights


def _better(tx: Tx, booking: Booking, room_type: RoomType) -> None:
    if room_type.rank <= booking.room_type.rank:
        booking.room_type.title, booking.room_type.rank = "Standard Twin", 1
        room_type.title, room_type.rank = "Deluxe King", 4
    make_room(room_type, booking.arrives_on, booking.departs_on)


@hotel.op(
    say=phrases("""
        upgrade {booking} to {room_type} | put {booking} into {room_type} instead | {booking} should get {room_type}, a better room
        | I would like to have {room_type} for {booking} | move {booking} up to {room_type}
        | offer an upgrade on {booking}: {room_type}"""),
    setup=_better,
)
def upgrade_room_type(tx: Tx, booking: Booking, room_type: RoomType) -> None:
    """Upgrades a booking to a better type of the property. Platinum guests pay nothing, gold guests half of the difference at
    the rate of the booking for each night, all others the whole."""
    tx.require(booking.status == "booked", "upgrades are sold before arrival")
    tx.require(room_type.property == booking.property, "the better room has to be in the same property")
    tx.require(room_type.rank > booking.room_type.rank, "an upgrade leads to a room of higher rank")
    tx.require(room_type.sleeps >= booking.adults, "the room has to sleep all adults")
    tx.require(
        free_rooms(room_type, booking.arrives_on, booking.departs_on) >= 1, "a room of the better type has to be free"
    )
    difference = max(room_type.base_price - booking.room_type.base_price, 0) * booking.rate_plan.percent // 100
    if booking.guest.tier == "gold":
        difference = difference // 2
    if booking.guest.tier != "platinum":
        booking.nightly_price += difference
        booking.total = booking.nightly_price * booking.nights
    booking.room_type = room_type


def cancel_fee(tx: Tx, booking: Booking) -> int:
    """Nothing while the rate lets the guest go, else one night; all of the stay where the rate gives no refund."""
    if not booking.rate_plan.refundable:
        return int(booking.total)
    if shifted(booking.arrives_on, -booking.rate_plan.free_until_days) >= tx.today:
        return 0
    return int(booking.nightly_price)


@hotel.op(
    say=phrases("""
        cancel {booking} | call off {booking} | drop {booking}, the guests cannot come | take {booking} out, with whatever fee applies
        | {booking} will not be needed any more | I have to cancel my stay, {booking}""")
)
def cancel_booking(tx: Tx, booking: Booking) -> None:
    """Cancels a booking before arrival, with its amenities. Late cancellations are charged one night, rates without refund the whole
    stay."""
    tx.require(booking.status == "booked", "only bookings that have not begun can be cancelled")
    tx.require(booking.arrives_on >= tx.today, "once the day of arrival is over it is a no-show")
    for folio in booking.folios:
        for charge in folio.charges:
            if charge.kind == "amenity" and charge.state == "posted":
                charge.state = "waived"
                folio.charged -= charge.amount
    for booked in booking.amenity_bookings:
        if booked.status == "booked":
            booked.status = "cancelled"
    post_stay(tx, booking, "cancellation", cancel_fee(tx, booking))
    booking.status = "cancelled"
    if booking.group is not None:
        booking.group.rooms_picked_up -= 1


@hotel.op(
    say=phrases("""
        tell me what cancelling {booking} would cost | quote the cancellation fee of {booking}
        | find out how much is due if {booking} is cancelled today
        | say what it takes to get out of {booking}, without cancelling it yet | work out the fee for cancelling {booking}
        | get me the cost of calling off {booking} before I decide""")
)
def quote_cancellation(tx: Tx, booking: Booking) -> int:
    """Works out, in cents, the fee for cancelling a booking today. Changes nothing."""
    tx.require(booking.status == "booked", "only bookings that have not begun can be cancelled")
    return cancel_fee(tx, booking)


@hotel.op(
    say=phrases("""
        mark {booking} as a no-show | {booking} never arrived, process the no-show | note that the guests of {booking} did not turn up
        | close {booking} as a no-show | charge what is due for {booking}, nobody came | do the no-show for {booking}""")
)
def mark_no_show(tx: Tx, booking: Booking) -> None:
    """Closes a booking whose guests did not come, and charges one night, or the whole stay at rates without refund."""
    tx.require(booking.status == "booked", "only bookings that have not begun can be no-shows")
    tx.require(booking.arrives_on < tx.today, "the day of arrival has to be over")
    post_stay(tx, booking, "no_show", booking.nightly_price if booking.rate_plan.refundable else booking.total)
    booking.status = "no_show"
    if booking.group is not None:
        booking.group.rooms_picked_up -= 1


@hotel.op(
    say=phrases("""
        put {booking} into {group_block} | {booking} belongs to {group_block} | add {booking} to {group_block} at the group's price
        | count {booking} towards {group_block} | attach {booking} to {group_block} | link {booking} with {group_block}""")
)
def pick_up_from_group(tx: Tx, booking: Booking, group_block: GroupBlock) -> None:
    """Takes a room out of a group block for a booking that arrives with the group, at the price of the group."""
    tx.require(booking.status == "booked", "only bookings that have not begun can join a group")
    tx.require(booking.group is None, "the booking is in a group already")
    tx.require(group_block.status == "definite", "the group has to be definite")
    tx.require(group_block.property == booking.property, "the group has to stay in the same property")
    tx.require(booking.arrives_on == group_block.arrives_on, "the booking has to arrive with the group")
    tx.require(group_block.cutoff_on >= tx.today, "rooms are picked up until the cutoff date")
    tx.require(group_block.rooms_picked_up < group_block.rooms_held, "the group has to have a room left")
    group_block.rooms_picked_up += 1
    booking.group = group_block
    booking.nightly_price = group_block.nightly_price
    booking.total = group_block.nightly_price * booking.nights


@hotel.op(
    say=phrases("""
        give back {rooms} rooms of {group_block} | release {rooms} rooms from {group_block} | {group_block} needs {rooms} rooms less
        | reduce {group_block} by {rooms} rooms | take {rooms} rooms out of {group_block} and sell them
        | cut {group_block} back by {rooms}"""),
    takes={"rooms": integer(2, 6)},
)
def release_group_rooms(tx: Tx, group_block: GroupBlock, rooms: int) -> None:
    """Gives rooms of a block back to sale, those that nobody has picked up, until the cutoff date."""
    tx.require(group_block.status in ("tentative", "definite"), "the group has to be tentative or definite")
    tx.require(group_block.cutoff_on >= tx.today, "rooms are given back until the cutoff date")
    tx.require(
        group_block.rooms_held >= group_block.rooms_picked_up + rooms, "rooms that are picked up cannot be given back"
    )
    group_block.rooms_held -= rooms
