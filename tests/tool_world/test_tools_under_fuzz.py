"""Every tool of every domain under arguments that nobody would give: it is told what is wrong, nothing is half done, nothing is raised."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

from envgym import registry
from envgym.environments.tool_world import worlds
from envgym.environments.tool_world.arguments import field_argument
from envgym.environments.tool_world.fields import cents, choice, date, flag, integer, moment, note, time
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.environments.tool_world.tools import WorldTool
from envgym.environments.tool_world.world import World
from envgym.message import Message, text_of

HOSTILE: tuple[Any, ...] = (
    *(
        "",
        "'; DROP TABLE _journal; --",
        '" OR 1=1',
        "x" * 1_000_000,
        "\u202eabc\x00def",
        "💥" * 50,
        "None",
        "%",
        "\ud800",
    ),
    *(
        None,
        True,
        3,
        -1,
        0,
        10**30,
        -(10**30),
        2**63,
        1.5,
        1e308,
        float("nan"),
        float("inf"),
        [],
        {},
        ["a"] * 30,
        [None],
        [[]],
        {"a": 1},
    ),
    *(
        "2026-02-31",
        "9999-12-31",
        "0000-00-00",
        "2026-03-14 24:00",
        "2026-٠٣-١٤",
        "2099-12-31",
        "1900-01-01",
        "2099-12-31 23:59",
    ),
)
NO_OBJECTS = ("", "[]", "{", "null", '"x"', '{"a": NaN}', "[" * 5_000, "\x00", '{"id": "\\ud800"}', "x" * 1_000_000)
INSIDE = re.compile(
    r"traceback|sqlite|\bselect\b|\binsert\b|\bupdate \w+ set|constraint|savepoint|nonetype|keyerror|0x7f",
    re.IGNORECASE,
)
"""What would tell an agent what it is talking to."""
GIVEN = {
    "date": ("2026-03-16", "2026-02-28"),
    "moment": ("2026-03-16 10:00", "2026-04-01 23:59"),
    "time": ("10:00", "23:59"),
}
EXAMPLES = 3


def raw_call(name: str, arguments: str) -> Message:
    function: Any = {"name": name, "arguments": arguments}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": function}]}


def content(world: World) -> dict[str, Any]:
    """Every row of a world, the engine's own included."""
    names = [name for (name,) in world.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: world.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def opened(name: str) -> tuple[ToolWorld, World]:
    """An episode in which every tool of a domain is there."""
    env = registry.make(f"tool_world:{name}", tools=200)
    env.reset(seed=0)
    assert len(env.tools()) >= 62
    return env, env.world


def fitting(schema: dict[str, Any], ids: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Values that a schema allows; for an id, one of a row that there is."""
    if "anyOf" in schema:
        return st.one_of(
            *(fitting({**part, "description": schema.get("description", "")}, ids) for part in schema["anyOf"])
        )
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    noun = re.match(r"Id of an? (.*?)(, such as .*)?\.$", schema.get("description", ""))
    kind = schema.get("type")
    if kind == "array":
        return st.lists(fitting(schema["items"], ids), min_size=1, max_size=3)
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        low = schema.get("minimum", 0)
        return st.one_of(
            st.integers(low, min(schema.get("maximum", 10**6), low + 5)), st.just(schema.get("maximum", 7))
        )
    if kind == "number":
        return st.sampled_from([0, 0.005, 1, 12.5, 10**7])
    if noun and ids.get(noun[1]):
        return st.sampled_from(ids[noun[1]])
    if "pattern" in schema:
        return st.sampled_from(
            [value for values in GIVEN.values() for value in values if re.search(schema["pattern"], value)]
        )
    return st.one_of(st.sampled_from(["abc", "Cork", "12"]), st.text(min_size=1, max_size=5))


@st.composite
def arguments(draw: Any, schema: dict[str, Any], ids: dict[str, list[str]]) -> str:
    """Arguments of a tool as an agent writes them: fitting ones, mostly with something wrong about them."""
    properties = schema.get("properties", {})
    given = {name: draw(fitting(part, ids)) for name, part in properties.items()}
    slip = draw(st.sampled_from(["none", "none", "hostile", "hostile", "missing", "extra", "no object"]))
    if slip == "no object":
        return str(draw(st.sampled_from(NO_OBJECTS)))
    if slip == "extra":
        given["colour"] = draw(st.sampled_from(HOSTILE))
    if slip in ("hostile", "missing") and given:
        name = draw(st.sampled_from(sorted(given)))
        given[name] = draw(st.sampled_from(HOSTILE))
        if slip == "missing":
            del given[name]
    return json.dumps(given)


def assert_told_well(env: ToolWorld, name: str, given: str) -> bool:
    """Calls a tool. A refused call leaves every row and the count of made rows as they were; whether it was refused."""
    world = env.world
    assert world is not None
    before, inserted = (world.journal(), world.execute("SELECT * FROM _outcome").fetchall()), world.inserted
    env.turn = 0
    observation, reward, ended, truncated, info = env.step(raw_call(name, given))
    text = text_of(observation[0])
    assert (ended, truncated, reward) == (False, False, 0)
    if "error" not in info and name != "ask_user":
        json.loads(text)
    if "error" in info:
        assert (world.journal(), world.execute("SELECT * FROM _outcome").fetchall(), world.inserted) == (
            *before,
            inserted,
        )
        leaked = {word.lower() for word in INSIDE.findall(text)} - {word.lower() for word in INSIDE.findall(given)}
        assert not leaked, (leaked, text[:500])
        assert len(text) < 10_000
    return "error" in info


@pytest.mark.parametrize("name", dir(worlds))
def test_no_tool_can_be_broken_by_what_it_is_given(name: str) -> None:
    env, world = opened(name)
    ids = {
        table.noun: [id for (id,) in world.execute(f'SELECT id FROM "{table.name}" LIMIT 12')]
        for table in world.domain.tables.values()
    }
    start = content(world)
    refused = 0
    for tool in env.offered().values():
        if tool.final:
            continue

        @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        @given(arguments(tool.spec["function"]["parameters"], ids))
        def fuzz(given: str) -> None:
            nonlocal refused
            refused += assert_told_well(env, tool.name, given)  # noqa: B023  # called in this round

        fuzz()
    assert refused > len(env.offered()) // 2
    world.restart()
    assert content(world) == start
    env.close()


@pytest.mark.parametrize("name", dir(worlds))
def test_a_golden_call_with_one_thing_wrong_is_told_and_leaves_nothing_behind(name: str) -> None:
    """On rows on which the call itself goes through, so that what is wrong is met as late as it can be."""
    env: Any = registry.make(f"tool_world:{name}", level=3)
    for seed in range(2):
        env.reset(seed=seed)
        for step in env.task.private["gold"]["calls"][:-1]:
            table = env.offered()[step["tool"]]
            for at, key in enumerate(step["arguments"]):
                before = content(env.world)
                bad = HOSTILE[(7 * at + 3 * seed) % len(HOSTILE)]
                given = json.dumps(step["arguments"] | {key: bad})
                if isinstance(table, WorldTool) and env.step(raw_call(step["tool"], given))[4].get("error"):
                    assert content(env.world) == before
            env.step(raw_call(step["tool"], json.dumps(step["arguments"])))
        assert env.world.execute("SELECT count(*) FROM _outcome").fetchone() == (0,)
    env.close()


def test_a_million_characters_are_refused_by_every_text_argument() -> None:
    env, world = opened("retail")
    given = {"text": "x" * 1_000_000, "customer_id": "CUS-AAAAA", "topic": "damage", "priority": "low"}
    _, _, _, _, info = env.step(raw_call("create_ticket", json.dumps(given)))
    assert info["error"] == "reply.size"
    given["text"] = "x" * 10_000
    _, _, _, _, info = env.step(raw_call("create_ticket", json.dumps(given)))
    assert info["error"] == "tool.arguments"
    assert world.journal() == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            date(0, 1),
            ["2026-02-28", "1954-12-31"],
            ["2026-02-31", "0000-00-00", "9999-12-31", "2026-2-1", "2026-٠٣-١٤", "2026-03-14 ", "", 20260314],
        ),
        (
            moment(0, 1),
            ["2026-02-28 23:59"],
            ["2026-02-31 10:00", "2026-03-14 24:00", "2026-03-14 09:60", "2026-03-14T09:30", "2026-03-14"],
        ),
        (time(), ["00:00", "23:59"], ["24:00", "9:30", "09:60", "٠٩:٣٠", "09:30:00"]),
        (integer(1, 5), [1, 5], [0, 6, "3", 2.5, True, None]),
        (cents(0, 1), [0, 12, 12.5], [-0.01, float("nan"), float("inf"), 1e9, "12", True, None]),
        (choice("a", "b"), ["a"], ["A", "c", "", None, ["a"]]),
        (flag(), [True, False], [1, 0, "true", "yes", None]),
        (note(), ["a"], ["", None, "x" * 3_000, 5]),
    ],
)
def test_an_argument_is_what_its_field_says(kind: Any, good: list[Any], bad: list[Any]) -> None:
    annotation, _ = field_argument(kind, worlds.retail.domain)
    checker = TypeAdapter(annotation, config=ConfigDict(strict=True))
    for value in good:
        checker.validate_json(json.dumps(value))
    for value in bad:
        with pytest.raises(ValidationError):
            checker.validate_json(json.dumps(value))


@pytest.mark.parametrize(
    "answer",
    [
        "NaN",
        "Infinity",
        "1e400",
        "-0.0",
        '"' + "x" * 201 + '"',
        "[" + '"a",' * 300 + '"a"]',
        "{}",
        "1" + "0" * 4000,
        "[1]",
        '"\\ud800"',
    ],
)
def test_a_strange_answer_ends_the_episode_unpaid_or_is_told(answer: str) -> None:
    env, _ = opened("retail")
    _, reward, ended, _, info = env.step(raw_call("finish", f'{{"outcome": "done", "answer": {answer}}}'))
    assert reward == 0
    assert ended != ("error" in info)
    assert env.verify().score == 0


def test_calls_after_finish_in_one_reply_are_not_carried_out() -> None:
    env, world = opened("retail")
    customer = world.execute("SELECT id FROM customer").fetchone()[0]
    finish = raw_call("finish", '{"outcome": "done"}')
    late = raw_call("create_ticket", json.dumps({"customer_id": customer, "topic": "damage", "priority": "low"}))
    message: Message = {**finish, "tool_calls": [*finish["tool_calls"], *late["tool_calls"]]}
    observation, _, ended, _, _ = env.step(message)
    assert ended
    assert world.journal() == []
    assert "over" in text_of(observation[1])
