"""How long to wait before asking a server again: exponential with jitter, or what the server asks for.

The jitter comes from the seed of the request, not from a clock, so a run waits the same way twice; still, no two requests wait alike, and
a crowd that was turned away together does not come back together. Source: RFC 9110 section 10.2.3 (Retry-After).
"""

import email.utils
from collections.abc import Mapping
from time import time

from envgym.task import derive_seed


def pause_s(attempt: int, seed: int, *, first_s: float, longest_s: float) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 0): between half and all of a time that doubles each time."""
    whole = min(longest_s, first_s * 2.0**attempt)
    return whole * (0.5 + 0.5 * derive_seed(seed, attempt) / 2**63)


def asked_pause_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait, never negative; None where it asks for nothing that can be read.

    Names of `headers` are in lower case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time())
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    """A finite number that is not negative, else None."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
