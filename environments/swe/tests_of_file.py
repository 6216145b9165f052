"""The test functions of a file: where they are, and which can be given another name without anybody noticing."""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from envgym.environments.swe.changed_literal import called
from envgym.environments.swe.reached import Function
from envgym.python_source import parse_python

PREFIX = "test"
COMPLETE_BASES = frozenset(("object", "TestCase", "IsolatedAsyncioTestCase", "ABC", "Protocol"))
"""Classes that bring no tests of their own."""
OWN_NAME = re.compile(
    r"\brequest\.(node|function)\b|\bself\.id\(\)|_testMethodName|currentframe|_getframe|inspect\.stack|__name__\b|__qualname__|"
    r"PYTEST_CURRENT_TEST|shortDescription|co_name|getsource|f_lineno|\bsnapshot\b|_regression\b"
)
"""What a function says that depends on its own name or place."""
NAMES_THE_TEST = frozenset(
    ("fixture", "property", "cached_property", "overload", "expand", "parameterized", "data", "unpack", "ddt", "setter")
)
"""Decorators of what is no test, or that make other names out of its name."""
AROUND_EACH = frozenset(("setUp", "tearDown", "setup_method", "teardown_method", "setup_function", "teardown_function"))
MAKES_CLASSES = frozenset(("parameterized_class", "ddt", "parameterized"))
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TestFunction:
    """One test function in a file. `place` is the qualified name of what it is in, empty for the module."""

    __test__ = False

    place: str
    node: Function
    hidden: bool = False
    """Whether a later definition of the same name takes its place."""

    @property
    def name(self) -> str:
        return self.node.name


@dataclass(slots=True)
class TestClass:
    """A class that has tests, or gives them to one that has."""

    __test__ = False

    place: str
    node: ast.ClassDef
    bases: list[str]
    """Those that are defined in the same file, the first first."""
    open: bool
    """Whether it may have tests from a class of another file."""
    own: list[str] = field(default_factory=list)


class TestsOfFile:
    """The tests of one parsed file."""

    __test__ = False

    def __init__(self, tree: ast.Module, keep: Collection[str] = ()) -> None:
        self._tree, self._keep = tree, frozenset(keep)
        self.classes: dict[str, TestClass] = {}
        self.functions: list[TestFunction] = []
        self._collect(tree.body, "", False)
        last = {(each.place, each.name): each.node for each in self.functions}
        self.functions = [
            TestFunction(each.place, each.node, last[each.place, each.name] is not each.node) for each in self.functions
        ]
        self.defined = frozenset(
            each.name
            for each in ast.walk(tree)
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        )

    def _collect(self, body: Sequence[ast.stmt], place: str, in_class: bool) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name.startswith(PREFIX):
                    if not _decorated(node.decorator_list) & NAMES_THE_TEST:
                        self.functions.append(TestFunction(place, node))
                        if in_class:
                            self.classes[place].own.append(node.name)
                case ast.ClassDef():
                    self._collect_class(node, f"{place}::{node.name}" if place else node.name)
                case ast.If() | ast.Try() | ast.With():
                    for part in ("body", "orelse", "finalbody"):
                        self._collect(getattr(node, part, []), place, in_class)
                    for handler in getattr(node, "handlers", []):
                        self._collect(handler.body, place, in_class)

    def _collect_class(self, node: ast.ClassDef, place: str) -> None:
        names = [_last_name(base) for base in node.bases]
        known = [name for name in names if name in self.classes]
        is_open = any(name not in COMPLETE_BASES and name not in self.classes for name in names)
        self.classes[place] = TestClass(place, node, known, is_open)
        self._collect(node.body, place, True)

    def ancestors(self, place: str) -> list[str]:
        """The class and those of the file that it inherits from, the closest first."""
        found = [place]
        for base in self.classes[place].bases if place in self.classes else ():
            found += [each for each in self.ancestors(base) if each not in found]
        return found

    def is_open(self, place: str) -> bool:
        return any(self.classes[each].open for each in self.ancestors(place) if each in self.classes)

    def heirs(self, place: str) -> list[str]:
        """The class and those of the file that inherit from it."""
        return [each for each in self.classes if place in self.ancestors(each)] if place else [""]

    @cached_property
    def collected(self) -> frozenset[str]:
        """Places that a test runner may look into, and what gives them tests."""
        tests = {
            place
            for place, each in self.classes.items()
            if each.node.name.startswith("Test")
            or any(_is_case(base) for name in self.ancestors(place) for base in self.classes[name].node.bases)
        }
        return frozenset(["", *(above for place in tests for above in self.ancestors(place))])

    @cached_property
    def fixed_names(self) -> frozenset[str]:
        """Names of test functions that must stay: somebody speaks of them, or they speak of themselves."""
        names = {each.name for each in self.functions}
        spoken = Counter(self._spoken())
        fixed = {name for name in names if spoken[name] or name in self._keep}
        for each in self.functions:
            if (
                each.place not in self.collected
                or self._class_is_spoken_of(each.place)
                or self._tells_its_name(each.node)
            ):
                fixed.add(each.name)
        return frozenset(fixed)

    def _spoken(self) -> Iterator[str]:
        """Every word of the file that could be the name of a test, but for definitions and docstrings."""
        documents = {
            id(each.body[0].value)
            for each in ast.walk(self._tree)
            if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and each.body
            and isinstance(each.body[0], ast.Expr)
        }
        for node in ast.walk(self._tree):
            match node:
                case (
                    ast.Name(id=name)
                    | ast.Attribute(attr=name)
                    | ast.arg(arg=name)
                    | ast.keyword(arg=str(name))
                    | ast.alias(name=name)
                ):
                    yield name
                case ast.Constant(value=str() as text) if id(node) not in documents:
                    yield from WORD.findall(text)

    def _class_is_spoken_of(self, place: str) -> bool:
        """Whether a class is passed on at module level, or by a decorator, so that there may be more of it than is seen."""
        if not place:
            return False
        if any(_decorated(self.classes[each].node.decorator_list) & MAKES_CLASSES for each in self.heirs(place)):
            return True
        return any(heir.rpartition("::")[2] in self._passed_on | self._keep for heir in self.heirs(place))

    @cached_property
    def _passed_on(self) -> frozenset[str]:
        names: set[str] = set()
        for statement in self._tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.For):
                names |= {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
        return frozenset(names)

    def _tells_its_name(self, node: Function) -> bool:
        """By itself, or by a function or fixture of the file that it uses."""
        arguments = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        attributes = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
        used = arguments | names | attributes
        return bool(OWN_NAME.search(ast.unparse(node))) or any(
            name in used or automatic for name, automatic in self._telling.items()
        )

    @cached_property
    def _telling(self) -> Mapping[str, bool]:
        """Functions of the file that depend on the name of who uses them -> whether everybody does."""
        return {
            node.name: node.name in AROUND_EACH or "autouse=True" in "".join(map(ast.unparse, node.decorator_list))
            for node in ast.walk(self._tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith(PREFIX)
            and OWN_NAME.search(ast.unparse(node))
        }


def spoken_of(sources: Iterable[str]) -> frozenset[str]:
    """Names that test files could take from another one: what they import or inherit, and tests that they call. For `keep` of `blind`."""
    names: set[str] = set()
    for source in sources:
        try:
            tree = parse_python(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            match node:
                case ast.alias(name=name):
                    names.add(name)
                case ast.Attribute(attr=name) if name.startswith(PREFIX):
                    names.add(name)
                case ast.ClassDef(bases=bases):
                    names |= {_last_name(base) for base in bases}
    return frozenset(names)


def _decorated(decorators: Iterable[ast.expr]) -> set[str]:
    """The names in decorators: `pytest`, `mark` and `skip` of `@pytest.mark.skip`."""
    found: set[str] = set()
    for each in decorators:
        root = each.func if isinstance(each, ast.Call) else each
        found |= {part.id for part in ast.walk(root) if isinstance(part, ast.Name)}
        found |= {part.attr for part in ast.walk(root) if isinstance(part, ast.Attribute)}
        found.add(called(each))
    return found


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
    return ""


def _is_case(node: ast.expr) -> bool:
    name = _last_name(node)
    return "Test" in name or name.endswith("Case")
