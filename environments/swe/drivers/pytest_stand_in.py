"""What a test file gets for `pytest` when its tests are run without it: marks, fixtures, expectations and outcomes, no framework.

A name that is not here raises Unsupported, which ends a test without an outcome: what cannot be run as pytest would is not reported.
"""

from __future__ import annotations

import re
import warnings as standard_warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from envgym.environments.swe.drivers.approximate import approx as approx
from envgym.environments.swe.drivers.monkeypatch import MonkeyPatch as MonkeyPatch


class Unsupported(BaseException):
    """Something that only pytest can do."""


class Skipped(BaseException):
    """A test that does not want to run; no Exception, so that no test catches it by accident."""


class Failed(BaseException):
    """A test that failed on request, or saw no exception where it wanted one."""


class XFailed(BaseException):
    """A test that says that it fails as it is known to."""


def skip(reason: str = "", *, allow_module_level: bool = False, msg: str = "") -> Any:
    raise Skipped(reason or msg)


def fail(reason: str = "", pytrace: bool = True, msg: str = "") -> Any:
    raise Failed(reason or msg)


def xfail(reason: str = "") -> Any:
    raise XFailed(reason)


def importorskip(modname: str, minversion: str | None = None, reason: str | None = None, **_: Any) -> Any:
    if minversion is not None:
        raise Unsupported("importorskip with minversion")
    try:
        __import__(modname)
    except ImportError as error:
        raise Skipped(reason or f"could not import {modname!r}: {error}") from None
    import sys

    return sys.modules[modname]


@dataclass(frozen=True)
class Mark:
    """One mark; called with a function or class, it marks that."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (
            len(args) == 1
            and not kwargs
            and callable(args[0])
            and getattr(args[0], "__name__", "<lambda>") != "<lambda>"
        ):
            marked = args[0]
            marked.pytestmark = [*vars(marked).get("pytestmark", []), self]
            return marked
        return Mark(self.name, self.args + args, {**self.kwargs, **kwargs})

    def with_args(self, *args: Any, **kwargs: Any) -> Mark:
        return Mark(self.name, self.args + args, {**self.kwargs, **kwargs})


class _Marks:
    def __getattr__(self, name: str) -> Mark:
        if name.startswith("_"):
            raise AttributeError(name)
        return Mark(name)


mark = _Marks()


@dataclass(frozen=True)
class ParameterSet:
    """Values of one case, with an id and marks of their own."""

    values: tuple[Any, ...]
    marks: tuple[Any, ...] = ()
    id: str | None = None


def param(*values: Any, marks: Any = (), id: str | None = None) -> ParameterSet:
    if id is not None and not isinstance(id, str):
        raise Unsupported("a parameter without a place in the id")
    return ParameterSet(values, tuple(marks) if isinstance(marks, list | tuple | set) else (marks,), id)


@dataclass(eq=False)
class FixtureDefinition:
    """A function that makes something for tests."""

    function: Callable[..., Any]
    scope: str = "function"
    params: list[Any] | None = None
    autouse: bool = False
    ids: Any = None
    name: str = ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise Failed(f'Fixture "{self.name}" called directly')


def fixture(
    function: Any = None,
    *,
    scope: Any = "function",
    params: Any = None,
    autouse: bool = False,
    ids: Any = None,
    name: Any = None,
) -> Any:
    if not isinstance(scope, str):
        raise Unsupported("a scope that is computed")

    def define(function: Any) -> FixtureDefinition:
        plain = function.__func__ if isinstance(function, staticmethod | classmethod) else function
        values = None if params is None else list(params)
        return FixtureDefinition(function, scope, values, autouse, ids, name or plain.__name__)

    return define if function is None else define(function)


class ExceptionInfo:
    """What `raises` caught."""

    def __class_getitem__(cls, _: Any) -> type:
        return cls

    value: Any = None
    tb: TracebackType | None = None

    @property
    def type(self) -> Any:
        return type(self.value)

    @property
    def typename(self) -> str:
        return str(type(self.value).__name__)

    def exconly(self) -> str:
        import traceback

        return "".join(traceback.format_exception_only(type(self.value), self.value)).rstrip()

    def errisinstance(self, types: Any) -> bool:
        return isinstance(self.value, types)

    def match(self, pattern: Any) -> bool:
        notes = getattr(self.value, "__notes__", [])
        text = "\n".join([str(self.value), *notes])
        if not re.search(pattern, text):
            raise AssertionError(
                f"Regex pattern did not match.\n  Expected regex: {pattern!r}\n  Actual message: {text!r}"
            )
        return True


class _Raises:
    """Context of `raises`."""

    def __init__(self, expected: Any, match: Any, check: Any) -> None:
        self._expected, self._match, self._check = expected, match, check
        self._caught = ExceptionInfo()

    def __class_getitem__(cls, _: Any) -> type:
        return cls

    def __enter__(self) -> ExceptionInfo:
        return self._caught

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        if kind is None:
            raise Failed(f"DID NOT RAISE {self._expected!r}")
        if not issubclass(kind, self._expected):
            return False
        self._caught.value, self._caught.tb = error, traceback
        if self._match is not None:
            self._caught.match(self._match)
        return self._check is None or bool(self._check(error))


def raises(
    expected_exception: Any = BaseException, *args: Any, match: Any = None, check: Any = None, **kwargs: Any
) -> Any:
    kinds = expected_exception if isinstance(expected_exception, tuple) else (expected_exception,)
    if not kinds or not all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds):
        raise TypeError(f"expected exception must be a BaseException type, not {expected_exception!r}")
    if not args:
        if kwargs:
            raise TypeError(f"Unexpected keyword arguments passed to pytest.raises: {', '.join(sorted(kwargs))}")
        return _Raises(expected_exception, match, check)
    with _Raises(expected_exception, None, None) as caught:
        args[0](*args[1:], **kwargs)
    return caught


@contextmanager
def _warns(expected: Any, match: Any) -> Iterator[list[Any]]:
    with standard_warnings.catch_warnings(record=True) as seen:
        standard_warnings.simplefilter("always")
        yield seen
    fitting = [each for each in seen if issubclass(each.category, expected)]
    if not any(match is None or re.search(match, str(each.message)) for each in fitting):
        raise Failed(f"DID NOT WARN. No warnings of type {expected!r} were emitted.")
    for each in seen:
        if each not in fitting or (match is not None and not re.search(match, str(each.message))):
            standard_warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def warns(expected_warning: Any = Warning, *args: Any, match: Any = None, **kwargs: Any) -> Any:
    if not args:
        return _warns(expected_warning, match)
    with _warns(expected_warning, None):
        return args[0](*args[1:], **kwargs)


def deprecated_call(*args: Any, match: Any = None, **kwargs: Any) -> Any:
    return warns((DeprecationWarning, PendingDeprecationWarning, FutureWarning), *args, match=match, **kwargs)


class PytestWarning(UserWarning):
    """Never raised here; tests name it in filters."""


class _OnlyAName:
    """Of a class that tests name in annotations."""

    def __class_getitem__(cls, _: Any) -> type:
        return cls


ANNOTATIONS = (
    *("CaptureFixture", "CallInfo", "Class", "Collector", "Config", "FixtureDef", "FixtureRequest", "Function"),
    *("HookRecorder", "Item", "LogCaptureFixture", "MarkDecorator", "MarkGenerator", "Metafunc", "Module", "Node"),
    *("Parser", "Pytester", "RaisesExc", "Session", "TempdirFactory", "TempPathFactory", "Testdir", "WarningsRecorder"),
)
for _name in ANNOTATIONS:
    globals()[_name] = type(_name, (_OnlyAName,), {})
RaisesContext = _Raises


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise Unsupported(f"pytest.{name}")
