"""Hostile answers and dying workers: every one ends in time, nothing is run or written, and an outage never becomes a score."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.verdict import Outcome
from envgym.verifiers import ask_worker, math_answer
from envgym.verifiers.math_answer import math_equal
from envgym.verifiers.worker import Budget, WorkerPool

SLOW = "\\boxed{e^{e^{e^{e^{100x}}}}}"
"""Passes every static limit and keeps mpmath busy for ever."""
UsePool = Callable[..., WorkerPool]


@pytest.fixture
def use_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[UsePool]:
    """Puts another real pool in the place of the verifier's own."""
    with contextlib.ExitStack() as stack:

        def use(target: str = math_answer.pool.target, *, size: int = 1, **budget: float) -> WorkerPool:
            pool = WorkerPool(target, size=size, budget=Budget(**budget))  # type: ignore[arg-type]
            stack.callback(pool.close)
            monkeypatch.setattr(math_answer, "pool", pool)
            math_answer.fault_of_gold.cache_clear()
            return pool

        yield use
    math_answer.fault_of_gold.cache_clear()


@pytest.mark.parametrize(
    "answer",
    [
        "1000000000!",
        "9^{9^{9^9}}",
        "9^9^9^9",
        "9**9**9",
        "\\binom{10^9}{5*10^8}",
        "(((9!)!)!)!",
        "((10^{9})!)!",
        "2^{10^{10}}",
        "(1/3)^{10^9}",
        "\\sqrt{3}^{10^{9}}",
        "9" * 1_000_000,
        "x" + "9" * 1_500,
        "1e999999999",
        "(" * 5000 + ")" * 5000,
        "(" * 300 + "1" + ")" * 300,
        "{" * 900 + "}" * 900,
        "\\frac{1}{" * 200 + "2" + "}" * 200,
        "\\sqrt{" * 200 + "2" + "}" * 200,
        "-" * 1500 + "1",
        "|" * 1500,
        "!" * 1500,
        "1," * 900 + "1",
        "\\{" * 900,
        "x^{1000000000}",
        "(x+1)^{1000000000}",
        "\\sin(" * 25 + "x" + ")" * 25,
        "^" * 1000,
        "_" * 1000,
        "\\text{" * 500,
        "\\left(" * 300,
        "=" * 1000,
        "<1" * 700,
        "\x00",
        "\ud800",
        "\udfff" * 500,
        "\u202e" * 1000,
        "\ufdfa" * 1900,
        "½" * 1900,
        "²" * 1900,
        "$" * 1900,
        "\\" * 1901,
        "\\pm" * 600,
        "%" * 1900,
        "\\cup" * 400,
        "\\int_0^{10^9} \\frac{\\sin(x^{x^x})}{x} dx",
        "\\sum_{k=1}^{10^{12}} k^{k}",
        "\\lim_{x \\to 0} x^{x^{x^x}}",
        "10^{100000}!",
        "\\lfloor e^{e^{50}} \\rfloor",
        "e^{e^{e^{100}}}",
        "(e^{10})!!",
        "\\exp(\\exp(\\exp(9)))",
        "\\pi^{\\pi^{\\pi^{\\pi}}}",
        "1000000000!!",
        "*".join(["9999!"] * 150),
        "\\binom{1/2}{100000}",
        "\\binom{x}{100000}",
        "\\max(" + ",".join(f"\\sin({n}x)" for n in range(150)) + ")",
        ",".join(f"x\\ne{n}" for n in range(190)),
        "\\cup".join(f"(\\sqrt{{{n}}},\\pi^{{{n % 40}}}+{n})" for n in range(60)),
        "+".join(f"\\frac{{1}}{{x+{n}}}" for n in range(100)) + "=y",
        ",".join(f"\\frac{{\\pi}}{{{n}}}+\\frac{{k\\pi}}{{{n}}}" for n in range(50, 90)) + ",k\\in\\mathbb{Z}",
        "0." + "12" * 900 + "3...",
        "\\begin{pmatrix}" + "\\\\".join("&".join("1" * 1000) for _ in range(1000)) + "\\end{pmatrix}",
        "2^{10^{18}} \\mod 7",
        "4" + "\u0301" * 1_900,
    ],
    ids=lambda answer: ascii(answer[:24]),
)
def test_a_hostile_answer_gets_a_verdict_at_once(answer: str) -> None:
    math_equal("\\boxed{x+1}", "1+x")
    start = time.perf_counter()
    for gold in ("5", "x+2", "(-\\infty,3)\\cup(5,\\infty)", "y=2x+3", "k\\pi, k\\in\\mathbb{Z}"):
        verdict = math_equal(f"\\boxed{{{answer}}}", gold)
        assert verdict.score == 0.0, verdict
    assert time.perf_counter() - start < 10.0


@pytest.mark.parametrize("gold", ["5", "x^2", "(1,2)"])
def test_model_text_is_never_run(gold: str, tmp_path: Path) -> None:
    target = tmp_path / "written"
    for code in (
        f"__import__('os').system('touch {target}')",
        f"[open('{target}','w')]",
        f"open('{target}','w').write('x')",
        f"exec(\"open('{target}','w')\")",
        f"().__class__.__base__.__subclasses__()[0]('{target}')",
        f"\\input{{{target}}}",
        f"\\write18{{touch {target}}}",
        f"sympify(\"__import__('pathlib').Path('{target}').touch()\")",
        f"\\int_0^1 __import__('os').system('touch {target}') dx",
        f"$(touch {target})",
        "lambda: 0",
        "quit()",
        "Symbol('x')",
    ):
        verdict = math_equal(f"\\boxed{{{code}}}", gold)
        assert verdict.score == 0.0
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="x129+-*/^_(){}[]|!%,.=<> \\fracsqrtinbomupte", max_size=40))
def test_any_mixture_of_mathematical_signs_gets_a_verdict(answer: str) -> None:
    assert math_equal(f"\\boxed{{{answer}}}", "x^2+1").outcome in (Outcome.PASS, Outcome.FAIL, Outcome.MALFORMED)


def test_an_answer_that_burns_cpu_in_two_processes_fails_and_is_the_policys_doing(use_pool: UsePool) -> None:
    pool = use_pool(cpu_s=0.25)
    math_equal("\\boxed{x+1}", "1+x")
    at_hand = set(pool.pids())
    seen = set(at_hand)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(math_equal, SLOW, "5")
        while not call.done():
            seen.update(pool.pids())
            time.sleep(0.01)
    verdict = call.result()
    assert (verdict.outcome, verdict.code, verdict.attribution) == (Outcome.FAIL, "answer.too_complex", "policy")
    assert len(seen) >= 2, (
        "once in the worker at hand, once in a fresh one; a third may be up already for the next answer"
    )
    assert math_equal("\\boxed{x+1}", "1+x").passed, "the next answer gets a new worker"
    assert not at_hand & set(pool.pids())


def test_with_the_ordinary_budget_that_takes_about_two_seconds() -> None:
    start = time.process_time()
    assert math_equal(SLOW, "5").code == "answer.too_complex"
    assert time.process_time() - start < 0.5, "none of it in our own process"


def test_a_gold_that_burns_cpu_makes_the_task_invalid(use_pool: UsePool) -> None:
    use_pool(cpu_s=0.25)
    verdict = math_equal("\\boxed{x}", "e^{e^{e^{e^{100x}}}}")
    assert (verdict.outcome, verdict.score) == (Outcome.TASK_INVALID, None)


def keep_killing(pool: WorkerPool, is_over: Callable[[], bool], times: int) -> int:
    """SIGKILLs workers of `pool` as they appear; returns how many."""
    killed: set[int] = set()
    while len(killed) < times and not is_over():
        for pid in set(pool.pids()) - killed:
            time.sleep(0.1)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(0.01)
    return len(killed)


def test_a_worker_that_is_killed_once_costs_a_retry_and_not_the_verdict(use_pool: UsePool) -> None:
    pool = use_pool(cpu_s=0.3)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(math_equal, SLOW, "5")
        assert keep_killing(pool, call.done, times=1) == 1
        verdict = call.result(30)
    assert verdict.code == "answer.too_complex"


def test_workers_that_are_killed_again_and_again_give_no_score(use_pool: UsePool) -> None:
    pool = use_pool(cpu_s=5.0)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(math_equal, SLOW, "5")
        assert keep_killing(pool, call.done, times=99) == ask_worker.ATTEMPTS
        verdict = call.result(30)
    assert (verdict.outcome, verdict.score, verdict.code, verdict.attribution) == (
        Outcome.INFRA_ERROR,
        None,
        "worker.died",
        "infra",
    )


@pytest.mark.parametrize("target", ["no_such_module:f", "os:_exit", "operator:index"])
def test_a_worker_that_cannot_do_its_work_gives_no_score(use_pool: UsePool, target: str) -> None:
    use_pool(target)
    verdict = math_equal("\\boxed{x+1}", "1+x")
    assert (verdict.outcome, verdict.score, verdict.code) == (Outcome.INFRA_ERROR, None, "worker.died")


def test_an_outage_is_not_remembered(use_pool: UsePool) -> None:
    use_pool("no_such_module:f")
    assert math_equal("\\boxed{x+1}", "1+x").score is None
    math_answer.pool = WorkerPool(
        math_answer.fault_of_gold.__module__.replace("math_answer", "math_equality:compare"), size=1
    )
    assert math_equal("\\boxed{x+1}", "1+x").passed
    math_answer.pool.close()


def test_eight_threads_with_hostile_answers_among_them_get_their_own_verdicts(use_pool: UsePool) -> None:
    pool = use_pool(size=2, cpu_s=0.25)
    jobs = [("\\boxed{(x-1)(x+1)}", 1.0), ("\\boxed{x^2}", 0.0), ("\\boxed{x^2-1}", 1.0), ("\\boxed{x^2+1}", 0.0)] * 20
    jobs[7] = jobs[50] = (SLOW, 0.0)
    with ThreadPoolExecutor(8) as threads:
        scores = list(threads.map(lambda job: math_equal(job[0], "x^2-1").score, jobs))
    assert scores == [score for _, score in jobs]
    pids = pool.pids()
    pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
