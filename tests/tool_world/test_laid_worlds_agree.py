"""What belongs together still agrees once a task is laid down: over all rows, those that the task has nothing to do with included."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

import pytest

from envgym import registry
from envgym.environments.tool_world.calendar import later, shifted
from envgym.environments.tool_world.net import net
from envgym.environments.tool_world.populate import Populator
from envgym.environments.tool_world.transaction import Row, Tx
from envgym.environments.tool_world.world import World

TASKS = 20


@cache
def laid(domain: str) -> list[World]:
    """The worlds of twenty tasks of all levels."""
    worlds = []
    for number in range(TASKS):
        env = registry.make(f"tool_world:{domain}", level=1 + number % 5)
        env.reset(options={"task": env.taskset(8)[number]})
        worlds.append(env.world)
    return worlds


class Rows:
    """All rows of a world, by table."""

    def __init__(self, world: World) -> None:
        self.world, self.tx = world, Tx(world, free=True)

    def __getattr__(self, name: str) -> list[Any]:
        table = self.world.table_of(next(each for each in self.world.domain.tables.values() if each.name == name))
        return [Row(self.tx, table, id) for id in self.world.ids_of(table)]


Breach = tuple[Any, str]


def retail(rows: Rows) -> Iterator[Breach]:
    for order in rows.order:
        if order.total != sum(item.unit_price * item.quantity for item in order.items):
            yield order, "the total is the sum of the items"
        if order.address.customer != order.customer or order.payment_method.customer != order.customer:
            yield order, "address and payment are the customer's"
        if order.status == "delivered" and order.delivered_on is None:
            yield order, "what is delivered has its day"
    for method in rows.payment_method:
        if method.kind != "gift_card" and method.balance:
            yield method, "only gift cards have a balance"


def hotel(rows: Rows) -> Iterator[Breach]:
    for booking in rows.booking:
        if booking.departs_on != shifted(booking.arrives_on, booking.nights):
            yield booking, "the nights lie between arrival and departure"
        if booking.total != booking.nightly_price * booking.nights:
            yield booking, "the total is that of the nights"
        if booking.status == "in_house" and booking.room.condition != "occupied":
            yield booking, "who is in house has a room"
    for folio in rows.folio:
        if folio.charged != sum(charge.amount for charge in folio.charges if charge.state == "posted"):
            yield folio, "what is charged is the sum of the charges"
        if folio.paid > folio.charged:
            yield folio, "no more is paid than is charged"


def bank(rows: Rows) -> Iterator[Breach]:
    for account in rows.account:
        if account.held != sum(hold.amount for hold in account.holds if hold.status == "active"):
            yield account, "what is held is the sum of the holds"
        if account.balance < account.held:
            yield account, "what is held is there"
        if account.cards and account.kind != "current":
            yield account, "cards are of current accounts"
    for loan in rows.loan:
        if loan.outstanding != sum(each.amount for each in loan.instalments if each.status == "due"):
            yield loan, "what is owed is the sum of what is due"
    for order in [*rows.standing_order, *(each for each in rows.scheduled_payment if each.status == "scheduled")]:
        if order.status != "cancelled" and order.account.kind != "current":
            yield order, "payees are paid from current accounts"


def airline(rows: Rows) -> Iterator[Breach]:
    for reservation in rows.reservation:
        people = reservation.passengers
        flown = sum(
            segment.price // 10 if person.kind == "infant" else segment.price
            for segment in reservation.segments
            for person in people
        )
        if reservation.total != flown + sum(bag.fee for person in people for bag in person.bags):
            yield reservation, "the total is that of the flights and the bags"
        for segment in reservation.segments:
            landed = segment.fare.flight.status == "landed"
            if reservation.status != "cancelled" and landed != (segment.state in ("flown", "no_show")):
                yield segment, "who has flown has landed"
    for flight in rows.flight:
        labels = [seat.label for seat in flight.seats]
        if len(labels) != len(set(labels)):
            yield flight, "a seat is there once"
        if flight.day != flight.departs_at[:10]:
            yield flight, "the day is that of the departure"
    for seat in rows.seat:
        if seat.passenger is not None:
            flights = [segment.fare.flight for segment in seat.passenger.reservation.segments]
            if seat.flight not in flights:
                yield seat, "who has a seat is on the flight"


def clinic(rows: Rows) -> Iterator[Breach]:
    for slot in rows.slot:
        booked = [each for each in slot.appointments if each.status != "cancelled"]
        if len(booked) > 1 or (booked and slot.free):
            yield slot, "a slot is taken once, and not free then"
    for appointment in rows.appointment:
        if appointment.starts_at != appointment.slot.starts_at:
            yield appointment, "it starts with its slot"
    for claim in rows.claim:
        if (claim.status == "submitted") != (claim.invoice.status == "claimed") and len(claim.invoice.claims) == 1:
            yield claim, "what is with the plan is not open"
        if claim.amount != claim.invoice.amount:
            yield claim, "the claim is for the invoice"
    for result in rows.lab_result:
        if result.abnormal != (result.value is not None and not result.low <= result.value <= result.high):
            yield result, "what lies outside is abnormal"


def helpdesk(rows: Rows) -> Iterator[Breach]:
    for software in rows.software:
        if sum(seat.status == "active" for seat in rows.tx.all("Seat", software=software)) > software.seats:
            yield software, "no more seats are taken than there are"
    for group in rows.access_group:
        if sum(each.status == "active" for each in rows.tx.all("Membership", access_group=group)) > group.places:
            yield group, "no more places are taken than there are"
    for account in rows.account:
        if (account.status == "disabled") != (account.employee.status == "left"):
            yield account, "who has left has no account"
    for computer in rows.computer:
        if computer.employee.office != computer.printer.office:
            yield computer, "the printer is in the office"


def telecom(rows: Rows) -> Iterator[Breach]:
    for bill in rows.bill:
        if bill.total != sum(charge.amount for charge in bill.charges):
            yield bill, "the total is the sum of the charges"
        if any(payment.amount != bill.total for payment in bill.payments):
            yield bill, "what is paid is the total"
    for line in rows.line:
        if line.plan.segment != line.account.segment and rows.tx.all("Plan", segment=line.account.segment):
            yield line, "the plan is one for such customers"


def calendar_mail(rows: Rows) -> Iterator[Breach]:
    for event in rows.event:
        if event.ends_at != later(event.starts_at, event.minutes):
            yield event, "it ends after its minutes"
        people = [event.calendar.owner, *(each.person for each in event.invitations)]
        if len(people) != len(set(people)):
            yield event, "nobody is invited twice"
    for mailbox in rows.mailbox:
        if mailbox.used_kb > mailbox.quota_kb:
            yield mailbox, "no more is used than there is"
    for message in rows.message:
        if message.size_kb != 20 + sum(each.size_kb for each in message.attachments):
            yield message, "it is as large as what is attached"


INVARIANTS: tuple[Callable[[Rows], Iterator[Breach]], ...] = (
    airline,
    bank,
    calendar_mail,
    clinic,
    helpdesk,
    hotel,
    retail,
    telecom,
)


def refilled(world: World) -> list[str]:
    """What filling every row again would change."""
    world.execute("SAVEPOINT refill")
    (start,) = world.execute("SELECT coalesce(max(seq), 0) FROM _journal").fetchone()
    tx = Tx(world, free=True)
    populator = Populator(world, tx, Random(0))
    for table in world.domain.tables.values():
        for id in world.ids_of(table):
            populator.fill(Row(tx, table, id))
    rows = world.execute('SELECT "table", id, old, new FROM _journal WHERE seq > ? ORDER BY seq', (start,))
    changes = net([(name, id, old and json.loads(old), new and json.loads(new)) for name, id, old, new in rows])
    world.execute("ROLLBACK TO refill")
    world.execute("RELEASE refill")
    return [f"{name} {id}: {old} > {new}" for name, id, old, new in changes]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
def test_rows_agree_after_a_task_is_laid(invariant: Callable[[Rows], Iterator[Breach]]) -> None:
    breaches = [
        f"task {number}: {row}: {rule}"
        for number, world in enumerate(laid(invariant.__name__))
        for row, rule in invariant(Rows(world))
    ]
    assert not breaches, breaches[:10]


@pytest.mark.parametrize("domain", [invariant.__name__ for invariant in INVARIANTS])
def test_filling_every_row_again_changes_nothing(domain: str) -> None:
    changes = [f"task {number}: {change}" for number, world in enumerate(laid(domain)) for change in refilled(world)]
    assert not changes, changes[:10]
