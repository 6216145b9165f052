"""Many small steps of state machines as a table of text: name | field | step | phrasings, with bars between.

    move_table(shop, Order, '''
        ship_order | status | processed > shipped
        | ship {order} | send {order} out | mark {order} as shipped
    ''')

A line that begins with a bar goes on with the one before.
"""

import re

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.operation import Actor

NEXT_ROW = re.compile(r"\n(?!\s*\|)")


def move_table(domain: Domain, entity: type[Entity], table: str, *, actor: Actor = "agent") -> None:
    """Adds a move of `entity` for each row. Raises UsageError as `Domain.move` does."""
    for row in NEXT_ROW.split(table.strip()):
        name, field, step, *say = (part.strip() for part in row.split("|"))
        domain.move(name, entity, field, step, say=say, actor=actor)
