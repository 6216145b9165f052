"""environment/Dockerfile without Docker: what it does to the working folder, for a namespace sandbox over a given root filesystem.

FROM is not looked at: the root is what the caller gives, or this machine's own programs. WORKDIR, ENV, ARG and COPY or ADD of local files
are carried out. A RUN line runs in a sandbox where only the working folder and /tmp can be written, which is enough for some and fails for
those that install packages: that is refused, with the advice to use Docker. Files that are copied elsewhere are shown read-only.
"""

import io
import posixpath
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from envgym.environments.harbor.dockerfile import (
    Instruction,
    assignments,
    filled,
    read_dockerfile,
    working_folder,
)
from envgym.environments.harbor.image_build import DEFAULT_WORKDIR
from envgym.environments.harbor.task_file import HarborFolder
from envgym.errors import UsageError
from envgym.sandbox.namespace_sandbox import NamespaceSandbox
from envgym.sandbox.root_view import LINKED, OWN
from envgym.sandbox.spec import Limits, SandboxSpec

WITHOUT_EFFECT = {
    "FROM",
    "CMD",
    "ENTRYPOINT",
    "EXPOSE",
    "LABEL",
    "MAINTAINER",
    "USER",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "VOLUME",
}
ADVICE = "build it with Docker instead: sandbox=docker"
MAX_BYTES = 256 << 20


@dataclass
class TreeBuilt:
    """What a Dockerfile makes: the working folder in `tree`, and `outside` by top folder what is copied elsewhere."""

    workdir: str
    tree: Path
    outside: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def placed(self) -> dict[str, Path]:
        return {f"/{folder.name}": folder for folder in sorted(self.outside.iterdir())} if self.outside.exists() else {}


def build_tree(folder: HarborFolder, place: Path, root: Path | None) -> TreeBuilt:
    """Carries out the Dockerfile of a task into the new folder `place`; an empty working folder where there is none. Raises UsageError."""
    (place / "outside").mkdir(parents=True)
    dockerfile = folder.environment / "Dockerfile"
    if not dockerfile.is_file():
        (place / "tree").mkdir()
        return TreeBuilt(DEFAULT_WORKDIR, place / "tree", place / "outside")
    if (folder.environment / ".dockerignore").exists():
        raise UsageError(f"{folder.path.name}: a .dockerignore is not read here; {ADVICE}")
    instructions = read_dockerfile(dockerfile.read_text(encoding="utf-8", errors="replace"))
    if sum(each.word == "FROM" for each in instructions) > 1:
        raise UsageError(f"{folder.path.name}: a Dockerfile of several stages; {ADVICE}")
    built = TreeBuilt(working_folder(instructions, DEFAULT_WORKDIR), place / "tree", place / "outside")
    there = root / built.workdir[1:] if root is not None else None
    if there is not None and there.is_dir():
        shutil.copytree(there, built.tree, symlinks=True)
    else:
        built.tree.mkdir()
    work = _Work(folder, root, built)
    for instruction in instructions:
        work.carry_out(instruction)
    return built


class _Work:
    def __init__(self, folder: HarborFolder, root: Path | None, built: TreeBuilt) -> None:
        self.folder, self.root, self.built = folder, root, built
        self.here = "/"
        self.values: dict[str, str] = {}

    def carry_out(self, instruction: Instruction) -> None:
        match instruction.word:
            case "WORKDIR":
                self.here = posixpath.normpath(posixpath.join(self.here, self._filled(instruction.text.strip("\"' "))))
            case "ENV" | "ARG":
                found = {name: self._filled(value) for name, value in assignments(instruction).items()}
                self.values |= found
                self.built.env |= found if instruction.word == "ENV" else {}
            case "COPY" | "ADD":
                self._copy(instruction)
            case "RUN":
                self._run(instruction)
            case word if word not in WITHOUT_EFFECT:
                raise self._refused(instruction, "is not carried out here")

    def _filled(self, text: str) -> str:
        return filled(text, self.values)

    def _refused(self, instruction: Instruction, why: str) -> UsageError:
        return UsageError(f"{self.folder.path.name}: Dockerfile: {instruction}: {why}; {ADVICE}")

    def _copy(self, instruction: Instruction) -> None:
        words = instruction.words()
        flags = [word for word in words if word.startswith("--")]
        *sources, target = [self._filled(word) for word in words if not word.startswith("--")] or [""]
        if not sources or not target:
            raise self._refused(instruction, "names no source and target")
        if any(not flag.startswith(("--chown", "--chmod")) for flag in flags):
            raise self._refused(instruction, f"{flags[0]} is not understood")
        found = [path for source in sources for path in self._matching(instruction, source)]
        into = target.endswith("/") or target in (".", "..") or len(found) > 1
        place = posixpath.normpath(posixpath.join(self.here, target))
        for path in found:
            inner = (
                place
                if path.is_dir() or not (into or self._on_disk(instruction, place).is_dir())
                else f"{place}/{path.name}"
            )
            self._put(path, self._on_disk(instruction, inner))

    def _matching(self, instruction: Instruction, source: str) -> list[Path]:
        context = self.folder.environment
        if "://" in source or source.startswith("git@"):
            raise self._refused(instruction, "nothing is downloaded here")
        if instruction.word == "ADD" and source.endswith((".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")):
            raise self._refused(instruction, "archives are not unpacked here")
        relative = posixpath.normpath(source.lstrip("/")) if source.strip("/") else "."
        if relative.startswith(".."):
            raise self._refused(instruction, "leads out of environment/")
        found = [context] if relative == "." else sorted(context.glob(relative))
        if not found:
            raise self._refused(instruction, f"{source} is not in environment/")
        for path in found:
            if not path.resolve().is_relative_to(context.resolve()):
                raise self._refused(instruction, f"{source} is a link out of environment/")
        return found

    def _on_disk(self, instruction: Instruction, place: str) -> Path:
        """Where a path of the image is while it is built."""
        workdir = self.built.workdir
        if place == workdir or place.startswith(f"{workdir}/"):
            return self.built.tree / posixpath.relpath(place, workdir)
        top = place.split("/")[1]
        taken = top in OWN or (top in ("usr", "etc", *LINKED) if self.root is None else (self.root / top).exists())
        if not top or taken:
            raise self._refused(instruction, f"{place} belongs to the root filesystem, which is read-only")
        return self.built.outside / place[1:]

    def _put(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)

    def _run(self, instruction: Instruction) -> None:
        built = self.built
        spec = SandboxSpec(
            root=self.root,
            tree=built.tree,
            workdir=built.workdir,
            env={**self.values, **built.env},
            placed=built.placed,
            limits=Limits(memory_mb=self.folder.task.memory_mb, wall_s=self.folder.task.environment.build_timeout_sec),
        )
        here = self.here if self.here != "/" else built.workdir
        command = instruction.exec_form or ["/bin/sh", "-c", instruction.text]
        with NamespaceSandbox(spec) as sandbox:
            done = sandbox.exec(command, cwd=here)
            if done.rc != 0:
                why = "took too long" if done.timed_out else f"ended with {done.rc}: {done.text.strip()[-300:]}"
                raise self._refused(
                    instruction, f"cannot be done in a sandbox without network and with a read-only root: it {why}"
                )
            packed = sandbox.exec(["tar", "-cf", "-", "."], output_cap=MAX_BYTES)
        if packed.rc != 0 or packed.truncated:
            raise self._refused(instruction, f"leaves more than {MAX_BYTES >> 20} MiB, or what cannot be read")
        shutil.rmtree(built.tree)
        try:
            with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
                archive.extractall(built.tree, filter="data")
        except tarfile.TarError as error:
            raise self._refused(instruction, f"leaves what cannot be kept: {error}") from None
