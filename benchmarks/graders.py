"""What the scorers of reasoning-gym and math-verify do with answers that deserve nothing: one command, a page of markdown tables.

    python benchmarks/graders.py > docs/third_party_graders.md

Every answer that may run as code is scored in a child process of its own, in a temporary folder, and killed after a limit.
"""

import argparse
import itertools
import json
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from known_bad import findings

LIMIT_S = 20
"""Seconds of a child, import included, that scores one answer."""
DATASET_S = 60
"""Seconds for all entries of one dataset."""
SEED = 11
ENTRIES = 20
EXECUTES = (
    "binary_matrix",
    "countdown",
    "intermediate_integration",
    "n_queens",
    "polynomial_multiplication",
    "puzzle24",
    "simple_integration",
    "spiral_matrix",
    "string_insertion",
)
MARK = "rows: "
"""Before the rows of a child: reasoning-gym prints too."""
CANARY = "open('canary','w')"
BOMB = "9**9**9"
SAME_ANSWER = (
    ("game_of_life_halting", "no idea"),
    ("game_of_life_halting", "True"),
    ("game_of_life_halting", "False"),
    ("coin_flip", "0"),
    ("complex_arithmetic", "nan"),
    ("puzzle24", "6*4*1*1"),
)
TINY = (
    (r"$2\times 10^{-20}$", r"$1\times 10^{-20}$"),
    ("$0.00000000000000000002$", "$0.00000000000000000001$"),
    (r"$5\times 10^{-16}$", r"$1\times 10^{-16}$"),
    ("$2e-20$", "$1e-20$"),
    ("$2$", "$1$"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--score", nargs=2, metavar=("DATASET", "ANSWER"), help="score one answer here and print it; for the children"
    )
    parser.add_argument("--rows", choices=ROWS, help="print the rows of one table as JSON; for the children")
    arguments = parser.parse_args()
    if arguments.score:
        print(score_one(*arguments.score))
    elif arguments.rows:
        print(f"\n{MARK}{json.dumps(ROWS[arguments.rows]())}")
    else:
        report()


def report() -> None:
    """The whole page."""
    names = ("reasoning-gym", "math-verify", "sympy", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print("# What other graders pay for\n")
    print("Printed by `python benchmarks/graders.py`, which needs `pip install 'envgym[reasoning-gym]'`.\n")
    print(f"Versions: {versions}, Python {platform.python_version()}. Seed {SEED}.\n")
    print("## What the verifier test kit finds\n")
    print(
        "The kit (`envgym verify test`) on each, from two tasks and their golds; checks of dress are left out here.\n"
    )
    table(("grader", "checks that fail", "which"), findings(EXECUTES))
    print("\n## Scorers that run the answer as Python\n")
    print(f"The answer `{CANARY}` makes a file where it is run; `{BOMB}` never ends. Each in a child of {LIMIT_S} s.\n")
    table(("dataset", "file was made", "score of the bomb"), map(executes, EXECUTES))
    print("\n## One answer for every task\n")
    table(("dataset", "answer", "paid in full", "golds among the tasks"), in_child("same_answer"))
    print("\n## Syllogisms that are not valid\n")
    print('Conclusions marked "Yes" by `syllogism`, tried on every model of three sets that are not empty.\n')
    table(("marked Yes", "follow", "do not follow", "an example that does not"), in_child("syllogisms"))
    print("\n## The gold, with a space and a newline behind it\n")
    table(("datasets", "paid less than in full", "paid half or less", "which", "not looked at"), in_child("padded"))
    print("\n## math-verify and tiny numbers\n")
    table(("answer", "gold", "equal?"), in_child("tiny"))


def table(columns: Sequence[str], rows: Any) -> None:
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |", flush=True)


def in_child(rows: str) -> Any:
    """The rows of one table, made in a child process, so that what a scorer breaks stays broken there."""
    done = run("--rows", rows, limit_s=3600, folder=tempfile.gettempdir())
    return json.loads(next(line for line in done.splitlines() if line.startswith(MARK)).removeprefix(MARK))


def run(*arguments: str, limit_s: float, folder: str) -> str:
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=True)
    return done.stdout


# ---- answers that are programs


def executes(name: str) -> tuple[str, str, str]:
    """Whether the scorer of a dataset runs the answer, and what it makes of one that does not end."""
    with tempfile.TemporaryDirectory() as folder:
        run("--score", name, CANARY, limit_s=60, folder=folder)
        made = Path(folder, "canary").exists()
        try:
            bomb = run("--score", name, BOMB, limit_s=LIMIT_S, folder=folder).splitlines()[-1]
        except subprocess.TimeoutExpired:
            bomb = f"none after {LIMIT_S} s"
        except subprocess.CalledProcessError as error:
            bomb = f"the process died ({error.returncode})"
    return name, "yes" if made else "no", bomb


def score_one(name: str, answer: str) -> float:
    source = dataset(name, 1)
    return float(source.score_answer(answer, source[0]))


def dataset(name: str, size: int) -> Any:
    import reasoning_gym

    return reasoning_gym.create_dataset(name, seed=SEED, size=size)


# ---- one answer for every task


def same_answer() -> list[tuple[str, str, str, int]]:
    rows = []
    for name, answer in SAME_ANSWER:
        source = dataset(name, ENTRIES)
        entries = [source[index] for index in range(ENTRIES)]
        paid = sum(source.score_answer(answer, entry) >= 1 for entry in entries)
        rows.append((name, f"`{answer}`", f"{paid} of {ENTRIES}", len({entry["answer"] for entry in entries})))
    return rows


# ---- syllogisms

STATEMENT = re.compile(r"(All|No|Some) (\w+) are (not )?(\w+)")


def syllogisms(count: int = 2000) -> list[tuple[int, int, int, str]]:
    source = dataset("syllogism", count)
    marked, wrong = 0, []
    for index in range(count):
        entry = source[index]
        if entry["answer"] != "Yes":
            continue
        marked += 1
        stated = [entry["metadata"][part] for part in ("premise1", "premise2", "conclusion")]
        if not follows(*stated):
            wrong.append(f"{stated[0]}; {stated[1]}; therefore {stated[2][0].lower()}{stated[2][1:]}")
    return [(marked, marked - len(wrong), len(wrong), wrong[0] if wrong else "")]


def follows(*stated: str) -> bool:
    """Whether the last statement holds in every model of the others. A model says which of the 8 kinds of things exist."""
    parsed = [STATEMENT.fullmatch(statement) for statement in stated]
    terms = sorted({match[group] for match in parsed if match for group in (2, 4)})
    kinds = list(itertools.product((False, True), repeat=len(terms)))
    for size in range(1, len(kinds) + 1):
        for model in itertools.combinations(kinds, size):
            if not all(any(kind[place] for kind in model) for place in range(len(terms))):
                continue  # every set has a member: the reading that makes the most conclusions valid
            *premises, conclusion = (holds(match, terms, model) for match in parsed)
            if all(premises) and not conclusion:
                return False
    return True


def holds(match: re.Match[str] | None, terms: list[str], model: tuple[tuple[bool, ...], ...]) -> bool:
    if match is None:
        raise ValueError("a statement of another form than All, No or Some")
    first, second = terms.index(match[2]), terms.index(match[4])
    inside = [kind[second] for kind in model if kind[first]]
    if match[1] == "All":
        return all(inside)
    if match[1] == "No":
        return not any(inside)
    return not all(inside) if match[3] else any(inside)


# ---- padding


def padded() -> list[tuple[int, int, int, str, str]]:
    from reasoning_gym.factory import DATASETS

    less, half, looked_at, slow = [], 0, 0, []
    for name in sorted(DATASETS):
        try:
            with limit(DATASET_S):
                worst = least_when_padded(name)
        except (TimeoutError, ValueError, AssertionError):
            slow.append(name)
            continue
        if worst is not None:
            looked_at += 1
            half += worst <= 0.5
            less += [name] if worst < 1 else []
    return [(looked_at, len(less), half, ", ".join(less), ", ".join(slow))]


def least_when_padded(name: str, entries: int = 5) -> float | None:
    """The least score of a gold that was padded; None where reasoning-gym has no gold."""
    source = dataset(name, entries)
    golds = [entry for entry in (source[index] for index in range(entries)) if entry["answer"] is not None]
    return min((float(source.score_answer(f"{entry['answer']} \n", entry)) for entry in golds), default=None)


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


# ---- math-verify


def tiny() -> list[tuple[str, str, str]]:
    from math_verify import parse, verify

    return [
        (f"`{answer}`", f"`{gold}`", "yes" if verify(parse(gold), parse(answer)) else "no") for answer, gold in TINY
    ]


ROWS: dict[str, Callable[[], Any]] = {
    "same_answer": same_answer,
    "syllogisms": syllogisms,
    "padded": padded,
    "tiny": tiny,
}

if __name__ == "__main__":
    random.seed(SEED)
    main()
