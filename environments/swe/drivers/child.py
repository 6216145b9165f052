"""The start of the process in which tests run: reads its job, makes the tree importable, hands over to a driver, tells when that is done.

Everything from the moment on that the tree is imported is the tree's: it may do as it likes with this process and its results.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types
from collections.abc import Callable
from typing import Any


def main() -> None:
    sys.path[:] = [place for place in sys.path if place]  # not the current folder: it is the tree
    job = json.loads(sys.stdin.buffer.read())
    os.set_inheritable(job["results"], False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    send, leave = sender(job["results"]), os._exit
    run = driver(job["sources"])
    for name in job["ours"]:
        try:
            importlib.import_module(name)
        except ImportError:  # an image may have it among the packages
            continue
    make_importable(job["python_path"], job["packages"])
    send({"ended": int(run(job, send) or 0)})
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001  (whatever a test made of it)
            continue
    leave(0)  # threads that tests left behind would keep it alive


def sender(results: int) -> Callable[[dict[str, Any]], None]:
    """Writes one record, a line, to the pipe of results."""
    dumps, write = json.dumps, os.write

    def send(record: dict[str, Any]) -> None:
        line = dumps(record).encode() + b"\n"
        while line:
            line = line[write(results, line) :]

    return send


def driver(sources: list[list[str]]) -> Callable[..., Any]:
    """`run` of the last of some modules, given as name and source, that may import the ones before them."""
    module = types.ModuleType("driver")
    for name, source in sources:
        module = sys.modules[name] = types.ModuleType(name)
        exec(compile(source, f"<{name.rpartition('.')[2]}>", "exec"), module.__dict__)
    for name, _ in sources:
        del sys.modules[name]
    run: Callable[..., Any] = module.__dict__["run"]
    return run


def make_importable(tree: list[str], packages: str) -> None:
    """Puts the tree's folders first, then packages before those of the interpreter, for this process and what it starts.

    A module that pytest brought along and the tree has too is forgotten: pytest keeps its own, tests get the tree's.
    """
    installed = [number for number, place in enumerate(sys.path) if place.endswith(("site-packages", "dist-packages"))]
    if packages:
        sys.path.insert(installed[0] if installed else len(sys.path), packages)
    sys.path[:0] = tree
    os.environ["PYTHONPATH"] = os.pathsep.join([*tree, *([packages] if packages else [])])
    here = {name.partition(".")[0] for place in tree if os.path.isdir(place) for name in os.listdir(place)}
    loaded = {name.partition(".")[0] for name in sys.modules}
    standard = getattr(sys, "stdlib_module_names", loaded)  # before Python 3.10 nothing is forgotten
    for name in list(sys.modules):
        top = name.partition(".")[0]
        if top in here and top not in standard and top not in ("pytest", "_pytest", "__main__"):
            del sys.modules[name]


if __name__ == "__main__":
    main()
