"""The process in which the kit calls a verifier: reads calls from a pipe, answers each, and may be killed at any time.

Run as `python -m envgym.testing.kit.child DESCRIPTOR`. What the verifier prints goes nowhere; what it raises is reported. Numbers of
foreign styles become verdicts here: at or over `pass_at` is a pass, None is no score, anything else is 0.
"""

import asyncio
import contextlib
import inspect
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from envgym.registry import verifiers
from envgym.verdict import Verdict

Call = Callable[[str, Any, dict[str, Any]], Any]


def main() -> None:
    pipe = Connection(int(sys.argv[1]))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    settings = json.loads(pipe.recv_bytes())
    limit = settings["memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        call = caller(verifiers.get(settings["verifier"]), settings)
    except Exception as error:  # noqa: BLE001  reported to the parent, who raises it
        pipe.send_bytes(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        return
    pipe.send_bytes(b"{}")
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(json.dumps(judged(call, json.loads(pipe.recv_bytes()))).encode())


def judged(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """The verdict on one call, or what was raised; with the seconds that it took."""
    stop = threading.Event()
    if asked["kill"]:
        threading.Thread(target=_kill_children, args=(stop,), daemon=True).start()
    started = time.perf_counter()
    answer: dict[str, Any] = {"verdict": None, "raised": ""}
    try:
        verdict = call(asked["reply"], asked["gold"], asked["options"])
        if not isinstance(verdict, Verdict):
            raise TypeError(f"it returned a {type(verdict).__name__}, not a Verdict")
        answer["verdict"] = verdict.model_dump(mode="json")
    except Exception as error:  # noqa: BLE001  a verifier that raises is a finding
        answer["raised"] = f"{type(error).__name__}: {error}"[:500]
    answer["seconds"] = time.perf_counter() - started
    stop.set()
    return answer


def caller(function: Callable[..., Any], settings: dict[str, Any]) -> Call:
    """`function` in its style, as (reply, gold, options) -> Verdict."""
    style, pass_at, gold_name = settings["style"], settings["pass_at"], settings["gold_name"]

    def run(reply: str, gold: Any, options: dict[str, Any]) -> Any:
        message = [{"role": "assistant", "content": reply}]
        if style == "verdict":
            return function(reply, gold, **options)
        if style == "score":
            return as_verdict(function(reply, gold, **options), pass_at)
        if style == "trl":
            rewards = function(completions=[message], **{gold_name: [gold]}, **options)
            if len(rewards) != 1:
                raise ValueError(f"it returned {len(rewards)} rewards for one completion")
            return as_verdict(rewards[0], pass_at)
        if style == "verl":
            given = {"data_source": "envgym", "extra_info": {}, **options}
            return as_verdict(function(solution_str=reply, ground_truth=gold, **given), pass_at)
        return as_verdict(_waited(function(completion=message, **{gold_name: gold}, **options)), pass_at)

    return run


def _waited(value: Any) -> Any:
    async def wait() -> Any:
        return await value

    return asyncio.run(wait()) if inspect.isawaitable(value) else value


def as_verdict(value: Any, pass_at: float) -> Verdict:
    """A number or a mapping with a `score`, as a verdict; None is no score."""
    if isinstance(value, dict):
        value = value.get("score")
    if value is None:
        return Verdict.infra_error("it returned None", code="score.none")
    number = float(value)
    if number != number:
        raise ValueError("it returned NaN")
    return Verdict.of(
        float(number >= pass_at),
        code="score.pass" if number >= pass_at else "score.fail",
        reason=f"it returned {value!r}",
    )


def _kill_children(stop: threading.Event) -> None:
    """Kills every process that comes from this one, until told to stop: what the kernel does when memory runs out."""
    while not stop.wait(0.002):
        for child in _children(os.getpid()):
            for pid in (*_children(child), child):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text(encoding="ascii").split())
    return found


if __name__ == "__main__":
    main()
