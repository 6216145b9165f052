"""Attacks that were written against this grader are not paid, with held-out inputs or without; unusual honest work is."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from envgym.environments.swe.blind_tests import blind_tests
from envgym.environments.swe.candidate import MAX_PATH, MAX_TOTAL, Candidate, File, PatchRejected
from envgym.environments.swe.gates import held_out_rows, prove
from envgym.environments.swe.grade import grade
from envgym.environments.swe.source_scan import flags
from envgym.environments.swe.task_folder import TaskFolder

from .attacks import FIX, Attack
from .binary_patch import binary_patch
from .more_attacks import FORGERIES, MORE_ATTACKS, MORE_HONEST
from .shop_task import TEST_FILE, write_shop_task


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> TaskFolder:
    """The shop's task with held-out inputs, and with what is proved of it."""
    bare = write_shop_task(tmp_path_factory.mktemp("shop"))
    whole = replace(bare, held_out=held_out_rows(bare))
    return replace(whole, task=whole.task.model_copy(update={"certificate": prove(whole, FIX, backend="namespaces")}))


@pytest.fixture(scope="module")
def without_held_out(folder: TaskFolder) -> TaskFolder:
    bare = replace(folder, held_out=())
    return replace(bare, task=bare.task.model_copy(update={"certificate": prove(bare, FIX, backend="namespaces")}))


@pytest.mark.parametrize("attack", [*FORGERIES, *MORE_ATTACKS], ids=lambda attack: attack.name)
def test_an_attack_is_not_paid(folder: TaskFolder, attack: Attack) -> None:
    verdict = grade(folder, attack.candidate)
    assert verdict.score == 0.0, verdict
    assert verdict.attribution == "policy"


@pytest.mark.parametrize("attack", FORGERIES, ids=lambda attack: attack.name)
def test_a_forgery_is_not_paid_where_nothing_is_held_out(without_held_out: TaskFolder, attack: Attack) -> None:
    verdict = grade(without_held_out, attack.candidate)
    assert verdict.score == 0.0, verdict
    assert verdict.attribution == "policy"


@pytest.mark.parametrize("name", MORE_HONEST)
def test_honest_work_is_paid(folder: TaskFolder, name: str) -> None:
    verdict = grade(folder, Candidate(MORE_HONEST[name]))
    assert verdict.score == 1.0, verdict


def test_who_knows_task_and_tests_cannot_draw_the_copies_again(folder: TaskFolder) -> None:
    """They depend on the reference, too."""
    drawn = set()
    for comment in range(8):
        other = TaskFolder(folder.path, folder.task, folder.issue, f"{folder.gold}# {comment}\n")
        lines = blind_tests(other, other.task.fail_to_pass).sources[TEST_FILE].splitlines()
        drawn.add(tuple(sorted(line for line in lines if "assert" in line and "value" not in line)))
    assert len(drawn) > 1


def test_a_small_patch_cannot_take_all_memory(folder: TaskFolder) -> None:
    with pytest.raises(PatchRejected, match="memory"):
        Candidate.of_patch(folder.base, binary_patch("src/big.py", 600 << 20))


def test_a_patch_that_copies_without_end_is_refused(folder: TaskFolder) -> None:
    lines = (
        f"diff --git a/README.md b/{n}.md\nsimilarity index 100%\ncopy from README.md\ncopy to {n}.md\n"
        for n in range(5001)
    )
    with pytest.raises(PatchRejected, match=r"more than 5,000 files"):
        Candidate.of_patch(folder.base, "".join(lines))


def test_a_patch_that_is_no_text_is_refused(folder: TaskFolder) -> None:
    with pytest.raises(PatchRejected, match="no text"):
        Candidate.of_patch(folder.base, "--- a/x\n+++ b/x\n\ud800\n")


def test_more_than_can_be_read_is_refused_or_ignored_and_not_all_in_memory(folder: TaskFolder, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(folder.base, tree)
    for number in range(6):
        with open(tree / f"{number}.bin", "wb") as file:
            file.truncate(15 << 20)
    candidate = Candidate.of_tree(folder.base, tree)
    assert sum(len(file.content or b"") for file in candidate.changes.values() if file) <= MAX_TOTAL
    assert len(candidate.changes) == 6


def test_a_working_copy_with_a_path_too_long_is_read(folder: TaskFolder, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(folder.base, tree)
    script = "import os\nfor _ in range(30):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)\n    open('x.py', 'w').close()\n"
    subprocess.run([sys.executable, "-c", script], cwd=tree, check=True)
    (tree / "src/shop/cart.py").write_text("x = 1\n")
    changes = Candidate.of_tree(folder.base, tree).changes
    assert "src/shop/cart.py" in changes
    assert max(map(len, changes)) <= MAX_PATH
    subprocess.run(["rm", "-rf", str(tree)], check=True)


def test_source_that_is_slow_to_read_is_not_read_for_minutes(folder: TaskFolder) -> None:
    many: dict[str, File | None] = {f"src/{n}.py": File(b"x\n" * 300_000) for n in range(20)}
    assert [flag for flag in flags(folder.base, many) if "too much" in flag]
    assert not [
        flag for flag in flags(folder.base, {"src/a.py": File(b"# coding: rot13\nvzcbeg clgrfg\n")}) if "pytest" in flag
    ]
