"""What the Python files of a tree import and name, by their syntax trees. Nothing is imported."""

import ast
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from envgym.environments.swe.path_patterns import matches
from envgym.python_source import parse_python
from envgym.task_synth.mining.layout import Layout

MAX_BYTES = 1 << 20
MAX_FILES = 4_000
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
LEFT_OUT = {".git", "__pycache__", "node_modules", ".tox", ".venv", "venv"}


@dataclass(frozen=True)
class Module:
    """A Python file, in outline."""

    path: str
    is_test: bool
    imports: dict[str, frozenset[str]] = field(default_factory=dict)
    """Absolute imports, by dotted name, with the names taken from each; relative ones are resolved below the module path."""
    names: frozenset[str] = frozenset()
    """Identifiers, attributes and parameters that occur."""

    @property
    def tops(self) -> set[str]:
        """First parts of what is imported."""
        return {name.partition(".")[0] for name in self.imports}


def parsed(source: bytes | str) -> ast.Module | None:
    """The syntax tree of a source; None where it is none that this interpreter reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parse_python(source)
        except UNPARSABLE:
            return None


def read_modules(tree: Path, layout: Layout) -> list[Module]:
    """The project's source and tests, in the order of their paths."""
    found = []
    for path in sorted(_python_paths(tree))[:MAX_FILES]:
        is_test = matches(path, layout.test_paths)
        if not is_test and not matches(path, layout.source_paths):
            continue
        syntax = parsed((tree / path).read_bytes())
        if syntax is not None:
            found.append(_outline(path, is_test, syntax, layout))
    return found


def _python_paths(tree: Path) -> Iterator[str]:
    for place, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in files:
            path = Path(place) / name
            if path.suffix == ".py" and not path.is_symlink() and path.stat().st_size <= MAX_BYTES:
                yield str(path.relative_to(tree))


def _outline(path: str, is_test: bool, syntax: ast.Module, layout: Layout) -> Module:
    imports: dict[str, set[str]] = {}
    names = set[str]()
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports.setdefault(alias.name, set())
        elif isinstance(node, ast.ImportFrom):
            imports.setdefault(_absolute(path, node, layout), set()).update(alias.name for alias in node.names)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    imports.pop("", None)
    return Module(path, is_test, {name: frozenset(taken) for name, taken in imports.items()}, frozenset(names))


def _absolute(path: str, node: ast.ImportFrom, layout: Layout) -> str:
    """The dotted name that an import means, seen from the folder of the module path that holds the file."""
    if node.level == 0:
        return node.module or ""
    inside = path
    for folder in layout.python_path:
        if folder != "." and path.startswith(f"{folder}/"):
            inside = path.removeprefix(f"{folder}/")
            break
    parts = inside.split("/")[: -node.level]
    return ".".join([*parts, *([node.module] if node.module else [])])
