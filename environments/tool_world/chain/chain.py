"""Golden chains: operations of a business in an order in which they can be carried out, on rows laid down for them.

Goal first: operations are drawn, those used before less often; each is laid down on rows of its own, on rows of the chain so far, or
on a row that an earlier one will make (cancel an order, then approve the refund that comes of it). A step stays only where the whole
chain still goes through, tried in the world itself, and keeps the policies that are about arguments and counts.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.lay import UNSET, Arguments, Layer, NotLaid, Place
from envgym.environments.tool_world.chain.person import nearest, person_tools
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.net import Difference, difference
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.policies import Policy
from envgym.environments.tool_world.reading import read_operation, read_policy
from envgym.environments.tool_world.tools import WorldTool, toolbox
from envgym.environments.tool_world.trace import Trace, kept, rows_of
from envgym.environments.tool_world.transaction import Refused
from envgym.environments.tool_world.world import World
from envgym.errors import UsageError

TRIES_PER_STEP = 12
ONE_PERSON = 0.9
SHARES = 0.55
"""How often a step takes a row of the chain so far where it could."""


@dataclass(frozen=True, slots=True)
class Made:
    """A row that step `step` of the chain will make, the first of its table."""

    step: int
    table: str


@dataclass(slots=True)
class ChainStep:
    """An operation and its arguments; a Made stands for a row that is not there yet. `seed` counts the seed chains of a task."""

    operation: Operation
    arguments: Arguments
    seed: int = 0


@dataclass(slots=True)
class Chain:
    """Steps over the world that `layer` lays down."""

    domain: Domain
    layer: Layer
    rng: Random
    steps: list[ChainStep] = field(default_factory=list)
    uses: Counter[str] = field(default_factory=Counter)
    first: Operation | None = None
    """What is tried before anything is drawn."""
    seed: int = 0
    _resting: frozenset[str] | None = None
    """Operations that a further seed chain may use."""

    @property
    def world(self) -> World:
        return self.layer.world

    @property
    def own(self) -> list[ChainStep]:
        """The steps of the seed chain that is being grown."""
        return [step for step in self.steps if step.seed == self.seed]

    def grow(self, count: int) -> None:
        """Adds steps until there are `count`, with what policies want to follow. Raises NotLaid where no operation fits any more."""
        while len(self.own) < count:
            if self.own and not self.layer.populator.preferred and self.rng.random() < ONE_PERSON:
                self._keep_to_one_person()
            if not any(self.add(operation) for operation in self._drawn()):
                if self.own:
                    return
                raise NotLaid(f"no operation of {self.domain.name} can be laid down")

    def sow(self, resting: frozenset[str], count: int) -> bool:
        """Grows a further seed chain of up to `count` of the operations `resting`, on rows of its own; of the same person where customers
        ask, who speak for themselves. Returns whether there is one now.
        """
        if not of_customers(self.domain, self.steps[0].operation):
            self.layer.populator.preferred.clear()
        self.seed, self._resting = self.seed + 1, resting
        try:
            self.grow(count)
        except NotLaid:
            self.seed -= 1
            return False
        finally:
            self._resting = None
        return True

    def drop(self, place: Place) -> bool:
        """Takes the step about `place` out, its rows stay; where others rest on it, or a rule ties it to them, nothing. Returns whether."""
        about = [at for at, step in enumerate(self.steps) if place in places_of([step])]
        made = [value.step for step in self.steps for value in step.arguments.values() if isinstance(value, Made)]
        tied = any(policy.kind == "together" for policy in self.domain.policies.values())
        if tied or len(about) != 1 or len(self.steps) == 1 or any(at >= about[0] for at in made):
            return False
        del self.steps[about[0]]
        return self.fault() is None

    def _keep_to_one_person(self) -> None:
        """Lets the rows of further steps belong to the person of the first."""
        for tool in person_tools(self.domain):
            assert tool.table is not None
            place = nearest(self.world, tool.table, places_of(self.own))
            if place is not None:
                self.layer.populator.preferred[place[0]] = place[1]

    def add(self, operation: Operation, given: Arguments | None = None) -> bool:
        """Adds one operation where it can be. What was laid for one that cannot is taken back."""
        return any(self._added(operation, given) and self._followed(operation) for _ in range(2))

    def _added(self, operation: Operation, given: Arguments | None) -> bool:
        world = self.world
        world.execute("SAVEPOINT step")
        before, inserted = list(self.steps), world.inserted
        stays = False
        try:
            arguments = {**self._shared(operation), **(given or {})}
            if any(isinstance(value, Made) for value in arguments.values()):
                laid = self._beside(operation, arguments)
            else:
                laid = self.layer.lay(operation, arguments)
                self.comply(operation, laid)
            self.steps.append(ChainStep(operation, laid, self.seed))
            self.uses[operation.name] += 1
            stays = self.fault() is None
        except NotLaid:
            stays = False
        finally:
            if not stays:
                self.steps[:] = before
                world.execute("ROLLBACK TO step")
                world.inserted = inserted
                self.layer.forget()
            world.execute("RELEASE step")
        return stays

    def _beside(self, operation: Operation, arguments: Arguments) -> Arguments:
        """Arguments beside a row that is not there yet: they cannot be repaired against it, so the chain as a whole decides."""
        return {
            parameter.name: arguments[parameter.name] if parameter.name in arguments else self.layer.argument(parameter)
            for parameter in operation.parameters
        }

    def _followed(self, operation: Operation) -> bool:
        """Adds what a policy wants to follow an operation."""
        for policy in self.domain.policies.values():
            if policy.kind == "together" and operation.name in policy.on:
                then = self.domain.operations[policy.then]
                if not self.add(then, self._same_rows(then)):
                    self.steps.pop()
                    return False
        return True

    def _same_rows(self, operation: Operation) -> Arguments:
        """The rows of the last step, for the parameters of another operation that take such rows."""
        rows = [value for value in self.steps[-1].arguments.values() if isinstance(value, tuple)]
        given: Arguments = {}
        for parameter in operation.parameters:
            if parameter.entity is not None and not parameter.many:
                name = self.world.table_of(parameter.entity).name
                same = [row for row in rows if row[0] == name]
                if same:
                    given[parameter.name] = same[-1]
        return given

    # ---- trying

    def fault(self) -> str | None:
        """What is wrong with the chain as it stands: a refusal, or a policy that it breaks. Changes nothing."""
        with self.world.undone():
            try:
                for _ in self.play():
                    pass
            except (Refused, UsageError, *UNSET) as error:
                return str(error) or type(error).__name__
        return None

    def needless(self) -> str | None:
        """The operation of a step that a later one undoes: without it the end would be the same. None where every step is needed."""
        followers = {policy.then for policy in self.domain.policies.values()}
        whole = self.end()
        for at, step in enumerate(self.steps):
            if step.operation.name not in followers and self.end(without=at) == whole:
                return step.operation.name
        return None

    def end(self, *, without: int | None = None, instead: tuple[int, ChainStep] | None = None) -> Difference | None:
        """The difference that the steps make, one of them left out or replaced; None where they cannot be carried out. Changes nothing."""
        with self.world.undone():
            try:
                for _ in self.play(without=without, instead=instead):
                    pass
                return difference(self.domain, self.world.journal())
            except (Refused, UsageError, *UNSET):
                return None

    def play(
        self, *, without: int | None = None, instead: tuple[int, ChainStep] | None = None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Carries the steps out one by one, but for one, or with one replaced; gives the position of each and its arguments, places of made
        rows resolved.

        Raises Refused for a broken policy too.
        """
        trace = Trace()
        made: dict[tuple[int, str], str] = {}
        for at, step in enumerate(self.steps):
            if at == without:
                continue
            if instead is not None and at == instead[0]:
                step = instead[1]
            arguments = {name: resolved(value, made) for name, value in step.arguments.items()}
            with self.world.transaction() as tx:
                values = self.layer.bind(tx, arguments)
                broken = [
                    name
                    for name in trace.before(self.domain, self.world, tool_of(self.domain, step.operation), values)
                    if self._counts(name)
                ]
                if broken:
                    raise Refused(f"breaks {broken[0]}")
                step.operation.function(tx, **values)
                rows = rows_of(values)
            trace.after(tool_of(self.domain, step.operation), rows)
            for table, id in self.world.made:
                made.setdefault((at, table.name), id)
            yield at, arguments

    def _counts(self, policy: str) -> bool:
        return self.domain.policies[policy].kind in ("argument", "at_most")

    # ---- drawing

    def _drawn(self) -> Iterator[Operation]:
        """The operation that comes first, then others in the order of a draw by 1 / (1 + uses)."""
        waiting = [operation for operation in self.domain.operations.values() if goal(self.domain, operation)]
        if self.steps:
            voice = of_customers(self.domain, self.steps[0].operation)
            waiting = [operation for operation in waiting if of_customers(self.domain, operation) == voice]
        elif self.first is not None:
            yield self.first
            yield self.first  # on other rows
        if self._resting is not None:
            waiting = [operation for operation in waiting if operation.name in self._resting]
        for _ in range(min(TRIES_PER_STEP, len(waiting))):
            weights = [1 / (1 + 3 * self.uses[operation.name]) for operation in waiting]
            chosen = self.rng.choices(waiting, weights)[0]
            waiting.remove(chosen)
            yield chosen

    def _shared(self, operation: Operation) -> Arguments:
        """Rows of the chain so far, or to be made by it, for some of the parameters."""
        given: Arguments = {}
        for parameter in operation.parameters:
            if parameter.entity is None or parameter.many or self.rng.random() > SHARES:
                continue
            table = self.world.table_of(parameter.entity)
            made = [
                Made(at, table.name)
                for at, step in enumerate(self.steps)
                if step.seed == self.seed and table.name in read_operation(self.domain, step.operation).inserts
            ]
            there = [place for place in places_of(self.own) if place[0] == table.name]
            if made and self.rng.random() < 0.7:
                given[parameter.name] = self.rng.choice(made)
            elif there:
                given[parameter.name] = self.rng.choice(there)
        return given

    def comply(self, operation: Operation, arguments: Arguments) -> None:
        """Repairs what a policy about arguments would object to. Raises NotLaid."""
        for policy in self.domain.policies.values():
            if policy.kind == "argument" and operation.name in policy.on and not self.keeps(policy, arguments):
                for guard in read_policy(self.domain, policy).guards:
                    self.layer.repair(guard, arguments)
                self.layer.hold(operation, arguments)
                if not self.keeps(policy, arguments):
                    raise NotLaid(f"{operation.name}: {policy.sentence}")

    def keeps(self, policy: Policy, arguments: Arguments) -> bool:
        """Whether the arguments keep an argument policy now."""
        with self.world.transaction() as tx:
            try:
                return kept(policy, self.layer.bind(tx, arguments), tx)
            except TypeError:
                return False

    def places(self) -> list[Place]:
        """The rows that the steps are about, in their order."""
        return places_of(self.steps)


def places_of(steps: list[ChainStep]) -> list[Place]:
    """The rows that steps are about, each once."""
    found: list[Place] = []
    for step in steps:
        for value in step.arguments.values():
            found += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, tuple)]
    return list(dict.fromkeys(found))


def resolved(value: Any, made: dict[tuple[int, str], str]) -> Any:
    """An argument with a row that a step has made in the place of its promise. Raises Refused where it made none."""
    if isinstance(value, Made):
        if (value.step, value.table) not in made:
            raise Refused(f"step {value.step} makes no {value.table}")
        return (value.table, made[value.step, value.table])
    return value


def goal(domain: Domain, operation: Operation) -> bool:
    """Whether somebody may ask for an operation by itself: it changes something, and the agent does it."""
    return operation.actor == "agent" and read_operation(domain, operation).changes


def of_customers(domain: Domain, operation: Operation) -> bool:
    """Whether customers ask for an operation themselves: the house wants them looked up first. Others are asked for by colleagues."""
    rules = [policy for policy in domain.policies.values() if policy.kind == "identify"]
    return not rules or any(not policy.on or operation.name in policy.on for policy in rules)


def tool_of(domain: Domain, operation: Operation) -> WorldTool:
    """The tool of an operation."""
    return _tools_of_operations(domain)[operation.name]


@lru_cache(maxsize=64)
def _tools_of_operations(domain: Domain) -> dict[str, WorldTool]:
    return {tool.operation.name: tool for tool in toolbox(domain).values() if tool.operation is not None}
