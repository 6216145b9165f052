"""Invoices, what insurance plans pay of them, and what is left to the patient."""

from typing import Literal

from envgym.environments.tool_world.domains.clinic.rows import Appointment, Claim, Invoice, Patient, Plan, clinic
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.transaction import Tx

TARIFF = {"check_up": 14000, "follow_up": 9000, "new_complaint": 17500, "vaccination": 6500, "procedure": 42000}


@clinic.op(
    say=phrases("""
        bill {appointment} | write the invoice for {appointment} | charge for {appointment}
        | issue the bill of {appointment}, it is still missing | make out an invoice for {appointment}
        | send the bill of {appointment} out"""),
)
def bill_visit(tx: Tx, appointment: Appointment) -> None:
    """Issues the invoice for a visit that has begun, at the tariff of its reason."""
    tx.require(appointment.status in ("checked_in", "completed"), "only visits that have begun are billed")
    tx.require(not appointment.billed, "a visit is billed once")
    tx.new(Invoice, patient=appointment.patient, kind="visit", amount=TARIFF[appointment.reason])
    appointment.billed = True


def _answered(tx: Tx, invoice: Invoice) -> None:
    for claim in invoice.claims:
        claim.status = "denied"
    invoice.covered = 0


def _all_answered(tx: Tx, invoices: list[Invoice]) -> None:
    for invoice in invoices:
        _answered(tx, invoice)


def _unclaimed(tx: Tx, invoice: Invoice) -> None:
    for claim in invoice.claims:
        tx.delete(claim)
    invoice.covered = 0


def _no_claims(tx: Tx, patient: Patient) -> None:
    _all_answered(tx, patient.invoices)


@clinic.op(
    say=phrases("""
        submit {invoice} to the insurance | claim {invoice} from the plan | send {invoice} to my insurer
        | the plan should pay for {invoice}, so file a claim | file {invoice} with the insurance
        | let the insurer cover {invoice}"""),
    setup=_unclaimed,
)
def submit_claim(tx: Tx, invoice: Invoice) -> None:
    """Claims an open invoice from the patient's plan, once: a denial is appealed. Fees for late or missed visits are never covered."""
    tx.require(invoice.status == "open", "only open invoices can be claimed")
    tx.require(invoice.kind in ("visit", "laboratory"), "fees for late or missed visits are not covered")
    tx.require(not invoice.claims, "an invoice is claimed once")
    tx.require(invoice.issued_on >= tx.days(-90), "claims have to be filed within 90 days")
    tx.new(Claim, invoice=invoice, plan=invoice.patient.plan, amount=invoice.amount)
    invoice.status = "claimed"


@clinic.op(
    say=phrases("""
        record that {claim} was {outcome} | the insurer has answered, so book {claim} as {outcome}
        | mark {claim} as {outcome} | close {claim}: {outcome} | enter the decision on {claim}, it is {outcome}
        | put {outcome} down as the answer to {claim}"""),
)
def decide_claim(tx: Tx, claim: Claim, outcome: Literal["approved", "denied"]) -> None:
    """Books a plan's answer. Approved: the deductible that is left is used up first, the plan pays its share of the rest less
    the copay; what remains is open."""
    invoice = claim.invoice
    patient = invoice.patient
    tx.require(claim.status == "submitted", "only submitted claims can be decided")
    tx.require(invoice.status == "claimed", "the invoice has to be with the plan")
    if outcome == "approved":
        own = min(patient.deductible_left, claim.amount)
        patient.deductible_left -= own
        invoice.covered = max((claim.amount - own) * claim.plan.coverage // 100 - claim.plan.copay, 0)
    invoice.status = "open"
    claim.status = outcome


@clinic.op(
    say=phrases("""
        appeal {claim} | contest the denial of {claim} | file {claim} again | the insurer is wrong about {claim}, appeal
        | fight the denial of {claim} and resubmit it | take {claim} to a second review"""),
)
def appeal_claim(tx: Tx, claim: Claim) -> None:
    """Submits a denied claim again within 60 days; its invoice is not due until the plan answers."""
    tx.require(claim.status == "denied", "only denied claims can be appealed")
    tx.require(claim.submitted_on >= tx.days(-60), "an appeal has to be filed within 60 days")
    tx.require(claim.invoice.status == "open", "the invoice has to be open")
    claim.status = "submitted"
    claim.submitted_on = tx.today
    claim.invoice.status = "claimed"


@clinic.op(
    say=phrases("""
        pay {invoices} by {method} | settle {invoices}, I pay by {method} | take my {method} payment for {invoices}
        | record that {invoices} have been paid by {method} | book a {method} payment for {invoices}
        | clear {invoices} with {method}"""),
    setup=_all_answered,
)
def pay_invoices(tx: Tx, invoices: list[Invoice], method: Literal["card", "cash", "transfer"]) -> None:
    """Takes the payment of what is left of several open invoices of one patient."""
    patient = invoices[0].patient
    for invoice in invoices:
        tx.require(invoice.patient == patient, "all invoices have to be of one patient")
        tx.require(invoice.status == "open", "only open invoices can be paid")
    for invoice in invoices:
        invoice.method = method
        invoice.status = "paid"


@clinic.op(
    say=phrases("""
        insure {patient} with {plan} from now on | put {patient} on {plan}
        | register {plan} as the new insurance for {patient} | let {plan} cover {patient} from today
        | move {patient} over to {plan} | enrol {patient} in {plan}"""),
    setup=_no_claims,
)
def change_plan(tx: Tx, patient: Patient, plan: Plan) -> None:
    """Puts a patient on another plan, with the whole deductible of that plan, once no claim is with the old one."""
    tx.require(patient.plan != plan, "the patient is on that plan already")
    for invoice in patient.invoices:
        tx.require(invoice.status != "claimed", "no invoice may be with the old plan")
    patient.plan = plan
    patient.deductible_left = plan.deductible
