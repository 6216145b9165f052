"""The five levels of difficulty, each a set of knobs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """Operations in a chain (at least, at most), hops of a reference at most, decoy rows, and the shares of tasks with each trick."""

    operations: tuple[int, int]
    hops: int
    decoys: int
    withheld: float = 0.0
    questions: float = 0.0
    refusals: float = 0.0
    troubles: float = 0.0


LEVELS = {
    1: Level((1, 1), 0, 0, refusals=0.05),
    2: Level((1, 2), 1, 1, questions=0.2, refusals=0.1, troubles=0.1),
    3: Level((2, 3), 2, 2, withheld=0.2, questions=0.3, refusals=0.12, troubles=0.2),
    4: Level((3, 4), 2, 3, withheld=0.35, questions=0.4, refusals=0.12, troubles=0.25),
    5: Level((4, 7), 3, 5, withheld=0.45, questions=0.5, refusals=0.1, troubles=0.25),
}
