"""Trajectories: everything one episode was, as one JSON line.

Messages form a prefix tree: `parents[i]` is the index of the message before message i, -1 at a root. A linear episode is the chain
-1, 0, 1, ...; a scaffold that rewrites history branches, and each leaf is one training path. Tokens are kept as they were sampled,
one flat path per branch, and are never made again from text. Everything that clocks decide lives under `timing`, so `content` of
two runs of the same seed is equal byte for byte.

The records have no slots: orjson then writes a line in half the time.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, GetPydanticSchema, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python
from pydantic_core.core_schema import no_info_plain_validator_function

from envgym.errors import UsageError
from envgym.message import Message, is_message
from envgym.task import Task
from envgym.verdict import Verdict

SCHEMA = 1
SURROGATE = re.compile("[\ud800-\udfff]")
Status = Literal["ok", "truncated", "infra_failed", "env_failed", "aborted"]
SCORED: tuple[str, ...] = ("ok", "truncated")
"""Statuses whose episodes were judged; the others are excluded from every mean, normaliser and gradient."""


def encoded(value: Any) -> bytes:
    """JSON of a record. Lone surrogates, which no UTF-8 file can hold, become U+FFFD; NaN and infinities null."""
    try:
        return orjson.dumps(value, as_plain, orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:  # also for integers above 64 bits and for keys that are no text
        return _encoded_slowly(value)


def _encoded_slowly(value: Any) -> bytes:
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        text = json.dumps(to_jsonable_python(value, inf_nan_mode="null"), separators=(",", ":"), ensure_ascii=False)
        return SURROGATE.sub("\ufffd", text).encode()


def as_plain(value: Any) -> Any:
    """What orjson cannot write, as something that it can. Models of ours hold their fields and nothing else."""
    return value.__dict__ if isinstance(value, BaseModel) else to_jsonable_python(value)


def as_recorded(value: Any) -> Message:
    """A message from a file as it is: a typed schema would drop foreign fields and reorder the others."""
    if not is_message(value):
        raise ValueError("expected a chat message with role and content")
    message: Message = value
    return message


@dataclass
class Step:
    """One model call and what the world made of it."""

    reply: int
    """Index of the assistant message in `messages`; its prompt is the chain of its parents."""
    reward: float | None = None
    """What the world paid for the reply; None where it never answered."""
    terminated: bool = False
    truncated: bool = False
    error: str = ""
    """Machine code of what the agent was told it did wrong ("tool.arguments"), else empty."""
    finish_reason: str = ""
    """Why the model stopped: "stop", "tool_calls", "length"."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    policy_version: int = 0


@dataclass
class TokenPath:
    """One root-to-leaf path as the model saw it. The three lists have the same length."""

    token_ids: list[int]
    mask: list[int]
    """1 where the model sampled the token, 0 where it was given."""
    logprobs: list[float]
    """Log-probability under the sampling policy, natural log; 0.0 where the mask is 0."""
    spans: list[tuple[int, int, int]]
    """(step, start, end) of each sampled stretch."""


@dataclass
class Failure:
    """One failed attempt of the world."""

    boundary: str
    """Where it broke: "env", "policy", "verifier"."""
    type: str
    message: str
    attempt: int


@dataclass
class Timing:
    """Seconds on a monotonic clock; differs from run to run."""

    model_s: float = 0.0
    env_s: float = 0.0
    total_s: float = 0.0
    attempts: int = 1


@dataclass
class Trajectory:
    """One episode. `score` is the verdict's; `reward` is what a trainer uses and starts out equal to it."""

    id: str
    run: str
    """Fingerprint of everything that decides the content of the run."""
    index: int
    """Position in the run."""
    group: str
    """Episodes of one group share the task and the initial state."""
    task: Task
    env: str
    env_path: str
    """What the environment was made by: its id, `module:Class` or `file.py:Class`."""
    env_version: str
    scaffold: str
    scaffold_version: str
    policy: str
    seed: int
    """Seed of the world, shared by the group."""
    policy_seed: int
    """Seed of the policy, different for each member of the group."""
    status: Status
    messages: list[
        Annotated[Message, GetPydanticSchema(lambda _source, _handler: no_info_plain_validator_function(as_recorded))]
    ] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    tokens: list[TokenPath] = field(default_factory=list)
    temperature: float | None = None
    verdict: Verdict | None = None
    reward: float | None = None
    rewards: dict[str, float] = field(default_factory=dict)
    """Named components of `reward`, where something shaped it."""
    failures: list[Failure] = field(default_factory=list)
    task_hash: str = ""
    knobs: dict[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA
    timing: Timing = field(default_factory=Timing)

    @property
    def score(self) -> float | None:
        return self.verdict.score if self.verdict is not None else None

    @property
    def scored(self) -> bool:
        """Whether this episode may count in a mean or a gradient."""
        return self.status in SCORED and self.score is not None

    def prompt(self, step: int) -> list[Message]:
        """The messages that the model was given for its call number `step`."""
        path = []
        node = self.parents[self.steps[step].reply]
        while node >= 0:
            path.append(self.messages[node])
            node = self.parents[node]
        return path[::-1]

    def content(self) -> bytes:
        """Canonical bytes of all that does not depend on a clock."""
        return encoded({name: getattr(self, name) for name in _CONTENT_FIELDS})

    def digest(self) -> str:
        """sha256 (hex) of `content`."""
        return hashlib.sha256(self.content()).hexdigest()

    def to_line(self) -> bytes:
        """The record as one JSON line, newline included."""
        return encoded(self) + b"\n"


_CONTENT_FIELDS = tuple(part.name for part in fields(Trajectory) if part.name not in ("timing", "failures"))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Trajectory]:
    return TypeAdapter(Trajectory)


def parse_line(line: bytes | str) -> Trajectory:
    """One record. Raises UsageError naming the field that is wrong."""
    try:
        return _adapter().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        raise UsageError(f"not a trajectory: {where}: {first['msg']}") from None


def read_trajectories(path: str | Path) -> Iterator[Trajectory]:
    """The records of a JSONL file in the order of the file. A last line that a crash cut off is left out; a whole one without its
    newline is not.

    Raises UsageError with file and line number for anything else that is no trajectory.
    """
    try:
        stream = open(path, "rb")  # noqa: SIM115  # closed below; only the opening may raise UsageError
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    with stream:
        for number, line in enumerate(stream, 1):
            try:
                yield parse_line(line)
            except UsageError as error:
                if not line.endswith(b"\n"):
                    return
                raise UsageError(f"{path}:{number}: {error}") from None
