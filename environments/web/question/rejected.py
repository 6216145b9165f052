"""Why a draft of a question is thrown away."""


class Rejected(Exception):
    """A draft does not hold. The message is a short reason, for counting."""


def require(holds: bool, reason: str) -> None:
    """Raises Rejected with the reason where it does not hold."""
    if not holds:
        raise Rejected(reason)
