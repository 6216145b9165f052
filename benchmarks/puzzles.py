"""Puzzle generation beside reasoning-gym in the same run: complete tasks per processor second, and who is slower.

    python benchmarks/puzzles.py            needs `pip install 'envgym[reasoning-gym]'`

A task of ours is item i of the task set and the prompt that `begin` makes of it; theirs is `dataset[i]`, which has its prompt in it. Both
are drawn in turn for a few rounds and the medians are compared. The medians over families count each family once, by its first row.

Matched are the settings that size has in both: cells and empty cells, people, houses, queens, numbers and their range, words, nodes and
edges. What cannot be matched is in the note: what one side proves or asks and the other does not. A family with "-" has no counterpart
there: `maze`, `circuit_logic`, `propositional_logic`, `time_intervals` and the like are other puzzles, not other settings.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import reasoning_gym

from envgym import registry

SEED = 1
WARM_UP_S = 0.2
BATCH_S = 0.01
"""Of tasks between two looks at the clock, which takes as long as a tenth of a quick task."""


@dataclass(frozen=True)
class Row:
    """A family of ours with its knobs, and their data set with the settings that make the same puzzle."""

    family: str
    knobs: dict[str, Any] = field(default_factory=dict)
    rival: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    note: str = ""


ROWS = (
    Row("game24", {}, "puzzle24", {"max_value": 10}, "theirs draws to 10, ours to 13"),
    Row("game24", {"high": 10}, "puzzle24", {"max_value": 10}, "4 numbers to 10"),
    Row(
        "countdown",
        {},
        "countdown",
        {"min_numbers": 5, "max_numbers": 5},
        "5 numbers, targets 100 to 999; ours also proves that no 2 of them do",
    ),
    Row("number_theory"),
    Row(
        "number_theory",
        {"kind": "base", "level": 1},
        "base_conversion",
        {"min_value": 100, "max_value": 1000},
        "numbers to 1000",
    ),
    Row(
        "number_theory",
        {"kind": "gcd", "level": 1},
        "gcd",
        {"min_numbers": 3, "max_numbers": 3},
        "3 numbers to 1000; ours mixes in lcm and asks for 2 digits or more",
    ),
    Row(
        "cryptarithm",
        {},
        "cryptarithm",
        {"min_words": 2, "max_words": 2},
        "2 numbers, of 5 digits; theirs has 3 to 5 and proves nothing: 1 of its first 300 has one solution",
    ),
    Row("calcudoku"),
    Row("sudoku", {}, "sudoku", {"min_empty": 40, "max_empty": 40}, "9x9, 40 empty; both prove one solution"),
    Row(
        "sudoku",
        {"empty": 0.62},
        "sudoku",
        {"min_empty": 50, "max_empty": 50},
        "9x9, 50 empty; both prove one solution",
    ),
    Row(
        "sudoku",
        {"size": 4, "empty": 0.625},
        "mini_sudoku",
        {"min_empty": 10, "max_empty": 10},
        "4x4, 10 empty; both prove one solution",
    ),
    Row("skyscraper"),
    Row("minesweeper"),
    Row("numbrix"),
    Row("tents"),
    Row("star_battle"),
    Row(
        "n_queens",
        {},
        "n_queens",
        {"n": 8, "min_remove": 6, "max_remove": 6},
        "8x8, 2 given; theirs has a list of all boards",
    ),
    Row("rotated_maze"),
    Row(
        "knights_and_knaves",
        {},
        "knights_knaves",
        {"n_people": 5, "depth_constraint": 2, "width_constraint": 2},
        "5 people, one connective; both prove one solution; ours also counts knights",
    ),
    Row(
        "zebra",
        {},
        "zebra_puzzles",
        {"num_people": 4, "num_characteristics": 3},
        "4 houses, 3 kinds; both prove one solution",
    ),
    Row(
        "zebra",
        {"attributes": 4},
        "zebra_puzzles",
        {"num_people": 4, "num_characteristics": 4},
        "4 houses, 4 kinds; both prove one solution",
    ),
    Row("boolean_expressions"),
    Row("web_of_lies"),
    Row("sat"),
    Row(
        "graph_coloring",
        {},
        "graph_color",
        {"min_num_vertices": 12, "max_num_vertices": 12, "edge_probability": 26 / 66},
        "12 nodes, 3 colours, about 26 edges",
    ),
    Row("morse"),
    Row("cipher"),
    Row(
        "cipher",
        {"kinds": ["caesar"]},
        "caesar_cipher",
        {"min_words": 4, "max_words": 4},
        "4 words, one shift; theirs takes one of the 26 such sentences that it has, ours draws words",
    ),
    Row("dyck"),
    Row("word_sorting"),
    Row(
        "word_sorting",
        {"form": "list", "alphabet": "usual"},
        "word_sorting",
        {"min_words": 8, "max_words": 8},
        "8 words; ours shares first letters among them",
    ),
    Row("object_counting"),
    Row("time_sequence"),
    Row("table_statements"),
)


def ours(row: Row) -> Callable[[int], object]:
    env = registry.make(row.family, **row.knobs)
    tasks = env.taskset(SEED)

    def make(index: int) -> object:
        task = tasks[index]
        return task, env.begin(task)

    return make


def theirs(row: Row) -> Callable[[int], object]:
    made = reasoning_gym.create_dataset(row.rival, seed=SEED, size=10**9, **row.settings)
    return lambda index: made[index]


class Meter:
    """Tasks per processor second of one generator, in rounds that go on where the last one stopped."""

    def __init__(self, make: Callable[[int], object]) -> None:
        self.make = make
        self.next = 0
        self.rates: list[float] = []
        self.batch = 1
        self.run(WARM_UP_S)  # tables that are made once are not counted
        self.batch = max(1, round(BATCH_S * self.run(WARM_UP_S)))

    def run(self, seconds: float) -> float:
        first, started = self.next, time.process_time()
        while (spent := time.process_time() - started) < seconds:
            for index in range(self.next, self.next + self.batch):
                self.make(index)
            self.next += self.batch
        return (self.next - first) / spent

    def round(self, seconds: float) -> None:
        self.rates.append(self.run(seconds))

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def measured(row: Row, seconds: float, rounds: int) -> tuple[float, float | None]:
    meters = [Meter(ours(row)), *([Meter(theirs(row))] if row.rival else [])]
    for _ in range(rounds):
        for meter in meters:
            meter.round(seconds / rounds)
    return meters[0].rate, meters[1].rate if row.rival else None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of each side of a row")
    parser.add_argument("--rounds", type=int, default=9, help="into which they are cut, in turn")
    parser.add_argument("--only", default="", help="part of a family's id")
    given = parser.parse_args()
    mine: dict[str, float] = {}
    rivals: list[float] = []
    slower: list[str] = []
    print(f"{'family and knobs':56s} {'ours/s':>9s} {'theirs/s':>9s} {'ratio':>7s}  their data set: what was matched")
    for row in ROWS:
        if given.only not in row.family:
            continue
        one, two = measured(row, given.seconds, given.rounds)
        mine.setdefault(row.family, one)
        name = " ".join([row.family, *(f"{key}={value}" for key, value in row.knobs.items())])
        if two is None:
            print(f"{name:56s} {one:9,.0f} {'-':>9s} {'-':>7s}", flush=True)
            continue
        rivals.append(two)
        if one < two:
            slower.append(f"{name} ({one / two:.2f})")
        print(f"{name:56s} {one:9,.0f} {two:9,.0f} {one / two:7.2f}  {row.rival}: {row.note}", flush=True)
    print(f"median: ours {statistics.median(mine.values()):,.0f}/s over {len(mine)} families", end="")
    print(f"; reasoning-gym {statistics.median(rivals):,.0f}/s over {len(rivals)} rows" if rivals else "")
    print(f"ours below 1,000/s: {', '.join(name for name, rate in mine.items() if rate < 1000) or 'none'}")
    print(f"slower than reasoning-gym: {', '.join(slower) or 'none'}")


if __name__ == "__main__":
    main()
