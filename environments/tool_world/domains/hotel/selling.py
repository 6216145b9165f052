"""What several desks do alike: posting charges, counting the rooms that can be sold."""

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.hotel.rows import Booking, Charge, Folio, GroupBlock, RoomType
from envgym.environments.tool_world.transaction import Tx


def post(tx: Tx, folio: Folio, kind: str, amount: int) -> None:
    """Posts a charge on a folio."""
    if amount > 0:
        tx.new(Charge, folio=folio, kind=kind, amount=amount)
        folio.charged += amount


def post_stay(tx: Tx, booking: Booking, kind: str, amount: int) -> None:
    """Posts a charge of a booking itself, on its first folio."""
    for folio in booking.folios:
        if folio.window == "1":
            post(tx, folio, kind, amount)


def overlapping(room_type: RoomType, first: str, last: str, but: Booking | None = None) -> list[Booking]:
    """Bookings of a room type that need a room between two dates, without `but`."""
    return [
        each
        for each in room_type.bookings
        if each != but and each.status in ("booked", "in_house") and each.arrives_on < last and each.departs_on > first
    ]


def groups_then(room_type: RoomType, first: str, last: str) -> list[GroupBlock]:
    """Definite groups in the house between two dates: the rooms that they have not picked up yet may be of any type."""
    return [
        each
        for each in room_type.property.groups
        if each.status == "definite" and each.arrives_on < last and shifted(each.arrives_on, each.nights) > first
    ]


def free_rooms(room_type: RoomType, first: str, last: str, but: Booking | None = None) -> int:
    """How many rooms of a type can be sold between two dates, those of `but` counted as free. What groups hold is left to them."""
    held = sum(group.rooms_held - group.rooms_picked_up for group in groups_then(room_type, first, last))
    house = sum(max(unsold(each, first, last, but), 0) for each in room_type.property.room_types) - held
    return int(min(unsold(room_type, first, last, but), house))


def unsold(room_type: RoomType, first: str, last: str, but: Booking | None) -> int:
    """Rooms of a type that nobody has booked between two dates."""
    rooms = sum(1 for room in room_type.rooms if room.condition != "out_of_order")
    return rooms - len(overlapping(room_type, first, last, but))


def make_room(room_type: RoomType, first: str, last: str, but: Booking | None = None) -> None:
    """Lays down a free room of a type between two dates."""
    for room in room_type.rooms:
        if room.condition == "out_of_order":
            room.condition = "ready"
    for group in groups_then(room_type, first, last):
        group.status = "tentative"
    for each in overlapping(room_type, first, last, but)[len(room_type.rooms) - 1 :]:
        each.status = "cancelled"
