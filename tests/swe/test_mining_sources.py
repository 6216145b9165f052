"""Clones and archives that nobody vouches for: what is in them is read, nothing of them runs, nothing lands outside, bad ones are named."""

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envgym.cli import app
from envgym.errors import UsageError
from envgym.task_synth.mining.command import Wanted, search
from envgym.task_synth.mining.git import objects_of
from envgym.task_synth.mining.history import read_history
from envgym.task_synth.mining.pair import Pair
from envgym.task_synth.mining.releases import release_archive
from envgym.task_synth.mining.unpack import unpack_file


def git(folder: Path, *words: str, **env: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, **env}
    )
    return done.stdout.strip()


def commit(folder: Path, message: str, files: dict[str, str], *, day: int = 1) -> str:
    """Writes files and commits them on a day of January 2024. Makes the repository where there is none."""
    if not folder.exists():
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet", "-b", "main")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    when = f"2024-01-{day:02}T12:00:00+00:00"
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message, GIT_COMMITTER_DATE=when, GIT_AUTHOR_DATE=when)
    return git(folder, "rev-parse", "HEAD")


def both(number: int) -> dict[str, str]:
    return {"pkg.py": f"A = {number}\n", "tests/test_pkg.py": f"# {number}\n"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Five commits after the first: both, a document, source alone, both with a merge after it, both."""
    folder = tmp_path / "pkg"
    commit(folder, "First", both(0))
    commit(folder, "Both", both(1), day=2)
    commit(folder, "Document", {"README.md": "x"}, day=3)
    commit(folder, "Source", {"pkg.py": "A = 2\n"}, day=4)
    git(folder, "checkout", "--quiet", "-b", "side")
    commit(folder, "Side", both(3), day=5)
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    git(folder, "tag", "v1")
    commit(folder, "Last", both(4), day=7)
    return folder


def subjects(clone: Path, since: str = "", limit: int | None = None) -> list[str]:
    with objects_of(clone) as objects:
        return [each.subject for each in read_history(objects, "pkg", since=since, limit=limit).commits]


def test_commits_that_touch_source_and_tests_are_found_newest_first_without_merges(clone: Path) -> None:
    assert subjects(clone) == ["Last", "Side", "Both"]
    assert subjects(clone, limit=2) == ["Last", "Side"]


@pytest.mark.parametrize(("since", "want"), [("v1", ["Last"]), ("2024-01-05", ["Last", "Side"]), ("HEAD~1", ["Last"])])
def test_since_is_a_revision_or_a_day(clone: Path, since: str, want: list[str]) -> None:
    assert subjects(clone, since) == want


def test_what_is_too_large_for_a_task_is_passed_over(clone: Path) -> None:
    commit(
        clone,
        "Many files",
        {f"m{number}.py": "" if number else "x" for number in range(6)} | {"tests/test_m.py": "x"},
        day=8,
    )
    commit(clone, "Many lines", {"pkg.py": "A = 1\n" * 500, "tests/test_m.py": "y"}, day=9)
    with objects_of(clone) as objects:
        history = read_history(objects, "pkg")
    assert history.passed_over == {"too_big": 2, "no_tests": 2}


def test_nothing_that_a_clone_s_settings_name_is_run_and_attributes_hide_nothing(clone: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    attributes = "* filter=evil diff=evil\ntests export-ignore\npkg.py export-subst ident\n"
    last = commit(
        clone,
        "Attributes",
        {".gitattributes": attributes, "pkg.py": "A = '$Format:%H$ $Id$'\n", "tests/test_pkg.py": "# 5\n"},
        day=8,
    )
    for key in (
        "filter.evil.smudge",
        "filter.evil.clean",
        "diff.evil.textconv",
        "diff.evil.command",
        "core.fsmonitor",
        "core.pager",
        "diff.external",
    ):
        git(clone, "config", key, f"touch {ran}")
    hook = clone / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    with search(Wanted(clone)) as found:
        event = found.origins[0].write(tmp_path / "event")
    assert event.source.commit == last
    assert (event.after / "tests/test_pkg.py").read_text() == "# 5\n"
    assert (event.after / "pkg.py").read_text() == "A = '$Format:%H$ $Id$'\n"
    assert not ran.exists()


def test_a_bare_clone_and_a_clone_that_borrows_objects_are_read_too(clone: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(clone), "bare.git")
    git(tmp_path, "clone", "--quiet", "--shared", str(clone), "borrowing")
    assert subjects(tmp_path / "bare.git") == subjects(tmp_path / "borrowing") == ["Last", "Side", "Both"]


def test_a_clone_that_cannot_be_mined_is_named_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{clone}", "shallow")
    git(tmp_path, "init", "--quiet", "empty")
    commit(tmp_path / "one", "Only", both(1))
    commit(tmp_path / "untested", "First", {"a.py": ""})
    commit(tmp_path / "untested", "Second", {"a.py": "x = 1\n"})
    (tmp_path / "folder").mkdir()
    wrong = {
        "shallow": "git fetch --unshallow",
        "empty": "no commits",
        "one": "no commits with a parent",
        "untested": "touches a test",
        "folder": "not a git repository",
        "missing": "is no folder",
    }
    for name, told in wrong.items():
        with pytest.raises(UsageError, match=told), search(Wanted(tmp_path / name)):
            pass
    with (
        pytest.raises(UsageError, match="neither a revision of the clone nor a date"),
        search(Wanted(clone, since="--output=x")),
    ):
        pass


def tar_of(place: Path, members: list[tarfile.TarInfo]) -> Path:
    archive = place / "pkg-1.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for member in members:
            packed.addfile(member, io.BytesIO(b"x" * member.size))
    return archive


def member(name: str, *, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 1) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "pkg-1/../../out.py", "pkg-1\\..\\out.py"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    place = tmp_path / "deep" / "place"
    archive = tar_of(tmp_path, [member(name)])
    if kind == "zip":
        archive = tmp_path / "pkg-1.zip"
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(name, "x")
    with pytest.raises(UsageError, match="leads out"):
        unpack_file(archive, place)
    assert not list(tmp_path.rglob("*out.py"))


def test_links_that_lead_out_and_devices_are_left_out(tmp_path: Path) -> None:
    link = tarfile.SYMTYPE
    members = [
        member("a/evil", kind=link, target="/etc"),
        member("a/evil/passwd"),
        member("a/up", kind=link, target="../../x"),
        member("a/hop", kind=link, target="."),
        member("a/round", kind=link, target="hop/../../.."),
        member("a/good", kind=link, target="evil/passwd"),
        member("a/hard", kind=tarfile.LNKTYPE, target="/etc/passwd"),
        member("a/device", kind=tarfile.CHRTYPE),
        member("a/pipe", kind=tarfile.FIFOTYPE),
    ]
    place = tmp_path / "place"
    unpack_file(tar_of(tmp_path, members), place)
    assert sorted(str(path.relative_to(place)) for path in place.rglob("*")) == [
        "a",
        "a/evil",
        "a/evil/passwd",
        "a/good",
        "a/hop",
    ]
    assert (place / "a/evil/passwd").read_text() == "x", "a file where the link would have been, not the machine's own"


def test_an_archive_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envgym.task_synth.mining.unpack.MAX_BYTES", 1000)
    with pytest.raises(UsageError, match="unpacks to more than"):
        unpack_file(tar_of(tmp_path, [member("a/big", size=600), member("a/too", size=600)]), tmp_path / "place")
    assert not (tmp_path / "place/a/too").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken", b"\x1f\x8b\x08 broken"])
def test_a_broken_archive_is_named(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "pkg-1.tar.gz"
    broken.write_bytes(content)
    with pytest.raises(UsageError, match=r"pkg-1\.tar\.gz"):
        Pair(broken, broken).write(tmp_path / "place")


def test_a_pair_is_of_one_package_and_named_by_file_or_version(tmp_path: Path) -> None:
    for name in ("one-1.0", "two-1.1"):
        (tmp_path / f"{name}.tar.gz").write_bytes(tar_of(tmp_path, [member(f"{name}/{name}.py")]).read_bytes())
    with pytest.raises(UsageError, match="two releases of one package"):
        Pair(tmp_path / "one-1.0.tar.gz", tmp_path / "two-1.1.tar.gz").write(tmp_path / "place")
    for wanted in ("--index-url=http://x", "name", "name==", "name==1;os", "https://x/y==1"):
        with pytest.raises(UsageError, match="name==version"):
            release_archive(wanted, tmp_path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say what to mine"),
        (["--repo", "missing"], "is no folder"),
        (["--repo", ".", "--pair", "a", "b"], "say what to mine"),
        (["--pair", "a", "b"], "no such file"),
        (["--pair", "a", "b", "--limit", "3"], "are for --repo"),
        (["--repo", ".", "--recipe", "missing.toml"], "cannot read a recipe"),
        (["--repo", ".", "--sandbox", "cellar"], "expected namespaces or docker"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["synth", "swe", *words, "-o", "out"])
    assert isinstance(result.exception, UsageError)
    assert told in str(result.exception)
    assert not (tmp_path / "out").exists()
