"""Policies of the airline's desk."""

from envgym.environments.tool_world.domains.airline.booking import (
    book_fare,
    cancel_reservation,
    change_flight,
    pay_held_reservation,
    transfer_miles,
    upgrade_with_miles,
)
from envgym.environments.tool_world.domains.airline.disruption import pay_claim_as_certificate, rebook_disrupted
from envgym.environments.tool_world.domains.airline.rows import Fare, Reservation, Segment, air
from envgym.environments.tool_world.domains.airline.travel import assign_seat

air.identify(
    "Before you sell, change or cancel anything, look the member up by flyer number or email.",
    by=["retrieveMemberByFlyerNumber", "retrieveMemberByEmail"],
    before=[book_fare, pay_held_reservation, change_flight, upgrade_with_miles, cancel_reservation, transfer_miles],
)
air.confirm(
    "Before you cancel a reservation or change a flight for a fee, tell the user what it costs and get a yes.",
    before=[cancel_reservation, change_flight],
)
air.at_most(1, "A segment is changed once in a conversation.", of=[change_flight, rebook_disrupted], per="segment")
air.at_most(1, "A passenger's seat is changed once in a conversation.", of=[assign_seat], per="passenger")
air.together(
    "A claim that you approve is paid as a certificate in the same conversation.",
    when="approve_claim",
    then=pay_claim_as_certificate,
)


@air.policy(
    "The reason 'airline_disruption' is for reservations whose first flight is cancelled or delayed.",
    on=[cancel_reservation],
)
def honest_reason(reservation: Reservation, reason: str) -> object:
    return reason != "airline_disruption" or reservation.segments[0].fare.flight.status in ("cancelled", "delayed")


@air.policy("A child is booked alone only on routes of up to 1,500 km.", on=[book_fare])
def children_alone(fare: Fare, kind: str) -> object:
    return kind != "child" or fare.flight.route.distance_km <= 1500


@air.policy("Award upgrades are for fares that allow changes.", on=[upgrade_with_miles])
def upgradable_fares(segment: Segment) -> object:
    return segment.fare.rules.changeable
