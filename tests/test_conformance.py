"""The conformance kit: it catches what is broken, by name, passes what is sound, and says what it saw."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym import Action, AnswerEnv, Task, TaskFields, TaskList, Verdict, registry
from envgym.errors import UnknownId, UsageError
from envgym.testing import check
from envgym.testing.conformance import LawResult
from envgym.testing.laws import LAWS, WAIVABLE

TOYS = Path(__file__).parent / "broken_envs"
DOCS = Path(__file__).parents[1] / "docs"
CAUGHT = {
    "gold_leak": {"nothing_private_leaks"},
    "global_rng": {"no_global_rng"},
    "verify_mutates": {"verify_is_pure_and_repeats", "terminal_reward_is_the_verdict"},
    "unstable_reset": {"reset_is_deterministic", "same_seed_same_bytes", "gymnasium_check_env"},
    "idle_paid": {"idle_scores_zero"},
    "raises": {"malformed_actions_are_told"},
    "shared_state": {"instances_do_not_touch", "forks_are_independent", "snapshot_restores_the_future"},
    "thread_leak": {"close_twice_and_clean"},
}
OUTSIDE = ("tau2",)
"""Environments over what a user has to bring; their own tests run the laws over a world of ours."""
RIPPLES = {"unstable_reset", "shared_state"}
"""Faults so deep that laws fail which are not about them: those that play an episode twice and compare."""

THIRD_PARTY = '''from envgym import AnswerEnv, Verdict


class Parity(AnswerEnv):
    """Say whether a number is even or odd."""

    id = "parity"

    def generate(self, rng):
        number = rng.randrange(1000)
        return {"public": {"number": number}, "private": {"gold": "odd" if number % 2 else "even"}}

    def begin(self, task):
        return f"Is {task.public['number']} even or odd? Reply with one word."

    def grade(self, reply, task):
        right = reply.strip().lower() == task.private["gold"]
        return Verdict.of(float(right), code="parity.right" if right else "parity.wrong")

    def oracle(self):
        yield self.task.private["gold"]
'''


class Shout(AnswerEnv):
    """Say a word in capitals: sound, and what the environments below change one thing of."""

    id = "shout"

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"word": "".join(rng.choices("abcdefg", k=6))}}

    def begin(self, task: Task) -> str:
        return f"Write {task.public['word']} in capitals."

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(reply == task.public["word"].upper()))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield self.task.public["word"].upper()


# ---- what it catches


def test_there_is_a_case_for_every_toy() -> None:
    assert {path.stem for path in TOYS.glob("*.py")} == set(CAUGHT)


@pytest.mark.parametrize("toy", CAUGHT)
def test_a_broken_toy_is_caught_by_the_law_that_is_about_its_fault(toy: str) -> None:
    failures = check(f"{TOYS / toy}.py:Broken").failures
    assert failures.keys() >= CAUGHT[toy]
    assert toy in RIPPLES or failures.keys() == CAUGHT[toy], failures
    assert all("Error" not in detail or toy in ("raises", "unstable_reset") for detail in failures.values()), failures


@pytest.mark.parametrize("toy", CAUGHT)
def test_its_sound_twin_obeys_every_law(toy: str) -> None:
    report = check(f"{TOYS / toy}.py:Sound")
    assert report.ok, report.failures
    assert report.laws.keys() == {law.__name__ for law in LAWS}


def skip_where_missing(env: str) -> None:
    """Skips an environment that plays what a user has to install, and that says so."""
    try:
        registry.make(env).taskset()
    except UsageError as missing:
        pytest.skip(str(missing))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "env", [pytest.param(env, marks=[pytest.mark.outside] * (env in OUTSIDE)) for env in registry.environments.paths()]
)
def test_every_registered_environment_obeys_every_law(env: str) -> None:
    skip_where_missing(env)
    report = check(env, tasks=1 if registry.environments.get(env).costly else 3)
    assert report.ok, report.failures


def test_a_third_party_file_of_25_lines_obeys_every_law(tmp_path: Path) -> None:
    assert THIRD_PARTY.count("\n") <= 25
    (tmp_path / "parity.py").write_text(THIRD_PARTY)
    report = check(f"{tmp_path / 'parity.py'}:Parity", seed=7)
    assert report.ok, report.failures
    assert "fresh process" in report.laws["same_seed_same_bytes"].detail


def test_a_module_path_and_settings_are_taken_too() -> None:
    report = check("envgym.environments.reasoning.game24:Game24", knobs={"numbers": 3}, tasks=1)
    assert report.ok, report.failures


# ---- what it takes and what it says


def test_a_class_is_found_by_its_file_and_a_factory_is_checked_in_this_process_only() -> None:
    by_class = check(Shout, laws=("same_seed_same_bytes", "state_pickles", "gymnasium_check_env"))
    assert by_class.ok, by_class.failures
    assert "fresh process" in by_class.laws["same_seed_same_bytes"].detail
    tasks = TaskList([Task.model_validate({"id": "one", "env": "shout", "public": {"word": "abc"}})])
    by_factory = check(lambda **settings: Shout(tasks=tasks, **settings))
    assert by_factory.ok, by_factory.failures
    for law in ("same_seed_same_bytes", "state_pickles"):
        assert by_factory.laws[law].detail.startswith("in this process only")


def test_the_report_is_json_with_a_line_per_law() -> None:
    told = check(f"{TOYS / 'idle_paid'}.py:Broken", laws=("idle_scores_zero", "observe_is_pure")).as_json()
    assert json.loads(json.dumps(told)) == {
        "ok": False,
        "laws": {
            "idle_scores_zero": {"ok": False, "detail": "task '0-0': saying only '' pays 1.0 at step 6"},
            "observe_is_pure": {"ok": True, "detail": ""},
        },
    }


def test_progress_is_called_once_for_each_law() -> None:
    seen: list[tuple[str, LawResult]] = []
    report = check(Shout, laws=("observe_is_pure", "tasks_are_valid"), progress=lambda *law: seen.append(law))
    assert seen == list(report.laws.items())


def test_a_crash_under_a_law_breaks_that_law_and_ends_nothing() -> None:
    class Crashes(Shout):
        def observe(self) -> Any:
            raise KeyError("gone")

        def close(self) -> None:
            raise OSError("cannot unmount")

    report = check(Crashes, laws=("tasks_are_valid", "observe_is_pure", "reset_is_deterministic"))
    assert report.failures["observe_is_pure"].startswith("KeyError: 'gone' (test_conformance.py, line ")
    assert report.failures["reset_is_deterministic"].startswith("close(): OSError: cannot unmount")


def test_a_generator_that_crashes_breaks_laws_and_not_the_check() -> None:
    class NoTasks(Shout):
        def generate(self, rng: random.Random) -> TaskFields:
            raise ZeroDivisionError("no")

    report = check(NoTasks)
    assert report.failures.keys() >= {"tasks_are_valid", "oracle_scores_one", "same_seed_same_bytes"}
    assert report.laws["step_before_reset_raises"].ok


def test_a_callers_mistake_is_raised() -> None:
    with pytest.raises(UnknownId, match="did you mean 'game24'"):
        check("gane24")
    with pytest.raises(UnknownId, match="observe_is_pure"):
        check(Shout, laws=("observe_is_pur",))
    with pytest.raises(UnknownId, match="numbers"):
        check("game24", knobs={"number": 3})
    with pytest.raises(UsageError, match="one task at least"):
        check(Shout, tasks=0)
    with pytest.raises(UsageError, match="generates no tasks"):
        check(AnswerEnvWithoutTasks)
    with pytest.raises(UsageError, match="made a dict"):
        check(dict)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="give an environment's id"):
        check(3)  # type: ignore[arg-type]


class AnswerEnvWithoutTasks(AnswerEnv):
    id = "nothing"


def test_a_law_that_is_out_of_time_says_how_far_it_got() -> None:
    law = check(Shout, tasks=3, laws=("observe_is_pure",), law_s=0.0).laws["observe_is_pure"]
    assert law.ok
    assert law.detail == "1 of 3 tasks in 0 s"


def test_only_some_laws_can_be_waived_and_the_report_says_so() -> None:
    class Unsolved(Shout):
        waived_laws = {"oracle_scores_one": "nobody knows a proof"}

        def oracle(self) -> Iterator[Action]:
            raise UsageError("no oracle")

    report = check(Unsolved)
    assert report.ok, report.failures
    assert report.laws["oracle_scores_one"].detail == "waived: nobody knows a proof"

    class Paid(Shout):
        waived_laws = {"idle_scores_zero": "it is hard work to be idle"}

    assert "idle_scores_zero" not in WAIVABLE
    with pytest.raises(UsageError, match="idle_scores_zero"):
        check(Paid)


def test_a_world_without_snapshots_can_be_checked_for_the_rest() -> None:
    class Outside(Shout):
        waived_laws = dict.fromkeys(
            ("snapshot_restores_the_future", "forks_are_independent", "state_pickles"), "it lives in a container"
        )

        def snapshot(self) -> Any:
            raise UsageError("this world has no snapshots")

    report = check(Outside)
    assert report.failures.keys() <= {"oracle_scores_one"}, "plan_then_act reads its plan off a fork"
    assert (
        "plan_then_act" in report.failures["oracle_scores_one"]
        or "no snapshots" in report.failures["oracle_scores_one"]
    )


def test_the_command_line_prints_the_report_and_ends_with_its_code() -> None:
    for name, code in (("Sound", 0), ("Broken", 1)):
        command = [
            sys.executable,
            "-c",
            "from envgym.cli import main; main()",
            "check",
            f"{TOYS / 'raises'}.py:{name}",
            "--json",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
        assert json.loads(done.stdout)["ok"] is (code == 0)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_documentation_has_every_law_in_its_own_words(law: Any) -> None:
    text = " ".join((DOCS / "laws.md").read_text(encoding="utf-8").split())
    assert f"| `{law.__name__}` | {' '.join(law.__doc__.split(chr(10) * 2)[0].split())} |" in text


def test_importing_the_package_imports_no_gymnasium() -> None:
    program = (
        "import sys, envgym.testing; assert 'gymnasium' not in sys.modules; from envgym.testing import check, FakeLLM"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
