"""Customer service of a web shop: orders, returns, exchanges, refunds, loyalty points, tickets."""

from envgym.environments.tool_world.domains.retail import rules
from envgym.environments.tool_world.domains.retail.rows import shop

__all__ = ["rules", "shop"]
