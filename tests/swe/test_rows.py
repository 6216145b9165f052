"""Rows of the SWE-bench family become task folders; a row that cannot be one is named by its line and field."""

import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from envgym.environments.reasoning.problem_file import BadRow
from envgym.environments.swe.candidate import Candidate
from envgym.environments.swe.grade import grade
from envgym.environments.swe.task_folder import TaskFolder
from envgym.task_synth.mining.rows import read_row
from envgym.task_synth.mining.rows_command import rows_command

from . import shop_task


def git(place: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    return subprocess.run(["git", *who, *words], cwd=place, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def shop(tmp_path: Path) -> TaskFolder:
    return shop_task.write_shop_task(tmp_path / "shop")


@pytest.fixture
def clone(tmp_path: Path, shop: TaskFolder) -> Path:
    """A repository whose first commit is the tree before the change."""
    place = tmp_path / "clone"
    subprocess.run(["cp", "-a", str(shop.base), str(place)], check=True)
    git(place, "init", "--quiet", ".")
    git(place, "add", "-A")
    git(place, "commit", "--quiet", "-m", "before")
    return place


@pytest.fixture
def row(clone: Path, shop: TaskFolder) -> dict[str, Any]:
    """What a data set would say of the shop's change; its patch touches a document as well."""
    base = git(clone, "rev-parse", "HEAD").strip()
    shop_task.write(clone / shop_task.TEST_FILE, shop_task.NEW_TESTS)
    test_patch = git(clone, "diff")
    git(clone, "checkout", "--quiet", ".")
    (clone / "CHANGELOG.md").write_text("# Changes\n\nRounded up.\n")
    document = git(clone, "diff")
    git(clone, "checkout", "--quiet", ".")
    return {
        "instance_id": "shop__shop-1",
        "repo": "shop/shop",
        "base_commit": base,
        "patch": document + shop.gold,
        "test_patch": test_patch,
        "problem_statement": shop_task.ISSUE,
        "hints_text": None,
        "version": "1.0",
        "FAIL_TO_PASS": json.dumps(shop_task.FAIL_TO_PASS),
        "PASS_TO_PASS": list(shop_task.PASS_TO_PASS),
        "created_at": "2026-01-01",
    }


def lines(place: Path, *rows: Any) -> Path:
    place.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return place


def test_a_row_and_a_clone_give_a_task_that_gold_solves(
    tmp_path: Path, clone: Path, row: dict[str, Any], shop: TaskFolder
) -> None:
    out = tmp_path / "tasks"
    assert rows_command(lines(tmp_path / "rows.jsonl", row), out, repository=clone) == 0
    folder = TaskFolder.read(out / "shop__shop-1")
    assert folder.gold == shop.gold
    assert folder.task.hidden_tests == (shop_task.TEST_FILE,)
    assert folder.task.fail_to_pass == shop_task.FAIL_TO_PASS
    assert folder.task.source.kind == "row"
    assert folder.issue == shop_task.ISSUE
    assert not (folder.base / ".git").exists()
    assert grade(folder, Candidate.of_patch(folder.base, row["patch"])).score == 1.0
    assert grade(folder, Candidate({})).score == 0.0


def test_bad_rows_are_named_by_line_and_field_and_the_others_go_on(
    tmp_path: Path, clone: Path, row: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {**row, "FAIL_TO_PASS": '["test_a (shop.tests.CartTest)"]'},
        "{no json",
        {**row, "patch": "--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-a\n+b\n"},
        {**row, "base_commit": "0" * 40},
        {name: value for name, value in row.items() if name != "test_patch"},
        {**row, "instance_id": "good"},
        {**row, "patch": row["patch"].partition("diff --git a/src")[0]},
    ]
    assert rows_command(lines(tmp_path / "rows.jsonl", *rows), tmp_path / "out", repository=clone, as_json=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["candidates"], figures["accepted"], figures["rejected"]["refused"]) == (7, 1, 6)
    starts = {"1": "FAIL_TO_PASS: 'test_a (shop", "2": "not JSON", "3": "patch: does not apply", "4": "base_commit: "}
    starts |= {"5": "test_patch: missing", "7": "patch: changes no source"}
    for line, start in starts.items():
        assert figures["refused"][line].startswith(start), figures["refused"][line]
    assert (tmp_path / "out/good/task.json").is_file()
    assert rows_command(lines(tmp_path / "none.jsonl", "{}"), tmp_path / "none", repository=clone) == 1


def test_parquet_rows_are_read(tmp_path: Path, clone: Path, row: dict[str, Any]) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pip install 'envgym[parquet]'")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.Table.from_pylist([row]), tmp_path / "rows.parquet")
    assert rows_command(tmp_path / "rows.parquet", tmp_path / "out", repository=clone) == 0


@pytest.mark.parametrize(
    ("other", "name"),
    [("repo_name", "repo"), ("docker_image", "image"), ("image_name", "image"), ("fail_to_pass", "FAIL_TO_PASS")],
)
def test_other_names_of_the_family_are_known(row: dict[str, Any], other: str, name: str) -> None:
    value = row.pop(name, "some/image:tag")
    read = read_row({**row, other: value})
    assert getattr(read, name) == (shop_task.FAIL_TO_PASS if name == "FAIL_TO_PASS" else value)


def test_a_row_of_r2e_is_told_what_it_lacks(row: dict[str, Any]) -> None:
    del row["FAIL_TO_PASS"]
    with pytest.raises(BadRow, match=r"FAIL_TO_PASS: missing; the row has expected_output_json"):
        read_row({**row, "expected_output_json": "{}"})


def test_without_a_statement_the_names_of_the_tests_are_told(tmp_path: Path, clone: Path, row: dict[str, Any]) -> None:
    del row["problem_statement"]
    assert rows_command(lines(tmp_path / "rows.jsonl", row), tmp_path / "out", repository=clone) == 0
    assert "- test_discounts\n" in (tmp_path / "out/shop__shop-1/issue.md").read_text()


def test_templates_are_filled(row: dict[str, Any]) -> None:
    read = read_row({**row, "instance_id": "Shop__shop-1"})
    assert read.filled("x/{instance_id}:{version}") == "x/Shop__shop-1:1.0"
    assert read.filled("swebench/sweb.eval.x86_64.{image_id}") == "swebench/sweb.eval.x86_64.shop_1776_shop-1"


def test_a_row_with_an_image_of_its_own_is_graded_in_it(
    tmp_path: Path, engine: tuple[Any, str], clone: Path, row: dict[str, Any]
) -> None:
    client, image = engine
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(clone, arcname="testbed")
    made = client.api.create_container(image, "true")["Id"]
    client.api.put_archive(made, "/", packed.getvalue())
    client.api.commit(made, repository="rows.eval.shop__shop-1", tag="latest")
    client.api.remove_container(made)
    out = tmp_path / "out"
    assert rows_command(lines(tmp_path / "rows.jsonl", row), out, image="rows.eval.{instance_id}") == 0
    folder = TaskFolder.read(out / "shop__shop-1")
    assert folder.task.recipe.image == "rows.eval.shop__shop-1"
    assert not (folder.base / ".git").exists()
    assert grade(folder, Candidate.of_patch(folder.base, folder.gold)).score == 1.0
    harmless = folder.gold.replace("+    return -(-sum", "+    return (sum")
    assert grade(folder, Candidate.of_patch(folder.base, harmless)).code == "swe.tests_fail"


def test_a_row_without_tree_says_where_one_comes_from(
    tmp_path: Path, row: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert rows_command(lines(tmp_path / "rows.jsonl", row), tmp_path / "out") == 1
    assert "--repo" in capsys.readouterr().err
