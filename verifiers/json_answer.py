"""JSON answers: the reply's JSON value must fit a JSON schema, and equal a gold value where there is one.

The value stands in a code fence or bare in the reply, behind the thinking. Several different values are a hedge, and so is one key twice
in an object. Depth and size are bounded before anything is parsed. `format` is an annotation, as the standard has it by default: what is
checked must not depend on which packages are installed. A schema's `$ref` never leaves the schema: nothing is fetched.
Source: JSON Schema 2020-12, or the draft that `$schema` names; https://json-schema.org/specification.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from math import isfinite
from typing import Any

from jsonschema import SchemaError, ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import Draft202012Validator, extend, validator_for  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.check import verifier
from envgym.verifiers.printable import printable
from envgym.verifiers.reply import after_thinking

MAX_CHARS = 200_000
MAX_DEPTH = 64
MAX_DIGITS = 300
"""Of an integer: more cannot even be compared with a float."""
MAX_STARTS = 20
"""Brackets in prose that open no JSON; after so many the reply is not searched any further."""
MAX_VALUES = 1000
MAX_SHOWN = 20
FENCE = re.compile(r"^\s*(?P<mark>`{3,}|~{3,})\s*(?P<language>[\w-]*)\s*$")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
SCALAR = re.compile(r'-?\d[\d.eE+-]*|true|false|null|"(?:[^"\\]|\\.)*"', re.DOTALL)
Schema = Mapping[str, Any] | bool


class Unreadable(ValueError):
    """The text holds no JSON that is read. `code` says why."""

    def __init__(self, message: str, code: str = "json_answer.unreadable") -> None:
        super().__init__(message)
        self.code = code


@verifier(name="json")
def json_answer(reply: str, gold: Any, /, *, schema: Schema | None = None) -> Verdict:
    """PASS when the reply's JSON fits the schema `gold`, or, with `schema` given, when it fits `schema` and equals the value `gold`.

    Values are equal as JSON: the order of keys does not matter, 1 is 1.0 and is not true. `schema=True` asks for equality alone. A schema
    that is none, and a gold value that does not fit `schema`, are TASK_INVALID. FAIL lists the first 20 places as evidence.
    """
    if schema is not None and not isinstance(schema, Mapping | bool):
        raise UsageError(f"schema is a {type(schema).__name__}; give a JSON schema as a mapping, or True for any value")
    rules = gold if schema is None else schema
    try:
        fault = None if schema is None else next(misfits(gold, rules), None)
        validator(rules)
    except Unreadable as error:
        return Verdict.task_invalid(str(error), code=error.code)
    if fault is not None:
        return Verdict.task_invalid(f"the gold does not fit the schema: {fault.text}", code="json_answer.gold")
    try:
        value = read_json(reply)
        found = tuple(islice(misfits(value, rules), MAX_SHOWN))
    except Unreadable as error:
        return _unread(error)
    if found:
        return Verdict.of(0, code="json_answer.schema", reason=found[0].text, evidence=found)
    if schema is not None and frozen(value) != frozen(gold):
        return Verdict.of(0, code="json_answer.not_equal", reason=f"it says {shown(value)}, not {shown(gold)}")
    return Verdict.of(1, code="json_answer.fits" if schema is None else "json_answer.equal")


def _unread(error: Unreadable) -> Verdict:
    if error.code == "json_answer.schema_invalid":
        return Verdict.task_invalid(str(error), code=error.code)
    if error.code in ("answer.too_complex", "answer.hedge"):
        return Verdict.of(0, code=error.code, reason=str(error))
    return Verdict.malformed(str(error), code=error.code)


def read_json(reply: str) -> Any:
    """The one JSON value that a reply gives. Raises Unreadable."""
    text = after_thinking(reply)
    if text is None or not text.strip():
        raise Unreadable("the reply has no answer; it may have been cut off or end inside its thinking", "answer.none")
    if len(text) > MAX_CHARS:
        raise Unreadable(
            f"the answer has {len(text):,} characters; at most {MAX_CHARS:,} are read", "answer.too_complex"
        )
    fenced = [block for block in _fenced(text) if block]
    values = [parse(block) for block in fenced] if fenced else _bare(text.strip())
    if not values:
        raise Unreadable("there is no JSON in the reply")
    if len({frozen(value) for value in values}) > 1:
        raise Unreadable(f"the reply gives {len(values)} JSON values that are not the same", "answer.hedge")
    return values[-1]


def _fenced(text: str) -> Iterator[str]:
    """The contents of the closed code fences that are marked as JSON, or not marked and begin like it."""
    mark, language, lines = "", "", list[str]()
    for line in text.splitlines():
        found = FENCE.match(line)
        if mark and found and found["mark"].startswith(mark) and not found["language"]:
            block = "\n".join(lines).strip()
            if language in ("json", "jsonc", "json5") or (not language and block[:1] in ("{", "[")):
                yield block
            mark = ""
        elif mark:
            lines.append(line)
        elif found:
            mark, language, lines = found["mark"], found["language"].lower(), []


def _bare(text: str) -> list[Any]:
    """The text as one value, else the objects in it, else the arrays: "[1]" beside an object is a reference."""
    if text[0] in "[{" or SCALAR.fullmatch(text):
        try:
            return [parse(text)]
        except Unreadable as error:
            if error.code != "json_answer.unreadable":
                raise
    values: list[Any] = []
    at, failed = _start(text, 0), 0
    while at >= 0 and failed < MAX_STARTS:
        end = _end(text, at)
        try:
            values.append(parse(text[at:end]))
            at = _start(text, end)
            if len(values) > MAX_VALUES:
                raise Unreadable(f"the reply gives more than {MAX_VALUES} JSON values", "answer.too_complex")
        except Unreadable as error:
            if error.code != "json_answer.unreadable":
                raise
            failed += 1
            at = _start(text, at + 1)
    return [value for value in values if isinstance(value, dict)] or values


def _start(text: str, at: int) -> int:
    found = re.compile(r"[\[{]").search(text, at)
    return found.start() if found else -1


def _end(text: str, at: int) -> int:
    """Where the bracket at `at` closes, or the end of the text. Raises Unreadable where it nests too deep."""
    depth = 0
    for token in TOKEN.finditer(text, at):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"the JSON nests deeper than {MAX_DEPTH} levels", "answer.too_complex")
        elif token[0] in "]}":
            depth -= 1
            if depth <= 0:
                return token.end()
    return len(text)


def parse(text: str) -> Any:
    """`text` as JSON: finite numbers, no key twice, at most MAX_DEPTH levels. Raises Unreadable."""
    if len(text) > MAX_CHARS:
        raise Unreadable(f"{len(text):,} characters of JSON; at most {MAX_CHARS:,} are read", "answer.too_complex")
    _end(text, 0)
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"no JSON: {error}") from None
    except RecursionError:
        raise Unreadable("the JSON nests too deep", "answer.too_complex") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unreadable("an object gives one key twice", "json_answer.key_twice")
    return made


def _constant(name: str) -> Any:
    raise Unreadable(f"{name} is no JSON number", "json_answer.number")


def _float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Unreadable(f"{digits[:40]} is too large", "json_answer.number")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Unreadable(f"an integer of {len(digits):,} digits is not read", "json_answer.number")
    return int(digits)


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_integer)


def frozen(value: Any) -> Any:
    """`value` hashable, equal exactly where the JSON values are: 1 is 1.0, true is not 1."""
    if isinstance(value, Mapping):
        return ("object", frozenset((key, frozen(each)) for key, each in value.items()))
    if isinstance(value, list | tuple):
        return ("array", tuple(map(frozen, value)))
    return ("bool", value) if isinstance(value, bool) else value


def shown(value: Any) -> str:
    return json.dumps(value, default=str)[:200]


def validator(schema: Schema) -> Any:
    """The compiled schema, out of a small cache. Raises Unreadable (code json_answer.schema_invalid) for what is no schema."""
    try:
        return _compiled(json.dumps(schema, sort_keys=True))
    except (TypeError, ValueError, RecursionError, SchemaError) as error:
        text = error.message if isinstance(error, SchemaError) else str(error)
        raise Unreadable(f"this is no JSON schema: {text[:200]}", "json_answer.schema_invalid") from None


@lru_cache(maxsize=64)
def _compiled(text: str) -> Any:
    schema = json.loads(text)
    if not isinstance(schema, dict | bool):
        raise TypeError(f"a schema is an object, true or false, not {text[:40]}")
    kind = validator_for(schema, default=Draft202012Validator)
    kind.check_schema(schema)
    return extend(kind, {"uniqueItems": _unique})(schema, registry=Registry())


def _unique(_: Any, unique: bool, instance: Any, __: Any) -> Iterator[Any]:
    """In linear time, where jsonschema's own compares each object with each other."""
    if unique and isinstance(instance, list) and len({frozen(item) for item in instance}) < len(instance):
        yield ValidationError("the array has the same item twice")


def misfits(value: Any, schema: Schema) -> Iterator[Evidence]:
    """Where `value` does not fit `schema`. Raises Unreadable (code json_answer.schema_invalid) where the schema cannot be followed."""
    try:
        for error in validator(schema).iter_errors(value):
            place = printable(str(error.json_path))
            yield Evidence(kind="schema", text=f"{place}: {printable(str(error.message))}", data={"path": place})
    except Unresolvable as error:
        raise Unreadable(
            f"the schema refers to {str(error)[:200]}, which is not in it", "json_answer.schema_invalid"
        ) from None
    except RecursionError:
        raise Unreadable("the schema refers to itself without end", "json_answer.schema_invalid") from None
