"""What a sandbox is made of and what it may use."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

STRICT = ConfigDict(frozen=True, extra="forbid")
PLACE = r"^/[\w.-]+(/[\w.-]+)*$"
Place = Annotated[str, StringConstraints(pattern=PLACE)]
"""Absolute path of a folder inside a sandbox."""


class Limits(BaseModel):
    """What everything that runs in one sandbox may use together, unless said otherwise."""

    model_config = STRICT

    memory_mb: int = Field(default=1024, ge=16, description="Memory of all processes, with what they write.")
    processes: int = Field(default=256, ge=4, description="Processes and threads at once.")
    cpu_s: float | None = Field(
        default=None, gt=0, description="CPU seconds of one process; None: only the wall clock counts."
    )
    wall_s: float = Field(default=120.0, gt=0, description="Seconds of one command where the call says nothing else.")
    disk_mb: int = Field(default=512, ge=1, description="What may be written to the working folder and /tmp together.")
    output_bytes: int = Field(
        default=1 << 20, ge=0, description="Of each of stdout and stderr; the rest is read and dropped."
    )


class SandboxSpec(BaseModel):
    """What a sandbox starts as. Two sandboxes of one spec start with the same bytes."""

    model_config = STRICT

    root: Path | None = Field(
        default=None, description="Folder of a root filesystem, shown read-only. None: this machine's own programs."
    )
    image: str = Field(default="", description="Docker image; only DockerSandbox reads it.")
    tree: Path | None = Field(default=None, description="Folder whose content the working folder starts with.")
    workdir: Place = Field(default="/workspace", description="The working folder.")
    env: dict[str, str] = Field(default_factory=dict, description="Environment variables; nothing is inherited.")
    show: tuple[Path, ...] = Field(default=(), description="Further folders of this machine, shown read-only in place.")
    placed: dict[Place, Path] = Field(
        default_factory=dict, description="Folders of this machine by the place where they are shown, read-only."
    )
    scratch: tuple[Place, ...] = Field(
        default=(), description="Further writable folders: empty at the start, in memory, no part of a snapshot."
    )
    network: Literal["none", "host"] = Field(default="none", description="host: the machine's own network.")
    limits: Limits = Limits()
