"""Sheets: the cases of one verifier, in a file `NAME.verifier.jsonl` or `NAME.verifier.yaml`.

The first line of a JSONL sheet names the verifier and its settings, every other line is a case. A YAML sheet is the same mapping with the
cases under `cases`. A case says what must come out (`expect`), or what is true of it (`label`): labelled cases are not checked one by one
but counted, against the limits on false positives and false negatives.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from envgym.errors import UsageError
from envgym.task import faults_of
from envgym.verdict import Outcome

Style = Literal["verdict", "score", "trl", "verl", "pi"]
"""How the verifier is called: ours; f(reply, gold) -> number; TRL, verl or PI-verifiers reward functions."""
STRICT = ConfigDict(frozen=True, extra="forbid")


class Expectation(BaseModel):
    """What a verdict must be. What is not given is not compared."""

    model_config = STRICT

    outcome: Outcome | None = Field(default=None, description="One of the outcomes.")
    score: float | None = Field(default=None, description="The exact score.")
    least: float | None = Field(default=None, description="Least score.")
    most: float | None = Field(default=None, description="Greatest score.")
    code: str | None = Field(default=None, description="Machine code.")

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        return {"outcome": value} if isinstance(value, str) else value


class Case(BaseModel):
    """One reply with the gold that it is judged against."""

    model_config = STRICT

    reply: str = Field(description="What the agent said.")
    gold: Any = Field(default=None, description="What the verifier gets as gold.")
    expect: Expectation | None = Field(default=None, description='"pass", "fail", "malformed", ... or a mapping.')
    label: Literal["right", "wrong"] | None = Field(default=None, description="For calibration: what is true.")
    options: dict[str, Any] = Field(default_factory=dict, description="Named arguments of this call.")
    id: str = Field(default="", description="For reports; else the number of the case.")
    note: str = Field(default="", description="Why the case is there.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Case":
        if (self.expect is None) == (self.label is None):
            raise ValueError("a case has either `expect` or `label`")
        return self


class Fault(BaseModel):
    """Named arguments under which something that the verifier needs is broken: no verdict may have a score then."""

    model_config = STRICT

    name: str
    options: dict[str, Any]


class ScriptedJudge(BaseModel):
    """A judge model that the verifier asks: the kit plays it, honest for the cases and broken in every way for the fault block."""

    model_config = STRICT

    script: str = Field(description="module:name or file.py:name: what an honest judge says to the body of a request.")
    argument: str = Field(default="base_url", description="The verifier's named argument for the judge's address.")


class Settings(BaseModel):
    """What a sheet says of its verifier."""

    model_config = STRICT

    verifier: str = Field(description="Registered id, module:name or file.py:name (relative to the sheet).")
    style: Style = Field(default="verdict", description="How it is called.")
    gold_name: str = Field(default="answer", description="trl, pi: the argument that carries the gold.")
    judges: Literal["answer", "form"] = Field(
        default="answer", description="form: it looks at how a reply is written; replies that answer nothing may pass."
    )
    pass_at: float = Field(default=1.0, description="Numbers from here up count as a pass, where it returns numbers.")
    options: dict[str, Any] = Field(default_factory=dict, description="Named arguments of every call.")
    waive: dict[str, str] = Field(
        default_factory=dict, description="Probes that do not apply, with the reason: hack.hedge."
    )
    faults: tuple[Fault, ...] = Field(default=(), description="Ways in which what it needs can be broken.")
    judge: ScriptedJudge | None = Field(default=None, description="The judge model that it asks, where it asks one.")
    limit_s: float = Field(default=2.0, gt=0, description="Seconds within which every reply gets its verdict.")
    memory_mb: int = Field(default=4096, ge=64, description="Memory that a verdict may take.")
    max_fp: float = Field(default=0.0, ge=0, le=1, description="Greatest share of wrong replies that pass.")
    max_fn: float = Field(default=0.0, ge=0, le=1, description="Greatest share of right replies that do not.")


class Sheet(Settings):
    """A sheet with its cases. `path` is where it was read."""

    cases: tuple[Case, ...] = Field(min_length=1)
    path: Path = Path()

    def named(self) -> Iterator[tuple[str, Case]]:
        for number, case in enumerate(self.cases, 1):
            yield case.id or str(number), case


def read_sheet(path: str | Path) -> Sheet:
    """The sheet in a file. Raises UsageError naming the line and the field that is wrong."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    content = _yaml(text, path) if path.suffix in (".yaml", ".yml") else _jsonl(text, path)
    try:
        sheet = Sheet.model_validate({**content, "path": path})
    except ValidationError as error:
        raise UsageError(f"{path}: {faults_of(error)}") from None
    update: dict[str, Any] = {"verifier": _beside(path, sheet.verifier)}
    if sheet.judge is not None:
        update["judge"] = sheet.judge.model_copy(update={"script": _beside(path, sheet.judge.script)})
    return sheet.model_copy(update=update)


def _beside(sheet: Path, place: str) -> str:
    """`place`, whose file is looked for beside the sheet."""
    file, colon, name = place.partition(":")
    return f"{(sheet.parent / file).resolve()}:{name}" if colon and file.endswith(".py") else place


def _jsonl(text: str, path: Path) -> dict[str, Any]:
    lines: list[Any] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            lines.append(json.loads(line))
        except ValueError as error:
            raise UsageError(f"{path}:{number}: not JSON: {error}") from None
        if not isinstance(lines[-1], dict):
            raise UsageError(f"{path}:{number}: expected a JSON object")
    if not lines:
        raise UsageError(f'{path} is empty; its first line names the verifier, like {{"verifier": "number"}}')
    return {**lines[0], "cases": lines[1:]}


def _yaml(text: str, path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise UsageError(
            f"{path}: YAML sheets need PyYAML: pip install 'envgym[yaml]'; JSONL sheets need nothing"
        ) from None
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected a mapping with `verifier` and `cases`")
    return content
