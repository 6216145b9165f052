"""Parts of a combination: which arguments of the whole reach each of the checks that it is made of.

The reply reaches every part. The gold reaches the parts that need it; the others get None in its place. An option reaches every part that
takes one of that name, and an option that no part takes is refused.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envgym.errors import UnknownId, UsageError
from envgym.verdict import Verdict
from envgym.verifiers.check import Check, name_of, needs_of, options_of, positions_of

AnyCheck = Callable[..., Verdict]


@dataclass(frozen=True, slots=True)
class Part:
    """One check under its name in the whole, and what it takes."""

    name: str
    check: AnyCheck
    reads_gold: bool
    positions: int
    """How many of reply and gold it takes by place."""
    options: Mapping[str, inspect.Parameter]
    required: frozenset[str]
    """Options without a default."""
    takes_any: bool
    """Whether it takes options of any name."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a combination; called with a part, it gives that part's verdict."""

    reply: Any
    gold: Any
    options: Mapping[str, Any]

    def __call__(self, part: Part) -> Verdict:
        by_place, by_name = self.arguments(part)
        return part.check(*by_place, **by_name)

    def arguments(self, part: Part) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What reaches `part`. Raises UsageError where it lacks an option that it needs."""
        by_place = (self.reply, self.gold if part.reads_gold else None)[: part.positions]
        if not self.options and not part.required:
            return by_place, {}
        by_name = {name: value for name, value in self.options.items() if part.takes_any or name in part.options}
        if lacking := sorted(part.required - by_name.keys()):
            raise UsageError(
                f"{part.name} needs the option {lacking[0]!r}; give it with the call, or for good with "
                f"{part.name}.with_options({lacking[0]}=...)"
            )
        return by_place, by_name


def combined(kind: str, parts: Sequence[Part], decide: Callable[[Call], Verdict], *, name: str = "") -> Check[...]:
    """The check that `decide` makes of the verdicts of `parts`."""
    known = {option: each for part in parts for option, each in part.options.items()}
    takes_any = any(part.takes_any for part in parts)

    def run(reply: Any, gold: Any = None, /, **options: Any) -> Verdict:
        if options and not takes_any and (unknown := options.keys() - known.keys()):
            if not known:
                raise UsageError(f"no part of {name or kind} takes options, {min(unknown)!r} was given")
            raise UnknownId.of(f"option of {name or kind}", min(unknown), known)
        return decide(Call(reply, gold, options))

    by_place = list(inspect.signature(run).parameters.values())
    others = by_place[2:] if takes_any else []
    run.__signature__ = inspect.Signature([*by_place[:2], *known.values(), *others])  # type: ignore[attr-defined]
    run.__doc__ = f"{kind} of {', '.join(part.name for part in parts)}."
    return Check(run, name=name or kind, needs=needs_of(*(part.check for part in parts)))


def parts_of(*checks: AnyCheck) -> list[Part]:
    """A part of each check; where two are called alike, the later ones get a number."""
    if not checks:
        raise UsageError("a combination needs at least one check")
    names: list[str] = []
    for check in checks:
        name, number = name_of(check), 2
        while name in names:
            name, number = f"{name_of(check)}_{number}", number + 1
        names.append(name)
    return [_part(name, check) for name, check in zip(names, checks, strict=True)]


def _part(name: str, check: AnyCheck) -> Part:
    if not callable(check):
        raise UsageError(f"{check!r} is no check; give a function (reply, gold) that returns a Verdict")
    options, takes_any = options_of(check)
    required = frozenset(name for name, each in options.items() if each.default is each.empty)
    return Part(name, check, "gold" in needs_of(check), positions_of(check), options, required, takes_any)
