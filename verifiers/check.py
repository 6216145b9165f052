"""Check: a verifier with a name, a list of what it needs, and operators.

`exact & short` is `all_of(exact, short)`, `exact | number` is `any_of`, `form * exact` is `product`, `~forbidden` is `negate`. A plain
function that returns a Verdict can stand wherever a Check can.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, Literal, ParamSpec, overload

from envgym.verdict import Verdict

P = ParamSpec("P")
Need = Literal["gold", "options", "transcript", "state", "group", "worker", "judge", "network"]
"""What a verifier cannot do without: a gold answer, settings, the messages of the episode, the state of the world, the other episodes of
the group, a process that can be killed, a model that judges, a service elsewhere."""


class Check(Generic[P]):
    """Calls `function`, which returns a Verdict."""

    def __init__(self, function: Callable[P, Verdict], *, name: str = "", needs: tuple[Need, ...] = ()) -> None:
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


def needs_of(checks: tuple[Callable[..., Any], ...]) -> tuple[Need, ...]:
    """What several checks need together, each need once."""
    return tuple(dict.fromkeys(need for check in checks for need in getattr(check, "needs", ())))
