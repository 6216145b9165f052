"""A test file in which nobody can tell the tests: each under a random name, among copies that cannot pass.

A copy is its test with one expectation contradicted, made of the test's own text, so that the two look alike. A process that reports what
it likes, or code that passes whatever is asked of it, does not know which of them to pass.

Nor does comparing them tell: with two copies there is a third in which both are contradicted, so that each of the four differs from two
others in one place, and there is no middle to be the original.

What the copies contradict is drawn from `choose` alone, so that it can be proved once that a correct solution fails them; names and order
are drawn from `name`, which is nobody's to know.
"""

import ast
import random
import re
from collections.abc import Collection
from dataclasses import dataclass

from envgym.environments.swe.contradiction import Contradiction, contradictions
from envgym.environments.swe.source_text import Edit, SourceText, edited
from envgym.environments.swe.tests_of_file import TestFunction, TestsOfFile
from envgym.python_source import parse_python

COPIES = 2
FEW_WORDS = tuple(
    re.findall(
        r"\w+",
        """round empty order case value first last range small input again default result simple large nested single mixed plain error
        types names keys items update missing repeat equal compare split join merge parse format count limit index slice text number""",
    )
)
"""Words for names, besides those of the file."""
DEFINITION = re.compile(r"(?:async\s+)?def\s+")


@dataclass(frozen=True, slots=True)
class Blind:
    """The source and what the names in it stand for, as `TestA::test_b` or `test_b`. What is in neither map kept its name."""

    source: str
    originals: dict[str, str]
    """New name -> the test's own."""
    copies: dict[str, str]
    """Name of a copy -> the test that it contradicts. Those of one test come in an order that does not depend on `name`."""
    kinds: dict[str, str]
    """Name of a copy -> what was changed: literal, negation, exception, or both of the two before. To have both may be right again:
    `== 3` made `!= 4`."""


def blind(
    source: str,
    *,
    tests: Collection[str],
    choose: random.Random,
    name: random.Random,
    copies: int = COPIES,
    keep: Collection[str] = (),
) -> Blind:
    """Renames the tests of a file and adds up to `copies` contradicting copies of each that is in `tests`, and one of two of them.

    Tests that speak of their own name, or that others speak of by name, are left as they are; so are functions and classes in `keep`:
    names that other files use (`spoken_of`). New names sort as the old ones do, because unittest runs tests in that order and some
    depend on it. A file that does not parse comes back as it is, with no names.
    """
    try:
        text = SourceText(source)
    except SyntaxError:
        return Blind(source, {}, {}, {})
    return _Blinding(text, TestsOfFile(text.tree, keep), frozenset(tests), choose, name).made(copies)


class _Blinding:
    """One file on its way."""

    def __init__(
        self, text: SourceText, file: TestsOfFile, tests: frozenset[str], choose: random.Random, name: random.Random
    ) -> None:
        self._text, self._file, self._tests = text, file, tests
        self._choose, self._name = choose, name
        self._taken = set(re.findall(r"\w+", text.text))
        self._words = _words(self._file)
        self._result = Blind("", {}, {}, {})

    def made(self, copies: int) -> Blind:
        free = [each for each in self._file.functions if each.name not in self._file.fixed_names]
        chosen = [self._chosen(each, copies) for each in free]
        olds = sorted({each.name for each in free})
        names = dict(zip(olds, sorted(self._new_name() for _ in olds), strict=True))
        edits = [self._block(each, names[each.name], found) for each, found in zip(free, chosen, strict=True)]
        edits += self._masks(names)
        self._name_originals(names)
        return Blind(edited(self._text.text, edits), self._result.originals, self._result.copies, self._result.kinds)

    def _chosen(self, test: TestFunction, limit: int) -> list[Contradiction]:
        wanted = any(_qualified(heir, test.name) in self._tests for heir in self._file.heirs(test.place))
        if not wanted or test.hidden:
            return []
        own = self._file.defined
        found: list[Contradiction] = []
        for each in contradictions(test.node, self._text, self._choose, own=own):
            if len(found) == limit:
                break
            if self._differs(test, each):
                found.append(each)
        return [*found, *self._fourth(test, found)]

    def _fourth(self, test: TestFunction, found: list[Contradiction]) -> list[Contradiction]:
        """What has the changes of the first two copies, so that the test and its copies are the corners of a square."""
        if len(found) < 2:
            return []
        first, second = found[:2]
        both = Contradiction("both", (*first.edits, *second.edits), second.statement)
        return [both] if self._differs(test, both) else []

    def _differs(self, test: TestFunction, contradiction: Contradiction) -> bool:
        start, end = self._lines(test)
        before = self._text.text[start:end]
        try:
            return _dump(before) != _dump(edited(before, contradiction.edits, offset=start))
        except (SyntaxError, ValueError):
            return False

    def _lines(self, test: TestFunction) -> tuple[int, int]:
        first = min([test.node.lineno, *(each.lineno for each in test.node.decorator_list)])
        return self._text.line_start(first), self._text.line_end(test.node.end_lineno or test.node.lineno)

    def _block(self, test: TestFunction, new: str, chosen: list[Contradiction]) -> Edit:
        """The test and its copies, in any order."""
        start, end = self._lines(test)
        written = self._text.text[start:end]
        versions = [edited(written, [self._renaming(test, new)], offset=start)]
        for each in chosen:
            name = self._new_name()
            versions.append(edited(written, [self._renaming(test, name), *each.edits], offset=start))
            for heir in self._file.heirs(test.place):
                self._result.copies[_qualified(heir, name)] = _qualified(heir, test.name)
                self._result.kinds[_qualified(heir, name)] = each.kind
        between = "\n\n" if written[:1].isspace() else "\n\n\n"
        return Edit(start, end, between.join(self._name.sample(versions, len(versions))))

    def _renaming(self, test: TestFunction, new: str) -> Edit:
        start, _ = self._text.span(test.node)
        word = DEFINITION.match(self._text.text, start)
        at = word.end() if word else start
        return Edit(at, at + len(test.name), new)

    def _masks(self, names: dict[str, str]) -> list[Edit]:
        """In classes that may inherit from another file: there is no test of the old name any more, not even the inherited one."""
        edits = []
        for place, each in self._file.classes.items():
            gone = [old for old in dict.fromkeys(each.own) if old in names]
            if gone and self._file.is_open(place):
                last = each.node.body[-1]
                indent = " " * each.node.body[0].col_offset
                at = self._text.line_end(last.end_lineno or last.lineno)
                edits.append(Edit(at, at, "".join(f"\n\n{indent}{old} = None" for old in gone)))
        return edits

    def _name_originals(self, names: dict[str, str]) -> None:
        for test in self._file.functions:
            for heir in self._file.heirs(test.place) if test.name in names else ():
                self._result.originals[_qualified(heir, names[test.name])] = _qualified(heir, test.name)

    def _new_name(self) -> str:
        while True:
            words = self._name.sample(self._words, self._name.choice((2, 2, 3, 3, 4)))
            name = "_".join(["test", *words])
            if name not in self._taken:
                self._taken.add(name)
                return name


def _words(file: TestsOfFile) -> list[str]:
    """The words of the file's own test names, and some more."""
    found = dict.fromkeys(
        word.lower()
        for each in file.functions
        for word in re.findall(r"[A-Z]?[a-z]{2,}", each.name.removeprefix("test"))
    )
    return list(dict.fromkeys([*found, *FEW_WORDS]))


def _qualified(place: str, name: str) -> str:
    return f"{place}::{name}" if place else name


def _dump(written: str) -> str:
    """The tree of a function as written, whatever its indentation."""
    return ast.dump(parse_python(f"if True:\n{written}" if written[:1].isspace() else written))
