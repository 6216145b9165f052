"""The five levels of difficulty, each a set of knobs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """Operations in a chain (at least, at most), hops of a reference at most, decoy rows, the shares of tasks with each trick, and the
    further seed chains at most, with the complexity that a task is grown towards.
    """

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
    answers: float = 0.1
    """Share of tasks that ask for an answer and no change at all."""
    choices: float = 0.0
    """Share of chains with a step that the user leaves open."""
    further: int = 0
    complexity: float = 0.0


LEVELS = {
    1: Level((1, 1), 0, 0, refusals=0.05),
    2: Level((1, 2), 1, 1, questions=0.2, refusals=0.1, troubles=0.1, choices=0.15, further=1, complexity=0.25),
    3: Level(
        (2, 3),
        2,
        2,
        withheld=0.2,
        questions=0.3,
        conditions=0.1,
        changes=0.1,
        refusals=0.12,
        troubles=0.2,
        choices=0.2,
        further=1,
        complexity=0.35,
    ),
    4: Level(
        (3, 4),
        2,
        3,
        withheld=0.3,
        questions=0.4,
        conditions=0.2,
        changes=0.2,
        scrambled=0.1,
        refusals=0.12,
        troubles=0.25,
        choices=0.2,
        further=2,
        complexity=0.4,
    ),
    5: Level(
        (4, 7),
        3,
        5,
        withheld=0.4,
        questions=0.5,
        conditions=0.3,
        changes=0.3,
        scrambled=0.2,
        refusals=0.1,
        troubles=0.25,
        choices=0.25,
        further=3,
        complexity=0.45,
    ),
}
