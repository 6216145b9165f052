"""Tasks, task sets and task files."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import Limits, Task, TaskList, load_tasks, make
from envgym.environments.reasoning.game24 import Game24, solve
from envgym.errors import UsageError
from envgym.task import canonical_json, derive_seed
from envgym.task_file import write_tasks
from envgym.verifiers.arithmetic import evaluate

GOOD = {"id": "a", "env": "game24", "public": {"numbers": [1, 2, 3, 4], "target": 24}}


def test_the_private_half_is_in_no_repr() -> None:
    task = Task(id="1", env="x", private={"gold": "SECRET-42"})
    assert "SECRET-42" not in repr(task) + str(task)


def test_the_hash_follows_the_content_and_the_key_does_not() -> None:
    one, two = (Task(id="1", env="x", private={"gold": gold}) for gold in (1, 2))
    assert one.hash != two.hash
    assert one.key == two.key == "x/1"
    assert one.model_copy(update={"certificate": {"proved": True}}).hash == one.hash


def test_equal_tasks_have_equal_hashes_wherever_they_come_from() -> None:
    task = make("game24").taskset(0)[0]
    for same in (
        Task.model_validate_json(task.model_dump_json()),
        pickle.loads(pickle.dumps(task)),
        task.model_copy(update={"limits": Limits()}),
    ):
        assert same == task
        assert same.hash == task.hash
    assert task.model_copy(update={"limits": Limits(turns=3)}).hash != task.hash


def test_a_generated_item_depends_on_seed_and_position_alone() -> None:
    tasks = make("game24").taskset(3)
    assert tasks[17] == make("game24").taskset(3)[17] == tasks.find("3-17")
    assert tasks[17] != make("game24", numbers=5).taskset(3)[17]
    assert not {tasks[i].hash for i in range(50)} & {make("game24").taskset(4)[i].hash for i in range(51)}
    with pytest.raises(UsageError, match="negative"):
        tasks[-1]


@given(st.integers(), st.integers())
def test_derived_seeds_fit_63_bits_and_tell_their_parts_apart(one: int, two: int) -> None:
    assert 0 <= derive_seed(one, two) < 2**63
    assert (derive_seed(one) == derive_seed(two)) == (one == two)


def test_canonical_json_ignores_the_order_of_keys_and_survives_surrogates() -> None:
    assert canonical_json({"b": 1, "a": [2]}) == canonical_json({"a": [2], "b": 1}) == b'{"a":[2],"b":1}'
    assert canonical_json("\ud800") == b'"\\ud800"'


def test_ids_are_unique_within_a_set() -> None:
    with pytest.raises(UsageError, match="'a' occurs more than once"):
        TaskList([Task(id="a", env="x"), Task(id="b", env="x"), Task(id="a", env="x")])


def test_a_bad_line_is_named_and_the_good_ones_still_run(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    lines = [
        json.dumps(GOOD),
        "{not json",
        json.dumps(GOOD | {"id": "b", "publik": {}}),
        json.dumps(GOOD | {"id": "c", "public": {"numbers": [1], "target": "two"}}),
        json.dumps(GOOD | {"id": "d", "env": "math"}),
        json.dumps(GOOD),
        "",
        json.dumps(GOOD | {"id": "e"}),
    ]
    path.write_text("\n".join(lines))
    tasks, bad = load_tasks(path, env=Game24)
    assert [task.id for task in tasks] == ["a", "e"]
    assert [line.number for line in bad] == [2, 3, 4, 5, 6]
    assert "publik: Extra inputs are not permitted" in str(bad[1])
    assert "public.target: Input should be a valid integer" in str(bad[2])
    assert "the task is for 'math'" in str(bad[3])
    assert "already the id of line 1" in str(bad[4])
    with pytest.raises(UsageError, match=r"tasks.jsonl: line 2"):
        load_tasks(path, env=Game24, strict=True)


def test_a_file_without_tasks_is_an_error_that_says_why(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    with pytest.raises(UsageError, match="holds no task"):
        load_tasks(empty)
    with pytest.raises(UsageError, match="cannot read tasks"):
        load_tasks(tmp_path / "none.jsonl")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(bytes(range(256)))
    with pytest.raises(UsageError, match="holds no task"):
        load_tasks(binary)


def test_tasks_survive_a_file(tmp_path: Path) -> None:
    tasks = TaskList([make("game24").taskset(1)[i] for i in range(5)])
    write_tasks(tmp_path / "t.jsonl", tasks)
    loaded, bad = load_tasks(tmp_path / "t.jsonl")
    assert (list(loaded), bad) == (list(tasks), [])


@given(st.lists(st.integers(0, 20), min_size=2, max_size=4), st.integers(-30, 60))
def test_what_the_solver_finds_is_right(numbers: list[int], target: int) -> None:
    solution = solve(numbers, target)
    if solution is not None:
        value, used = evaluate(solution)
        assert value == target
        assert sorted(used) == sorted(numbers)


def test_the_solver_finds_fractions_and_knows_when_there_is_nothing() -> None:
    assert solve([3, 3, 8, 8], 24) is not None
    assert solve([1, 1, 1, 1], 24) is None
    assert solve([0, 0, 5, 5], 24) is None
