"""table_qa on the bundled periodic table: tasks, the golden solution, the tools, the state of an episode."""

import json
import os
import pickle
import random
import subprocess
import sys
from typing import Any

import pytest

from envgym.environments.table_qa.query import QUESTION, answer_sql, hops
from envgym.environments.table_qa.source import open_source
from envgym.environments.table_qa.table_qa import TableQA
from envgym.environments.table_qa.tasks import SHAPES, says
from envgym.errors import UsageError
from envgym.message import Message, call, text_of
from envgym.rollout import play
from envgym.task import Limits, Task
from envgym.verdict import Outcome


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    made = TableQA(max_hops=4).taskset(3)
    return [made[index] for index in range(300)]


def golden_score(env: TableQA, task: Task) -> float:
    """The score of the golden solution."""
    env.reset(options={"task": task})
    score = 0.0
    for action in env.oracle():
        score = env.step(action)[1]
    return score


def fresh(**knobs: Any) -> TableQA:
    """An environment at the start of an episode that cannot run out of turns."""
    env = TableQA(**knobs)
    env.reset(options={"task": env.taskset(0)[0].model_copy(update={"limits": Limits(turns=10_000)})})
    return env


def told(env: TableQA, action: Message) -> str:
    observation, *_ = env.step(action)
    return text_of(observation[-1])


def result(env: TableQA, tool: str, **arguments: Any) -> Any:
    return json.loads(told(env, call(tool, **arguments)))


# ---- tasks


def test_the_golden_solution_scores_one_on_every_task(tasks: list[Task]) -> None:
    env = TableQA(max_hops=4)
    wrong = [task.id for task in tasks if golden_score(env, task) != 1.0]
    assert wrong == []


def test_a_gold_that_is_changed_no_longer_passes(tasks: list[Task]) -> None:
    """Guards the test above: the oracle reads its answer from the tables, not from the task."""
    env = TableQA(max_hops=4)
    for task in tasks[:40]:
        gold = task.private["answer"]
        other = changed(gold)
        assert golden_score(env, task.model_copy(update={"private": {**task.private, "answer": other}})) == 0.0


def changed(gold: Any) -> Any:
    """Another answer of the same type."""
    if isinstance(gold, bool):
        return not gold
    if isinstance(gold, list):
        return [*gold[1:], "nothing"]
    return gold + 1 if isinstance(gold, int) else gold * 1.01 if isinstance(gold, float) else f"{gold} not"


def test_every_answer_is_what_its_query_gives_when_executed_again(tasks: list[Task]) -> None:
    source = open_source("")
    for task in tasks:
        sql, parameters = task.private["sql"], task.private["parameters"]
        assert (sql, parameters) == tuple(answer_sql(QUESTION.validate_python(task.private["query"])))
        values = [row[0] for row in source.read(sql, parameters)]
        gold = task.private["answer"]
        if isinstance(gold, list):
            assert sorted(values) == gold
            assert len(set(gold)) == len(gold)
        elif isinstance(gold, float):
            assert values == [pytest.approx(gold, rel=1e-9)]
        else:
            assert values == [gold]


def test_no_question_says_its_answer_and_none_leaves_the_type_open(tasks: list[Task]) -> None:
    for task in tasks:
        question = task.public["question"]
        assert not says(question, task.private["answer"])
        assert question[0].isupper()
        assert question.endswith(("?", "."))
        assert "{" not in question
        assert "`" not in question, "the bundled data has words for everything"


def test_no_question_goes_back_where_it_came_from_or_orders_by_what_it_filters(tasks: list[Task]) -> None:
    """The element of the only isotope of lead ... is lead."""
    for task in tasks:
        query = task.private["query"]
        for side in [query["left"], query["right"]] if "left" in query else [query]:
            rows = side["of"]
            while "of" in rows:
                inner, filtered = rows["of"], set()
                while inner["node"] in ("only", "extreme", "where"):
                    filtered |= {inner["column"]} if inner["node"] == "where" else set()
                    inner = inner["of"]
                above = rows["node"] in ("parents", "busiest") and inner["node"] == "children"
                assert not (above and rows["key"] == inner["key"] and inner["of"]["node"] == "named"), task.public[
                    "question"
                ]
                assert not (rows["node"] == "extreme" and rows["column"] in filtered), task.public["question"]
                rows = rows["of"]


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("How many elements are in period 4?", 4, True),
        ("What is the mass number of U-235?", 235, True),
        ("Which is above 2.5e-05 mg/L?", 2.5e-05, True),
        ("How many isotopes have 44 neutrons?", 4, False),
        ("What is the symbol of Tin?", "tin", True),
        ("What is the symbol of tungsten?", "W", False),
        ("Is tin a metal?", True, False),
        ("Name all, tin too.", ["Lead", "Tin"], True),
    ],
)
def test_an_answer_is_recognised_in_a_question(question: str, answer: Any, said: bool) -> None:
    assert says(question, answer) is said


def test_all_shapes_hops_and_answer_types_occur(tasks: list[Task]) -> None:
    tags = {tag for task in tasks for tag in task.tags}
    assert tags >= {*SHAPES, "1-hop", "2-hop", "3-hop", "4-hop", "integer", "number", "text", "list", "yes_no"}
    assert all(hops(QUESTION.validate_python(task.private["query"])) == task.difficulty for task in tasks)
    assert len({task.public["question"] for task in tasks}) > 290


def test_knobs_choose_hops_and_shapes() -> None:
    made = TableQA(min_hops=2, max_hops=2, shapes=["count", "list"]).taskset(0)
    for index in range(20):
        assert set(made[index].tags) & {"count", "list"}
        assert "2-hop" in made[index].tags
    with pytest.raises(UsageError, match="min_hops=3 is above max_hops=2"):
        TableQA(min_hops=3, max_hops=2).taskset(0)[0]
    with pytest.raises(UsageError, match="shapes"):
        TableQA(shapes=["riddle"])


def test_yes_and_no_are_both_frequent(tasks: list[Task]) -> None:
    truths = [task.private["answer"] for task in tasks if task.public["answer"]["kind"] == "yes_no"]
    assert 0.3 < sum(truths) / len(truths) < 0.7


def test_tasks_do_not_depend_on_the_process_or_on_what_was_made_before() -> None:
    program = (
        "from envgym.environments.table_qa.table_qa import TableQA; made = TableQA(max_hops=4).taskset(7);"
        "print([made[index].hash for index in (5, 0, 11, 3)])"
    )
    outputs = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        outputs.add(run.stdout.strip())
    made = TableQA(max_hops=4).taskset(7)
    assert outputs == {str([made[index].hash for index in (5, 0, 11, 3)])}


def test_a_task_of_other_data_is_refused(tasks: list[Task]) -> None:
    foreign = tasks[0].model_copy(update={"public": {**tasks[0].public, "data": "0" * 64}})
    with pytest.raises(UsageError, match="made from other data"):
        TableQA().reset(options={"task": foreign})


def test_idle_and_chance_do_not_solve_it() -> None:
    idle = play("table_qa", policy="idle", episodes=5)
    assert [episode.score for episode in idle] == [0.0] * 5
    assert all(episode.verdict is not None and episode.verdict.outcome is Outcome.MALFORMED for episode in idle)
    chance = play("table_qa", policy="random", episodes=60)
    assert sum(episode.score or 0 for episode in chance) / 60 < 0.25


@pytest.mark.parametrize("scaffold", ["function_calling", "react", "plan_then_act", "plan_then_edit", "test_driven"])
def test_golden_transcripts_exist_under_every_scaffold(scaffold: str) -> None:
    episodes = play("table_qa", policy="oracle", scaffold=scaffold, episodes=10)
    assert [episode.score for episode in episodes] == [1.0] * 10


# ---- tools


def test_the_decay_chain_of_uranium_can_be_followed() -> None:
    env = fresh()
    nuclide, chain = "U-238", ["U-238"]
    for _ in range(3):
        found = result(
            env,
            "lookup",
            table="decay_modes",
            where=[{"column": "nuclide", "value": nuclide}],
            columns=["daughter"],
            order_by="intensity_percent",
            descending=True,
            limit=1,
        )
        nuclide = found["rows"][0][0]
        chain.append(nuclide)
    assert chain == ["U-238", "Th-234", "Pa-234", "U-234"]


def test_tables_and_describe_say_what_there_is() -> None:
    env = fresh()
    tables = result(env, "tables")["tables"]
    assert {"table": "elements", "rows": 118, "about": "One chemical element."} in tables
    sheet = result(env, "describe", table="isotopes")
    half_life = next(column for column in sheet["columns"] if column["name"] == "half_life_s")
    assert half_life["unit"] == "s"
    assert half_life["missing"] > 0
    element = next(column for column in sheet["columns"] if column["name"] == "element")
    assert element["refers_to"] == "elements.atomic_number"
    assert "decay_modes.daughter -> nuclide" in sheet["referred_to_by"]


def test_rows_that_do_not_fit_are_announced() -> None:
    env = fresh()
    found = result(env, "lookup", table="isotopes", columns=["nuclide"], limit=5)
    assert len(found["rows"]) == 5
    assert "offset 5" in found["note"]
    rest = result(env, "lookup", table="groups", columns=["group_number"], limit=100)
    assert len(rest["rows"]) == 18
    assert "note" not in rest
    cut = result(env, "sql", query="SELECT nuclide FROM isotopes")
    assert len(cut["rows"]) == 50
    assert "only the first 50 rows" in cut["note"]


def test_missing_values_come_last_in_either_order() -> None:
    env = fresh()
    for descending in (False, True):
        found = result(
            env, "lookup", table="groups", columns=["name"], order_by="name", descending=descending, limit=100
        )
        names = [row[0] for row in found["rows"]]
        assert names[:9] == sorted(names[:9], reverse=descending)
        assert names[9:] == [None] * 9


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ([{"column": "period", "value": 2}], 8),
        ([{"column": "period", "op": "in", "value": [1, 2]}], 10),
        ([{"column": "period", "op": "<=", "value": 2}, {"column": "block", "value": "p"}], 6),
        ([{"column": "name", "op": "contains", "value": "IUM"}], 78),
        ([{"column": "group_number", "op": "is_null"}], 28),
        ([{"column": "group_number", "op": "not_null"}], 90),
        ([{"column": "is_radioactive", "value": False}, {"column": "period", "op": "!=", "value": 6}], 53),
    ],
)
def test_conditions_mean_what_they_say(where: list[dict[str, Any]], count: int) -> None:
    assert result(fresh(), "aggregate", table="elements", function="count", where=where) == {"value": count}


def test_groups_come_greatest_first() -> None:
    found = result(fresh(), "aggregate", table="isotopes", function="count", group_by="element", limit=2)
    assert found["columns"] == ["element", "count"]
    assert found["rows"][0][1] >= found["rows"][1][1]
    assert "more groups" in found["note"]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("lookup", {"table": "isotop"}, "did you mean 'isotopes'?"),
        ("lookup", {"table": "elements", "columns": ["densty_g_cm3"]}, "did you mean 'density_g_cm3'?"),
        ("lookup", {"table": "elements", "where": [{"column": "perod", "value": 1}]}, "did you mean 'period'?"),
        ("lookup", {"table": "elements", "where": [{"column": "period", "value": "four"}]}, "takes a number"),
        ("lookup", {"table": "elements", "where": [{"column": "period", "op": "in", "value": []}]}, "1 to 100 values"),
        ("lookup", {"table": "elements", "where": [{"column": "period"}]}, "takes one value"),
        ("lookup", {"table": "elements", "where": [{"column": "period", "op": "is_null", "value": 1}]}, "no value"),
        ("lookup", {"table": "elements", "where": [{"column": "period", "value": 2**70}]}, "64 bits"),
        ("lookup", {"table": "elements", "where": [{"column": "name", "value": "x" * 2000}]}, "1000 characters"),
        ("lookup", {"table": "elements", "where": [{"column": "period", "op": "like", "value": 1}]}, "where.0.op"),
        ("lookup", {"table": "elements", "limit": 1000}, "limit"),
        ("lookup", {"table": "elements", "order_by": "weight"}, "atomic_weight"),
        ("aggregate", {"table": "elements", "function": "avg"}, "avg needs a column"),
        ("aggregate", {"table": "elements", "function": "sum", "column": "name"}, "holds no numbers"),
        ("aggregate", {"table": "elements", "function": "median", "column": "period"}, "function"),
        ("sql", {"query": "SELECT densty FROM elements"}, "no such column"),
        ("sql", {"query": "SELECT nuclid FROM isotopes"}, "did you mean nuclide"),
        ("submit", {"answer": {"element": "lead"}}, "answer"),
        ("describe", {}, "table"),
    ],
)
def test_a_bad_call_is_told_and_changes_nothing(tool: str, arguments: dict[str, Any], words: str) -> None:
    env = fresh()
    before = env.snapshot().state
    observation, reward, terminated, truncated, info = env.step(call(tool, **arguments))
    assert text_of(observation[0]).startswith("error: ")
    assert words in text_of(observation[0])
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert info["error"]
    assert pickle.loads(before)["submitted"] is env.submitted is None


def test_a_name_in_the_wrong_case_is_pointed_out() -> None:
    found = result(fresh(), "lookup", table="elements", where=[{"column": "name", "value": "lead"}])
    assert found["rows"] == []
    assert "'Lead'" in found["note"]
    counted = result(
        fresh(), "aggregate", table="elements", function="count", where=[{"column": "name", "value": "lead"}]
    )
    assert counted["value"] == 0
    assert "'Lead'" in counted["note"]


def test_sql_can_be_withheld() -> None:
    env = fresh(sql=False)
    assert "sql" not in {tool["function"]["name"] for tool in env.tools()}
    assert "not offered" in told(env, call("sql", query="SELECT 1"))
    assert all("sql" not in str(env.random_action(random.Random(seed))) for seed in range(200))


def test_random_actions_fit_the_tools() -> None:
    env = fresh()
    rng = random.Random(0)
    for _ in range(300):
        action = env.random_action(rng)
        if not isinstance(action, str) and action["tool_calls"][0]["function"]["name"] != "submit":
            assert not told(env, action).startswith("error")


# ---- the state of an episode


def test_an_episode_goes_on_after_snapshot_pickle_and_fork(tasks: list[Task]) -> None:
    task = next(task for task in tasks if task.difficulty == 4.0)
    env = TableQA(max_hops=4)
    env.reset(options={"task": task})
    actions = []
    for action in env.oracle():
        actions.append(action)
        env.step(action)
    half = len(actions) // 2
    env.reset(options={"task": task})
    for action in actions[:half]:
        env.step(action)
    snapshot = env.snapshot()
    twin, sent = env.fork(), pickle.loads(pickle.dumps(env))
    other = TableQA(max_hops=4)
    other.restore(snapshot)
    for each in (twin, sent, other, env):
        for action in actions[half:]:
            outcome = each.step(action)
        assert outcome[1] == 1.0


def test_a_snapshot_does_not_carry_the_data() -> None:
    env = fresh()
    assert len(env.snapshot().state) < 10_000
    assert len(pickle.dumps(env)) < 20_000


def test_two_environments_share_the_data_and_nothing_else() -> None:
    one, two = fresh(), fresh()
    assert one.source is two.source
    one.step(call("submit", answer="lead"))
    assert two.submitted is None
    assert two.verify().outcome is Outcome.MALFORMED


def test_an_environment_opens_its_data_again_after_close() -> None:
    env = fresh()
    env.close()
    env.close()
    assert "_source" not in vars(env) or env._source is None
    assert result(env, "aggregate", table="elements", function="count") == {"value": 118}
