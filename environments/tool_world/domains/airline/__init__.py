"""Customer desk of an airline that flies from one hub: reservations, fares, seats, bags, disruptions, claims, miles."""

from envgym.environments.tool_world.domains.airline import rules
from envgym.environments.tool_world.domains.airline.rows import air

__all__ = ["air", "rules"]
