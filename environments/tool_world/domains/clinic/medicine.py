"""Prescriptions with their refills, allergies and interactions; lab orders and their results."""

from typing import Literal

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domains.clinic.rows import (
    MAKERS,
    ORIGINATOR,
    PANELS,
    Doctor,
    Drug,
    Interaction,
    LabOrder,
    LabResult,
    Patient,
    Prescription,
    WaitingListEntry,
    clinic,
)
from envgym.environments.tool_world.fields import integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    clinic,
    Prescription,
    """
    stop_prescription | status | active > stopped
    | stop {prescription} | end {prescription}, it is no longer needed | discontinue {prescription}
    """,
)
move_table(
    clinic,
    LabOrder,
    """
    collect_sample | status | ordered > collected
    | the sample for {lab_order} has been taken | mark {lab_order} as collected | note that the blood for {lab_order} is drawn
    cancel_lab_order | status | ordered > cancelled
    | cancel {lab_order} | drop {lab_order}, it is not needed any more | call {lab_order} off
    """,
)


def _clashing(tx: Tx, patient: Patient, drug: Drug) -> list[Prescription]:
    """Prescriptions that the patient takes and that do not go with the drug, those of its own family among them."""
    others = [rule.other for rule in tx.all(Interaction, family=drug.family)]
    others += [rule.family for rule in tx.all(Interaction, other=drug.family)] + [drug.family]
    return [each for each in patient.prescriptions if each.status == "active" and each.drug.family in others]


def _compatible(tx: Tx, patient: Patient, drug: Drug) -> None:
    for prescription in _clashing(tx, patient, drug):
        prescription.status = "stopped"


def _generic_of_same(tx: Tx, prescription: Prescription, drug: Drug) -> None:
    old = prescription.drug
    names = [f"{old.substance} {maker}" for maker in MAKERS if maker != ORIGINATOR]
    drug.name = next((name for name in names if not tx.all(Drug, name=name)), drug.name)
    drug.substance, drug.family, drug.controlled, drug.generic = old.substance, old.family, old.controlled, True


def _not_controlled(tx: Tx, prescription: Prescription) -> None:
    if prescription.drug.controlled:
        prescription.drug = tx.all(Drug, controlled=False)[0]


@clinic.op(
    say=phrases("""
        tell me whether {drug} is safe for {patient} | check {drug} against everything else prescribed for {patient}
        | let me know if {drug} is all right for {patient}
        | find out whether anything speaks against {drug} for {patient}
        | look up whether {drug} clashes with anything for {patient} and say if it is fine
        | check whether I could give {patient} {drug}"""),
)
def check_drug(tx: Tx, patient: Patient, drug: Drug) -> bool:
    """Whether a patient may take a drug: no allergy to its family, no active prescription of that family or one that clashes with it."""
    allergic = [each for each in patient.allergies if each.substance == drug.family]
    return not allergic and not _clashing(tx, patient, drug)


@clinic.op(
    say=phrases("""
        prescribe {drug} to {patient} for {days_supply} days with {refills} refills, signed by {doctor}
        | write {patient} a prescription by {doctor} for {days_supply} days of {drug}, {refills} refills
        | put {patient} on {drug} for {days_supply} days and {refills} refills, as {doctor} has ordered
        | start {drug} for {patient} on behalf of {doctor}; {days_supply} days at a time, {refills} refills
        | enter a new prescription for {patient}: {drug}, {days_supply} days, {refills} refills, ordered by {doctor}
        | have {doctor} prescribe {days_supply} days of {drug} for {patient}, with {refills} refills"""),
    takes={"days_supply": integer(30, 90, step=30), "refills": integer(0, 6, step=2)},
    setup=_compatible,
)
def prescribe(tx: Tx, patient: Patient, doctor: Doctor, drug: Drug, days_supply: int, refills: int) -> None:
    """Prescribes a drug for a year, unless the patient is allergic to its family, takes another of the family or something
    that clashes with it."""
    for allergy in patient.allergies:
        tx.require(allergy.substance != drug.family, "the patient must not be allergic to the family of the drug")
    for current in patient.prescriptions:
        tx.require(
            current.status != "active" or current.drug.family != drug.family,
            "the patient must not take another drug of the same family",
        )
    for rule in tx.all(Interaction, family=drug.family):
        for current in patient.prescriptions:
            tx.require(
                current.status != "active" or current.drug.family != rule.other,
                "the patient must not take anything that clashes with the drug",
            )
    for rule in tx.all(Interaction, other=drug.family):
        for current in patient.prescriptions:
            tx.require(
                current.status != "active" or current.drug.family != rule.family,
                "the patient must not take anything that clashes with the drug",
            )
    tx.new(
        Prescription,
        patient=patient,
        drug=drug,
        doctor=doctor,
        label=drug.name,
        days_supply=days_supply,
        refills_left=refills,
        next_fill_on=tx.days(days_supply),
        valid_until=tx.days(365),
    )


@clinic.op(
    say=phrases("""
        refill {prescriptions} | fill {prescriptions} again | I am running out, so refill {prescriptions}
        | send the pharmacy a refill of {prescriptions} | get me the next supply on {prescriptions}
        | order another round of {prescriptions}"""),
)
def refill_prescriptions(tx: Tx, prescriptions: list[Prescription]) -> None:
    """Refills prescriptions of one patient, from five days before they run out. The last refill uses a prescription up."""
    patient = prescriptions[0].patient
    for prescription in prescriptions:
        tx.require(prescription.patient == patient, "all prescriptions have to be of one patient")
        tx.require(prescription.status == "active", "only active prescriptions can be refilled")
        tx.require(prescription.refills_left > 0, "the prescription has to have a refill left")
        tx.require(prescription.next_fill_on <= tx.days(5), "it is too early for a refill")
        tx.require(prescription.valid_until >= tx.today, "the prescription must not have run out")
    for prescription in prescriptions:
        prescription.refills_left -= 1
        prescription.next_fill_on = shifted(max(prescription.next_fill_on, tx.today), prescription.days_supply)
        if prescription.refills_left == 0:
            prescription.status = "used_up"


@clinic.op(
    say=phrases("""
        renew {prescription} with {refills} more refills | add {refills} refills to {prescription}, it is used up
        | extend {prescription} by {refills} refills | let {prescription} run on for {refills} refills
        | give {prescription} another {refills} refills | reactivate {prescription} and allow {refills} refills"""),
    takes={"refills": integer(2, 6)},
    setup=_not_controlled,
)
def renew_prescription(tx: Tx, prescription: Prescription, refills: int) -> None:
    """Gives a prescription that is used up new refills and another year."""
    tx.require(prescription.status == "used_up", "only prescriptions that are used up are renewed")
    tx.require(not prescription.drug.controlled, "controlled drugs are prescribed anew, never renewed")
    prescription.refills_left = refills
    prescription.valid_until = tx.days(365)
    prescription.status = "active"


@clinic.op(
    say=phrases("""
        switch {prescription} to {drug} | replace the drug of {prescription} by {drug}
        | change {prescription} over to {drug} | dispense {drug} on {prescription} instead
        | put {drug} on {prescription}, it does the same for less | substitute {drug} in {prescription}"""),
    setup=_generic_of_same,
)
def substitute_drug(tx: Tx, prescription: Prescription, drug: Drug) -> None:
    """Puts a generic of the same substance and strength in the place of what an active prescription is for."""
    tx.require(prescription.status == "active", "only active prescriptions can be changed")
    tx.require(drug != prescription.drug, "the prescription is for that drug already")
    tx.require(
        drug.substance == prescription.drug.substance, "a substitute has to be of the same substance and strength"
    )
    tx.require(drug.generic, "a substitute has to be a generic")
    prescription.drug = drug
    prescription.label = drug.name


@clinic.op(
    say=phrases("""
        order the {panel} for {patient}, asked for by {doctor}
        | have {patient} tested for the {panel}, {doctor} wants it
        | request the {panel} on {patient} in the name of {doctor}
        | send {patient} to the lab for the {panel}, {doctor} signs
        | draw the {panel} from {patient} for {doctor}
        | put in a lab order by {doctor} for {patient}, the {panel}"""),
)
def order_lab(
    tx: Tx,
    patient: Patient,
    doctor: Doctor,
    panel: Literal["lipid_panel", "metabolic_panel", "liver_panel", "iron_panel", "blood_count"],
) -> None:
    """Orders a panel of tests, with a line for the result of each. A panel that is still at the laboratory is not ordered again."""
    for order in patient.lab_orders:
        tx.require(
            order.panel != panel or order.status not in ("ordered", "collected"),
            "the same panel must not be under way already",
        )
    made = tx.new(
        LabOrder, patient=patient, doctor=doctor, panel=panel, fasting=panel in ("lipid_panel", "metabolic_panel")
    )
    for test, low, high in PANELS[panel]:
        tx.new(LabResult, lab_order=made, test=test, low=low, high=high)


def _plausible(tx: Tx, lab_result: LabResult, value: int) -> None:
    order = lab_result.lab_order
    place = order.results.index(lab_result) % 3
    ranges = {panel: tests[place] for panel, tests in PANELS.items()}
    fitting = [panel for panel, (_, low, high) in ranges.items() if low * 2 // 3 <= value <= high * 3 // 2]
    order.panel = (
        fitting[value % len(fitting)] if fitting else min(ranges, key=lambda panel: abs(ranges[panel][2] - value))
    )


@clinic.op(
    say=phrases("""
        enter {value} for {lab_result} | record {value} as {lab_result} | put {value} into {lab_result}
        | the lab reports {value} for {lab_result} | fill in {lab_result} with {value}
        | note {lab_result}: it is {value}"""),
    takes={"value": integer(20, 300)},
    setup=_plausible,
)
def record_result(tx: Tx, lab_result: LabResult, value: int) -> None:
    """Enters a value that the laboratory reports. When all tests of the order have one, the order is complete."""
    tx.require(lab_result.lab_order.status == "collected", "the sample of the order has to be collected")
    tx.require(lab_result.value is None, "a value is entered once")
    lab_result.value = value
    lab_result.abnormal = value < lab_result.low or value > lab_result.high
    missing = [each for each in lab_result.lab_order.results if each.value is None]
    if not missing:
        lab_result.lab_order.status = "resulted"


@clinic.op(
    say=phrases("""
        sign off {lab_order} | the doctor has looked at {lab_order}, close it | mark {lab_order} as reviewed
        | mark {lab_order} as seen by the doctor | finish {lab_order} on the doctor's behalf
        | complete the review of {lab_order}"""),
)
def sign_off_lab_order(tx: Tx, lab_order: LabOrder) -> None:
    """Closes a complete lab order. With an abnormal result the patient is put on the doctor's waiting list: two or more make it urgent."""
    tx.require(lab_order.status == "resulted", "all results of the order have to be in")
    abnormal = [each for each in lab_order.results if each.abnormal]
    if abnormal:
        urgency = "urgent" if len(abnormal) > 1 else "soon"
        tx.new(WaitingListEntry, patient=lab_order.patient, department=lab_order.doctor.department, urgency=urgency)
    lab_order.status = "reviewed"
