"""Expressions evaluated in a sandbox: their values come out as literals, whatever they are."""

import sys
from pathlib import Path

import pytest

from envgym.environments.swe.probe import Probe
from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import evaluate

if not sys.platform.startswith("linux"):
    pytest.skip("sandboxes of namespaces need Linux", allow_module_level=True)

TEST = "test_thing.py"


def values_of(tree: Path, *expressions: str, setup: str = "") -> list[str | None]:
    return evaluate(tree, [Probe(TEST, expression, setup) for expression in expressions], Recipe(seconds=60))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / TEST).write_text("import thing\nfrom thing import one\n")
    (tmp_path / "thing.py").write_text("def one():\n    return 1\n")
    return tmp_path


def test_values_are_told_as_literals_and_errors_by_their_type(tree: Path) -> None:
    asked = {
        "one()": "1",
        "thing.one() + two": "3",
        "[(1,), {'k': b'v'}, None, -0.0, 1e300]": "[(1,), {'k': b'v'}, None, -0.0, 1e+300]",
        "{3, 1, 2}": "{1, 2, 3}",
        "set(), frozenset('a')": "(set(), frozenset({'a'}))",
        "float('nan'), float('-inf')": "(float('nan'), float('-inf'))",
        "1 / 0": "raises ZeroDivisionError",
        "exit(3)": "raises SystemExit",
        "nothing": "raises NameError",
        "not python": "raises NameError",
        "1 +": "raises SyntaxError",
    }
    assert values_of(tree, *asked, setup="two = 2") == list(asked.values())


def test_what_has_no_literal_form_or_does_not_end_is_none_and_disturbs_nothing(tree: Path) -> None:
    without = ("object()", "one", "[object()]", "(n for n in [1])", "10 ** 5000", "list(range(10 ** 5))")
    ending = ("__import__('os')._exit(0)", "__import__('os').kill(0, 9)", "[n for n in iter(int, 1)]")
    assert values_of(tree, *without, "1", ending[0], "2", ending[2], "3") == [*[None] * 6, "1", None, "2", None, "3"]
    assert values_of(tree, "1", ending[1], "2") == ["1", None, None]


def test_a_number_of_a_class_of_its_own_is_told_as_what_it_is_and_not_as_what_it_claims(tree: Path) -> None:
    setup = "class Any(int):\n def __eq__(self, other): return True\n __hash__ = int.__hash__\n def __repr__(self): return '5'\n"
    assert values_of(tree, "Any()", "[Any()]", "{1: Any()}", "Any() == 5", setup=setup) == [
        "0",
        "[0]",
        "{1: 0}",
        "True",
    ]
    made = "from collections import namedtuple, OrderedDict\n"
    made += "Point = namedtuple('Point', 'x y')\nText = type('Text', (str,), {'__repr__': id})\n"
    asked = ("Point(1, Text('a'))", "OrderedDict(a=Point(1, 2))", "type('N', (float,), {})('inf')")
    assert values_of(tree, *asked, setup=made) == ["(1, 'a')", "{'a': (1, 2)}", "float('inf')"]


def test_an_object_that_claims_to_be_a_number_has_no_value(tree: Path) -> None:
    setup = (
        "class Kind(type):\n def __subclasscheck__(self, other): return True\n __mro__ = __bases__ = (int, object)\n"
        "class Any(metaclass=Kind):\n __class__ = int\n def __eq__(self, other): return True\n def __repr__(self): return '5'\n"
    )
    assert values_of(tree, "Any()", "[Any()]", "Any() == 5", setup=setup) == [None, None, "True"]


def test_an_expression_does_not_see_what_another_one_did(tree: Path) -> None:
    assert values_of(tree, "setattr(thing, 'one', lambda: 9) or thing.one()", "thing.one()") == ["9", "1"]


def test_a_test_file_that_cannot_be_imported_gives_no_values(tree: Path) -> None:
    (tree / "test_bad.py").write_text("import nothing_here\n")
    probes = [Probe("test_bad.py", "1"), Probe("no.py", "1"), Probe(TEST, "1")]
    assert evaluate(tree, probes, Recipe(seconds=60)) == [None, None, "1"]
    assert evaluate(tree, [], Recipe()) == []
