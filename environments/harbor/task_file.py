"""A Harbor task folder: task.toml, instruction.md, environment/, tests/test.sh, solution/solve.sh. Read as data, nothing is run.

Keys of task.toml that are not known here are ignored, as Harbor does, but listed (`HarborFolder.unknown`). What would change what a task
means and cannot be honoured is refused instead: several steps, several containers, a verifier with an environment of its own.
"""

import functools
import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from envgym.errors import UsageError
from envgym.task import canonical_json, faults_of

LENIENT = ConfigDict(frozen=True, extra="ignore")
UNITS = {"": 1, "M": 1, "G": 1024, "T": 1024 * 1024}
REFUSED = {
    ("steps",): "several steps",
    ("verifier", "environment"): "a verifier with an environment of its own",
    ("environment", "mcp_servers"): "MCP servers",
}
FILES = ("task.toml", "instruction.md", "tests/test.sh")


def _size(value: Any) -> Any:
    """Megabytes: a number, or text such as "2G" or "512 MB"."""
    if not isinstance(value, str):
        return value
    read = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([MGT]?)i?B?\s*", value, re.IGNORECASE)
    if read is None:
        raise ValueError(f"expected a size such as 2048 or '2G', not {value[:40]!r}")
    return round(float(read[1]) * UNITS[read[2].upper()])


Megabytes = Annotated[int, BeforeValidator(_size), Field(ge=16)]
User = str | int | None


class Agent(BaseModel):
    """[agent]"""

    model_config = LENIENT

    timeout_sec: float | None = Field(default=None, gt=0)
    user: User = None


class Verifier(BaseModel):
    """[verifier]"""

    model_config = LENIENT

    timeout_sec: float = Field(default=600.0, gt=0)
    env: dict[str, str] = Field(default_factory=dict)
    user: User = None
    environment_mode: Literal["shared", "separate"] | None = None


class Surroundings(BaseModel):
    """[environment]"""

    model_config = LENIENT

    docker_image: str | None = None
    cpus: float | None = Field(default=None, gt=0)
    memory_mb: Megabytes | None = None
    memory: Megabytes | None = None
    storage_mb: Megabytes | None = None
    storage: Megabytes | None = None
    build_timeout_sec: float = Field(default=600.0, gt=0)
    allow_internet: bool | None = None
    network_mode: str | None = None
    env: dict[str, str] = Field(default_factory=dict)


class HarborTask(BaseModel):
    """task.toml."""

    model_config = LENIENT

    version: str | float | None = None
    schema_version: str | float | None = None
    task: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    agent: Agent = Agent()
    verifier: Verifier = Verifier()
    environment: Surroundings = Surroundings()
    artifacts: list[Any] = Field(default_factory=list)

    @property
    def memory_mb(self) -> int:
        about = self.environment
        return about.memory_mb or about.memory or 2048


@dataclass(frozen=True)
class HarborFolder:
    """A task folder that was read. Equal digests mean equal folders."""

    path: Path
    task: HarborTask
    instruction: str
    unknown: tuple[str, ...] = ()
    """Keys of task.toml that nothing here reads, dotted."""

    @property
    def environment(self) -> Path:
        return self.path / "environment"

    @property
    def tests(self) -> Path:
        return self.path / "tests"

    @property
    def solution(self) -> Path:
        return self.path / "solution"

    @functools.cached_property
    def digest(self) -> str:
        """sha256 over names, content and what is executable: the same on every machine."""
        digest = hashlib.sha256()
        for path in sorted(self.path.rglob("*"), key=str):
            about = path.lstat()
            link, executable = path.is_symlink(), stat.S_ISREG(about.st_mode) and bool(about.st_mode & 0o100)
            content = os.fsencode(os.readlink(path)) if link else b"" if path.is_dir() else path.read_bytes()
            named = [str(path.relative_to(self.path)), link, executable, hashlib.sha256(content).hexdigest()]
            digest.update(canonical_json(named))
        return digest.hexdigest()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the folder asks for that is not done, for people."""
        task, said = self.task, list[str]()
        if task.environment.allow_internet or task.environment.network_mode not in (None, "no-network", "none"):
            said.append("network: there is none, neither for the agent nor for the verifier")
        if any(user is not None for user in (task.agent.user, task.verifier.user)):
            said.append("user: commands run as a user without rights, whoever is named")
        if task.verifier.environment_mode != "separate":
            said.append("verifier.environment_mode: always separate")
        return (*said, *(f"{name}: not known" for name in self.unknown))

    @classmethod
    def read(cls, path: Path) -> "HarborFolder":
        """Reads and checks a folder. Raises UsageError that names what is missing, wrong or not supported."""
        missing = [name for name in FILES if not (path / name).is_file()]
        if missing:
            raise UsageError(f"{path} is no Harbor task folder: it lacks {', '.join(missing)}")
        raw = _toml(path / "task.toml")
        _check_supported(path, raw)
        try:
            task = HarborTask.model_validate(raw)
        except ValidationError as error:
            raise UsageError(f"{path}/task.toml: {faults_of(error)}") from None
        for place, values in (("verifier.env", task.verifier.env), ("environment.env", task.environment.env)):
            for name, value in values.items():
                if "${" in value:
                    raise UsageError(
                        f"{path}: {place}.{name} is {value[:80]!r}: nothing of this machine's environment goes into a sandbox; "
                        "write the value into task.toml"
                    )
        instruction = (path / "instruction.md").read_text(encoding="utf-8", errors="replace")
        return cls(path, task, instruction, tuple(_unknown(raw, HarborTask)))


def harbor_folders(place: Path) -> list[Path]:
    """The task folders under `place`, or `place` itself where it is one. Raises UsageError where there is none."""
    if (place / "task.toml").is_file():
        return [place]
    found = sorted(file.parent for file in place.glob("*/task.toml") if not file.parent.name.startswith("."))
    if not found:
        raise UsageError(f"no Harbor task folders in {place}: expected folders with a task.toml")
    return found


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None


def _check_supported(path: Path, raw: Mapping[str, Any]) -> None:
    for keys, what in REFUSED.items():
        value: Any = raw
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value:
            raise UsageError(f"{path}/task.toml: {'.'.join(keys)}: {what} cannot be played here")
    for folder, name in (("environment", "docker-compose.yaml"), ("environment", "docker-compose.yml"), ("tests", "*")):
        wanted = ["Dockerfile", "docker-compose.yaml"] if name == "*" else [name]
        for file in wanted:
            if (path / folder / file).exists():
                what = "several containers" if "compose" in file else "a verifier with an image of its own"
                raise UsageError(f"{path}/{folder}/{file}: {what} cannot be played here")


def _unknown(raw: Mapping[str, Any], shape: type[BaseModel], above: str = "") -> Iterator[str]:
    for name, value in raw.items():
        field = shape.model_fields.get(name)
        if field is None:
            yield f"{above}{name}"
        elif (
            isinstance(value, Mapping)
            and isinstance(field.annotation, type)
            and issubclass(field.annotation, BaseModel)
        ):
            yield from _unknown(value, field.annotation, f"{above}{name}.")
