"""Rows of an outpatient clinic: departments and doctors, patients and their cover, visits, medicines, laboratory, money.

Drugs, the families that clash and the reference ranges of the laboratory are real enough for a nurse, and no guide to treatment.
"""

from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    cents,
    choice,
    city,
    code,
    date,
    email,
    flag,
    full_name,
    integer,
    moment,
    phone,
    ref,
    states,
    words,
)

SIZES = ("smallest", "largest")
AREAS = (
    "Family Medicine",
    "Cardiology",
    "Dermatology",
    "Neurology",
    "Orthopedics",
    "Endocrinology",
    "Gastroenterology",
    "Pulmonology",
    "Rheumatology",
    "Urology",
)
FORMULARY = {
    "penicillin": ("Amoxicillin 250 mg", "Amoxicillin 500 mg", "Ampicillin 500 mg", "Penicillin V 250 mg"),
    "sulfonamide": ("Sulfadiazine 500 mg", "Sulfamethoxazole 400 mg"),
    "nsaid": ("Ibuprofen 400 mg", "Ibuprofen 600 mg", "Naproxen 250 mg", "Naproxen 500 mg", "Diclofenac 50 mg"),
    "anticoagulant": ("Warfarin 2 mg", "Warfarin 5 mg", "Apixaban 5 mg", "Rivaroxaban 20 mg"),
    "statin": (
        "Simvastatin 20 mg",
        "Simvastatin 40 mg",
        "Atorvastatin 10 mg",
        "Atorvastatin 40 mg",
        "Rosuvastatin 10 mg",
    ),
    "macrolide": ("Clarithromycin 500 mg", "Azithromycin 250 mg", "Erythromycin 250 mg"),
    "ssri": ("Sertraline 50 mg", "Sertraline 100 mg", "Escitalopram 10 mg", "Fluoxetine 20 mg"),
    "opioid": ("Tramadol 50 mg", "Oxycodone 5 mg", "Codeine 30 mg"),
    "benzodiazepine": ("Lorazepam 1 mg", "Diazepam 5 mg"),
    "ace_inhibitor": ("Lisinopril 10 mg", "Lisinopril 20 mg", "Ramipril 5 mg", "Enalapril 10 mg"),
    "sulfonylurea": ("Glipizide 5 mg", "Glimepiride 2 mg"),
}
ORIGINATOR = "Halden"
MAKERS = (ORIGINATOR, "Norvia", "Teklo", "Ambros")
"""Who makes the drugs; all but the originator make generics."""
CLASHES = {
    "anticoagulant and nsaid": "bleeding",
    "anticoagulant and macrolide": "bleeding",
    "ssri and nsaid": "bleeding",
    "statin and macrolide": "muscle_damage",
    "opioid and benzodiazepine": "sedation",
    "ssri and opioid": "serotonin_syndrome",
    "ace_inhibitor and nsaid": "kidney_damage",
    "sulfonylurea and sulfonamide": "low_blood_sugar",
}
PANELS = {
    "lipid_panel": (("total cholesterol", 125, 200), ("HDL", 40, 80), ("triglycerides", 50, 150)),
    "metabolic_panel": (("glucose", 70, 99), ("sodium", 135, 145), ("chloride", 98, 107)),
    "liver_panel": (("ALT", 7, 55), ("AST", 8, 48), ("alkaline phosphatase", 40, 129)),
    "iron_panel": (("ferritin", 24, 336), ("serum iron", 60, 170), ("transferrin", 200, 360)),
    "blood_count": (("platelets", 150, 400), ("hematocrit", 36, 48), ("MCV", 80, 100)),
}

clinic = Domain(
    "clinic",
    role="a care coordinator at the front desk of an outpatient clinic, for patients and for the doctors",
    now="2026-02-10 08:20",
    style=Style(
        get="view_{noun}",
        find="locate_{noun}_by_{keys}",
        list="{children}_of_{parent}",
        search="browse_{nouns}",
        edit="change_{noun}_{field}",
        create="record_{noun}",
        delete="strike_{noun}",
        error="status",
        page=6,
    ),
)


@clinic.entity("DEP-?#", find=["name"], rows=6)
class Department(Entity):
    """A specialty of the clinic. Some see patients on referral only."""

    name = words(AREAS, unique=True)
    floor = integer(1, 5)
    phone = phone(edit=True)
    by_referral = flag(0.4, search=True)


@clinic.entity("RM-**", find=["number"], rows=10)
class Room(Entity):
    """A room that patients are seen in."""

    department = ref(Department, many="rooms", search=True)
    number = code("?-###")
    kind = choice("exam", "procedure", "imaging", search=True)
    wheelchair = flag(0.6, edit=True, search=True)
    status = states("in_service > out_of_service > in_service", mostly="in_service", search=True)


@clinic.entity("DR-####", find=["name"], rows=9)
class Doctor(Entity):
    """A doctor. `places_left` is how many patients may still choose the doctor as their own."""

    name = full_name(unique=True)
    department = ref(Department, many="doctors", search=True)
    extension = integer(200, 899, edit=True)
    language = choice("English", "Spanish", "French", "Arabic", search=True, says="who speaks {value}")
    accepting = flag(0.8, search=True)
    places_left = integer(0, 400)


@clinic.entity("PLN-***", find=["name"], rows=5)
class Plan(Entity):
    """An insurance plan. When the deductible of the year is used up it pays `coverage` percent of the rest, less the `copay`."""

    name = words(
        ("Evergreen", "Summit", "Bluebird", "Keystone", "Lakeshore"), ("HMO", "PPO", "Select", "Basic"), unique=True
    )
    coverage = integer(60, 100, step=10, search=True)
    copay = cents(1000, 4000, step=500, extremes=None)
    deductible = cents(25000, 150000, step=12500, extremes=None)
    hotline = phone(edit=True)


@clinic.entity("PT-******", find=["record_number", "name, born_on"], rows=14)
class Patient(Entity):
    """A patient. `missed` counts the appointments that they did not come to."""

    record_number = code("MRN######")
    name = full_name()
    born_on = date(-31000, -900, says="born on {value}", extremes=("oldest", "youngest"))
    email = email(unique=True, edit=True)
    phone = phone(edit=True)
    city = city(edit=True)
    doctor = ref(Doctor, many="patients")
    plan = ref(Plan, many="members", search=True)
    deductible_left = cents(0, 90000, extremes=None)
    missed = integer(0, 20)
    reminders = choice("sms", "email", "none", edit=True, search=True)


@clinic.entity("ALG-####", create=True, delete=True)
class Allergy(Entity):
    """A family of drugs that a patient does not tolerate."""

    patient = ref(Patient, many="allergies", per=(0, 2), inline=True)
    substance = choice(*FORMULARY, says="to {value}")
    severity = choice("mild", "moderate", "severe", edit=True)
    noted_on = date(-2000, -1, default="today")


@clinic.entity("NDC-#####", find=["name"], rows=14)
class Drug(Entity):
    """A drug of the formulary in one strength, as one maker sells it."""

    name = words([name for names in FORMULARY.values() for name in names], MAKERS, unique=True)
    substance = words(("unnamed",), search=True, says="made of {value}")
    family = choice(*FORMULARY, search=True)
    controlled = flag(0.0, search=True)
    generic = flag(0.7, search=True)


@clinic.entity("DDI-##", find=["family"], rows=6)
class Interaction(Entity):
    """Two families of drugs that must not be taken together, whichever of them comes first."""

    pair = words(tuple(CLASHES), unique=True)
    family = choice(*FORMULARY, search=True)
    other = choice(*FORMULARY, search=True)
    effect = choice(*sorted(set(CLASHES.values())))


@clinic.entity("RX#######", known=True)
class Prescription(Entity):
    """A drug that a patient takes; `label` is its name. The pharmacy may fill it again from `next_fill_on`, `refills_left` times."""

    patient = ref(Patient, many="prescriptions", per=(1, 3))
    drug = ref(Drug, many="prescriptions")
    doctor = ref(Doctor)
    label = words(("unlabelled",), says="for {value}")
    days_supply = integer(30, 90, step=30)
    refills_left = integer(0, 11)
    next_fill_on = date(-15, 40, says="due for a refill on {value}")
    valid_until = date(-20, 300, says="valid until {value}")
    status = states("active > stopped", "active > used_up > active", mostly="active", search=True)


@clinic.entity("SL-######")
class Slot(Entity):
    """Time of a doctor that can be booked."""

    doctor = ref(Doctor, many="slots", per=(5, 8))
    starts_at = moment(1, 24, hours=(8, 17), workdays=True, says="on {value}", search=True)
    minutes = integer(15, 60, step=15)
    free = flag(0.8, search=True)


@clinic.entity("APT-####-??", known=True)
class Appointment(Entity):
    """A visit of a patient in a slot. `moved` counts how often it was rescheduled."""

    patient = ref(Patient, many="appointments", per=(1, 2))
    slot = ref(Slot, many="appointments")
    room = ref(Room, many="appointments", optional=True)
    starts_at = moment(1, 24, says="on {value}")
    reason = choice("check_up", "follow_up", "new_complaint", "vaccination", "procedure", search=True)
    moved = integer(0, 2)
    billed = flag(0.0)
    status = states(
        "booked > checked_in > completed", "booked > cancelled", "booked > no_show", mostly="booked", search=True
    )


@clinic.entity("WL-#####")
class WaitingListEntry(Entity):
    """A patient's place on the waiting list of a department."""

    patient = ref(Patient, many="waiting_entries", per=(0, 1))
    department = ref(Department, many="waiting_entries", search=True)
    urgency = choice("routine", "soon", "urgent", search=True)
    added_on = date(-60, -1, default="today", says="from {value}", extremes=("oldest", "latest"))
    status = states("waiting > booked", "waiting > withdrawn", mostly="waiting", search=True)


@clinic.entity("REF-#####", known=True)
class Referral(Entity):
    """Leave to see another department, for a number of visits."""

    patient = ref(Patient, many="referrals", per=(0, 1))
    doctor = ref(Doctor, many="referrals")
    department = ref(Department, many="referrals", search=True)
    visits_left = integer(0, 6)
    valid_until = date(-10, 90, says="valid until {value}")
    status = states("requested > approved > used_up", "requested > denied", search=True)


@clinic.entity("LAB-#######", known=True)
class LabOrder(Entity):
    """A panel of tests for a patient, with one result for each test."""

    patient = ref(Patient, many="lab_orders", per=(0, 2))
    doctor = ref(Doctor, many="lab_orders")
    panel = choice(*PANELS, search=True, says="for the {value}")
    fasting = flag(0.4, edit=True)
    ordered_on = date(-30, 0, default="today", says="ordered on {value}")
    status = states("ordered > collected > resulted > reviewed", "ordered > cancelled", search=True)


@clinic.entity("RES-######")
class LabResult(Entity):
    """One test of a lab order with its reference range. It has no value until the laboratory reports it."""

    lab_order = ref(LabOrder, many="results", per=(3, 3), inline=True)
    test = words(("unnamed",), says="for {value}")
    low = integer(0, 900)
    high = integer(0, 900)
    value = integer(0, 900, optional=True)
    abnormal = flag(0.25)


@clinic.entity("INV-######", known=True)
class Invoice(Entity):
    """What a patient is asked to pay: `amount` less what the plan has `covered`."""

    patient = ref(Patient, many="invoices", per=(1, 2))
    kind = choice("visit", "late_cancellation", "missed_visit", "laboratory", mostly="visit", search=True)
    amount = cents(4000, 60000, extremes=SIZES, says="over {value}")
    covered = cents(0, 0, extremes=None, default=0)
    issued_on = date(-80, 0, default="today", says="issued on {value}")
    method = choice("card", "cash", "transfer", optional=True)
    status = states("open > claimed > open", "open > paid", search=True)


@clinic.entity("CLM-******", known=True)
class Claim(Entity):
    """What the clinic asks of a plan for an invoice."""

    invoice = ref(Invoice, many="claims", per=(0, 1))
    plan = ref(Plan, many="claims")
    amount = cents(0, 0, extremes=SIZES)
    submitted_on = date(-40, 0, default="today", says="submitted on {value}")
    status = states("submitted > approved", "submitted > denied > submitted", search=True)
