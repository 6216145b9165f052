"""Which operation each item of a set is about first, so that a set covers the operations of its domain evenly.

The operations are laid out in one seeded order per block of as many items; what earlier items of the block were about is drawn less
often for further steps, too. An item follows from (domain, seed, index) alone, so any can be made by itself, anywhere.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.chain import goal
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.operation import Operation
from envgym.task import GeneratedTasks, Task, TaskFields, derive_seed


@dataclass(frozen=True, slots=True)
class Due:
    """The operation that an item is about first, None where any will do; and how often items before it in its block had each."""

    operation: Operation | None = None
    uses: Counter[str] = field(default_factory=Counter)


def due(domain: Domain, seed: int, index: int) -> Due:
    """What item `index` of the set `seed` is about first."""
    names = sorted(name for name, operation in domain.operations.items() if goal(domain, operation))
    block, position = divmod(index, len(names))
    order = Random(derive_seed("operations", domain.name, seed, block)).sample(names, len(names))
    return Due(domain.operations[order[position]], Counter(order[:position]))


class ScheduledTasks(GeneratedTasks):
    """An endless set whose item i is `draw(stream of item i, what is due)`."""

    def __init__(
        self,
        env: str,
        knobs: Mapping[str, Any],
        draw: Callable[[Random, Due], TaskFields],
        *,
        seed: int,
        domain: Domain,
    ) -> None:
        super().__init__(env, knobs, lambda rng: draw(rng, Due()), seed=seed)
        self._draw, self._domain = draw, domain

    def __getitem__(self, index: int, /) -> Task:
        if index < 0:
            return super().__getitem__(index)
        fields = self._draw(Random(self._seeds[index]), due(self._domain, self._seed, index))
        return Task(id=f"{self._seed}-{index}", env=self._env, seed=self._seed, **fields)
