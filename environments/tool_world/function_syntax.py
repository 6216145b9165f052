"""Functions of a domain as syntax: their definitions, which of them belong together, and what they return."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from envgym.python_source import parse_python


@lru_cache(maxsize=4096)
def syntax_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The definition of a function, with the line numbers of its file."""
    lines, first = inspect.getsourcelines(function)
    tree = ast.increment_lineno(parse_python(textwrap.dedent("".join(lines))), first - 1)
    found = tree.body[0]
    if not isinstance(found, ast.FunctionDef):
        raise TypeError(f"{function.__name__} is no function with a name")
    return found


def together(called: Callable[..., Any], caller: Callable[..., Any]) -> bool:
    """Whether two functions are of one domain: of one module, or of one folder of them."""
    folders = [function.__module__.rpartition(".")[0] for function in (called, caller)]
    return called.__module__ == caller.__module__ or (
        folders[0] == folders[1] and not folders[0].endswith(".domains") and folders[0] != ""
    )


def leaves(node: ast.stmt) -> bool:
    """Whether what follows a statement may be left out: it can end the function or the round of a loop."""
    return any(isinstance(each, ast.Return | ast.Break | ast.Continue) for each in ast.walk(node))


def only_return(definition: ast.FunctionDef) -> ast.expr | None:
    """What a function returns that does nothing before but name and demand things; None of any other."""
    *before, last = definition.body
    plain = all(isinstance(each, ast.Expr | ast.Assign | ast.AnnAssign) for each in before)
    return last.value if isinstance(last, ast.Return) and plain else None


def arguments_of(definition: ast.FunctionDef, call: ast.Call) -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
    """What a call gives to the parameters of a function, and the defaults of those that it leaves out."""
    names = [argument.arg for argument in definition.args.args]
    given = {
        **dict(zip(names, call.args, strict=False)),
        **{keyword.arg: keyword.value for keyword in call.keywords if keyword.arg},
    }
    defaults = zip(reversed(names), reversed(definition.args.defaults), strict=False)
    return given, {name: value for name, value in defaults if name not in given}
