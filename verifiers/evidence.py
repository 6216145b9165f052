"""Evidence recall: the share of the pages that prove an answer which the agent really opened.

Found by chance or remembered, an answer may be right without any; so this is a part beside the answer, never instead of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from envgym.verdict import Evidence, Verdict
from envgym.verifiers.browsing import fetched_in
from envgym.verifiers.check import verifier
from envgym.verifiers.json_reading import Unreadable, read_json
from envgym.verifiers.printable import printable

MAX_URLS = 1000
Read = str | Sequence[str] | Sequence[Mapping[str, Any]]


@verifier(needs=("gold", "transcript"))
def evidence(read: Read, gold: Sequence[str], /) -> Verdict:
    """The share of the urls of `gold` that are in `read`: urls, the same as JSON text, or a transcript.

    No urls at all are 0, or MALFORMED where a text holds no list of them; a gold that is no list of urls is TASK_INVALID.
    """
    if not isinstance(gold, list | tuple) or not gold or not all(isinstance(url, str) for url in gold):
        return Verdict.task_invalid("the gold is no list of urls", code="evidence.gold")
    try:
        opened = urls_in(read)
    except Unreadable as error:
        return Verdict.malformed(str(error), code="evidence.unreadable")
    wanted = list(dict.fromkeys(gold))
    missing = [url for url in wanted if url not in opened]
    share = 1 - len(missing) / len(wanted)
    return Verdict.of(
        share,
        code="evidence.read" if not missing else "evidence.missing",
        reason=f"{len(wanted) - len(missing)} of {len(wanted)} pages of the proof were opened",
        evidence=tuple(Evidence(kind="missing", text=printable(url)) for url in missing[:20]),
    )


def urls_in(read: Read) -> set[str]:
    """The urls that were opened. Raises Unreadable."""
    given: Any = read_json(read) if isinstance(read, str) else read
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Unreadable("there is no list of urls")
    if given and all(isinstance(each, Mapping) for each in given):
        return set(fetched_in(given))
    if len(given) > MAX_URLS or not all(isinstance(each, str) for each in given):
        raise Unreadable(f"expected at most {MAX_URLS} urls")
    return set(given)
