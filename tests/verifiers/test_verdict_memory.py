"""Verdicts that are remembered: those with a score, by their key, the last ones."""

from envgym.verdict import Verdict
from envgym.verifiers.verdict_memory import VerdictMemory

PASS, FAIL = Verdict.of(1, code="test.pass"), Verdict.of(0, code="test.fail")
BROKEN = Verdict.infra_error("the machine stalled", code="test.broken")


def test_the_first_verdict_stays() -> None:
    memory = VerdictMemory(2)
    assert [memory.recall("a", lambda: PASS), memory.recall("a", lambda: FAIL)] == [PASS, PASS]
    assert memory.recall("b", lambda: FAIL) == FAIL


def test_a_verdict_without_a_score_is_not_kept() -> None:
    memory = VerdictMemory(2)
    assert [memory.recall("a", lambda: BROKEN), memory.recall("a", lambda: PASS)] == [BROKEN, PASS]


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    memory = VerdictMemory(2)
    for key in ("a", "b", "a", "c"):
        memory.recall(key, lambda: PASS)
    assert memory.recall("a", lambda: FAIL) == PASS
    assert memory.recall("b", lambda: FAIL) == FAIL
