"""Verdicts: what is scored, what is not, and what is no task at all."""

import pytest

from envgym import Task
from envgym.environments.tau2.judge import Criteria, was_said
from envgym.environments.tau2.tau2_env import Tau2
from envgym.errors import EnvFailure
from envgym.message import Action, call
from envgym.verdict import Verdict


def played(task: str, *actions: Action) -> Verdict:
    """The verdict after some actions, with every task of the domain on offer."""
    env = Tau2(domain="kiosk", which="all")
    try:
        env.reset(options={"task": task})
        for action in actions:
            env.step(action)
        return env.verify()
    finally:
        env.close()


CANCEL = call("cancel_ticket", number="T-4711", reason="ill")


def test_the_score_is_the_product_of_the_parts() -> None:
    said = call("ask_user", text="You get 1,250 back. Anything else?", about="what_you_want")
    assert {name: part.score for name, part in played("cancel", CANCEL).parts.items()} == {
        "DB": 1.0,
        "COMMUNICATE": 0.0,
    }
    assert {name: part.score for name, part in played("cancel", said).parts.items()} == {"DB": 0.0, "COMMUNICATE": 1.0}
    both = played("cancel", CANCEL, said)
    assert (both.score, both.code) == (1.0, "tau2.right")
    assert played("cancel", CANCEL).reason == "COMMUNICATE do not hold"


def test_what_is_written_beside_a_call_is_not_said_to_the_user() -> None:
    aside = CANCEL | {"content": "They will get 1250."}
    assert played("cancel", aside).parts["COMMUNICATE"].score == 0.0


def test_another_way_to_the_same_state_is_paid() -> None:
    detour = call("change_seat", number="T-5200", seat="9X")
    assert played("polite", detour, call("change_seat", number="T-5200", seat="3A")).score == 1.0


def test_a_harmful_extra_is_not_paid() -> None:
    extra = call("change_seat", number="T-4711", seat="9X")
    assert played("polite", call("change_seat", number="T-5200", seat="3A"), extra).score == 0.0


def test_a_part_that_takes_a_model_as_judge_is_said_to_be_unscored() -> None:
    verdict = played("polite", call("change_seat", number="T-5200", seat="3A"))
    assert (verdict.score, verdict.code) == (1.0, "tau2.right_as_far_as_scored")
    assert "NL_ASSERTION in its basis was not scored" in verdict.reason
    part = verdict.parts["NL_ASSERTION"]
    assert (part.score, part.code, part.attribution) == (None, "tau2.not_scored", "verifier")


def test_a_wrong_state_is_0_also_where_a_part_is_unscored() -> None:
    verdict = played("polite")
    assert (verdict.score, verdict.code) == (0.0, "tau2.wrong")
    assert "not scored" in verdict.reason


def test_assertions_and_actions_are_scored_and_the_users_steps_count() -> None:
    scan = call("user_scan_ticket", number="T-5200")
    move = call("change_seat", number="T-5200", seat="2B")
    assert played("scan", scan, move).score == 1.0
    assert played("scan", move).parts["ENV_ASSERTION"].score == 0.0
    assert played("scan", scan).parts["ACTION"].score == 0.0


def test_an_assertion_about_a_row_that_is_not_there_does_not_hold() -> None:
    env = Tau2(domain="kiosk")
    theirs = dict(env.taskset().find("scan").private)
    missing = {"env_type": "assistant", "func_name": "assert_status", "arguments": {"number": "T-0", "status": "valid"}}
    theirs["evaluation_criteria"] = theirs["evaluation_criteria"] | {"env_assertions": [missing]}
    task = Task(id="x", env="tau2", public=env.taskset().find("scan").public, private=theirs)
    env.reset(options={"task": task})
    assert env.verify().parts["ENV_ASSERTION"].score == 0.0
    env.close()


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("gold_raises", "tau2.gold_raises"),
        ("judge_alone", "tau2.nothing_scored"),
        ("no_criteria", "tau2.nothing_scored"),
    ],
)
def test_a_task_that_cannot_be_judged_has_no_score(task: str, code: str) -> None:
    verdict = played(task, CANCEL)
    assert (verdict.outcome, verdict.score, verdict.code) == ("task_invalid", None, code)
    with pytest.raises(EnvFailure):
        played(task, call("finish", message=""))


def test_a_task_that_cannot_be_set_up_is_a_failure_of_the_world() -> None:
    assert played("broken").outcome == "infra_error"


@pytest.mark.parametrize(
    ("wanted", "said", "found"),
    [
        ("1250", "It is 1,250 euros", True),
        ("1,250", "It is 1,250 euros", False),
        ("Seat 3a", "your SEAT 3A is free", True),
        ("10", "it costs 100", True),
        ("10", "", False),
    ],
)
def test_texts_are_looked_for_as_tau2_bench_does_with_all_its_flaws(wanted: str, said: str, found: bool) -> None:
    assert was_said(wanted, [said]) is found


def test_criteria_without_actions_and_assertions_hold_whatever_the_state() -> None:
    criteria = Criteria.of({"evaluation_criteria": {"reward_basis": ["DB", "COMMUNICATE"], "communicate_info": ["x"]}})
    assert criteria is not None
    assert (criteria.scored, criteria.unscored, criteria.actions) == (("DB", "COMMUNICATE"), (), None)
    assert played("pays_idle").parts["DB"].score == 1.0
