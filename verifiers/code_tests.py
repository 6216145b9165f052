"""Grades a Python program by hidden tests in tiers of difficulty, each in a confined process that can be killed.

The program is the last closed code block of the reply, in Python or in no named language. It sees the inputs of one test at a time and
never a wanted output: values are compared here, as JSON data, so nothing that it prints, patches or forges is taken for a result.
Threads, processes, files, the network and packages beyond the standard library are not there for it. Each test is a process of its own.

A program that computes without end costs two tests' CPU time, one that sleeps `asleep_s` in all: about 6 s and 4 s by default.

Modes "strict" and "soft" are those of MiMo (arXiv:2505.07608, section 3.3.1, Test Difficulty Driven Reward).
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.check import verifier
from envgym.verifiers.code_tests_process import MACHINE, Limits, Ran, run_test
from envgym.verifiers.reply import after_thinking

Mode = Literal["all", "strict", "soft"]
MAX_REPLY, MAX_PROGRAM = 2_000_000, 100_000
MAX_SLOW = 2
"""After so many tests that were too slow the others are not run: a loop without end costs no more than these."""
LANGUAGES = frozenset({"", "python", "py", "python3"})
FENCE = re.compile(r"^[ \t]{0,3}(?P<fence>`{3,}+|~{3,}+)[ \t]*+(?P<language>[^\s`]*+)[^`\n]*+$", re.MULTILINE)
LEAST_ASLEEP_S = 0.01
DEFAULT = Limits()


class FunctionTest(BaseModel):
    """A call of a function of the program."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call: str = Field(
        pattern=r"^([^\W\d]\w*\.)?[^\W\d]\w*$",
        description="Name of the function, or Class.method: that of an object made anew without arguments. A name that the program"
        " does not define is looked for in its class Solution.",
    )
    args: list[Any] = Field(default_factory=list, description="Arguments by place, JSON data.")
    kwargs: dict[str, Any] = Field(default_factory=dict, description="Arguments by name, JSON data.")
    want: Any = Field(description="What it must return, JSON data: a tuple is a list.")


class ProgramTest(BaseModel):
    """A run of the whole program."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stdin: str = Field(default="", description="What it reads.")
    stdout: str = Field(
        description="What it must print, but for blanks at the ends of lines and empty lines at the end."
    )


class Tier(BaseModel):
    """Tests of one difficulty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="Its name among the parts of the verdict.")
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="Its share of the score.")
    tests: list[FunctionTest | ProgramTest] = Field(min_length=1, description="What must hold.")


TIERS = TypeAdapter(Annotated[list[Tier], Field(min_length=1)])


@verifier(needs=("gold", "worker"))
def code_tests(
    reply: str,
    gold: Any,
    /,
    *,
    mode: Mode = "all",
    rel_tol: float = 0.0,
    limits: Limits | Mapping[str, Any] = DEFAULT,
) -> Verdict:
    """ "all": 1 when every test passes, else 0. "soft": each tier's weight, times its share of tests passed. "strict": a tier's weight only
    where all tests of it and of every tier before it pass.

    The gold is a list of tests, or of tiers with the easiest first. A float is right within `rel_tol` of what is wanted; 1 equals 1.0
    and never True. `limits` may be a mapping of fields of Limits. INFRA_ERROR where the machine cannot run or confine the program.
    """
    if mode not in ("all", "strict", "soft"):
        raise UsageError(f"mode={mode!r}: expected 'all', 'strict' or 'soft'")
    if not 0 <= rel_tol < 1:
        raise UsageError(f"rel_tol={rel_tol}: expected at least 0 and less than 1")
    limits = Limits.of(limits)
    try:
        tiers = read_tiers(gold)
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        return Verdict.task_invalid(f"the gold is no list of tests or tiers: {error}"[:500], code="code_tests.gold")
    program = last_program(reply) if len(reply) <= MAX_REPLY else None
    if program is None:
        return Verdict.malformed("the reply has no closed block of Python code", code="code_tests.no_code")
    if len(program) > MAX_PROGRAM:
        why = f"the program has {len(program):,} characters; at most {MAX_PROGRAM:,} are run"
        return Verdict.malformed(why, code="code_tests.too_long")
    ends = run_all(program, tiers, mode, rel_tol, limits)
    broken = next((what for tier in ends for what in tier if what in MACHINE), None)
    if broken is not None:
        return Verdict.infra_error(f"a test could not be run: {broken.replace('_', ' ')}", code=f"code_tests.{broken}")
    return verdict_of(tiers, ends, mode)


def read_tiers(gold: Any) -> list[Tier]:
    json.dumps(gold, allow_nan=False)
    if isinstance(gold, list | tuple) and gold and all(isinstance(one, dict) and "tests" not in one for one in gold):
        gold = [{"name": "tests", "tests": list(gold)}]
    tiers = TIERS.validate_python(gold)
    if len({tier.name for tier in tiers}) < len(tiers):
        raise ValueError("two tiers have the same name")
    return tiers


def last_program(reply: str) -> str | None:
    """The last closed block of Python code behind the thinking, None where there is none."""
    text = after_thinking(reply)
    found: str | None = None
    opened: re.Match[str] | None = None
    for line in FENCE.finditer(text or ""):
        if opened is None:
            opened = line
        elif line["fence"].startswith(opened["fence"]) and not line["language"]:
            if opened["language"].casefold() in LANGUAGES:
                found = (text or "")[opened.end() + 1 : line.start()]
            opened = None
    return found if found is not None and found.strip() else None


def run_all(program: str, tiers: Iterable[Tier], mode: Mode, rel_tol: float, limits: Limits) -> list[list[str]]:
    """How each test ended: "passed", what was wrong, or "not_run" where no more can change the score or too much time was lost."""
    ends: list[list[str]] = []
    slow, over, left_s = 0, False, limits.asleep_s
    for tier in tiers:
        ends.append([])
        for test in tier.tests:
            if over or slow >= MAX_SLOW:
                ends[-1].append("not_run")
                continue
            ran = run_one(program, test, replace(limits, asleep_s=max(left_s, LEAST_ASLEEP_S)))
            what = judged(ran, test, rel_tol)
            ends[-1].append(what)
            left_s -= ran.slept_s
            slow += what == "too_slow"
            over = what in MACHINE or what == "asleep" or (mode == "all" and what != "passed")
    return ends


def run_one(program: str, test: FunctionTest | ProgramTest, limits: Limits) -> Ran:
    if isinstance(test, FunctionTest):
        return run_test(program, test.model_dump(include={"call", "args", "kwargs"}), "", limits)
    ran = run_test(program, {}, test.stdin, limits)
    if ran.end == "no_result" and ran.status == 0:  # it left by os._exit
        return replace(ran, end="done", message={"exit": 0})
    return ran


def judged(ran: Ran, test: FunctionTest | ProgramTest, rel_tol: float) -> str:
    """Compares what came of a test with what is wanted."""
    if ran.end != "done":
        return ran.end
    for what in ("raised", "missing", "not_json"):
        if what in ran.message:
            return what
    if isinstance(test, ProgramTest):
        if ran.message.get("exit") != 0:
            return "exit_status"
        return "passed" if lines(ran.stdout.decode("utf-8", "replace")) == lines(test.stdout) else "wrong_output"
    if "value" not in ran.message:
        return "no_result"
    try:
        return "passed" if same(ran.message["value"], test.want, rel_tol) else "wrong_value"
    except RecursionError:
        return "wrong_value"


def lines(text: str) -> list[str]:
    """What is compared of an output."""
    return [line.rstrip() for line in text.rstrip().split("\n")]


def same(got: Any, want: Any, rel_tol: float = 0.0) -> bool:
    """Whether two values are the same JSON data."""
    if isinstance(want, list | tuple):
        alike = isinstance(got, list) and len(got) == len(want)
        return alike and all(same(one, two, rel_tol) for one, two in zip(got, want, strict=True))
    if isinstance(want, dict):
        wanted = {str(key): value for key, value in want.items()}
        alike = isinstance(got, dict) and got.keys() == wanted.keys()
        return alike and all(same(got[key], value, rel_tol) for key, value in wanted.items())
    if isinstance(want, bool) or isinstance(got, bool) or not isinstance(want, int | float):
        return type(got) is type(want) and bool(got == want)
    if not isinstance(got, int | float):
        return False
    inexact = isinstance(want, float) or isinstance(got, float)
    try:
        return got == want or (inexact and rel_tol > 0 and math.isclose(got, want, rel_tol=rel_tol))
    except OverflowError:
        return False


def verdict_of(tiers: list[Tier], ends: list[list[str]], mode: Mode) -> Verdict:
    shares = [sum(what == "passed" for what in tier) / len(tier) for tier in ends]
    parts = {tier.name: tier_verdict(tier_ends) for tier, tier_ends in zip(tiers, ends, strict=True)}
    first = next((what for tier in ends for what in tier if what != "passed"), "passed")
    if first == "passed":
        return Verdict.of(1, code="code_tests.passed", reason="every test passes", parts=parts)
    counted = {"all": [0.0] * len(shares), "soft": shares, "strict": leading(shares)}[mode]
    whole = math.fsum(tier.weight for tier in tiers)
    score = math.fsum(tier.weight / whole * share for tier, share in zip(tiers, counted, strict=True))
    told = ", ".join(f"{name} {part.evidence[0].text}" for name, part in parts.items())
    score = min(score, math.nextafter(1.0, 0.0))
    return Verdict.of(score, code=f"code_tests.{first}", reason=f"tests that pass: {told}"[:500], parts=parts)


def leading(shares: list[float]) -> list[float]:
    """1 for each tier up to the first that does not pass whole, 0 from there."""
    count = next((at for at, share in enumerate(shares) if share < 1), len(shares))
    return [1.0] * count + [0.0] * (len(shares) - count)


def tier_verdict(ends: list[str]) -> Verdict:
    passed = ends.count("passed")
    first = next((what for what in ends if what != "passed"), "passed")
    fact = Evidence(
        kind="test", text=f"{passed}/{len(ends)}", data={"passed": passed, "total": len(ends), "ends": ends}
    )
    return Verdict.of(passed / len(ends), code=f"code_tests.{first}", evidence=(fact,))
