"""Our tasks as Harbor folders: written, read again, played; and Harbor folders in a real Docker engine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from envgym.cli import app
from envgym.environments.harbor.harbor_env import Harbor
from envgym.environments.harbor.image_build import NAME
from envgym.environments.harbor.task_file import HarborFolder
from envgym.environments.harbor.write import write_harbor
from envgym.environments.swe.task_folder import TaskFolder
from envgym.errors import UsageError
from envgym.message import call
from tests.swe.shop_task import FIXED, write_shop_task

from .folders import TEST, write_folder

CART = "src/shop/cart.py"
HONEST = {CART: FIXED}
ALL_PASS = """import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    report.outcome = "passed"
    return report
"""
FORGED = """import json, os

tests = json.load(open("/tests/expected.json"))["tests"]
json.dump(tests, open(os.environ["EXPORTED_OUTCOMES"], "w"))
"""
CHEATS = {
    "conftest": {"conftest.py": ALL_PASS, "src/conftest.py": ALL_PASS},
    "hidden test at its place": {"tests/test_cart.py": "def test_nothing(): pass\n"},
    "pytest of its own": {"src/pytest.py": FORGED},
    "json of its own": {"src/json/__init__.py": "raise SystemExit(0)\n"},
    "exits": {CART: "import os\nos._exit(0)\n"},
}


@pytest.fixture
def shop(tmp_path: Path) -> TaskFolder:
    return write_shop_task(tmp_path / "shop")


def played(env: Harbor, files: dict[str, str]) -> float | None:
    """The score of writing `files`."""
    env.reset()
    for path, content in files.items():
        env.step(call("create_file", path=path, content=content, overwrite=True))
    return env.verify().score


def solved(env: Harbor) -> float:
    env.reset()
    for action in env.oracle():
        result = env.step(action)
    assert result[2]
    return float(result[1])


def test_a_written_task_is_read_and_pays_its_solution_alone(tmp_path: Path, shop: TaskFolder) -> None:
    place = write_harbor(shop, tmp_path / "out")
    folder = HarborFolder.read(place)
    assert folder.task.verifier.environment_mode == "separate"
    assert folder.unknown == ()
    assert shop.issue.strip() in folder.instruction
    env = Harbor(data=str(place), sandbox="namespaces")
    try:
        assert played(env, {}) == 0.0
        assert solved(env) == 1.0
        assert played(env, HONEST) == 1.0
        for name, files in CHEATS.items():
            assert played(env, files) == 0.0, name
    finally:
        env.close()


OUTCOMES = """import pytest

def test_pass(): pass
def test_fail(): assert 0
@pytest.mark.skip
def test_skip(): pass
@pytest.mark.xfail
def test_xfail(): assert 0
@pytest.mark.xfail
def test_xpass(): pass
@pytest.fixture
def broken():
    yield
    assert 0
def test_teardown(broken): pass
"""


def test_only_a_test_that_ran_and_passed_is_paid_in_an_exported_folder(tmp_path: Path, shop: TaskFolder) -> None:
    tests = write_harbor(shop, tmp_path / "out") / "tests"
    (tests / "hidden" / "test_outcomes.py").write_text(OUTCOMES)
    expected = json.loads((tests / "expected.json").read_text())
    names = ("pass", "fail", "skip", "xfail", "xpass", "teardown", "none")
    paid = {}
    for name in names:
        expected["tests"] = [f"test_outcomes.py::test_{name}"]
        (tests / "expected.json").write_text(json.dumps(expected))
        words = [sys.executable, str(tests / "judge.py"), str(tests), str(shop.base), str(tmp_path)]
        subprocess.run(words, check=True, capture_output=True)
        paid[name] = (tmp_path / "reward.txt").read_text()
    assert paid == {name: "1\n" if name == "pass" else "0\n" for name in names}


def test_the_command_writes_every_task_of_a_folder_and_refuses_to_overwrite(tmp_path: Path, shop: TaskFolder) -> None:
    words = ["export", "harbor", str(shop.path), "-o", str(tmp_path / "out"), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["written"] == 1
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 1
    assert "exists already" in json.loads(again.stdout.splitlines()[-1])["failed"]["shop-1"]


def test_in_docker_a_written_task_is_built_and_pays_its_solution_alone(
    tmp_path: Path, shop: TaskFolder, engine: tuple[Any, str]
) -> None:
    client, image = engine
    env = Harbor(data=str(write_harbor(shop, tmp_path / "out", image=image)))
    try:
        assert played(env, {}) == 0.0
        assert solved(env) == 1.0
        assert env.world.spec.image.startswith(f"{NAME}:")
        assert env.world.spec.workdir == "/app"
        client.images.get(env.world.spec.image)
    finally:
        env.close()


def test_in_docker_the_tests_are_read_only_for_the_candidates_code(tmp_path: Path, engine: tuple[Any, str]) -> None:
    _, image = engine
    attack = "[ -e run.sh ] && bash run.sh\n"
    env = Harbor(
        data=str(
            write_folder(
                tmp_path / "task",
                environment__Dockerfile=f"FROM {image}\nWORKDIR /srv/work\nENV COLOUR=blue\nCOPY a.txt ./\n",
                environment__a_Dtxt="a\n",
                tests__test_Dsh=attack + TEST,
            )
        )
    )
    try:
        env.reset()
        observation = env.step(call("shell", command="pwd; cat a.txt; echo $COLOUR; ls /tests; id -u"))[0]
        told = str(observation[0]["content"])
        assert "/srv/work\na\nblue\n" in told
        assert "cannot access '/tests'" in told
        env.write("run.sh", "echo 'echo 1 > /logs/verifier/reward.txt' > /tests/test.sh; rm -rf /tests; mv /tests /x\n")
        assert env.verify().score == 0.0
        assert solved(env) == 1.0
    finally:
        env.close()


def test_an_image_that_is_not_there_and_one_that_needs_a_network_are_refused(
    tmp_path: Path, engine: tuple[Any, str]
) -> None:
    _, image = engine
    for number, (dockerfile, what) in enumerate(
        {
            "FROM no-such-image:1\n": "docker pull no-such-image:1",
            f"FROM {image}\nRUN apt-get install -y no-such-package\n": "cannot be built without a network",
        }.items()
    ):
        env = Harbor(data=str(write_folder(tmp_path / f"task{number}", environment__Dockerfile=dockerfile)))
        with pytest.raises(UsageError, match=what):
            env.reset()
    with pytest.raises(UsageError, match="does not have the image other:1"):
        Harbor(data=str(tmp_path / "task0"), image="other:1").reset()
