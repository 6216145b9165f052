"""Rejected: a task whose proof does not go through."""


class Rejected(Exception):
    """A task that does not hold. `reason` is a short name for counting, the message says more."""

    def __init__(self, reason: str, more: str = "") -> None:
        super().__init__(f"{reason}: {more}" if more else reason)
        self.reason = reason
