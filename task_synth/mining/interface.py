"""The interface that hidden tests take for granted: names and parameters that the change brings and no reader of the issue could guess."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from envgym.task_synth.mining.definitions import Definition
from envgym.task_synth.mining.python_files import parsed
from envgym.task_synth.mining.tiers import names_in


def interface_of(
    new: Sequence[Definition], old: Sequence[Definition], tests: Mapping[str, bytes], python_path: Iterable[str]
) -> list[str]:
    """One line for each new name, and for each function with a new parameter, that the tests use."""
    folders, found = tuple(python_path), list[str]()
    was = {(each.path, each.name): each for each in old}
    syntaxes = [syntax for syntax in map(parsed, tests.values()) if syntax is not None]
    used = set[str]().union(*map(names_in, syntaxes))
    passed = {pair for syntax in syntaxes for pair in _passed(syntax)}
    for each in new:
        before = was.get((each.path, each.name))
        where = _module(each, folders)
        if before is None and each.last in used and not each.name.rpartition(".")[2].startswith("__"):
            found.append(f"`{where}`: `{each.signature}`")
        elif before is not None and any((each.last, name) in passed for name in each.parameters - before.parameters):
            found.append(f"`{where}` takes: `{each.signature}`")
    return found


def _passed(syntax: ast.Module) -> Iterator[tuple[str, str]]:
    """Keywords of calls, with the last name of what is called."""
    for node in ast.walk(syntax):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from ((called, each.arg) for each in node.keywords if each.arg)


def _module(each: Definition, folders: Sequence[str]) -> str:
    path = each.path
    for folder in folders:
        if folder != "." and path.startswith(f"{folder}/"):
            path = path.removeprefix(f"{folder}/")
            break
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return f"{module}.{each.name}"
