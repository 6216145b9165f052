"""Check: a verifier with a name, a list of what it needs, and operators.

The gold is the right answer and nothing else; every setting of a check is an option, an argument by name. A check whose `needs` do not list
"gold" looks at the reply alone. Options are given with the call, or once and for all: `language.with_options(language="en")`.

`exact & short` is `all_of(exact, short)`, `exact | number` is `any_of`, `form * exact` is `product`, `~forbidden` is `negate`. A plain
function that returns a Verdict can stand wherever a Check can; it is taken to need the gold.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, Literal, ParamSpec, overload

from envgym.errors import UnknownId, UsageError
from envgym.verdict import Verdict

P = ParamSpec("P")
Need = Literal["gold", "options", "transcript", "state", "group", "worker", "judge", "network"]
"""What a verifier cannot do without: a gold answer, options, the messages of the episode, the state of the world, the other episodes of
the group, a process that can be killed, a model that judges, a service elsewhere."""


class Check(Generic[P]):
    """Calls `function`, which returns a Verdict."""

    def __init__(self, function: Callable[P, Verdict], *, name: str = "", needs: tuple[Need, ...] = ("gold",)) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self.name = name or name_of(function)
        self.needs = needs

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Verdict:
        return self._function(*args, **kwargs)

    @property
    def about(self) -> str:
        """The first sentence of its documentation."""
        text = inspect.getdoc(self._function) or ""
        return " ".join(text.split("\n\n")[0].split())

    def named(self, name: str) -> "Check[P]":
        """The same under another name: by it, parts of a verdict are told apart."""
        return Check(self._function, name=name, needs=self.needs)

    def with_options(self, **options: Any) -> "Check[...]":
        """The same with these options settled: a call, also that of a combination, gives them no more.

        Raises UsageError for an option that there is not.
        """
        signature = inspect.signature(self._function)
        known, takes_any = options_of(self._function)
        if not takes_any and (unknown := sorted(options.keys() - known.keys())):
            if not known:
                raise UsageError(f"{self.name} takes no options, {unknown[0]!r} was given")
            raise UnknownId.of(f"option of {self.name}", unknown[0], known)

        def settled(*args: Any, **more: Any) -> Verdict:
            return self._function(*args, **options, **more)

        functools.update_wrapper(settled, self._function)
        left = [each for each in signature.parameters.values() if each.name not in options]
        settled.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return Check(settled, name=self.name, needs=tuple(need for need in self.needs if need != "options"))

    def __and__(self, other: Callable[..., Verdict]) -> "Check[...]":
        from envgym.verifiers.combine import all_of

        return all_of(self, other)

    def __or__(self, other: Callable[..., Verdict]) -> "Check[...]":
        from envgym.verifiers.combine import any_of

        return any_of(self, other)

    def __mul__(self, other: Callable[..., Verdict]) -> "Check[...]":
        from envgym.verifiers.combine import product

        return product(self, other)

    def __invert__(self) -> "Check[...]":
        from envgym.verifiers.combine import negate

        return negate(self)

    def __repr__(self) -> str:
        return f"<verifier {self.name}>"


@overload
def verifier(function: Callable[P, Verdict], /) -> Check[P]: ...
@overload
def verifier(*, name: str = "", needs: tuple[Need, ...] = ("gold",)) -> Callable[[Callable[P, Verdict]], Check[P]]: ...
def verifier(function: Any = None, /, *, name: str = "", needs: tuple[Need, ...] = ("gold",)) -> Any:
    """Makes a Check of a function that returns a Verdict; `needs` is shown by `envgym verify list`."""

    if function is not None:
        return Check(function, name=name, needs=needs)
    return lambda wrapped: Check(wrapped, name=name, needs=needs)


def name_of(check: Callable[..., Any]) -> str:
    """What a check is called among the parts of a verdict."""
    if isinstance(check, Check):
        return check.name
    if isinstance(check, functools.partial):
        return name_of(check.func)
    return getattr(check, "__name__", type(check).__name__).strip("<>")


def needs_of(*checks: Callable[..., Any]) -> tuple[Need, ...]:
    """What several checks need together, each need once."""
    return tuple(dict.fromkeys(need for check in checks for need in _needs(check)))


def _needs(check: Callable[..., Any]) -> tuple[Need, ...]:
    if isinstance(check, functools.partial):
        return _needs(check.func)
    needs: tuple[Need, ...] = getattr(check, "needs", ("gold",))
    return needs


def positions_of(check: Callable[..., Any]) -> int:
    """How many arguments by place a check takes of reply and gold: 1 or 2."""
    kinds = [each.kind for each in inspect.signature(check).parameters.values()]
    by_place = sum(
        kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for kind in kinds
    )
    return 2 if by_place > 1 or inspect.Parameter.VAR_POSITIONAL in kinds else 1


def options_of(check: Callable[..., Any]) -> tuple[dict[str, inspect.Parameter], bool]:
    """The options of a check by name, and whether it takes any other too. The first two arguments by place are reply and gold."""
    options: dict[str, inspect.Parameter] = {}
    takes_any, by_place = False, 0
    for each in inspect.signature(check).parameters.values():
        if each.kind is each.VAR_KEYWORD:
            takes_any = True
        elif each.kind is each.POSITIONAL_ONLY or (each.kind is each.POSITIONAL_OR_KEYWORD and by_place < 2):
            by_place += 1
        elif each.kind is not each.VAR_POSITIONAL:
            options[each.name] = each.replace(kind=each.KEYWORD_ONLY)
    return options, takes_any
