"""What a Python file defines, and what of it a change touched: the ground of difficulty tiers and of the interface that an issue states."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.swe.candidate import File
from envgym.task_synth.mining.python_files import parsed

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Definition:
    """A function, method, class or top-level name of a file."""

    path: str
    name: str
    """Dotted inside the file: `Cache.get`."""
    text: str
    """Source in normal form; two definitions with equal text do the same."""
    signature: str
    """`def get(self, key, default=None)`, `class Cache(dict)`, or the name alone."""
    parameters: frozenset[str] = frozenset()

    @property
    def last(self) -> str:
        """The name as others write it: for `__init__` and its like, that of the class."""
        *above, name = self.name.split(".")
        return above[-1] if name.startswith("__") and name.endswith("__") and above else name


def definitions(path: str, source: bytes | None) -> dict[str, Definition]:
    """Definitions of a file by dotted name; none where it is not there or is no Python."""
    syntax = parsed(source) if source else None
    try:
        return {found.name: found for found in _below(path, syntax.body, ())} if syntax else {}
    except RecursionError:  # `ast.unparse` of an expression that is nested deeper than ours may be
        return {}


def changed(before: Path, gold: Mapping[str, File | None]) -> tuple[list[Definition], list[Definition]]:
    """Definitions that a change made or altered, as they are afterwards; and those as they were that it altered or removed."""
    new, old = list[Definition](), list[Definition]()
    for path, file in sorted(gold.items()):
        was = definitions(path, _bytes(before / path))
        now = definitions(path, file.content if file else None)
        new += [each for name, each in now.items() if name not in was or was[name].text != each.text]
        old += [each for name, each in was.items() if name not in now or now[name].text != each.text]
    return new, old


def _below(path: str, body: list[ast.stmt], above: tuple[str, ...]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Function):
            yield _function(path, node, above)
        elif isinstance(node, ast.ClassDef):
            name = ".".join([*above, node.name])
            bases = (
                f"({', '.join(map(ast.unparse, [*node.bases, *node.keywords]))})" if node.bases or node.keywords else ""
            )
            own = [each for each in node.body if not isinstance(each, Function | ast.ClassDef)]
            yield Definition(
                path,
                name,
                "\n".join(map(ast.unparse, [*node.decorator_list, *own])) + bases,
                f"class {node.name}{bases}",
            )
            yield from _below(path, node.body, (*above, node.name))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield Definition(path, ".".join([*above, target.id]), ast.unparse(node), target.id)
        elif isinstance(node, ast.If | ast.Try):
            yield from _below(path, [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)], above)


def _function(path: str, node: Function, above: tuple[str, ...]) -> Definition:
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    taken = node.args
    parameters = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]
    return Definition(
        path,
        ".".join([*above, node.name]),
        ast.unparse(node),
        f"{kind} {node.name}({ast.unparse(taken)}){returns}",
        frozenset(each.arg for each in parameters),
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None
