"""The audit: each way in which a task can be flawed is found, in the task that has it and in no other."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from envgym.cli import app
from envgym.environments.tau2.audit import findings, summary
from envgym.environments.tau2.checkout import Checkout

SOUND = ["cancel", "scan", "polite", "issue", "go_on"]


@pytest.fixture
def figures(checkout: Checkout) -> dict[str, Any]:
    return summary(findings(checkout, "kiosk"))


def audit(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["tau2", "audit", *arguments, "--json"])
    return done.exit_code, json.loads(done.stdout.splitlines()[-1])


def test_sound_tasks_are_sound(checkout: Checkout) -> None:
    assert [each.task for each in findings(checkout, "kiosk") if each.sound] == SOUND


def test_every_flaw_is_found_where_it_is(figures: dict[str, Any]) -> None:
    assert figures["pays_idle"] == ["pays_idle", "no_criteria"]
    assert figures["pays_idle_but_for_unscored"] == ["pays_idle_but_for_judge", "judge_alone"]
    assert figures["db_holds_idle"] == ["pays_idle", "pays_idle_but_for_judge"]
    assert figures["gold_not_paid"] == {"gold_unpaid": ["COMMUNICATE"]}
    assert list(figures["broken"]) == ["broken"]
    assert "no_such_function" in figures["broken"]["broken"]
    assert (figures["tasks"], figures["sound"], figures["with_unscored"]) == (12, 5, 3)


def test_a_gold_step_that_raises_is_named_with_its_error_and_the_later_steps_are_made(figures: dict[str, Any]) -> None:
    step = {"position": 0, "action": "cancel_ticket", "error": "ValueError: ticket T-4712 is used"}
    assert figures["gold_raises"] == {"gold_raises": [step]}
    assert figures["gold_steps_that_raise"] == 1


def test_the_command_prints_the_same_figures_and_fails_where_there_are_flaws(figures: dict[str, Any]) -> None:
    code, printed = audit("--domain", "kiosk")
    assert code == 1
    assert printed["domains"] == {"kiosk": figures}


def test_the_command_succeeds_where_there_is_no_flaw() -> None:
    code, printed = audit("--domain", "trap")
    assert code == 0
    assert printed["domains"]["trap"]["sound"] == 1


def test_without_a_domain_all_are_audited_and_one_that_does_not_load_is_left_out_with_the_reason() -> None:
    _, printed = audit()
    assert list(printed["domains"]) == ["kiosk", "trap"]
    assert "data/absent/db.json" in printed["left_out"]["absent"]


def test_the_table_names_every_flawed_task() -> None:
    done = CliRunner().invoke(app, ["tau2", "audit", "--domain", "kiosk"])
    for told in (
        "pays_idle, no_criteria",
        "pays_idle_but_for_judge, judge_alone",
        "ticket T-4712 is used",
        "gold_unpaid: gold is not paid: COMMUNICATE",
        "no_such_function",
    ):
        assert told in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--domain", "kiosq"], "did you mean 'kiosk'"),
        (["--domain", "absent"], "data/absent/db.json"),
        (["--checkout", str(Path(__file__).parent)], "no src/tau2/registry.py"),
        (["--python", "/no/such/python"], "no interpreter"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["tau2", "audit", *arguments])
    assert told in str(done.exception)


def test_without_a_checkout_it_says_how_to_get_one_and_what_not_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVGYM_TAU2")
    told = str(CliRunner().invoke(app, ["tau2", "audit"]).exception)
    assert "sierra-research/tau2-bench" in told
    assert "do not install it" in told
