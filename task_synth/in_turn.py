"""Work done ahead in processes, results in the order of the items."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 4
"""Items begun ahead per worker."""


def in_turn(function: Callable[[Item], Result], items: Iterator[Item], workers: int) -> Iterator[Result]:
    """`function` of every item in turn, by up to `workers` processes. Only a few items are begun ahead, so a caller may stop at any time.

    `function` has to live in a module of the package: a worker process imports it by name.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        begun = deque(pool.submit(function, item) for item in islice(items, workers * AHEAD))
        while begun:
            found = begun.popleft().result()
            begun.extend(pool.submit(function, item) for item in islice(items, 1))
            yield found
