"""Tests that measure time: they hold on a quiet machine and fail on a busy one, so no task may hang on them."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping

from envgym.task_synth.mining.python_files import parsed

TELLING_NAME = re.compile(
    r"(?:^|_)(?:dos|redos|timeout|timing|timings|performance|perf|speed|slow|benchmark|quadratic)(?:_|$)", re.IGNORECASE
)
CLOCKS = {
    "time": {
        "time",
        "time_ns",
        "sleep",
        "perf_counter",
        "perf_counter_ns",
        "monotonic",
        "monotonic_ns",
        "process_time",
        "process_time_ns",
    },
    "timeit": {"timeit", "repeat", "default_timer"},
    "signal": {"alarm", "setitimer"},
}
BARE = {"sleep", "perf_counter", "perf_counter_ns", "monotonic", "process_time", "default_timer", "timeit", "setitimer"}
"""Names that mean a clock also where they were imported by themselves."""


def measures_time(sources: Mapping[str, bytes]) -> Callable[[str], bool]:
    """Whether a test id, of files with these sources, names a test whose name or body speaks of elapsed time."""
    timed = {f"{path}::{name}" for path, source in sources.items() if path.endswith(".py") for name in _timed(source)}
    return lambda test: test.partition("[")[0] in timed or _inherited(test, timed)


def _inherited(test: str, timed: set[str]) -> bool:
    """A test of a subclass is timed where the same method of any class of the file is."""
    path, *_, name = test.partition("[")[0].split("::")
    return any(each.startswith(f"{path}::") and each.endswith(f"::{name}") for each in timed)


def _timed(source: bytes) -> Iterator[str]:
    syntax = parsed(source)
    for node in syntax.body if syntax else ():
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and _speaks_of_time(inner):
                    yield f"{node.name}::{inner.name}"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _speaks_of_time(node):
            yield node.name


def _speaks_of_time(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool(TELLING_NAME.search(function.name)) or any(_is_clock(node) for node in ast.walk(function))


def _is_clock(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return _is_timeout_mark(node)
    called = node.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr in CLOCKS.get(called.value.id, ())
    return (isinstance(called, ast.Name) and called.id in BARE) or _is_timeout_mark(called)


def _is_timeout_mark(node: ast.AST) -> bool:
    """`pytest.mark.timeout`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "timeout"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    )
