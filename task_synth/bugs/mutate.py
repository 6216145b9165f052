"""Mutations of a source text: a choice that is spread over the operators, the same for the same generator."""

import ast
import random
from collections import deque
from collections.abc import Collection, Iterable, Iterator

from envgym.errors import UsageError
from envgym.task_synth.bugs.mutation import Edit, Mutation, told
from envgym.task_synth.bugs.operators import chosen
from envgym.task_synth.bugs.source_module import SourceModule, parse


def mutations(
    source: str,
    *,
    rng: random.Random,
    limit: int | None = None,
    only: Collection[str] | None = None,
    within: Collection[str] | None = None,
    lines: Collection[int] | None = None,
) -> list[Mutation]:
    """Different mutations of a text that all compile, in random order with the operators by turns.

    `only` names operators, `within` functions (`Cache.get`; what is inside them counts), `lines` the lines of `source` to be touched.
    None for a text that is no Python. Raises UsageError for an operator that is none.
    """
    operators = chosen(only)
    if limit is not None and limit < 1:
        raise UsageError(f"limit is {limit}; ask for at least one mutation")
    try:
        module = SourceModule(source)
    except SyntaxError:
        return []
    nodes = list(_nodes(module, within))
    turns: dict[str, deque[tuple[ast.AST, Edit]]] = {}
    for name, operator in operators.items():
        found = [(node, edit) for node in nodes for edit in operator(module, node, rng)]
        if lines is not None:
            found = [each for each in found if not _lines_of(module, each[1]).isdisjoint(lines)]
        rng.shuffle(found)
        turns[name] = deque(found)
    return list(_distinct(module, _by_turns(turns, rng), limit))


def mutants_of(source: str, lines: Iterable[int], *, rng: random.Random, limit: int | None = None) -> list[Mutation]:
    """Mutations that touch the given lines of `source`, counted from 1."""
    return mutations(source, rng=rng, limit=limit, lines=frozenset(lines))


def _nodes(module: SourceModule, within: Collection[str] | None) -> Iterator[ast.AST]:
    for node in module.nodes():
        name = module.functions.get(node, "")
        if within is None or any(name == each or name.startswith(f"{each}.") for each in within):
            yield node


def _lines_of(module: SourceModule, edit: Edit) -> set[int]:
    last = max(edit.start, edit.end - 1)
    return set(range(module.line_of(edit.start), module.line_of(last) + 1))


def _by_turns(turns: dict[str, deque[tuple[ast.AST, Edit]]], rng: random.Random) -> Iterator[tuple[str, ast.AST, Edit]]:
    names = [name for name, left in turns.items() if left]
    rng.shuffle(names)
    while names:
        for name in names:
            yield name, *turns[name].popleft()
        names = [name for name in names if turns[name]]


def _distinct(
    module: SourceModule, edits: Iterable[tuple[str, ast.AST, Edit]], limit: int | None
) -> Iterator[Mutation]:
    """Those that compile to something else than the source and than each other."""
    sources, shapes = {module.text}, set[tuple[int, str]]()
    count = 0
    for name, node, edit in edits:
        source = (module.data[: edit.start] + edit.text.encode("utf-8") + module.data[edit.end :]).decode("utf-8")
        if source in sources:
            continue
        sources.add(source)
        try:
            old, new = _around(module, edit, parse(source))
        except SyntaxError:
            continue
        if new == old or new in shapes:
            continue
        shapes.add(new)
        yield _mutation(module, name, node, edit, source)
        count += 1
        if count == limit:
            return


def _around(module: SourceModule, edit: Edit, tree: ast.Module) -> tuple[tuple[int, str], tuple[int, str]]:
    """The statements at the top of the module that an edit may have changed, before and after, with where they begin."""
    old = module.tree.body
    line_before = module.line_start(max(0, edit.start - 1))
    first = sum(module.end(each) < line_before for each in old)
    behind = sum(module.start(each) > edit.end for each in old)
    shown = (ast.dump(ast.Module(body[first : len(body) - behind], [])) for body in (old, tree.body))
    before, after = shown
    return (first, before), (first, after)


def _mutation(module: SourceModule, name: str, node: ast.AST, edit: Edit, source: str) -> Mutation:
    data = source.encode("utf-8")
    last = max(edit.start, edit.start + len(edit.text.rstrip("\n").encode()) - 1)
    count = max(1, len(data.splitlines()))
    line, end_line = (min(count, data.count(b"\n", 0, place) + 1) for place in (edit.start, last))
    return Mutation(name, line, end_line, module.functions.get(node, ""), source, f"{name}: {told(module, edit)}")
