"""Cookies of one episode: by host and path, with an end, as RFC 6265 has them. `Secure` ones are refused: sites here speak http."""

import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie

MOST = 300
"""Cookies that are kept; the oldest go first."""


class CookieJar:
    """What sites have set."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], tuple[str, float | None, bool]] = {}

    def take(self, host: str, path: str, headers: Iterable[str]) -> None:
        """Reads the Set-Cookie headers of an answer."""
        for header in headers:
            try:
                read = SimpleCookie(header)
            except CookieError:
                continue
            for name, morsel in read.items():
                self._set(host, path, name, morsel)

    def _set(self, host: str, path: str, name: str, morsel: dict[str, str]) -> None:
        domain = morsel["domain"].lstrip(".").casefold()
        if morsel["secure"] or (domain and host != domain and not host.endswith(f".{domain}")):
            return
        given = morsel["path"]
        where = given if given.startswith("/") else path[: path.rfind("/")] or "/"
        key = (domain or host, where, name)
        self._kept.pop(key, None)
        ends = _end(morsel)
        if ends is None or ends > time.time():
            self._kept[key] = (morsel.value, ends, bool(domain))  # type: ignore[attr-defined]
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]

    def header(self, host: str, path: str) -> str:
        """The Cookie header of a request; empty where there are none. Longer paths come first."""
        if not self._kept:
            return ""
        found = [
            (len(where), name, value)
            for (domain, where, name), (value, ends, wide) in self._kept.items()
            if (domain == host or (wide and host.endswith(f".{domain}")))
            and _within(path, where)
            and (ends is None or ends > time.time())
        ]
        found.sort(key=lambda each: -each[0])
        return "; ".join(f"{name}={value}" for _, name, value in found)


def _end(morsel: dict[str, str]) -> float | None:
    age = morsel["max-age"]
    if age.lstrip("-").isdigit():
        return time.time() + int(age) if int(age) > 0 else 0.0
    if not morsel["expires"]:
        return None
    try:
        return parsedate_to_datetime(morsel["expires"]).timestamp()
    except (TypeError, ValueError):
        return None


def _within(path: str, where: str) -> bool:
    return path == where or (path.startswith(where) and (where.endswith("/") or path[len(where) :].startswith("/")))
