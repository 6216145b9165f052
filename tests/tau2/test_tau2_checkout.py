"""The real tau2-bench, where there is a checkout: the flaws that are known of it are found, and its sound tasks can be played."""

import pytest

from envgym.environments.tau2.audit import findings, summary
from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.tau2_env import Tau2
from envgym.errors import UsageError

pytestmark = [pytest.mark.outside, pytest.mark.timeout(900)]


def test_the_known_flaws_of_retail_are_found(real: Checkout) -> None:
    """Issues 384 and 499 of tau2-bench; version 1.0.1."""
    figures = summary(findings(real, "retail"))
    assert figures["tasks"] == 114
    assert len(figures["db_holds_idle"]) == 11
    assert len(figures["gold_raises"]) == 15
    assert figures["gold_steps_that_raise"] == 18


def test_nearly_half_of_airline_pays_doing_nothing(real: Checkout) -> None:
    try:
        figures = summary(findings(real, "airline"))
    except UsageError as missing:
        pytest.skip(str(missing))
    assert (figures["tasks"], len(figures["pays_idle"])) == (50, 23)


@pytest.mark.parametrize("domain", ["mock", "retail", "airline", "telecom"])
def test_gold_is_paid(real: Checkout, domain: str) -> None:
    try:
        env = Tau2(domain=domain, which="all", checkout=str(real.folder), python=str(real.python))
    except UsageError as missing:
        pytest.skip(str(missing))
    played = 0
    for task in (task for task in env.taskset() if task.certificate):  # type: ignore[attr-defined]
        env.reset(options={"task": task})
        for action in env.oracle():
            reward = env.step(action)[1]
        assert reward == 1.0, task.id
        played += 1
        if played == 10:
            break
    env.close()
    assert played >= 5
