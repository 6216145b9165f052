"""Appointments: booking, moving, cancelling, missing them; the waiting list, referrals and rooms behind them."""

from typing import Literal

from envgym.environments.tool_world.calendar import later, shifted
from envgym.environments.tool_world.domains.clinic.rows import (
    AREAS,
    Appointment,
    Department,
    Doctor,
    Invoice,
    Patient,
    Referral,
    Room,
    Slot,
    WaitingListEntry,
    clinic,
)
from envgym.environments.tool_world.fields import date, integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

LATE_FEE = 4000
MISSED_FEE = 5000

move_table(
    clinic,
    Appointment,
    """
    check_in | status | booked > checked_in
    | check {appointment} in | the patient for {appointment} is here, check them in | mark {appointment} as arrived
    complete_visit | status | checked_in > completed
    | complete {appointment} | mark {appointment} as done | the doctor is through with {appointment}, close it
    """,
)
move_table(
    clinic,
    WaitingListEntry,
    """
    leave_waiting_list | status | waiting > withdrawn
    | take {waiting_list_entry} off the list | withdraw {waiting_list_entry} | I no longer want to wait, drop {waiting_list_entry}
    """,
)
move_table(
    clinic,
    Referral,
    """
    approve_referral | status | requested > approved
    | approve {referral} | let {referral} go ahead | grant {referral}
    deny_referral | status | requested > denied
    | deny {referral} | turn {referral} down | refuse {referral}
    """,
)
move_table(
    clinic,
    Room,
    """
    reopen_room | status | out_of_service > in_service
    | reopen {room} | put {room} back into service | open {room} again
    """,
)


def _vacant(tx: Tx, slot: Slot) -> None:
    for appointment in slot.appointments:
        appointment.status = "cancelled"
    if slot.starts_at <= tx.now:
        slot.starts_at = shifted(slot.starts_at, 35)


def _vacant_in_time(tx: Tx, referral: Referral, slot: Slot) -> None:
    _vacant(tx, slot)
    referral.valid_until = max(referral.valid_until, shifted(slot.starts_at[:10], 7))


def _take(tx: Tx, slot: Slot, patient: Patient, moved: Appointment | None) -> None:
    """Takes a slot for a patient, who must not have another appointment then than the one that is moved."""
    tx.require(slot.free, "the slot has to be free")
    tx.require(slot.starts_at > tx.now, "the slot has to lie ahead")
    for other in patient.appointments:
        tx.require(
            other == moved
            or other.status != "booked"
            or other.slot.starts_at >= later(slot.starts_at, slot.minutes)
            or later(other.slot.starts_at, other.slot.minutes) <= slot.starts_at,
            "the patient must not have another appointment at that time",
        )
    slot.free = False


@clinic.op(
    say=phrases("""
        book {patient} in for a {reason} on {slot} | give {patient} {slot} for a {reason}
        | reserve {slot} for {patient} and note it as a {reason}
        | I would like {slot} to go to {patient}, for a {reason} | make an appointment for {patient}: {slot}, {reason}
        | schedule a {reason} with {patient} in {slot} | put {patient} down for {slot}, it is a {reason}"""),
    setup=_vacant,
)
def book_appointment(
    tx: Tx,
    patient: Patient,
    slot: Slot,
    reason: Literal["check_up", "follow_up", "new_complaint", "vaccination", "procedure"],
) -> None:
    """Books a patient into a free slot of a department that sees patients without a referral."""
    tx.require(not slot.doctor.department.by_referral, "the department must not ask for a referral")
    _take(tx, slot, patient, None)
    tx.new(Appointment, patient=patient, slot=slot, starts_at=slot.starts_at, reason=reason, moved=0)


@clinic.op(
    say=phrases("""
        book {slot} on {referral} | use {referral} for {slot} | I have {referral} and would like {slot}
        | redeem a visit of {referral} for {slot} | schedule the specialist with {referral} in {slot}
        | take one visit off {referral} and reserve {slot}"""),
    setup=_vacant_in_time,
)
def book_referred_visit(tx: Tx, referral: Referral, slot: Slot) -> None:
    """Books a patient on an approved referral and uses up one of its visits."""
    tx.require(referral.status == "approved", "the referral has to be approved")
    tx.require(referral.visits_left > 0, "the referral has to have visits left")
    tx.require(slot.doctor.department == referral.department, "the slot has to be in the department of the referral")
    tx.require(slot.starts_at < referral.valid_until, "the visit has to lie before the day on which the referral ends")
    _take(tx, slot, referral.patient, None)
    referral.visits_left -= 1
    if referral.visits_left == 0:
        referral.status = "used_up"
    tx.new(Appointment, patient=referral.patient, slot=slot, starts_at=slot.starts_at, reason="new_complaint", moved=0)


@clinic.op(
    say=phrases("""
        move {appointment} to {slot} | reschedule {appointment} and take {slot}
        | I cannot come to {appointment}, but {slot} works | I would rather have {slot} than {appointment}
        | swap {appointment} for {slot} | change the time of {appointment} to {slot}"""),
    setup=_vacant,
)
def move_appointment(tx: Tx, appointment: Appointment, slot: Slot) -> None:
    """Moves an appointment to another slot of the same department, at most twice; the old slot is free again, the room is given up."""
    tx.require(appointment.status == "booked", "only booked appointments can be moved")
    tx.require(appointment.moved < 2, "an appointment can be moved twice")
    tx.require(
        slot.doctor.department == appointment.slot.doctor.department, "the new slot has to be in the same department"
    )
    _take(tx, slot, appointment.patient, appointment)
    appointment.slot.free = True
    appointment.slot = slot
    appointment.starts_at = slot.starts_at
    appointment.room = None
    appointment.moved += 1


@clinic.op(
    say=phrases("""
        cancel {appointment}, the reason is {reason} | call {appointment} off because of {reason}
        | I have to cancel {appointment}, put down {reason} | take {appointment} out of the calendar ({reason})
        | let {appointment} go and give {reason} as the reason | strike {appointment}: {reason}"""),
)
def cancel_appointment(
    tx: Tx, appointment: Appointment, reason: Literal["patient_request", "illness", "doctor_unavailable"]
) -> None:
    """Cancels an appointment and frees its slot. A patient who cancels at will within 24 hours is charged 40.00."""
    tx.require(appointment.status == "booked", "only booked appointments can be cancelled")
    tx.require(appointment.slot.starts_at > tx.now, "only appointments that lie ahead can be cancelled")
    if reason == "patient_request" and appointment.slot.starts_at < tx.hours(24):
        tx.new(Invoice, patient=appointment.patient, kind="late_cancellation", amount=LATE_FEE)
    appointment.slot.free = True
    appointment.room = None
    appointment.status = "cancelled"


@clinic.op(
    say=phrases("""
        mark {appointment} as a no-show | record that nobody came to {appointment} | put {appointment} down as missed
        | note that the patient did not turn up for {appointment} | close {appointment} as missed
        | enter a no-show for {appointment}"""),
)
def record_no_show(tx: Tx, appointment: Appointment) -> None:
    """Records that a patient did not come. From the second time on they are charged 50.00."""
    tx.require(appointment.status == "booked", "only booked appointments can be missed")
    tx.require(appointment.slot.starts_at < tx.now, "the appointment has to lie in the past")
    if appointment.patient.missed > 0:
        tx.new(Invoice, patient=appointment.patient, kind="missed_visit", amount=MISSED_FEE)
    appointment.patient.missed += 1
    appointment.status = "no_show"


@clinic.op(
    say=phrases("""
        give {slot} to {waiting_entry} | book {waiting_entry} into {slot}
        | offer {slot} to {waiting_entry}, it has become free | let {waiting_entry} have {slot}
        | move {waiting_entry} off the list into {slot} | fill {slot} with {waiting_entry}"""),
    setup=_vacant,
)
def book_from_waiting_list(tx: Tx, waiting_entry: WaitingListEntry, slot: Slot) -> None:
    """Books a waiting patient into a free slot of the department that they wait for."""
    tx.require(waiting_entry.status == "waiting", "the patient has to be waiting")
    tx.require(
        slot.doctor.department == waiting_entry.department,
        "the slot has to be in the department that the patient waits for",
    )
    _take(tx, slot, waiting_entry.patient, None)
    waiting_entry.status = "booked"
    tx.new(
        Appointment, patient=waiting_entry.patient, slot=slot, starts_at=slot.starts_at, reason="new_complaint", moved=0
    )


@clinic.op(
    say=phrases("""
        put {patient} on the waiting list of {department} as {urgency}
        | add {patient} to the list for {department}: {urgency}
        | queue {patient} up for {department}, the case is {urgency}
        | nothing suits, so put {patient} on the list for {department} ({urgency})
        | note {patient} as {urgency} for {department}
        | keep a place in the queue of {department} for {patient}, {urgency}"""),
)
def join_waiting_list(
    tx: Tx, patient: Patient, department: Department, urgency: Literal["routine", "soon", "urgent"]
) -> None:
    """Puts a patient on the waiting list of a department, once at a time."""
    for entry in patient.waiting_entries:
        tx.require(
            entry.department != department or entry.status != "waiting",
            "the patient must not wait for the department already",
        )
    tx.new(WaitingListEntry, patient=patient, department=department, urgency=urgency)


def _specialty(tx: Tx, department: Department) -> None:
    if department.name == AREAS[0]:
        department.name = next(area for area in AREAS if not tx.all(Department, name=area))


@clinic.op(
    say=phrases("""
        refer {patient} from {doctor} to {department} for {visits} visits, valid until {last_day}
        | write a referral by {doctor} for {patient} to {department}: {visits} visits until {last_day}
        | request {visits} visits at {department} for {patient} on behalf of {doctor}, good until {last_day}
        | ask {department} to see {patient} up to {visits} times by {last_day}, referred by {doctor}
        | get {patient} a referral to {department} with {visits} visits; {doctor} signs it and it ends on {last_day}
        | have {doctor} send {patient} to {department} for {visits} visits, by {last_day} at the latest"""),
    setup=_specialty,
    takes={"visits": integer(2, 6), "last_day": date(30, 90)},
)
def refer_patient(tx: Tx, patient: Patient, doctor: Doctor, department: Department, visits: int, last_day: str) -> None:
    """Asks for a referral to a department that sees patients on referral; somebody has to approve it."""
    tx.require(department.by_referral, "the department has to be one that asks for a referral")
    tx.require(doctor.department != department, "a doctor refers to another department")
    tx.require(last_day > tx.today, "the referral has to end in the future")
    tx.new(Referral, patient=patient, doctor=doctor, department=department, visits_left=visits, valid_until=last_day)


@clinic.op(
    say=phrases("""
        see the patient of {appointment} in {room} | put {appointment} into {room} | assign {room} to {appointment}
        | reserve {room} for {appointment} | use {room} for {appointment} | let {appointment} take place in {room}"""),
)
def assign_room(tx: Tx, appointment: Appointment, room: Room) -> None:
    """Gives a booked appointment a room of its department that nobody else has at that time."""
    tx.require(appointment.status == "booked", "only booked appointments are given a room")
    tx.require(appointment.room != room, "the appointment has that room already")
    tx.require(room.status == "in_service", "the room has to be in service")
    tx.require(
        room.department == appointment.slot.doctor.department, "the room has to belong to the doctor's department"
    )
    for other in room.appointments:
        tx.require(
            other.status != "booked"
            or other.slot.starts_at >= later(appointment.slot.starts_at, appointment.slot.minutes)
            or later(other.slot.starts_at, other.slot.minutes) <= appointment.slot.starts_at,
            "the room must not be taken at that time",
        )
    appointment.room = room


@clinic.op(
    say=phrases("""
        close {room} | take {room} out of service | let nobody into {room} for now | keep {room} shut until further notice
        | nothing works in {room}, close it | block {room} for all visits"""),
)
def close_room(tx: Tx, room: Room) -> None:
    """Takes a room out of service; booked appointments that were to take place in it need another one."""
    tx.require(room.status == "in_service", "the room has to be in service")
    for appointment in room.appointments:
        if appointment.status == "booked":
            appointment.room = None
    room.status = "out_of_service"


@clinic.op(
    say=phrases("""
        make {doctor} the family doctor for {patient} | switch {patient} to {doctor} | register {patient} with {doctor}
        | put {patient} into the care of {doctor} | let {doctor} take {patient} over
        | move {patient} over to the patients of {doctor}"""),
)
def change_doctor(tx: Tx, patient: Patient, doctor: Doctor) -> None:
    """Gives a patient another doctor of their own; the places of both doctors follow."""
    tx.require(doctor != patient.doctor, "the patient is with that doctor already")
    tx.require(doctor.accepting, "the doctor has to accept new patients")
    tx.require(doctor.places_left > 0, "the doctor has to have a place left")
    tx.require(not doctor.department.by_referral, "specialists on referral are nobody's own doctor")
    doctor.places_left -= 1
    patient.doctor.places_left += 1
    patient.doctor = doctor
