"""A clone as a source of objects, read by git without any of the clone's own settings.

A clone's `.git/config` and a tree's `.gitattributes` can name programs to run (filters, text conversion, monitors, hooks) and files to
leave out. So objects are read through an empty repository of our own that borrows them: no setting of the clone, of the user or of the
machine applies, and files come out as the bytes that were committed.
"""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from envgym.errors import UsageError
from envgym.task_synth.mining.unpack import unpack

GIT_S = 300
ATTRIBUTES = "* -export-ignore -export-subst -filter -ident -text !diff -working-tree-encoding\n"


@dataclass(frozen=True)
class Objects:
    """The objects of a clone, by way of a bare repository of our own."""

    folder: Path
    head: str

    def git(self, *words: str, stdin: bytes = b"") -> bytes:
        """What a git command prints. Raises UsageError where it fails."""
        return run_git(self.folder, *words, stdin=stdin)

    def resolve(self, revision: str) -> str:
        """The commit that an object name means here; empty where it means none."""
        try:
            return (
                self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
                .decode()
                .strip()
            )
        except UsageError:
            return ""

    def tree(self, commit: str, place: Path) -> None:
        """Writes the files of a commit to a new folder. Raises UsageError for a tree that cannot be written."""
        packed = self.git("archive", "--format=tar", commit)
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
            unpack(archive, place, name=commit[:12])


@contextmanager
def objects_of(clone: Path) -> Iterator[Objects]:
    """The objects of a clone while in use. Raises UsageError where it is no whole repository with commits."""
    if shutil.which("git") is None:
        raise UsageError("history is read by git, which is not there: apt-get install git")
    if not clone.is_dir():
        raise UsageError(f"{clone} is no folder; name a local git clone")
    about = _ask(clone, "rev-parse", "--git-common-dir", "--is-shallow-repository", "--show-object-format")
    if about is None:
        raise UsageError(f"{clone} is not a git repository; name a local clone, made by git clone")
    common, shallow, kind = about.splitlines()
    if shallow == "true":
        raise UsageError(f"{clone} is a shallow clone, its history is cut off; run git fetch --unshallow in it first")
    if _ask(clone, "config", "--local", "--get", "extensions.partialclone"):
        raise UsageError(f"{clone} is a partial clone, objects are missing; make a whole one, without --filter")
    head = _ask(clone, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not head:
        raise UsageError(f"{clone} has no commits on its current branch")
    with tempfile.TemporaryDirectory(prefix="envgym-objects-") as place:
        folder = Path(place) / "objects.git"
        run_git(Path(place), "init", "--quiet", "--bare", f"--object-format={kind}", "--template=", str(folder))
        shared = (clone / common / "objects").resolve()
        (folder / "objects" / "info").mkdir(parents=True, exist_ok=True)
        (folder / "objects" / "info" / "alternates").write_text(f"{shared}\n", encoding="utf-8")
        (folder / "info").mkdir(exist_ok=True)
        (folder / "info" / "attributes").write_text(ATTRIBUTES, encoding="utf-8")
        _copy_refs(clone, folder)
        run_git(folder, "update-ref", "--no-deref", "HEAD", head)
        yield Objects(folder, head)


def run_git(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    """What git prints when run in `folder` with nobody's settings. Raises UsageError where it fails."""
    try:
        done = subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *words],
            cwd=folder,
            input=stdin,
            capture_output=True,
            timeout=GIT_S,
            env=isolated(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"git {words[0]} did not end within {GIT_S} s in {folder}") from None
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"git {words[0]} fails: {why[-1][:300] if why else f'exit status {done.returncode}'}")
    return done.stdout


def isolated() -> dict[str, str]:
    """The environment of git: no settings of the user or of the machine, no pager, no questions, no fetching."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "UTC",
    }


def _ask(clone: Path, *words: str) -> str | None:
    """A short answer about the clone itself; None where git refuses. Only questions that run nothing."""
    try:
        return run_git(clone, *words).decode("utf-8", "surrogateescape").strip()
    except UsageError:
        return None


def _copy_refs(clone: Path, folder: Path) -> None:
    """Names of the clone's branches and tags, so that --since may use them."""
    listed = _ask(clone, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags") or ""
    lines = (line.partition(" ") for line in listed.splitlines())
    orders = "".join(f"create {name} {commit}\n" for commit, _, name in lines)
    if orders:
        run_git(folder, "update-ref", "--stdin", stdin=orders.encode("utf-8", "surrogateescape"))
