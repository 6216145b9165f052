"""Asks a worker pool with the patience that a verdict needs: what happens twice is the doing of the question, not of the machine."""

from typing import Any

from envgym.verifiers.worker import OverBudget, WorkerDied, WorkerPool

ATTEMPTS = 3
"""Deaths of a worker until the machine counts as broken."""


def ask(pool: WorkerPool, *arguments: Any) -> Any:
    """The answer of a worker; asked again in a new process where one dies or goes over its budget.

    Raises OverBudget at the second time and WorkerDied at the third; CallRaised at once.
    """
    over = deaths = 0
    while True:
        try:
            return pool.call(*arguments, fresh=bool(over or deaths))
        except OverBudget:
            over += 1
            if over == 2:
                raise
        except WorkerDied:
            deaths += 1
            if deaths == ATTEMPTS:
                raise
