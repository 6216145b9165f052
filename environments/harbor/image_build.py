"""Docker images for Harbor tasks: one that is there, or one built from environment/Dockerfile without a network."""

import importlib
import re
from typing import Any

from envgym.environments.harbor.dockerfile import base_images, read_dockerfile
from envgym.environments.harbor.task_file import HarborFolder
from envgym.errors import UsageError
from envgym.sandbox.layers import content_key
from envgym.sandbox.sandbox import SandboxFailure
from envgym.sandbox.spec import PLACE

NAME = "envgym-harbor"
CALL_S = 900
"""For one call of the engine: a build may take long."""
DEFAULT_WORKDIR = "/app"
"""Where an image names no working folder; most Harbor tasks have theirs there."""


def connected() -> Any:
    """A client of the engine. Raises UsageError where the docker package or the engine is missing."""
    try:
        client = _package("docker").from_env(timeout=CALL_S)
        client.ping()
    except _package("docker.errors").DockerException as error:
        raise UsageError(
            f"no Docker engine answers ({str(error)[:200]}); `envgym doctor` says how to get one, or give root=FOLDER"
        ) from error
    return client


def image_of(folder: HarborFolder, client: Any, *, wanted: str = "") -> str:
    """The image of a task: `wanted`, or what task.toml names, or one built now. Raises UsageError, SandboxFailure."""
    named = wanted or folder.task.environment.docker_image or ""
    dockerfile = folder.environment / "Dockerfile"
    if named:
        if not _is_there(client, named):
            raise UsageError(f"{folder.path.name}: the engine does not have the image {named}; docker pull {named}")
        return named
    if not dockerfile.is_file():
        raise UsageError(f"{folder.path}: neither environment/Dockerfile nor environment.docker_image")
    return _built(folder, client)


def workdir_of(client: Any, image: str) -> str:
    """The working folder of an image."""
    place = str(client.images.get(image).attrs["Config"].get("WorkingDir") or "")
    return place.rstrip("/") if re.fullmatch(PLACE, place.rstrip("/")) else DEFAULT_WORKDIR


def _is_there(client: Any, image: str) -> bool:
    try:
        client.images.get(image)
    except _package("docker.errors").ImageNotFound:
        return False
    return True


def _built(folder: HarborFolder, client: Any) -> str:
    errors = _package("docker.errors")
    tag = f"{NAME}:{content_key(folder.environment)[:32]}"
    if _is_there(client, tag):
        return tag
    text = (folder.environment / "Dockerfile").read_text(encoding="utf-8", errors="replace")
    for image in base_images(read_dockerfile(text)):
        if not _is_there(client, image):
            raise UsageError(
                f"{folder.path.name} is built from {image}, which the engine does not have: docker pull {image}, or name an image that was "
                "built elsewhere with image=NAME"
            )
    try:
        client.images.build(path=str(folder.environment), tag=tag, network_mode="none", pull=False, rm=True)
    except errors.BuildError as error:
        said = "".join(part.get("stream", "") for part in error.build_log if isinstance(part, dict))
        raise UsageError(
            f"{folder.path.name}: environment/Dockerfile cannot be built without a network: {error}; it said: {said[-500:].strip()}. "
            f"Build it with `docker build -t {tag} {folder.environment}`, or name an image with image=NAME"
        ) from None
    except errors.APIError as error:
        raise SandboxFailure(f"the Docker engine: {str(error)[:500]}") from error
    return tag


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UsageError(
            "Harbor tasks run in Docker, which needs a package: pip install 'envgym[docker]'; or give root=FOLDER"
        ) from error
