"""Reading a user's file of mathematics problems, JSONL or Parquet, in the field shapes that people have.

The shape is found row by row, so a mixed file is fine:

    problem | question | prompt, and answer | expected_answer | final_answer | ground_truth        plain; GSM8K where the answer has "####"
    problem, solution with \\boxed{...}                                                             MATH, NuminaMath
    prompt as a list of chat messages, reward_model.ground_truth                                   DAPO, verl
    messages: a user turn, then an assistant turn with \\boxed{...}                                 NuminaMath-CoT

A row that cannot be used is named with its line, its field and what was expected; the others are read all the same.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from envgym.errors import UsageError
from envgym.task import Task, TaskFields, TaskList
from envgym.task_file import BadLine
from envgym.verifiers.reply import boxed

MAX_LINE_BYTES = 8 << 20
PROBLEM_FIELDS = ("problem", "question", "prompt")
ANSWER_FIELDS = ("answer", "expected_answer", "final_answer", "ground_truth", "gold", "target")
SOLUTION_FIELDS = ("solution", "generated_solution", "response")
ID_FIELDS = ("id", "unique_id", "problem_id", "uuid", "index")
TAG_FIELDS = ("subject", "type", "problem_type", "source", "data_source", "domain")
LEVEL_FIELDS = ("level", "difficulty")
UNCHECKABLE = frozenset(["proof", "notfound", "not found", "n/a", "none"])
GSM8K = "####"
Row = Mapping[str, Any]


class BadRow(UsageError):
    """A row that is no problem with an answer. The message names the field and what was expected."""


def read_problems(
    path: str | Path, *, env: str, strict: bool = False, fault_of: Callable[[str], str] | None = None
) -> tuple[TaskList, list[BadLine]]:
    """The problems of a file as tasks of `env`, and the rows that are none.

    `fault_of` says why a gold is of no use, with an empty text for those that are.

    Raises UsageError when the file cannot be read or has no problem, and with `strict` at the first bad row.
    """
    tasks: list[Task] = []
    bad: list[BadLine] = []
    taken: set[str] = set()
    for number, row in rows_of(Path(path)):
        try:
            fields, name = read_row(row)
            fault = fault_of(fields["private"]["answer"]) if fault_of else ""
            if fault:
                raise BadRow(f"answer: {fault}")
        except BadRow as error:
            bad.append(BadLine(number, str(error)))
            if strict:
                raise UsageError(f"{path}: {bad[-1]}") from None
            continue
        tasks.append(Task(id=unused(name, taken), env=env, **fields))
    if not tasks:
        why = f"all {len(bad)} rows are unusable, the first: {bad[0]}" if bad else "it is empty"
        raise UsageError(f"{path} has no problem: {why}; a row looks like {{'problem': '1 + 1 = ?', 'answer': '2'}}")
    return TaskList(tasks), bad


def unused(name: str, taken: set[str]) -> str:
    """`name`, or `name` with the first free number behind it: rows that occur twice stay two tasks."""
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name}#{count}"
    taken.add(free)
    return free


# ---- files


def rows_of(path: Path) -> Iterator[tuple[int, Any]]:
    """Every row with its number, from 1. Raises UsageError for what is no readable JSONL or Parquet file."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            if head == b"PAR1":
                yield from parquet_rows(path)
                return
            yield from jsonl_rows(path, iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""))
    except OSError as error:
        raise UsageError(f"cannot read problems from {path}: {error.strerror}") from error


def jsonl_rows(path: Path, lines: Iterator[bytes]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = check_first(path, line)
        if len(line) > MAX_LINE_BYTES:
            raise UsageError(
                f"{path}: line {number} is longer than {MAX_LINE_BYTES >> 20} MiB; expected one JSON object per line"
            )
        if not line.strip():
            continue
        try:
            yield number, json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{path}: line {number} is not UTF-8 ({error.reason} at byte {error.start}); convert it with iconv"
            ) from error
        except (ValueError, RecursionError) as error:
            yield number, NotJson(str(error).split(":")[0])


class NotJson(str):
    """Stands for a line that is no JSON; the text says what is wrong with it."""


def check_first(path: Path, line: bytes) -> bytes:
    """The first line without its UTF-8 mark. Raises UsageError for encodings and formats that are something else altogether."""
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{path} is UTF-16; expected UTF-8: iconv -f UTF-16 -t UTF-8 {path} > utf8.jsonl")
    if line.startswith((b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")):
        raise UsageError(f"{path} is compressed; unpack it first")
    line = line.removeprefix(b"\xef\xbb\xbf")
    if line.lstrip()[:1] == b"[":
        raise UsageError(f"{path} is a JSON array; expected one JSON object per line: jq -c '.[]' {path} > rows.jsonl")
    return line


def parquet_rows(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError(f"{path} is Parquet, which needs pyarrow: pip install 'envgym[parquet]'") from error
    try:
        number = 0
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(1024):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except pyarrow.ArrowException as error:
        raise UsageError(f"{path} is no readable Parquet file: {error}") from error


# ---- rows


def read_row(row: Any) -> tuple[TaskFields, str]:
    """The fields of a task and the name it should have. Raises BadRow."""
    if isinstance(row, NotJson):
        raise BadRow(f"not JSON: {row}")
    if not isinstance(row, Mapping):
        raise BadRow(f"expected a JSON object, found {type(row).__name__}")
    problem, answer = problem_of(row), answer_of(row)
    for field, text in (("problem", problem), ("answer", answer)):
        if not encodable(text):
            raise BadRow(f"{field}: expected valid unicode, found half of a surrogate pair")
    if braces(answer):
        raise BadRow(f"answer: {answer[:80]!r} has unbalanced braces")
    fields: TaskFields = {
        "public": {"problem": problem},
        "private": {"answer": answer},
        "tags": tuple(
            dict.fromkeys(
                row[name].strip() for name in TAG_FIELDS if isinstance(row.get(name), str) and row[name].strip()
            )
        ),
        "difficulty": level_of(row),
    }
    return fields, name_of(row) or hashlib.sha256(
        f"{problem}\0{answer}".encode("utf-8", "backslashreplace")
    ).hexdigest()[:16]


def problem_of(row: Row) -> str:
    for field in PROBLEM_FIELDS:
        value = row.get(field)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, list):
            return chat_text(value, field)
        if value is not None:
            raise BadRow(f"{field}: expected text or a list of chat messages, found {short(value)}")
    if isinstance(row.get("messages"), list):
        return chat_text(
            row["messages"][:-1] if last_role(row["messages"]) == "assistant" else row["messages"], "messages"
        )
    raise BadRow(
        f"problem: none of the fields {', '.join(PROBLEM_FIELDS)}, messages is there; found {', '.join(map(str, row)) or 'no field'}"
    )


def chat_text(messages: list[Any], field: str) -> str:
    """What a chat prompt says, its system and user turns one after the other."""
    texts = []
    for message in messages:
        if not isinstance(message, Mapping) or not isinstance(message.get("content"), str):
            raise BadRow(f"{field}: expected messages with role and content, found {short(message)}")
        if message.get("role") not in ("system", "user"):
            raise BadRow(
                f"{field}: expected system and user turns before the answer, found role {message.get('role')!r}"
            )
        texts.append(message["content"].strip())
    text = "\n\n".join(part for part in texts if part)
    if not text:
        raise BadRow(f"{field}: the messages are empty")
    return text


def last_role(messages: list[Any]) -> Any:
    return messages[-1].get("role") if messages and isinstance(messages[-1], Mapping) else None


def answer_of(row: Row) -> str:
    """The gold: a stated answer, else the last box of a worked solution."""
    for field in ANSWER_FIELDS:
        if row.get(field) not in (None, ""):
            return stated(row[field], field)
    judge = row.get("reward_model")
    if isinstance(judge, Mapping) and judge.get("ground_truth") is not None:
        return stated(judge["ground_truth"], "reward_model.ground_truth")
    for field in SOLUTION_FIELDS:
        if isinstance(row.get(field), str):
            return worked(row[field], field)
    messages = row.get("messages")
    if (
        isinstance(messages, list)
        and last_role(messages) == "assistant"
        and isinstance(messages[-1].get("content"), str)
    ):
        return worked(messages[-1]["content"], "messages")
    raise BadRow(f"answer: none of the fields {', '.join(ANSWER_FIELDS)}, reward_model.ground_truth, solution is there")


def stated(value: Any, field: str) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadRow(f"{field}: expected text or a number, found {short(value)}")
    text = str(value).strip()
    if GSM8K in text:
        text = text.rpartition(GSM8K)[2].strip()
    elif boxes := boxed(text):
        text = boxes[-1].strip()
    if not text:
        raise BadRow(f"{field}: it is empty")
    if text.lower() in UNCHECKABLE:
        raise BadRow(f"{field}: {text!r} is nothing to compare an answer with")
    return text


def worked(solution: str, field: str) -> str:
    if GSM8K in solution:
        return stated(solution, field)
    boxes = [box.strip() for box in boxed(solution) if box.strip()]
    if not boxes:
        raise BadRow(f"{field}: expected a \\boxed{{...}} answer in it, found none")
    return stated(boxes[-1], field)


def name_of(row: Row) -> str | None:
    """The row's own id, where it has one."""
    extra = row.get("extra_info")
    for source in (row, extra if isinstance(extra, Mapping) else {}):
        for field in ID_FIELDS:
            value = source.get(field)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                return str(value).strip()
    return None


def level_of(row: Row) -> float | None:
    """A number, or the number in "Level 3"."""
    for field in LEVEL_FIELDS:
        value = row.get(field)
        if isinstance(value, str):
            value = value.lower().removeprefix("level").strip()
            value = int(value) if value.isdecimal() else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None


def braces(answer: str) -> bool:
    """Whether the braces of an answer do not match: no box could hold it."""
    return boxed(f"\\boxed{{{answer}}}") != [answer]


def encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def short(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text[:60]}{'...' if len(text) > 60 else ''}"
