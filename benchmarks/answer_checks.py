"""Answer checks beside math-verify in the same run: speed, hostile replies, and two labelled sets.

    python benchmarks/answer_checks.py            needs `pip install rewardlint` for its 87 cases; without it they are left out

Labelled sets: `tests/math_pairs.jsonl` and `tests/math_pairs_by_category.jsonl`, judged by hand for this project and by now all used to
improve it, and rewardlint's corpus with and without the cases that it calls contested.
Rates are per processor second of this process and its workers; math-verify runs with timeouts off, as trainers run it in threads.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from math_verify import parse, verify

from envgym.testing.kit.probes import HOSTILE
from envgym.verifiers.answer import number
from envgym.verifiers.math_answer import math_equal
from envgym.verifiers.math_answer import pool as workers
from envgym.verifiers.worker import WorkerPool

ROOT = Path(__file__).resolve().parents[1]
Pair = tuple[str, str]


def ours(reply: str, gold: str) -> bool:
    return math_equal(reply, gold).passed


def theirs(reply: str, gold: str) -> bool:
    return bool(
        verify(parse(f"${gold}$", parsing_timeout=None), parse(reply, parsing_timeout=None), timeout_seconds=None)
    )


def integers(rng: random.Random) -> Iterator[Pair]:
    while True:
        value = str(rng.randint(-(10**6), 10**6))
        yield f"\\boxed{{{value}}}", value


def easy(rng: random.Random) -> Iterator[Pair]:
    forms = [
        ("\\frac{1}{%d}", "1/%d"),
        ("%d\\%%", "%d/100"),
        ("%d.50", "%d.5"),
        ("x=%d", "%d"),
        ("%d^2", "%d \\cdot %d"),
    ]
    while True:
        form, gold = rng.choice(forms)
        value = rng.randint(2, 999)
        yield f"\\boxed{{{form % value}}}", gold % ((value,) * gold.count("%d"))


def wrong_polynomials(rng: random.Random) -> Iterator[Pair]:
    while True:
        a, b, c, d = (rng.randint(1, 9) for _ in range(4))
        yield f"\\boxed{{{a * c}x^2+{a * d + b * c}x+{b * d + 1}}}", f"({a}x+{b})({c}x+{d})"


def rate(check: Callable[[str, str], bool], pairs: Iterator[Pair], seconds: float, wanted: bool) -> tuple[float, float]:
    """Checks per processor second, and the share with the wanted result. Caches are warm: a tenth of the time is not counted."""
    until = time.perf_counter() + seconds / 10
    while time.perf_counter() < until:
        check(*next(pairs))
    before, done, right = cpu_s(), 0, 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        right += check(*next(pairs)) == wanted
        done += 1
    return done / (cpu_s() - before), right / done


def cpu_s() -> float:
    """Processor seconds of this process and of the workers that are alive."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = sum(os.times()[:2])
    for pid in workers.pids():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def limited(check: Callable[[str, str], bool], reply: str, limit_s: float) -> float | None:
    """Seconds of one call in a process of its own; None where it had to be killed."""
    ours_end, theirs_end = get_context("fork").Pipe()

    def run() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        started = time.perf_counter()
        with contextlib.suppress(BaseException):  # what it does is the finding
            check(reply, "42")
        theirs_end.send(time.perf_counter() - started)

    process = get_context("fork").Process(target=run)
    process.start()
    took = ours_end.recv() if ours_end.poll(limit_s) else None
    process.kill()
    process.join()
    return took


def rewardlint_cases(*, contested: bool) -> list[tuple[str, str, bool]]:
    try:
        from rewardlint.corpus import ALL_CASES, CONTESTED_TAG
    except ImportError:
        print("rewardlint is not installed; its cases are left out: pip install rewardlint", file=sys.stderr)
        return []
    return [
        (case.completion, case.reference, case.expect)
        for case in ALL_CASES
        if contested or CONTESTED_TAG not in case.tags
    ]


def hand_pairs(file: str) -> list[tuple[str, str, bool]]:
    lines = (ROOT / "tests" / file).read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    return [(f"\\boxed{{{pair['answer']}}}", pair["gold"], pair["equal"]) for pair in pairs]


def judged(check: Callable[[str, str], bool], cases: list[tuple[str, str, bool]]) -> dict[str, Any]:
    positives = negatives = false_positives = false_negatives = 0
    for reply, gold, right in cases:
        try:
            passed = check(reply, gold)
        except Exception:  # noqa: BLE001  a checker that raises did not pass it
            passed = False
        positives, negatives = positives + right, negatives + (not right)
        false_positives += passed and not right
        false_negatives += right and not passed
    share = 1 - (false_positives + false_negatives) / max(1, len(cases))
    return {
        "cases": len(cases),
        "right": f"{share:.1%}",
        "false positives": f"{false_positives} of {negatives}",
        "false negatives": f"{false_negatives} of {positives}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of each speed row")
    given = parser.parse_args()
    for title, make, wanted in (
        ("integers, equal", integers, True),
        ("easy forms, equal", easy, True),
        ("distinct wrong polynomials", wrong_polynomials, False),
    ):
        one, share = rate(ours, make(random.Random(0)), given.seconds, wanted)
        two, other = rate(theirs, make(random.Random(0)), given.seconds, wanted)
        print(
            f"{title:32s} envgym {one:9,.0f}/s ({share:.0%} right)   math-verify {two:9,.0f}/s ({other:.0%} right)   ratio {one / two:.1f}"
        )
    one, _ = rate(lambda reply, gold: number(reply, gold).passed, integers(random.Random(0)), given.seconds, True)
    print(f"{'integers, equal, by `number`':32s} envgym {one:9,.0f}/s")

    pool = WorkerPool("operator:add", size=1)
    pool.call(1, 2)
    calls = [timed(lambda: pool.call(1, 2)) for _ in range(2000)]
    fresh = [timed(lambda: pool.call(1, 2, fresh=True)) for _ in range(20)]
    pool.close()
    print(
        f"worker call p50 {statistics.median(calls) * 1e3:.2f} ms; kill and respawn p50 {statistics.median(fresh) * 1e3:.0f} ms"
    )

    times = {
        name: (timed(lambda text=text: ours(text, "42")), limited(theirs, text, 20.0)) for name, text in HOSTILE.items()
    }
    hung = [name for name, (_, took) in times.items() if took is None]
    slowest = max(took for took, _ in times.values())
    print(
        f"hostile replies: {len(times)}; envgym's slowest verdict {slowest:.2f} s; killed after 20 s at math-verify: {hung}"
    )
    for title, cases in (
        ("hand-judged pairs", hand_pairs("math_pairs.jsonl")),
        ("pairs by category", hand_pairs("math_pairs_by_category.jsonl")),
        ("rewardlint", rewardlint_cases(contested=False)),
        ("with contested", rewardlint_cases(contested=True)),
    ):
        for name, check in (("envgym", ours), ("math-verify", theirs)):
            print(f"{title:20s} {name:12s} {judged(check, cases)}")


def timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
