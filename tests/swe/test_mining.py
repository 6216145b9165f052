"""Mining: events of small repositories, made here, become tasks where their tests say so, and are rejected with the reason where not."""

import json
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from envgym.environments.swe.task_folder import TaskFolder
from envgym.errors import UsageError
from envgym.task_synth.mining.command import Wanted, search, synth_swe_command
from envgym.task_synth.mining.journal import Decision, Journal
from envgym.task_synth.mining.mine import Settings, mine

pytestmark = pytest.mark.timeout(400)  # a task passes some forty sandboxes; on a crowded machine each takes seconds
QUICK = Settings(runs_before=1, runs_after=2, gate_reruns=1)
PYPROJECT = '[project]\nname = "sums"\nversion = "1"\nlicense = "MIT"\n'
BROKEN = '''"""Sums."""


def total(numbers):
    """The sum of numbers."""
    return sum(numbers[1:])


def label(text):
    return text.strip()
'''
FIXED = BROKEN.replace("numbers[1:]", "numbers)").replace("sum(numbers))", "sum(numbers)")
TESTS = """import pytest

from sums import label, total


@pytest.mark.parametrize(("numbers", "want"), [([], 0)])
def test_total(numbers, want):
    assert total(numbers) == want


@pytest.mark.parametrize("text", ["a [b] ::c", " d"])
def test_label(text):
    assert label(text) == text.strip()
"""
MORE_TESTS = TESTS.replace("[([], 0)]", "[([], 0), ([5, 6], 11)]")


class Repository:
    """A clone in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "-b", "main")

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *who, *words], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str, files: Mapping[str, str | None]) -> str:
        """Writes and removes files, and commits. Returns the commit."""
        for path, content in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True) if content is None else place.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def sums(folder: Path) -> Repository:
    """A project with a package, its tests and a second test file."""
    repository = Repository(folder)
    other = "from sums import label\n\n\ndef test_strips():\n    assert label(' x ') == 'x'\n"
    first = {
        "pyproject.toml": PYPROJECT,
        "sums/__init__.py": BROKEN,
        "tests/test_sums.py": TESTS,
        "tests/test_other.py": other,
    }
    repository.commit("First", first)
    return repository


@pytest.fixture(scope="module")
def mined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], dict[str, object]]:
    """The tasks of a repository in which everything happens once; the name of each of its commits; the report."""
    place = tmp_path_factory.mktemp("mined")
    repository = sums(place / "sums")
    names = {}
    fix = {"sums/__init__.py": FIXED, "tests/test_sums.py": MORE_TESTS}
    names["fix"] = repository.commit(
        "Count the first number too (#12)\n\nIt was left out.\n\nSigned-off-by: A <a@b>", fix
    )
    repository.commit("Words", {"README.md": "Sums.\n"})
    product = FIXED + "\n\ndef product(a, b):\n    return a * b\n"
    imported = (
        MORE_TESTS.replace("label, total", "label, product, total")
        + "\n\ndef test_product():\n    assert product(2, 3) == 6\n"
    )
    names["import"] = repository.commit("Products", {"sums/__init__.py": product, "tests/test_sums.py": imported})
    wrong = "\n\ndef test_wrong():\n    assert total([1]) == 2\n"
    names["wrong"] = repository.commit(
        "Wrong", {"sums/__init__.py": product + "\n\nWRONG = 1\n", "tests/test_sums.py": imported + wrong}
    )
    timed = "import time\n\nimport sums\n\n\ndef test_waits():\n    time.sleep(0.01)\n    assert sums.WAITED == 1\n"
    names["timed"] = repository.commit(
        "Wait", {"sums/__init__.py": product + "\n\nWAITED = 1\n", "tests/test_waits.py": timed}
    )
    names["nothing"] = repository.commit(
        "More of the same",
        {"sums/__init__.py": product + "\n\nWAITED = 2\n", "tests/test_same.py": "def test_it():\n    pass\n"},
    )
    out = place / "tasks"
    code = synth_swe_command(Wanted(repository.folder), out, settings=QUICK, workers=2, resume=False, as_json=True)
    assert code == 0
    return out, names, json.loads((out / "report.json").read_text())


def test_every_candidate_is_accounted_for_with_its_reason(
    mined: tuple[Path, dict[str, str], dict[str, object]],
) -> None:
    _, names, report = mined
    decisions = report["decisions"]
    assert isinstance(decisions, list)
    found = {each["id"]: each["reason"] or "accepted" for each in decisions}
    want = {
        "nothing": "no_fail_to_pass",
        "timed": "flaky",
        "wrong": "gold_fails",
        "import": "collection_error",
        "fix": "accepted",
    }
    assert found == {f"sums-{names[name][:10]}": reason for name, reason in want.items()}
    assert list(found) == [f"sums-{names[name][:10]}" for name in want], "newest first"
    assert report["passed_over"] == {"no_tests": 1}
    assert report["rejected"] == {"collection_error": 1, "flaky": 1, "gold_fails": 1, "no_fail_to_pass": 1}


def test_a_task_holds_strict_fail_to_pass_and_all_that_passes_before_and_after(
    mined: tuple[Path, dict[str, str], dict[str, object]],
) -> None:
    out, names, _ = mined
    folder = TaskFolder.read(out / f"sums-{names['fix'][:10]}")
    task = folder.task
    assert task.fail_to_pass == ("tests/test_sums.py::test_total[numbers1-11]",)
    assert task.pass_to_pass == (
        "tests/test_other.py::test_strips",
        "tests/test_sums.py::test_label[ d]",
        "tests/test_sums.py::test_label[a [b] ::c]",
        "tests/test_sums.py::test_total[numbers0-0]",
    )
    assert (task.source_paths, task.hidden_tests, task.tiers) == (
        ("sums/**",),
        ("tests/test_sums.py",),
        {"direct": task.fail_to_pass},
    )
    assert (task.source.commit, task.source.licence) == (names["fix"], "MIT")
    assert (folder.base / "tests/test_sums.py").read_text() == TESTS, "base has the tests of its time"
    assert (folder.hidden / "tests/test_sums.py").read_text() == MORE_TESTS
    assert "+    return sum(numbers)" in folder.gold.splitlines()
    assert not (folder.base / ".git").exists()


def test_the_issue_says_what_is_wrong_and_not_how_it_is_put_right(
    mined: tuple[Path, dict[str, str], dict[str, object]],
) -> None:
    out, names, _ = mined
    issue = TaskFolder.read(out / f"sums-{names['fix'][:10]}").issue
    assert "Count the first number too" in issue
    assert "total([5, 6])" in issue or "11" in issue
    for told in ("#12", "Signed-off-by", "sum(numbers)", "test_sums"):
        assert told not in issue


def test_a_task_that_was_mined_is_certified(mined: tuple[Path, dict[str, str], dict[str, object]]) -> None:
    out, names, _ = mined
    folder = TaskFolder.read(out / f"sums-{names['fix'][:10]}")
    certificate = folder.task.certificate
    assert certificate is not None
    assert certificate["gold"] == 1.0
    assert set(certificate["cheats"].values()) == {0.0}
    assert {mutant.path for mutant in folder.mutants} == {"sums/__init__.py"}
    assert all(mutant.source != FIXED for mutant in folder.mutants)


def test_resume_goes_on_where_it_stopped_and_decides_nothing_twice(tmp_path: Path) -> None:
    repository = sums(tmp_path / "sums")
    for number in range(3):
        source = BROKEN + f"\n\nNUMBER = {number}\n"
        repository.commit(
            f"Step {number}",
            {"sums/__init__.py": source, "tests/test_more.py": f"def test_it():\n    assert {number} >= 0\n"},
        )
    out = tmp_path / "out"
    with search(Wanted(repository.folder)) as found:
        newest = found.origins[0]
        journal = Journal.open(out, resume=False)
        journal.add(Decision(newest.id, False, "flaky", "decided before"))
        with (out / "journal.jsonl").open("a") as file:
            file.write('{"id": "cut o')
        again = Journal.open(out, resume=True)
        report = mine(found.origins, again, settings=QUICK)
    assert [each.reason for each in report.decisions] == ["flaky", "no_fail_to_pass", "no_fail_to_pass"]
    lines = [json.loads(line) for line in (out / "journal.jsonl").read_text().splitlines()]
    assert sorted(line["id"] for line in lines) == sorted(origin.id for origin in found.origins)


def test_an_accepted_task_whose_folder_is_gone_is_open_again(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "out", resume=False)
    journal.add(Decision("gone", True))
    journal.add(Decision("kept", False, "flaky"))
    assert set(Journal.open(tmp_path / "out", resume=True).decided) == {"kept"}


def test_of_equal_changes_the_newest_counts(tmp_path: Path) -> None:
    repository = sums(tmp_path / "sums")
    fix = {"sums/__init__.py": FIXED, "tests/test_sums.py": MORE_TESTS}
    first = repository.commit("Fix", fix)
    repository.commit("Take it back", {"sums/__init__.py": BROKEN, "tests/test_sums.py": TESTS})
    second = repository.commit("Fix again", fix)
    with search(Wanted(repository.folder)) as found:
        by_id = {origin.id: origin.digest for origin in found.origins}
    assert by_id[f"sums-{first[:10]}"] == by_id[f"sums-{second[:10]}"] != ""
    assert len(set(by_id.values())) == 2


@pytest.mark.parametrize("what", ["file", "other files", "tasks already"])
def test_a_folder_that_is_not_ours_to_fill_is_refused(tmp_path: Path, what: str) -> None:
    out = tmp_path / "out"
    if what == "file":
        out.write_text("")
    else:
        out.mkdir()
        (out / ("notes.txt" if what == "other files" else "journal.jsonl")).write_text("")
    with pytest.raises(UsageError, match="-o"):
        Journal.open(out, resume=what == "other files")


def release(folder: Path, version: str, files: Mapping[str, str]) -> Path:
    """A source release as an archive."""
    tree = folder / f"sums-{version}"
    for path, content in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(content)
    archive = folder / f"sums-{version}.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(tree, arcname=tree.name)
    return archive


def test_a_pair_of_releases_is_one_task_with_the_news_as_its_issue(tmp_path: Path) -> None:
    stamp = "# file generated by setuptools-scm\nversion = {!r}\n"
    older = {
        "src/sums/__init__.py": BROKEN,
        "src/sums/_version.py": stamp.format("1.0"),
        "CHANGES.md": "## 1.0\n\n- First\n",
    }
    newer = {
        "src/sums/__init__.py": FIXED,
        "src/sums/_version.py": stamp.format("1.1"),
        "CHANGES.md": "## 1.1 (2024-01-02)\n\n- `total` counts the first number\n\n## 1.0\n\n- First\n",
    }
    old = release(tmp_path, "1.0", {"pyproject.toml": PYPROJECT, "tests/test_sums.py": TESTS, **older})
    new = release(tmp_path, "1.1", {"pyproject.toml": PYPROJECT, "tests/test_sums.py": MORE_TESTS, **newer})
    out = tmp_path / "out"
    code = synth_swe_command(
        Wanted(pair=(str(old), str(new))), out, settings=QUICK, workers=1, resume=False, as_json=True
    )
    folder = TaskFolder.read(out / "sums-1.0-1.1")
    assert code == 0
    assert folder.task.fail_to_pass == ("tests/test_sums.py::test_total[numbers1-11]",)
    assert folder.task.recipe.python_path == ("src",)
    assert "`total` counts the first number" in folder.issue
    assert "1.1" not in folder.issue
    assert "_version" not in folder.gold, "what a build writes is no part of the change"
