"""Reads the answer of a judge: one JSON object that fits a pydantic model, and nothing else.

The whole text must be the object, or one fenced block around it. Words before or after are refused, so that a judge which argues
("No, the candidate says yes") is never searched for a verdict. A name given twice, NaN and values of another type are refused too.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from envgym.verifiers.json_service import parse_json

MAX_CHARS = 200_000
FENCED = re.compile(r"```(?:json|JSON)?[ \t]*\r?\n(?P<inside>.*)\r?\n[ \t]*```", re.DOTALL)
Shape = TypeVar("Shape", bound=BaseModel)
Scrutiny = Callable[[Shape], None]
"""Raises Unfit for an answer that fits its shape and still cannot be taken."""


class Unfit(ValueError):
    """The text is not the answer that was asked for. `what` is a stable name: prose, schema, or one of the asker's own."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(reason)
        self.what = what


def accept(answer: BaseModel) -> None:
    """The check that finds nothing wrong."""


def read_answer(text: str, shape: type[Shape], check: Scrutiny[Shape] = accept) -> Shape:
    """The object in `text`. `check` raises Unfit for what the model cannot say. Raises Unfit."""
    if len(text) > MAX_CHARS:
        raise Unfit("prose", f"the answer has {len(text):,} characters")
    bare = text.strip()
    fenced = FENCED.fullmatch(bare)
    try:
        value = parse_json(fenced["inside"] if fenced else bare)
    except ValueError as error:
        raise Unfit("prose", f"the answer is not one JSON object: {error}") from None
    try:
        answer = shape.model_validate(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the object"
        raise Unfit("schema", f"the answer does not fit the schema: {where[:80]}: {first['msg'][:200]}") from None
    check(answer)
    return answer
