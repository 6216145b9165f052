"""An outage of what a verifier needs, carried through an environment, a rollout, its file, the shapers and the summary: no number anywhere.

Each world asks the same question of every member of a group. A third of the replies hold a word on which a judge or a service answers
503, or a worker is killed; the rest are right or wrong.
"""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from envgym import AnswerEnv, Policy, Reply, Request, Task, TaskFields, Trajectory, Verdict
from envgym.message import assistant
from envgym.rollout import Run, play_run
from envgym.rollout.store import TrajectoryFile
from envgym.rollout.summary import Summary
from envgym.testing.http_exchange import Exchange
from envgym.testing.http_server import HttpServer
from envgym.trajectory import read_trajectories
from envgym.verifiers.answer import exact
from envgym.verifiers.check import Check
from envgym.verifiers.combine import (
    all_of,
    any_of,
    cached,
    first,
    format_weighted,
    gate,
    hack_gate,
    majority,
    negate,
    penalty,
    per_test,
    product,
    threshold,
    weighted,
)
from envgym.verifiers.form import repetition
from envgym.verifiers.hack import hack_check
from envgym.verifiers.json_service import Patience
from envgym.verifiers.judge import equivalence_judge, rubric_judge
from envgym.verifiers.judge_client import JudgeClient
from envgym.verifiers.judge_pair import PairJudge
from envgym.verifiers.math_answer import math_equal
from envgym.verifiers.remote import remote
from envgym.verifiers.shape_domain import DomainNormaliser
from envgym.verifiers.shape_length import shape_cosine, shape_length, shape_overlong
from envgym.verifiers.shape_pairwise import shape_pairwise
from envgym.verifiers.shape_repetition import shape_repetition

LOST = "zugzwang"
"""The word that brings the outage."""
RIGHT, WRONG, GONE = "it is alpha", "it is beta", f"it is {LOST}"
PATIENCE = Patience(timeout_s=2.0, deadline_s=2.0, max_retries=0, failures_to_open=1_000_000)


class Service(HttpServer):
    """A judge and a reward service in one. It answers 503 to whatever holds the word, and counts how often."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0

    def answer(self, exchange: Exchange) -> None:
        asked = exchange.body.decode()
        if LOST in asked:
            self.lost += 1
            exchange.send(503, b'{"score": 1.0}')
        elif exchange.path.endswith("/v1/verify"):
            verdict = Verdict.of(float("alpha" in json.loads(asked)["reply"]), code="service.said")
            exchange.send(200, verdict.model_dump_json().encode())
        else:
            answer = json.dumps(self.judged(asked))
            exchange.send(200, json.dumps({"choices": [{"message": {"content": answer}}]}).encode())

    def judged(self, asked: str) -> Mapping[str, Any]:
        right = RIGHT in asked
        if "Equivalence" in asked:
            return {"quote": "alpha" if right else "beta", "equivalent": right}
        if "Preference" in asked:
            return {"reason": "so it is", "better": "tie" if WRONG in asked else "A"}
        return {"items": [{"id": "says", "quote": "alpha" if right else "", "met": right}]}


def world_of(check: Callable[[str], Verdict], name: str) -> type[AnswerEnv]:
    class World(AnswerEnv):
        id = name

        def generate(self, rng: Any) -> TaskFields:
            return {"public": {"number": rng.randint(0, 10**9)}, "private": {"gold": "alpha"}}

        def begin(self, task: Task) -> str:
            return f"Number {task.public['number']}?"

        def grade(self, reply: str, task: Task) -> Verdict:
            return check(reply)

    return World


class Says(Policy):
    """Says one of the texts, by the seed of the episode."""

    name = "says"

    def __init__(self, texts: tuple[str, str, str]) -> None:
        self.texts = texts

    async def sample(self, request: Request) -> Reply:
        text = self.texts[request.seed % 3]
        return Reply(assistant(text), completion_tokens=len(text))


@contextmanager
def killing() -> Iterator[None]:
    """Kills the workers of this process, those that wait for work first: what the kernel does where memory runs out."""
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.001):
            kill_workers()

    kill_workers()

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def kill_workers() -> None:
    for server in children(os.getpid()):
        for worker in children(server):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def children(pid: int) -> list[int]:
    found: list[int] = []
    for place in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, place.read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def by_killed_worker(reply: str) -> Verdict:
    """A sum that a new worker compares for 0.3 s; it is killed long before where the reply is the lost one."""
    with killing() if LOST in reply else nullcontext():
        return math_equal(f"\\boxed{{{SUMS[reply]}}}", SUMS[RIGHT])


TERMS = "+".join(f"\\sin({n}x)\\cos({n + 1}x)" for n in range(1, 25))
SUMS = {RIGHT: TERMS, WRONG: f"{TERMS}+x", GONE: f"{TERMS}+0\\cdot x"}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as server:
        yield server


@pytest.fixture(scope="module")
def judge(service: Service) -> Iterator[Check[...]]:
    with JudgeClient("fake", f"http://127.0.0.1:{service.port}/v1", patience=PATIENCE) as client:
        yield equivalence_judge(client, question="Which letter?")


JUDGED: dict[str, Callable[[Check[...]], Check[...]]] = {
    "weighted": lambda judge: weighted({judge: 1, repetition: 1}),
    "format_weighted": lambda judge: format_weighted(judge, repetition),
    "all_of": lambda judge: judge & repetition,
    "all_of a failed one": lambda judge: all_of(exact, judge),
    "any_of a passed one": lambda judge: any_of(repetition, judge),
    "product": lambda judge: product(judge, repetition),
    "first, before a weaker one": lambda judge: first(judge, exact),
    "first, at last": lambda judge: first(exact, judge, escalate_on_fail=True),
    "cached": lambda judge: cached(judge),
    "cached weighted": lambda judge: cached(weighted({cached(judge): 4, hack_check: 1})),
    "gate": lambda judge: gate(judge, then=repetition),
    "behind a gate": lambda judge: gate(repetition, then=judge),
    "behind a hack_gate": lambda judge: hack_gate(hack_check, judge),
    "threshold": lambda judge: threshold(judge, 0.5),
    "negate": lambda judge: negate(negate(judge)),
    "penalty": lambda judge: penalty(repetition, judge, amount=0.5),
    "majority": lambda judge: majority(judge, repetition, repetition),
    "per_test": lambda judge: per_test({repetition: 1, judge: 3}),
}


def test_an_outage_of_a_judge_is_a_number_nowhere(judge: Check[...], tmp_path: Path) -> None:
    carried_through(lambda reply: judge(reply, "alpha"), tmp_path)


def test_an_outage_of_a_judge_of_rubrics_and_of_pairs_is_a_number_nowhere(service: Service, tmp_path: Path) -> None:
    with JudgeClient("fake", f"http://127.0.0.1:{service.port}/v1", patience=PATIENCE) as client:
        rubric = rubric_judge([{"id": "says", "text": "says alpha", "kind": "essential"}], client)
        carried_through(lambda reply: rubric(reply), tmp_path)
        pair = PairJudge(client)
        carried_through(lambda reply: pair(reply, "some other reply"), tmp_path, scores=(0.5,))


def test_a_killed_worker_is_a_number_nowhere(tmp_path: Path) -> None:
    carried_through(by_killed_worker, tmp_path, episodes=12)


def test_an_outage_of_a_reward_service_is_a_number_nowhere(service: Service, tmp_path: Path) -> None:
    with remote(f"http://127.0.0.1:{service.port}", verifier="any", patience=PATIENCE) as verifier:
        carried_through(lambda reply: verifier(reply, "alpha"), tmp_path)
        carried_through(lambda reply: (verifier & repetition)(reply, "alpha"), tmp_path)


@pytest.mark.parametrize("kind", JUDGED)
def test_an_outage_of_a_judge_inside_a_combination_is_a_number_nowhere(
    judge: Check[...], service: Service, kind: str, tmp_path: Path
) -> None:
    check = JUDGED[kind](judge)
    before = service.lost
    carried_through(lambda reply: check(reply, "alpha"), tmp_path, scores=())
    assert service.lost > before, "the judge was asked"


def carried_through(
    check: Callable[[str], Verdict], folder: Path, *, episodes: int = 48, scores: tuple[float, ...] = (0.0, 1.0)
) -> None:
    """Plays a run whose verdicts `check` gives, and looks for a number that came of an outage."""
    file = folder / f"{len(list(folder.iterdir()))}.jsonl"
    run = Run(
        world_of(check, "outage"), policy=Says((RIGHT, WRONG, GONE)), episodes=episodes, group_size=6, seed=3, retries=0,
        max_failure_share=1.0,
    )  # fmt: skip
    summary = Summary()
    out = TrajectoryFile.open(file, run.fingerprint)

    def sink(trajectory: Trajectory) -> None:
        out.append(trajectory)
        summary.take(trajectory)

    play_run(run, sink)
    out.close()
    found = list(read_trajectories(file))
    lost = [one for one in found if LOST in str(one.messages[-1]["content"])]
    judged = [one for one in found if one not in lost]
    assert len(found) == episodes
    assert len(lost) >= episodes // 8
    assert len(judged) >= episodes // 3
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if LOST in record["messages"][-1]["content"]:
            assert_no_number(record)
    for one in lost:
        assert (one.status, one.score, one.reward, one.scored) == ("infra_failed", None, None, False)
    known = [one.score for one in judged if one.score is not None]
    assert len(known) == len(judged)
    assert set(known) >= set(scores)
    figures = summary.figures()
    assert (figures["infra_failures"], figures["scored"]) == (len(lost), len(judged))
    assert figures["mean_score"] == pytest.approx(sum(known) / len(known), abs=1e-6)
    shapes_without(lost, judged)


def assert_no_number(record: dict[str, Any]) -> None:
    assert (record["status"], record["verdict"], record["reward"], record["rewards"]) == (
        "infra_failed",
        None,
        None,
        {},
    )
    assert len(record["failures"]) == 1
    assert not record["steps"][-1]["terminated"]
    rest = {name: value for name, value in record.items() if name not in ("messages", "failures")}
    assert values_of(rest, "score") == []
    assert set(values_of(rest, "reward")) == {None}


def values_of(value: Any, name: str) -> list[Any]:
    """Every value under a key of that name, however deep."""
    if isinstance(value, list):
        return [each for inner in value for each in values_of(inner, name)]
    if not isinstance(value, dict):
        return []
    mine = [value[name]] if name in value else []
    return mine + [each for inner in value.values() for each in values_of(inner, name)]


def prefer_shorter(prompt: str, a: str, b: str) -> Any:
    assert LOST not in a + b, "an episode without a score is compared with nothing"
    return "a" if len(a) < len(b) else "b" if len(b) < len(a) else "tie"


SHAPERS: dict[str, Callable[[list[Trajectory]], object]] = {
    "length": lambda group: shape_length(group, step=9, warm_up_steps=3),
    "overlong": lambda group: shape_overlong(group, max_length=12, cache=12),
    "cosine": lambda group: shape_cosine(group, max_length=40),
    "repetition": lambda group: shape_repetition(group, n=1),
    "domain": lambda group: DomainNormaliser().shape(group),
    "pairwise": lambda group: shape_pairwise(group, "Which?", prefer_shorter),
}


def shapes_without(lost: list[Trajectory], judged: list[Trajectory]) -> None:
    """What has no score gets no reward, and the others get what they would have got without it."""
    for name in {one.group for one in lost}:
        without = [one for one in judged if one.group == name]
        for shape in SHAPERS.values():
            alone = deepcopy(without)
            together, gone = deepcopy(without), [deepcopy(one) for one in lost if one.group == name]
            shape(alone)
            shape([gone[0], *together, *gone[1:]])
            assert [(one.reward, one.rewards) for one in together] == [(one.reward, one.rewards) for one in alone]
            assert [(one.reward, one.rewards, one.score) for one in gone] == [(None, {}, None)] * len(gone)
