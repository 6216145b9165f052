"""The four environments that a task folder gives, played in real sandboxes."""

import json
import pickle
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym.env import AgentEnv
from envgym.environments.swe.candidate import Candidate, File
from envgym.environments.swe.changed_definitions import changed_definitions
from envgym.environments.swe.folder_tasks import folder_of
from envgym.environments.swe.gates import gold_changes, prove
from envgym.environments.swe.localise import Localise, judge_locations, plain_location
from envgym.environments.swe.resolve import Swe
from envgym.environments.swe.review import Review
from envgym.environments.swe.seeded_defect import pull_request
from envgym.environments.swe.swe_env import SweEnv
from envgym.environments.swe.task_folder import TaskFolder, write_folder
from envgym.environments.swe.test_quality import judge_tests
from envgym.environments.swe.write_test import WriteTest
from envgym.errors import EnvFailure, UsageError
from envgym.message import Action, call, text_of
from envgym.verdict import Verdict

from .shop_task import FIXED, TEST_FILE, write_shop_task

CART = "src/shop/cart.py"
MUTANTS = (("cents % 100:02d", "cents % 100:03d"), ("if not prices", "if prices"))
NEW_TEST = "tests/test_new.py"
GOOD = """from shop import cart


def test_small_amounts():
    assert cart.label(1205) == "12.05"


def test_it_still_counts():
    assert cart.count([1, 2]) == 2
"""


def certified(folder: TaskFolder) -> TaskFolder:
    return folder.with_certificate(prove(folder, gold_changes(folder), backend="namespaces"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> TaskFolder:
    """The shop's task with two known defects in gold."""
    bare = write_shop_task(tmp_path_factory.mktemp("shop"))
    rows = [mutant(*change) for change in MUTANTS]
    (bare.path / "mutants.json").write_text(json.dumps(rows), encoding="utf-8")
    return certified(TaskFolder.read(bare.path))


def mutant(old: str, new: str) -> dict[str, Any]:
    source = FIXED.replace(old, new)
    line = FIXED[: FIXED.index(old)].count("\n") + 1
    return {"path": CART, "source": source, "line": line, "end_line": line, "description": f"{old} became {new}"}


@pytest.fixture
def made() -> Iterator[list[AgentEnv]]:
    """Environments that are closed after a test."""
    kept: list[AgentEnv] = []
    yield kept
    for env in kept:
        env.close()


@pytest.fixture
def swe(folder: TaskFolder, made: list[AgentEnv]) -> Swe:
    env: Swe = start(Swe, folder, made)
    return env


def start(kind: type[Any], folder: TaskFolder, made: list[AgentEnv]) -> Any:
    env = kind(data=str(folder.path))
    made.append(env)
    env.reset(seed=0, options={"task": folder.path.name})
    return env


def say(env: AgentEnv, tool: str, /, **arguments: Any) -> str:
    """What a tool says."""
    return text_of(env.step(call(tool, **arguments))[0][0])


def play(env: AgentEnv, *actions: Action) -> Verdict:
    for action in actions:
        env.step(action)
    assert env.verdict is not None
    return env.verdict


# ---- resolve


def test_the_oracle_resolves_the_issue_and_doing_nothing_does_not(swe: Swe) -> None:
    assert play(swe, *swe.oracle()).score == 1.0
    swe.reset(seed=0, options={"task": "shop-1"})
    assert play(swe, call("submit")).code == "swe.no_change"


def test_tests_that_are_changed_and_made_to_pass_earn_nothing(swe: Swe) -> None:
    say(swe, "create_file", path=TEST_FILE, content="def test_a_discount_rounds_up(): pass\n", overwrite=True)
    hook = "def pytest_runtest_makereport(item, call): raise SystemExit(0)\n"
    say(swe, "create_file", path="tests/conftest.py", content=hook)
    assert play(swe, call("submit")).score == 0.0


def test_half_of_the_fix_is_no_fix(swe: Swe) -> None:
    say(swe, "edit", path=CART, old="{cents % 100}", new="{cents % 100:02d}")
    verdict = play(swe, call("submit"))
    assert (verdict.score, verdict.code) == (0.0, "swe.tests_fail")


def test_the_history_is_one_commit_of_nobody(swe: Swe) -> None:
    told = say(
        swe, "shell", command="git log --all --format='%an %ad %s' --date=iso; git status --short; git stash list"
    )
    assert told == "[exit code 0]\nagent 2024-01-01 00:00:00 +0000 The tree as it is\n"
    assert "2024" in say(swe, "shell", command="stat -c %y src/shop/cart.py")


def test_nothing_of_the_fix_is_in_reach(swe: Swe, folder: TaskFolder) -> None:
    assert "No such file" in say(swe, "shell", command=f"cat {folder.path}/gold.patch")
    everything = "git cat-file --batch-all-objects --batch; find . -type f -not -path './.git/*' -exec cat {} +"
    told = say(
        swe, "shell", command=f"({everything}) | grep -ac 'def total'; ({everything}) | grep -ac 'cart is empty'"
    )
    assert told == "[exit code 1]\n4\n0\n"


# ---- tools


def test_an_edit_that_fits_twice_is_told_with_lines_and_changes_nothing(swe: Swe) -> None:
    before = say(swe, "read_file", path=CART)
    told = say(swe, "edit", path=CART, old="prices", new="costs")
    assert "occurs" in told
    assert "lines 6, " in told
    assert swe.told_error == "swe.edit"
    assert "does not occur" in say(swe, "edit", path=CART, old="no such text", new="")
    assert "compare blanks" in say(swe, "edit", path=CART, old="def count(prices):\n  return", new="x")
    assert say(swe, "read_file", path=CART) == before


def test_an_edit_replaces_to_the_letter(swe: Swe) -> None:
    say(swe, "shell", command="printf 'a\\r\\nb' > notes.txt && chmod 755 notes.txt")
    say(swe, "edit", path="notes.txt", old="a\r\n", new="ä\r\n")
    assert say(swe, "shell", command="od -An -tx1 notes.txt; stat -c %a notes.txt").split() == [
        "[exit", "code", "0]", "c3", "a4", "0d", "0a", "62", "755",
    ]  # fmt: skip
    assert "end with \\r\\n" in say(swe, "edit", path="notes.txt", old="ä\nb", new="x")


def test_a_patch_is_applied_whole_or_not_at_all(swe: Swe, folder: TaskFolder) -> None:
    bad = (
        folder.gold
        + f"diff --git a/{TEST_FILE} b/{TEST_FILE}\n--- a/{TEST_FILE}\n+++ b/{TEST_FILE}\n@@ -1 +1 @@\n-no\n+yes\n"
    )
    assert "does not apply; nothing was changed" in say(swe, "apply_patch", patch=bad)
    assert swe.candidate().changes == {}
    assert say(swe, "apply_patch", patch=folder.gold.rstrip("\n")) == "applied"
    assert set(swe.candidate().changes) == {CART}


def test_a_file_is_made_but_not_replaced_unless_asked(swe: Swe) -> None:
    assert say(swe, "create_file", path="new/a.txt", content="1\n") == "new/a.txt made, 1 lines"
    assert "there already" in say(swe, "create_file", path="new/a.txt", content="2\n")
    assert "replaced" in say(swe, "create_file", path="new/a.txt", content="3\n", overwrite=True)
    assert "1  3" in say(swe, "read_file", path="new/a.txt")


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("read_file", {"path": "nothing.py"}, "No such file"),
        ("read_file", {"path": "src"}, "Is a directory"),
        ("read_file", {"path": "/usr/bin/env"}, "is binary"),
        ("read_file", {"path": "a\0b"}, "NUL"),
        ("read_file", {"path": CART, "first_line": 900}, "there is no line 900"),
        ("search", {"pattern": "("}, "missing"),
        ("search", {"pattern": "no such text"}, "nothing matches"),
        ("search", {"pattern": r"def \w+\(prices\)", "files": "*.py"}, f"{CART}:11:def cheapest(prices):\n{CART}:21:"),
        ("list_files", {"path": "nothing"}, "No such file"),
        ("list_files", {"path": "src"}, "shop/\nshop/__init__.py\nshop/cart.py\nshop/tax.py"),
        ("shell", {"command": " "}, "empty"),
        ("shell", {"command": "sleep 9", "timeout_s": 1}, "killed after 1 s"),
        ("shell", {"command": "echo 'open"}, "unexpected EOF"),
        ("shell", {"command": "echo one; echo two >&2; exit 3"}, "[exit code 3]\none\ntwo\n"),
        ("shell", {"command": "printf 'a\\377\\000b'"}, "a\ufffd\ufffdb"),
        ("create_file", {"path": "/usr/x", "content": ""}, "Read-only"),
        ("run_tests", {"paths": ["../x"]}, "no path inside"),
        ("run_tests", {"paths": ["no_such.py"]}, "cannot be imported or is not there"),
        ("run_tests", {}, "3 passed"),
    ],
)
def test_what_a_tool_says(swe: Swe, tool: str, arguments: dict[str, Any], told: str) -> None:
    assert told in say(swe, tool, **arguments)


def test_much_is_shown_as_head_and_tail(swe: Swe) -> None:
    told = say(swe, "shell", command="seq 100000")
    assert len(told) < 13_000
    assert told.startswith("[exit code 0]\n1\n2\n")
    assert told.endswith("\n100000\n")
    assert "characters left out" in told
    assert "the rest was dropped" in say(swe, "shell", command="yes | head -c 3000000")
    say(swe, "shell", command="head -c 3000000 /dev/zero | tr '\\0' a > big.txt")
    assert "holds more than" in say(swe, "read_file", path="big.txt")


def test_failing_tests_are_told_without_times(swe: Swe) -> None:
    content = "def test_label():\n    from shop.cart import label\n    assert label(1205) == '12.05'\n"
    say(swe, "create_file", path="tests/test_label.py", content=content)
    told = say(swe, "run_tests")
    assert told.startswith("1 failed, 3 passed\nFAILED tests/test_label.py::test_label\n")
    assert "12.5" in told
    say(swe, "create_file", path="tests/test_broken.py", content="import no_such_module\n")
    told = say(swe, "run_tests", paths=["tests/test_broken.py"])
    assert "No module named 'no_such_module'" in told
    assert " in 0." not in told


def test_what_a_command_leaves_running_is_dead_when_it_ends(swe: Swe) -> None:
    say(swe, "shell", command="(setsid sh -c 'sleep 1; echo late > late.txt' &) ; echo started")
    assert "No such file" in say(swe, "shell", command="sleep 1.5; cat late.txt")


def test_a_broken_sandbox_is_a_failure_of_the_world_and_never_told(
    folder: TaskFolder, made: list[AgentEnv], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = folder.task.recipe.model_copy(update={"image": "no-such-image"})
    task = folder.task.model_copy(update={"recipe": recipe, "certificate": None})
    broken = write_folder(
        tmp_path / "shop-1", task, issue=folder.issue, base=folder.base, hidden=folder.hidden, gold=folder.gold
    )
    env = start(Swe, broken.with_certificate({"digest": broken.digest}), made)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    with pytest.raises(EnvFailure):
        say(env, "list_files")
    with pytest.raises(EnvFailure):
        say(env, "edit", path=CART, old="a", new="b")


# ---- state


def test_a_snapshot_is_the_working_copy_anywhere(swe: Swe, folder: TaskFolder, made: list[AgentEnv]) -> None:
    look = "ls -AR src notes 2>&1; cat src/shop/new; cat /tmp/kept; git status --short"
    say(
        swe,
        "shell",
        command="rm -r src/shop; mkdir src/shop; echo 1 > src/shop/new; ln -s new src/shop/link; echo 2 > /tmp/kept",
    )
    snapshot = pickle.loads(pickle.dumps(swe.snapshot()))
    wanted = say(swe, "shell", command=look)
    assert "cart.py" in wanted.partition("D ")[2]
    other = Swe(data=str(folder.path))
    made.append(other)
    other.restore(snapshot)
    assert say(other, "shell", command=look) == wanted
    say(other, "shell", command="rm -r src; echo 3 > /tmp/kept")
    assert say(swe, "shell", command=look) == wanted
    swe.restore(snapshot)
    assert say(swe, "shell", command=look) == wanted


def test_a_state_that_is_kept_and_restored_again_and_again_stays_small(swe: Swe) -> None:
    sizes = []
    for number in range(6):
        say(swe, "shell", command=f"echo {number} > notes.txt; rm -f src/shop/tax.py")
        snapshot = swe.snapshot()
        sizes.append(len(snapshot.state))
        swe.restore(snapshot)
    assert sizes[-1] < sizes[0] + 1000
    assert say(swe, "shell", command="cat notes.txt; ls src/shop") == "[exit code 0]\n5\n__init__.py\ncart.py\n"


def test_a_fork_and_its_original_do_not_notice_each_other(swe: Swe, made: list[AgentEnv]) -> None:
    say(swe, "shell", command="echo first > notes.txt")
    twin = swe.fork()
    made.append(twin)
    say(twin, "shell", command="echo second > notes.txt")
    assert "first" in say(swe, "shell", command="cat notes.txt")
    twin.close()
    assert "first" in say(swe, "shell", command="cat notes.txt")


def test_no_sandbox_is_started_before_it_is_needed(swe: Swe) -> None:
    assert swe.verify().score == 0.0
    assert swe.snapshot()
    assert swe.workspace._sandbox is None
    say(swe, "list_files")
    assert swe.workspace._sandbox is not None
    assert swe.workspace.written == b""


# ---- tasks


def test_a_task_names_no_place_and_is_bound_to_its_folder(folder: TaskFolder, tmp_path: Path) -> None:
    task = Swe(data=str(folder.path.parent)).taskset()[0]
    assert str(folder.path.parent) not in task.model_dump_json()
    assert task.private == {"digest": folder.digest}
    with pytest.raises(UsageError, match="there is no task folder 'shop-1'"):
        folder_of(task, str(tmp_path))
    changed = write_folder(
        tmp_path / "shop-1", folder.task, issue="Another.", base=folder.base, hidden=folder.hidden, gold=folder.gold
    )
    with pytest.raises(UsageError, match="changed after it was certified"):
        Swe(data=str(tmp_path)).reset(options={"task": task})
    changed.with_certificate({**(folder.task.certificate or {}), "digest": changed.digest})
    with pytest.raises(UsageError, match="its digest differs"):
        Swe(data=str(tmp_path)).reset(options={"task": task})


def test_a_place_without_tasks_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no task folders"):
        Swe(data=str(tmp_path)).taskset()


# ---- write a test


def written(folder: TaskFolder, made: list[AgentEnv], content: str, path: str = NEW_TEST) -> Verdict:
    env = start(WriteTest, folder, made)
    return play(env, call("create_file", path=path, content=content), call("submit"))


def test_the_tests_that_came_with_the_fix_are_good_tests(folder: TaskFolder, made: list[AgentEnv]) -> None:
    env = start(WriteTest, folder, made)
    verdict = play(env, *env.oracle())
    assert verdict.code == "swe_test.good"
    assert set(verdict.parts) == {"fails_before", "passes_after", "behaviour_after", "behaviour_before", "catches"}


def test_a_test_of_ones_own_is_as_good_and_other_changes_do_not_count(folder: TaskFolder, made: list[AgentEnv]) -> None:
    env = start(WriteTest, folder, made)
    env.step(call("shell", command="rm -r src/shop/tax.py README.md; echo > src/shop/cart.py"))
    assert play(env, call("create_file", path=NEW_TEST, content=GOOD), call("submit")).score == 1.0


READS = "from pathlib import Path\nimport shop.cart\n\n\ndef test_it():\n    source = Path(shop.cart.__file__).read_text()\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("def test_nothing():\n    assert True\n", "swe_test.passes_before"),
        ("from shop.cart import no_such_name\n\n\ndef test_it():\n    assert no_such_name\n", "swe_test.error_before"),
        ("import pytest\n\n\n@pytest.fixture\ndef x():\n    assert False\n\n\ndef test_it(x):\n    pass\n", "swe_test.error_before"),
        ("def test_it():\n    assert False\n", "swe_test.fails_after"),
        (GOOD + "\n\ndef test_old():\n    assert cart.label(1205) == '12.5'\n", "swe_test.wrong_after"),
        (READS + "    assert ':02d' in source\n", "swe_test.reads_source"),
        (READS + "    assert len(source) != 820\n    assert '# ' not in source and ':02d}\"' in source\n", "swe_test.reads_source"),
        ("from shop.cart import total\n\n\ndef test_it():\n    assert total([333], 50) == 167\n", "swe_test.catches_nothing"),
        ("import os\nos._exit(0)\n", "swe_test.does_not_run"),
    ],
)  # fmt: skip
def test_a_bad_test_is_refused_with_its_reason(
    folder: TaskFolder, made: list[AgentEnv], content: str, code: str
) -> None:
    verdict = written(folder, made, content)
    assert (verdict.score, verdict.code) == (0.0, code), verdict


def test_a_file_outside_of_the_tests_is_no_test(folder: TaskFolder, made: list[AgentEnv]) -> None:
    assert written(folder, made, GOOD, "src/shop/test_new.py").code == "swe_test.no_tests"


def test_a_test_that_reads_source_is_flagged_for_people(folder: TaskFolder, made: list[AgentEnv]) -> None:
    verdict = written(folder, made, READS + "    assert ':02d' in source\n")
    assert verdict.evidence[0].kind == "flag"
    assert "read_text" in verdict.evidence[0].text


# ---- review


def review(folder: TaskFolder, made: list[AgentEnv], *places: tuple[str, int]) -> Verdict:
    env = start(Review, folder, made)
    findings = [{"file": path, "line": line, "comment": "?"} for path, line in places]
    return play(env, call("submit_review", findings=findings))


def test_a_review_earns_by_place_and_pays_for_guesses(folder: TaskFolder, made: list[AgentEnv]) -> None:
    (defect,) = pull_request(folder).defects
    at = defect.first
    assert review(folder, made, (CART, at)).score == 1.0
    assert review(folder, made, (f"b/{CART}", at + 2)).score == 1.0
    assert review(folder, made, (CART, at + 3)).score == 0.0
    assert review(folder, made, ("src/shop/tax.py", at)).score == 0.0
    assert review(folder, made, (CART, at), (CART, 1), (CART, 2), ("README.md", 1)).score == 0.25
    assert review(folder, made, *((CART, line) for line in range(1, 51))).score == 0.02
    assert review(folder, made).code == "swe_review.nothing"


def test_the_request_is_shown_and_lies_in_the_working_copy(folder: TaskFolder, made: list[AgentEnv]) -> None:
    env = start(Review, folder, made)
    request = pull_request(folder)
    assert request.diff in text_of(env.observe()[0])
    told = say(env, "shell", command="git diff --no-color; git log --oneline | wc -l")
    added = [line for line in request.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert added
    assert all(line in told for line in added)
    assert told.endswith("\n1\n")
    assert play(env, *env.oracle()).score == 1.0


def test_without_known_defects_there_is_no_test_to_write(tmp_path: Path) -> None:
    bare = certified(write_shop_task(tmp_path))
    with pytest.raises(UsageError, match=r"each lacks mutants\.json"):
        _ = WriteTest(data=str(bare.path)).taskset().size
    assert Swe(data=str(bare.path)).taskset().size == 1
    tests = Candidate({"tests/test_more.py": File(b"def test_it():\n    assert False\n")})
    verdict = judge_tests(bare, tests)
    assert (verdict.score, verdict.code) == (None, "swe_test.no_mutants")


def test_without_known_defects_the_request_takes_the_fix_out(tmp_path: Path, made: list[AgentEnv]) -> None:
    folder = certified(write_shop_task(tmp_path))
    request = pull_request(folder)
    assert "-    if not prices:" in request.diff
    assert "confusing" not in request.description
    assert "+    return min(prices)" not in request.diff
    env = start(Review, folder, made)
    assert play(env, *env.oracle()).score == 1.0
    assert review(folder, made, (CART, 1)).score == 0.0


# ---- localise


def test_the_places_are_those_that_the_fix_touched(folder: TaskFolder, made: list[AgentEnv]) -> None:
    assert changed_definitions(folder) == {f"{CART}::{name}" for name in ("total", "cheapest", "label")}
    env = start(Localise, folder, made)
    verdict = play(env, call("submit_locations", locations=[f"./{CART}::total()", f"{CART}::count"]))
    assert verdict.score == pytest.approx(0.4)
    assert play(start(Localise, folder, made), call("submit_locations", locations=[])).score == 0.0
    env = start(Localise, folder, made)
    assert play(env, *env.oracle()).score == 1.0


BEFORE = """import os


class Cart:
    size = 1

    @property
    def total(self):
        def inner():
            return 1
        return inner()


def free(): return 1


class Empty:
    pass
"""


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("            return 1\n", "            return 2\n", {"a.py::Cart.total"}),
        ("    @property\n", "", {"a.py::Cart.total"}),
        ("    size = 1\n", "    size = 2\n", {"a.py::Cart"}),
        ("def free(): return 1\n", "def free(): return 1\n\n\ndef new():\n    return 2\n", {"a.py"}),
        (
            "        return inner()\n",
            "        return inner()\n\n    def new(self):\n        return 2\n",
            {"a.py::Cart"},
        ),
        ("import os\n", "import os, sys\n", {"a.py"}),
        ("def free(): return 1\n", "# why\n\ndef free(): return 2\n", {"a.py::free"}),
        ("def free(): return 1\n", "", {"a.py::free"}),
        ("import os\n\n\nclass Cart:\n    size = 1\n", "import sys\n\n\nclass Cart:\n    size = 2\n", {"a.py::Cart"}),
    ],
)
def test_a_line_belongs_to_the_definition_around_it(tmp_path: Path, old: str, new: str, places: set[str]) -> None:
    assert old in BEFORE
    bare = write_shop_task(tmp_path / "shop")
    for name, text in (("base", BEFORE), ("new", BEFORE.replace(old, new, 1))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(text, encoding="utf-8")
    made = subprocess.run(
        ["git", "diff", "--no-index", "base/a.py", "new/a.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    folder = write_folder(
        tmp_path / "places",
        bare.task.model_copy(update={"id": "places", "source_paths": ("*.py",), "certificate": None}),
        issue="?",
        base=tmp_path / "base",
        hidden=bare.hidden,
        gold=made.replace("a/base/", "a/").replace("b/new/", "b/"),
    )
    assert changed_definitions(folder.with_certificate({"digest": folder.digest})) == places


def test_f1_counts_both_ways() -> None:
    assert judge_locations({"a.py::f"}, ["a.py::f"]).passed
    assert judge_locations({"a.py::f", "a.py::g"}, ["a.py::f"]).score == pytest.approx(2 / 3)
    assert judge_locations({"a.py::f"}, ["a.py::f", *(f"a.py::{n}" for n in range(18))]).score == pytest.approx(0.1)
    assert plain_location(" ./a.py::C::m() ") == "a.py::C.m"


# ---- all of them


@pytest.mark.parametrize("kind", [Swe, WriteTest, Review, Localise])
def test_a_random_episode_is_told_everything_and_earns_nothing(
    kind: type[SweEnv], folder: TaskFolder, made: list[AgentEnv]
) -> None:
    env, rng = start(kind, folder, made), random.Random(3)
    for _ in range(40):
        observation, reward, terminated, truncated, _ = env.step(env.random_action(rng))
        assert all(len(text_of(message)) < 20_000 for message in observation)
        if terminated or truncated:
            break
    assert reward == 0.0
    assert terminated
