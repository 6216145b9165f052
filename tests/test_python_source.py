"""Trees are right where several threads parse at once and finalizers run in between, which CPython alone does not give."""

import ast
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from envgym.python_source import parse_expression, parse_python

SOURCE = "def f(a):\n" + "".join(f"    x{i} = [a + {i}, (a, [{i}, {{'k': a}}])]\n" for i in range(300))


class Slow:
    """A cycle, so that the collector finds it, with a finalizer in which other threads get their turn."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        for _ in range(200):
            pass


@pytest.fixture
def quick_switches() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.timeout(120)
def test_threads_can_parse_at_once(quick_switches: None) -> None:
    faults: list[SystemError] = []

    def work() -> None:
        for _ in range(60):
            for _ in range(50):
                Slow()
            try:
                parse_python(SOURCE)
            except SystemError as error:
                faults.append(error)

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_an_expression_is_parsed_alone() -> None:
    assert isinstance(parse_expression("a + 1"), ast.BinOp)
    with pytest.raises(SyntaxError):
        parse_expression("a = 1")
