"""The environment: an agent builds, looks, tries out and hands in."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from envgym import Verdict, call
from envgym.browser.chromium import ChromiumBackend
from envgym.environments.app_dev.app_dev import AppDev
from envgym.environments.app_dev.app_task import BLANK, open_app_task
from envgym.verifiers.app.grade import Judge, grade_app

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def env() -> AppDev:
    env = AppDev(apps=("counter",))
    env.reset(seed=0)
    return env


def told(env: AppDev) -> str:
    return str(env.observe()[-1]["content"])


def test_an_agent_sees_its_app_and_what_goes_wrong_on_it(env: AppDev) -> None:
    env.step(
        call(
            "write_file",
            path="index.html",
            content="<h1>Counter</h1><button>Increase</button><script>missing()</script>",
        )
    )
    env.step(call("look"))
    assert 'button "Increase"' in told(env)
    assert "missing is not defined" in told(env)


def test_an_agent_can_try_its_app_in_the_steps_of_the_grader(env: AppDev) -> None:
    for name, content in open_app_task("counter").gold.items():
        env.step(call("write_file", path=name, content=content.decode()))
    env.step(
        call("try_out", steps=[{"do": "press", "name": "Increase", "number": "2"}, {"do": "sees", "text": "Count: 2"}])
    )
    assert told(env).startswith("all steps went through")
    env.step(call("try_out", steps=[{"do": "press", "name": "Double"}]))
    assert "there is no" in told(env)
    assert "'Increase'" in told(env)


def test_hidden_checks_and_values_are_nowhere_to_be_seen(env: AppDev) -> None:
    assert env.task is not None
    seen = " ".join(str(message["content"]) for message in env.observe())
    assert all(str(check["name"]) not in seen for check in env.task.private["checks"])


@pytest.mark.parametrize("path", ["../x.html", "/etc/passwd", "", "a\\b", "a\0b"])
def test_a_path_out_of_the_app_is_told(env: AppDev, path: str) -> None:
    env.step(call("write_file", path=path, content="x"))
    assert "is no path inside the app" in told(env)
    assert env.files == {}


def test_a_page_that_hangs_is_a_bad_app_and_no_failure_of_the_world(env: AppDev) -> None:
    env.step(call("write_file", path="index.html", content="<h1>Counter</h1><script>for (;;) ;</script>"))
    _, reward, terminated, _, _ = env.step(call("submit"))
    assert terminated
    assert reward == 0
    assert env.verdict is not None
    assert env.verdict.code == "app.page_error"


def test_a_folder_that_holds_links_and_hidden_files_is_read_without_them(tmp_path: Path) -> None:
    from envgym.verifiers.app.static_site import read_app

    (tmp_path / "index.html").write_text("x")
    (tmp_path / ".secret").mkdir()
    (tmp_path / ".secret" / "key").write_text("x")
    (tmp_path / "passwd").symlink_to("/etc/passwd")
    assert set(read_app(tmp_path)) == {"index.html"}


@pytest.mark.parametrize(
    "step",
    [
        {"do": "press", "name": "Increase", "number": "abc"},
        {"do": "press", "name": "Increase", "number": "999"},
        {"do": "press", "name": "Increase", "number": "{n}"},
        {"do": "counts", "role": "button", "number": "-1"},
        {"do": "counts", "role": "button"},
        {"do": "key", "text": "x" * 99},
        {"do": "fill", "name": "Step", "text": "9" * 150_000},
        {"do": "choose", "name": "Step", "text": "z" * 5_000},
        {"do": "ordered"},
        {"do": "sees"},
    ],
    ids=lambda step: f"{step['do']}-{len(str(step))}",
)
def test_a_step_that_cannot_be_tried_is_told(env: AppDev, step: dict[str, str]) -> None:
    for name, content in open_app_task("counter").gold.items():
        env.step(call("write_file", path=name, content=content.decode()))
    env.step(call("try_out", steps=[step]))
    assert not told(env).startswith("all steps went through")


def test_a_judge_of_pictures_can_only_take_away() -> None:
    todo = open_app_task("todo")
    seen: list[bytes] = []

    def strict(pictures: list[bytes], asks: str) -> Verdict:
        seen.extend(pictures)
        return Verdict.of(0, code="judge.ugly", reason="it is ugly")

    def away(pictures: list[bytes], asks: str) -> Verdict:
        return Verdict.infra_error("the judge is away")

    def grade(files: Mapping[str, bytes], judge: Judge) -> Verdict:
        return grade_app(files, todo.requirement, ChromiumBackend, seed=0, judge=judge)

    assert grade(todo.gold, strict).code == "judge.ugly"
    assert seen[0].startswith(b"\x89PNG")
    assert grade(todo.gold, away).score is None
    assert grade(BLANK, lambda pictures, asks: Verdict.of(1)).score == 0
