"""Problems about parsing and simulation."""

from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, line


def expression(rng: Random, size: int, top: int) -> str:
    if size <= 1:
        return str(rng.randint(0, top))
    left = rng.randint(1, size - 1)
    made = f"{expression(rng, left, top)}{rng.choice(['+', '-', '*', ' - ', ' + '])}{expression(rng, size - left, top)}"
    return f"({made})" if rng.random() < 0.4 else f"-({made})" if rng.random() < 0.1 else made


def brute_expression(text: str) -> str:
    return str(eval(text, {"__builtins__": {}}))  # of our own making: digits, + - * and brackets


def draw_editor(rng: Random, size: int, top: int) -> str:
    lines = []
    for _ in range(size):
        kind = rng.choice(["type", "type", "erase", "undo"])
        word = "".join(rng.choice("xyz") for _ in range(rng.randint(1, 3)))
        lines.append({"type": f"type {word}", "erase": f"erase {rng.randint(1, min(top, 9))}", "undo": "undo"}[kind])
    return line(size) + "".join(map(line, lines))


def brute_editor(text: str) -> str:
    states = [""]
    for command in text.splitlines()[1:]:
        word, _, rest = command.partition(" ")
        if word == "type":
            states = [*states, states[-1] + rest]
        elif word == "erase":
            states = [*states, states[-1][: max(0, len(states[-1]) - int(rest))]]
        elif len(states) > 1:
            states = states[:-1]
    return states[-1] or "(empty)"


def draw_robot(rng: Random, size: int, top: int) -> list[Any]:
    return ["".join(rng.choice("FFLR") for _ in range(size)), rng.randint(0, top)]


def brute_robot(moves: str, times: int) -> list[int]:
    x, y, facing = 0, 0, "N"
    for move in moves * times:
        if move == "F":
            x += {"E": 1, "W": -1}.get(facing, 0)
            y += {"N": 1, "S": -1}.get(facing, 0)
        else:
            facing = {"R": dict(zip("NESW", "ESWN", strict=True)), "L": dict(zip("NESW", "WNES", strict=True))}[move][
                facing
            ]
    return [x, y]


PROBLEMS = (
    Problem(
        id="plain-arithmetic",
        topics=("parsing", "stacks"),
        difficulty=3,
        statement="""\
Work out an expression of whole numbers, `+`, `-`, `*` and brackets. `*` binds more strongly than `+` and `-`;
operators of the same strength go from left to right. A `-` may also stand before an opening bracket and then negates
it. Blanks mean nothing.

Input: one line of at most 4,000 characters, with brackets at most 100 deep.
Output: the value, which may have many digits.""",
        solution="""\
import re

tokens = re.findall(r"\\d+|[-+*()]", input())
values, operators = [], []
strength = {"(": 0, "+": 1, "-": 1, "*": 2, "neg": 2}


def reduce_to(level):
    while operators and operators[-1] != "(" and strength[operators[-1]] >= level:
        operator = operators.pop()
        right = values.pop()
        if operator == "neg":
            values.append(-right)
            continue
        left = values.pop()
        values.append(left + right if operator == "+" else left - right if operator == "-" else left * right)


before = "("
for token in tokens:
    if token.isdigit():
        values.append(int(token))
    elif token == "(":
        operators.append(token)
    elif token == ")":
        reduce_to(1)
        operators.pop()
    elif token == "-" and before in "(+-*":
        operators.append("neg")
    else:
        reduce_to(strength[token])
        operators.append(token)
    before = token
reduce_to(1)
print(values[0])
""",
        brute=brute_expression,
        draw=lambda rng, size, top: line(expression(rng, size, top)),
        small=(6, 9),
        large=(300, 99),
        examples=("2 + 3*4\n", "-(1 - 5) - 2 - 1\n"),
        edge=(
            "7\n",
            "(7)\n",
            "1-2-3\n",
            "2*(3+4)\n",
            "2*3+4\n",
            "-(3)\n",
            "1*-(2)\n",
            "1 - (2 - (3 - 4))\n",
            "10*10 - 9\n",
        ),
        wrong={
            "from left to right": ('"*": 2', '"*": 1'),
            "from right to left": ("strength[operators[-1]] >= level", "strength[operators[-1]] > level"),
            "no minus before brackets": ('operators.append("neg")', "pass"),
            "one digit": ("\\d+|", "\\d|"),
        },
    ),
    Problem(
        id="editor-with-undo",
        topics=("simulation", "parsing", "stacks"),
        difficulty=2,
        statement="""\
A text is empty at first. `type w` adds the word w to its end, `erase k` takes the last k characters away (or all,
where there are fewer), and `undo` takes back the last `type` or `erase` that still stands. An `undo` with nothing to
take back does nothing; `undo` cannot itself be undone. An `erase` that finds nothing to erase still counts as a
command.

Input: the number n of commands (1 to 1,000), then n lines with one command each; words have 1 to 3 lower-case
letters, 1 <= k <= 9.
Output: the text at the end, or `(empty)` where there is none.""",
        solution="""\
import sys

lines = sys.stdin.read().split("\\n")
states = [""]
for command in lines[1 : 1 + int(lines[0])]:
    parts = command.split()
    if parts[0] == "type":
        states.append(states[-1] + parts[1])
    elif parts[0] == "erase":
        text = states[-1]
        states.append(text[: max(0, len(text) - int(parts[1]))])
    elif len(states) > 1:
        states.pop()
print(states[-1] or "(empty)")
""",
        brute=brute_editor,
        draw=draw_editor,
        small=(8, 5),
        large=(1000, 3),
        examples=("4\ntype ab\ntype c\nerase 2\nundo\n", "2\ntype a\nundo\n"),
        edge=(
            "1\nundo\n",
            "1\nerase 3\n",
            "2\ntype ab\nerase 5\n",
            "3\nerase 1\ntype a\nundo\n",
            "4\ntype a\ntype b\nundo\nundo\n",
            "3\ntype abc\nerase 9\nundo\n",
            "4\ntype x\nerase 1\nerase 1\nundo\n",
            "3\nundo\ntype z\nerase 1\n",
        ),
        wrong={
            "erasing more than there is": (
                "text[: max(0, len(text) - int(parts[1]))]",
                "text[: len(text) - int(parts[1])]",
            ),
            "too many undos": ("elif len(states) > 1:", "else:"),
            "empty is not told": ('states[-1] or "(empty)"', "states[-1]"),
            "only one undo": ("states.pop()", "states = states[-2:-1]"),
        },
    ),
    Problem(
        id="robot-in-circles",
        topics=("simulation", "geometry"),
        difficulty=3,
        statement="""\
A robot stands at (0, 0) and looks north, which is the direction of growing y; east is that of growing x. `F` moves it
one step ahead, `L` and `R` turn it a quarter left or right on the spot. Return `[x, y]`, its place after it has
carried out `moves` `times` times in a row.

`moves` has 0 to 2,000 letters; 0 <= times <= 10^15.""",
        starter="def robot_in_circles(moves: str, times: int) -> list[int]:",
        solution="""\
def robot_in_circles(moves, times):
    def walk(count):
        x, y, dx, dy = 0, 0, 0, 1
        for move in moves * count:
            if move == "F":
                x, y = x + dx, y + dy
            elif move == "L":
                dx, dy = -dy, dx
            else:
                dx, dy = dy, -dx
        return x, y

    rounds, rest = divmod(times, 4)
    x, y = walk(4)
    more_x, more_y = walk(rest)
    return [rounds * x + more_x, rounds * y + more_y]
""",
        brute=brute_robot,
        draw=draw_robot,
        small=(7, 13),
        large=(2000, 10**15),
        examples=(["FR", 3], ["FFL", 4]),
        edge=(["", 5], ["F", 0], ["F", 7], ["L", 9], ["FRFL", 1001], ["FL", 6], ["FR", 5], ["FLLF", 3]),
        wrong={
            SLOW: """\
def robot_in_circles(moves, times):
    x, y, dx, dy = 0, 0, 0, 1
    for _ in range(times):
        for move in moves:
            if move == "F":
                x, y = x + dx, y + dy
            elif move == "L":
                dx, dy = -dy, dx
            else:
                dx, dy = dy, -dx
    return [x, y]
""",
            "left is right": ("dx, dy = -dy, dx", "dx, dy = dy, -dx"),
            "each round starts north": ("x, y = walk(4)", "x, y = (4 * part for part in walk(1))"),
        },
    ),
)
