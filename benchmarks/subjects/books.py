"""The worlds that every subject wraps: a ledger moved by tool calls and a number guessed by text. Standard library only.

An episode of the ledger is ten model turns, one tool call each: nine transfers and `close`. All subjects run this very code, so that
what differs between them is the framework around it.
"""

import random

TURNS = 10
OPENING = {"ada": 50_000, "ben": 50_000, "cleo": 50_000}
QUESTION = "Move the money as listed, then close the books: "


def transfers(index: int) -> list[tuple[str, str, int]]:
    """The nine transfers of episode `index`."""
    rng = random.Random(index)
    names = sorted(OPENING)
    moves = []
    for _ in range(TURNS - 1):
        payer, payee = rng.sample(names, 2)
        moves.append((payer, payee, rng.randint(1, 999)))
    return moves


def goal_of(moves: list[tuple[str, str, int]]) -> dict[str, int]:
    """Balances after all `moves`."""
    books = Books()
    for move in moves:
        books.transfer(*move)
    return books.balances


class Books:
    """Accounts in whole cents."""

    def __init__(self) -> None:
        self.balances = dict(OPENING)
        self.closed = False

    def transfer(self, payer: str, payee: str, cents: int) -> str:
        if payer not in self.balances or payee not in self.balances:
            return f"there is no account {payer!r} or {payee!r}"
        if cents > self.balances[payer]:
            return f"{payer} holds {self.balances[payer]} cents"
        self.balances[payer] -= cents
        self.balances[payee] += cents
        return f"ok: {payer} has {self.balances[payer]}, {payee} has {self.balances[payee]}"

    def close(self) -> str:
        self.closed = True
        return "the books are closed"


def hint(text: str, secret: int) -> str:
    """What a guess in text is answered: the work of one text step."""
    guess = int(text)
    return "correct" if guess == secret else "higher" if guess < secret else "lower"
