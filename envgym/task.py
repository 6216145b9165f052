"""Tasks: what an episode is about, in a public half that may be shown and a private half that never is.

`hash` changes with any byte of the content, `key` does not change between runs: curricula remember the key, caches the hash.
Item i of a generated set is a pure function of (environment, knobs, seed, i). The random stream is seeded from a hash of all four;
`seed + i`, which others use, makes seeds 1 and 2 share all but one item.
"""

import hashlib
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Protocol

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_jsonable_python
from typing_extensions import TypedDict

from envgym.errors import UnknownId, UsageError


class Limits(BaseModel):
    """What one episode may use. None leaves the environment's own default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    turns: int | None = Field(default=None, ge=1, description="Actions until the episode is truncated.")
    tokens: int | None = Field(default=None, ge=1, description="Sampled tokens until the episode is truncated.")
    seconds: float | None = Field(
        default=None, gt=0, description="Wall-clock seconds until the world counts as failed."
    )


class MissingField(KeyError):
    """A task lacks a field that its environment reads."""

    def __str__(self) -> str:
        return f"the task has no field {self.args[0]!r}"


class Fields(dict[str, Any]):
    """One half of a task. Reading a field that is not there says so by a type of its own: other KeyErrors are the author's."""

    def __missing__(self, name: str) -> Any:
        raise MissingField(name)


Half = Annotated[dict[str, Any], AfterValidator(Fields)]


class Task(BaseModel):
    """One task, frozen. `private` holds gold and hidden tests: it is left out of repr and never shown to an agent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    __slots__ = ("_hash",)

    id: str = Field(min_length=1, description="Unique within its set.")
    env: str = Field(min_length=1, description="Id of the environment that plays it.")
    public: Half = Field(default_factory=Fields, description="What the agent may learn.")
    private: Half = Field(default_factory=Fields, repr=False, description="Gold, hidden tests, goal states.")
    seed: int | None = Field(default=None, description="Seed of the generator, where one made it.")
    limits: Limits = Field(default=Limits(), description="Turns, tokens and seconds of one episode.")
    resources: dict[str, Any] = Field(default_factory=dict, description="What it needs: image, memory_mb, cpus.")
    tags: tuple[str, ...] = Field(default=(), description="Free labels, for filters and reports.")
    difficulty: float | None = Field(
        default=None, description="Larger is harder; comparable within one environment only."
    )
    certificate: dict[str, Any] | None = Field(
        default=None, repr=False, description="What was proved about this task, by what."
    )

    @property
    def key(self) -> str:
        """Stable name across runs: environment and id."""
        return f"{self.env}/{self.id}"

    @property
    def hash(self) -> str:
        """sha256 (hex) of the canonical JSON of everything that is set, but for the certificate, which may quote it."""
        try:
            return object.__getattribute__(self, "_hash")  # type: ignore[no-any-return]  # in a slot: a copy hashes anew
        except AttributeError:
            digest = hashlib.sha256(canonical_json(self._hashed())).hexdigest()
            object.__setattr__(self, "_hash", digest)
            return digest

    def _hashed(self) -> list[Any]:
        """What the hash is of: what nearly every task has in a fixed order, then the rest by name."""
        known = self.__dict__
        content = [known["id"], known["env"], known["seed"], known["difficulty"], known["public"], known["private"]]
        resources, tags, limits = known["resources"], known["tags"], known["limits"].__dict__
        if not any(limits.values()):
            if not (resources or tags):
                return content
            limits = None
        rest = {"resources": resources, "tags": tags, "limits": limits}
        return [*content, {name: value for name, value in rest.items() if value}]


class TaskFields(TypedDict, total=False):
    """The fields of a Task that a generator decides; id, env and seed are filled in."""

    public: dict[str, Any]
    private: dict[str, Any]
    limits: Limits
    resources: dict[str, Any]
    tags: tuple[str, ...]
    difficulty: float | None
    certificate: dict[str, Any] | None


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes. Lone surrogates are escaped, NaN is null."""
    try:
        return orjson.dumps(value, to_jsonable_python, CANONICAL)
    except orjson.JSONEncodeError:  # lone surrogates, integers above 64 bits, keys that are no text, very deep nesting
        return _canonical(value).encode("utf-8", "backslashreplace")


_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=to_jsonable_python
).encode
CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""What orjson would write in its own way goes through pydantic, as it does in task files."""


def faults_of(error: ValidationError, prefix: str = "") -> str:
    """The faults of a validation error on one line: which field, what was expected."""
    faults = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in (prefix, *fault["loc"]) if part != "") or "not a JSON object"
        faults.append(f"{where}: {fault['msg']}")
    return "; ".join(faults)


def derive_seed(*parts: object) -> int:
    """A 63-bit seed from a hash of `parts`: streams of neighbouring seeds share nothing."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big") >> 1


class Seeds:
    """A series of 63-bit seeds from a hash of `parts` and the position: what they share is hashed once."""

    def __init__(self, *parts: object) -> None:
        self._root = blake2b(repr(parts).encode(), digest_size=8)

    def __getitem__(self, position: int, /) -> int:
        digest = self._root.copy()
        digest.update(b"%d" % position)
        return int.from_bytes(digest.digest(), "big") >> 1


class TaskSet(Protocol):
    """Tasks by position. `size` is None where the set has no end."""

    @property
    def size(self) -> int | None: ...

    def __getitem__(self, index: int, /) -> Task: ...

    def find(self, task_id: str) -> Task: ...


class TaskList:
    """A finite set, kept in memory. Ids are unique."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tuple(tasks)
        self._by_id = {task.id: task for task in self._tasks}
        if len(self._by_id) != len(self._tasks):
            seen: set[str] = set()
            twice = next(task.id for task in self._tasks if task.id in seen or seen.add(task.id))  # type: ignore[func-returns-value]
            raise UsageError(f"task ids are unique within a set; {twice!r} occurs more than once")

    @property
    def size(self) -> int | None:
        return len(self._tasks)

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks)

    def __getitem__(self, index: int, /) -> Task:
        return self._tasks[index]

    def find(self, task_id: str) -> Task:
        if task_id not in self._by_id:
            raise UnknownId.of("task", task_id, self._by_id)
        return self._by_id[task_id]


class PlacedTasks(ABC):
    """A finite set of tasks that lie in files or folders, each read when it is asked for: they may be large and many. Write `read`."""

    def __init__(self, places: Mapping[str, Path]) -> None:
        self._places = dict(places)

    @abstractmethod
    def read(self, place: Path) -> Task:
        """The task that lies there. Raises UsageError."""

    @property
    def size(self) -> int | None:
        return len(self._places)

    def __getitem__(self, index: int, /) -> Task:
        return self.read(list(self._places.values())[index])

    def find(self, task_id: str) -> Task:
        if task_id not in self._places:
            raise UnknownId.of("task", task_id, self._places)
        return self.read(self._places[task_id])


class GeneratedTasks:
    """An endless set: item i is `generate(Random(hash of env, knobs, seed, i))`, so any item can be made alone, anywhere."""

    size: int | None = None

    def __init__(
        self, env: str, knobs: Mapping[str, Any], generate: Callable[[random.Random], TaskFields], *, seed: int
    ) -> None:
        self._env = env
        self._generate = generate
        self._seed = seed
        self._seeds = Seeds(canonical_json([env, dict(knobs), seed]))

    def __getitem__(self, index: int, /) -> Task:
        if index < 0:
            raise UsageError(f"task index {index} is negative; a generated set has no end to count from")
        fields = self._generate(random.Random(self._seeds[index]))
        return Task(id=f"{self._seed}-{index}", env=self._env, seed=self._seed, **fields)

    def find(self, task_id: str) -> Task:
        seed, _, index = task_id.rpartition("-")
        if seed != str(self._seed) or not index.isdigit():
            raise UsageError(f"task {task_id!r} is not in this set; ids are {self._seed}-0, {self._seed}-1, ...")
        return self[int(index)]
