"""Rotated maze: follow steps and turns through a walled map that is itself turned on the way; name the last square and heading.

The compass stays: when the map turns, the walker is carried along with the square but goes on facing the same way. The verdict walks
the commands again; the stored answer is not looked at, and every command list has exactly one end. The difficulty is the number of
commands plus three for each turn of the map.
"""

import random
import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable

HEADINGS = ("north", "east", "south", "west")
STEPS = {"north": (-1, 0), "east": (0, 1), "south": (1, 0), "west": (0, -1)}
QUARTERS = {"right": 1, "around": 2, "left": 3}
SPIN = "spin"
DRAWS = 500
PLACE = re.compile(
    r"(?:at )?(?:row[ :=]*)?(\d{1,3})[,;]? *(?:and )?(?:col(?:umn)?[ :=]*)?(?<!\d)(\d{1,3})[,;]? *(?:and )?"
    r"(?:facing[ :=]*|heading[ :=]*|direction[ :=]*)?(north|east|south|west|[nesw])"
)
Place = tuple[int, int, str]
"""Row and column from 0, and the heading."""


class RotatedMaze(AnswerEnv):
    """Follow steps and turns through a map that turns on the way; answer the last square and heading."""

    id = "rotated_maze"

    class Knobs(EnvKnobs):
        size: int = Field(default=6, ge=3, le=15, description="Rows and columns of the map.")
        walls: float = Field(default=0.25, ge=0, le=0.5, description="Share of squares that are walls.")
        commands: int = Field(default=10, ge=3, le=60, description="Steps and turns, without the turns of the map.")
        spins: int = Field(default=2, ge=0, le=10, description="How often the map turns.")

    class Public(BaseModel):
        rows: list[str] = Field(min_length=1, description="The map: # wall, . open.")
        start: tuple[int, int, str] = Field(description="Row and column from 0, and the heading.")
        commands: list[str] = Field(min_length=1, description="What is done, in order.")

    class Private(BaseModel):
        end: str = Field(description="Row and column from 1, and the heading.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        for _ in range(DRAWS):
            rows = [
                "".join("#" if rng.random() < knobs.walls else "." for _ in range(knobs.size))
                for _ in range(knobs.size)
            ]
            start = (rng.randrange(knobs.size), rng.randrange(knobs.size), rng.choice(HEADINGS))
            if rows[start[0]][start[1]] == "#":
                continue
            commands = drawn_commands(knobs.commands, knobs.spins, knobs.size, rng)
            end, moved = walk(rows, start, commands)
            if 2 * moved >= sum(command.startswith("forward") for command in commands):
                return {
                    "public": {"rows": rows, "start": [*start], "commands": commands},
                    "private": {"end": f"{end[0] + 1}, {end[1] + 1}, {end[2]}"},
                    "difficulty": float(knobs.commands + 3 * knobs.spins),
                    "certificate": {"ends": 1, "by": "walking it"},
                }
        raise UsageError(f"rotated_maze: {DRAWS} draws gave no walk for {knobs!r}; lower walls")

    def begin(self, task: Task) -> str:
        rows, (row, column, heading) = task.public["rows"], task.public["start"]
        size = len(rows)
        drawn = "\n".join(" ".join(line) for line in rows)
        listed = "\n".join(f"{number}. {command}" for number, command in enumerate(task.public["commands"], 1))
        spins = (
            f"- spin: the whole map with its walls turns a quarter clockwise. You are carried along with the square that you stand on: "
            f"what was at row R, column C is now at row C, column {size} + 1 - R. You go on facing the same compass direction as before; "
            "north is still up.\n"
        )
        return (
            f"Here is a map of {size} rows and {size} columns. # is a wall, . is open. Rows are numbered from the top and columns from the "
            f"left, both from 1; north is up.\n\n{drawn}\n\nYou stand at row {row + 1}, column {column + 1}, facing {heading}. Follow the "
            "commands in order:\n- forward N: take N steps the way you face. At a wall or the edge of the map you stop, and what is left "
            "of this command is dropped.\n- left, right: turn a quarter on the spot. around: turn half round.\n"
            f"{spins if SPIN in task.public['commands'] else ''}\n{listed}\n\nWhere do you stand at the end, on the map as it lies then, "
            "and which way do you face? End your reply with one line: Answer: ROW, COLUMN, DIRECTION"
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        try:
            row, column, heading = settled(reply, place_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="rotated_maze.unreadable")
        end, _ = walk(public["rows"], tuple(public["start"]), public["commands"])
        if (row, column) != end[:2]:
            return Verdict.of(0, code="rotated_maze.wrong_square", reason="the walk ends on another square")
        if heading != end[2]:
            return Verdict.of(0, code="rotated_maze.wrong_heading", reason=f"the walk does not end facing {heading}")
        return Verdict.of(1, code="rotated_maze.ok", reason="the walk ends there")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['end']}"

    def random_action(self, rng: random.Random) -> Action:
        """Any square and heading."""
        size = len(self.task.public["rows"]) if self.task is not None else 3
        return f"Answer: {rng.randint(1, size)}, {rng.randint(1, size)}, {rng.choice(HEADINGS)}"


def place_in(line: str) -> Place:
    found = PLACE.fullmatch(line.casefold().strip("()[] "))
    if not found:
        raise Unreadable(f"{line[:80]!r} is not ROW, COLUMN, DIRECTION")
    heading = next(each for each in HEADINGS if each.startswith(found[3]))
    return int(found[1]) - 1, int(found[2]) - 1, heading


def drawn_commands(count: int, spins: int, size: int, rng: random.Random) -> list[str]:
    """Steps and turns in alternation, and the spins of the map among them."""
    first = rng.randrange(2)
    commands = [
        f"forward {rng.randint(1, max(2, size - 2))}"
        if at % 2 == first
        else rng.choice(("left", "right", "left", "right", "around"))
        for at in range(count)
    ]
    for _ in range(spins):
        commands.insert(rng.randint(1, len(commands) - 1), SPIN)
    return commands


def walk(rows: Sequence[str], start: Place, commands: Sequence[str]) -> tuple[Place, int]:
    """Where the walk ends, and how many of its commands changed the square by steps."""
    row, column, heading = start
    size, moved = len(rows), 0
    for command in commands:
        if command == SPIN:
            rows = ["".join(line) for line in zip(*rows[::-1], strict=True)]
            row, column = column, size - 1 - row
        elif command in QUARTERS:
            heading = HEADINGS[(HEADINGS.index(heading) + QUARTERS[command]) % 4]
        else:
            down, right = STEPS[heading]
            before = row, column
            for _ in range(int(command.removeprefix("forward "))):
                ahead, beside = row + down, column + right
                if not (0 <= ahead < size and 0 <= beside < size) or rows[ahead][beside] == "#":
                    break
                row, column = ahead, beside
            moved += (row, column) != before
    return (row, column, heading), moved
