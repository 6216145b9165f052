"""Grading: attacks are not paid, honest work is, and what the sandbox fails has no score."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from envgym.environments.swe.candidate import Candidate, File
from envgym.environments.swe.gates import GateClosed, certify, held_out_rows
from envgym.environments.swe.grade import grade
from envgym.environments.swe.task_folder import TaskFolder, write_folder
from envgym.errors import UsageError

from .attacks import ATTACKS, HONEST, Attack, cart
from .shop_task import FIXED, TEST_FILE, write_shop_task


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> TaskFolder:
    """The shop's task with held-out inputs and a certificate."""
    place = tmp_path_factory.mktemp("shop")
    bare = write_shop_task(place)
    whole = write_folder(
        place / "whole" / "shop-1",
        bare.task,
        issue=bare.issue,
        base=bare.base,
        hidden=bare.hidden,
        gold=bare.gold,
        held_out=held_out_rows(bare),
    )
    return whole.with_certificate(certify(whole, reruns=2))


def test_the_certificate_says_what_was_proved(folder: TaskFolder) -> None:
    certificate = folder.task.certificate
    assert certificate is not None
    assert certificate["gold"] == 1.0
    assert certificate["nothing"] == 0.0
    assert set(certificate["cheats"].values()) == {0.0}
    assert len(certificate["cheats"]) >= 6
    assert {copy.partition("#")[0] for copy in certificate["contradictions"]} >= {
        f"{TEST_FILE}::test_a_discount_rounds_up",
        f"{TEST_FILE}::test_discounts",
        f"{TEST_FILE}::LabelTest::test_cents_have_two_digits",
    }
    assert set(certificate["plain"]) == set(folder.task.fail_to_pass)
    assert certificate["held_out"] == len(folder.held_out) >= 4


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_not_paid(folder: TaskFolder, attack: Attack) -> None:
    verdict = grade(folder, attack.candidate)
    assert verdict.score == 0.0, verdict
    assert (verdict.code == "swe.timeout") == (attack.name in ("never ends", "forks without end")), verdict
    assert verdict.attribution == "policy"


@pytest.mark.parametrize("name", HONEST)
def test_honest_work_is_paid(folder: TaskFolder, name: str) -> None:
    verdict = grade(folder, Candidate(HONEST[name]))
    assert verdict.score == 1.0, verdict
    assert verdict.code == "swe.solved"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nothing is done", "swe.no_change"),
        ("objects that equal everything", "swe.forged"),
        ("expectations out of the caller's frame", "swe.forged"),
        ("pytest runs nothing", "swe.forged"),
        ("the tests' inputs by heart", "swe.hard_coded"),
        ("solved, but something else is broken", "swe.broke"),
        ("solved, and an unrelated file vandalised", "swe.unrelated"),
        ("a syntax error", "swe.tests_fail"),
    ],
)
def test_the_code_says_what_was_wrong(folder: TaskFolder, name: str, code: str) -> None:
    attack = next(each for each in ATTACKS if each.name == name)
    assert grade(folder, attack.candidate).code == code


def test_equal_candidates_get_equal_verdicts(folder: TaskFolder) -> None:
    half = Candidate(cart(body=FIXED.replace("raise LookupError", "raise ValueError")))
    first, second = grade(folder, half), grade(folder, half)
    assert first.model_dump(exclude={"cost"}) == second.model_dump(exclude={"cost"})
    assert first.code == "swe.tests_fail"
    assert "test_an_empty_cart_has_no_cheapest_item" in first.reason
    assert first.parts["tier_direct"].score == pytest.approx(0.8)
    assert first.parts["tier_further"].score == 1.0


def test_without_an_engine_there_is_no_score(folder: TaskFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    recipe = folder.task.recipe.model_copy(update={"image": "no-such-image"})
    task = folder.task.model_copy(update={"recipe": recipe})
    elsewhere = TaskFolder(folder.path, task, folder.issue, folder.gold, folder.held_out)
    verdict = grade(elsewhere, Candidate(HONEST["the reference"]), backend="docker")
    assert verdict.score is None
    assert verdict.attribution == "infra"


# ---- gates


def changed(folder: TaskFolder, place: Path, **fields: Any) -> TaskFolder:
    """A copy of a folder with other fields, without a certificate."""
    task = folder.task.model_copy(update={"certificate": None, **{k: v for k, v in fields.items() if k != "gold"}})
    return write_folder(
        place / "changed",
        task,
        issue=folder.issue,
        base=folder.base,
        hidden=folder.hidden,
        gold=fields.get("gold", folder.gold),
    )


def test_a_gold_that_does_not_solve_closes_the_gate(folder: TaskFolder, tmp_path: Path) -> None:
    half = folder.gold.replace("+    return -(-sum(prices)", "+    return (sum(prices)")
    with pytest.raises(GateClosed) as closed:
        certify(changed(folder, tmp_path, gold=half), reruns=1)
    assert closed.value.gate == "fail_to_pass"


def test_a_test_that_passes_before_closes_the_gate(folder: TaskFolder, tmp_path: Path) -> None:
    easy = (f"{TEST_FILE}::test_count",)
    with pytest.raises(GateClosed, match="test_count is to fail before"):
        certify(changed(folder, tmp_path, fail_to_pass=easy, pass_to_pass=(), tiers={}), reruns=1)


def test_a_gold_that_is_no_patch_closes_the_gate(folder: TaskFolder, tmp_path: Path) -> None:
    with pytest.raises(GateClosed, match="does not apply"):
        certify(changed(folder, tmp_path, gold="no patch\n"), reruns=1)


# ---- the command line


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    from envgym.cli import app

    done = CliRunner().invoke(app, [*arguments, "--json"])
    return done.exit_code, json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}


def test_the_command_line_grades_a_working_copy_and_a_patch(folder: TaskFolder, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(folder.base, tree)
    code, verdict = run("verify", "swe", "--task", str(folder.path), "--tree", str(tree))
    assert (code, verdict["score"], verdict["code"]) == (1, 0.0, "swe.no_change")
    subprocess.run(["git", "apply", str(folder.path / "gold.patch")], cwd=tree, check=True)
    code, verdict = run("verify", "swe", "--task", str(folder.path), "--tree", str(tree))
    assert (code, verdict["score"], verdict["outcome"]) == (0, 1.0, "pass")
    code, verdict = run("verify", "swe", "--task", str(folder.path), "--patch", str(folder.path / "gold.patch"))
    assert (code, verdict["score"]) == (0, 1.0)
    broken = tmp_path / "broken.patch"
    broken.write_text("--- a/src/shop/cart.py\n+++ b/src/shop/cart.py\n@@ -1 +1 @@\n-nothing like it\n+x\n")
    code, verdict = run("verify", "swe", "--task", str(folder.path), "--patch", str(broken))
    assert (code, verdict["code"]) == (1, "swe.patch")


def test_a_folder_that_was_changed_has_to_be_certified_again(folder: TaskFolder, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder.path, copy)
    with open(copy / "hidden" / TEST_FILE, "a") as file:
        file.write("\n\ndef test_later():\n    pass\n")
    from envgym.environments.swe.gates import check_certificate

    with pytest.raises(UsageError, match="changed after it was certified"):
        check_certificate(TaskFolder.read(copy))
    code, figures = run("certify", str(copy), "--reruns", "1")
    assert (code, figures["gold_ok"], figures["noop_zero"], figures["failed"]) == (0, 1, 1, {})
    check_certificate(TaskFolder.read(copy))


# ---- folders


def test_a_folder_is_read_as_it_was_written(folder: TaskFolder) -> None:
    again = TaskFolder.read(folder.path)
    assert again.digest == folder.digest
    assert again.task == folder.task


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("task.json", '{"version": 1}', "id: Field required"),
        ("task.json", "no json", "Invalid JSON"),
        ("held_out.json", '[{"test_file": "../x", "expression": "1", "gold": "1"}]', "no relative path"),
    ],
)
def test_a_broken_folder_is_told(folder: TaskFolder, tmp_path: Path, name: str, content: str, told: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder.path, copy)
    (copy / name).write_text(content)
    with pytest.raises(UsageError, match=told):
        TaskFolder.read(copy)


def test_a_folder_without_its_parts_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"lacks task.json, issue.md, base, hidden, gold.patch"):
        TaskFolder.read(tmp_path)


def test_a_link_out_of_the_tree_is_refused(folder: TaskFolder, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder.path, copy)
    (copy / "base/src/leak").symlink_to("/etc")
    with pytest.raises(UsageError, match="link out of the tree"):
        TaskFolder.read(copy)


def test_a_file_too_large_is_not_read(folder: TaskFolder) -> None:
    verdict = grade(folder, Candidate({"src/shop/cart.py": File(b"x = 1\n" * 500_000)}))
    assert verdict.code == "swe.unrelated"
    assert "MiB" in verdict.reason
