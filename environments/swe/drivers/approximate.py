"""Numbers that equal others within a tolerance, by the rule of pytest's documentation: the larger of a relative and an absolute one."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Complex
from typing import Any

RELATIVE, ABSOLUTE = 1e-6, 1e-12


def approx(expected: Any, rel: Any = None, abs: Any = None, nan_ok: bool = False) -> Approximately:
    return Approximately(expected, rel, abs, nan_ok)


class Approximately:
    """Equal to what is near: a number, or a sequence or mapping of the same shape."""

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None
    __array_priority__ = 100

    def __init__(self, expected: Any, rel: Any, abs: Any, nan_ok: bool) -> None:
        self._expected, self._rel, self._abs, self._nan_ok = expected, rel, abs, nan_ok
        for name, bound in (("Relative", rel), ("Absolute", abs)):
            if bound is not None and (bound < 0 or math.isnan(bound)):
                raise ValueError(f"{name.lower()} tolerance can't be negative or NaN: {bound}")

    def __repr__(self) -> str:
        return f"approx({self._expected!r})"

    def __eq__(self, actual: object) -> bool:
        return self._near(actual, self._expected)

    def __ne__(self, actual: object) -> bool:
        return not self == actual

    def __bool__(self) -> bool:
        raise AssertionError("approx() is not supported in a boolean context")

    def _near(self, actual: Any, expected: Any) -> bool:
        if isinstance(expected, Mapping):
            return (
                isinstance(actual, Mapping)
                and actual.keys() == expected.keys()
                and all(self._close(actual[key], expected[key]) for key in expected)
            )
        if isinstance(expected, Sequence) and not isinstance(expected, str | bytes):
            if not isinstance(actual, Sequence) or len(actual) != len(expected):
                return False
            return all(self._close(one, other) for one, other in zip(actual, expected, strict=True))
        if hasattr(expected, "__array__") or hasattr(actual, "__array__"):
            raise TypeError("arrays are compared by pytest only")
        return self._close(actual, expected)

    def _close(self, actual: Any, expected: Any) -> bool:
        if isinstance(expected, bool) and not isinstance(actual, bool):
            return False
        if actual == expected:
            return True
        if not isinstance(expected, Complex | Decimal) or not isinstance(actual, Complex | Decimal):
            return False
        if isinstance(expected, bool) or isinstance(actual, bool):
            return False
        if _is_nan(expected):
            return self._nan_ok and _is_nan(actual)
        if _is_nan(actual) or math.isinf(_size(expected)):
            return False
        return bool(_size(expected - actual) <= self._tolerance(expected))

    def _tolerance(self, expected: Any) -> Any:
        kind = Decimal if isinstance(expected, Decimal) else float
        absolute = kind(str(ABSOLUTE)) if self._abs is None else self._abs
        if self._rel is None and self._abs is not None:
            return absolute
        relative = (kind(str(RELATIVE)) if self._rel is None else self._rel) * _size(expected)
        return max(relative, absolute)


def _size(number: Any) -> Any:
    return number.__abs__()


def _is_nan(number: Any) -> bool:
    return number.is_nan() if isinstance(number, Decimal) else cmath.isnan(number)
