"""The bundled sample repository is the same everywhere, and its events are events: strict failures before, passes after."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from envgym.errors import UsageError
from envgym.task_synth.sample_repository import HEAD, build

EVENTS = {
    "Merging keeps the later end": 2,
    "12am is midnight, 12pm is noon": 6,
    "Dates and holidays win over weekdays": 4,
    "Ranges of dates over the turn of the year": 3,
    "Superscripts are no digits": 5,
    "Schedules no longer share a calendar": 1,
    "Read spoken words in the lexer": 9,
    "Closing time looks past midnight": 4,
    "Feb 29 is a date": 7,
    "Odd and even weeks": 8,
    "One walk over the periods of a schedule": 8,
    "open_minutes() goes by days, not by minutes": 1,
    "Holidays added later are seen": 2,
    "Round decimal hours half up": 1,
    "open_at() keeps the order of the directory": 1,
    "Deadlines in opening hours": 13,
    "Names in any script": 5,
    "check reads on after an error": 4,
    "First, second, last weekday of the month": 16,
    "Do not drop seconds too early": 2,
}
"""Subject of each event, and how many tests fail before it and pass after it."""
IMPORT_ERRORS = ("Read opening hours", "Export as iCalendar")
FLAKY = "Suggest a place that is open"

FORKS = """
import json, os, sys, pytest
for tree, arguments in json.load(sys.stdin):
    if not os.fork():
        os.chdir(tree)
        pytest.main(["-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", *arguments])
        os._exit(0)
    os.wait()
"""


@dataclass(frozen=True)
class Outcomes:
    """Test names by what became of them; `broken` are files that could not even be collected."""

    passed: frozenset[str]
    failed: frozenset[str]
    broken: frozenset[str]


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write(repository: Path, commit: str, folder: Path, *paths: str) -> Path:
    """Files of a commit, over what is there."""
    folder.mkdir(exist_ok=True)
    packed = subprocess.run(
        ["git", "-C", str(repository), "archive", commit, *paths], check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    return folder


def run(*jobs: tuple[Path, Sequence[str]]) -> list[Outcomes]:
    """Runs test files of trees, each in a process of its own and without any plugin. pytest is imported only once for all."""
    reports = [tree.parent / f"{tree.name}.xml" for tree, _ in jobs]
    work = [(str(tree), [f"--junit-xml={report}", *files]) for (tree, files), report in zip(jobs, reports, strict=True)]
    subprocess.run(
        [sys.executable, "-B", "-c", FORKS],
        input=json.dumps(work),
        text=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return [read(report) for report in reports]


def read(report: Path) -> Outcomes:
    found: dict[str, set[str]] = {"passed": set(), "failure": set(), "error": set()}
    for case in ElementTree.parse(report).iter("testcase"):
        found[case[0].tag if len(case) else "passed"].add(f"{case.get('classname')}::{case.get('name')}")
    return Outcomes(*(frozenset(names) for names in found.values()))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sample") / "doorsign")


@pytest.fixture(scope="module")
def commits(repository: Path) -> dict[str, str]:
    """Commit ids by subject."""
    lines = git(repository, "log", "--no-merges", "--format=%s%x09%H").splitlines()
    return dict(line.split("\t") for line in lines)


@pytest.fixture
def outcomes(repository: Path, commits: dict[str, str], tmp_path: Path, subject: str) -> list[Outcomes]:
    """The test files that a commit touches, run on its parent's source and on its own."""
    commit = commits[subject]
    touched = git(repository, "show", "--name-only", "--format=", commit, "--", "tests/test_*.py").split()
    before = write(repository, f"{commit}^", tmp_path / "before")
    write(repository, commit, before, "tests")
    return run((before, touched), (write(repository, commit, tmp_path / "after"), touched))


@pytest.mark.parametrize("subject", EVENTS)
def test_an_event_fails_before_and_passes_after(outcomes: list[Outcomes], subject: str) -> None:
    before, after = outcomes
    assert len(before.failed) == EVENTS[subject]
    assert not before.broken
    assert before.failed | before.passed == after.passed
    assert not after.failed | after.broken


@pytest.mark.parametrize("subject", IMPORT_ERRORS)
def test_a_new_module_cannot_be_imported_before(outcomes: list[Outcomes], subject: str) -> None:
    before, after = outcomes
    assert before.broken
    assert not before.failed | before.passed
    assert after.passed
    assert not after.failed | after.broken


def test_one_commit_has_a_test_that_fails_more_often_than_not(
    repository: Path, commits: dict[str, str], tmp_path: Path
) -> None:
    tree = write(repository, commits[FLAKY], tmp_path / "tree")
    name = "test_every_open_place_is_suggested_now_and_then"
    drawn = (tree / "tests" / "test_directory.py").read_text()
    many = drawn.replace("\n\ndef " + name, '\n\n@pytest.mark.parametrize("again", range(30))\ndef ' + name).replace(
        f"{name}(", f"{name}(again, "
    )
    (tree / "tests" / "test_directory.py").write_text(many)
    (outcomes,) = run((tree, [f"tests/test_directory.py::{name}"]))
    assert len(outcomes.passed | outcomes.failed) == 30
    assert outcomes.passed
    assert outcomes.failed


def test_the_whole_suite_passes_at_head(repository: Path) -> None:
    (outcomes,) = run((repository, []))
    assert len(outcomes.passed) == 375
    assert not outcomes.failed | outcomes.broken


def test_it_is_the_same_whatever_git_is_told(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[user]\n\tname = somebody\n[core]\n\tautocrlf = true\n[init]\n\tdefaultBranch = trunk\n[commit]\n\tgpgSign = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00+0300")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = build(tmp_path / "again")
    monkeypatch.delenv("GIT_DIR")
    assert git(again, "rev-parse", "main").strip() == HEAD == git(repository, "rev-parse", "main").strip()
    assert git(again, "status", "--porcelain") == ""


def test_it_is_the_work_of_nobody(repository: Path) -> None:
    people = git(repository, "log", "--format=%an <%ae>%n%cn <%ce>").split("\n")
    assert set(people) == {"envgym <envgym@localhost>", ""}


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is in use; give a folder that is missing or empty"):
        build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_git_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apt-get install git"):
        build(tmp_path / "sample")
    assert not (tmp_path / "sample").exists()
