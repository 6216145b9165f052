"""The executive assistant's suite of a company: calendars, meetings, rooms, equipment, absence, mail."""

from envgym.environments.tool_world.domains.calendar_mail import generated as generated
from envgym.environments.tool_world.domains.calendar_mail import rules as rules
from envgym.environments.tool_world.domains.calendar_mail import steps as steps
from envgym.environments.tool_world.domains.calendar_mail.rows import desk as desk
