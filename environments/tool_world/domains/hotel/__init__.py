"""Front office of a small hotel group: bookings, stays, folios, housekeeping, groups, loyalty, amenities."""

from envgym.environments.tool_world.domains.hotel import fills, house, rules
from envgym.environments.tool_world.domains.hotel.rows import hotel

__all__ = ["fills", "hotel", "house", "rules"]
