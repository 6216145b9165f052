"""Difficulty tiers of the tests that decide: `direct` ones name something that the change touched, `further` ones reach it otherwise."""

import ast
import math
from collections.abc import Collection, Iterator, Mapping, Sequence

from envgym.task_synth.mining.definitions import Definition, Function
from envgym.task_synth.mining.python_files import parsed


def tiers_of(
    tests: Sequence[str], sources: Mapping[str, bytes], touched: Sequence[Definition]
) -> dict[str, tuple[str, ...]]:
    """The tests by tier; a tier without tests is left out."""
    names = {each.last for each in touched}
    named = {path: dict(_names_by_test(source)) for path, source in sources.items()}
    found: dict[str, list[str]] = {"direct": [], "further": []}
    for test in tests:
        path, *rest = test.partition("[")[0].split("::")
        used: Collection[str] = named.get(path, {}).get("::".join(rest), ())
        found["further" if names.isdisjoint(used) else "direct"].append(test)
    return {tier: tuple(ids) for tier, ids in found.items() if ids}


def difficulty(patch: str) -> float:
    """A first guess by the size of the change: 0 to 1, larger is harder. Nobody's success was measured."""
    lines = sum(line[:1] in "+-" and line[:3] not in ("+++", "---") for line in patch.splitlines())
    files = patch.count("\ndiff --git ") + 1
    return round(min(1.0, 0.8 * math.sqrt(lines / 200) + 0.05 * (files - 1)), 2)


def names_in(node: ast.AST) -> set[str]:
    """Identifiers, attributes and keywords that occur below a node."""
    found = set[str]()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found.add(each.id)
        elif isinstance(each, ast.Attribute):
            found.add(each.attr)
        elif isinstance(each, ast.keyword) and each.arg:
            found.add(each.arg)
        elif isinstance(each, ast.alias):
            found.add(each.name.rpartition(".")[2])
    return found


def _names_by_test(source: bytes) -> Iterator[tuple[str, set[str]]]:
    syntax = parsed(source)
    for node in syntax.body if syntax else ():
        if isinstance(node, Function):
            yield node.name, names_in(node)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function):
                    yield f"{node.name}::{inner.name}", names_in(inner)
