"""Candidates: the same changes however they come, and only source of them is graded."""

import os
import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest

from envgym.environments.swe.candidate import Candidate, File, PatchRejected
from envgym.environments.swe.graded_tree import put
from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.source_filter import filter_changes
from envgym.environments.swe.source_scan import flags
from envgym.environments.swe.task_folder import Recipe, Source, SweTask
from envgym.errors import UsageError
from envgym.sandbox import NamespaceSandbox, SandboxSpec

FILES = {
    "src/shop/cart.py": "TOTAL = 1\n",
    "src/shop/tax.py": "RATE = 2\n",
    "tests/test_cart.py": "",
    "README.md": "shop\n",
    "ci/build.sh": "",
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    for path, content in FILES.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return folder


def copy_of(base: Path) -> Path:
    tree = base.parent / "tree"
    subprocess.run(["cp", "-a", str(base), str(tree)], check=True)
    return tree


def task(**more: object) -> SweTask:
    fields: dict[str, object] = {
        "id": "t",
        "title": "t",
        "source": Source(kind="history", repository="shop"),
        "source_paths": ("src/**",),
        "test_paths": ("tests/**", "**/conftest.py"),
        "hidden_tests": ("tests/test_cart.py",),
        "fail_to_pass": ("tests/test_cart.py::test_it",),
        "recipe": Recipe(python_path=("src",)),
    }
    return SweTask.model_validate({**fields, **more})


def changed(tree: Path) -> Path:
    (tree / "src/shop/cart.py").write_text("TOTAL = 3\n")
    (tree / "src/shop/new.py").write_text("NEW = 1\n")
    (tree / "src/shop/tax.py").unlink()
    return tree


def test_a_tree_a_patch_and_a_sandbox_give_the_same_candidate(base: Path) -> None:
    tree = changed(copy_of(base))
    by_tree = Candidate.of_tree(base, tree)
    diff = subprocess.run(
        ["git", "diff", "--no-index", "base", "tree"], cwd=base.parent, capture_output=True, text=True
    )
    text = diff.stdout
    for theirs, ours in (("a/base/", "a/"), ("b/tree/", "b/"), ("a/tree", "a"), ("b/base", "b")):
        text = text.replace(theirs, ours)
    by_patch = Candidate.of_patch(base, text)
    with NamespaceSandbox(SandboxSpec(tree=base)) as sandbox:
        sandbox.exec("echo 'TOTAL = 3' > src/shop/cart.py; echo 'NEW = 1' > src/shop/new.py; rm src/shop/tax.py")
        by_sandbox = Candidate.of_sandbox(sandbox)
    want = {"src/shop/cart.py": File(b"TOTAL = 3\n"), "src/shop/new.py": File(b"NEW = 1\n"), "src/shop/tax.py": None}
    assert dict(by_tree.changes) == dict(by_patch.changes) == dict(by_sandbox.changes) == want
    assert by_tree.digest == by_patch.digest == by_sandbox.digest != Candidate({}).digest


def test_what_no_change_is_is_left_out(base: Path) -> None:
    tree = copy_of(base)
    for noise in ("src/shop/__pycache__/cart.pyc", ".git/HEAD", ".pytest_cache/README.md"):
        (tree / noise).parent.mkdir(parents=True, exist_ok=True)
        (tree / noise).write_text("noise")
    os.mkfifo(tree / "pipe")
    os.utime(tree / "README.md", (1, 1))
    assert dict(Candidate.of_tree(base, tree).changes) == {}


def test_links_are_never_followed(base: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("SECRET = 1\n")
    tree = copy_of(base)
    (tree / "src/shop/cart.py").unlink()
    (tree / "src/shop/cart.py").symlink_to(secret)
    (tree / "src/all").symlink_to("/etc")
    found = Candidate.of_tree(base, tree)
    assert found.changes["src/shop/cart.py"] == File(os.fsencode(secret), link=True)
    assert found.changes["src/all"] == File(b"/etc", link=True)
    filtered = filter_changes(task(), base, found)
    assert filtered.applied == {}
    assert list(filtered.refused) == ["src/shop/cart.py"]


def test_a_patch_that_does_not_apply_is_told_and_one_that_leads_out_is_refused(base: Path) -> None:
    assert dict(Candidate.of_patch(base, " \n").changes) == {}
    with pytest.raises(PatchRejected, match="patch"):
        Candidate.of_patch(base, "--- a/src/shop/cart.py\n+++ b/src/shop/cart.py\n@@ -1 +1 @@\n-NOT THERE\n+X\n")
    with pytest.raises(PatchRejected):
        Candidate.of_patch(base, "this is no patch")
    with pytest.raises(PatchRejected):
        Candidate.of_patch(base, "--- /dev/null\n+++ b/../../outside.py\n@@ -0,0 +1 @@\n+X\n")
    assert not (base.parent.parent / "outside.py").exists()


def test_a_candidate_without_a_folder_is_the_callers_mistake(base: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        Candidate.of_tree(base, base / "nowhere")


@pytest.mark.parametrize(
    ("path", "fate"),
    [
        ("src/shop/cart.py", "applied"),
        ("src/shop/deep/new.py", "applied"),
        ("src/shop/data.json", "applied"),
        ("src/shop/conftest.py", "ignored"),
        ("conftest.py", "ignored"),
        ("pytest.ini", "ignored"),
        ("pyproject.toml", "ignored"),
        ("src/sitecustomize.py", "ignored"),
        ("src/pytest.py", "ignored"),
        ("src/json/__init__.py", "ignored"),
        ("src/_pytest/runner.py", "ignored"),
        ("src/fast.pth", "ignored"),
        ("src/shop/cart.cpython-311-x86_64-linux-gnu.so", "ignored"),
        ("tests/test_cart.py", "ignored"),
        ("tests/conftest.py", "ignored"),
        ("README.md", "ignored"),
        ("notes/plan.md", "ignored"),
        ("reproduce.py", "ignored"),
        ("ci/build.sh", "refused"),
    ],
)
def test_each_change_is_applied_ignored_or_refused(base: Path, path: str, fate: str) -> None:
    filtered = filter_changes(task(), base, Candidate({path: File(b"x = 1\n")}))
    fates: dict[str, Collection[str]] = {
        "applied": filtered.applied,
        "ignored": filtered.ignored,
        "refused": filtered.refused,
    }
    assert [name for name, paths in fates.items() if path in paths] == [fate]


def test_a_project_may_have_a_module_that_is_called_like_one_of_the_library(base: Path) -> None:
    (base / "src/json.py").write_text("mine = 1\n")
    filtered = filter_changes(task(), base, Candidate({"src/json.py": File(b"mine = 2\n")}))
    assert list(filtered.applied) == ["src/json.py"]


def test_removing_a_document_is_refused_and_changing_one_is_not(base: Path) -> None:
    assert list(filter_changes(task(), base, Candidate({"README.md": None})).refused) == ["README.md"]
    assert list(filter_changes(task(), base, Candidate({"src/shop/tax.py": None})).applied) == ["src/shop/tax.py"]


def test_a_file_lands_in_the_tree_and_nowhere_else(base: Path, tmp_path: Path) -> None:
    (base / "src/out").symlink_to(tmp_path)
    put(base, "src/out/file.py", File(b"x"))
    assert not (tmp_path / "file.py").exists()
    assert (base / "src/out/file.py").read_bytes() == b"x"
    put(base, "src/shop", File(b"now a file"))
    assert (base / "src/shop").read_bytes() == b"now a file"


def test_patterns_span_folders_only_where_they_say_so() -> None:
    assert matches("src/a/b.py", ["src/**"])
    assert not matches("src", ["src/**"])
    assert matches("a/b/conftest.py", ["**/conftest.py"])
    assert matches("conftest.py", ["**/conftest.py"])
    assert not matches("a/test_x.py", ["test_*.py"])
    assert matches("test_x.py", ["test_*.py"])
    assert not matches("axpy", ["a.py"])


def test_source_that_looks_at_its_caller_is_flagged_and_plain_source_is_not(base: Path) -> None:
    sly = File(b"import inspect\nTOTAL = inspect.stack()[1].frame.f_locals\n")
    assert flags(base, {"src/shop/cart.py": sly}) == [
        "src/shop/cart.py: f_locals: reads somebody's variables",
        "src/shop/cart.py: stack: looks at who calls it",
    ]
    assert flags(base, {"src/shop/cart.py": File(b"TOTAL = sum([1, 2])\n"), "src/shop/tax.py": None}) == []
    assert flags(base, {"src/shop/cart.py": File(b"def broken(:\n")}) == []
