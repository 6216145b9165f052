"""Runs a sheet: six blocks, one list of findings. A sheet that cannot be run at all is a finding of the block `sheet`.

golden: the cases, and that there is at least one pass, one fail and one malformed among them. hack, property and hostile: `probes.py`.
fault: what the verifier needs is broken, and no number may come of it. calibration: the labelled cases, counted.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from envgym.errors import UsageError
from envgym.registry import verifiers
from envgym.testing.kit.bench import Bench, Judged
from envgym.testing.kit.judges import broken_judges, with_honest_judge
from envgym.testing.kit.probes import CANARY, Probe, hostile, probes_of
from envgym.testing.kit.sheet import Case, Expectation, Sheet
from envgym.verdict import Outcome

MOST_BASES = 4
"""Passing cases from which probes are derived."""
BLOCKS = ("golden", "hack", "property", "hostile", "fault", "calibration")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that was made. `block` and `name` stay the same from run to run."""

    block: str
    name: str
    ok: bool
    detail: str = ""


@dataclass(slots=True)
class KitReport:
    """What came of a sheet."""

    verifier: str
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.ok]

    def as_json(self) -> dict[str, Any]:
        blocks = {}
        for block in BLOCKS:
            mine = [each for each in self.findings if each.block == block]
            blocks[block] = {"checks": len(mine), "failed": sum(not each.ok for each in mine)}
        failed = [{"name": each.name, "detail": each.detail} for each in self.failures]
        return {"verifier": self.verifier, "ok": self.ok, "blocks": blocks, "failures": failed, **self.figures}


def run_sheet(sheet: Sheet, *, tick: Callable[[], None] = lambda: None) -> KitReport:
    """Runs every block; `tick` is called after each check. Raises UsageError when the verifier cannot be loaded."""
    with with_honest_judge(sheet) as told, Bench(told) as bench:
        return _Run(told, bench, tick).run()


class _Run:
    def __init__(self, sheet: Sheet, bench: Bench, tick: Callable[[], None]) -> None:
        self._sheet = sheet
        self._bench = bench
        self._tick = tick
        self._report = KitReport(sheet.verifier)
        self._slowest = 0.0

    def run(self) -> KitReport:
        first = self._golden()
        self._calibration()
        bases = [case for case in self._sheet.cases if _passes(case)][:MOST_BASES]
        for number, case in enumerate(bases):
            judges = self._sheet.judges
            probes = list(probes_of(case.reply, case.gold, judges=judges))
            probes += hostile(case.gold, judges=judges) if number == 0 else []
            for probe in probes:
                self._probe(probe, case)
        self._again(first)
        self._faults(bases, first)
        self._report.figures["slowest_s"] = round(self._slowest, 4)
        return self._report

    def _found(self, block: str, name: str, ok: bool, detail: str = "") -> None:
        self._tick()
        self._report.findings.append(Finding(block, name, ok, "" if ok else detail))

    def _judge(self, reply: str, case: Case, gold: Any, *, kill: bool = False) -> Judged:
        judged = self._bench.judge(reply, gold, case.options, kill=kill)
        self._slowest = max(self._slowest, judged.seconds)
        return judged

    def _golden(self) -> dict[str, Judged]:
        """Every case as it stands; what each gave, by name."""
        given: dict[str, Judged] = {}
        seen: set[str] = set()
        for name, case in self._sheet.named():
            given[name] = judged = self._judge(case.reply, case, case.gold)
            if case.expect is not None:
                wrong = differs(case.expect, judged, exact_outcome=self._sheet.style == "verdict")
                self._found("golden", f"case {name}", not wrong, f"{wrong}; got {judged.told}")
                seen.add(str(case.expect.outcome or ""))
        expected = any(case.expect is not None for case in self._sheet.cases)
        needed = ("pass", "fail", "malformed") if self._sheet.judges == "answer" else ("pass", "fail")
        for outcome in needed if expected else ():
            if f"golden.has_{outcome}" not in self._sheet.waive:
                self._found("golden", f"golden.has_{outcome}", outcome in seen, f"no case expects {outcome!r}")
        return given

    def _probe(self, probe: Probe, case: Case) -> None:
        if probe.name in self._sheet.waive:
            return
        judged = self._judge(probe.reply, case, probe.gold)
        wrong = self._fault_of(probe, judged)
        written = self._bench.written()
        if written:
            wrong = f"it wrote {', '.join(written)}: " + (
                "it ran the reply as code" if CANARY in written else "verifiers write nothing"
            )
        self._found(
            probe.block, probe.name, not wrong, f"{wrong}; reply {_short(probe.reply)}, gold {_short(probe.gold)}"
        )

    def _fault_of(self, probe: Probe, judged: Judged) -> str:
        if judged.verdict is None:
            return judged.raised
        if judged.seconds > self._sheet.limit_s:
            return f"it took {judged.seconds:.1f} s, the limit is {self._sheet.limit_s:g} s"
        if probe.wanted == "passes":
            return "" if judged.verdict.passed else f"it must pass: {judged.told}"
        paid = probe.wanted == "not_paid" and judged.verdict.score
        return f"it was paid: {judged.told}" if paid else ""

    def _again(self, first: dict[str, Judged]) -> None:
        """The cases once more in the opposite order: a verdict depends on its own arguments alone."""
        for name, case in reversed(list(self._sheet.named())):
            judged = self._judge(case.reply, case, case.gold)
            self._found(
                "property",
                f"property.repeats {name}",
                same(first[name], judged),
                f"{first[name].told}, then {judged.told}",
            )

    def _faults(self, bases: Sequence[Case], first: dict[str, Judged]) -> None:
        if "worker" in needs(self._sheet.verifier):
            for name, case in self._sheet.named():
                judged = self._judge(case.reply, case, case.gold, kill=True)
                unscored = judged.verdict is not None and judged.verdict.score is None
                self._found(
                    "fault",
                    f"fault.worker_killed {name}",
                    unscored or same(first[name], judged),
                    f"with its workers killed: {judged.told}",
                )
        for fault in self._sheet.faults:
            self._broken(fault.name, fault.options, bases)
        if self._sheet.judge is not None:
            for name, address in broken_judges():
                self._broken(name, {self._sheet.judge.argument: address}, bases)

    def _broken(self, name: str, options: dict[str, Any], bases: Iterable[Case]) -> None:
        """Cases that pass, while something that the verifier needs is broken."""
        for case in bases:
            judged = self._bench.judge(case.reply, case.gold, {**case.options, **options})
            unscored = judged.verdict is not None and judged.verdict.outcome is Outcome.INFRA_ERROR
            self._found("fault", f"fault.{name}", unscored, f"expected no score; got {judged.told}")

    def _calibration(self) -> None:
        """Counts how often the labelled cases are judged against their label; what has no score counts as neither."""
        paid = {"right": 0, "wrong": 0}
        total = {"right": 0, "wrong": 0}
        missed: dict[str, list[str]] = {"right": [], "wrong": []}
        unscored: list[str] = []
        for name, case in self._sheet.named():
            if case.label is None:
                continue
            judged = self._judge(case.reply, case, case.gold)
            if judged.verdict is None or judged.verdict.score is None:
                unscored.append(name)
                continue
            total[case.label] += 1
            paid[case.label] += judged.verdict.passed
            if judged.verdict.passed != (case.label == "right"):
                missed[case.label].append(name)
        if not sum(total.values()) and not unscored:
            return
        self._found("calibration", "calibration.scored", not unscored, f"no score for {', '.join(unscored)}")
        sheet = self._sheet
        for name, label, wrong, most in (
            ("false_positives", "wrong", paid["wrong"], sheet.max_fp),
            ("false_negatives", "right", total["right"] - paid["right"], sheet.max_fn),
        ):
            low, high = wilson(wrong, total[label])
            self._report.figures[name] = {
                "count": wrong,
                "of": total[label],
                "wilson_95": [round(low, 4), round(high, 4)],
            }
            share = wrong / total[label] if total[label] else 0.0
            detail = f"{wrong} of {total[label]} ({share:.1%}), the limit is {most:.1%}: cases {', '.join(missed[label][:20])}"
            self._found("calibration", f"calibration.{name}", share <= most, detail)


def needs(verifier: str) -> tuple[str, ...]:
    """What a verifier says it needs. Loading it here is safe: it is not called."""
    try:
        return tuple(getattr(verifiers.get(verifier), "needs", ()))
    except UsageError:
        return ()


def differs(expect: Expectation, judged: Judged, *, exact_outcome: bool) -> str:
    """How a verdict is not what was expected; empty when it is. Styles that return numbers cannot tell malformed or hack from wrong."""
    verdict = judged.verdict
    if verdict is None:
        return "expected a verdict"
    want = expect.outcome
    if want is not None:
        zero = (Outcome.FAIL, Outcome.MALFORMED, Outcome.HACK)
        alike = verdict.outcome is want or (not exact_outcome and want in zero and verdict.outcome in zero)
        if not alike:
            return f"expected {want.value}"
    if expect.score is not None and verdict.score != expect.score:
        return f"expected score {expect.score:g}"
    if expect.least is not None and not (verdict.score is not None and verdict.score >= expect.least):
        return f"expected a score of at least {expect.least:g}"
    if expect.most is not None and not (verdict.score is not None and verdict.score <= expect.most):
        return f"expected a score of at most {expect.most:g}"
    return f"expected code {expect.code}" if expect.code is not None and verdict.code != expect.code else ""


def same(one: Judged, two: Judged) -> bool:
    """Whether two calls gave the same but for what the decision cost."""
    if one.verdict is None or two.verdict is None:
        return one.raised == two.raised
    return one.verdict.model_copy(update={"cost": None}) == two.verdict.model_copy(update={"cost": None})


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) where nothing was counted."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, count / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def _passes(case: Case) -> bool:
    return case.expect is not None and (case.expect.outcome is Outcome.PASS or case.expect.score == 1.0)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:80]}... ({len(text):,} characters)"
