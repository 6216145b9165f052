"""Search economy: the share of an agent's searches and fetches that were not a repetition of an earlier one.

Two queries are the same when they have the same words, in whatever order, case and punctuation. Fetching another part of a page, or the
same with another question, is no repetition. Meant as a penalty: `penalty(correct, search_economy, amount=0.1)`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envgym.verdict import Evidence, Verdict
from envgym.verifiers.check import verifier
from envgym.verifiers.json_reading import Unreadable
from envgym.verifiers.printable import printable
from envgym.verifiers.tool_calls import Made, calls_made
from envgym.verifiers.unicode_form import nfkc

READING = frozenset({"browse", "find", "visit", "open", "fetch"})
MAX_CHARS = 2000
"""Of one query: what is longer is compared by its beginning."""


@verifier(needs=("transcript",))
def search_economy(made: Made, gold: Any = None, /) -> Verdict:
    """1 less the share of repetitions among the searches and fetches of `made`: a transcript, or calls as JSON text. `gold` plays no part.

    An agent that never searched repeated nothing: PASS. Calls that cannot be read are MALFORMED.
    """
    try:
        looks = [look for name, arguments in calls_made(made) for look in looks_of(name, arguments)]
    except Unreadable as error:
        return Verdict.malformed(str(error), code="search_economy.unreadable")
    return economy(looks)


def economy(looks: Sequence[tuple[str, ...]]) -> Verdict:
    """The verdict on what was looked for, in order."""
    seen: set[tuple[str, ...]] = set()
    again = [look for look in looks if look in seen or seen.add(look)]  # type: ignore[func-returns-value]
    if not again:
        return Verdict.of(1, code="search_economy.ok", reason=f"{len(looks)} searches and fetches, none twice")
    return Verdict.of(
        1 - len(again) / len(looks),
        code="search_economy.repeated",
        reason=f"{len(again)} of {len(looks)} searches and fetches were made before",
        evidence=tuple(Evidence(kind="repeated", text=printable(" ".join(look))) for look in again[:20]),
    )


def looks_of(name: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """What a call looks for, one for each query; nothing for a tool that neither searches nor fetches."""
    if name == "search":
        queries = arguments.get("queries", arguments.get("query"))
        for query in queries if isinstance(queries, Sequence) and not isinstance(queries, str) else [queries]:
            yield ("search", *sorted(set(words_in(query))))
    elif name in READING:
        rest = sorted((key, value) for key, value in arguments.items() if key != "url" and value not in ("", None))
        asked = (f"{key}={' '.join(words_in(value))}" for key, value in rest if (key, value) != ("page", 1))
        yield ("fetch" if name != "find" else "find", str(arguments.get("url"))[:MAX_CHARS], *asked)


def words_in(query: Any) -> list[str]:
    return re.findall(r"\w+", nfkc(str(query)[:MAX_CHARS]).casefold())
