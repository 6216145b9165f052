"""The entries of bfcl-eval's multi-turn sets as tasks.

The public half holds what the scripted user says and which functions there are when; the private half the world and the golden calls.
Left out are entries whose golden calls need a function before it is there: no agent can make them. `SUSPECT` lists known defects that leave
an entry playable and hardly passable; these tasks carry the tag.
"""

import logging
from functools import cache
from typing import Any

from envgym.environments.bfcl.function_docs import functions, published
from envgym.environments.bfcl.world_process import worlds_of
from envgym.task import Limits, Task, TaskList

log = logging.getLogger(__name__)
STEPS_PER_TURN = 21
"""bfcl-eval gives up after 20 replies with calls in one turn; here the episode as a whole has as many, and one answer, for each turn.
Where that is less than twice what golden calls need one by one, it has that."""
SUSPECT = {
    4: "the golden post has words in an order that no tool produces: sorting one line leaves it as it is (gorilla issue 1367)",
    18: "the golden post lacks the line break of the diff that it is to share, as in gorilla issue 1367",
    173: "the golden ticket id is text, where the documentation says integer, and no tool tells it",
}
"""Why, by the number that an entry has in every set."""
SOUND = frozenset({"multi_turn_long_context_18"})
"""Entries with such a number that lack the defect: this one's post has the line break."""


@cache
def entries(python: str, subset: str) -> TaskList:
    """The tasks of a set. Raises UsageError where bfcl-eval is missing, EnvFailure."""
    found = worlds_of(python).ask({"op": "entries", "set": subset})["entries"]
    fit = [entry for entry in found if not early_calls(entry)]
    left_out = [entry["id"] for entry in found if early_calls(entry)]
    if left_out:
        log.info("bfcl %s: left out, as they need functions before these are there: %s", subset, ", ".join(left_out))
    return TaskList([task_of(entry, subset, python) for entry in fit])


def early_calls(entry: dict[str, Any]) -> list[str]:
    """Functions that golden calls use while they are withheld or excluded."""
    early = []
    for turn, calls in enumerate(entry["gold"]):
        hidden = hidden_at(turn, entry.get("missed_function", {}), entry.get("excluded_function", []))
        early += [call["name"] for call in calls if call["name"] in hidden]
    return early


def hidden_at(turn: int, withheld: dict[str, list[str]], excluded: list[str]) -> set[str]:
    """Names of the functions that are not there in a turn; `withheld` has them by the turn from which they are."""
    return {*excluded, *(name for start, names in withheld.items() if int(start) > turn for name in names)}


def task_of(entry: dict[str, Any], subset: str, python: str) -> Task:
    turns = [turn[0]["content"] if turn else published(python, "more") for turn in entry["question"]]
    needed = sum(map(len, entry["gold"])) + len(turns)
    suspect = int(entry["id"].rsplit("_", 1)[1]) in SUSPECT and entry["id"] not in SOUND
    return Task(
        id=entry["id"],
        env="bfcl",
        public={
            "turns": turns,
            "classes": entry["involved_classes"],
            "withheld": entry.get("missed_function", {}),
            "excluded": entry.get("excluded_function", []),
            "source": f"bfcl-eval {published(python, 'version')}",
        },
        private={
            "world": {
                "classes": entry["involved_classes"],
                "config": entry["initial_config"],
                "long_context": subset == "long_context",
            },
            "gold": entry["gold"],
        },
        limits=Limits(turns=max(STEPS_PER_TURN * len(turns), 2 * needed)),
        tags=(subset, *entry["involved_classes"], *(["suspect"] if suspect else [])),
        difficulty=float(sum(map(len, entry["gold"]))),
    )


def known_functions(python: str, classes: list[str]) -> dict[str, Any]:
    """The tools of some classes by name."""
    known = functions(python)
    return {name: tool for owner in classes for name, tool in known[owner].items()}
