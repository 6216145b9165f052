"""Faults of calls: what each kind does, what it leaves alone, and that the schedule is a pure function."""

import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from envgym import InvalidAction, Message, UsageError, call, play
from envgym.env import StepResult
from envgym.errors import UnknownId
from envgym.message import Observation, text_of, user
from envgym.noise import Noisy
from envgym.noise.kinds import KINDS, Spoiling, kinds_of, register
from envgym.noise.marks import read
from envgym.noise.memory import Call, Memory
from envgym.registry import load
from envgym.testing.state import changes, state_of

PATH = f"{Path(__file__).with_name('bank.py')}:Bank"
Bank: Any = load(PATH)
PAY = call("transfer", payer="ann", payee="bob", cents=20)
BALANCE = call("balance", account="ann")
ALL_OF_IT = 1.0


def noisy(*kinds: str, level: float = ALL_OF_IT, budget: int = 1, seed: int = 0, task: str = "0-0") -> Noisy:
    """A bank at the beginning of a task."""
    env = Noisy(Bank(), level=level, seed=seed, budget=budget, kinds=kinds)
    env.reset(seed=0, options={"task": task})
    return env


def text(result: StepResult) -> str:
    return text_of(result[0][0])


def world(env: Noisy) -> Any:
    """The bank inside."""
    return env.env


def kinds_in(result: StepResult) -> list[str]:
    return [fault["kind"] for fault in result[4].get("faults", ())]


# ---- before the effect


@pytest.mark.parametrize("kind", ["timeout_before", "rate_limit", "unavailable", "dead_tool"])
def test_a_fault_before_the_effect_leaves_the_world_untouched(kind: str) -> None:
    env = noisy(kind)
    before = state_of(env.env)
    result = env.step(PAY)
    assert (kinds_in(result), read(text(result)) is not None) == ([kind], True)
    assert changes(before, state_of(env.env), apart_from={"turn", "_observation"}) == []
    assert world(env).ledger == []


def test_a_timeout_after_the_effect_reads_like_one_before_but_stands() -> None:
    before, after = noisy("timeout_before"), noisy("timeout_after")
    assert text(before.step(PAY)) == text(after.step(PAY))
    assert (world(before).ledger, world(after).ledger) == ([], [["ann", "bob", 20]])


def test_a_write_whose_outcome_no_look_can_settle_is_never_left_open() -> None:
    env = noisy("timeout_before", "timeout_after", budget=9)
    assert text(env.step(call("remember", note="x"))) == "kept"
    assert kinds_in(env.step(PAY)) != []
    again = noisy("timeout_after", budget=9)
    world(again).ledger.append(["ann", "bob", 20])  # done once already: a look would find it whatever happens now
    assert kinds_in(again.step(PAY)) == []


@pytest.mark.parametrize("kind", sorted(kind.name for kind in kinds_of(())))
def test_the_call_that_ends_the_episode_is_never_lost_after_its_effect(kind: str) -> None:
    env = noisy(kind)
    result = env.step(call("report", cents=1))
    assert result[2] == (world(env).said == 1)
    if result[2]:
        assert (text(result), kinds_in(result)) == ("thank you", [])


def test_what_turned_a_call_away_answers_after_as_many_calls_as_it_said() -> None:
    env = noisy("rate_limit")
    told = read(text(env.step(PAY)))
    assert told is not None
    for left in reversed(range(told.calls)):
        refused = env.step(PAY)
        assert f"retry_after: {left} call" in text(refused)
        assert not refused[4]["faults"][0]["injected"]
    assert text(env.step(PAY)) == '{"receipt": 1, "moved": 20}'


def test_waiting_is_any_call_whatever() -> None:
    env = noisy("unavailable")
    told = read(text(env.step(PAY)))
    assert told is not None
    for _ in range(told.calls):
        env.step(BALANCE)
    assert text(env.step(PAY)) == '{"receipt": 1, "moved": 20}'


def test_a_dead_tool_stays_dead_and_its_stand_in_does_not_die() -> None:
    env = noisy("dead_tool", budget=9)
    for _ in range(3):
        assert "use wire with the same arguments" in text(env.step(PAY))
    assert text(env.step(call("wire", payer="ann", payee="bob", cents=20))) == '{"receipt": 1, "moved": 20}'
    assert kinds_in(env.step(call("statement"))) == []


def test_errors_come_in_the_form_that_the_environment_gives_them() -> None:
    class Formal(Bank):  # type: ignore[misc]
        def tell(self, error: InvalidAction) -> str:
            return json.dumps({"ok": False, "reason": str(error)})

    for kind in ("timeout_after", "rate_limit", "dead_tool"):
        env = Noisy(Formal(), level=1.0, kinds=(kind,))
        env.reset(options={"task": "0-0"})
        told = text(env.step(PAY))
        assert (json.loads(told)["ok"], read(told) is None) == (False, False)


def test_what_the_environment_adds_comes_after_the_results_of_all_calls() -> None:
    class Talking(Bank):  # type: ignore[misc]
        def respond(self, message: Message) -> tuple[Observation, bool]:
            observation, ended = super().respond(message)
            return (*observation, user("one more thing")), ended

    env = Noisy(Talking(), level=1.0, kinds=("truncated", "timeout_after"))
    env.reset(options={"task": "0-0"})
    both: Message = {"role": "assistant", "content": None, "tool_calls": [*calls(PAY), *calls(BALANCE)]}
    assert [message["role"] for message in env.step(both)[0]] == ["tool", "tool", "user", "user"]


# ---- results


def spoilt(kind: str, result: str, *, earlier: str = "") -> str | None:
    made = kinds_of([kind])[0]
    assert isinstance(made, Spoiling)
    memory = Memory(results={("balance", "{}"): (1, earlier)})
    return made.spoilt(
        Call("balance", Bank.toolbox["balance"], "{}", "", lambda: None), result, memory, random.Random(0)
    )


@pytest.mark.parametrize(
    ("kind", "result", "wanted"),
    [
        ("truncated", '{"n":3,"rows":[1,2,3]}', {"n": 3, "rows": [1], "partial": "1 of 3 items of rows; *"}),
        ("truncated", "[1,2,3,4]", "[1,2]\n[partial: 2 of 4 items of the list; *]"),
        ("truncated", "ab" * 30, "ab" * 15 + "\n[partial: the first 30 of 60 characters; *]"),
        ("truncated", '{"rows":[1]}', None),
        ("truncated", "short", None),
        ("missing_field", '{"a":1,"b":2}', {"a": 1, "incomplete": "a field was lost on the way; *"}),
        ("missing_field", '{"a":1}', None),
        ("missing_field", "text", None),
        ("renamed_field", '{"cents":5}', {"x_cents": 5}),
        ("renamed_field", "[]", None),
        ("malformed_json", "plain text", None),
    ],
)
def test_a_result_is_spoilt_as_its_kind_says(kind: str, result: str, wanted: Any) -> None:
    got = spoilt(kind, result)
    again = "call again for the whole, current result"
    if isinstance(wanted, dict):
        assert got is not None
        assert json.loads(got) == {key: str(v).replace("*", again) if "*" in str(v) else v for key, v in wanted.items()}
    else:
        assert got == (wanted and wanted.replace("*", again))


def test_broken_json_does_not_parse_and_is_read_as_broken() -> None:
    got = spoilt("malformed_json", '{"account": "ann", "cents": 12}')
    assert got is not None
    with pytest.raises(json.JSONDecodeError):
        json.loads(got)
    told = read(got)
    assert told is not None
    assert told.what == "again"


def test_a_stale_result_is_an_earlier_one_says_so_and_the_next_reading_is_right() -> None:
    env = noisy("stale_cache")
    first = json.loads(text(env.step(BALANCE)))
    env.step(PAY)
    stale = env.step(BALANCE)
    told = json.loads(text(stale))
    assert told.pop("as_of").startswith("call 1, from a cache, and this is call 3")
    assert (told, kinds_in(stale)) == (first, ["stale_cache"])
    assert json.loads(text(env.step(BALANCE)))["cents"] == first["cents"] - 20


def test_a_result_that_has_not_changed_is_never_called_stale() -> None:
    env = noisy("stale_cache", budget=9)
    assert [kinds_in(env.step(BALANCE)) for _ in range(4)] == [[]] * 4


@pytest.mark.parametrize("result", ["", "plain", "error: no such account", '{"a": 1}', "[]", "true", "12"])
def test_a_clean_result_asks_for_nothing(result: str) -> None:
    assert read(result) is None


# ---- the schedule


def episode(env: Noisy, actions: list[Message]) -> list[StepResult]:
    return [env.step(action) for action in actions]


MANY = [BALANCE, PAY, BALANCE, call("statement"), PAY, call("wire", payer="bob", payee="cyd", cents=3), BALANCE] * 2


def test_level_zero_is_the_clean_world_byte_for_byte() -> None:
    clean = play(PATH, episodes=10)
    still = play(f"noisy:{PATH}", knobs={"noise": 0.0}, episodes=10)
    assert [each.messages for each in clean] == [each.messages for each in still]
    assert [each.verdict for each in clean] == [each.verdict for each in still]


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    random.seed(1)
    one = episode(noisy(level=0.5, budget=9), MANY)
    random.seed(2)
    assert one == episode(noisy(level=0.5, budget=9), MANY)
    assert one != episode(noisy(level=0.5, budget=9, seed=1), MANY)


def test_a_fault_follows_from_task_call_and_occurrence_and_not_from_what_else_was_called() -> None:
    for task in ("0-1", "0-2", "0-3", "0-4"):
        alone, among = (noisy("truncated", "missing_field", level=0.5, budget=99, task=task) for _ in range(2))
        among.step(call("statement"))
        assert [text(alone.step(BALANCE)) for _ in range(3)] == [text(among.step(BALANCE)) for _ in range(3)]


def test_two_faults_at_most_hit_the_same_call_and_the_budget_all_together() -> None:
    env = noisy("malformed_json", budget=3)
    assert [bool(kinds_in(env.step(BALANCE))) for _ in range(4)] == [True, True, False, False]
    other = call("balance", account="bob")
    assert [bool(kinds_in(env.step(other))) for _ in range(3)] == [True, False, False]


def test_a_call_that_cannot_be_made_is_told_by_its_tool_and_is_no_call_of_the_schedule() -> None:
    env = noisy("timeout_before")
    before = pickle.dumps(env.memory)
    assert text(env.step(call("balance"))).startswith("error: balance: account: Field required")
    assert text(env.step(call("balanse", account="ann"))).startswith("error: there is no tool")
    assert pickle.dumps(env.memory) == before


def test_an_error_of_a_tool_is_named_for_its_own_turn_and_never_spoilt() -> None:
    env = noisy("timeout_after", "malformed_json", budget=9)
    refused = env.step(call("transfer", payer="ann", payee="bob", cents=99_999))
    assert (refused[4], "holds" in text(refused)) == ({"error": "bank.funds"}, True)
    assert env.step(BALANCE)[4] == {
        "faults": [{"tool": "balance", "kind": "malformed_json", "stood": True, "injected": True}]
    }


def test_every_call_of_one_reply_has_its_own_fate() -> None:
    env = noisy("timeout_after")
    both: Message = {"role": "assistant", "content": None, "tool_calls": [*calls(PAY), *calls(BALANCE)]}
    observation, *_, info = env.step(both)
    assert [read(text_of(each)) is None for each in observation] == [False, True]
    assert info["faults"] == [{"tool": "transfer", "kind": "timeout_after", "stood": True, "injected": True}]
    over: Message = {"role": "assistant", "content": None, "tool_calls": [*calls(call("report", cents=1)), *calls(PAY)]}
    assert text_of(env.step(over)[0][1]) == "not done: the episode is over"
    assert len(world(env).ledger) == 1


def calls(message: Message) -> list[Any]:
    return list(message["tool_calls"])


def test_the_agent_never_sees_the_record_of_faults() -> None:
    env = noisy(level=1.0, budget=9)
    for result in episode(env, MANY):
        seen = json.dumps(result[0])
        assert not [kind for kind in KINDS if kind in seen]


def test_turns_that_a_fault_costs_are_given_back() -> None:
    env = noisy("timeout_before")
    limit = env.turn_limit
    env.step(PAY)
    assert env.turn_limit == limit + 2


def test_a_fork_in_the_middle_has_the_same_faults_to_come_and_a_history_of_its_own() -> None:
    env = noisy(level=0.7, budget=9)
    episode(env, MANY[:4])
    twin = env.fork()
    assert episode(twin, MANY[4:]) == episode(env, MANY[4:])
    twin.step(BALANCE)
    assert len(twin.memory.log) == len(env.memory.log) + 1


# ---- kinds


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Noisy(Bank(), kinds=("time_out",)), UnknownId, "timeout_before"),
        (lambda: Noisy(Bank(), level=1.5), UsageError, "less than or equal to 1"),
        (lambda: Noisy(Bank(), budget=-1), UsageError, "noise_budget"),
        (lambda: Noisy(load("envgym.environments.reasoning.game24:Game24")()), UsageError, "no ToolEnv"),
        (lambda: load("envgym.noise.worlds:game24"), UsageError, "'game24' has none"),
        (lambda: load("envgym.noise.worlds:tabel_qa"), UnknownId, "did you mean 'table_qa'"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(make: Callable[[], Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        make()


def test_a_new_kind_is_added_by_registering_it() -> None:
    class Shouted(Spoiling):
        name: ClassVar[str] = "shouted"

        def fits(self, call: Call, memory: Memory) -> bool:
            return True

        def spoilt(self, call: Call, result: str, memory: Memory, rng: random.Random) -> str | None:
            return result.upper()

    register(Shouted)
    try:
        assert "ANN" in text(noisy("shouted").step(BALANCE))
        assert text(noisy("shouted").step(call("report", cents=1))) == "thank you"
        assert "no account" in text(noisy("shouted").step(call("balance", account="zoe")))
        with pytest.raises(UsageError, match="already"):
            register(Shouted)
    finally:
        del KINDS["shouted"]


def test_a_call_without_tools_is_told_as_ever() -> None:
    observation: Observation
    observation, *_, info = noisy().step("hello")
    assert text_of(observation[0]).startswith("call a tool; there are")
    assert info == {"error": "tool.none"}
