"""Outpatient clinic: appointments, waiting list, referrals, prescriptions, lab orders, insurance claims and invoices."""

from envgym.environments.tool_world.domains.clinic import generated, rules
from envgym.environments.tool_world.domains.clinic.rows import clinic

__all__ = ["clinic", "generated", "rules"]
