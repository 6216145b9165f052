"""What the page knows of one episode: a row for the lists, and the details that are read when somebody looks at it.

Whole numbers beyond 2^53 do not survive JavaScript, and seeds are such numbers: they travel as strings, and a task's fields as JSON
text that the page lays out without parsing its numbers.
"""

import json
import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from envgym.message import Message
from envgym.task import Task
from envgym.trajectory import Step, TokenPath, Trajectory
from envgym.view.thinking import split_thinking

SHOWN_APART = frozenset({"role", "content", "tool_calls", "tool_call_id", "reasoning_content"})
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")


def row_of(trajectory: Trajectory, line: int) -> dict[str, Any]:
    """One line of the lists. `line` is the episode's line in its file, from 1; it names the episode in the page's address."""
    verdict = trajectory.verdict
    return {
        "line": line,
        "index": trajectory.index,
        "task": trajectory.task.key,
        "env": trajectory.env,
        "scaffold": trajectory.scaffold,
        "policy": trajectory.policy,
        "status": trajectory.status,
        "outcome": verdict.outcome.value if verdict is not None and trajectory.scored else "",
        "score": trajectory.score if trajectory.scored else None,
        "code": verdict.code if verdict is not None else "",
        "reward": trajectory.reward,
        "turns": len(trajectory.steps),
        "errors": sorted({step.error for step in trajectory.steps if step.error}),
        "failures": sorted({f"{failure.boundary}: {failure.type}" for failure in trajectory.failures}),
        "sampled": sum(step.completion_tokens for step in trajectory.steps),
        "seconds": trajectory.timing.total_s,
    }


def task_of(task: Task) -> dict[str, str]:
    """What the page shows of a task, once for all its episodes."""
    return {
        "public": as_json(task.public),
        "private": as_json(task.private),
        "certificate": as_json(task.certificate) if task.certificate is not None else "",
        "about": as_json(task.model_dump(mode="json", include={"limits", "resources", "tags", "difficulty"})),
    }


def details_of(trajectory: Trajectory) -> dict[str, Any]:
    """Everything else that the page shows of one episode, but for its task."""
    task, timing, verdict = trajectory.task, trajectory.timing, trajectory.verdict
    return {
        "id": trajectory.id,
        "run": trajectory.run,
        "group": trajectory.group,
        "task_hash": trajectory.task_hash,
        "env_version": trajectory.env_version,
        "scaffold_version": trajectory.scaffold_version,
        "temperature": trajectory.temperature,
        "seeds": {"task": _text(task.seed), "world": str(trajectory.seed), "policy": str(trajectory.policy_seed)},
        "knobs": as_json(trajectory.knobs),
        "messages": [message_of(message) for message in trajectory.messages],
        "parents": parents_of(trajectory),
        "steps": [step_of(step) for step in trajectory.steps],
        "tokens": [path_of(path) for path in trajectory.tokens],
        "verdict": verdict_of(verdict.model_dump(mode="json")) if verdict is not None else None,
        "rewards": trajectory.rewards,
        "failures": [
            {"boundary": each.boundary, "type": each.type, "message": each.message, "attempt": each.attempt}
            for each in trajectory.failures
        ],
        "timing": {
            "model_s": timing.model_s,
            "env_s": timing.env_s,
            "total_s": timing.total_s,
            "attempts": timing.attempts,
        },
    }


def parents_of(trajectory: Trajectory) -> list[int]:
    """The message before each message, -1 at a root. A file that somebody edited may point forward or nowhere: that is a root."""
    parents = trajectory.parents
    if len(parents) != len(trajectory.messages):
        return list(range(-1, len(trajectory.messages) - 1))
    return [parent if 0 <= parent < node else -1 for node, parent in enumerate(parents)]


def message_of(message: Message) -> dict[str, Any]:
    """A message with its parts apart; parts that it lacks are left out."""
    thinking, text = split_thinking(message)
    parts: dict[str, Any] = {
        "thinking": thinking,
        "calls": [
            {"id": each["id"], "name": each["function"]["name"], "arguments": each["function"]["arguments"]}
            for each in message.get("tool_calls") or ()
        ],
        "answers": message.get("tool_call_id", ""),
        "pictures": pictures_of(message),
        "more": {name: as_json(value) for name, value in message.items() if name not in SHOWN_APART},
    }
    return {"role": message["role"], "text": text, **{name: part for name, part in parts.items() if part}}


def pictures_of(message: Message) -> list[str]:
    """Addresses of the pictures of a multi-part content. The page draws only those that carry their own data."""
    content = message.get("content")
    if not isinstance(content, list):
        return []
    pictures = []
    for part in content:
        picture = part.get("image_url") if isinstance(part, Mapping) else None
        address = picture.get("url") if isinstance(picture, Mapping) else picture
        if isinstance(address, str):
            pictures.append(address if PICTURE.fullmatch(address) else address[:200])
    return pictures


def step_of(step: Step) -> dict[str, Any]:
    return {
        "reply": step.reply,
        "reward": step.reward,
        "end": "terminated" if step.terminated else "truncated" if step.truncated else "",
        "error": step.error,
        "finish_reason": step.finish_reason,
        "prompt_tokens": step.prompt_tokens,
        "completion_tokens": step.completion_tokens,
        "policy_version": step.policy_version,
    }


def path_of(path: TokenPath) -> dict[str, Any]:
    """A token path with the mask as runs [value, length] and log-probabilities of sampled tokens only, to four places."""
    return {
        "ids": path.token_ids,
        "mask": [[value, len(list(run))] for value, run in groupby(path.mask)],
        "logprobs": [round(each, 4) for each, sampled in zip(path.logprobs, path.mask, strict=False) if sampled],
        "spans": path.spans,
    }


def verdict_of(verdict: dict[str, Any]) -> dict[str, Any]:
    """A dumped verdict whose evidence carries its data as JSON text, part by part."""
    return {
        **verdict,
        "parts": {name: verdict_of(part) for name, part in verdict["parts"].items()},
        "evidence": [
            {"kind": each["kind"], "text": each["text"], "data": as_json(each["data"]) if each["data"] else ""}
            for each in verdict["evidence"]
        ],
    }


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
