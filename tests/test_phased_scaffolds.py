"""Scaffolds with phases: what comes too early is told and changes nothing, forks keep the phase, and any world can be played."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym import AgentEnv, Scaffold, Task, ToolEnv, UsageError, Verdict, call, make, tool
from envgym.message import Message, text_of, user
from envgym.registry import load, scaffolds
from envgym.testing import check

WORLDS = f"{Path(__file__).parent / 'worlds' / 'workshop.py'}"
PHASED = ["plan_then_edit", "test_driven"]
FAILING = call("command", code=1)
EDIT = call("write", path="src/a.py", text="x")


def held(scaffold: str, env: AgentEnv | None = None) -> Any:
    made: Scaffold = scaffolds.get(scaffold)(env or make(f"{WORLDS}:Workshop"))
    made.reset(options={"task": "0-0"})
    return made


def told(agent: Any, reply: Any) -> str:
    """The error that a reply earned; empty where it was taken."""
    return str(agent.step(reply)[4].get("error", ""))


def play_gold(agent: Scaffold) -> Iterator[tuple[Message, Any]]:
    for reply in agent.golden():
        result = agent.step(reply)
        yield reply, result
        assert "error" not in result[4], (reply, result)
        if result[2] or result[3]:
            assert result[1:4] == (1.0, True, False)
            return
    raise AssertionError("the oracle stopped and the episode goes on")


# ---- both


@pytest.mark.parametrize("scaffold", PHASED)
@pytest.mark.parametrize(
    "env", ["game24", "zebra", "minesweeper", "math", "table_qa", f"{WORLDS}:Workshop", f"{WORLDS}:Outing"]
)
def test_the_golden_episode_scores_one_and_costs_no_turn_more_than_the_bare_one(scaffold: str, env: str) -> None:
    bare = make(env)
    first = bare.taskset()[0]
    agent = scaffolds.get(scaffold)(make(env))
    agent.reset(options={"task": first})
    bare.reset(options={"task": first})
    turns = 0
    for action in bare.oracle():
        turns += 1
        if any(bare.step(action)[2:4]):
            break
    assert list(play_gold(agent))
    assert agent.env.turn == turns


def test_the_world_of_these_tests_keeps_every_law() -> None:
    report = check(load(f"{WORLDS}:Workshop"))
    assert report.failures == {}


@pytest.mark.parametrize("scaffold", PHASED)
def test_every_tool_call_gets_one_result_whatever_comes_of_it(scaffold: str) -> None:
    agent = held(scaffold)
    two: Message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "one", "type": "function", "function": {"name": "write", "arguments": "{}"}},
            {"id": "two", "type": "function", "function": {"name": "submit", "arguments": "{}"}},
        ],
    }
    observation, *_ = agent.step(two)
    assert [message.get("tool_call_id") for message in observation] == ["one", "two"]
    assert agent.prompt()[-2:] == list(observation)
    assert agent.env.turn == 1


@pytest.mark.parametrize("scaffold", PHASED)
def test_the_transcript_only_grows_and_tools_are_offered_from_the_first_call_on(scaffold: str) -> None:
    agent = held(scaffold)
    offered, before = agent.offered(), list(agent.prompt())
    for _, result in play_gold(agent):
        assert agent.prompt()[: len(before)] == before
        assert agent.prompt()[-len(result[0]) :] == list(result[0])
        assert agent.offered() == offered
        before = list(agent.prompt())


@pytest.mark.parametrize("scaffold", PHASED)
def test_a_fork_and_a_restored_snapshot_are_in_the_phase_of_their_moment(scaffold: str) -> None:
    agent = held(scaffold)
    early, snapshot = agent.fork(), agent.snapshot()
    for reply, result in play_gold(agent):
        late = agent.fork() if not result[2] else None
        if reply.get("tool_calls") and agent.env.files["src/a.py"] == agent.env.word:
            break
    assert late is not None
    assert told(early, EDIT) in ("plan.first", "reproduce.first")
    assert told(late, EDIT) == ""
    assert agent.env.files["src/a.py"] == agent.env.word
    agent.restore(snapshot)
    assert told(agent, EDIT) in ("plan.first", "reproduce.first")


@pytest.mark.parametrize("scaffold", PHASED)
def test_a_new_episode_starts_in_the_first_phase(scaffold: str) -> None:
    agent = held(scaffold)
    list(play_gold(agent))
    agent.reset(options={"task": "0-1"})
    assert told(agent, EDIT) in ("plan.first", "reproduce.first")


@pytest.mark.parametrize("scaffold", PHASED)
def test_an_episode_of_replies_that_cost_no_turn_ends(scaffold: str) -> None:
    for env in ("game24", f"{WORLDS}:Workshop", f"{WORLDS}:Outing"):
        agent = held(scaffold, make(env))
        limit = agent.env.turn_limit + 20
        assert any(any(agent.step("Plan: think.\nFiles: a.py")[2:4]) for _ in range(limit))


# ---- plan-then-edit


def test_before_the_plan_an_agent_may_look_and_run_tests_but_change_nothing() -> None:
    agent = held("plan_then_edit")
    before = dict(agent.env.files)
    assert [told(agent, call("read", path="src/a.py")), told(agent, call("check"))] == ["", ""]
    for reply in (EDIT, FAILING, call("submit"), call("patch", texts={})):
        assert told(agent, reply) == "plan.first"
    assert agent.env.files == before
    assert agent.env.turn == 6
    assert text_of(agent.prompt()[-1]) == "plan first: patch needs a plan"


def test_a_plan_must_name_its_files_where_tools_change_files() -> None:
    agent = held("plan_then_edit")
    assert told(agent, "1. Look. 2. Fix.") == "plan.files"
    assert told(agent, "") == "plan.none"
    assert agent.env.turn == 2
    assert told(agent, "1. Fix it.\nFiles: src/a.py") == ""
    assert agent.env.turn == 2, "a plan costs no turn"
    assert told(agent, EDIT) == ""


def test_only_files_of_the_plan_may_be_changed_until_it_is_revised() -> None:
    agent = held("plan_then_edit")
    agent.step("Files: src/a.py")
    other = call("patch", texts={"src/b.py": "x"})
    assert told(agent, other) == "plan.place"
    assert "src/b.py" in text_of(agent.prompt()[-1])
    assert agent.env.files["src/b.py"] == "wrong"
    assert told(agent, "I need the other one too.\nFiles: src/b.py") == ""
    assert told(agent, other) == ""
    assert told(agent, EDIT) == "plan.place", "a revised plan takes the place of the old one"
    assert told(agent, call("submit")) == ""


def test_a_reply_with_one_call_outside_the_plan_is_refused_as_a_whole() -> None:
    agent = held("plan_then_edit")
    agent.step("Files: src/a.py")
    both = dict(EDIT)
    both["tool_calls"] = [
        *EDIT["tool_calls"],
        *call("write", path="src/b.py", text="x")["tool_calls"],
    ]
    assert told(agent, both) == "plan.place"
    assert agent.env.files["src/a.py"] == "wrong"


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        ("Files: src/a.py", "./src//a.py"),
        ("Files: `src/a.py` (new), and src/b.py.", "src/b.py"),
        ("**Files:**\n- ./src/a.py\n- src/b.py", "src/a.py"),
        ("- files: /work/src/a.py", "src/a.py"),
        ("Files: src/a.py", "/work/src/a.py"),
        ("Files: .github/ci.yml", ".github/ci.yml"),
        ("Files: my notes.txt, b.py", "my notes.txt"),
        ("Files: old.py\nor rather\nFiles: src/a.py", "src/a.py"),
    ],
)
def test_a_plan_is_read_as_models_write_it(plan: str, path: str) -> None:
    agent = held("plan_then_edit")
    agent.step(plan)
    assert told(agent, call("write", path=path, text="x")) == ""


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        ("Files: none", "src/a.py"),
        ("Files: src/a.py", "a.py"),
        ("Files: a.py", "src/a.py"),
        ("Files: src/a.py", "src/a.py/../b.py"),
        ("src/b.py is broken.\nFiles: src/a.py", "src/b.py"),
        ("Files: old.py\nFiles: src/a.py", "old.py"),
    ],
)
def test_another_file_than_the_plan_names_is_refused(plan: str, path: str) -> None:
    agent = held("plan_then_edit")
    agent.step(plan)
    assert told(agent, call("write", path=path, text="x")) == "plan.place"


def test_plans_without_end_begin_to_cost_turns() -> None:
    agent = held("plan_then_edit")
    assert [told(agent, "Files: a.py") for _ in range(9)] == [""] * 8 + ["plan.many"]
    assert agent.env.turn == 1


def test_the_golden_plan_comes_late_and_names_what_the_oracle_changes() -> None:
    agent = held("plan_then_edit")
    replies = [reply for reply, _ in play_gold(agent)]
    assert [bool(reply.get("tool_calls")) for reply in replies[:3]] == [True, False, True]
    assert text_of(replies[1]).endswith("Files: tests/test_a.py, src/a.py, src/b.py")


def test_where_nothing_can_be_read_or_edited_the_plan_is_the_first_reply() -> None:
    agent = held("plan_then_edit", make(f"{WORLDS}:Outing"))
    assert told(agent, call("say", number=1)) == "plan.first"
    assert "Files" not in text_of(agent.prompt()[0])
    assert agent.step("Say it.")[1:4] == (0.0, False, False)
    assert agent.step(call("say", number=agent.env.task.public["wanted"]))[1] == 1.0


# ---- test-driven


def test_the_work_is_not_changed_before_the_problem_was_seen() -> None:
    agent = held("test_driven")
    for reply in (EDIT, call("patch", texts={"src/b.py": "x"}), call("patch", texts={}), call("submit")):
        assert told(agent, reply) == "reproduce.first"
    assert agent.env.files["src/a.py"] == "wrong"
    assert agent.env.turn == 4
    assert text_of(agent.prompt()[-1]).startswith("submit comes too early: first show the problem")
    assert told(agent, call("read", path="src/a.py")) == ""
    assert told(agent, EDIT) == "reproduce.first"


def test_a_run_that_passes_shows_no_problem_and_one_that_fails_does() -> None:
    agent = held("test_driven")
    agent.env.files["src/old.py"] = agent.env.word
    assert told(agent, call("check")) == told(agent, call("command", code=0)) == ""
    assert told(agent, EDIT) == "reproduce.first"
    observation, *_ = agent.step(FAILING)
    assert observation[-1] == user(
        "The problem shows. Now fix it, run the tests again after your last change, and only then submit."
    )
    assert agent.prompt()[-1] == observation[-1]
    assert told(agent, EDIT) == ""


def test_tests_may_be_written_before_the_problem_was_seen() -> None:
    agent = held("test_driven")
    assert told(agent, call("write", path="tests/test_a.py", text="check")) == ""
    assert told(agent, call("write", path="tests/../src/a.py", text="x")) == "reproduce.first"
    assert told(agent, call("patch", texts={"tests/test_b.py": "x", "src/b.py": "x"})) == "reproduce.first"
    assert told(agent, call("check")) == ""
    assert told(agent, EDIT) == ""


def solved(agent: Any) -> None:
    """Reproduces and fixes; what is missing is the last run."""
    for reply in [FAILING, *(call("write", path=path, text=agent.env.word) for path in ("src/a.py", "src/b.py"))]:
        assert told(agent, reply) == ""


def test_nothing_is_submitted_before_the_tests_ran_after_the_last_change() -> None:
    agent = held("test_driven")
    solved(agent)
    assert told(agent, call("submit")) == "confirm.first"
    assert told(agent, call("command", code=0)) == ""
    assert told(agent, call("submit")) == "confirm.first", "where there are tests, a command confirms nothing"
    agent.step(call("check"))
    agent.step(EDIT)
    assert told(agent, call("submit")) == "confirm.first", "the change came after the run"
    agent.step(call("write", path="src/a.py", text=agent.env.word))
    agent.step(call("check"))
    assert agent.step(call("submit"))[1:4] == (1.0, True, False)


def test_where_the_test_is_the_work_it_can_be_handed_in_once_it_failed() -> None:
    agent = held("test_driven")
    agent.step(call("write", path="tests/test_a.py", text="check"))
    for _ in range(2):
        assert told(agent, call("check")) == ""
    twin = agent.fork()
    assert twin.step(call("submit"))[1:4] == (0.0, True, False)
    agent.step(call("command", code=0))
    assert told(agent, call("submit")) == "confirm.first", "the command may have changed anything"


def test_where_nothing_can_be_changed_there_is_nothing_to_reproduce() -> None:
    class Reading(load(f"{WORLDS}:Workshop")):  # type: ignore[misc]
        """A workshop to look at."""

        id = "reading"

        def tools(self) -> Any:
            return [spec for spec in super().tools() if spec["function"]["name"] not in ("write", "patch")]

    agent = held("test_driven", Reading())
    assert told(agent, call("check")) == "reproduce.first"
    assert [told(agent, "The word is asked for."), told(agent, call("submit"))] == ["", ""]
    assert agent.step(call("submit"))[2]


def test_a_last_run_that_failed_is_pointed_out_once() -> None:
    agent = held("test_driven")
    agent.step(call("write", path="tests/test_a.py", text="check"))
    agent.step(call("check"))
    agent.step(EDIT)
    agent.step(call("check"))
    assert told(agent, call("submit")) == "confirm.failing"
    assert agent.step(call("submit"))[1:4] == (0.0, True, False)


def test_a_run_that_was_refused_by_its_tool_counts_for_nothing() -> None:
    agent = held("test_driven")
    assert told(agent, call("command", code="one")) == "tool.arguments"
    assert told(agent, EDIT) == "reproduce.first"
    solved(agent)
    assert told(agent, call("check", only=1)) == "tool.arguments"
    assert told(agent, call("submit")) == "confirm.first"


def test_an_episode_that_is_cut_off_says_nothing_more() -> None:
    env = make(f"{WORLDS}:Workshop")
    task = env.taskset()[0]
    agent = scaffolds.get("test_driven")(env)
    agent.reset(options={"task": task.model_copy(update={"limits": task.limits.model_copy(update={"turns": 1})})})
    observation, *_, truncated, _ = agent.step(FAILING)
    assert truncated
    assert [message["role"] for message in observation] == ["tool"]


def test_an_answer_is_held_back_once_and_the_check_costs_no_turn() -> None:
    agent = held("test_driven", make("game24"))
    solution = agent.env.task.private["solution"]
    assert told(agent, "") == "reproduce.first"
    assert agent.step("The four numbers must give 24.")[1:4] == (0.0, False, False)
    assert agent.step("1")[1:4] == (0.0, False, False)
    assert text_of(agent.prompt()[-1]).startswith("Not taken yet.")
    assert agent.env.turn == 1
    assert agent.step(solution)[1:4] == (1.0, True, False)


def test_a_submission_is_held_back_once_where_nothing_can_be_run() -> None:
    agent = held("test_driven", make(f"{WORLDS}:Outing"))
    right = call("say", number=agent.env.task.public["wanted"])
    assert told(agent, right) == "reproduce.first"
    agent.step("A number is asked for.")
    observation, reward, *ended, info = agent.step(right)
    assert (observation[0]["role"], reward, ended, info, agent.env.told) == ("tool", 0.0, [False, False], {}, 0)
    assert agent.step(right)[1] == 1.0


def test_a_world_with_tools_of_its_own_kind_is_played_without_markers() -> None:
    class Bare(AgentEnv):
        id = "bare"

        def begin(self, task: Task) -> str:
            return "Call go."

        def tools(self) -> Any:
            return make(f"{WORLDS}:Outing").tools()

        def respond(self, message: Message) -> Any:
            return (user("gone"),), bool(message.get("tool_calls"))

        def verify(self) -> Any:
            return Verdict.of(1.0, code="bare.gone")

    task = Task(id="one", env="bare", public={}, private={})
    for scaffold in PHASED:
        agent = scaffolds.get(scaffold)(Bare(tasks=[task]))
        agent.reset(options={"task": task})
        assert told(agent, call("say", number=1)) in ("plan.first", "reproduce.first")
        agent.step("Go.")
        assert agent.step(call("say", number=1))[1] == 1.0


# ---- what tools say of themselves


def test_a_place_is_read_off_the_arguments_and_nothing_raises() -> None:
    env = make(f"{WORLDS}:Workshop")

    def places(arguments: str) -> list[str]:
        return ToolEnv.places_of(
            env, {"id": "1", "type": "function", "function": {"name": "write", "arguments": arguments}}
        )

    assert places('{"path": "a.py"}') == ["a.py"]
    for broken in ("", "[]", "{", '{"path": 1}', "{}", "[" * 100_000):
        assert places(broken) == []


def test_a_place_that_is_no_argument_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(UsageError, match="place='path' is no argument of it"):

        class Wrong(ToolEnv):
            @tool(effect="changes", place="path")
            def write(self, file: str) -> str:
                """Write."""
                return file
