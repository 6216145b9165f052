"""Selling and changing: bookings, payments split over certificate and card, changes, upgrades, cancellations."""

from typing import Literal

from envgym.environments.tool_world.domains.airline.rows import (
    Card,
    Certificate,
    Fare,
    FareFamily,
    Member,
    Passenger,
    Payment,
    Reservation,
    Segment,
    air,
    fare_for,
    seats_of,
)
from envgym.environments.tool_world.fields import full_name, integer, phrases
from envgym.environments.tool_world.transaction import Tx

air.move(
    "settle_payment",
    Payment,
    "status",
    "pending > settled",
    say=phrases("settle {payment} | book {payment} as settled | clear {payment}"),
)


def charge(tx: Tx, reservation: Reservation, card: Card, amount: int) -> None:
    """Adds an amount to a reservation and charges it to a card."""
    if amount > 0:
        reservation.total += amount
        tx.new(Payment, reservation=reservation, card=card, kind="charge", amount=amount)


def rebook(segment: Segment, fare: Fare) -> None:
    """Moves all passengers of a segment to another fare and frees their old seats. What was paid stays with the segment."""
    count = seats_of(segment.reservation.passengers)
    release_seats(segment)
    segment.fare.seats_left += count
    fare.seats_left -= count
    segment.fare = fare


def release_seats(segment: Segment) -> None:
    """Frees the seats that the passengers of a segment hold on its flight."""
    for passenger in segment.reservation.passengers:
        for seat in passenger.seats:
            if seat.flight == segment.fare.flight:
                seat.passenger = None


def room(tx: Tx, segment: Segment, fare: Fare) -> None:
    """Lays down seats for all passengers of a segment at another fare."""
    fare.seats_left = max(fare.seats_left, seats_of(segment.reservation.passengers))


def refund_of(tx: Tx, reservation: Reservation) -> int:
    """What comes back on cancelling: everything until the day after booking, else what the rules of each fare leave."""
    if reservation.booked_on >= tx.days(-1):
        return int(reservation.total)
    back = 0
    for segment in reservation.segments:
        if segment.fare.flight.status == "cancelled":
            back += fare_for(reservation.passengers, segment.price)
        elif segment.fare.rules.refundable:
            back += fare_for(reservation.passengers, max(segment.price - segment.fare.rules.cancel_fee, 0))
    return back


@air.op(
    say=phrases("""
        book {name} ({kind}) on {fare} for {member} and charge {card} | make a reservation for {member}: {name}, {kind}, {fare}, {card}
        | buy a ticket at {fare} for {name}, {kind}, and take {card}; it is for {member}
        | issue a ticket at {fare} for {name}, who travels as {kind}, booked by {member}, on {card}
        | get {name} ({kind}) a seat at {fare}, booked by {member}, paid with {card}
        | sell {fare} to {member} for {name} ({kind}) and take the money from {card}"""),
    takes={"name": full_name()},
)
def book_fare(tx: Tx, member: Member, fare: Fare, card: Card, name: str, kind: Literal["adult", "child"]) -> None:
    """Books one passenger on a flight at a fare, charges a card of the member and issues the ticket."""
    tx.require(fare.rules.on_sale, "the fare family has to be on sale")
    tx.require(fare.flight.status == "scheduled", "only flights that are on schedule are sold")
    tx.require(fare.flight.departs_at >= tx.hours(2), "sales close two hours before departure")
    tx.require(fare.seats_left >= 1, "the fare has to have a seat left")
    tx.require(card.member == member, "the card has to belong to the member")
    tx.require(card.expires_on >= tx.today, "the card must not have expired")
    booking = tx.new(Reservation, member=member, contact=member.phone, total=0, status="ticketed")
    tx.new(Segment, reservation=booking, fare=fare, leg="outbound", price=fare.price)
    tx.new(Passenger, reservation=booking, name=name, kind=kind)
    charge(tx, booking, card, fare.price)
    fare.seats_left -= 1


@air.op(
    say=phrases("""
        pay {reservation} with {certificate} first and the rest with {card}
        | use up {certificate} on {reservation}, {card} covers what is missing
        | ticket {reservation}: take what you can from {certificate}, then {card}
        | split the payment of {reservation}, which is on hold, between {certificate} and {card}
        | I would like to settle {reservation} with {certificate} and put any remainder on {card}
        | charge {card} only for what {certificate} does not cover of {reservation}""")
)
def pay_held_reservation(tx: Tx, reservation: Reservation, certificate: Certificate, card: Card) -> None:
    """Pays a held reservation with a travel certificate first and a card for the rest, and issues its tickets."""
    tx.require(reservation.status == "held", "only held reservations wait for payment")
    tx.require(reservation.ticket_by >= tx.today, "the reservation has to be paid by its ticketing date")
    for segment in reservation.segments:
        tx.require(segment.fare.flight.departs_at >= tx.hours(2), "all flights have to leave in two hours or later")
    tx.require(certificate.member == reservation.member, "the certificate has to belong to the member who booked")
    tx.require(certificate.expires_on >= tx.today, "the certificate must not have expired")
    tx.require(certificate.balance > 0, "the certificate has to have something left")
    tx.require(card.member == reservation.member, "the card has to belong to the member who booked")
    tx.require(card.expires_on >= tx.today, "the card must not have expired")
    covered = min(certificate.balance, reservation.total)
    rest = reservation.total - covered
    tx.new(Payment, reservation=reservation, certificate=certificate, kind="charge", amount=covered, status="settled")
    if rest > 0:
        tx.new(Payment, reservation=reservation, card=card, kind="charge", amount=rest)
    certificate.balance -= covered
    reservation.status = "ticketed"


@air.op(
    say=phrases("""
        move {segment} to {fare} and charge {card} for the difference | rebook {segment} onto {fare}, fees and difference on {card}
        | change {segment} to {fare}; pay whatever it costs with {card} | switch {segment} over to {fare}, {card} pays
        | swap {segment} for {fare}, using {card} for any difference | take {fare} instead of {segment} and bill {card}"""),
    setup=room,
)
def change_flight(tx: Tx, segment: Segment, fare: Fare, card: Card) -> None:
    """Moves a segment to another flight of its route under the same fare rules. Each passenger pays the change fee and any
    higher price; a lower price is not refunded."""
    tx.require(segment.reservation.status == "ticketed", "only ticketed reservations can be changed")
    tx.require(segment.state == "confirmed", "a segment can be changed only until check-in")
    tx.require(segment.fare.rules.changeable, "the fare that was bought has to allow changes")
    tx.require(segment.fare.flight.departs_at >= tx.hours(3), "changes close three hours before departure")
    tx.require(fare.flight != segment.fare.flight, "the new fare has to be for another flight")
    tx.require(fare.flight.status == "scheduled", "the new flight has to be on schedule")
    tx.require(fare.flight.departs_at >= tx.hours(3), "the new flight has to leave in three hours or later")
    tx.require(fare.flight.route == segment.fare.flight.route, "a change has to stay on the route")
    tx.require(fare.flight.direction == segment.fare.flight.direction, "the new flight has to go the same way")
    tx.require(fare.rules == segment.fare.rules, "a change has to stay in the fare family")
    tx.require(
        fare.seats_left >= seats_of(segment.reservation.passengers), "the new fare has to have seats for all passengers"
    )
    tx.require(card.member == segment.reservation.member, "the card has to belong to the member who booked")
    tx.require(card.expires_on >= tx.today, "the card must not have expired")
    each = max(fare.price - segment.price, 0) + segment.fare.rules.change_fee
    rebook(segment, fare)
    segment.price = fare.price
    charge(tx, segment.reservation, card, fare_for(segment.reservation.passengers, each))


def _upgradable(tx: Tx, segment: Segment, fare: Fare) -> None:
    room(tx, segment, fare)
    member = segment.reservation.member
    member.miles = max(member.miles, _upgrade_miles(segment))
    for cabin, each in (("business", fare), ("economy", segment.fare)):
        for family in tx.all(FareFamily, cabin=cabin)[:1]:
            each.rules = family


def _upgrade_miles(segment: Segment) -> int:
    return (12500 if segment.fare.flight.route.distance_km <= 3500 else 25000) * seats_of(
        segment.reservation.passengers
    )


@air.op(
    say=phrases("""
        upgrade {segment} to {fare} with miles | use miles to move {segment} up to {fare} | I want to spend miles on {fare} for {segment}
        | turn {segment} into business, {fare}, and take the miles for it | book an award upgrade of {segment} to {fare}
        | put everybody of {segment} in business at {fare} by an award upgrade"""),
    setup=_upgradable,
)
def upgrade_with_miles(tx: Tx, segment: Segment, fare: Fare) -> None:
    """Moves a segment to business class on its flight for miles of the member: 12,500 for each passenger up to 3,500 km,
    25,000 beyond."""
    tx.require(segment.reservation.status == "ticketed", "only ticketed reservations are upgraded")
    tx.require(segment.state == "confirmed", "a segment can be upgraded only until check-in")
    tx.require(segment.fare.flight.departs_at >= tx.hours(24), "award upgrades close a day before departure")
    tx.require(fare.flight == segment.fare.flight, "an upgrade stays on the flight")
    tx.require(segment.fare.rules.cabin != "business", "the segment is in business already")
    tx.require(fare.rules.cabin == "business", "miles buy an upgrade to business only")
    tx.require(
        fare.seats_left >= seats_of(segment.reservation.passengers), "business has to have seats for all passengers"
    )
    tx.require(segment.reservation.member.miles >= _upgrade_miles(segment), "the member has to own enough miles")
    segment.reservation.member.miles -= _upgrade_miles(segment)
    rebook(segment, fare)


@air.op(
    say=phrases("""
        cancel {reservation}, the reason is {reason} | call off {reservation} because of {reason}
        | take me off the plane: {reservation} is not needed any more ({reason}) | I have to give up {reservation}, reason {reason}
        | take {reservation} out and refund what is due; put down {reason} | drop the whole trip {reservation}, note {reason}"""),
)
def cancel_reservation(
    tx: Tx, reservation: Reservation, reason: Literal["change_of_plan", "illness", "airline_disruption"]
) -> None:
    """Cancels a ticketed reservation before its first flight, gives its seats back, and refunds what the fares allow: all of it
    until the day after booking. Certificates get back what they paid first, the card of the first payment the rest."""
    tx.require(reservation.status == "ticketed", "only ticketed reservations can be cancelled")
    for segment in reservation.segments:
        tx.require(segment.state == "confirmed", "no segment may have been flown or checked in")
        tx.require(segment.fare.flight.departs_at >= tx.hours(1), "all flights have to leave in an hour or later")
    amount = refund_of(tx, reservation)
    for payment in reservation.payments:
        if amount > 0 and payment.certificate is not None and payment.kind == "charge":
            back = min(amount, payment.amount)
            payment.certificate.balance += back
            tx.new(
                Payment,
                reservation=reservation,
                certificate=payment.certificate,
                kind="refund",
                amount=back,
                status="settled",
            )
            amount -= back
    if amount > 0:
        card = next((payment.card for payment in reservation.payments if payment.card is not None), None)
        tx.new(Payment, reservation=reservation, card=card, kind="refund", amount=amount)
    for segment in reservation.segments:
        release_seats(segment)
        segment.fare.seats_left += seats_of(reservation.passengers)
        segment.state = "cancelled"
    reservation.status = "cancelled"
    reservation.cancel_reason = reason


@air.op(
    say=phrases("""
        tell me what would come back if I cancelled {reservation} | work out the refund for {reservation}
        | find out how much money cancelling {reservation} would bring, without doing it | quote the refund of {reservation}
        | I wonder what cancelling {reservation} would return, just the figure | check the cancellation value of {reservation}""")
)
def quote_refund(tx: Tx, reservation: Reservation) -> int:
    """Works out, in cents, what would be refunded if a ticketed reservation were cancelled now. Changes nothing."""
    tx.require(reservation.status == "ticketed", "only ticketed reservations can be cancelled")
    for segment in reservation.segments:
        tx.require(segment.state == "confirmed", "no segment may have been flown or checked in")
        tx.require(segment.fare.flight.departs_at >= tx.hours(1), "all flights have to leave in an hour or later")
    return refund_of(tx, reservation)


def _company(tx: Tx, passengers: list[Passenger]) -> None:
    reservation = passengers[0].reservation
    if len(reservation.passengers) == len(passengers):
        tx.new(Passenger, reservation=reservation, name="Rowan Castillo", kind="adult")


@air.op(
    say=phrases("""
        split {passengers} off into a booking of their own | divide the reservation: {passengers} get a new reference
        | put {passengers} on a separate reservation | let {passengers} travel on a booking of their own from now on
        | take {passengers} out into another reservation | separate {passengers} from the others"""),
    setup=_company,
)
def divide_reservation(tx: Tx, passengers: list[Passenger]) -> None:
    """Moves some passengers of a ticketed reservation to a new one with the same flights; the flight prices go with them."""
    old = passengers[0].reservation
    for passenger in passengers:
        tx.require(passenger.reservation == old, "all passengers have to be on one reservation")
    tx.require(old.status == "ticketed", "only ticketed reservations are divided")
    for segment in old.segments:
        tx.require(segment.state == "confirmed", "no segment may have been flown or checked in")
        tx.require(segment.fare.flight.departs_at >= tx.hours(1), "all flights have to leave in an hour or later")
    tx.require(len(passengers) < len(old.passengers), "somebody has to stay on the reservation")
    share = sum(fare_for(passengers, segment.price) for segment in old.segments)
    new = tx.new(Reservation, member=old.member, contact=old.contact, total=share, status="ticketed")
    for segment in old.segments:
        tx.new(Segment, reservation=new, fare=segment.fare, leg=segment.leg, price=segment.price)
    for passenger in passengers:
        passenger.reservation = new
    old.total -= share


@air.op(
    say=phrases("""
        transfer {miles} miles from {member} to {recipient} | give {recipient} {miles} miles from {member}
        | send {miles} miles to {recipient}, to be taken from {member} | let {recipient} have {miles} miles from {member}
        | move {miles} miles over to {recipient} from {member} | pass {miles} miles on to {recipient} for {member}"""),
    takes={"miles": integer(1000, 25000)},
)
def transfer_miles(tx: Tx, member: Member, recipient: Member, miles: int) -> None:
    """Transfers miles between members; a tenth of them is kept as a fee."""
    tx.require(recipient != member, "miles go to another member")
    tx.require(member.miles >= miles, "the member has to own that many miles")
    member.miles -= miles
    recipient.miles += miles - miles // 10
