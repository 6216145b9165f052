"""Policies of the front office."""

from envgym.environments.tool_world.domains.hotel.billing import bill_company, redeem_night, waive_charge
from envgym.environments.tool_world.domains.hotel.booking import (
    book_stay,
    cancel_booking,
    change_dates,
    mark_no_show,
    upgrade_room_type,
)
from envgym.environments.tool_world.domains.hotel.front_desk import (
    grant_late_checkout,
    grant_move_bonus,
    grant_points,
    move_room,
)
from envgym.environments.tool_world.domains.hotel.rows import Booking, Charge, Company, Guest, hotel

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
hotel.together("Guests who have to change rooms are credited the move bonus.", when=move_room, then=grant_move_bonus)


@hotel.policy("Charges above 60.00 are waived for gold and platinum guests only.", on=[waive_charge])
def large_waivers(charge: Charge) -> object:
    return charge.amount <= 6000 or charge.folio.booking.guest.tier in ("gold", "platinum")


@hotel.policy("More than 2,500 goodwill points at a time are for platinum guests.", on=[grant_points])
def generous_points(guest: Guest, points: int) -> object:
    return points <= 2500 or guest.tier == "platinum"


@hotel.policy("A company that has used more than half of its credit limit is sent no further bill.", on=[bill_company])
def half_the_limit(company: Company) -> object:
    return company.outstanding * 2 <= company.credit_limit


@hotel.policy("Late checkout is not granted on stays of a single night.", on=[grant_late_checkout])
def late_after_two_nights(booking: Booking) -> object:
    return booking.nights >= 2
