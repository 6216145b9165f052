"""What an agent did, as far as the soft policies go: who was looked up, what was confirmed and changed, and which rules that broke."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.policies import Policy
from envgym.environments.tool_world.tools import WorldTool
from envgym.environments.tool_world.transaction import Tx
from envgym.environments.tool_world.world import World


@dataclass(slots=True)
class Trace:
    """The history of one episode. `breaches` are names of policies, in the order in which they were broken."""

    looked_up: set[str] = field(default_factory=set)
    """Reading tools that found something."""
    confirmed: set[str] = field(default_factory=set)
    """Operations that the user has said yes to."""
    done: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Operations that succeeded, with the ids of their rows by argument."""
    breaches: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Changes that were carried out, as tool and arguments."""

    def copy(self) -> "Trace":
        return Trace(set(self.looked_up), set(self.confirmed), list(self.done), list(self.breaches), list(self.calls))

    def before(self, domain: Domain, world: World, tool: WorldTool, values: Mapping[str, Any]) -> list[str]:
        """The policies that a change with these arguments would break now; `values` are those of an operation, rows included."""
        name = tool.operation.name if tool.operation is not None else tool.name
        return [
            policy.name
            for policy in domain.policies.values()
            if (not policy.on or name in policy.on) and self._broken(policy, name, values, world)
        ]

    def after(self, tool: WorldTool, rows: dict[str, str]) -> None:
        """Notes a call that succeeded."""
        if tool.operation is not None and tool.effect == "changes":
            self.done.append((tool.operation.name, rows))
        elif tool.effect == "reads":
            self.looked_up.add(tool.name)

    def at_end(self, domain: Domain) -> list[str]:
        """All broken policies, those included that ask for something to follow."""
        missing = []
        for policy in domain.policies.values():
            if policy.kind != "together":
                continue
            names = [name for name, _ in self.done]
            last = max((at for at, name in enumerate(names) if name in policy.on), default=-1)
            if last >= 0 and policy.then not in names[last:]:
                missing.append(policy.name)
        return [*self.breaches, *missing]

    def _broken(self, policy: Policy, name: str, values: Mapping[str, Any], world: World) -> bool:
        if policy.kind == "identify":
            return not self.looked_up & set(policy.tools)
        if policy.kind == "confirm":
            return name not in self.confirmed
        if policy.kind == "at_most":
            row = values.get(policy.per)
            same = [
                each
                for each, rows in self.done
                if each in policy.on and rows.get(policy.per) == getattr(row, "id", None)
            ]
            return len(same) >= policy.count
        if policy.kind == "argument":
            return not kept(policy, values, Tx(world))
        return False


def kept(policy: Policy, values: Mapping[str, Any], tx: Tx) -> bool:
    """Whether the arguments of an operation keep an argument policy. One that cannot be told, such as whether a date that is not set is
    long past, is not kept: where the operation refuses such rows, as it should, nobody asks.
    """
    assert policy.function is not None
    wanted = policy.function.__code__.co_varnames[: policy.function.__code__.co_argcount]
    try:
        return bool(policy.function(**{name: tx if name == "tx" else values.get(name) for name in wanted}))
    except (TypeError, AttributeError):
        return False


def rows_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the rows among the arguments."""
    return {name: value.id for name, value in values.items() if hasattr(value, "_table")}
