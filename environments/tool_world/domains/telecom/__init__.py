"""Customer care of a mobile network operator: plans, SIMs, bills, roaming, number porting, and phones that do not work."""

from envgym.environments.tool_world.domains.telecom import rules
from envgym.environments.tool_world.domains.telecom.rows import telecom

__all__ = ["rules", "telecom"]
