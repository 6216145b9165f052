"""Running statistics per domain."""

import json
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.task import Task
from envgym.trajectory import Trajectory
from envgym.verdict import Verdict
from envgym.verifiers.shape_domain import DomainNormaliser, Running


def episode(score: float | None, group: str = "g", env: str = "x") -> Trajectory:
    verdict = Verdict.infra_error("down") if score is None else Verdict.of(score)
    return Trajectory(
        id="e", run="r", index=0, group=group, task=Task(id="t", env=env), env=env, env_path=env, env_version="1",
        scaffold="s", scaffold_version="1", policy="p", seed=0, policy_seed=0, status="ok", verdict=verdict,
        reward=score,
    )  # fmt: skip


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_running_numbers_are_those_of_the_whole_list(values: list[float]) -> None:
    running = Running()
    for value in values:
        running.add(value)
    assert running.mean == pytest.approx(statistics.fmean(values), abs=1e-6)
    assert running.variance == pytest.approx(statistics.pvariance(values), rel=1e-6, abs=1e-3)


def test_a_large_mean_costs_no_digits() -> None:
    running = Running()
    for value in (1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16):
        running.add(value)
    assert running.variance == 22.5


def test_each_domain_is_normalised_by_its_own_numbers() -> None:
    batch = [episode(1.0), episode(0.0), episode(0.75, "h", "y"), episode(0.25, "h", "y")]
    assert DomainNormaliser().shape(batch) == batch
    assert [one.reward for one in batch] == [1.0, -1.0, 1.0, -1.0]
    assert batch[2].rewards == {"score": 0.75, "domain": 0.25}
    assert batch[2].score == 0.75


def test_flat_groups_and_unscored_episodes_leave_no_trace() -> None:
    normaliser = DomainNormaliser()
    batch = [episode(1.0), episode(0.0), episode(1.0, "flat"), episode(1.0, "flat"), episode(None)]
    assert normaliser.shape(batch) == batch[:2]
    assert [one.reward for one in batch] == [1.0, -1.0, None, None, None]
    assert normaliser.domains["x"].count == 2


def test_what_was_dropped_stays_dropped() -> None:
    flat = [episode(1.0), episode(1.0)]
    normaliser = DomainNormaliser()
    assert normaliser.shape(flat) == normaliser.shape(flat) == []
    assert flat[0].reward is None


def test_the_state_survives_json_and_goes_on_as_before() -> None:
    one, two = DomainNormaliser(), DomainNormaliser()
    one.add("x", [0.0, 1.0, 0.5])
    two.restore(json.loads(json.dumps(one.state())))
    assert two.add("x", [0.25, 1.0]) == one.add("x", [0.25, 1.0])
    assert two.state() == one.state()


@pytest.mark.parametrize(
    "state",
    [{"x": {"count": -1}}, {"x": {"counted": 1}}, {"x": 3}, {"x": {"mean": float("nan")}}, {"x": {"mean": "a"}}],
)
def test_a_broken_state_is_refused_and_changes_nothing(state: dict[str, object]) -> None:
    normaliser = DomainNormaliser()
    normaliser.add("x", [1.0])
    with pytest.raises(UsageError):
        normaliser.restore(state)
    assert normaliser.domains["x"].count == 1


def test_one_number_alone_is_zero() -> None:
    assert DomainNormaliser().add("x", [7.0]) == [0.0]
    with pytest.raises(UsageError, match="finite"):
        DomainNormaliser().add("x", [float("nan")])
