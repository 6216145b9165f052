"""Policies of the front office."""

from envgym.environments.tool_world.domains.hotel.billing import bill_company, redeem_night, waive_charge
from envgym.environments.tool_world.domains.hotel.booking import (
    book_stay,
    cancel_booking,
    change_dates,
    mark_no_show,
    upgrade_room_type,
)
from envgym.environments.tool_world.domains.hotel.front_desk import grant_late_checkout, grant_points, move_room
from envgym.environments.tool_world.domains.hotel.rows import Booking, Charge, Company, Folio, Guest, hotel

hotel.identify(
    "Before you book, change or cancel a stay or spend points, look the guest up by email or loyalty number.",
    by=["look_up_guest_by_email", "look_up_guest_by_loyalty_number"],
    before=[book_stay, change_dates, upgrade_room_type, cancel_booking, redeem_night],
)
hotel.confirm(
    "Before you cancel a booking or close it as a no-show, tell the user the fee and get a yes.",
    before=[cancel_booking, mark_no_show],
)
hotel.at_most(1, "A booking changes rooms once in a conversation.", of=[move_room], per="booking")
hotel.at_most(
    1, "A booking is moved or upgraded once in a conversation.", of=[change_dates, upgrade_room_type], per="booking"
)
hotel.together("Guests who have to change rooms are granted points.", when=move_room, then=grant_points)


@hotel.policy("Charges above 60.00 are waived for gold and platinum guests only.", on=[waive_charge])
def large_waivers(charge: Charge) -> object:
    return charge.amount <= 6000 or charge.folio.booking.guest.tier in ("gold", "platinum")


@hotel.policy("More than 2,500 goodwill points at a time are for platinum guests.", on=[grant_points])
def generous_points(guest: Guest, points: int) -> object:
    return points <= 2500 or guest.tier == "platinum"


@hotel.policy(
    "Only the first folio of a booking is billed to a company; private charges stay with the guest.", on=[bill_company]
)
def private_charges(folio: Folio, company: Company) -> object:
    return folio.window == "1"


@hotel.policy("Late checkout is not granted to bookings in a group block.", on=[grant_late_checkout])
def groups_leave_on_time(booking: Booking) -> object:
    return booking.group is None
