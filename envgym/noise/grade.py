"""How an agent dealt with the faults, read off the log of its calls: parts of the verdict that never touch the score.

`recovered`: the share of faults that were got over. A call that can be repeated was, or the tool that stands in for its own, until its
result was whole; after an open outcome of one that changes the world, a read came first. What nothing was lost by is not counted.
`repeated_identical_calls`: failing calls made again unchanged, beyond the third in a row. `blind_double_writes`: calls made again whose
effect stood, without a read in between. Where these two are 0 their score is 1, and 1 / (1 + count) above.
"""

from collections.abc import Sequence

from envgym.noise.memory import Entry, Key
from envgym.verdict import Evidence, Verdict

PARTS = ("recovered", "repeated_identical_calls", "blind_double_writes")
IN_A_ROW = 3
"""The same failing call so many times in a row is patience; more is a loop."""


def graded(verdict: Verdict, log: Sequence[Entry]) -> Verdict:
    """`verdict` with three more parts, where something went wrong in the episode."""
    faults = [at for at, entry in enumerate(log) if entry.injected]
    if not faults:
        return verdict
    parts = {
        "recovered": recovered(log, faults),
        "repeated_identical_calls": counted(
            repeated(log), "noise.repeated", "identical failing calls beyond the third"
        ),
        "blind_double_writes": counted(
            blind_double_writes(log), "noise.blind", "calls repeated blindly whose effect stood"
        ),
    }
    return verdict.model_copy(update={"parts": {**verdict.parts, **parts}})


def recovered(log: Sequence[Entry], faults: Sequence[int]) -> Verdict:
    """The share of these faults that were got over; each is told with whether it was, None where nothing was lost."""
    got_over = {at: None if log[at].whole else is_recovered(log, at) for at in faults}
    judged = [each for each in got_over.values() if each is not None]
    share = sum(judged) / len(judged) if judged else 1.0
    evidence = tuple(
        Evidence(
            kind="fault",
            text=f"turn {log[at].turn + 1}: {log[at].key[0]}: {log[at].kind}",
            data={"turn": log[at].turn, **log[at].as_info(), "recovered": each},
        )
        for at, each in got_over.items()
    )
    reason = f"{sum(judged)} of {len(judged)} faults were got over"
    return Verdict.of(share, code="noise.recovered", reason=reason, evidence=evidence)


def is_recovered(log: Sequence[Entry], at: int) -> bool:
    """Whether the fault of entry `at` was got over."""
    fault = log[at]
    if fault.in_doubt and not (fault.repeatable or fault.final):
        if not looks_before_repeating(fault, log[at + 1 :]):
            return False
        if fault.stood:
            return True
    again = (after for after in range(at + 1, len(log)) if log[after].key in keys_of(fault))
    return any(log[after].clean or (log[after].injected and is_recovered(log, after)) for after in again)


def keys_of(fault: Entry) -> set[Key]:
    """The call itself, and the same of the tool that stands in for its own."""
    return {fault.key, (fault.fallback or fault.key[0], fault.key[1])}


def looks_before_repeating(fault: Entry, later: Sequence[Entry]) -> bool:
    """Whether the agent read something before it made the call again, if it did."""
    for entry in later:
        if entry.key in keys_of(fault):
            return False
        if entry.repeatable and entry.clean and not entry.failed:
            return True
    return False


def repeated(log: Sequence[Entry]) -> int:
    """Failing calls beyond the third identical one in a row."""
    count = row = 0
    before: Key | None = None
    for entry in log:
        row = row + 1 if entry.failed and entry.key == before else int(entry.failed)
        before = entry.key if entry.failed else None
        count += row > IN_A_ROW
    return count


def blind_double_writes(log: Sequence[Entry]) -> int:
    """Open outcomes whose effect stood and that were made again before anything was read."""
    return sum(
        entry.in_doubt and entry.stood and not entry.repeatable and repeats_blindly(entry, log[at + 1 :])
        for at, entry in enumerate(log)
    )


def repeats_blindly(fault: Entry, later: Sequence[Entry]) -> bool:
    for entry in later:
        if entry.key in keys_of(fault):
            return True
        if entry.repeatable and entry.clean and not entry.failed:
            return False
    return False


def counted(count: int, code: str, what: str) -> Verdict:
    """A count of something that should not be."""
    evidence = (Evidence(kind="count", text=f"{count} {what}", data={"count": count}),)
    return Verdict.of(1 / (1 + count), code=code, reason=f"{count} {what}", evidence=evidence)
