"""From a repository to certified tasks by breaking it, and the issues that are told of the breaks."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envgym.environments.swe.candidate import Candidate
from envgym.environments.swe.grade import grade
from envgym.environments.swe.task_folder import TaskFolder
from envgym.errors import UsageError
from envgym.task_synth.bugs.bug_task import difficulty
from envgym.task_synth.bugs.bug_trial import NotKept, try_bug
from envgym.task_synth.bugs.healthy import Healthy, Subject, healthy_suite
from envgym.task_synth.bugs.inject import Bug, bugs
from envgym.task_synth.bugs.issue_text import Failure, issue_text
from envgym.task_synth.bugs.mutation import Mutation
from envgym.task_synth.bugs.observation import observe
from envgym.task_synth.bugs.one_test import without_tests
from envgym.task_synth.bugs.repository import repository_of
from envgym.task_synth.bugs.synthesise import BugOptions, synthesise_bugs
from envgym.task_synth.mining.recipe import detect

needs_namespaces = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap"
)
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git: apt-get install git")

ACCOUNT = '''"""An account in whole cents."""


class Account:
    def __init__(self, opening=0):
        self.balance = opening
        self.moves = []

    def pay(self, cents):
        if cents > self.balance:
            raise ValueError(f"{self.balance} is not enough")
        self.balance -= cents
        self.moves.append(-cents)

    def largest(self, count=3):
        return sorted(self.moves, key=abs, reverse=True)[:count]


def parse_amount(text):
    """Cents in "12.50" or "12"."""
    whole, point, rest = text.strip().partition(".")
    if point and len(rest) != 2:
        raise ValueError(f"{text!r} is no amount")
    return int(whole) * 100 + int(rest or 0)
'''
TESTS = """import unittest

import pytest

from ledger.account import Account, parse_amount


@pytest.mark.parametrize(("text", "cents"), [("12.50", 1250), ("12", 1200), (" 3.05 ", 305)])
def test_an_amount_is_read(text, cents):
    assert parse_amount(text) == cents


def test_half_a_cent_is_refused():
    with pytest.raises(ValueError):
        parse_amount("1.005")


def test_an_account_begins_empty():
    assert Account().balance == 0


def test_moves_are_kept():
    account = Account(5)
    account.pay(2)
    assert account.moves == [-2]


class TestAccount(unittest.TestCase):
    def test_a_payment_lowers_the_balance(self):
        account = Account(500)
        account.pay(200)
        self.assertEqual(account.balance, 300)

    def test_the_largest_moves_come_first(self):
        account = Account(100)
        account.pay(10)
        account.pay(30)
        self.assertEqual(account.largest(1), [-30])

    def test_no_more_than_there_is(self):
        with self.assertRaises(ValueError):
            Account(1).pay(2)
"""
FILE = "src/ledger/account.py"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A repository whose tests pass."""
    repo = tmp_path / "ledger"
    for path, text in ((FILE, ACCOUNT), ("src/ledger/__init__.py", ""), ("tests/test_account.py", TESTS)):
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text)
    (repo / "pyproject.toml").write_text('[project]\nname = "ledger"\nversion = "1"\nlicense = "MIT"\n')
    return repo


def commit(repo: Path) -> None:
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "all")):
        subprocess.run(["git", *words], cwd=repo, check=True, env={**os.environ, **identity})


def broken(old: str, new: str) -> Bug:
    assert ACCOUNT.count(old) == 1
    return Bug(FILE, ACCOUNT.replace(old, new), (Mutation("by_hand", 1, 1, "", "", "by hand"),))


def subject(repo: Path, place: Path) -> Subject:
    repository = repository_of(repo, place / "copy")
    detected = detect(repository.tree)
    healthy = healthy_suite(repository, detected, place / "healthy", runs=1, backend="namespaces")
    return Subject(repository, detected, healthy, "namespaces")


@needs_git
@needs_namespaces
@pytest.mark.timeout(300)
def test_a_repository_gives_certified_tasks_that_do_not_tell_their_fix(ledger: Path, tmp_path: Path) -> None:
    commit(ledger)
    (ledger / FILE).write_text("not committed, so not taken (")
    ticks: list[None] = []
    options = BugOptions(count=1, seed=4, operators=["move_boundary", "drop_sign"], reruns=1)
    report = synthesise_bugs(ledger, tmp_path / "out", options=options, tick=lambda: ticks.append(None))
    (path,) = (tmp_path / "out").iterdir()
    folder = TaskFolder.read(path)
    assert (report.accepted, len(ticks)) == (1, 1)
    assert report.as_json()["operators"][folder.task.tags[1]]["kept"] == 1
    assert folder.task.certificate is not None
    assert folder.task.source.licence == "MIT"
    assert len(folder.task.source.commit) == 40
    assert grade(folder, Candidate.of_patch(folder.base, folder.gold)).score == 1.0
    assert (folder.hidden / "tests/test_account.py").read_text() == TESTS
    visible = (folder.base / "tests/test_account.py").read_text()
    for test in folder.task.fail_to_pass:
        assert test.partition("[")[0].rpartition("::")[2] not in visible
    changed = [
        line[1:].strip() for line in folder.gold.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert not [line for line in changed if line in folder.issue]
    assert ".py" not in folder.issue
    assert (folder.base / FILE).read_text() != ACCOUNT


@needs_namespaces
def test_only_bugs_that_some_tests_catch_are_kept(ledger: Path, tmp_path: Path) -> None:
    kit = subject(ledger, tmp_path)
    trial = try_bug(broken("* 100 +", "* 10 +"), kit, reruns=1)
    assert trial.fail_to_pass == tuple(
        f"tests/test_account.py::test_an_amount_is_read[{case}]" for case in (" 3.05 -305", "12-1200", "12.50-1250")
    )
    assert len(trial.pass_to_pass) == 6
    for bug, reason in (
        (broken('"""An account in whole cents."""', ""), "not_caught"),
        (broken("class Account", "class Accounts"), "collection_error"),
        (broken("self.balance = opening", "import os; os._exit(3)"), "crash"),
        (broken("text.strip().partition", "text.apart"), "too_much_fails"),
    ):
        with pytest.raises(NotKept) as caught:
            try_bug(bug, kit, reruns=0)
        assert caught.value.reason == reason, bug


@needs_namespaces
def test_a_bug_that_fails_at_random_is_not_kept(ledger: Path, tmp_path: Path) -> None:
    kit = subject(ledger, tmp_path)
    by_chance = "return int(whole) * 100 + int(rest or 0) + __import__('os').urandom(1)[0]"
    with pytest.raises(NotKept) as caught:
        try_bug(broken("return int(whole) * 100 + int(rest or 0)", by_chance.replace("[0]", "[0] % 2")), kit, reruns=5)
    assert caught.value.reason == "flaky"


def test_the_same_seed_draws_the_same_bugs_and_larger_ones_are_in_two_functions(ledger: Path) -> None:
    first, again, other = (list(bugs(ledger, [FILE], seed=seed, limit=12)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first) == 12
    for bug in bugs(ledger, [FILE], seed=1, limit=5, size=2):
        assert len({each.function for each in bug.mutations}) == 2


def test_a_wrong_call_is_told(ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    with pytest.raises(UsageError, match="not an empty folder"):
        synthesise_bugs(ledger, tmp_path / "full")
    with pytest.raises(UsageError, match="is no folder"):
        synthesise_bugs(tmp_path / "none", tmp_path / "out")
    with pytest.raises(UsageError, match="unknown operator"):
        synthesise_bugs(ledger, tmp_path / "out", options=BugOptions(operators=["none"]))
    with pytest.raises(UsageError, match="count is 0"):
        synthesise_bugs(ledger, tmp_path / "out", options=BugOptions(count=0))
    shutil.rmtree(ledger / "tests")
    with pytest.raises(UsageError, match="has no tests"):
        synthesise_bugs(ledger, tmp_path / "out")


@needs_namespaces
def test_a_suite_that_does_not_pass_is_refused(ledger: Path, tmp_path: Path) -> None:
    (ledger / FILE).write_text("raise SystemError\n")
    with pytest.raises(UsageError, match="no test of ledger passes as it is"):
        synthesise_bugs(ledger, tmp_path / "out", options=BugOptions(reruns=1))


def test_a_slow_suite_is_run_only_where_it_reaches_the_module() -> None:
    suite = Healthy(("a", "b"), frozenset(), frozenset(), 60.0, {"m.py": ("b",)})
    assert suite.tests_for("m.py") == ("b",)
    assert suite.tests_for("other.py") == ("a", "b")
    assert Healthy(("a", "b"), frozenset(), frozenset(), 0.5, {"m.py": ("b",)}).tests_for("m.py") == ("a", "b")


@pytest.mark.parametrize(
    ("name", "message", "told"),
    [
        (
            "test_an_amount_is_read[12-1200]",
            "test_account.py:10: AssertionError: assert 120 == 1200\n +  where 120 = parse_amount('12')",
            ("value", "parse_amount", "parse_amount('12')", "1200", "120"),
        ),
        (
            "test_half_a_cent_is_refused",
            "test_account.py:14: Failed: DID NOT RAISE <class 'ValueError'>",
            ("accepts", "parse_amount", "parse_amount('1.005')", "ValueError", ""),
        ),
        (
            "TestAccount::test_a_payment_lowers_the_balance",
            "case.py:866: AssertionError: 700 != 300",
            ("value", "balance", "account.balance", "300", "700"),
        ),
        (
            "TestAccount::test_no_more_than_there_is",
            "case.py:199: AssertionError: ValueError not raised",
            ("accepts", "pay", "Account(1).pay(2)", "ValueError", ""),
        ),
        (
            "test_an_amount_is_read[12-1200]",
            "account.py:20: IndexError: list index out of range",
            ("raises", "parse_amount", "parse_amount('12')", "", "IndexError: list index out of range"),
        ),
    ],
)
def test_a_failure_is_told_in_terms_of_the_call(name: str, message: str, told: tuple[str, ...]) -> None:
    seen = observe(Failure(f"tests/test_account.py::{name}", TESTS, message))
    assert (seen.kind, seen.name, seen.call, seen.expected, seen.got) == told


def test_what_leads_up_to_a_call_is_told_too() -> None:
    name = "tests/test_account.py::TestAccount::test_a_payment_lowers_the_balance"
    issue = issue_text([Failure(name, TESTS, "case.py:866: AssertionError: 700 != 300")], rng=random.Random(0))
    assert "from ledger.account import Account\naccount = Account(500)\naccount.pay(200)" in issue
    assert "700" in issue
    assert "300" in issue


HELD = """import unittest
import ledger.account
class TestHeld(unittest.TestCase):
    kind = staticmethod(ledger.account.Account)
    def test_kind(self):
        self.assertEqual(self.kind(3).balance, 3)
    def test_in(self):
        self.assertIn(3, ledger.account.Account(3).moves)
    def test_lists(self):
        self.assertEqual(ledger.account.Account().moves, [1])
"""


def test_a_test_that_cannot_be_told_in_words_gives_its_message_and_what_it_is_about() -> None:
    seen = observe(Failure("t.py::TestHeld::test_kind", HELD, "<frozen a>:9: KeyError"))
    assert (seen.kind, seen.name, seen.got) == ("message", "Account", "KeyError")


def test_membership_and_lists_are_told() -> None:
    seen = observe(Failure("t.py::TestHeld::test_in", HELD, "case.py:1: AssertionError: 3 not found in []"))
    assert (seen.call, seen.expected) == ("3 in ledger.account.Account(3).moves", "true")
    seen = observe(
        Failure("t.py::TestHeld::test_lists", HELD, "case.py:1: AssertionError: Lists differ: [] != [1]\n\n-")
    )
    assert (seen.call, seen.expected, seen.got) == ("ledger.account.Account().moves", "[1]", "[]")


@pytest.mark.parametrize("seed", range(12))
def test_an_issue_names_no_file_line_test_or_address(seed: int) -> None:
    failures = [
        Failure(
            "tests/test_account.py::test_an_amount_is_read[12-1200]", TESTS, "test_account.py:10: assert 120 == 1200"
        ),
        Failure(
            "tests/test_account.py::test_gone", TESTS, 'account.py:7: OSError: <A at 0x7f00ff> in "/a/b.py", line 7'
        ),
        Failure("tests/test_account.py::test_odd", "def test_odd(:", "test_account.py:3: KeyError: 'a'\nat x.py:9"),
    ]
    issue = issue_text(failures, rng=random.Random(seed))
    assert issue.startswith("# ")
    assert "parse_amount('12')" in issue
    for word in (".py", "test_", "0x7f", "line 7"):
        assert word not in issue
    alone = issue_text(failures[1:2], rng=random.Random(seed))
    assert "OSError" in alone
    assert not [word for word in (".py", "test_", "0x7f", "line 7") if word in alone]
    assert issue == issue_text(failures, rng=random.Random(seed))


def test_phrases_differ_from_seed_to_seed() -> None:
    failure = Failure("tests/test_account.py::test_half_a_cent_is_refused", TESTS, "DID NOT RAISE <class 'ValueError'>")
    assert len({issue_text([failure], rng=random.Random(seed)) for seed in range(20)}) > 10


def test_code_of_the_change_and_of_its_message_stays_out() -> None:
    source = "from m import f\ndef test_a():\n    assert f([1, 2]) == 2\n"
    failure = Failure("t.py::test_a", source, "t.py:3: AssertionError: assert 1 == 2")
    assert "f([1, 2])" in issue_text([failure], rng=random.Random(0))
    assert "f([1, 2])" not in issue_text([failure], rng=random.Random(0), patch="-x\n+f([1, 2])\n")
    told = issue_text([failure], rng=random.Random(0), hint="Amounts with a point are refused\n\nlimit + 1")
    assert told.startswith("# Amounts with a point are refused\n")
    assert "return limit" not in issue_text([failure], rng=random.Random(0), hint="Use return limit(1)")
    assert "a limit is odd" not in issue_text(
        [failure], rng=random.Random(0), hint="a limit is odd", patch="+a limit is odd"
    )


def test_tests_are_cut_out_and_the_rest_stays() -> None:
    rest = without_tests(
        TESTS, ["t.py::test_an_amount_is_read[12-1200]", "t.py::TestAccount::test_no_more_than_there_is"]
    )
    assert "parametrize" not in rest
    assert "no_more" not in rest
    assert rest.startswith(TESTS.partition("@pytest")[0].rstrip())
    compile(rest, "rest", "exec")
    names = ("a_payment_lowers_the_balance", "the_largest_moves_come_first", "no_more_than_there_is")
    none_left = without_tests(TESTS, [f"t.py::TestAccount::test_{name}" for name in names])
    assert "TestAccount" not in none_left
    compile(without_tests("if a:\n    def test_b(): pass\n", ["t.py::test_b"]), "rest", "exec")
    assert without_tests("def (", ["t.py::test_b"]) == "def ("


def test_bugs_that_hide_are_harder() -> None:
    assert difficulty(1, 1000) > difficulty(8, 1000) > difficulty(8, 100)
    assert difficulty(1, 1000, 2) > difficulty(1, 1000)
    assert 0 <= difficulty(500, 1) <= difficulty(1, 10**9, 9) <= 1
