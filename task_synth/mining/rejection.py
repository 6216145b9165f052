"""Why a candidate became no task: a fixed set of reasons, so that they can be counted, each with a sentence for the report."""

from typing import Literal, get_args

Reason = Literal[
    "no_source",
    "no_tests",
    "too_big",
    "duplicate",
    "unreadable",
    "install_failed",
    "collection_error",
    "no_fail_to_pass",
    "gold_fails",
    "flaky",
    "timeout",
    "certificate_failed",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Rejected(Exception):
    """A candidate is no task. `reason` is counted, the message says what was seen."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
