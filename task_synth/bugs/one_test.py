"""A test function in the text of its file: found by its pytest id, with its parameters filled in, or cut out. Nothing is executed."""

import ast
import textwrap
from collections.abc import Collection, Iterator

from envgym.python_source import parse_python
from envgym.task_synth.bugs.source_module import Function, SourceModule, is_docstring


def names_of(test_id: str) -> tuple[str, ...]:
    """`("TestA", "test_b")` of `tests/test_x.py::TestA::test_b[1-2]`."""
    return tuple(test_id.partition("[")[0].split("::")[1:])


def find(tree: ast.Module, test_id: str) -> Function | None:
    """The function that an id means: in its class, else a method of that name in any class of the file, as for inherited ones."""
    *above, name = names_of(test_id) or ("",)
    functions = [node for node in ast.walk(tree) if isinstance(node, Function) and node.name == name]
    for node in ast.walk(tree):
        if above and isinstance(node, ast.ClassDef) and node.name == above[-1]:
            functions = [each for each in node.body if each in functions] + functions
            break
    return functions[0] if functions else None


def parsed_test(source: str) -> ast.Module | None:
    """The tree of a file, or of a single function that may be indented; None where it is no Python."""
    for text in (source, textwrap.dedent(source)):
        try:
            return parse_python(text)
        except (SyntaxError, ValueError):
            continue
    return None


def without_tests(source: str, test_ids: Collection[str]) -> str:
    """The file without the functions of these ids; the rest byte for byte. A class that would be left empty goes too."""
    try:
        module = SourceModule(source)
    except SyntaxError:
        return source
    doomed: set[ast.stmt] = {found for each in test_ids if (found := find(module.tree, each)) is not None}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.ClassDef)
            and doomed & set(node.body)
            and all(each in doomed or is_docstring(each) for each in node.body)
        ):
            doomed = {each for each in doomed if each not in node.body} | {node}
    data = module.data
    for node in sorted(doomed, key=module.start, reverse=True):
        start, end = module.line_start(module.start(node)), module.line_end(module.end(node))
        lead = data[:start].rstrip()
        alone = len(module.block_of(node)) == 1 and not isinstance(module.parents[node], ast.Module)
        start = start if alone or not lead else len(lead) + 1
        data = data[:start] + (f"{module.indent(node)}pass\n".encode() if alone else b"") + data[end:]
    return data.decode("utf-8")


def parameters(function: Function, test_id: str) -> dict[str, ast.expr]:
    """What the parameters of a parametrized test are in the case that an id means; empty where that is not plain to see."""
    _, _, label = test_id.partition("[")
    if not label.endswith("]"):
        return {}
    for decorator in function.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and ast.unparse(decorator.func).endswith("mark.parametrize")
            and len(decorator.args) >= 2
        ):
            names, rows = _names(decorator.args[0]), decorator.args[1]
            if not isinstance(rows, ast.List | ast.Tuple) or not names:
                return {}
            values = [_values(row, len(names)) for row in rows.elts]
            chosen = [
                row
                for number, row in enumerate(values)
                if len(row) == len(names) and _label(row, names, number) == label.removesuffix("]")
            ]
            return dict(zip(names, chosen[0], strict=True)) if len(chosen) == 1 else {}
    return {}


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",") if name.strip()]
    if isinstance(node, ast.List | ast.Tuple):
        return [each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return []


def _values(row: ast.expr, count: int) -> list[ast.expr]:
    if isinstance(row, ast.Call) and ast.unparse(row.func).endswith("param"):
        return row.args
    return list(row.elts) if count > 1 and isinstance(row, ast.Tuple | ast.List) else [row]


def _label(row: list[ast.expr], names: list[str], number: int) -> str:
    """The id of a case, as pytest makes it of values."""
    parts = []
    for name, value in zip(names, row, strict=True):
        plain = ast.unparse(value)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            parts.append(value.value.encode("unicode_escape").decode("ascii"))
        elif isinstance(value, ast.Constant) and isinstance(value.value, int | float | None):
            parts.append(str(value.value))
        elif isinstance(value, ast.UnaryOp) and isinstance(value.operand, ast.Constant):
            parts.append(plain)
        else:
            parts.append(f"{name}{number}")
    return "-".join(parts)


def statements(function: Function) -> Iterator[tuple[ast.stmt, list[ast.stmt]]]:
    """Statements of a function, each with those that ran before it: at its top and below `with`."""
    before: list[ast.stmt] = []
    for statement in function.body:
        if is_docstring(statement):
            continue
        yield statement, list(before)
        if isinstance(statement, ast.With) and not _expects_raise(statement):
            for inner in statement.body:
                yield inner, list(before)
        before.append(statement)


def _expects_raise(node: ast.With) -> bool:
    return any(word in ast.unparse(node.items[0].context_expr) for word in ("raises", "assertRaises"))
