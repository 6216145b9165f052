"""What the clinic asks of its front desk and no tool enforces."""

from envgym.environments.tool_world.domains.clinic.billing import bill_visit, pay_invoices
from envgym.environments.tool_world.domains.clinic.medicine import prescribe, refill_prescriptions, substitute_drug
from envgym.environments.tool_world.domains.clinic.rows import (
    Doctor,
    Drug,
    Invoice,
    Patient,
    Slot,
    WaitingListEntry,
    clinic,
)
from envgym.environments.tool_world.domains.clinic.visits import (
    book_appointment,
    book_from_waiting_list,
    cancel_appointment,
    change_doctor,
    join_waiting_list,
    move_appointment,
)

clinic.identify(
    "Before you book or prescribe anything, find the patient by record number, or by name and date of birth.",
    by=["locate_patient_by_record_number", "locate_patient_by_name_and_born_on"],
    before=[book_appointment, join_waiting_list, prescribe, refill_prescriptions, pay_invoices, change_doctor],
)
clinic.confirm(
    "Before an appointment is cancelled or a drug is substituted, say what that means and get a yes.",
    before=[cancel_appointment, substitute_drug],
)
clinic.at_most(1, "An appointment is moved once only in one call.", of=[move_appointment], per="appointment")
clinic.together(
    "A visit that is marked as completed is billed in the same call.", when="complete_visit", then=bill_visit
)


@clinic.policy("Controlled drugs are prescribed for 30 days at a time.", on=[prescribe])
def controlled_drugs(drug: Drug, days_supply: int) -> object:
    return not drug.controlled or days_supply <= 30


@clinic.policy("Procedures are booked into slots of 45 minutes or more.", on=[book_appointment])
def long_slots(slot: Slot, reason: str) -> object:
    return reason != "procedure" or slot.minutes >= 45


@clinic.policy(
    "Patients who have missed three appointments or more are not booked in for check-ups.", on=[book_appointment]
)
def missed_too_often(patient: Patient, reason: str) -> object:
    return patient.missed < 3 or reason != "check_up"


@clinic.policy("Cash is taken up to 500.00.", on=[pay_invoices])
def cash_limit(invoices: list[Invoice], method: str) -> object:
    return method != "cash" or sum(invoice.amount - invoice.covered for invoice in invoices) <= 50000


@clinic.policy("Slots of an hour are kept for urgent cases of the waiting list.", on=[book_from_waiting_list])
def long_slots_for_urgent(waiting_entry: WaitingListEntry, slot: Slot) -> object:
    return slot.minutes < 60 or waiting_entry.urgency == "urgent"


@clinic.policy("A drug is prescribed by the patient's own doctor or by a specialist on referral.", on=[prescribe])
def who_prescribes(patient: Patient, doctor: Doctor) -> object:
    return doctor == patient.doctor or doctor.department.by_referral
