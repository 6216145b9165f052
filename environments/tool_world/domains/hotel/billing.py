"""Folios: posting, waiving and routing charges, payments, bills to companies, nights paid with points."""

from typing import Literal

from envgym.environments.tool_world.domains.hotel.rows import Booking, Charge, Company, Folio, Payment, hotel
from envgym.environments.tool_world.domains.hotel.selling import post
from envgym.environments.tool_world.fields import cents, phrases
from envgym.environments.tool_world.transaction import Tx


@hotel.op(
    say=phrases("""
        post {amount} for {kind} on {folio} | charge {amount} to {folio}, it is {kind} | put a {kind} charge of {amount} on {folio}
        | {folio} owes {amount} for {kind} | book {amount} of {kind} to {folio} | add {kind}, {amount}, to {folio}"""),
    takes={"amount": cents(600, 9500)},
)
def post_charge(
    tx: Tx, folio: Folio, kind: Literal["minibar", "restaurant", "laundry", "spa", "parking"], amount: int
) -> None:
    """Posts a charge on a folio of guests in house."""
    tx.require(folio.booking.status == "in_house", "charges are posted while the guests are in house")
    post(tx, folio, kind, amount)


def _extra(tx: Tx, charge: Charge) -> None:
    charge.folio.paid = 0
    charge.kind = "restaurant"
    if not any(other.kind == "room" for other in charge.folio.charges):
        post(tx, charge.folio, "room", charge.folio.booking.total)


@hotel.op(
    say=phrases("""
        waive {charge} | take {charge} off the bill | {charge} is wrong, please remove it | strike {charge} from the folio
        | cross out {charge}, it is not theirs | let {charge} go as a courtesy"""),
    setup=_extra,
)
def waive_charge(tx: Tx, charge: Charge) -> None:
    """Takes an extra off the folio of guests in house. The room itself is never waived, and what is paid is not given back here."""
    tx.require(charge.state == "posted", "the charge has to be on the bill")
    tx.require(charge.kind != "room", "the price of the room is not waived")
    tx.require(charge.folio.booking.status == "in_house", "charges are waived while the guests are in house")
    tx.require(
        charge.folio.charged - charge.folio.paid >= charge.amount,
        "the folio has to owe at least the amount of the charge",
    )
    charge.state = "waived"
    charge.folio.charged -= charge.amount


def _unpaid(tx: Tx, charges: list[Charge]) -> None:
    charges[0].folio.paid = 0


@hotel.op(
    say=phrases("""
        move {charges} to {folio} | put {charges} on {folio} instead | route {charges} over to {folio}
        | see to it that {charges} appear on {folio} | split the bill: {charges} go to {folio} | transfer {charges} onto {folio}"""),
    setup=_unpaid,
)
def route_charges(tx: Tx, charges: list[Charge], folio: Folio) -> None:
    """Moves charges between the folios of one booking, so that they can be paid apart."""
    for charge in charges:
        tx.require(charge.folio == charges[0].folio, "all charges have to be on one folio")
        tx.require(charge.state == "posted", "waived charges stay where they are")
    tx.require(folio.booking == charges[0].folio.booking, "the other folio has to be of the same booking")
    tx.require(folio != charges[0].folio, "the charges have to change the folio")
    tx.require(folio.booking.status == "in_house", "charges are moved while the guests are in house")
    amount = sum(charge.amount for charge in charges)
    tx.require(charges[0].folio.charged - charges[0].folio.paid >= amount, "charges that are paid stay where they are")
    charges[0].folio.charged -= amount
    folio.charged += amount
    for charge in charges:
        charge.folio = folio


def _owes(tx: Tx, folio: Folio, amount: int) -> None:
    folio.paid = 0
    if folio.charged < amount:
        post(tx, folio, "parking", amount)


@hotel.op(
    say=phrases("""
        take {amount} by {method} on {folio} | {folio} pays {amount} by {method} | I would like to pay {amount} of {folio} by {method}
        | record a {method} payment of {amount} on {folio} | accept {amount} for {folio}, {method}
        | settle {amount} of {folio} with {method}"""),
    takes={"amount": cents(1000, 15000)},
    setup=_owes,
)
def take_payment(tx: Tx, folio: Folio, amount: int, method: Literal["card", "cash"]) -> None:
    """Records a payment on a folio, up to what it owes."""
    tx.require(folio.booking.status != "checked_out", "the stay must not be over")
    tx.require(folio.charged - folio.paid >= amount, "a payment cannot exceed what the folio owes")
    tx.new(Payment, folio=folio, method=method, amount=amount)
    folio.paid += amount


def _credit(tx: Tx, folio: Folio, company: Company) -> None:
    folio.paid = 0
    company.credit_limit = max(company.credit_limit, company.outstanding + folio.charged)


@hotel.op(
    say=phrases("""
        send the bill of {folio} to {company} | let {company} pay {folio} on account | charge what {folio} owes to {company}
        | let {company} settle {folio} | transfer the balance of {folio} to the account of {company}
        | bill {company} for all that {folio} owes"""),
    setup=_credit,
)
def bill_company(tx: Tx, folio: Folio, company: Company) -> None:
    """Puts all that a folio owes on the account of a company, within its credit limit."""
    tx.require(company.direct_billing, "the company has to be set up for direct billing")
    tx.require(folio.booking.status == "in_house", "companies are billed while the guests are in house")
    tx.require(folio.charged > folio.paid, "the folio has to owe something")
    owed = folio.charged - folio.paid
    tx.require(company.credit_limit >= company.outstanding + owed, "the credit limit has to cover the bill")
    company.outstanding += owed
    tx.new(Payment, folio=folio, method="company_account", amount=owed)
    folio.paid = folio.charged
    folio.payer = "company"


def _night_owed(tx: Tx, booking: Booking, folio: Folio) -> None:
    folio.paid = 0
    if folio.charged < booking.nightly_price:
        post(tx, folio, "room", booking.nightly_price)


@hotel.op(
    say=phrases("""
        pay one night of {booking} with points, on {folio} | use points for a night of {booking} and credit {folio}
        | redeem a free night for {booking} towards {folio} | take a night of {booking} off {folio} for points
        | I want to spend points on a night of {booking}; it should come off {folio} | cover a night of {booking} on {folio} by points"""),
    setup=_night_owed,
)
def redeem_night(tx: Tx, booking: Booking, folio: Folio) -> None:
    """Pays one night of a stay with points of the guest: 6,000 for each rank of the room."""
    tx.require(folio.booking == booking, "the folio has to be of the booking")
    tx.require(booking.status == "in_house", "points are redeemed while the guests are in house")
    tx.require(booking.group is None, "group prices are not paid with points")
    tx.require(booking.guest.points >= 6000 * booking.room_type.rank, "the guest has to own enough points")
    tx.require(folio.charged - folio.paid >= booking.nightly_price, "the folio has to owe a night at least")
    booking.guest.points -= 6000 * booking.room_type.rank
    tx.new(Payment, folio=folio, method="points", amount=booking.nightly_price)
    folio.paid += booking.nightly_price


@hotel.op(
    say=phrases("""
        tell me what {booking} still owes | look up the open balance of {booking} | add up what is left to pay on {booking}
        | find out how much is to be paid for {booking} in all | work out the balance of {booking}
        | give me the amount due for {booking}""")
)
def quote_balance(tx: Tx, booking: Booking) -> int:
    """Works out, in cents, what all folios of a booking still owe. Changes nothing."""
    tx.require(booking.status != "cancelled", "the booking must not be cancelled")
    return int(sum(folio.charged - folio.paid for folio in booking.folios))
