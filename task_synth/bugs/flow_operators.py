"""Operators on the flow of control: branches and loops that are left out, left early or taken the wrong way."""

import ast
import random
from collections.abc import Iterator, Sequence

from envgym.task_synth.bugs.mutation import Edit
from envgym.task_synth.bugs.source_module import Loop, SourceModule
from envgym.task_synth.bugs.statement_operators import without

LEAVES = ast.Return | ast.Raise | ast.Break | ast.Continue


def drop_branch(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """An `if` is left out with what hangs on it, or only its `else`, or an `elif` in between."""
    if not isinstance(node, ast.If) or not module.owns_lines(node):
        return
    if node.orelse:
        if module.owns_lines(*node.body):
            body_end = module.line_end(module.end(node.body[-1]))
            yield Edit(body_end, module.line_end(module.end(node.orelse[-1])), "")
        if _is_elif(module, node.orelse):
            start = module.start(node.orelse[0])
            yield Edit(module.start(node), start + len("elif"), module.slice(start, start + 4).removeprefix("el"))
    elif not _is_elif_itself(module, node):
        yield from without(module, node)


def take_branch(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """What stood under a condition is always done: of `if` and `else` one stays."""
    if not isinstance(node, ast.If) or not module.owns_lines(node) or _is_elif_itself(module, node):
        return
    for block in (node.body, node.orelse):
        if not block or _is_elif(module, block):
            continue
        text = dedented(module, block, module.indent(node))
        if text is not None and (len(module.block_of(node)) == 1 or not isinstance(block[-1], LEAVES)):
            start, end = module.start(node), module.line_end(module.end(node))
            yield Edit(module.line_start(start), end, text)


def swap_branches(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """What stood under `if` and under `else` change places."""
    if not isinstance(node, ast.If) or not node.orelse or _is_elif(module, node.orelse):
        return
    if module.owns_lines(*node.body) and module.owns_lines(*node.orelse):
        (a, b), (c, d) = ((module.start(block[0]), module.end(block[-1])) for block in (node.body, node.orelse))
        yield Edit(a, d, module.slice(c, d) + module.slice(b, c) + module.slice(a, b))


def loop_once(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A loop ends after its first round, or is left out."""
    if isinstance(node, Loop) and module.owns_lines(*node.body) and not node.orelse:
        last = node.body[-1]
        if not isinstance(last, LEAVES):
            yield _behind(module, last, "break")
        yield from without(module, node)


def swap_loop_exit(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`break` becomes `continue`, and back."""
    if isinstance(node, ast.Break | ast.Continue):
        other = "continue" if isinstance(node, ast.Break) else "break"
        yield Edit(module.start(node), module.end(node), other)


def leave_early(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """What is returned after a loop is returned after its first round; a `while` that may go on becomes an `if`."""
    if not isinstance(node, Loop) or not module.owns_lines(*node.body) or isinstance(node.body[-1], LEAVES):
        return
    block = module.block_of(node)
    after = block[block.index(node) + 1 : block.index(node) + 2]
    if after and isinstance(after[0], ast.Return) and "\n" not in module.code(after[0]):
        yield _behind(module, node.body[-1], module.code(after[0]))
    own_exit = any(isinstance(each, ast.Break | ast.Continue) for each in ast.walk(node))
    if isinstance(node, ast.While) and not own_exit and not node.orelse:
        yield Edit(module.start(node), module.start(node) + len("while"), "if")


def drop_finish(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """The `else` of a loop or of a `try`, or a `finally`, is left out."""
    if not isinstance(node, Loop | ast.Try) or not module.owns_lines(node):
        return
    for block, word in ((node.orelse, "else"), (getattr(node, "finalbody", []), "finally")):
        if not block or not module.owns_lines(*block) or (word == "finally" and not getattr(node, "handlers", [])):
            continue
        start = module.data.rfind(word.encode(), 0, module.start(block[0]))
        if not module.slice(module.line_start(start), start).strip():
            yield Edit(module.line_start(start), module.line_end(module.end(block[-1])), "")


def dedented(module: SourceModule, block: Sequence[ast.stmt], indent: str) -> str | None:
    """The lines of a block at another depth; None where that would change a string that spans lines."""
    if not module.owns_lines(*block) or any(_spans_lines(each) for statement in block for each in ast.walk(statement)):
        return None
    deep = module.indent(block[0])
    lines = module.slice(module.line_start(module.start(block[0])), module.line_end(module.end(block[-1])))
    return "".join(
        indent + line.removeprefix(deep) if line.strip() else line for line in lines.splitlines(keepends=True)
    )


def _spans_lines(node: ast.AST) -> bool:
    text = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
    return text and node.lineno != node.end_lineno  # type: ignore[attr-defined]


def _behind(module: SourceModule, last: ast.stmt, statement: str) -> Edit:
    """Puts a statement on a line of its own behind the last of a block."""
    end = module.line_end(module.end(last))
    newline = "" if module.data[end - 1 : end] == b"\n" else "\n"
    return Edit(end, end, f"{newline}{module.indent(last)}{statement}\n")


def _is_elif(module: SourceModule, block: Sequence[ast.stmt]) -> bool:
    return len(block) == 1 and isinstance(block[0], ast.If) and _is_elif_itself(module, block[0])


def _is_elif_itself(module: SourceModule, node: ast.If) -> bool:
    return module.code(node).startswith("elif")
