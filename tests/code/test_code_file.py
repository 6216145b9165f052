"""Users' files of programming problems: the shapes in which they are published, and what is said about rows that cannot be used."""

import base64
import json
import logging
import pickle
import zlib
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from envgym.environments.code.code_problems import BUNDLED, Code
from envgym.environments.code.problem_file import read_problems
from envgym.errors import UsageError
from envgym.task import Task

ADD = "def add(a, b):\n    return a + b\n"
SUM = "print(sum(map(int, input().split())))\n"
CASES = [{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}]
CALLS = [{"input": "1\n2", "output": "3", "testtype": "functional"}]
FUNC = '{"func_name": "add"}'


def packed(cases: Any) -> str:
    """As LiveCodeBench packs its private tests."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(cases)))).decode()


PROGRAMS: dict[str, dict[str, Any]] = {
    "plain": {"prompt": "Add.", "tests": [{"stdin": "1 2\n", "stdout": "3"}]},
    "plain tiers": {"problem": "Add.", "tests": [{"name": "a", "tests": [{"stdin": "1 2", "stdout": "3"}]}]},
    "plain json text": {"prompt": "Add.", "tests": '[{"stdin": "1 2", "stdout": "3"}]'},
    "apps": {"question": "Add.", "input_output": json.dumps({"inputs": ["1 2\n"], "outputs": ["3\n"]})},
    "apps lines": {"question": "Add.", "input_output": {"inputs": [["1 2"]], "outputs": [["3"]]}, "starter_code": ""},
    "code contests": {
        "name": "1_A. Add",
        "description": "Add.",
        "public_tests": {"input": ["1 2\n"], "output": ["3\n"]},
        "private_tests": {"input": [], "output": []},
        "generated_tests": {"input": ["2 2\n"], "output": ["4\n"]},
        "solutions": {"language": [2, 3], "solution": ["int main(){}", SUM]},
    },
    "live": {"question_content": "Add.", "public_test_cases": json.dumps(CASES), "private_test_cases": packed(CASES)},
    "live json": {"question_content": "Add.", "starter_code": "", "private_test_cases": json.dumps(CASES)},
}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "plain": {"statement": "Add.", "tests": [{"call": "add", "args": [1, 2], "want": 3}], "solution": ADD},
    "apps": {"question": "Add.", "input_output": json.dumps({"fn_name": "add", "inputs": [[1, 2]], "outputs": [3]})},
    "apps wrapped": {"question": "Add.", "input_output": {"fn_name": "add", "inputs": [[1, 2]], "outputs": [[3]]}},
    "live": {"question_content": "Add.", "public_test_cases": CALLS, "metadata": FUNC, "starter_code": "def add"},
    "human eval": {
        "task_id": "HumanEval/0",
        "prompt": "def add(a, b):\n",
        "entry_point": "add",
        "canonical_solution": "    return a + b\n",
        "test": "METADATA = {}\ndef check(candidate):\n    assert candidate(1, 2) == 3, 'message'\n    assert True\n",
    },
    "mbpp": {
        "task_id": 11,
        "text": "Add.",
        "code": ADD,
        "test_list": ["assert add(1, 2) == 3", "assert add(1, b=1) == 2"],
    },
    "mbpp sanitized": {"prompt": "Add.", "code": ADD, "test_list": ["assert add(-1, 2) == 1"], "test_imports": []},
}


def write(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def tasks(path: str | Path) -> list[Task]:
    return list(read_problems(path, env="code")[0])


def scores(row: dict[str, Any], program: str, tmp_path: Path) -> float:
    env = Code(data=write(tmp_path / "rows.jsonl", [row]))
    env.reset(options={"task": env.taskset()[0]})
    return env.step(f"```python\n{program}\n```")[1]


@pytest.mark.parametrize("shape", PROGRAMS)
def test_a_shape_with_programs_is_read_and_judged(shape: str, tmp_path: Path) -> None:
    assert scores(PROGRAMS[shape], SUM, tmp_path) == 1.0
    assert scores(PROGRAMS[shape], "print(5)", tmp_path) == 0.0


@pytest.mark.parametrize("shape", FUNCTIONS)
def test_a_shape_with_a_function_is_read_and_judged(shape: str, tmp_path: Path) -> None:
    assert scores(FUNCTIONS[shape], ADD, tmp_path) == 1.0
    assert scores(FUNCTIONS[shape], "def add(a, b):\n    return a - b", tmp_path) == 0.0


@pytest.mark.parametrize("shape", [name for name in FUNCTIONS if name in ("plain", "human eval", "mbpp")])
def test_a_solution_that_the_row_brings_is_the_oracle(shape: str, tmp_path: Path) -> None:
    env = Code(data=write(tmp_path / "rows.jsonl", [FUNCTIONS[shape]]))
    env.reset(options={"task": env.taskset()[0]})
    (action,) = env.oracle()
    assert env.step(action)[1] == 1.0


def test_the_python_solution_and_the_tiers_of_a_contest_are_kept(tmp_path: Path) -> None:
    (task,) = tasks(write(tmp_path / "rows.jsonl", [PROGRAMS["code contests"]]))
    assert task.id == "1_A. Add"
    assert task.private["solution"] == SUM
    assert [tier["name"] for tier in task.private["tests"]] == ["public", "generated"]
    assert task.public["examples"] == [{"stdin": "1 2\n", "stdout": "3\n"}]


def test_names_topics_and_difficulty_are_kept_and_ids_never_collide(tmp_path: Path) -> None:
    row = {**PROGRAMS["plain"], "id": "a", "topics": ["maths", "easy"], "source": "here", "difficulty": 2}
    one, two, three = tasks(
        write(tmp_path / "rows.jsonl", [row, {**row, "difficulty": "interview"}, PROGRAMS["plain"]])
    )
    assert (one.id, two.id, len(three.id)) == ("a", "a#2", 16)
    assert (one.tags, one.difficulty) == (("maths", "easy", "here"), 2.0)
    assert (two.tags[-1], two.difficulty) == ("interview", None)


PLAIN = PROGRAMS["plain"]
HUMAN = FUNCTIONS["human eval"]
BAD_ROWS: list[tuple[Any, str]] = [
    ({"prompt": "Add."}, "tests: of no known shape, which are told by tests; input_output; public_test_cases or"),
    ({"tests": PLAIN["tests"]}, "statement: none of the fields statement, question"),
    ({**PLAIN, "prompt": 5}, "prompt: expected text, found int 5"),
    ({**PLAIN, "prompt": "half \ud800"}, "statement: expected valid unicode"),
    ({**PLAIN, "tests": []}, "tests: expected a list of tests or tiers, found list []"),
    ({**PLAIN, "tests": "[1"}, "tests: expected JSON text"),
    ({**PLAIN, "tests": [{"in": "1"}]}, "tests: 0.tests.0"),
    (
        {**PLAIN, "tests": [{"stdin": "", "stdout": ""}, {"call": "f", "want": 1}]},
        "tests of one function, or of the whole",
    ),
    ({**PLAIN, "tests": [{"call": "f", "want": 1}, {"call": "g", "want": 1}]}, "found list ['f', 'g']"),
    ({**PLAIN, "examples": [{"a": 1}]}, "examples: 0.tests.0"),
    ({**PLAIN, "tests_per_tier": 0}, "tests_per_tier: expected a whole number from 1 on, found int 0"),
    ({"question": "?", "input_output": "{}"}, "input_output: expected an object with the lists inputs and outputs"),
    ({"question": "?", "input_output": {"inputs": ["1"], "outputs": []}}, "input_output: 1 inputs but 0 outputs"),
    (
        {"question": "?", "input_output": {"inputs": [1], "outputs": ["1"]}},
        "expected texts to read and print, found int 1",
    ),
    ({"question": "?", "input_output": {"inputs": [1], "outputs": [1], "fn_name": "f"}}, "list of arguments for f"),
    ({"description": "?", "public_tests": {"input": ["1"]}}, "public_tests: expected an object with the lists input"),
    ({"question_content": "?", "public_test_cases": "[1]"}, "public_test_cases: expected cases with input, output"),
    ({"question_content": "?", "public_test_cases": CALLS}, "functional with metadata.func_name"),
    ({"question_content": "?", "private_test_cases": "junk"}, "private_test_cases: neither JSON nor base64"),
    (
        {**HUMAN, "test": "def check(candidate):\n    for i in range(3):\n        assert candidate(i, i) == 2 * i"},
        "only assert",
    ),
    (
        {**HUMAN, "test": "def check(f):\n    assert abs(f(1, 2) - 3) < 1e-6"},
        "only assert name(literal, ...) == literal can be",
    ),
    ({**HUMAN, "test": "def test(): pass"}, "expected a function check(candidate)"),
    ({**HUMAN, "test": "def check("}, "test: no Python: SyntaxError"),
    ({"text": "?", "test_list": ["assert f((1, 2)) == 3"]}, "holds a tuple, which JSON data cannot"),
    ({"text": "?", "test_list": ["assert f({1: 2}) == 3"]}, "keys that are no text"),
    ({"text": "?", "test_list": ["assert f([1]) == {3}"]}, "holds a set, which JSON data cannot"),
    ({"text": "?", "test_list": ["assert f(x) == 3"]}, "x' is no literal"),
    ({"text": "?", "test_list": ["assert f(1) == 1", "assert g(1) == 1"]}, "asserts about one function, found f, g"),
    ({"text": "?", "test_list": ["assert f(1) != 3"]}, "only assert name(literal, ...) == literal can be run"),
    ({"text": "?", "test_list": ["f(1)"]}, "only assert name(literal, ...)"),
    ({"text": "?", "test_list": ["assert f(1) == 1"], "test_setup_code": "import x"}, "test_setup_code: code before"),
    (["tests"], "expected a JSON object, found list"),
]


@pytest.mark.parametrize(("row", "said"), BAD_ROWS)
def test_a_bad_row_is_named_and_the_good_ones_run(row: Any, said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [PLAIN, row, PLAIN])
    found, bad = read_problems(path, env="code")
    assert len(found) == 2
    (line,) = bad
    assert line.number == 2
    assert said in line.reason
    with pytest.raises(UsageError, match="line 2: "):
        read_problems(path, env="code", strict=True)


def test_a_wanted_tuple_is_a_list(tmp_path: Path) -> None:
    row = {"text": "Swap.", "test_list": ["assert swap(1, 2) == (2, 1)"]}
    assert scores(row, "def swap(a, b):\n    return b, a", tmp_path) == 1.0


class Planted:
    """Runs code when it is unpickled by a reader that is not careful."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def test_a_pickle_that_runs_code_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    planted = base64.b64encode(zlib.compress(pickle.dumps(Planted(tmp_path / "ran")))).decode()
    path = write(tmp_path / "rows.jsonl", [{"question_content": "?", "private_test_cases": planted}, PLAIN])
    (line,) = read_problems(path, env="code")[1]
    assert "it asks for" in line.reason
    assert not (tmp_path / "ran").exists()
    pickle.loads(zlib.decompress(base64.b64decode(planted)))
    assert (tmp_path / "ran").exists(), "the pickle does run code where it can"


def test_rows_left_out_are_told_once_and_strict_refuses_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "rows.jsonl", [PLAIN, {"question": "?"}])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert Code(data=path).taskset().size == 1
    (record,) = caplog.records
    assert "1 of 2 rows left out, the first: line 2: tests: of no known shape" in record.getMessage()
    with pytest.raises(UsageError, match="line 2"):
        Code(data=path, strict=True).taskset()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no problem: it is empty"),
        (b'{"prompt": "?"}\n', "all 1 rows are unusable, the first: line 1: tests"),
        (b"not json\n", "line 1: not JSON"),
        (b"\x1f\x8b\x08\x00junk", "is compressed; unpack it first"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"rows\.jsonl") as refused:
        Code(data=str(path)).taskset()
    assert said in str(refused.value)


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="code: cannot read data="):
        Code(data=str(tmp_path / "missing.jsonl")).taskset()


@pytest.mark.parametrize("shape", ["plain", "apps", "code contests", "live"])
def test_parquet_gives_what_jsonl_gives(shape: str, tmp_path: Path) -> None:
    rows = [PROGRAMS[shape]] * 2
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    assert tasks(tmp_path / "rows.parquet") == tasks(write(tmp_path / "rows.jsonl", rows))


def test_the_bundled_file_is_read_without_a_bad_row() -> None:
    assert read_problems(BUNDLED, env="code", strict=True)[1] == []
