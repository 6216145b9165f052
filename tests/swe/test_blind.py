"""Blind grading: names are random, copies contradict, and everything else of a test file goes on working."""

import ast
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envgym.environments.swe.blind import Blind, blind
from envgym.environments.swe.changed_literal import changed
from envgym.environments.swe.contradiction import contradictions
from envgym.environments.swe.source_text import SourceText, edited
from envgym.environments.swe.tests_of_file import TestsOfFile, spoken_of

CODE = """
def double(x):
    return x * 2

def half(x):
    if x % 2:
        raise ValueError("odd number")
    return x // 2

def words(text):
    return text.split()
"""
SUITE = '''"""A suite of many kinds."""
import asyncio
import unittest

import pytest
from code_under_test import double, half, words

SHARED = {"big": 100}


@pytest.fixture
def ten():  # a comment (with a bracket
    return 10


@pytest.fixture(params=[1, 2])
def test_number(request):
    return request.param


def check(x, want):
    assert double(x) == want


def test_double():
    """Says test_half in a docstring."""
    assert double(2) == 4, "two"  # trailing
    assert double(
        [1]
    ) == [1, 1]


def test_half(ten):
    assert half(ten) == 5
    with pytest.raises(ValueError, match="odd number"):
        half(3)


@pytest.mark.parametrize(("x", "want"), [(1, 2), ("ä", "ää"), pytest.param((1,), (1, 1), id="tuple")])
def test_table(x, want):
    assert double(x) == want


@pytest.mark.parametrize("name", ["big"])
class TestGroup:
    scale = 3

    def helper(self, x):
        return double(x) * self.scale

    def test_helper(self, name):
        expected = 6
        assert self.helper(1) == expected

    class TestInner:
        def test_inner(self, name):
            assert words("a b") == ["a", "b"] and double(1.5) == pytest.approx(3.0, rel=1e-3)


class Base(unittest.TestCase):
    factor = 1

    def test_equal(self):
        self.assertEqual(double(self.factor), 2 * self.factor)
        self.assertTrue(double(self.factor) < 100)

    def test_text(self):
        self.assertIn("b", words("a b"))
        self.assertRaises(ValueError, half, 1)
        self.assertAlmostEqual(double(0.5), 1.0, places=3)


class Derived(Base):
    factor = 2

    def test_text(self):
        for text, count in [("a", 1), ("a b", 2)]:
            with self.subTest(text=text, count=count):
                self.assertEqual(len(words(text)), count)


def test_uses_number(test_number):
    assert not double(test_number) > 7


def test_own_name(request):
    assert request.node.name == "test_own_name"


def test_calls_another():
    test_double()


def test_async():
    async def inner():
        return double(1)

    assert asyncio.run(inner()) is not None
    assert asyncio.run(inner()) in (2, 3)


@pytest.mark.skip
def test_skipped():
    assert double(1) == 2


def test_many():
    for x in range(3):
        assert double(x) >= x


def test_message(): assert str(half(4)) == f"{1 + 1}"


def test_weak():
    if double(1) == 2:
        return
    assert double(1) == 3
'''


def run_suite(place: Path, source: str, code: str = CODE) -> dict[str, str]:
    """Outcome by name of the tests in `source`, run by pytest in a process of its own."""
    (place / "code_under_test.py").write_text(code)
    (place / "test_it.py").write_text(source)
    (place / "told.py").write_text(
        "import json\nfound = {}\n"
        "def pytest_runtest_logreport(report):\n"
        "    name = report.nodeid.partition('::')[2]\n"
        "    if report.outcome != 'passed' or (report.when == 'call' and name not in found):\n        found[name] = report.outcome\n"
        "def pytest_sessionfinish(session):\n    json.dump(found, open('found.json', 'w'))\n"
    )
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "told", "-p", "no:cacheprovider", "test_it.py"]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(place)}
    ended = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False)
    assert (place / "found.json").exists(), ended.stdout + ended.stderr
    found: dict[str, str] = json.loads((place / "found.json").read_text())
    return found


def passed_in(outcomes: dict[str, str]) -> set[str]:
    return {name.partition("[")[0] for name, outcome in outcomes.items() if outcome == "passed"}


def blinded(source: str, tests: set[str], *, choose: int = 1, name: int = 2, copies: int = 2) -> Blind:
    return blind(source, tests=tests, choose=random.Random(choose), name=random.Random(name), copies=copies)


def copies_of(source: str, choose: int = 1, name: int = 2) -> Blind:
    """A file of one test called test_it."""
    return blinded(source, {"test_it"}, choose=choose, name=name)


def bodies(made: Blind) -> list[str]:
    """The copies, without their names, in order."""
    return [_bodies(made)[name] for name in made.copies]


def bodies_of_originals(made: Blind) -> list[str]:
    return [_bodies(made)[name] for name in made.originals]


def _bodies(made: Blind) -> dict[str, str]:
    return {
        each.name: ast.unparse(ast.Module(each.body, []))
        for each in ast.parse(made.source).body
        if isinstance(each, ast.FunctionDef)
    }


@pytest.mark.parametrize("seed", range(3))
def test_originals_pass_and_copies_fail_in_a_suite_of_many_kinds(tmp_path: Path, seed: int) -> None:
    before = run_suite(tmp_path, SUITE)
    made = blinded(SUITE, passed_in(before), choose=seed, name=seed + 10)
    after = run_suite(tmp_path, made.source)
    real = {}
    for test, outcome in after.items():
        function, bracket, rest = test.partition("[")
        if function in made.copies:
            assert outcome == "failed" or made.kinds[function] == "both", (test, made.copies[function])
        else:
            real[made.originals.get(function, function) + bracket + rest] = outcome
    assert real == before
    assert set(made.copies) <= {name.partition("[")[0] for name in after}


def test_every_test_that_states_something_gets_a_copy_and_a_literal_one_where_there_is_a_literal(
    tmp_path: Path,
) -> None:
    before = run_suite(tmp_path, SUITE)
    made = blinded(SUITE, passed_in(before))
    kinds: dict[str, set[str]] = {}
    for copy, test in made.copies.items():
        kinds.setdefault(test, set()).update({made.kinds[copy]} - {"both"})
    assert {test for test, has in kinds.items() if "literal" in has} == {
        "test_half",
        "test_table",
        "TestGroup::test_helper",
        "TestGroup::TestInner::test_inner",
        "Base::test_text",
        "Derived::test_text",
    }
    assert {test for test, has in kinds.items() if has == {"negation"}} == {
        "test_async",
        "test_many",
        "test_message",
        "test_uses_number",
        "Base::test_equal",
        "Derived::test_equal",
    }
    assert set(kinds) == passed_in(before) - {"test_double", "test_own_name", "test_calls_another", "test_weak"}


def test_what_depends_on_names_keeps_its_name() -> None:
    made = blinded(SUITE, {"test_own_name", "test_calls_another", "test_double"})
    kept = {"test_own_name", "test_double"}
    assert not kept & set(made.originals.values())
    assert not kept & set(made.copies.values())
    assert "def test_number(request)" in made.source
    assert "test_calls_another" in made.originals.values()


def test_no_old_name_is_left_and_new_ones_sort_like_the_old() -> None:
    made = blinded(SUITE, set())
    assert not made.copies
    for new, old in made.originals.items():
        assert f"def {old.rpartition('::')[2]}(" not in made.source
        assert new.rpartition("::")[0] == old.rpartition("::")[0]
    olds = sorted(made.originals, key=lambda new: made.originals[new].rpartition("::")[2])
    news = [new.rpartition("::")[2] for new in olds]
    assert news == sorted(news)


def test_outside_of_tests_the_file_stays_as_it_is() -> None:
    made = blinded(SUITE, {"test_double"}, copies=0)
    renamed = made.source
    for new, old in made.originals.items():
        renamed = renamed.replace(f"def {new.rpartition('::')[2]}(", f"def {old.rpartition('::')[2]}(")
    assert renamed == SUITE


def test_contradictions_do_not_depend_on_the_secret(tmp_path: Path) -> None:
    tests = passed_in(run_suite(tmp_path, SUITE))
    first, second = blinded(SUITE, tests, name=3), blinded(SUITE, tests, name=4)
    assert first == blinded(SUITE, tests, name=3)
    assert first.source != second.source
    assert not set(first.copies) & set(second.copies)
    assert list(first.copies.values()) == list(second.copies.values())
    assert list(first.kinds.values()) == list(second.kinds.values())
    assert _definitions(first) == _definitions(second)


def _definitions(made: Blind) -> list[str]:
    functions = {
        each.name: ast.dump(ast.Module(each.body, [])) + "".join(map(ast.dump, each.decorator_list))
        for each in ast.walk(ast.parse(made.source))
        if isinstance(each, ast.FunctionDef)
    }
    return [functions[copy.rpartition("::")[2]] for copy in made.copies]


def test_where_an_original_stands_among_its_copies_is_drawn() -> None:
    source = "def test_it():\n    assert f(1) == 2\n"
    places: Counter[int] = Counter()
    for secret in range(200):
        made = copies_of(source, name=secret)
        names = [each.name for each in ast.parse(made.source).body if isinstance(each, ast.FunctionDef)]
        places[names.index(next(iter(made.originals)))] += 1
    assert set(places) == {0, 1, 2, 3}
    assert min(places.values()) > 25


def test_no_version_of_a_test_is_nearer_to_the_others_than_its_copies_are() -> None:
    made = copies_of("def test_it():\n    assert f(1) == 2\n    assert g(3) == 4\n")
    texts = [*bodies(made), *bodies_of_originals(made)]
    assert len(set(texts)) == 4
    lines = [text.splitlines() for text in texts]
    differing = [sum(here != there for two in lines for here, there in zip(one, two, strict=True)) for one in lines]
    assert differing == [4, 4, 4, 4]


def test_a_copy_looks_like_its_test() -> None:
    source = "def test_it():\n    # why\n    assert label(9) == '0.09'  # cents\n"
    made = copies_of(source)
    assert made.source.count("# why") == made.source.count("# cents") == 4
    assert made.source.count("== '") == made.source.count("!= '") == 2
    assert made.source.count("= '0.09'") == 2


EXPECTATIONS = {
    "assert f() == 1": ("literal", "negation"),
    "assert f() == -1.5": ("literal", "negation"),
    "assert f() == 'text'": ("literal", "negation"),
    "assert f() == b'text'": ("literal", "negation"),
    "assert f() == f'a {x} text'": ("literal", "negation"),
    "assert f() == {'a': [1, (2, None)]}": ("literal", "negation"),
    "assert f() == []": ("literal", "negation"),
    "assert f() == Decimal('1.50')": ("literal", "negation"),
    "assert f() == datetime(2020, 1, 31)": ("literal", "negation"),
    "assert f() == x + 1": ("literal", "negation"),
    "assert 3 == f()": ("literal", "negation"),
    "assert f() is True": ("literal", "negation"),
    "assert f() is None": ("negation",),
    "assert f() == g()": ("negation",),
    "assert 'word here' in f()": ("literal", "negation"),
    "assert 3 in f()": ("negation",),
    "assert f() <= 3": ("negation",),
    "assert f() != 3": ("negation",),
    "assert f()": ("negation",),
    "assert not f()": ("negation",),
    "assert f() or g()": ("negation",),
    "assert f() == pytest.approx(1.5)": ("literal", "negation"),
    "assert f() == approx(1.5, abs=tolerance)": ("negation",),
    "assert isinstance(f(), int)": ("negation",),
    "self.assertEqual(f(), 1)": ("literal", "negation"),
    "self.assertDictEqual(f(), {'a': 1})": ("literal", "negation"),
    "self.assertTrue(f() == 1)": ("literal", "negation"),
    "self.assertFalse(f())": ("negation",),
    "self.assertIsNone(f())": ("negation",),
    "self.assertIn('lengthy', f())": ("literal", "negation"),
    "self.assertIsInstance(f(), int)": ("negation",),
    "self.assertAlmostEqual(f(), 1.5, delta=0.1)": ("literal", "negation"),
    "self.assertAlmostEqual(f(), 1.5, delta=50)": ("negation",),
    "self.assertRaises(E, f)": ("exception",),
    "with pytest.raises(E):\n        f()": ("exception",),
    "with self.assertRaisesRegex(E, 'pattern'):\n        f()": ("literal", "exception"),
    "with pytest.raises((E, F), match='some words'):\n        f()": ("literal", "exception"),
    "want = [1, 2]\n    assert f() == want": ("literal", "negation"),
    "want = [1]\n    want.append(2)\n    assert f() == want": ("negation",),
    "x = [1]\n    assert f(x) == x": ("negation",),
    "for x, want in [(1, 2), (3, 4)]:\n        assert f(x) == want": ("literal", "negation"),
    "cases = [(1, 2), (3, 4)]\n    for x, want in cases:\n        assert f(x) == want": ("literal", "negation"),
    "cases = [(1, 2)]\n    cases.clear()\n    for x, want in cases:\n        assert f(x) == want": (),
    "try:\n        assert f() == 1\n    except OSError:\n        pytest.skip('no file')": ("literal", "negation"),
    "try:\n        assert f() == 1\n    except Exception:\n        pytest.skip('no file')": (),
    "for x in f():\n        assert x == 1": (),
    "if f():\n        assert g() == 1": (),
    "try:\n        assert f() == 1\n    except ValueError:\n        pass": (),
    "if f():\n        return\n    assert f() == 1": (),
    "with pytest.raises(E):\n        f()\n        assert g() == 1": ("exception",),
    "f()": (),
    "m.assert_called_once_with(1, b=2)": ("literal",),
    "m.assert_not_called()": ("negation",),
}


@pytest.mark.parametrize("statement", EXPECTATIONS)
def test_which_contradictions_an_expectation_has(statement: str) -> None:
    made = copies_of(f"def test_it():\n    {statement}\n")
    assert tuple(made.kinds[copy] for copy in made.copies)[: len(EXPECTATIONS[statement])] == EXPECTATIONS[statement]
    assert bool(made.copies) == bool(EXPECTATIONS[statement])
    assert len({*bodies(made), *bodies_of_originals(made)}) == 1 + len(made.copies)


def test_each_row_of_a_table_is_contradicted() -> None:
    rows = "[(1, True), (2, False), pytest.param(3, True, id='three')]"
    source = f"@pytest.mark.parametrize('x, want', {rows})\ndef test_it(x, want):\n    assert f(x) is want\n"
    copy = copies_of(source)
    assert "(1, False), (2, True), pytest.param(3, False, id='three')" in copy.source


def test_a_row_that_is_not_written_out_gets_another_value() -> None:
    rows = "[(1, 'one'), (2, None), (3, 'three')]"
    made = copies_of(f"@pytest.mark.parametrize('x, want', {rows})\ndef test_it(x, want):\n    assert f(x) == want\n")
    assert list(made.kinds.values()) == ["literal", "negation", "both"]
    assert made.source.count("(2, None)") == made.source.count("(2, '") == 2


def test_a_table_of_which_half_is_not_written_out_is_left() -> None:
    source = "@pytest.mark.parametrize('x, want', [(1, 2), (2, g())])\ndef test_it(x, want):\n    assert f(x) == want\n"
    made = copies_of(source)
    assert list(made.kinds.values()) == ["negation"]


def test_a_column_that_is_an_input_too_is_left() -> None:
    source = "@pytest.mark.parametrize('x', [1, 2])\ndef test_it(x):\n    assert f(x) == x\n"
    assert list(copies_of(source).kinds.values()) == ["negation"]


def test_a_test_inherited_within_the_file_has_one_name_everywhere() -> None:
    made = blinded(SUITE, {"Derived::test_equal", "Derived::test_text"})
    by_old = {old: new.rpartition("::")[2] for new, old in made.originals.items()}
    assert by_old["Base::test_equal"] == by_old["Derived::test_equal"]
    assert by_old["Base::test_text"] == by_old["Derived::test_text"]
    assert {"Base::test_equal", "Derived::test_equal", "Derived::test_text"} <= set(made.copies.values())


def test_a_test_that_overrides_one_of_another_file_hides_it(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(
        "class Mixin:\n    def test_one(self):\n        raise KeyError\n    def test_two(self):\n        pass\n"
    )
    source = (
        "import unittest\nfrom elsewhere import Mixin\n\nclass CaseTest(Mixin, unittest.TestCase):\n"
        "    def test_one(self):\n        self.assertEqual(1 + 1, 2)\n"
    )
    made = blinded(source, {"CaseTest::test_one"})
    after = run_suite(tmp_path, made.source)
    assert {made.originals.get(name, name) for name in after if name not in made.copies} == {
        "CaseTest::test_one",
        "CaseTest::test_two",
    }
    assert Counter(after[name] for name in after if made.kinds.get(name) != "both") == {"passed": 2, "failed": 2}


def test_names_that_other_files_use_are_kept() -> None:
    source = "class TestA:\n    def test_it(self):\n        assert f() == 1\n\ndef test_other():\n    assert f() == 1\n"
    keep = spoken_of(["from test_a import TestA\n", "import test_a\ntest_a.test_other()\n", "not python ("])
    made = blind(
        source, tests={"TestA::test_it", "test_other"}, choose=random.Random(1), name=random.Random(1), keep=keep
    )
    assert made.source == source
    assert not made.originals


def test_a_file_that_does_not_parse_comes_back() -> None:
    assert blinded("def test_x(:\n", {"test_x"}) == Blind("def test_x(:\n", {}, {}, {})


def test_code_that_equals_everything_or_reads_its_caller_passes_literal_copies(tmp_path: Path) -> None:
    """What the copies are for: each of these cheats makes a copy pass, which nothing honest does."""
    source = "from code_under_test import double\n\ndef test_it():\n    assert double(2) == 4\n"
    agreeable = "class Any:\n    __eq__ = lambda *_: True\n    __ne__ = lambda *_: False\ndouble = lambda x: Any()\n"
    reading = (
        "import re, sys\ndef double(x):\n    frame = sys._getframe(1)\n"
        "    line = open(frame.f_code.co_filename).read().splitlines()[frame.f_lineno - 1]\n"
        "    return int(re.findall(r'= (\\d+)', line)[-1])\n"
    )
    made = copies_of(source)
    for code in (agreeable, reading):
        after = run_suite(tmp_path, made.source, code)
        assert "passed" in {after[copy] for copy in made.copies}


literals = st.recursive(
    st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.binary(max_size=6)
    | st.booleans()
    | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.frozensets(st.integers() | st.text(max_size=3), min_size=1, max_size=3).map(set)
    ),
    max_leaves=8,
)


@given(literals, st.integers(0, 9), st.sampled_from([None, 1.0]))
@example(8.98846567431158e307, 0, None)
@example(-8.98846567431158e307, 0, 1.0)
@settings(max_examples=200, deadline=None)
def test_a_changed_literal_is_of_the_same_type_and_never_equal(value: object, seed: int, far: float | None) -> None:
    text = SourceText(f"ä = '€'; x = {value!r}\n")
    statement = text.tree.body[1]
    assert isinstance(statement, ast.Assign)
    edit = changed(statement.value, text, random.Random(seed), far=far)
    if edit is None:
        assert not _has_leaf(value)
        return
    other = ast.literal_eval(edited(text.text, [edit]).partition("; x = ")[2].strip())
    assert type(other) is type(value)
    assert other != value
    if far and isinstance(value, int | float) and not isinstance(value, bool):
        assert other != pytest.approx(value, rel=1, abs=1)


def _has_leaf(value: object) -> bool:
    """Whether there is anything in it to change: not None, and not a dict of nothing else."""
    if isinstance(value, list | tuple | set):
        return not value or any(map(_has_leaf, value))
    if isinstance(value, dict):
        return not value or any(map(_has_leaf, value.values()))
    return value is not None


@given(st.lists(st.sampled_from(sorted(EXPECTATIONS)), min_size=1, max_size=5), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_contradictions_parse_and_are_all_different(statements: list[str], seed: int) -> None:
    source = "def test_it(self, x, m):\n    " + "\n    ".join(statements) + "\n"
    text = SourceText(source)
    function = TestsOfFile(text.tree).functions[0].node
    dumps = [ast.dump(text.tree)]
    made = [edited(text.text, each.edits) for each in contradictions(function, text, random.Random(seed))]
    dumps += [ast.dump(ast.parse(each)) for each in made]
    assert len(set(dumps)) == len(dumps)
