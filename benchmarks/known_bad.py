"""Graders of other projects as functions f(answer, gold) -> number, and the sheets with which the verifier test kit looks at them.

The kit calls them in a process of its own, in an empty folder, and kills what hangs: nothing here is to be called anywhere else.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from envgym.testing.kit import Sheet, run_sheet
from envgym.testing.kit.run import KitReport

SEED, TASKS = 11, 2
WAIVED = {"golden.has_malformed": "it returns numbers only"}
UNASKED = ("property.",)
"""Findings that are left out: whether dress matters is another table of the page."""


@lru_cache(maxsize=1)
def dataset(name: str) -> Any:
    import reasoning_gym

    return reasoning_gym.create_dataset(name, seed=SEED, size=TASKS + 1)


def reasoning_gym_score(answer: str, gold: dict[str, int], *, name: str) -> float:
    """What the scorer of a reasoning-gym data set pays for an answer to its task number gold["task"]."""
    source = dataset(name)
    return float(source.score_answer(answer, source[gold["task"]]))


def math_verify_score(answer: str, gold: str) -> float:
    """math-verify as trainers call it in threads: without its timeouts, which need the main thread."""
    from math_verify import parse, verify

    told = parse(answer, parsing_timeout=None)
    return float(verify(parse(f"${gold}$", parsing_timeout=None), told, timeout_seconds=None))


def findings(executing: tuple[str, ...]) -> Iterator[tuple[str, int, str]]:
    """Of each grader: its name, how many checks of the kit failed, and which."""
    for name in ("game_of_life_halting", "coin_flip", "complex_arithmetic", *executing):
        yield row(name, run_sheet(sheet_of(name)))
    yield row("math-verify", run_sheet(math_verify_sheet()))


def sheet_of(name: str) -> Sheet:
    source = dataset(name)
    cases: list[dict[str, Any]] = []
    for task in range(TASKS):
        cases.append({"reply": source[task]["answer"], "gold": {"task": task}, "expect": "pass"})
        cases.append({"reply": "I do not know.", "gold": {"task": task}, "expect": {"outcome": "fail"}})
    return _sheet("reasoning_gym_score", cases, options={"name": name})


def math_verify_sheet() -> Sheet:
    cases = [
        {"reply": "$42$", "gold": "42", "expect": "pass"},
        {"reply": "$41$", "gold": "42", "expect": "fail"},
        {"reply": r"$1\times 10^{-20}$", "gold": r"2\times 10^{-20}", "expect": "fail", "id": "tiny numbers"},
    ]
    return _sheet("math_verify_score", cases)


def _sheet(function: str, cases: list[dict[str, Any]], **settings: Any) -> Sheet:
    verifier = f"{Path(__file__).resolve()}:{function}"
    return Sheet.model_validate({"verifier": verifier, "style": "score", "waive": WAIVED, "cases": cases, **settings})


def row(name: str, report: KitReport) -> tuple[str, int, str]:
    failed = [each for each in report.failures if not each.name.startswith(UNASKED)]
    names = list(dict.fromkeys(each.name for each in failed))
    ran = any("it ran the reply as code" in each.detail for each in failed)
    hung = sum("it was killed" in each.detail for each in failed)
    notes = ["**it runs replies as code**"] * ran + [f"{hung} replies hang it"] * bool(hung)
    shown = ", ".join(f"`{each}`" for each in names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return name, len(names), "; ".join([*notes, shown])
