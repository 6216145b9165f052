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
    conditions: float = 0.0
    changes: float = 0.0
    scrambled: float = 0.0
    refusals: float = 0.0
    troubles: float = 0.0


EASY = Level((1, 2), 1, 1, questions=0.2, refusals=0.1, troubles=0.1)
MIDDLE = Level((2, 3), 2, 2, withheld=0.2, questions=0.3, conditions=0.1, changes=0.1, refusals=0.12, troubles=0.2)
HARD = Level((3, 4), 2, 3, 0.3, 0.4, conditions=0.2, changes=0.2, scrambled=0.1, refusals=0.12, troubles=0.25)
HARDEST = Level((4, 7), 3, 5, 0.4, 0.5, conditions=0.3, changes=0.3, scrambled=0.2, refusals=0.1, troubles=0.25)
LEVELS = {1: Level((1, 1), 0, 0, refusals=0.05), 2: EASY, 3: MIDDLE, 4: HARD, 5: HARDEST}
