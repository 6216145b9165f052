"""Which definitions of the tree before a change the change touches, by comparing both trees line by line and placing lines in their AST.

A line belongs to the outermost function around it, a method being `Class.method`: a function within one is part of the outer one. What
lies in no function belongs to the class around it, or to the module. A line that the change adds belongs to the definition that it is in
afterwards, if that was there before, else to the class or module that got the new definition. Blank lines and comments belong nowhere.
"""

import ast
import difflib

from envgym.environments.swe.golden import gold_of, source_after, source_before, tree_or_none
from envgym.environments.swe.task_folder import TaskFolder

Span = tuple[int, int, str]


def changed_definitions(folder: TaskFolder) -> frozenset[str]:
    """`path::name` of what gold touches: functions; in a file where it touches none, classes; else the file itself, as `path`."""
    found: set[str] = set()
    for path in gold_of(folder):
        before, after = source_before(folder, path), source_after(folder, path)
        if before is None or not path.endswith(".py"):
            continue
        names = _touched(before, after or "")
        functions, classes = {name for kind, name in names if kind == "function"}, {n for k, n in names if k == "class"}
        found |= {f"{path}::{name}" for name in functions or classes} or {path}
    return frozenset(found or set(gold_of(folder)))


def _touched(before: str, after: str) -> set[tuple[str, str]]:
    """Kind and name of the definitions of `before` that differ."""
    old, new = _Definitions(before), _Definitions(after)
    found: set[tuple[str, str]] = set()
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for kind, first, end, new_first, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for line in range(first + 1, end + 1):
            if old.says_something(line):
                found.add(old.around(line))
        for line in range(new_first + 1, new_end + 1):
            if new.says_something(line):
                found.add(old.known(*new.around(line)))
    return found


class _Definitions:
    """The functions and classes of a module, and their lines."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        self._functions: list[Span] = []
        self._classes: list[Span] = []
        tree = tree_or_none(source)
        if tree is not None:
            self._walk(tree.body, "")

    def _walk(self, body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._functions.append(_span(node, prefix))
            elif isinstance(node, ast.ClassDef):
                self._classes.append(_span(node, prefix))
                self._walk(node.body, f"{prefix}{node.name}.")
            else:
                for block in ("body", "orelse", "finalbody"):
                    self._walk([each for each in getattr(node, block, []) if isinstance(each, ast.stmt)], prefix)

    def says_something(self, line: int) -> bool:
        text = self._lines[line - 1].strip()
        return bool(text) and not text.startswith("#")

    def around(self, line: int) -> tuple[str, str]:
        """Kind and name of what a line belongs to."""
        for first, last, name in self._functions:
            if first <= line <= last:
                return "function", name
        inner = [span for span in self._classes if span[0] <= line <= span[1]]
        return ("class", inner[-1][2]) if inner else ("module", "")

    def known(self, kind: str, name: str) -> tuple[str, str]:
        """A definition of another version, or what was around it, as it is known here."""
        if kind == "function" and any(name == each for _, _, each in self._functions):
            return kind, name
        while name:
            if any(name == each for _, _, each in self._classes):
                return "class", name
            name = name.rpartition(".")[0]
        return "module", ""


def _span(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, prefix: str) -> Span:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return first, node.end_lineno or node.lineno, f"{prefix}{node.name}"
