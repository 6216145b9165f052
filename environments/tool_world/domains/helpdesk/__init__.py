"""The IT service desk of a company: tickets and their deadlines, accounts, access, software seats, computers, joiners and leavers."""

from envgym.environments.tool_world.domains.helpdesk import rules
from envgym.environments.tool_world.domains.helpdesk.rows import helpdesk

__all__ = ["helpdesk", "rules"]
