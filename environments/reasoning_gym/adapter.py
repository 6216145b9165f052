"""One dataset of reasoning-gym as an environment: its question, an answer between <answer> tags, and its own scorer in a worker.

The scorers of reasoning-gym pay parts of a point for junk, and some run the answer as Python. Here a raw score counts only from the
`threshold` on (1.0), the answer is stripped first, a hedge fails, and no scorer runs in this process. An answer that exhausts its budget
twice, or makes the scorer raise twice, fails when the gold of the same task has no such trouble; a gold that its own scorer does not pay
is TASK_INVALID. Whatever else stops a worker is INFRA_ERROR. The generators do run in this process.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.environments.reasoning_gym import source
from envgym.environments.reasoning_gym.plain_data import from_json, to_json
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields, canonical_json
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.answer import judge_all, too_complex
from envgym.verifiers.reply import after_thinking, committed
from envgym.verifiers.worker import Budget, CallRaised, OverBudget, WorkerDied, WorkerPool

ATTEMPTS = 3
"""Deaths of a worker until the machine counts as broken."""
MAX_CHARS = 20_000
TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)
FENCED = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)
EITHER = re.compile(r"\bor\b", re.IGNORECASE)
FORM = "End your reply with the final answer alone between <answer> and </answer>, in the form that was asked for."
GOLD_IN_METADATA = {
    "graph_color": "possible_answer",
    "propositional_logic": "example_answer",
    "rubiks_cube": "example_correct_answer",
}
"""Datasets without an answer whose metadata holds one of the many that pass."""
WITHOUT_GOLD = {
    "boxnet": "reasoning-gym knows no solution of a boxnet task, only how to check one",
    "rush_hour": "reasoning-gym knows no solution of a rush_hour task, only how to check one",
}

# Scoring takes microseconds to 10 ms; making arc_agi's dataset object, once per worker, half a second.
pool = WorkerPool(
    "envgym.environments.reasoning_gym.scoring:score", budget=Budget(cpu_s=3.0, memory_mb=4096, confined=True)
)


class ReasoningGym(AnswerEnv):
    """A dataset of reasoning-gym; `dataset` names it."""

    dataset: ClassVar[str]

    class Public(BaseModel):
        question: str = Field(min_length=1, description="What reasoning-gym asks.")

    class Private(BaseModel):
        settings: str = Field(description="Settings of the dataset that differ from its own, as JSON.")
        entry: dict[str, Any] = Field(description="The entry without its question, as plain_data writes it.")

    def generate(self, rng: random.Random) -> TaskFields:
        settings, seed = source.settings_of(self.knobs), rng.getrandbits(31)
        entry = source.entry(self.dataset, settings, seed)
        question = entry.pop("question")
        return {
            "public": {"question": question},
            "private": {"settings": settings, "entry": to_json(entry)},
            "certificate": {"proved": "nothing", "source": f"reasoning-gym {self.dataset}, seed {seed}"},
        }

    def begin(self, task: Task) -> str:
        return f"{task.public['question'].strip()}\n\n{FORM}"

    def grade(self, reply: str, task: Task) -> Verdict:
        entry = {**task.private["entry"], "question": task.public["question"]}
        gold = gold_of(self.dataset, entry)
        case = canonical_json([self.dataset, task.private["settings"], entry]).decode()
        threshold: float = self.knobs.threshold
        return judge_all(
            answers_in(reply.replace("\r\n", "\n"), multiline="\n" in (gold or "")),
            lambda answer: judge(answer, case=case, gold=gold, threshold=threshold),
            hedge="rg.hedge",
        )

    def oracle(self) -> Iterator[Action]:
        if self.task is None:
            return
        gold = gold_of(self.dataset, self.task.private["entry"])
        if gold is None:
            raise UsageError(f"{self.id} has no oracle: {WITHOUT_GOLD.get(self.dataset, 'the entry has no answer')}")
        yield f"<answer>{gold}</answer>"

    def random_action(self, rng: random.Random) -> Action:
        """A word of the question: knows the form of nothing."""
        words = self.task.public["question"].split() if self.task is not None else ["0"]
        return f"<answer>{rng.choice(words)}</answer>"


def environment(name: str) -> type[ReasoningGym]:
    """The environment class of one dataset, before it gets its place in a module."""
    about = (source.registered()[name][0].__doc__ or f"The dataset {name}.").strip().split("\n\n")[0]
    body: dict[str, Any] = {
        "__doc__": f"reasoning-gym's {name}: {about}",
        "id": f"rg:{name}",
        "dataset": name,
        "Knobs": source.knobs_of(name),
        "waived_laws": {"oracle_scores_one": WITHOUT_GOLD[name]} if name in WITHOUT_GOLD else {},
    }
    return type(name, (ReasoningGym,), body)


def answers_in(reply: str, *, multiline: bool) -> list[str]:
    """The answers that a reply commits to: in <answer> tags, else as `committed` reads them.

    Where the gold has several lines, an answer that stands in no box is all that follows the last "Answer:" that ends its line.
    """
    text = after_thinking(reply) or ""
    tagged = TAGGED.findall(text)
    if not tagged and multiline and "\\boxed" not in text:
        label = re.search(r"\banswer\b[ \t*_]*(?:is)?[ \t]*:[ \t*_]*\n", text, re.IGNORECASE)
        tagged = [text[label.end() :]] if label else [text]
    found = [undressed(answer) for answer in (tagged or committed(reply))]
    return [answer for answer in dict.fromkeys(found) if answer]


def undressed(answer: str) -> str:
    """Without white space around it, and without the code fence that holds it all."""
    fenced = FENCED.fullmatch(answer.strip())
    return (fenced[1] if fenced else answer).strip()


def gold_of(name: str, entry: Mapping[str, Any]) -> str | None:
    """An answer that the scorer should pay in full, None where none is known."""
    if entry["answer"] is not None:
        return str(entry["answer"])
    found = from_json(entry["metadata"]).get(GOLD_IN_METADATA.get(name, ""))
    return found if found is None or isinstance(found, str) else json.dumps(found)


def judge(answer: str, *, case: str, gold: str | None, threshold: float) -> Verdict:
    """The verdict on one answer."""
    limit = max(MAX_CHARS, 4 * len(gold or ""))
    if len(answer) > limit:
        return too_complex(f"an answer of {len(answer):,} characters; at most {limit:,} are read")
    if gold is not None and EITHER.search(answer) and not EITHER.search(gold):
        return Verdict.of(0, code="rg.hedge", reason="the answer says 'or', the expected one does not")
    try:
        fault = "" if gold is None else fault_of_gold(case, gold.strip())
        if fault:
            return Verdict.task_invalid(f"the gold {gold!r:.80} is not paid by its own scorer: {fault}", code="rg.gold")
        return weigh(ask(case, answer, gold and gold.strip()), threshold)
    except OverBudget as error:
        return too_complex(f"scoring it goes over the budget ({error.kind}), in a new process too")
    except CallRaised as error:
        return Verdict.of(
            0, code="rg.unscorable", reason=f"the scorer raises on this answer, in a new process too: {error}"[:300]
        )
    except WorkerDied as error:
        return Verdict.infra_error(str(error), code="worker.died")


def weigh(outcome: Mapping[str, Any], threshold: float) -> Verdict:
    """The verdict on what the worker said."""
    if "refused" in outcome:
        return Verdict.malformed(outcome["refused"], code="rg.unreadable")
    raw = float(outcome["score"])
    paid = raw >= threshold
    evidence = Evidence(kind="raw_score", text=f"reasoning-gym's scorer gives {raw:.4g}", data={"score": raw})
    return Verdict.of(int(paid), code="rg.paid" if paid else "rg.not_paid", reason=evidence.text, evidence=(evidence,))


@lru_cache(maxsize=4096)
def fault_of_gold(case: str, gold: str) -> str:
    """Why the gold does not get the whole point; empty when it does. Raises WorkerDied."""
    try:
        outcome = ask(case, gold)
    except OverBudget as error:
        return f"that goes over the budget ({error.kind})"
    except CallRaised as error:
        return str(error)
    return "" if outcome.get("score", 0.0) >= 1.0 else str(outcome)


def ask(case: str, answer: str, gold: str | None = None) -> Mapping[str, Any]:
    """What the worker says; asked again in a new process when it dies, goes over its budget, or raises for the gold too.

    Raises OverBudget or CallRaised at the second time: what happens twice is the doing of the answer. Raises WorkerDied.
    """
    name, settings, entry = json.loads(case)
    faults = deaths = 0
    fresh = False
    while True:
        try:
            outcome: Mapping[str, Any] = pool.call(name, settings, entry, answer, fresh=fresh)
        except OverBudget:
            faults, fresh = faults + 1, True
            if faults == 2:
                raise
        except CallRaised:
            # a new process takes seconds, and some scorers raise on any junk: a worker that still pays the gold is no worse
            faults, fresh = faults + 1, gold is not None and not still_pays(name, settings, entry, gold)
            if faults == 2:
                raise
        except WorkerDied:
            deaths, fresh = deaths + 1, True
            if deaths == ATTEMPTS:
                raise
        else:
            return outcome


def still_pays(name: str, settings: str, entry: Mapping[str, Any], gold: str) -> bool:
    """Whether a worker that was used pays the gold."""
    try:
        return bool(pool.call(name, settings, entry, gold).get("score", 0.0) >= 1.0)
    except (OverBudget, CallRaised):
        return False
