"""A rubric: items with weights, of which a reply meets some.

Pitfalls are faults: their weight counts against the reply, whichever sign it is written with.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from envgym.errors import UsageError


class RubricItem(BaseModel):
    """One thing that a reply should have, or, as a pitfall, should not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=80, description="Its name among the parts of a verdict.")
    text: str = Field(min_length=1, description="What the judge looks for in the reply.")
    weight: float = Field(1.0, allow_inf_nan=False, description="Of a pitfall, either sign; of others, positive.")
    kind: Literal["essential", "important", "optional", "pitfall"] = Field(
        "important", description="A missing essential item caps the score; a pitfall is a fault."
    )


@dataclass(frozen=True, slots=True)
class Rubric:
    """Items with distinct ids, at least one of them no pitfall."""

    items: tuple[RubricItem, ...]

    def shown(self) -> str:
        """The items as the judge reads them: without weights and kinds, which would invite it to aim at a score."""
        return "\n".join(f"[{item.id}] {item.text}" for item in self.items)

    def share(self, met: Mapping[str, bool]) -> float:
        """Weights of the items met over all positive weights, clipped to [0, 1]; pitfalls that are met count against it."""
        positive = [abs(item.weight) for item in self.items if item.kind != "pitfall"]
        gained = [-abs(item.weight) if item.kind == "pitfall" else item.weight for item in self.items if met[item.id]]
        return min(1.0, max(0.0, math.fsum(gained) / math.fsum(positive)))


def read_rubric(items: Sequence[Mapping[str, Any] | RubricItem]) -> Rubric:
    """The checked rubric. Raises UsageError that names the item."""
    read: list[RubricItem] = []
    for number, item in enumerate(items):
        try:
            read.append(RubricItem.model_validate(item))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"item {number} of the rubric: {where or 'item'}: {first['msg']}") from None
    wrong = [item.id for item in read if item.weight == 0 or (item.weight < 0 and item.kind != "pitfall")]
    if wrong:
        raise UsageError(f"item {wrong[0]!r} has no positive weight; give it one, or make it a pitfall")
    if len({item.id for item in read}) != len(read):
        raise UsageError("two items of the rubric have the same id; ids must differ")
    if all(item.kind == "pitfall" for item in read):
        raise UsageError("the rubric has no item that can be gained; add one that is no pitfall")
    return Rubric(tuple(read))
