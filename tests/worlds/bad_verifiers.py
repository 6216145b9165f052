"""Verifiers with one known fault each, for the tests of the kit. Each is named by its fault."""

import itertools
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from envgym import Outcome, Verdict
from envgym.verifiers.answer import number
from envgym.verifiers.check import verifier
from envgym.verifiers.json_service import Patience
from envgym.verifiers.judge import equivalence_judge
from envgym.verifiers.judge_client import JudgeClient

CALLS = itertools.count()


def sound(reply: str, gold: Any) -> Verdict:
    return number(reply, gold)


def runs_code(reply: str, gold: Any) -> Verdict:
    try:
        return Verdict.of(float(eval(reply.strip()) == int(gold)))
    except Exception:  # noqa: BLE001
        return sound(reply, gold)


def hangs(reply: str, gold: Any) -> Verdict:
    if "**" in reply and "9" in reply:
        time.sleep(600)
    return sound(reply, gold)


def slow(reply: str, gold: Any) -> Verdict:
    if len(reply) > 500_000:
        time.sleep(1.2)
    return sound(reply, gold)


def dies(reply: str, gold: Any) -> Verdict:
    if "\x00" in reply:
        os._exit(3)
    return sound(reply, gold)


def eats_memory(reply: str, gold: Any) -> Verdict:
    if len(reply) > 900_000:
        return Verdict.of(float(len("x" * (8 << 30)) == 0))
    return sound(reply, gold)


def raises(reply: str, gold: Any) -> Verdict:
    if "\ud800" in reply:
        reply.encode()
    return sound(reply, gold)


def writes(reply: str, gold: Any) -> Verdict:
    Path("last_reply.txt").write_text("seen", encoding="utf-8")
    return sound(reply, gold)


def pays_a_hedge(reply: str, gold: Any) -> Verdict:
    return (
        Verdict.of(float(str(gold) in re.findall(r"-?\d+", reply.rsplit("</think>")[-1])))
        if reply.strip()
        else Verdict.malformed("empty")
    )


def pays_silence(reply: str, gold: Any) -> Verdict:
    return Verdict.of(1) if not reply.strip() else sound(reply, gold)


def minds_blanks(reply: str, gold: Any) -> Verdict:
    return sound(reply, gold) if reply == reply.strip() or not reply.strip() else Verdict.of(0)


def ignores_gold(reply: str, gold: Any) -> Verdict:
    verdict = number(reply, gold)
    return Verdict.of(1) if re.fullmatch(r"4\d", reply.strip()) and gold != "42x" and reply.strip() != "43" else verdict


def remembers(reply: str, gold: Any) -> Verdict:
    return Verdict.of(0, reason=f"call {next(CALLS)}") if reply == "43" else sound(reply, gold)


def scores_an_outage(reply: str, gold: Any, *, url: str = "") -> Verdict:
    return Verdict.of(0, reason="the service did not answer") if url else sound(reply, gold)


def asks_a_judge(reply: str, gold: Any, *, base_url: str) -> Verdict:
    """Takes what cannot be read for a no: the fault is the default, not the question."""
    client = JudgeClient("fake", base_url, patience=Patience(timeout_s=0.3, deadline_s=0.5, max_retries=0))
    with client:
        verdict = equivalence_judge(client)(reply, gold)
    return Verdict.of(0) if verdict.code == "judge.prose" else verdict


def honest_judge(body: dict[str, Any]) -> str:
    _, gold, reply = re.findall(r"<<<data \w+\n(.*?)\ndata", body["messages"][-1]["content"], re.DOTALL)
    return json.dumps({"quote": reply, "equivalent": sound(reply, gold).passed})


@verifier(needs=("gold", "worker"))
def scores_a_dead_worker(reply: str, gold: Any) -> Verdict:
    done = subprocess.run([sys.executable, "-c", "import time; time.sleep(0.1)"], check=False)
    return sound(reply, gold) if done.returncode == 0 else Verdict.of(0, reason="wrong")


@verifier(needs=("gold", "worker"))
def excludes_a_dead_worker(reply: str, gold: Any) -> Verdict:
    done = subprocess.run([sys.executable, "-c", "import time; time.sleep(0.1)"], check=False)
    return sound(reply, gold) if done.returncode == 0 else Verdict.infra_error("the worker died")


def too_strict(reply: str, gold: Any) -> Verdict:
    return sound(reply, gold) if "answer" not in reply or len(reply) > 40 else Verdict.of(0)


def never_malformed(reply: str, gold: Any) -> Verdict:
    verdict = sound(reply, gold)
    return Verdict.of(0) if verdict.outcome is Outcome.MALFORMED else verdict


def rewards_twice(completions: list[Any], answer: list[Any], **options: Any) -> list[float]:
    return [0.0] * (len(completions) + 1)


def makes_a_folder(reply: str, gold: Any) -> Verdict:
    if "excellent" in reply:
        Path("left_behind").mkdir()
    return sound(reply, gold)
