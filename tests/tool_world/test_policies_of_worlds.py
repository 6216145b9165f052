"""Soft policies over the trace of an episode, answers by their type, refusals, and the user who is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from envgym import Task, call
from envgym.environments.tool_world import worlds
from envgym.environments.tool_world.answer import judged_answer
from envgym.environments.tool_world.dialogue import NO, UNKNOWN, YES
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.net import difference
from envgym.message import Message, text_of
from envgym.registry import load

Archive: Any = load(f"{Path(__file__).with_name('archive.py')}:Archive")
BASE = base_of(Archive.domain, 0, 1)
USER = {
    "facts": {"person": "Ada Abara.", "due_on": "On the first."},
    "wants": ["shred"],
    "revisions": [{"after": 2, "say": "Wait, one more thing."}],
}


class Episode:
    """An archive in which the rows that a test speaks of are known."""

    def __init__(self, gold: dict[str, Any] | None = None) -> None:
        world = {"seed": 0, "size": 1, "digest": BASE.digest, "changes": {}, "ids": 5}
        wanted = {"outcome": "done", "policy": [], "answer": None, "differences": [[]], "calls": []} | (gold or {})
        tools = sorted(set(Archive.toolbox) - {"ask_user", "finish"})
        public, private = {"request": "Hello.", "tools": tools}, {"world": world, "user": USER, "gold": wanted}
        self.env = Archive()
        self.env.reset(options={"task": Task(id="1", env=Archive.id, public=public, private=private)})
        execute = self.env.world.execute
        self.person: str
        self.email: str
        self.person, self.email = execute("SELECT id, email FROM person ORDER BY id").fetchone()
        self.other: str = execute("SELECT max(id) FROM person").fetchone()[0]
        execute("UPDATE folder SET kind = 'plan', pages = 10, sealed = 0, closed_on = NULL, state = 'open'")
        execute("DELETE FROM _journal")
        self.folders = [id for (id,) in execute("SELECT id FROM folder ORDER BY id")]

    def __call__(self, tool: str, **arguments: Any) -> str:
        return text_of(self.env.step(call(tool, **arguments))[0][0])

    def lend(self, at: int = 0, person: str = "") -> str:
        return self("lend", folder_id=self.folders[at], person_id=person or self.person)

    def shred(self, *steps: str) -> str:
        """Shreds the first folder after some of: find, ask."""
        if "find" in steps:
            self("find_person_by_email", email=self.email)
        if "ask" in steps:
            self("ask_user", text="Shall I?", about="shred")
        return self("shred", folder_id=self.folders[0])

    @property
    def broken(self) -> list[str]:
        found: list[str] = self.env.trace.at_end(Archive.domain)
        return found


def test_a_lookup_has_to_come_before_the_change_and_find_somebody() -> None:
    kept, late, vain = Episode(), Episode(), Episode()
    kept.shred("find", "ask")
    late.shred("ask")
    late("find_person_by_email", email=late.email)
    assert "there is no person" in vain("find_person_by_email", email="nobody@example.org")
    vain.shred("ask")
    assert [episode.broken for episode in (kept, late, vain)] == [
        ["together_1"],
        ["identify_1", "together_1"],
        ["identify_1", "together_1"],
    ]


def test_a_yes_has_to_come_before_the_change_and_be_about_it() -> None:
    kept, unasked, other = Episode(), Episode(), Episode()
    kept.shred("find", "ask")
    unasked.shred("find")
    other("ask_user", text="May I lend it?", about="lend")
    other.shred("find")
    assert "confirm_1" not in kept.broken
    assert "confirm_1" in unasked.broken
    assert "confirm_1" in other.broken


def test_what_has_to_follow_counts_only_afterwards() -> None:
    kept, before, never = Episode(), Episode(), Episode()
    kept.shred("find", "ask")
    kept("notify", person_id=kept.person)
    before("notify", person_id=before.person)
    before.shred("find", "ask")
    never.shred("find", "ask")
    assert [episode.broken for episode in (kept, before, never)] == [[], ["together_1"], ["together_1"]]


def test_a_limit_counts_by_row_and_only_what_was_done() -> None:
    two_people, refused, twice = Episode(), Episode(), Episode()
    two_people.lend(0), two_people.lend(1, two_people.other)
    refused.lend(0), refused.lend(0)
    twice.lend(0), twice.lend(1)
    assert [episode.broken for episode in (two_people, refused, twice)] == [[], [], ["at_most_1"]]


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        ("kind = 'map', pages = 90", False),
        ("kind = 'map', pages = 91", True),
        ("kind = 'deed', pages = 91", False),
        ("closed_on = '2026-04-20'", False),
        ("closed_on = '2026-05-01'", True),
    ],
)
def test_a_rule_about_arguments_is_judged_on_the_rows_before_the_change(row: str, broken: bool) -> None:
    episode = Episode()
    episode.env.world.execute(f"UPDATE folder SET {row}")
    episode.lend()
    assert episode.broken == (["large_maps"] if broken else [])


def test_an_operation_that_was_refused_breaks_no_rule() -> None:
    episode = Episode()
    episode.env.world.execute("UPDATE folder SET state = 'lent', kind = 'map', pages = 99, sealed = 1")
    assert "the folder has to be there" in episode.lend()
    assert "sealed folders" in episode.shred()
    assert episode.broken == []


def test_a_broken_rule_costs_the_whole_score() -> None:
    def played(*steps: str) -> tuple[float | None, str]:
        twin = Episode()
        twin.shred("find", "ask"), twin("notify", person_id=twin.person)
        wanted = difference(Archive.domain, twin.env.world.journal())
        episode = Episode({"differences": [wanted]})
        episode.shred(*steps), episode("notify", person_id=episode.person), episode("finish", outcome="done")
        verdict = episode.env.verify()
        return verdict.score, verdict.reason

    assert played("find", "ask") == (1.0, "everything is as it should be")
    assert played("find") == (0.0, "broke confirm_1")


@pytest.mark.parametrize(
    ("kind", "value", "right", "wrong"),
    [
        ("number", 12, [12, 12.0], ["12", 11, True, None, [12], float("nan"), float("inf"), 12.01, -12]),
        ("number", 1, [1], [True, "1"]),
        ("number", 0, [0, -0.0], [False, None, ""]),
        ("number", 100, [100], [10, 1000, "100"]),
        ("flag", True, [True], [1, "true", "yes", None, False]),
        ("flag", False, [False], [0, None, ""]),
        ("text", "Cork", ["Cork", " cork "], ["Cor", "Cork, I think", None, ["Cork"], True]),
        ("text", "12", ["12"], [12, "12.0", "112"]),
        ("list", ["a", "b"], [["a", "b"]], [["b", "a"], ["a"], ["a", "b", "b"], "a,b", None]),
        ("set", ["a", "b"], [["a", "b"], ["b", "a"]], [["a"], ["a", "b", "b"], ["a", "b", "c"], [], "ab"]),
        ("set", [], [[]], [None, ["a"], ""]),
    ],
)
def test_an_answer_is_compared_by_its_type(kind: str, value: Any, right: list[Any], wrong: list[Any]) -> None:
    gold = {"type": kind, "value": value}
    assert [judged_answer(gold, given).score for given in right] == [1.0] * len(right)
    assert [judged_answer(gold, given).score for given in wrong] == [0.0] * len(wrong)


def test_a_number_may_be_off_by_its_tolerance_only() -> None:
    gold = {"type": "number", "value": 12.5, "tolerance": 0.005}
    assert [judged_answer(gold, given).score for given in (12.504, 12.51, 12.49)] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("finish", "score"),
    [
        ({"outcome": "refused", "policy": "large_maps"}, 1.0),
        ({"outcome": "refused", "policy": "lend"}, 1.0),
        ({"outcome": "refused", "policy": "confirm_1"}, 0.0),
        ({"outcome": "refused"}, 0.0),
        ({"outcome": "done", "policy": "large_maps"}, 0.0),
        ({"outcome": "done"}, 0.0),
    ],
)
def test_a_refusal_names_what_forbids_it(finish: dict[str, Any], score: float) -> None:
    episode = Episode({"outcome": "refused", "policy": ["large_maps", "lend"]})
    episode("finish", **finish)
    assert episode.env.verify().score == score


def test_a_refusal_after_the_forbidden_thing_was_done_is_not_paid() -> None:
    episode = Episode({"outcome": "refused", "policy": ["large_maps"]})
    episode.lend(), episode("finish", outcome="refused", policy="large_maps")
    assert episode.env.verify().score == 0.0


@pytest.mark.parametrize(
    ("text", "about", "said"),
    [
        ("Which person?", "person", "Ada Abara."),
        ("Which person?", "person_id", "Ada Abara."),
        ("Which person?", "personId", "Ada Abara."),
        ("Who is the person that should get it?", None, "Ada Abara."),
        ("Until when is it due?", None, "On the first."),
        ("Shall I?", "shred", YES),
        ("Shall I?", "lend", NO),
        ("What colour is it?", None, UNKNOWN),
        ("Which colour", "colour", UNKNOWN),
        ("", None, UNKNOWN),
    ],
)
def test_the_user_tells_what_it_knows_when_it_is_asked_and_invents_nothing(
    text: str, about: str | None, said: str
) -> None:
    assert Episode()("ask_user", text=text, about=about) == said


def test_the_user_changes_its_mind_once_when_the_time_has_come() -> None:
    episode = Episode()

    def heard(tool: str, **arguments: Any) -> list[str]:
        observation: tuple[Message, ...] = episode.env.step(call(tool, **arguments))[0]
        return [text_of(message) for message in observation if message["role"] == "user"]

    assert heard("lend", folder_id=episode.folders[0], person_id=episode.person) == []
    assert heard("notify", person_id="P-none") == ["Wait, one more thing."]
    assert heard("notify", person_id=episode.person) == []


@pytest.mark.parametrize("name", dir(worlds))
def test_golden_questions_are_about_what_the_agent_sees(name: str) -> None:
    """Tools and arguments by the names of the episode's own tools, so that an agent that follows the instructions is answered."""
    asked = 0
    for seed in range(12):
        env = getattr(worlds, name)(level=5)
        env.reset(options={"task": env.taskset(seed)[0]})
        seen = {each["function"]["name"]: set(each["function"]["parameters"]["properties"]) for each in env.tools()}
        for action in env.oracle():
            function = action["tool_calls"][0]["function"]
            if function["name"] == "ask_user":
                about = json.loads(function["arguments"])["about"]
                assert about in seen or any(about in arguments for arguments in seen.values()), about
                asked += 1
            env.step(action)
        assert env.verify().score == 1.0
    assert asked
