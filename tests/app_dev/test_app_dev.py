"""The environment: an agent builds, looks, tries out and hands in."""

from pathlib import Path

import pytest

from envgym import call
from envgym.environments.app_dev.app_dev import AppDev
from envgym.environments.app_dev.app_task import open_app_task

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
