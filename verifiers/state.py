"""Verifiers that compare the state an episode left behind with the state it should have left.

The path there does not matter, only where things end. A key is a path through nested mappings, "accounts.ann.cents"; lists and all else are
values and compared whole. A key that should not be there counts against the agent like one that is missing. Numbers compare as numbers, but
True is not 1, and NaN equals NaN: a state is equal to its copy. Keys compare as JSON has them, as texts: 1 is "1".
"""

from collections.abc import Collection, Iterator, Mapping
from math import isnan
from typing import Any

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.check import verifier
from envgym.verifiers.printable import printable, shortened

MAX_KEYS = 100_000
MAX_DEPTH = 64
MAX_SHOWN = 20
MAX_CHARS = 120
ABSENT = type("Absent", (), {"__repr__": lambda self: "absent"})()
Path = tuple[str, ...]


class TooBig(ValueError):
    """A state with more keys or levels than are compared, or with the keys 1 and "1" in one mapping."""


@verifier(needs=("gold", "state"))
def same_state(
    got: Mapping[str, Any],
    want: Mapping[str, Any],
    /,
    *,
    partial: bool = False,
    ignore: Collection[str] = (),
    rel_tol: float = 0.0,
) -> Verdict:
    """Score 1.0 when `got` equals `want` key for key, else 0.0; with `partial`, the share of keys that agree over the keys of both.

    `ignore` names keys that do not count, with everything below them: "updated_at" at the top, "accounts.*.updated_at" with any name
    at that place. `rel_tol` is allowed between floats, relative to the wanted one. Two empty states are equal. The first 20 keys that
    differ are evidence of kind "diff". A mapping of which all keys are ignored counts as absent. A state of more than
    100,000 keys or 64 levels is not compared: FAIL for `got`, TASK_INVALID for `want`.
    """
    skipped = _patterns(ignore)
    if not 0 <= rel_tol < 1:
        raise UsageError(f"rel_tol is {rel_tol}; give a share of at least 0 and below 1")
    if not isinstance(want, Mapping):
        return Verdict.task_invalid(f"the wanted state is a {type(want).__name__}, no mapping", code="state.gold")
    if not isinstance(got, Mapping):
        return Verdict.malformed(f"the state is a {type(got).__name__}, no mapping", code="state.malformed")
    try:
        wanted = _flat(want, skipped)
    except TooBig as error:
        return Verdict.task_invalid(f"the wanted state has {error}", code="state.gold")
    try:
        left = _flat(got, skipped)
    except TooBig as error:
        return Verdict.of(0, code="answer.too_complex", reason=f"the state has {error}")
    keys = sorted(left.keys() | wanted.keys())
    wrong = [key for key in keys if not same(left.get(key, ABSENT), wanted.get(key, ABSENT), rel_tol)]
    if any(key in wanted and not same(wanted[key], wanted[key], rel_tol) for key in wrong):
        return Verdict.task_invalid("the wanted state is not equal to itself: a list nests too deep", code="state.gold")
    if not wrong:
        return Verdict.of(1, code="state.equal", reason="states agree")
    share = 1 - len(wrong) / len(keys)
    more = f" and {len(wrong) - 3:,} more" if len(wrong) > 3 else ""
    return Verdict.of(
        share if partial else 0.0,
        code="state.differs",
        reason=f"differs at {', '.join(_name(key) for key in wrong[:3])}{more}",
        evidence=tuple(_difference(key, left, wanted) for key in wrong[:MAX_SHOWN]),
    )


def _difference(key: Path, left: Mapping[Path, Any], wanted: Mapping[Path, Any]) -> Evidence:
    got, want = shortened(left.get(key, ABSENT), MAX_CHARS), shortened(wanted.get(key, ABSENT), MAX_CHARS)
    name = _name(key)
    return Evidence(kind="diff", text=f"{name}: {got}, not {want}", data={"key": name, "got": got, "want": want})


def _patterns(ignore: Collection[str]) -> list[Path]:
    if isinstance(ignore, str) or not all(isinstance(name, str) and name for name in ignore):
        raise UsageError(
            f"ignore is {str(ignore)[:80]!r}; give a list of keys like 'updated_at' or 'accounts.*.updated_at'"
        )
    return [tuple(name.split(".")) for name in ignore]


def _flat(state: Mapping[str, Any], skipped: list[Path]) -> dict[Path, Any]:
    flat: dict[Path, Any] = {}
    for path, value in _leaves(state, skipped):
        if path in flat:
            raise TooBig(f"the key {_name(path)} twice")
        flat[path] = value
    return flat


def _leaves(state: Mapping[str, Any], skipped: list[Path]) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, without recursion; an empty mapping is a value. Raises TooBig."""
    waiting: list[tuple[Path, Any]] = [((), state)]
    seen = 0
    while waiting:
        path, value = waiting.pop()
        seen += 1
        if seen > MAX_KEYS:
            raise TooBig(f"more than {MAX_KEYS:,} keys")
        if any(_fits(path, pattern) for pattern in skipped):
            continue
        if isinstance(value, Mapping) and (value or not path):
            if len(path) >= MAX_DEPTH:
                raise TooBig(f"more than {MAX_DEPTH} levels")
            if len(value) > MAX_KEYS:
                raise TooBig(f"more than {MAX_KEYS:,} keys")
            waiting.extend(
                ((*path, key if isinstance(key, str) else shortened(key, MAX_CHARS)), each)
                for key, each in value.items()
            )
        else:
            yield path, value


def _fits(path: Path, pattern: Path) -> bool:
    """Whether `pattern` names this path; a key that itself holds dots is named by its whole text."""
    if len(path) == len(pattern):
        return all(wanted in ("*", part) for part, wanted in zip(path, pattern, strict=True))
    return len(path) < len(pattern) and ".".join(path) == ".".join(pattern)


def same(got: Any, want: Any, rel_tol: float = 0.0, depth: int = 0) -> bool:
    """Whether two values are equal as JSON data, floats within `rel_tol` of the wanted one."""
    if depth > MAX_DEPTH or isinstance(got, bool) != isinstance(want, bool):
        return False
    if isinstance(got, Mapping) and isinstance(want, Mapping):
        return got.keys() == want.keys() and all(same(got[key], want[key], rel_tol, depth + 1) for key in want)
    if isinstance(got, list | tuple) and isinstance(want, list | tuple):
        return len(got) == len(want) and all(
            same(one, two, rel_tol, depth + 1) for one, two in zip(got, want, strict=True)
        )
    if isinstance(got, float) or isinstance(want, float):
        return _close(got, want, rel_tol)
    return bool(got == want)


def _close(got: Any, want: Any, rel_tol: float) -> bool:
    if not isinstance(got, int | float) or not isinstance(want, int | float):
        return False
    if isnan(got) or isnan(want):
        return isnan(got) and isnan(want)
    if got == want:
        return True
    try:
        return rel_tol > 0 and abs(float(got) - float(want)) <= rel_tol * abs(float(want)) < float("inf")
    except OverflowError:
        return False


def _name(path: Path) -> str:
    return printable(".".join(path), MAX_CHARS)
