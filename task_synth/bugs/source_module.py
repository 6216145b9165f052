"""A Python file as operators see it: its syntax tree, where each node lies in the bytes, and what is better left alone.

Positions are byte offsets into the UTF-8 text, as `ast` counts columns. Nothing is executed.
"""

import ast
import warnings
from collections.abc import Iterator

from envgym.python_source import parse_python

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While
LOGGERS = {"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER", "warnings"}
TYPE_MAKERS = {"cast", "TypeVar", "ParamSpec", "NewType", "NamedTuple", "TypedDict", "overload", "Annotated"}
TEXT_MAKERS = {"warn", "debug", "info", "warning", "print", "print_exc", "deprecated"}
BLOCKS = ("body", "orelse", "finalbody")


class SourceModule:
    """A parsed file. Raises SyntaxError for what this interpreter does not read."""

    def __init__(self, text: str) -> None:
        self.tree = parse(text)
        self.text = text
        self.data = text.encode("utf-8")
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.parents: dict[ast.AST, ast.AST] = {}
        self.functions: dict[ast.AST, str] = {}
        """Qualified name of the function or class that a node is in; missing at the top of the module."""
        self.untouched: set[ast.AST] = set()
        self._walk(self.tree, "")
        for node in ast.walk(self.tree):
            for part in _untouchable(node):
                self.untouched.update(ast.walk(part))

    def _walk(self, node: ast.AST, name: str) -> None:
        todo = [(node, name)]
        while todo:
            above, place = todo.pop()
            if isinstance(above, Function | ast.ClassDef):
                place = f"{place}.{above.name}" if place else above.name
            for child in ast.iter_child_nodes(above):
                if not isinstance(child, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
                    self.parents[child] = above
                    self.functions[child] = place
                    todo.append((child, place))

    def nodes(self) -> Iterator[ast.AST]:
        """Nodes that may be touched, in the order of the text's tree."""
        return (node for node in ast.walk(self.tree) if node not in self.untouched)

    def start(self, node: ast.AST) -> int:
        """The first byte of a node; decorators belong to what they decorate."""
        first = min([node, *getattr(node, "decorator_list", [])], key=lambda each: each.lineno)
        if first is not node:
            return self.data.rindex(b"@", 0, self._at(first.lineno, first.col_offset))
        return self._at(node.lineno, node.col_offset)

    def end(self, node: ast.AST) -> int:
        """The byte after a node."""
        return self._at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def code(self, node: ast.AST) -> str:
        """The text of a node, without parentheses around it."""
        return self.slice(self.start(node), self.end(node))

    def slice(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8")

    def operand(self, node: ast.expr) -> str:
        """The text of an expression in a form that may stand beside any operator."""
        text = self.code(node)
        atomic = ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript | ast.List | ast.Dict | ast.Set
        return text if isinstance(node, atomic) and "\n" not in text else f"({text})"

    def line_of(self, offset: int) -> int:
        """Number of the line that a byte is on, from 1."""
        return self.data.count(b"\n", 0, offset) + 1

    def line_start(self, offset: int) -> int:
        return self.data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """The byte after the line end at or behind an offset."""
        found = self.data.find(b"\n", offset)
        return len(self.data) if found < 0 else found + 1

    def indent(self, node: ast.AST) -> str:
        """White space before a statement; empty where other code is before it on the line."""
        start = self.start(node)
        before = self.slice(self.line_start(start), start)
        return before if not before.strip() else ""

    def owns_lines(self, *nodes: ast.stmt) -> bool:
        """Whether the lines from the first to the last of these statements hold nothing else but comments."""
        start, end = self.start(nodes[0]), self.end(nodes[-1])
        after = self.slice(end, self.line_end(end)).strip()
        return not self.slice(self.line_start(start), start).strip() and (not after or after.startswith("#"))

    def block_of(self, node: ast.stmt) -> list[ast.stmt]:
        """The statements of the block that a statement is in."""
        return next((block for block in blocks(self.parents[node]) if node in block), [node])

    def scope(self, node: ast.AST) -> Function | None:
        """The function that a node is in."""
        above = self.parents.get(node)
        while above is not None and not isinstance(above, Function | ast.ClassDef | ast.Lambda):
            above = self.parents.get(above)
        return above if isinstance(above, Function) else None

    def loop(self, node: ast.AST) -> Loop | None:
        """The loop that a `break` here would leave."""
        below, above = node, self.parents.get(node)
        while above is not None and not isinstance(above, Function | ast.ClassDef | ast.Lambda):
            if isinstance(above, Loop) and below in above.body:
                return above
            below, above = above, self.parents.get(above)
        return None

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column


def parse(text: str) -> ast.Module:
    """The syntax tree of a text that also compiles. Raises SyntaxError where it does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text.encode("utf-8")
            tree = parse_python(text)
            compile(tree, "<source>", "exec", dont_inherit=True)
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            raise SyntaxError(str(error)) from None
    return tree


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of statements right below a node."""
    for name in BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list) and block:
            yield block


def is_docstring(node: ast.AST) -> bool:
    """Whether a statement is a string that does nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def called_name(node: ast.AST) -> str:
    """The last name of what a call calls; empty where that has none."""
    if not isinstance(node, ast.Call):
        return ""
    called = node.func
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _untouchable(node: ast.AST) -> Iterator[ast.AST]:
    """What no test can be expected to look at, or whose positions are not to be relied on."""
    if _is_left_alone(node):
        yield node
    yield from (
        part for name in ("annotation", "returns") if (part := getattr(node, name, None)) and isinstance(part, ast.AST)
    )


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
            return True
        case ast.If(test=test):
            return _names(test, "TYPE_CHECKING") or _names(test, "__name__")
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return _is_about_the_module(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return any(_names(each, "overload") for each in node.decorator_list)
        case ast.Call():
            return _is_for_readers(node)
    return is_docstring(node)


def _is_about_the_module(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
    """`__all__`, `__version__` and their like."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(each, ast.Name) and each.id.startswith("__") and each.id.endswith("__") for each in targets)


def _is_for_readers(node: ast.Call) -> bool:
    """A call that writes a log, or says something about types."""
    called = node.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name | ast.Attribute):
        above = called.value.id if isinstance(called.value, ast.Name) else called.value.attr
        if above in LOGGERS:
            return True
    return called_name(node) in TYPE_MAKERS | TEXT_MAKERS


def _names(node: ast.AST, name: str) -> bool:
    return any(
        (isinstance(each, ast.Name) and each.id == name) or (isinstance(each, ast.Attribute) and each.attr == name)
        for each in ast.walk(node)
    )
