"""The tree that is graded: pristine, but for source files of the candidate and the hidden tests. Made on our side, each time anew."""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from envgym.environments.swe.candidate import File
from envgym.environments.swe.task_folder import TaskFolder


@contextlib.contextmanager
def graded_tree(
    folder: TaskFolder,
    changes: Mapping[str, File | None],
    *,
    hidden: bool = True,
    tests: Mapping[str, str] | None = None,
) -> Iterator[Path]:
    """A temporary tree with `changes` over base, then the hidden tests, then `tests` (source by path) over those."""
    with tempfile.TemporaryDirectory(prefix="envgym-graded-") as temporary:
        tree = Path(temporary)
        shutil.copytree(folder.base, tree, symlinks=True, dirs_exist_ok=True)
        for path, content in folder.task.recipe.generated.items():
            put(tree, path, File(content.encode()))
        for path, file in changes.items():
            put(tree, path, file)
        if hidden:
            for place in sorted(each for each in folder.hidden.rglob("*") if each.is_file() and not each.is_symlink()):
                put(tree, str(place.relative_to(folder.hidden)), File(place.read_bytes()))
        for name, source in (tests or {}).items():
            put(tree, name, File(source.encode("utf-8", "surrogateescape")))
        open_to_all(tree)
        yield tree


def put(tree: Path, path: str, file: File | None) -> None:
    """Makes, replaces or removes one file. Never writes through a link, nor outside of `tree`."""
    place = tree / path
    for above in reversed(place.relative_to(tree).parents[:-1]):
        parent = tree / above
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            parent.unlink()
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    if file is None or file.content is None or file.link:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(file.content)
    place.chmod(0o755 if file.executable else 0o644)


def open_to_all(tree: Path) -> None:
    """Lets any user read what is there, so that a user without rights can run it."""
    for place, folders, files in os.walk(tree):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(path, mode | (0o555 if stat.S_ISDIR(mode) or mode & 0o100 else 0o444))
    os.chmod(tree, 0o755)
