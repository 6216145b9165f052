"""What an agent fetched, read off a transcript: which pages, and the texts that it saw of each.

A call of `browse` or `find` with an argument `url` fetches that page, unless it was answered with an error. Search results fetch nothing:
a snippet is what an engine says about a page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from envgym.verifiers.hack_transcript import Call, calls

FETCHING = frozenset({"browse", "find", "visit", "open", "fetch"})


def fetched_in(messages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The text that came back for each url, in order."""
    found: dict[str, str] = {}
    for call in calls(messages):
        url = url_of(call)
        if url and call.result is not None and not call.result.startswith("error:"):
            found[url] = f"{found[url]}\n{call.result}" if url in found else call.result
    return found


def url_of(call: Call) -> str:
    """The page that a call fetches; empty where it fetches none."""
    url = call.fields().get("url") if call.tool in FETCHING else None
    return url if isinstance(url, str) else ""
