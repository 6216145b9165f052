"""The three kinds of error, never mixed: the caller is wrong, the agent is wrong, the world failed.

    EnvgymError
    ├── UsageError           the caller is wrong: raised at once, says what to do      (command line: exit 2)
    │   └── UnknownId        no such id; names the near ones
    ├── InvalidAction        the agent is wrong: raised inside an environment or scaffold, told in the observation
    ├── WorldFailure         the world failed: retried on a fresh world, recorded, excluded from training, never scored
    │   ├── EnvFailure       the environment's world broke (boundary "env")
    │   ├── PolicyFailure    the model server is down or lies (boundary "policy")
    │   └── VerifierFailure  the verifier could not decide (boundary "verifier")
    ├── TooManyFailures      the share of failed episodes is too high; the run stopped
    └── Drift                a replay did not give the recorded bytes

An `InvalidAction` never leaves `step`, and a `WorldFailure` is never turned into a number.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class EnvgymError(Exception):
    """Root of every error that envgym raises on purpose."""


class UsageError(EnvgymError, ValueError):
    """The caller is wrong. The message says what was given, what was expected and what to do."""


class UnknownId(UsageError):
    """No entry of that name. The message names the closest ones."""

    @classmethod
    def of(cls, kind: str, given: str, known: Iterable[str]) -> "UnknownId":
        names = sorted(known)
        near = get_close_matches(given, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(repr(name) for name in near)}?" if near else f"known: {', '.join(names)}"
        return cls(f"unknown {kind} {given!r}; {hint}")


class InvalidAction(EnvgymError):
    """The agent's action cannot be carried out. The text is shown to the agent; `code` is for metrics."""

    def __init__(self, message: str, *, code: str = "action.invalid") -> None:
        super().__init__(message)
        self.code = code


class WorldFailure(EnvgymError):
    """The world failed, not the agent. `boundary` names the part that broke; empty: the part that was at work."""

    boundary = ""


class EnvFailure(WorldFailure):
    """The environment's own world broke: a dead container, a lost database, a hung step."""

    boundary = "env"


class PolicyFailure(WorldFailure):
    """The model server is down, too slow or answers something that is no completion."""

    boundary = "policy"


class VerifierFailure(WorldFailure):
    """The verifier could not reach a decision, for a reason that is not the answer's."""

    boundary = "verifier"


def told(error: BaseException) -> str:
    """An exception of somebody else's code on one line: its type, its text, and the file and line that raised it."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    code = frame.tb_frame.f_code if frame is not None else None
    place = f" ({code.co_filename.rsplit('/', 1)[-1]}, line {frame.tb_lineno})" if code and frame else ""
    return f"{type(error).__name__}: {error}{place}"


class TooManyFailures(EnvgymError):
    """The share of episodes that the world failed is too high to go on."""


class Drift(EnvgymError):
    """A replayed episode differs from its record. The message names the first byte that differs."""
