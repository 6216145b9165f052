"""The shapes of rows in which programming problems are published, each read into the same parts.

    statement | prompt | problem | question, and tests          plain, and our own: tests as in `code_tests`, a list or tiers
    question, input_output                                     APPS, TACO
    description, public_tests | private_tests | generated_tests   CodeContests
    question_content, public_test_cases | private_test_cases   LiveCodeBench
    prompt, test, entry_point                                  HumanEval, where its test is asserts of a plain form
    text | prompt, test_list                                   MBPP, the same

A row has the first shape of which it has the fields. Every reader raises BadRow with the field and what was expected.
"""

import base64
import io
import json
import pickle
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.code.assert_tests import tests_of_asserts, tests_of_check
from envgym.environments.reasoning.problem_file import BadRow, Row, short

STATEMENT_FIELDS = ("statement", "question", "question_content", "description", "prompt", "text", "problem")
MAX_UNPACKED = 256 << 20
"""Bytes that one packed field of tests may unpack to."""
PYTHON3 = 3
"""Number of the language in CodeContests' solutions."""
Tests = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a row says."""

    tiers: list[dict[str, Any]]
    """Named lists of tests, the easiest first, unchecked."""
    examples: Tests = field(default_factory=list)
    solution: str = ""
    starter: str = ""


def statement_of(row: Row) -> str:
    for name in STATEMENT_FIELDS:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value not in (None, ""):
            raise BadRow(f"{name}: expected text, found {short(value)}")
    raise BadRow(f"statement: none of the fields {', '.join(STATEMENT_FIELDS)} holds text")


def text_in(row: Row, *names: str) -> str:
    """The first of these fields that holds text, else nothing."""
    return next((row[name] for name in names if isinstance(row.get(name), str) and row[name].strip()), "")


def unpacked(value: Any, name: str) -> Any:
    """A field that may be data, or data as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise BadRow(f"{name}: expected JSON text: {str(error).split(':')[0]}") from None


def pairs(value: Any, one: str, two: str, name: str) -> list[tuple[Any, Any]]:
    """The inputs and outputs of a mapping with two lists of the same length."""
    if not isinstance(value, Mapping) or not isinstance(value.get(one), list) or not isinstance(value.get(two), list):
        raise BadRow(f"{name}: expected an object with the lists {one} and {two}, found {short(value)}")
    if len(value[one]) != len(value[two]):
        raise BadRow(f"{name}: {len(value[one])} {one} but {len(value[two])} {two}")
    return list(zip(value[one], value[two], strict=True))


def printed(given: Any, wanted: Any, name: str) -> dict[str, Any]:
    """A test of a program. Some files hold lines instead of texts."""
    texts = ["\n".join(each) if isinstance(each, list) and all(isinstance(one, str) for one in each) else each
             for each in (given, wanted)]  # fmt: skip
    if not all(isinstance(each, str) for each in texts):
        raise BadRow(f"{name}: expected texts to read and print, found {short(given)} and {short(wanted)}")
    return {"stdin": texts[0], "stdout": texts[1]}


# ---- shapes


def plain(row: Row) -> Parts:
    tests = unpacked(row["tests"], "tests")
    if not isinstance(tests, list) or not tests:
        raise BadRow(f"tests: expected a list of tests or tiers, found {short(tests)}")
    if not all(isinstance(one, Mapping) and "tests" in one for one in tests):
        tests = [{"name": "tests", "tests": tests}]
    examples = unpacked(row.get("examples"), "examples") or []
    return Parts(tests, examples, text_in(row, "solution"), text_in(row, "starter_code", "signature"))


def apps(row: Row) -> Parts:
    found = unpacked(row["input_output"], "input_output")
    made = pairs(found, "inputs", "outputs", "input_output")
    name = found.get("fn_name")
    if name:
        wrapped = all(isinstance(want, list) and len(want) == 1 for _, want in made)
        tests: Tests = []
        for given, want in made:
            if not isinstance(given, list):
                raise BadRow(f"input_output: expected a list of arguments for {name}, found {short(given)}")
            tests.append({"call": name, "args": given, "want": want[0] if wrapped else want})
    else:
        tests = [printed(given, want, "input_output") for given, want in made]
    solutions = unpacked(row.get("solutions") or [], "solutions")
    first = solutions[0] if isinstance(solutions, list) and solutions and isinstance(solutions[0], str) else ""
    return Parts([{"name": "tests", "tests": tests}], [], first, text_in(row, "starter_code"))


def code_contests(row: Row) -> Parts:
    tiers: dict[str, Tests] = {}
    for name in ("public_tests", "private_tests", "generated_tests"):
        if row.get(name):
            made = pairs(unpacked(row[name], name), "input", "output", name)
            tiers[name.removesuffix("_tests")] = [printed(given, want, name) for given, want in made]
    solutions = row.get("solutions")
    python = ""
    if isinstance(solutions, Mapping):
        known = pairs(solutions, "language", "solution", "solutions")
        python = next((text for language, text in known if language in (PYTHON3, "PYTHON3")), "")
    named = [{"name": name, "tests": tests} for name, tests in tiers.items() if tests]
    return Parts(named, tiers.get("public", []), python)


def live_code_bench(row: Row) -> Parts:
    metadata = unpacked(row.get("metadata") or "{}", "metadata")
    call = metadata.get("func_name") if isinstance(metadata, Mapping) else None
    tiers: dict[str, Tests] = {}
    for name in ("public_test_cases", "private_test_cases"):
        cases = packed_cases(row.get(name) or "[]", name)
        tiers[name.removesuffix("_test_cases")] = [live_case(case, call, name) for case in cases]
    named = [{"name": name, "tests": tests} for name, tests in tiers.items() if tests]
    return Parts(named, tiers["public"], "", text_in(row, "starter_code"))


def live_case(case: Any, call: Any, name: str) -> dict[str, Any]:
    if not isinstance(case, Mapping) or not {"input", "output", "testtype"} <= case.keys():
        raise BadRow(f"{name}: expected cases with input, output and testtype, found {short(case)}")
    if case["testtype"] == "stdin":
        return printed(case["input"], case["output"], name)
    if case["testtype"] != "functional" or not isinstance(call, str):
        raise BadRow(f"{name}: expected testtype stdin, or functional with metadata.func_name; found {short(case)}")
    given = [unpacked(line, name) for line in str(case["input"]).splitlines() if line.strip()]
    return {"call": call, "args": given, "want": unpacked(case["output"], name)}


class OnlyText(pickle.Unpickler):
    """Reads a pickle that holds plain values; one that asks for any class or function is refused before it is found."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}")


def packed_cases(value: Any, name: str) -> list[Any]:
    """Cases as data, as JSON text, or as LiveCodeBench packs them: base64 of zlib of a pickled JSON text."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        try:
            inflate = zlib.decompressobj()
            data = inflate.decompress(base64.b64decode(value, validate=True), MAX_UNPACKED)
            value = OnlyText(io.BytesIO(data)).load() if inflate.eof else None
        except (
            ValueError,
            EOFError,
            zlib.error,
            pickle.UnpicklingError,
            IndexError,
            KeyError,
            AttributeError,
        ) as error:
            raise BadRow(f"{name}: neither JSON nor base64 of zlib of a pickled text: {str(error)[:80]}") from None
    cases = unpacked(value, name)
    if not isinstance(cases, list):
        raise BadRow(f"{name}: expected a list of cases, at most {MAX_UNPACKED >> 20} MiB, found {short(cases)}")
    return cases


def human_eval(row: Row) -> Parts:
    prompt, test, name = row.get("prompt"), row["test"], row["entry_point"]
    if not isinstance(test, str) or not isinstance(name, str):
        raise BadRow(f"test: expected texts in test and entry_point, found {short(test)} and {short(name)}")
    tests = tests_of_check(test, "test", name)
    body = text_in(row, "canonical_solution")
    return Parts([{"name": "tests", "tests": tests}], [], f"{prompt}{body}" if body else "")


def mbpp(row: Row) -> Parts:
    texts = unpacked(row["test_list"], "test_list")
    if not isinstance(texts, list) or not texts or not all(isinstance(each, str) for each in texts):
        raise BadRow(f"test_list: expected a list of asserts, found {short(texts)}")
    if text_in(row, "test_setup_code"):
        raise BadRow("test_setup_code: code before the asserts cannot be run; only plain asserts are read")
    tests = tests_of_asserts(texts, "test_list")
    return Parts([{"name": "tests", "tests": tests}], tests[:1], text_in(row, "code"))


SHAPES: tuple[tuple[tuple[tuple[str, ...], ...], Callable[[Row], Parts]], ...] = (
    ((("tests",),), plain),
    ((("input_output",),), apps),
    ((("public_test_cases",), ("private_test_cases",)), live_code_bench),
    ((("public_tests",), ("private_tests",), ("generated_tests",)), code_contests),
    ((("test", "entry_point"),), human_eval),
    ((("test_list",),), mbpp),
)
"""For each shape the fields that tell it, any of several groups, and its reader."""


def parts_of(row: Row) -> Parts:
    """Reads a row by its shape. Raises BadRow, for an unknown shape with what was looked for."""
    for groups, read in SHAPES:
        if any(all(row.get(name) is not None for name in group) for group in groups):
            return read(row)
    known = "; ".join(" or ".join(" with ".join(group) for group in groups) for groups, _ in SHAPES)
    raise BadRow(f"tests: of no known shape, which are told by {known}; found {', '.join(map(str, row)) or 'no field'}")
