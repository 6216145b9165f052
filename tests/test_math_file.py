"""Users' files of problems: the field shapes that people have, and what is said about rows and files that cannot be used."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from envgym.environments.reasoning.math_problems import BUNDLED, MathProblems
from envgym.environments.reasoning.problem_file import MAX_LINE_BYTES, read_problems
from envgym.errors import UsageError
from envgym.task import Task
from envgym.verifiers.math_answer import fault_in_gold

SHAPES: dict[str, dict[str, Any]] = {
    "ours": {"problem": "1+1?", "answer": "2", "subject": "algebra", "level": 3},
    "gsm8k": {"question": "1+1?", "answer": "She has 1 + 1 = <<1+1=2>>2 eggs.\n#### 2"},
    "math": {
        "problem": "1+1?",
        "solution": "We add: $\\boxed{1}$, no, $\\boxed{2}$.",
        "level": "Level 3",
        "type": "Algebra",
    },
    "numina 1.5": {
        "problem": "1+1?",
        "solution": "...",
        "answer": "2",
        "problem_type": "Algebra",
        "source": "olympiads",
    },
    "numina cot": {
        "messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "So \\boxed{2}"}]
    },
    "numina solution": {
        "problem": "1+1?",
        "solution": "\\boxed{2}",
        "messages": [{"role": "user", "content": "other"}],
    },
    "prompt": {"prompt": "1+1?", "answer": "2"},
    "prompt chat": {"prompt": [{"role": "user", "content": "1+1?"}], "answer": 2},
    "dapo": {
        "prompt": [{"role": "user", "content": "1+1?"}],
        "reward_model": {"ground_truth": "2", "style": "rule"},
        "data_source": "math_dapo",
    },
    "verl chat": {
        "prompt": [{"role": "user", "content": "1+1?"}],
        "reward_model": {"ground_truth": "2"},
        "extra_info": {"index": "row-9", "split": "train"},
    },
    "boxed answer": {"problem": "1+1?", "answer": "$\\boxed{2}$"},
    "list answer": {"question": "1+1?", "final_answer": ["2"]},
    "expected": {"problem": "1+1?", "expected_answer": "2", "generated_solution": "\\boxed{3}"},
    "empty answer, worked solution": {"problem": "1+1?", "answer": "", "solution": "\\boxed{2}"},
}


def write(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def tasks(path: str | Path) -> list[Task]:
    return list(read_problems(path, env="math")[0])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_that_people_have_is_read(shape: str, tmp_path: Path) -> None:
    (task,) = tasks(write(tmp_path / "rows.jsonl", [SHAPES[shape]]))
    assert (task.public, task.private) == ({"problem": "1+1?"}, {"answer": "2"})


def test_shapes_may_be_mixed_and_every_row_plays(tmp_path: Path) -> None:
    env = MathProblems(data=write(tmp_path / "rows.jsonl", list(SHAPES.values())))
    assert env.taskset().size == len(SHAPES)
    for index in range(len(SHAPES)):
        env.reset(options={"task": env.taskset()[index]})
        assert env.step("\\boxed{2}")[1] == 1.0


def test_subject_source_and_level_are_kept(tmp_path: Path) -> None:
    ours, math, numina = tasks(write(tmp_path / "rows.jsonl", [SHAPES["ours"], SHAPES["math"], SHAPES["numina 1.5"]]))
    assert (ours.tags, ours.difficulty) == (("algebra",), 3.0)
    assert (math.tags, math.difficulty) == (("Algebra",), 3.0)
    assert (numina.tags, numina.difficulty) == (("Algebra", "olympiads"), None)


def test_system_and_user_turns_make_the_problem(tmp_path: Path) -> None:
    prompt = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"}]
    (task,) = tasks(write(tmp_path / "rows.jsonl", [{"prompt": prompt, "answer": "2"}]))
    assert task.public["problem"] == "Be brief.\n\n1+1?"


def test_ids_come_from_the_row_or_its_content_and_never_collide(tmp_path: Path) -> None:
    same = {"problem": "1+1?", "answer": "2"}
    rows = [
        same,
        same,
        {**same, "id": "a"},
        {**same, "id": "a"},
        {**same, "id": "a#2"},
        {**same, "unique_id": 7},
        SHAPES["verl chat"],
    ]
    ids = [task.id for task in tasks(write(tmp_path / "rows.jsonl", rows))]
    assert len(set(ids)) == len(rows)
    assert ids[1] == ids[0] + "#2"
    assert ids[2:] == ["a", "a#2", "a#2#2", "7", "row-9"]
    moved = [task.id for task in tasks(write(tmp_path / "other.jsonl", [{"problem": "0?", "answer": "0"}, same]))]
    assert moved[1] == ids[0], "an id does not depend on the place of the row"


BAD_ROWS: list[tuple[Any, str]] = [
    ({"answer": "2"}, "problem: none of the fields problem, question, prompt"),
    ({"problem": "1+1?"}, "answer: none of the fields answer"),
    ({"problem": 5, "answer": "2"}, "problem: expected text or a list of chat messages, found int 5"),
    ({"problem": "1+1?", "answer": {"value": 2}}, "answer: expected text or a number, found dict"),
    ({"problem": "1+1?", "answer": True}, "answer: expected text or a number, found bool"),
    ({"problem": "1+1?", "answer": ["1", "2"]}, "answer: expected text or a number, found list"),
    ({"problem": "1+1?", "answer": " "}, "answer: it is empty"),
    ({"problem": "1+1?", "answer": "thus\n####"}, "answer: it is empty"),
    ({"problem": "1+1?", "answer": "proof"}, "'proof' is nothing to compare"),
    ({"problem": "1+1?", "answer": "\\frac{1}{2"}, "unbalanced braces"),
    ({"problem": "1+1?", "solution": "It is 2."}, "solution: expected a \\boxed{...} answer in it, found none"),
    ({"prompt": [{"role": "user", "content": "?"}], "reward_model": {"style": "rule"}}, "answer: none of the fields"),
    ({"prompt": [{"role": "user"}], "answer": "2"}, "prompt: expected messages with role and content"),
    ({"prompt": [{"role": "assistant", "content": "hm"}], "answer": "2"}, "found role 'assistant'"),
    ({"prompt": [], "answer": "2"}, "prompt: the messages are empty"),
    ({"problem": "half \ud800", "answer": "2"}, "problem: expected valid unicode"),
    (["problem", "answer"], "expected a JSON object, found list"),
    (None, "expected a JSON object, found NoneType"),
]


@pytest.mark.parametrize(("row", "said"), BAD_ROWS)
def test_a_bad_row_is_named_and_the_good_ones_run(row: Any, said: str, tmp_path: Path) -> None:
    good = SHAPES["ours"]
    path = write(tmp_path / "rows.jsonl", [good, row, good])
    found, bad = read_problems(path, env="math")
    assert len(found) == 2
    (line,) = bad
    assert line.number == 2
    assert said in line.reason
    with pytest.raises(UsageError, match="line 2: "):
        read_problems(path, env="math", strict=True)


@pytest.mark.parametrize("gold", ["\\frac{1}{0}", "\\foo{1}", "1 +", "9^{9^{9^9}}", "1e99999", "x" + "+x" * 1500])
def test_a_gold_that_cannot_be_compared_is_named_with_its_line_when_the_file_is_loaded(
    gold: str, tmp_path: Path
) -> None:
    path = tmp_path / "golds.jsonl"
    rows = [{"problem": "1+1?", "answer": "2"}, {"problem": "?", "answer": gold}, {"problem": "x?", "answer": "x+1"}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert MathProblems(data=str(path)).taskset().size == 2
    with pytest.raises(UsageError, match="line 2: answer: "):
        MathProblems(data=str(path), strict=True).taskset()


def test_the_golds_of_the_bundled_problems_can_be_compared() -> None:
    """Their file is not checked each time it is loaded."""
    assert read_problems(BUNDLED, env="math", fault_of=fault_in_gold)[1] == []


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"problem": "1+1?", "answer": "2"}\n\n{"problem": \n' + "[" * 100_000 + "\n")
    found, bad = read_problems(path, env="math")
    assert len(found) == 1
    assert [line.number for line in bad] == [3, 4]
    assert all("not JSON" in line.reason for line in bad)


def test_rows_left_out_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path / "rows.jsonl", [SHAPES["ours"], {"question": "?"}])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert MathProblems(data=path).taskset().size == 1
    (record,) = caplog.records
    assert "1 of 2 rows left out, the first: line 2: answer" in record.getMessage()
    with pytest.raises(UsageError, match="line 2"):
        MathProblems(data=path, strict=True).taskset()


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write(path, [SHAPES["ours"]])
    assert MathProblems(data=str(path)).taskset().size == 1
    write(path, [SHAPES["ours"], SHAPES["gsm8k"]])
    assert MathProblems(data=str(path)).taskset().size == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no problem: it is empty"),
        (b"\n \n", "has no problem: it is empty"),
        (b"\xff\xfe" + "{}".encode("utf-16-le"), "is UTF-16; expected UTF-8: iconv"),
        ('{"problem": "café", "answer": "2"}\n'.encode("latin-1"), "line 1 is not UTF-8"),
        (b'\n[{"problem": "1+1?", "answer": "2"}]'.lstrip(), "is a JSON array; expected one JSON object per line: jq"),
        (b"\x1f\x8b\x08\x00junk", "is compressed; unpack it first"),
        (b'{"problem": "1+1?"}\n{"question": "?"}\n', "all 2 rows are unusable, the first: line 1: answer"),
        (
            b'{"problem": "' + b"x" * MAX_LINE_BYTES + b'"}',
            "line 1 is longer than 8 MiB; expected one JSON object per line",
        ),
        (b"PAR1 but nothing more", "is no readable Parquet file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"rows\.jsonl") as refused:
        read_problems(path, env="math")
    assert said in str(refused.value)


@pytest.mark.parametrize("place", ["missing.jsonl", "."])
def test_a_path_that_is_no_file_is_refused(place: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        MathProblems(data=str(tmp_path / place)).taskset()


def test_a_byte_order_mark_and_carriage_returns_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"problem": "1+1?", "answer": "2"}\r\n{"problem": "2+2?", "answer": "4"}\r\n')
    assert [task.private["answer"] for task in tasks(path)] == ["2", "4"]


@pytest.mark.parametrize("shape", ["ours", "gsm8k", "math", "dapo", "numina cot", "verl chat", "prompt chat"])
def test_parquet_gives_what_jsonl_gives(shape: str, tmp_path: Path) -> None:
    rows = [SHAPES[shape]] * 3
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    assert tasks(tmp_path / "rows.parquet") == tasks(write(tmp_path / "rows.jsonl", rows))


def test_a_bad_parquet_row_is_named_by_its_number(tmp_path: Path) -> None:
    rows = [{"problem": "1+1?", "answer": "2"}, {"problem": "?", "answer": None}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    found, bad = read_problems(tmp_path / "rows.parquet", env="math")
    assert len(found) == 1
    assert str(bad[0]).startswith("line 2: answer: none of the fields")


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path) -> None:
    """In a process whose import path has no pyarrow: a folder of that name that fails to import stands before it."""
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([SHAPES["ours"]]), tmp_path / "rows.parquet")
    (tmp_path / "pyarrow.py").write_text("raise ImportError('no pyarrow here')")
    code = f"import envgym; envgym.make('math', data={str(tmp_path / 'rows.parquet')!r}).taskset()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert "pip install 'envgym[parquet]'" in done.stderr


def test_jsonl_never_imports_pyarrow(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [SHAPES["ours"]])
    code = f"import sys, envgym; envgym.make('math', data={path!r}).taskset(); print('pyarrow' in sys.modules, 'sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False False\n"
