"""What makes generated rows of the clinic agree: nobody takes what they must not, slots are booked once, results fit their tests."""

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.clinic.rows import (
    AREAS,
    CLASHES,
    FORMULARY,
    ORIGINATOR,
    PANELS,
    Appointment,
    Claim,
    Department,
    Drug,
    Interaction,
    Invoice,
    LabOrder,
    Patient,
    Prescription,
    Referral,
    clinic,
)
from envgym.environments.tool_world.transaction import Tx


@clinic.fill(Department)
def _department(tx: Tx, department: Department) -> None:
    if department.name == AREAS[0]:
        department.by_referral = False


@clinic.fill(Patient)
def _patient(tx: Tx, patient: Patient) -> None:
    if patient.missed > 4:
        patient.missed %= 5
    patient.deductible_left = min(patient.deductible_left, patient.plan.deductible)
    barred = {allergy.substance for allergy in patient.allergies}
    for prescription in patient.prescriptions:
        if prescription.status == "active":
            _prescribe_another(tx, prescription, barred)
            barred |= not_with(prescription.drug.family)


def _prescribe_another(tx: Tx, prescription: Prescription, barred: set[str]) -> None:
    """Where a patient must not take what is prescribed, it is another drug, or stopped where there is none."""
    if prescription.drug.family not in barred:
        return
    fitting = [drug for drug in tx.all(Drug, controlled=False) if drug.family not in barred]
    if fitting:
        prescription.drug = fitting[int(prescription.id[-2:]) % len(fitting)]
        prescription.label = prescription.drug.name
    else:
        prescription.status = "stopped"


def not_with(family: str) -> set[str]:
    """The families of drugs that are not taken together with one of this family, itself among them."""
    pairs = [pair.split(" and ") for pair in CLASHES]
    return {family, *(other for pair in pairs if family in pair for other in pair)}


@clinic.fill(Drug)
def _drug(tx: Tx, drug: Drug) -> None:
    drug.substance, _, maker = drug.name.rpartition(" ")
    drug.generic = maker != ORIGINATOR
    drug.family = next(family for family, names in FORMULARY.items() if drug.substance in names)
    drug.controlled = drug.family in ("opioid", "benzodiazepine")


@clinic.fill(Interaction)
def _interaction(tx: Tx, interaction: Interaction) -> None:
    interaction.family, interaction.other = interaction.pair.split(" and ")
    interaction.effect = CLASHES[interaction.pair]


@clinic.fill(Prescription)
def _prescription(tx: Tx, prescription: Prescription) -> None:
    prescription.label = prescription.drug.name
    if prescription.status == "used_up":
        prescription.refills_left = 0


@clinic.fill(Appointment)
def _appointment(tx: Tx, appointment: Appointment) -> None:
    slot = appointment.slot
    if appointment.status in ("completed", "no_show") and slot.starts_at > tx.now:
        slot.starts_at = shifted(slot.starts_at, -28)
    if appointment.status == "checked_in":
        slot.starts_at = tx.today + slot.starts_at[10:]
    appointment.starts_at = slot.starts_at
    if appointment.status != "cancelled":
        slot.free = False
        for other in slot.appointments:
            if other != appointment and other.status != "cancelled":
                other.status = "cancelled"


@clinic.fill(Referral)
def _referral(tx: Tx, referral: Referral) -> None:
    if referral.status == "used_up":
        referral.visits_left = 0
    elif referral.visits_left == 0:
        referral.visits_left = 1


@clinic.fill(LabOrder)
def _lab_order(tx: Tx, order: LabOrder) -> None:
    reported = order.status in ("resulted", "reviewed")
    for number, result in enumerate(order.results):
        test, low, high = PANELS[order.panel][number % 3]
        if reported and result.value is None:
            spread = high - low
            result.value = high + 1 + spread // 4 if result.abnormal else low + int(result.id[-2:]) % spread
        result.test, result.low, result.high = test, low, high
        result.abnormal = result.value is not None and not low <= result.value <= high
        if order.status in ("ordered", "cancelled"):
            result.value = None


@clinic.fill(Invoice)
def _invoice(tx: Tx, invoice: Invoice) -> None:
    if invoice.status == "paid" and invoice.method is None:
        invoice.method = "card"
    if invoice.status != "paid":
        invoice.method = None
    if invoice.status == "claimed" and not invoice.claims:
        invoice.status = "open"


@clinic.fill(Claim)
def _claim(tx: Tx, claim: Claim) -> None:
    claim.plan = claim.invoice.patient.plan
    claim.amount = claim.invoice.amount
    claim.submitted_on = max(claim.submitted_on, claim.invoice.issued_on)
    if claim.invoice.kind not in ("visit", "laboratory"):
        claim.invoice.kind = "visit"
    if claim.status == "submitted":
        claim.invoice.status = "claimed"
    elif claim.invoice.status == "claimed" and all(other.status != "submitted" for other in claim.invoice.claims):
        claim.invoice.status = "open"
    if claim.status == "approved" and claim.invoice.covered == 0:
        claim.invoice.covered = max(claim.amount * claim.plan.coverage // 100 - claim.plan.copay, 0)
