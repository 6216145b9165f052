"""Tests of a tree run in real sandboxes, small trees and hostile ones."""

import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from envgym.environments.swe.packages import packages_folder
from envgym.environments.swe.probe import Probe
from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import evaluate, run_tests, run_tests_in
from envgym.errors import EnvFailure, UsageError
from envgym.sandbox import NamespaceSandbox, SandboxFailure, SandboxSpec

from .small_trees import HONEST, TEST, TWO_TESTS, planted, run_of

if not sys.platform.startswith("linux"):
    pytest.skip("sandboxes of namespaces need Linux", allow_module_level=True)

# -- outcomes


def test_each_test_gets_the_outcome_that_a_strict_reader_gives_it(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        """
import unittest
import pytest

@pytest.fixture
def unmade():
    raise ValueError("at setup")

@pytest.fixture
def unclean():
    yield
    raise ValueError("at teardown")

def test_passes(): pass
def test_fails(): assert 1 == 2, "arithmetic"
def test_setup(unmade): pass
def test_teardown(unclean): pass
def test_both(unclean): assert 0
def test_skips(): pytest.skip("why not")
@pytest.mark.skip
def test_marked(): pass
@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.mark.xfail
def test_xpasses(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
class TestUnit(unittest.TestCase):
    def test_subs(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
""",
    )
    assert {test.removeprefix(f"{TEST}::"): outcome for test, outcome in run.outcomes.items()} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_setup": "error",
        "test_teardown": "error",
        "test_both": "failed",
        "test_skips": "skipped",
        "test_marked": "skipped",
        "test_xfails": "xfailed",
        "test_xpasses": "xpassed",
        "test_strict": "failed",
        "TestUnit::test_subs": "failed",
    }
    assert run.problem == ""
    assert run.messages[f"{TEST}::test_fails"].startswith(f"{TEST}:15: AssertionError: arithmetic")
    assert "at setup" in run.messages[f"{TEST}::test_setup"]
    assert f"{TEST}::test_passes" not in run.messages


NASTY = ["a::b", "[", "]", "a b", "'; rm -rf /", "$(x)", "--co", "\n", "ä", "", 'SELECT * FROM t WHERE x = "y" -- z']


def test_ids_with_anything_in_them_can_be_chosen_one_by_one(tmp_path: Path) -> None:
    test = f"import pytest\n\n@pytest.mark.parametrize('text', {NASTY!r})\ndef test_text(text): pass\n\ndef test_other(): pass\n"
    tree = planted(tmp_path, {TEST: test})
    ids = [test for test in run_tests(tree, [TEST], Recipe()).outcomes if "test_text" in test]
    assert len(ids) == len(NASTY)
    assert list(run_tests(tree, ids[::2], Recipe()).outcomes) == ids[::2]
    assert list(run_tests(tree, [f"{TEST}::test_text"], Recipe()).outcomes) == ids


def test_what_is_not_there_keeps_nothing_else_from_running(tmp_path: Path) -> None:
    tree = planted(
        tmp_path,
        {TEST: "def test_a(): pass\n", "test_bad.py": "import nothing_of_this_name\n", "test_worse.py": "def (:\n"},
    )
    run = run_tests(tree, [f"{TEST}::test_gone", f"{TEST}::test_a", "test_bad.py", "test_worse.py", "no.py"], Recipe())
    assert run.outcomes == {f"{TEST}::test_a": "passed"}
    assert run.problem == "collection"
    for part in ("nothing_of_this_name", "SyntaxError", "no.py: no such file"):
        assert part in run.text


def test_a_tree_runs_with_its_own_settings_but_without_plugins_that_are_not_there(tmp_path: Path) -> None:
    settings = (
        "[tool.pytest.ini_options]\naddopts = '-n 4 --cov=thing'\nrequired_plugins = ['pytest-xdist']\ntimeout = 5\n"
        "filterwarnings = ['error']\nmarkers = ['slow: takes long']\nxfail_strict = true\n"
    )
    test = (
        "import warnings, pytest\npytestmark = [pytest.mark.slow, pytest.mark.timeout(5)]\n"
        "@pytest.mark.xfail\ndef test_strict(): pass\ndef test_warning(): warnings.warn('x')\n"
    )
    tree = planted(tmp_path, {"pyproject.toml": settings, TEST: test})
    run = run_tests(tree, [TEST], Recipe())
    assert run.outcomes == {f"{TEST}::test_strict": "failed", f"{TEST}::test_warning": "failed"}, run.text


def test_the_recipe_says_where_modules_lie_and_what_is_around_them(tmp_path: Path) -> None:
    test = (
        "import os, sys, subprocess, thing\n"
        "def test_a(): assert thing.one() == 1 and os.environ['COLOUR'] == 'red'\n"
        "def test_b(): subprocess.run([sys.executable, '-c', 'import thing'], check=True)\n"
        "def test_c(tmp_path): (tmp_path / 'x').write_text('x')\n"
        "def test_d(): assert hash('a') and os.environ['PYTHONHASHSEED'] == '0' and os.environ['TZ'] == 'UTC'\n"
    )
    tree = planted(tmp_path, {f"tests/{TEST}": test, "src/thing.py": HONEST})
    recipe = Recipe(python_path=("src",), env={"COLOUR": "red"}, arguments=("-x",))
    run = run_tests(tree, [f"tests/{TEST}"], recipe)
    assert set(run.outcomes.values()) == {"passed"}, run.text
    assert len(run.outcomes) == 4


def test_a_module_that_pytest_uses_itself_is_the_trees_own_in_its_tests(tmp_path: Path) -> None:
    tree = planted(
        tmp_path,
        {"src/iniconfig/__init__.py": "ours = True\n", TEST: "import iniconfig\ndef test_a(): assert iniconfig.ours\n"},
    )
    assert run_tests(tree, [TEST], Recipe(python_path=("src",))).outcomes == {f"{TEST}::test_a": "passed"}


def test_a_tree_is_read_only_and_cannot_be_replaced(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        """
import os, pytest
HERE = os.path.dirname(os.path.abspath(__file__))
@pytest.mark.parametrize("act", [
    lambda: open(__file__, "a"),
    lambda: open(os.path.join(HERE, "conftest.py"), "w"),
    lambda: os.remove(__file__),
    lambda: os.chmod(__file__, 0o777),
    lambda: os.rename(HERE, HERE + "-away"),
    lambda: os.rmdir(HERE),
], ids="abcdef")
def test_refused(act):
    with pytest.raises(OSError):
        act()
def test_parents_stay():
    place = HERE
    while (place := os.path.dirname(place)) != "/tmp":
        with pytest.raises(OSError):
            os.rename(place, place + "-away")
""",
    )
    assert set(run.outcomes.values()) == {"passed"}, run.text


def test_there_is_no_network(tmp_path: Path) -> None:
    test = "import socket, pytest\ndef test_a():\n    with pytest.raises(OSError): socket.create_connection(('1.1.1.1', 53), 1)\n"
    assert run_of(tmp_path, test).outcomes == {f"{TEST}::test_a": "passed"}


# -- in an agent's own sandbox


def test_an_agent_sees_what_its_own_tree_does(tmp_path: Path) -> None:
    tree = planted(tmp_path, {TEST: TWO_TESTS, "thing.py": "def one():\n    return 2\n"})
    with NamespaceSandbox(SandboxSpec(tree=tree)) as sandbox:
        assert run_tests_in(sandbox, [TEST], Recipe()).outcomes[f"{TEST}::test_second"] == "passed"
        sandbox.write("thing.py", HONEST)
        run = run_tests_in(sandbox, [f"{TEST}::test_first"], Recipe())
        assert run.outcomes == {f"{TEST}::test_first": "passed"}
        assert sandbox.diff() == [change for change in sandbox.diff() if change.path == "thing.py"]


# -- wrong calls, and a world that is


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    tree = planted(tmp_path, {TEST: TWO_TESTS})
    with pytest.raises(UsageError, match="no folder"):
        run_tests(tmp_path / "none", [TEST], Recipe())
    with pytest.raises(UsageError, match="image"):
        run_tests(tree, [TEST], Recipe(), backend="docker")
    with pytest.raises(UsageError, match="unknown driver"):
        run_tests(tree, [TEST], Recipe(), driver="nose")  # type: ignore[arg-type]


# -- packages


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one small wheel, the only place where pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    about = "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n"
    with zipfile.ZipFile(folder / "tiny_thing-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_thing.py", "size = 3\n")
        wheel.writestr("thing.py", "raise RuntimeError('the tree comes first')\n")
        wheel.writestr("tiny_thing-1.0.dist-info/METADATA", about)
        wheel.writestr(
            "tiny_thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_thing-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def test_required_packages_are_installed_once_and_come_after_the_tree(tmp_path: Path, wheels: Path) -> None:
    recipe = Recipe(requires=("tiny-thing==1.0",), python_path=("src",))
    test = "import thing, tiny_thing\ndef test_a(): assert tiny_thing.size == 3 and thing.one() == 1\n"
    tree = planted(tmp_path, {TEST: test, "src/thing.py": HONEST})
    assert run_tests(tree, [TEST], recipe).outcomes == {f"{TEST}::test_a": "passed"}
    kept = packages_folder(recipe)
    assert kept is not None
    (wheels / "tiny_thing-1.0-py3-none-any.whl").unlink()
    assert packages_folder(recipe) == kept
    assert [place.name for place in kept.parent.iterdir()] == [kept.name]
    with pytest.raises(UsageError, match="show"), NamespaceSandbox(SandboxSpec(tree=tree)) as sandbox:
        run_tests_in(sandbox, [TEST], recipe)


def test_packages_that_cannot_be_had_are_told_apart(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="another-thing"):
        packages_folder(Recipe(requires=("another-thing",)))
    with pytest.raises(UsageError, match="no requirement"):
        packages_folder(Recipe(requires=("--index-url=http://example.org",)))
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(EnvFailure, match="connect once"):
        packages_folder(Recipe(requires=("another-thing",)))


# -- Docker


@pytest.fixture
def image(engine: tuple[Any, str]) -> str:
    """An image of the engine that DOCKER_HOST points to."""
    return engine[1]


def test_in_a_container_the_same_holds(tmp_path: Path, image: str) -> None:
    test = (
        "import os, pytest, thing\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
        "def test_first(): assert thing.one() == 1\ndef test_second(): assert thing.one() == 2\n"
        "@pytest.mark.parametrize('act', [lambda: open(__file__, 'a'), lambda: os.rename(HERE, HERE + 'x')])\n"
        "def test_fixed(act):\n    with pytest.raises(OSError): act()\n"
        "def test_key():\n    with pytest.raises(OSError): open(f'/proc/{os.getppid()}/mem', 'rb').read(1)\n"
    )
    tree = planted(tmp_path, {TEST: test, "thing.py": HONEST})
    recipe = Recipe(image=image, seconds=30)
    run = run_tests(tree, [TEST], recipe, backend="docker")
    assert [*run.outcomes.values()] == ["passed", "failed", "passed", "passed", "passed"], run.text
    assert set(run_tests(tree, [f"{TEST}::test_first"], recipe, driver="plain").outcomes.values()) == {"passed"}
    assert evaluate(tree, [Probe(TEST, "thing.one() + 1")], recipe) == ["2"]
    (tree / "thing.py").write_text("import os\nos._exit(0)\n")
    assert run_tests(tree, [TEST], recipe).problem == "crash"


def test_an_image_without_the_interpreter_is_the_worlds_failure(tmp_path: Path, image: str) -> None:
    tree = planted(tmp_path, {TEST: TWO_TESTS})
    with pytest.raises(SandboxFailure, match="python9"):
        run_tests(tree, [TEST], Recipe(image=image, python="python9"))


def test_no_copy_of_a_tree_is_left(tmp_path: Path) -> None:
    tree = planted(tmp_path, {TEST: "def test_a(): assert __file__.startswith('/tmp/envgym-shown-')\n"})
    assert set(run_tests(tree, [TEST], Recipe()).outcomes.values()) == {"passed"}
    assert list(Path("/tmp").glob(f"envgym-shown-{os.getpid()}-*")) == []
