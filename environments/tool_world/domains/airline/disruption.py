"""When flights are late or do not go: rebooking at no cost, claims for compensation."""

from typing import Literal

from envgym.environments.tool_world.calendar import later
from envgym.environments.tool_world.domains.airline.booking import rebook, room
from envgym.environments.tool_world.domains.airline.rows import (
    Certificate,
    Claim,
    Fare,
    Flight,
    Passenger,
    Segment,
    air,
    compensation,
    seats_of,
)
from envgym.environments.tool_world.fields import integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    air,
    Claim,
    """
    approve_claim | status | filed > approved | approve {claim} | accept {claim} | grant {claim}
    reject_claim | status | filed > rejected | reject {claim} | turn {claim} down | refuse {claim}
    """,
)


@air.op(
    say=phrases("""
        cancel {flight} because of {cause} | note that {flight} will not operate, the cause is {cause}
        | take {flight} off the schedule, {cause}
        | call off {flight}: {cause} | mark {flight} as cancelled with {cause} as the cause
        | scrap {flight} over {cause}""")
)
def cancel_flight(
    tx: Tx, flight: Flight, cause: Literal["technical", "crew", "operations", "weather", "air_traffic_control"]
) -> None:
    """Cancels a flight that has not left: sales stop and seats are freed. Its segments stay confirmed until they are rebooked."""
    tx.require(flight.status in ("scheduled", "delayed"), "only a flight that is scheduled or delayed can be cancelled")
    tx.require(flight.departs_at >= tx.now, "the flight must not have left")
    flight.status = "cancelled"
    flight.cause = cause
    for fare in flight.fares:
        fare.seats_left = 0
    for seat in flight.seats:
        seat.passenger = None


@air.op(
    say=phrases("""
        delay {flight} by {minutes} minutes, {cause} | let {flight} leave {minutes} minutes late because of {cause}
        | push {flight} back {minutes} minutes ({cause}) | post a delay of {minutes} minutes on {flight}; the cause is {cause}
        | announce that {flight} is {minutes} minutes behind and put down {cause}
        | move the departure of {flight} by {minutes} minutes for {cause}"""),
    takes={"minutes": integer(20, 300)},
)
def delay_flight(
    tx: Tx, flight: Flight, minutes: int, cause: Literal["technical", "crew", "weather", "air_traffic_control"]
) -> None:
    """Posts a delay: departure and arrival move, and the minutes are kept for claims."""
    tx.require(flight.status == "scheduled", "a delay is posted on a flight that is on schedule")
    tx.require(flight.departs_at >= tx.now, "the flight must not have left")
    flight.status = "delayed"
    flight.delay_minutes = minutes
    flight.cause = cause
    flight.departs_at = later(flight.departs_at, minutes)
    flight.arrives_at = later(flight.arrives_at, minutes)


@air.op(
    say=phrases("""
        rebook {segment} onto {fare} free of charge, its flight is disrupted | put everybody of {segment} on {fare}, since the flight is off
        | take {fare} in the place of {segment}, at no cost since it was your disruption | protect {segment} on {fare}
        | move {segment} to {fare} because of the disruption | reaccommodate {segment} at {fare} without a fee"""),
    setup=room,
)
def rebook_disrupted(tx: Tx, segment: Segment, fare: Fare) -> None:
    """Moves a segment whose flight is cancelled, or two hours late, to another flight of the route within a week, at no cost."""
    tx.require(segment.reservation.status == "ticketed", "only ticketed reservations are rebooked")
    tx.require(segment.state == "confirmed", "only confirmed segments are rebooked")
    tx.require(
        segment.fare.flight.status in ("cancelled", "delayed"),
        "the flight of the segment has to be cancelled or delayed",
    )
    if segment.fare.flight.status == "delayed":
        tx.require(segment.fare.flight.delay_minutes >= 120, "a delay has to be two hours at least")
    tx.require(fare.flight != segment.fare.flight, "the new fare has to be for another flight")
    tx.require(fare.flight.status == "scheduled", "the new flight has to be on schedule")
    tx.require(fare.flight.departs_at >= tx.hours(1), "the new flight has to leave in an hour or later")
    tx.require(fare.flight.departs_at <= tx.days(8), "the new flight has to leave within a week")
    tx.require(fare.flight.route == segment.fare.flight.route, "the new flight has to be on the same route")
    tx.require(fare.flight.direction == segment.fare.flight.direction, "the new flight has to go the same way")
    tx.require(fare.rules == segment.fare.rules, "the new fare has to be of the same fare family")
    tx.require(
        fare.seats_left >= seats_of(segment.reservation.passengers), "the new fare has to have seats for all passengers"
    )
    rebook(segment, fare)


@air.op(
    say=phrases("""
        file a compensation claim for {passenger} on {segment} | {passenger} wants compensation for what happened on {segment}
        | claim the compensation due to {passenger} for {segment} | put in a claim for {passenger} about {segment}
        | start the claim of {passenger} for the disruption of {segment} | open the compensation case of {passenger} about {segment}""")
)
def file_claim(tx: Tx, passenger: Passenger, segment: Segment) -> None:
    """Files a passenger's claim for a flight that was cancelled or landed three hours late: 250.00 up to 1,500 km, 400.00 up
    to 3,500 km, 600.00 beyond."""
    flight = segment.fare.flight
    tx.require(passenger.reservation == segment.reservation, "the passenger has to be booked on the segment")
    tx.require(segment.reservation.status in ("ticketed", "flown"), "the reservation has to be paid and not cancelled")
    tx.require(flight.status in ("landed", "cancelled"), "a claim is filed once the flight has landed or is cancelled")
    tx.require(flight.departs_at >= tx.days(-365), "a claim is filed within a year")
    if flight.status == "landed":
        tx.require(flight.departs_at < tx.now, "the flight has to be over")
        tx.require(segment.state == "flown", "the passenger has to have flown")
        tx.require(flight.delay_minutes >= 180, "the flight has to have been three hours late")
    tx.require(flight.cause in ("technical", "crew", "operations"), "the cause has to lie with the airline")
    for claim in passenger.claims:
        tx.require(claim.flight != flight, "a passenger has one claim for each flight")
    tx.new(Claim, passenger=passenger, flight=flight, amount=compensation(flight))


@air.op(
    say=phrases("""
        pay {claim} as a travel certificate | settle {claim} with a certificate instead of cash | turn {claim} into a travel certificate
        | I would take a certificate for {claim}, with the bonus | issue the certificate for {claim}
        | pay out {claim} in flight credit rather than money""")
)
def pay_claim_as_certificate(tx: Tx, claim: Claim) -> None:
    """Pays an approved claim as a certificate of 140 percent of its amount, valid for a year, to the member who booked."""
    tx.require(claim.status == "approved", "only approved claims are paid")
    member = claim.passenger.reservation.member
    amount = claim.amount * 140 // 100
    tx.new(Certificate, member=member, balance=amount, expires_on=tx.days(365), origin="compensation")
    claim.status = "paid"
