"""The trip itself: seats, bags, services, names and check-in."""

from difflib import SequenceMatcher
from typing import Literal

from envgym.environments.tool_world.domains.airline.booking import charge
from envgym.environments.tool_world.domains.airline.rows import (
    SEATS,
    Bag,
    Card,
    Passenger,
    Seat,
    Segment,
    SpecialService,
    air,
)
from envgym.environments.tool_world.fields import full_name, integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    air,
    Bag,
    """
    report_missing_bag | state | arrived > missing | report {bag} missing | note that {bag} was not on the belt | start a search for {bag}
    locate_bag | state | missing > located | mark {bag} as located | note that {bag} has turned up | write down that we found {bag}
    deliver_bag | state | located > delivered | mark {bag} as delivered | note that {bag} is with its owner again | end the search for {bag}
    """,
)
move_table(
    air,
    SpecialService,
    """
    confirm_service | status | requested > confirmed
    | confirm {special_service} | approve {special_service} | say yes to {special_service}
    decline_service | status | requested > declined
    | decline {special_service} | turn {special_service} down | refuse {special_service}
    """,
)


@air.op(
    say=phrases("""
        give {passenger} {seat} on {segment} and charge {card} if it costs anything
        | reserve {seat} for {passenger} on {segment} with {card}
        | put {passenger} in {seat} for {segment}; {card} pays the fee | {passenger} would like {seat} on {segment}, bill it to {card}
        | seat {passenger} at {seat} of {segment}, fee on {card} | change the seat of {passenger} on {segment} to {seat} ({card})""")
)
def assign_seat(tx: Tx, segment: Segment, passenger: Passenger, seat: Seat, card: Card) -> None:
    """Gives a passenger a free seat in the cabin that was booked, for its fee; gold members pay nothing. A seat held before
    on that flight is released."""
    tx.require(passenger.reservation == segment.reservation, "the passenger has to travel on the segment")
    tx.require(segment.reservation.status == "ticketed", "seats are given on ticketed reservations only")
    tx.require(segment.state == "confirmed", "seats are chosen before check-in")
    tx.require(segment.fare.flight.departs_at >= tx.hours(1), "the flight has to leave in an hour or later")
    tx.require(seat.flight == segment.fare.flight, "the seat has to be on the flight of the segment")
    tx.require(seat.cabin == segment.fare.rules.cabin, "the seat has to be in the cabin that was booked")
    tx.require(seat.passenger is None, "the seat has to be free")
    tx.require(passenger.kind != "infant", "infants sit on a lap")
    if seat.exit_row:
        tx.require(passenger.kind == "adult", "only adults sit in an exit row")
    tx.require(card.member == segment.reservation.member, "the card has to belong to the member who booked")
    for other in passenger.seats:
        if other.flight == seat.flight:
            other.passenger = None
    seat.passenger = passenger
    if segment.reservation.member.tier != "gold":
        charge(tx, segment.reservation, card, seat.fee)


@air.op(
    say=phrases("""
        add a checked bag of {weight_kg} kg for {passenger}, on {card} | register {weight_kg} kg of luggage for {passenger} with {card}
        | {passenger} will bring a bag of {weight_kg} kilos; charge {card} if there is a fee
        | I need one more bag for {passenger}, {weight_kg} kg, on {card} | book luggage for {passenger}: {weight_kg} kg, {card}
        | put a {weight_kg} kg suitcase on the booking of {passenger} ({card})"""),
    takes={"weight_kg": integer(8, 32)},
)
def add_bag(tx: Tx, passenger: Passenger, weight_kg: int, card: Card) -> None:
    """Registers a checked bag. Bags beyond the allowance of the fares (one more for gold) cost 45.00, and a bag above 23 kg
    costs 60.00 more."""
    reservation = passenger.reservation
    tx.require(reservation.status == "ticketed", "bags are added to ticketed reservations only")
    tx.require(card.member == reservation.member, "the card has to belong to the member who booked")
    for segment in reservation.segments:
        tx.require(segment.state == "confirmed", "bags are added before check-in")
        tx.require(segment.fare.flight.departs_at >= tx.hours(1), "all flights have to leave in an hour or later")
    free = min(segment.fare.rules.free_bags for segment in reservation.segments)
    allowed = free + 1 if reservation.member.tier == "gold" else free
    fee = (0 if len(passenger.bags) < allowed else 4500) + (6000 if weight_kg > 23 else 0)
    tx.new(Bag, passenger=passenger, weight_kg=weight_kg, fee=fee)
    charge(tx, reservation, card, fee)


def _seated(tx: Tx, segment: Segment) -> None:
    flight, cabin = segment.fare.flight, segment.fare.rules.cabin
    for passenger in segment.reservation.passengers:
        if not any(seat.flight == flight for seat in passenger.seats):
            free = [label for label in SEATS[cabin] if label not in [seat.label for seat in flight.seats]]
            tx.new(Seat, flight=flight, label=free[0], position="aisle", cabin=cabin, fee=1500, passenger=passenger)


@air.op(
    say=phrases("""
        check in {segment} | check everybody on {segment} in | start the check-in of {segment}
        | do the check-in for {segment}, please
        | I would like to have {segment} checked in now | get the boarding passes out for {segment}"""),
    setup=_seated,
)
def check_in(tx: Tx, segment: Segment) -> None:
    """Checks in all passengers of a segment, from 24 hours to one hour before departure. Everybody but infants needs a seat."""
    tx.require(segment.reservation.status == "ticketed", "only ticketed reservations are checked in")
    tx.require(segment.state == "confirmed", "the segment has to be confirmed and not checked in yet")
    tx.require(segment.fare.flight.status in ("scheduled", "delayed"), "the flight has to be scheduled or delayed")
    tx.require(segment.fare.flight.departs_at <= tx.hours(24), "check-in opens 24 hours before departure")
    tx.require(segment.fare.flight.departs_at >= tx.hours(1), "check-in closes an hour before departure")
    for passenger in segment.reservation.passengers:
        seated = any(seat.flight == segment.fare.flight for seat in passenger.seats)
        tx.require(seated or passenger.kind == "infant", "every passenger but infants has to have a seat")
    segment.state = "checked_in"


@air.op(
    say=phrases("""
        ask for {kind} for {passenger} on {segment} | make {kind} available to {passenger} on {segment}
        | request {kind} for {passenger}, for {segment}
        | put a request for {kind} on {segment} for {passenger} | arrange {kind} for {passenger} on {segment}
        | note that {passenger} wants {kind} on {segment}""")
)
def request_service(
    tx: Tx,
    passenger: Passenger,
    segment: Segment,
    kind: Literal["wheelchair", "special_meal", "medical_oxygen", "pet_in_cabin"],
) -> None:
    """Asks for a special service for a passenger on a segment, two days ahead at least."""
    tx.require(passenger.reservation == segment.reservation, "the passenger has to travel on the segment")
    tx.require(segment.reservation.status == "ticketed", "services are for ticketed reservations only")
    tx.require(segment.state == "confirmed", "services are requested before check-in")
    tx.require(segment.fare.flight.departs_at >= tx.hours(48), "services are requested 48 hours before departure")
    if kind == "pet_in_cabin":
        tx.require(passenger.kind == "adult", "a pet in the cabin travels with an adult")
    for service in passenger.services:
        tx.require(service.kind != kind, "the passenger has asked for that service already")
    tx.new(SpecialService, reservation=segment.reservation, passenger=passenger, segment=segment, kind=kind)


def _one_person(old: str, new: str) -> bool:
    """Whether two names can be spellings of one."""
    return SequenceMatcher(None, old.casefold(), new.casefold()).ratio() >= 0.85


def _misspelt(tx: Tx, passenger: Passenger, name: str) -> None:
    ending = name[-2] + name[-3] + name[-1]
    passenger.name = name[:-3] + ending if name[-3:] != ending else name + name[-1]


@air.op(
    say=phrases("""
        correct the name of {passenger} to {name} | the ticket of {passenger} should say {name}
        | change {passenger} into {name}, it is a typo
        | {passenger} is spelt wrong, make it {name} | fix the name on the booking: {passenger} is really {name}
        | put {name} on the ticket instead of {passenger}"""),
    takes={"name": full_name()},
    setup=_misspelt,
)
def correct_name(tx: Tx, passenger: Passenger, name: str) -> None:
    """Corrects the spelling of a passenger's name, once, before any check-in. The person who travels stays the same."""
    tx.require(passenger.reservation.status != "cancelled", "the reservation must not be cancelled")
    tx.require(not passenger.name_corrected, "a name can be corrected once")
    for segment in passenger.reservation.segments:
        tx.require(segment.state == "confirmed", "no segment may have been flown or checked in")
        tx.require(segment.fare.flight.departs_at >= tx.hours(1), "all flights have to leave in an hour or later")
    tx.require(passenger.name != name, "the passenger has that name already")
    tx.require(_one_person(passenger.name, name), "only the spelling of a name can be corrected, not who travels")
    passenger.name = name
    passenger.name_corrected = True
