"""Reading a file of programming problems, JSONL or Parquet, in the shapes of `row_shapes.py`.

A row that cannot be used is named with its line, its field and what was expected; the others are read all the same. The tests of each are
checked when the file is loaded; a solution, where there is one, is not run.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from envgym.environments.code.row_shapes import parts_of, statement_of, text_in
from envgym.environments.reasoning.problem_file import (
    BadRow,
    NotJson,
    Row,
    encodable,
    level_of,
    name_of,
    rows_of,
    short,
    unused,
)
from envgym.errors import UsageError
from envgym.task import Task, TaskFields, TaskList, canonical_json, faults_of
from envgym.task_file import BadLine
from envgym.verifiers.code_tests import read_tiers

ID_FIELDS = ("task_id", "question_id", "name", "title", "question_title")
"""Where a row may have its name, after those of `name_of`."""
TAG_FIELDS = ("topics", "tags", "source", "platform", "difficulty")
LOOKS_LIKE = "{'statement': 'Print the sum of the numbers.', 'tests': [{'stdin': '1 2', 'stdout': '3'}]}"


def read_problems(path: str | Path, *, env: str, strict: bool = False) -> tuple[TaskList, list[BadLine]]:
    """The problems of a file as tasks of `env`, and the rows that are none.

    Raises UsageError when the file cannot be read or has no problem, and with `strict` at the first bad row.
    """
    tasks: list[Task] = []
    bad: list[BadLine] = []
    taken: set[str] = set()
    for number, row in rows_of(Path(path)):
        try:
            fields, name = read_row(row)
        except BadRow as error:
            bad.append(BadLine(number, str(error)))
            if strict:
                raise UsageError(f"{path}: {bad[-1]}") from None
            continue
        tasks.append(Task(id=unused(name, taken), env=env, **fields))
    if not tasks:
        why = f"all {len(bad)} rows are unusable, the first: {bad[0]}" if bad else "it is empty"
        raise UsageError(f"{path} has no problem: {why}; a row looks like {LOOKS_LIKE}")
    return TaskList(tasks), bad


def read_row(row: Any) -> tuple[TaskFields, str]:
    """The fields of a task and the name it should have. Raises BadRow."""
    if isinstance(row, NotJson):
        raise BadRow(f"not JSON: {row}")
    if not isinstance(row, Mapping):
        raise BadRow(f"expected a JSON object, found {type(row).__name__}")
    statement, parts = statement_of(row), parts_of(row)
    for field, text in (("statement", statement), ("starter_code", parts.starter), ("solution", parts.solution)):
        if not encodable(text):
            raise BadRow(f"{field}: expected valid unicode, found half of a surrogate pair")
    call = checked(parts.tiers, "tests")
    if parts.examples:
        checked([{"name": "examples", "tests": parts.examples}], "examples")
    fields: TaskFields = {
        "public": {
            "statement": statement,
            "call": call,
            "starter_code": parts.starter,
            "examples": parts.examples,
            **per_tier_of(row),
        },
        "private": {"tests": parts.tiers, "solution": parts.solution},
        "tags": tags_of(row),
        "difficulty": level_of(row),
    }
    content = canonical_json([fields["public"], fields["private"]])
    return fields, name_of(row) or text_in(row, *ID_FIELDS).strip() or hashlib.sha256(content).hexdigest()[:16]


def per_tier_of(row: Row) -> dict[str, int]:
    """How many tests of each tier the row says to run; nothing where it does not say. Raises BadRow."""
    value = row.get("tests_per_tier")
    if value is None:
        return {}
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadRow(f"tests_per_tier: expected a whole number from 1 on, found {short(value)}")
    return {"tests_per_tier": value}


def checked(tiers: list[dict[str, Any]], field: str) -> str:
    """The name of the function that the tests call, empty where they run the whole program. Raises BadRow."""
    try:
        found = read_tiers(tiers)
    except ValidationError as error:
        raise BadRow(f"{field}: {faults_of(error)}"[:500]) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRow(f"{field}: {error}"[:500]) from None
    calls = {getattr(test, "call", "") for tier in found for test in tier.tests}
    if len(calls) != 1:
        raise BadRow(f"{field}: expected tests of one function, or of the whole program; found {short(sorted(calls))}")
    return str(calls.pop())


def tags_of(row: Row) -> tuple[str, ...]:
    """Topics, source and difficulty where they are text."""
    found: list[str] = []
    for field in TAG_FIELDS:
        value = row.get(field)
        texts = value if isinstance(value, list | tuple) else [value]
        found += [text.strip() for text in texts if isinstance(text, str) and text.strip()]
    return tuple(dict.fromkeys(found))
