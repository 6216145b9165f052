"""The driver without pytest, held against pytest itself on the same files, in the same sandbox."""

import sys
from pathlib import Path

import pytest

from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import TestRun, run_tests

if not sys.platform.startswith("linux"):
    pytest.skip("sandboxes of namespaces need Linux", allow_module_level=True)

RECIPE = Recipe(seconds=30)
CONFTEST = """
import pytest

@pytest.fixture(params=["p", "q"])
def letter(request):
    return request.param

@pytest.fixture(scope="session", params=[10, 20], ids=lambda value: f"n{value}")
def wide(request):
    yield request.param

@pytest.fixture
def level():
    return 1
"""
IDS = r"""
import enum, math, re
import pytest
from pytest import param

class Colour(enum.Enum):
    RED = 1
class Thing: pass

@pytest.mark.parametrize("b", ["x", "y"])
@pytest.mark.parametrize("a", [1, 2.5, None, True, "é\n", "\x7f", b"\x00\xff", Colour.RED, re.compile("a+"), Thing, Thing(), math.sqrt,
                               (1, 2), ""])
def test_kinds(a, b): pass

@pytest.mark.parametrize("a,b", [(1, 2), param(3, 4, id="named"), param(5, 6, marks=pytest.mark.skip),
                                 param(7, 8, marks=pytest.mark.xfail(strict=True))])
def test_pairs(a, b): assert a < 7

@pytest.mark.parametrize("a", [1, 1, "1", "z", "z", "z0", "", ""])
def test_doubles(a): pass

@pytest.mark.parametrize(["a"], [(1,), [2]])
def test_listed(a): assert isinstance(a, int)

@pytest.mark.parametrize("a", [1, 2], ids=["one", None])
def test_named(a): pass

@pytest.mark.parametrize("a", (n for n in (1, 2)), ids=lambda value: f"v{value}" if value > 1 else None)
def test_called(a): pass

def test_letter(letter): assert letter in "pq"

@pytest.mark.parametrize("a", [1, 2])
def test_both(letter, a): pass

def test_wide(letter, wide): assert wide in (10, 20)

@pytest.mark.parametrize("letter", ["other"])
def test_replaced(letter): assert letter == "other"

@pytest.mark.parametrize("letter,a", [("through", 1)], indirect=["letter"])
def test_indirect(letter, a): assert letter == "through" and a == 1

@pytest.mark.parametrize("k", "ab")
class TestMarked:
    def test_k(self, k): pass
    @pytest.mark.parametrize("j", [0])
    def test_kj(self, k, j): assert k == "a"
"""
FIXTURES = """
import os, sys
import pytest

log = []

@pytest.fixture
def level(level): return level + 1
def test_the_outer_one_is_asked(level): assert level == 2

@pytest.fixture(autouse=True)
def around():
    log.append("in")
    yield
    log.append("out")
def test_around(): assert log.count("in") == log.count("out") + 1

@pytest.fixture(scope="module")
def once():
    log.append("once")
    return log.count("once")
def test_once(once): assert once == 1
def test_the_module_grows():
    global grown
    grown = 1
def test_once_more(once): assert once == 1

@pytest.fixture(name="renamed")
def other_name(request):
    request.addfinalizer(lambda: log.append("finalized"))
    return request.getfixturevalue("level")
def test_renamed(renamed): assert renamed == 2
def test_finalized(): assert "finalized" in log

@pytest.fixture
def broken(): raise ValueError("b")
def test_setup_error(broken): pass
@pytest.fixture
def breaks():
    yield
    raise ValueError("t")
def test_teardown_error(breaks): pass
def test_teardown_after_failure(breaks): assert 0
@pytest.fixture
def skips(): pytest.skip("no")
def test_skipped_by_a_fixture(skips): assert 0

def test_tmp(tmp_path): (tmp_path / "a").write_text("x"); assert [p.name for p in tmp_path.iterdir()] == ["a"]
def test_patch(monkeypatch):
    monkeypatch.setattr("os.path.sep", "!")
    monkeypatch.setenv("Q", "1")
    monkeypatch.delattr(sys, "path")
    assert os.path.sep == "!" and os.environ["Q"] == "1" and not hasattr(sys, "path")
def test_unpatched(): assert os.path.sep == "/" and "Q" not in os.environ and sys.path
def test_patch_of_nothing(monkeypatch): monkeypatch.setattr(os, "nothing_of_this_name", 1)
def test_capsys(capsys):
    print("hello")
    print("oh", file=sys.stderr)
    assert capsys.readouterr() == ("hello\\n", "oh\\n")
    assert capsys.readouterr().out == ""

def setup_module(module): log.append("module")
def setup_function(function): log.append(function.__name__)
def test_xunit(): assert log[0] == "module" and "test_xunit" in log

class TestClass:
    kept = []
    @classmethod
    def setup_class(cls): cls.x = 1
    def setup_method(self, method): self.y = method.__name__
    def teardown_method(self): self.kept.append(1)
    @pytest.fixture
    def mine(self): return self.y
    def test_one(self): assert self.x == 1 and self.y == "test_one"
    def test_mine(self, mine): assert mine == "test_mine" and self.kept
    @pytest.mark.parametrize("v", [1, 2])
    def test_cases(self, v, letter): assert v == 1
    @staticmethod
    def test_static(level): assert level == 2
    class TestInner:
        def test_in(self): pass
class TestDerived(TestClass):
    def test_more(self): assert 0
class TestWithInit:
    def __init__(self): pass
    def test_no(self): pass
class NotATest:
    def test_no(self): pass
"""
OUTCOMES = """
import os, sys, warnings
import pytest

@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.mark.xfail(raises=ValueError, strict=False)
def test_fails_otherwise(): raise KeyError
@pytest.mark.xfail(strict=False)
def test_xpasses(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
@pytest.mark.xfail(run=False)
def test_not_run(): os._exit(3)
@pytest.mark.xfail(False, reason="no", strict=False)
def test_condition(): pass
@pytest.mark.skipif(sys.version_info > (3,), reason="new")
def test_skipped(): assert 0
@pytest.mark.skipif("sys.version_info < (3,)", reason="old")
def test_not_skipped(): pass
def test_skip_inside(): pytest.skip("x")
def test_fail_inside(): pytest.fail("x")
def test_xfail_inside(): pytest.xfail("x")
def test_importorskip(): pytest.importorskip("nothing_here_at_all")
def test_exit(): sys.exit(1)
@pytest.mark.something_of_ours
def test_custom_mark(): pass

def test_raises():
    with pytest.raises(ValueError, match="b.d") as info:
        raise ValueError("bad")
    assert info.value.args == ("bad",) and info.type is ValueError
    pytest.raises(KeyError, {}.__getitem__, 1)
def test_raises_nothing():
    with pytest.raises(ValueError):
        pass
def test_raises_another():
    with pytest.raises((ValueError, TypeError)):
        raise KeyError(1)
def test_raises_with_another_text():
    with pytest.raises(ValueError, match="zzz"):
        raise ValueError("bad")
def test_raises_is_no_exception_to_catch():
    try:
        with pytest.raises(ValueError):
            pass
    except Exception:
        pass

NEAR = [
    (0.1 + 0.2, 0.3), ([0.1 + 0.2, 1], [0.3, 1]), ((1, 2), [1, 2]), ({"a": 0.1 + 0.2}, {"a": 0.3}), (1.1, 1.0), ([1.0], [1.0, 2.0]),
    ({"a": 1}, {"b": 1}), (float("nan"), float("nan")), (float("inf"), float("inf")), (1e300, float("inf")), (True, 1), (1, True),
    ("a", "a"), ("a", "b"), (None, None), (1 + 1e-9j, 1), (1e-13, 0), (1e-11, 0), (1, None), ([[1]], [1]), (1.0000001, 1), (1.00001, 1),
]
@pytest.mark.parametrize("number", range(len(NEAR)))
def test_approx(number):
    got, wanted = NEAR[number]
    assert got == pytest.approx(wanted)
@pytest.mark.parametrize("how", [{"abs": 0.2}, {"rel": 0.2}, {"abs": 0.2, "rel": 1e-9}, {"abs": 0.01, "rel": 0.01}, {"abs": -1}], ids=str)
def test_approx_with_bounds(how): assert 1.1 == pytest.approx(1.0, **how)

def test_warns():
    with pytest.warns(UserWarning, match="w"):
        warnings.warn("www")
def test_warns_not():
    with pytest.warns(UserWarning):
        pass
def test_deprecated():
    with pytest.deprecated_call():
        warnings.warn("x", DeprecationWarning)
def test_annotated(capsys: pytest.CaptureFixture[str], monkeypatch: "pytest.MonkeyPatch") -> None: pass
"""
UNITTEST = """
import unittest
import pytest

class TestU(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.z = 1
    def setUp(self): self.q = 2
    def test_ok(self): self.assertEqual(self.z + self.q, 3)
    def test_bad(self): self.assertEqual(1, 2)
    def test_error(self): raise KeyError
    @unittest.skip("s")
    def test_skip(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.expectedFailure
    def test_unexpected(self): pass
    def test_sub(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
    def test_sub_ok(self):
        with self.subTest(number=1):
            pass
    def test_skip_of_pytest(self): pytest.skip("x")
    def test_skip_inside(self): self.skipTest("y")
    def test_raises(self):
        with pytest.raises(ValueError):
            raise ValueError
class Unprepared(unittest.TestCase):
    def setUp(self): raise ValueError
    def test_x(self): pass
class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise ValueError
    def test_x(self): pass
@unittest.skip("all")
class Skipped(unittest.TestCase):
    def test_x(self): pass
class Isolated(unittest.IsolatedAsyncioTestCase):
    async def test_a(self): self.assertTrue(True)
    async def test_b(self): self.assertTrue(False)
class Derived(TestU):
    def test_ok(self): self.fail()
"""
FILES = {"ids": IDS, "fixtures": FIXTURES, "outcomes": OUTCOMES, "unittest": UNITTEST}


def planted(place: Path, files: dict[str, str]) -> Path:
    tree = place / "tree"
    for name, text in files.items():
        path = tree / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tree


def both(tree: Path, *tests: str) -> tuple[TestRun, TestRun]:
    return run_tests(tree, tests, RECIPE, driver="pytest"), run_tests(tree, tests, RECIPE, driver="plain")


@pytest.mark.parametrize("name", FILES)
def test_it_tells_every_test_as_pytest_does(tmp_path: Path, name: str) -> None:
    tree = planted(tmp_path, {"tests/conftest": CONFTEST, "tests/test_it": FILES[name]})
    real, plain = both(tree, "tests/test_it.py")
    assert len(real.outcomes) >= 18
    assert plain.outcomes == real.outcomes, plain.text
    assert (real.problem, plain.problem) == ("", "")


def test_what_only_pytest_can_run_is_not_reported(tmp_path: Path) -> None:
    source = """
import pytest
async def test_async(): pass
def test_caplog(caplog): pass
def test_plugin(mocker): pass
def test_name(): assert pytest.version_tuple
@pytest.mark.xfail
def test_up_to_settings(): pass
@pytest.mark.parametrize("a", ["x" * 200, "short"])
def test_long(a): pass
@pytest.mark.parametrize("a", [])
def test_none(a): pass
def test_plain(): pass
"""
    run = run_tests(planted(tmp_path, {"test_it": source}), ["test_it.py"], RECIPE, driver="plain")
    assert run.outcomes == {"test_it.py::test_plain": "passed", "test_it.py::test_long[short]": "passed"}
    assert "caplog" in run.text
    assert run.problem == ""


def test_only_test_files_get_the_stand_in(tmp_path: Path) -> None:
    source = """
import sys, pytest, thing
def test_a():
    import pytest as again
    assert again is pytest
    assert thing.loaded() is not pytest
"""
    thing = "import sys\ndef loaded():\n    return sys.modules.get('pytest')\n"
    tree = planted(tmp_path, {"test_it": source, "thing": thing})
    assert run_tests(tree, ["test_it.py"], RECIPE, driver="plain").outcomes == {"test_it.py::test_a": "passed"}


def test_files_are_imported_under_the_names_that_they_expect(tmp_path: Path) -> None:
    tree = planted(
        tmp_path,
        {
            "tests/__init__": "",
            "tests/shared": "answer = 42\n",
            "tests/test_a": "from .shared import answer\nfrom tests import shared\ndef test_a(): assert answer == shared.answer\n",
            "more/beside": "answer = 43\n",
            "more/test_a": "import beside\ndef test_a(): assert beside.answer == 43\ndef test_b(): assert __name__ == 'test_a'\n",
        },
    )
    real, plain = both(tree, "tests/test_a.py", "more/test_a.py")
    assert plain.outcomes == real.outcomes
    assert set(plain.outcomes.values()) == {"passed"}
    assert len(plain.outcomes) == 3


def test_tests_can_be_chosen(tmp_path: Path) -> None:
    tree = planted(tmp_path, {"tests/conftest": CONFTEST, "tests/test_it": IDS, "tests/test_unit": UNITTEST})
    chosen = ["tests/test_it.py::test_kinds[1-x]", "tests/test_it.py::TestMarked", "tests/test_unit.py::TestU::test_ok"]
    real, plain = both(tree, *chosen, "tests/test_it.py::test_gone")
    assert plain.outcomes == real.outcomes
    assert len(plain.outcomes) == 6


@pytest.mark.parametrize(
    ("thing", "problem"),
    [
        ("import os; os._exit(0)", "crash"),
        ("import time; time.sleep(1000)", "timeout"),
        ("raise ValueError('no')", "collection"),
    ],
)
def test_what_happens_to_its_process_is_told(tmp_path: Path, thing: str, problem: str) -> None:
    test = "import thing\ndef test_a(): pass\n"
    tree = planted(tmp_path, {"test_it": test, "thing": thing, "test_other": "def test_b(): pass\n"})
    run = run_tests(tree, ["test_other.py", "test_it.py", "no.py"], Recipe(seconds=4), driver="plain")
    assert (run.problem, run.outcomes) == (problem, {"test_other.py::test_b": "passed"})
