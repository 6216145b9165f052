"""Paraphrase: a model says a request in other words, and what it says is taken only where it says the same.

The model never sees gold and decides nothing. Every literal of the request (ids, amounts, dates, addresses, names, quotes, the words
of golden arguments) has to be in the paraphrase, and no literal may be new; else the request stays as it was. What was asked before is
answered from the cache.
"""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.chain.surface import forms
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.shown import stored_value
from envgym.environments.tool_world.tools import toolbox
from envgym.errors import UsageError
from envgym.task import Task
from envgym.task_synth.golden_chain.grounding import base_name
from envgym.task_synth.golden_chain.mutants import described

PROMPT = (
    "Say the following request of a customer in your own words, as one message, in the first person where it is. "
    "Keep every number, date, id, name, address and quotation exactly as it is written, keep the order of what is asked, "
    "add nothing and leave nothing out. Answer with the message alone.\n\n"
)
TRIES = 3
TIMEOUT_S = 60.0
LITERAL = re.compile(r'"[^"]+"|\S*[\d@]\S*')
NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][a-z]+\b")


@dataclass(slots=True)
class Paraphraser:
    """Asks `model` at an OpenAI-compatible `base_url`. `cache` is a JSONL file that is read first and written to; `counts` tells what
    came of it.
    """

    base_url: str
    model: str
    api_key: str = ""
    cache: Path | None = None
    prompt: str = PROMPT
    counts: Counter[str] = field(default_factory=Counter)
    _known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.cache is not None and self.cache.exists():
            for line in self.cache.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._known[entry["key"]] = entry["text"]

    def reworded(self, domain: Domain, task: Task) -> Task:
        """The task with its request in other words, or as it was where those say something else. Raises UsageError where nobody answers."""
        text = self.said_again(str(task.public["request"]), spoken(domain, task))
        if text is None:
            return task
        return task.model_copy(update={"public": {**task.public, "request": text}, "certificate": None})

    def said_again(self, request: str, words: frozenset[str]) -> str | None:
        """`request` in other words, or None where they lose a literal or one of `words`, or bring a new one. Raises UsageError where nobody
        answers.
        """
        text = self._asked(request)
        lost, added = difference_of_literals(request, text, words)
        kept = bool(lost or added or not text)
        self.counts["kept" if kept else "paraphrased"] += 1
        return None if kept else text

    def _asked(self, request: str) -> str:
        key = hashlib.sha256(json.dumps([self.model, self.prompt, request]).encode()).hexdigest()
        if key not in self._known:
            self._known[key] = self._sampled(request)
            if self.cache is not None:
                with self.cache.open("a", encoding="utf-8") as out:
                    out.write(json.dumps({"key": key, "text": self._known[key]}, ensure_ascii=False) + "\n")
        return self._known[key]

    def _sampled(self, request: str) -> str:
        body = {"model": self.model, "messages": [{"role": "user", "content": self.prompt + request}]}
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        problem = ""
        for _ in range(TRIES):
            try:
                answer = httpx.post(
                    f"{self.base_url.rstrip('/')}/chat/completions", json=body, headers=headers, timeout=TIMEOUT_S
                )
                answer.raise_for_status()
                return str(answer.json()["choices"][0]["message"]["content"]).strip()
            except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
                problem = f"{type(error).__name__}: {error}"
        raise UsageError(
            f"no paraphrase from {self.base_url} in {TRIES} tries: {problem}; the tasks made so far are not written"
        )


def difference_of_literals(before: str, after: str, words: frozenset[str]) -> tuple[set[str], set[str]]:
    """Literals of `before`, and `words` that it says, that `after` has not; and literals and names that are new in `after`."""
    old, new = _literals(before), _literals(after)
    names = set(NAME.findall(before))
    said = {word for word in words if word.casefold() in before.casefold()}
    lost = {each for each in old if each not in new} | {each for each in names if each not in after}
    lost |= {word for word in said if word.casefold() not in after.casefold()}
    return lost, {each for each in new if each not in old} | {
        each for each in NAME.findall(after) if each not in before
    }


def _literals(text: str) -> set[str]:
    return {found.strip(".,;:!?()") for found in LITERAL.findall(text)} - {""}


def spoken(domain: Domain, task: Task) -> frozenset[str]:
    """The forms of golden arguments that the request says."""
    request, calendar = str(task.public["request"]).casefold(), Calendar(domain.now)
    found: set[str] = set()
    for step in task.private["gold"]["calls"]:
        tool = toolbox(domain).get(step["tool"])
        for name, value in step["arguments"].items() if tool is not None else ():
            assert tool is not None
            field_ = described(domain, tool, base_name(domain, tool.name, name))[1]
            if field_ is not None and not isinstance(value, list | bool):
                found |= {
                    each
                    for each in forms(field_, stored_value(domain, field_, value), calendar)
                    if each.casefold() in request
                }
    return frozenset(found)


def asked_model(
    base_url: str, model: str, api_key: str, cache: Path | None, *, prompt: str = PROMPT
) -> Paraphraser | None:
    """A paraphraser where an endpoint is named. Raises UsageError where only half of it is."""
    if not base_url and not model:
        return None
    if not (base_url and model):
        raise UsageError("a paraphrase needs both --paraphrase-url and --paraphrase-model")
    return Paraphraser(base_url, model, api_key, cache, prompt)


__all__ = ["Paraphraser", "asked_model", "difference_of_literals", "spoken"]
