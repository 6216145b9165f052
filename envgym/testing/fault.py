"""Faults of a model server, told by request number or drawn by share.

A share is drawn from the seed, the request's bytes and how often they came before, not from the order of arrival: which calls are hit
does not depend on the concurrency, and a retry is drawn anew.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from envgym.task import derive_seed

Kind = Literal["status", "hang", "body", "truncated", "unfinished", "dropped", "slow"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and the requests that it hits."""

    kind: Kind
    """status: an error status. hang: no answer ever. body: status 200 with `text`. truncated: the connection closes in the middle of the
    body. unfinished: a stream ends in good form without a finish_reason. dropped: reset before any answer. slow: the answer comes late."""
    requests: Collection[int] = ()
    """Numbers of the requests that it hits, in the order of arrival from 0."""
    share: float = 0.0
    """Share of all requests that it hits."""
    status: int = 500
    retry_after: str = ""
    text: str = "<html><body>502 Bad Gateway</body></html>"
    seconds: float = 1.0
    """How late a slow answer comes."""


class FaultPlan:
    """Chooses the fault of each request; the first that fits wins."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = tuple(faults)
        self._seed = seed
        self._seen: Counter[bytes] = Counter()

    def next(self, number: int, body: bytes) -> Fault | None:
        """The fault of request `number`, None for an honest answer."""
        if not self._faults:
            return None
        digest = sha256(body).digest()
        self._seen[digest] += 1
        for place, fault in enumerate(self._faults):
            drawn = derive_seed(self._seed, place, digest, self._seen[digest]) / 2**63
            if number in fault.requests or drawn < fault.share:
                return fault
        return None
