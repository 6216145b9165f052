"""Model text for a verdict's reason or evidence: short, and always writable as JSON.

A lone surrogate is a legal Python string and a legal JSON escape, but no UTF-8: a verdict that carries one cannot be written to a record.
"""


def printable(text: str, limit: int = 200) -> str:
    """The first `limit` characters of `text`, lone surrogates spelled out as \\udXXX."""
    return text[:limit].encode("utf-8", "backslashreplace").decode("utf-8")
