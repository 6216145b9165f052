"""Operators that put one defect into a source text."""

import ast
import difflib
import heapq
import random
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.task_synth.bugs.mutate import mutants_of, mutations
from envgym.task_synth.bugs.operators import OPERATORS

EXAMPLES = [
    ("flip_arithmetic", "x = a + b", "x = a - b"),
    ("flip_assignment", "x += b", "x -= b"),
    ("move_boundary", "x = a < b", "x = a <= b"),
    ("negate_comparison", "x = a not in b", "x = a in b"),
    ("negate_comparison", "x = a is None", "x = a is not None"),
    ("flip_connective", "x = a and b", "x = a or b"),
    ("swap_operands", "x = a - b * c", "x = (b * c) - a"),
    ("drop_operand", "x = a and b or c", "x = c"),
    ("drop_operand", "x = a < b < c", "x = a < b"),
    ("drop_sign", "x = not a", "x = a"),
    ("invert_condition", "if a == b:\n    c()", "if not (a == b):\n    c()"),
    ("invert_condition", "x = [a for a in b if c]", "x = [a for a in b if not c]"),
    ("swap_choice", "x = a if b else c", "x = c if b else a"),
    ("change_number", "x = f(7)", "x = f(8)"),
    ("flip_constant", "x = True", "x = False"),
    ("change_text", "x = 'ab'", "x = 'a'"),
    ("off_by_one", "x = a[b:]", ("x = a[b + 1:]", "x = a[b - 1:]")),
    ("off_by_one", "x = range(3)", "x = range(4)"),
    ("drop_bound", "x = a[1:-1]", "x = a[:-1]"),
    ("drop_bound", "x = range(1, n)", "x = range(n)"),
    ("change_default", "def f(a=1, *, b=True): return a", "def f(a=1, *, b=False): return a"),
    ("swap_arguments", "f(a, b)", "f(b, a)"),
    ("drop_wrapper", "x = int(a)", "x = a"),
    ("drop_wrapper", "x = a.strip().b", "x = a.b"),
    ("drop_argument", "f(a, key=b)", "f(a)"),
    ("call_sibling", "x = a.startswith(b)", "x = a.endswith(b)"),
    ("use_other_variable", "def f(a, b):\n    return g(a)", "def f(a, b):\n    return g(b)"),
    ("use_other_attribute", "class A:\n    def f(self): return self.a, self.a, self.b", None),
    ("drop_statement", "def f(x):\n    x.a = 1\n    return x", "def f(x):\n    return x"),
    ("drop_statement", "def f(x):\n    if x:\n        raise x", "def f(x):\n    if x:\n        pass"),
    ("drop_result", "def f(x):\n    return x", "def f(x):\n    return None"),
    ("swap_statements", "def f(x, y):\n    x = y\n    y = 1", None),
    ("swap_statements", "def f(x):\n    x.a()\n    x.b()", "def f(x):\n    x.b()\n    x.a()"),
    ("change_exception", "try:\n    a()\nexcept (KeyError, b):\n    c()", "try:\n    a()\nexcept b:\n    c()"),
    ("change_exception", "raise StopIteration", "raise IndexError"),
    ("drop_branch", "if a:\n    b()\nelse:\n    c()\nd()\n", "if a:\n    b()\nd()\n"),
    ("drop_branch", "if a:\n    b()\nelif c:\n    d()\n", "if c:\n    d()\n"),
    ("take_branch", "if a:\n    b()\n    c()\nd()\n", "b()\nc()\nd()\n"),
    ("swap_branches", "if a:\n    b()\nelse:\n    c()\n", "if a:\n    c()\nelse:\n    b()\n"),
    ("loop_once", "for a in b:\n    c()\n", "for a in b:\n    c()\n    break\n"),
    ("swap_loop_exit", "for a in b:\n    break\n", "for a in b:\n    continue\n"),
    ("leave_early", "def f(a):\n    for b in a:\n        c()\n    return a\n",
     "def f(a):\n    for b in a:\n        c()\n        return a\n    return a\n"),
    ("leave_early", "while a:\n    b()\n", "if a:\n    b()\n"),
    ("drop_finish", "for a in b:\n    c()\nelse:\n    d()\n", "for a in b:\n    c()\n"),
    ("drop_decorator", "@a\n@b\ndef f(): pass\n", "@b\ndef f(): pass\n"),
    ("drop_call_above", "class A(B):\n    def f(self):\n        super().f()\n        c()\n",
     "class A(B):\n    def f(self):\n        c()\n"),
    ("drop_base", "class A(B, C): pass", "class A(B): pass"),
    ("rename_method", "class A:\n    def __lt__(self, o): pass", "class A:\n    def __le__(self, o): pass"),
]  # fmt: skip
REAL = [Path(str(module.__file__)) for module in (heapq, textwrap)]


def some(source: str, seed: int = 0, **options: object) -> list[str]:
    return [each.source for each in mutations(source, rng=random.Random(seed), **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "source", "broken"), EXAMPLES)
def test_an_operator_breaks_what_it_says(name: str, source: str, broken: str | tuple[str, ...] | None) -> None:
    found = some(source, only=[name])
    if broken is None:
        assert found
    elif isinstance(broken, tuple):
        assert set(found) & set(broken)
    else:
        assert broken in found


def test_every_operator_has_an_example() -> None:
    assert {name for name, _, _ in EXAMPLES} == set(OPERATORS)
    assert len(OPERATORS) >= 16


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_mutations_of_real_code_compile_differ_and_change_one_place(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = mutations(source, rng=random.Random(3), limit=60)
    assert len(found) == 60
    shapes = {ast.dump(ast.parse(each.source)) for each in found}
    assert len(shapes) == 60
    assert ast.dump(ast.parse(source)) not in shapes
    old = source.splitlines()
    for each in found:
        new = each.source.splitlines()
        assert old[: each.line - 1] == new[: each.line - 1], each.description
        tail = len(new) - each.end_line
        assert tail == 0 or old[-tail:] == new[-tail:] or old[-tail + 1 :] == new[-tail + 1 :], each.description


def test_the_same_generator_gives_the_same_mutations_and_a_limit_is_a_head_of_them() -> None:
    source = REAL[1].read_text(encoding="utf-8")
    assert some(source, 5, limit=10) == some(source, 5, limit=20)[:10]
    assert some(source, 5, limit=10) != some(source, 6, limit=10)


def test_what_differs_in_comments_only_is_one_mutation() -> None:
    source = "if a:\n    b()  # one\nelse:\n    b()  # two\n"
    assert len(some(source, only=["take_branch"])) == 1
    assert some(source, only=["swap_branches"]) == []


def test_operators_take_turns() -> None:
    counts = Counter(each.operator for each in mutations(REAL[1].read_text(), rng=random.Random(0), limit=40))
    assert len(counts) >= 15
    assert max(counts.values()) <= 3


def test_what_no_test_looks_at_is_left_alone() -> None:
    source = textwrap.dedent('''
        """A text with 1 + 1 in it."""
        from typing import TYPE_CHECKING
        __all__ = ["f"]
        __version__ = "1.0"
        if TYPE_CHECKING:
            from a import b
            c = 1
        def f(a: "int" = ...) -> "list[int]":
            """Adds 1 < 2."""
            log.debug("text %s", 1)
            warnings.warn("text")
            x: "str"
            f"{1 + 1}"
    ''')
    assert some(source) == []


def test_a_string_over_lines_keeps_its_indentation() -> None:
    source = 'def f(a):\n    if a:\n        b = """\n        text\n        """\n        g(b)\n    h(a)\n'
    assert all(
        '"""\n        text\n        """' in each for each in some(source, only=["take_branch", "swap_statements"])
    )


def test_only_the_functions_and_lines_that_are_asked_for_are_touched() -> None:
    source = "def f(a):\n    return a + 1\n\nclass B:\n    def g(self, a):\n        return a + 2\n"
    assert {each.function for each in mutations(source, rng=random.Random(0), within=["B.g"])} == {"B.g"}
    lines = [each.line for each in mutants_of(source, [2], rng=random.Random(0))]
    assert set(lines) == {2}


@pytest.mark.parametrize("source", ["", "def f(:", "x = '\ud800'", "\x00", "\ufeffx = 1 + 1", "(" * 500 + ")" * 500])
def test_a_text_that_is_no_python_has_no_mutations(source: str) -> None:
    assert some(source) == []


def test_carriage_returns_and_other_alphabets_stay() -> None:
    source = "größe = 'ä'\r\ndef f(straße):\r\n    ä = straße + 1 ; return ä\r\n"
    for each in some(source):
        assert each.count("\r\n") >= 2
        assert "\n" not in each.replace("\r\n", "")


def test_an_unknown_operator_and_a_limit_of_zero_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown operator 'flip'"):
        some("a = 1", only=["flip"])
    with pytest.raises(UsageError, match="limit is 0"):
        some("a = 1", limit=0)


NAMES = st.sampled_from("abc")
EXPRESSIONS = st.recursive(
    NAMES | st.integers(0, 9).map(str),
    lambda inner: st.tuples(
        inner, st.sampled_from([" + ", " - ", " * ", " < ", " and ", " if c else ", " or not ", " % -"]), inner
    ).map(lambda parts: f"({''.join(parts)})"),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, st.integers(0, 99))
def test_any_mutation_of_any_expression_is_spliced_into_its_statement(first: str, second: str, seed: int) -> None:
    source = f"# head\ndef f(a, b, c):\n    x = {first}  # kept\n    return x, {second}\n# tail\n"
    for each in some(source, seed, limit=12):
        assert each.startswith("# head\ndef f(a, b, c):\n    ")
        assert each.endswith("\n# tail\n")
        changed = [line for line in difflib.ndiff(source.splitlines(), each.splitlines()) if line[:1] == "-"]
        assert len(changed) <= 2
