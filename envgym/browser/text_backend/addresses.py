"""Addresses that pages and agents write, which may be none at all: the standard library raises ValueError for some of these."""

from urllib.parse import SplitResult, urljoin, urlsplit

from envgym.errors import InvalidAction


def whole(base: str, address: str) -> str:
    """An address made whole; as it is where it is none."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address.strip()


def parts(url: str) -> SplitResult:
    """Its parts. Raises InvalidAction where it is no address."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise InvalidAction(f"{url[:200]!r} is no address: {error}", code="browser.address") from None
