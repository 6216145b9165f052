"""Telephone banking of a retail bank: payments, standing orders, cards, disputes, fraud, loans with instalments, fees, limits and holds."""

from envgym.environments.tool_world.domains.bank import rules
from envgym.environments.tool_world.domains.bank.rows import bank

__all__ = ["bank", "rules"]
