"""MiniWoB++ (`miniwob:<task>`): small web pages with one task each, such as click-button or book-flight, from PyPI's miniwob.

An episode passes at a raw reward of 1.0 alone. To whoever reads the code: each task is an attribute of this module, a class that is made
when it is first asked for, so that any process can import and unpickle it by its name.
"""

from typing import Any

from envgym.environments.browser.miniwob import miniwob_env as _env
from envgym.environments.browser.miniwob import source as _source


def __getattr__(name: str) -> Any:
    """The environment of a task. Raises UsageError where miniwob is missing."""
    if name.startswith("_"):
        raise AttributeError(name)
    if name not in _source.task_names():
        raise AttributeError(f"miniwob has no task {name!r}")
    made = _env.environment(name)
    made.__module__ = __name__
    globals()[name] = made
    return made


def __dir__() -> list[str]:
    """The tasks that are offered."""
    return list(_source.task_names())
