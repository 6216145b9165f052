"""Runs a driver in a sandbox and takes what it reports, on the assumption that its process lies.

Signed by the supervisor (`drivers/supervisor.py`) is *that* a process said something, when, and how it ended; what it said is the word of a
process that also runs the candidate's code. A line without signature is not looked at, whoever printed it.
"""

import functools
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envgym.sandbox.sandbox import Sandbox, SandboxFailure

RESULTS_CAP = 8 << 20
TEXT_CAP = 20_000
OUTPUT_CAP = 8 * RESULTS_CAP
"""The supervisor's own line: escaped results and tails fit."""
GRACE_S = 20.0
"""For what is not the tests: starting two interpreters on a busy machine."""
PACKAGE = "envgym.environments.swe.drivers"


@dataclass(frozen=True, slots=True)
class Said:
    """How a driver's process went and what it reported."""

    records: tuple[dict[str, Any], ...]
    """Well-formed lines, in order, without the last that says that all was done."""
    ended: int | None
    """The driver's last word; None where it never came to it."""
    timed_out: bool
    broken: bool
    """Something else than a driver's records came: too much, not JSON, or more after the last word."""
    silent: bool
    """The supervisor was ended before it could tell anything."""
    text: str
    seconds: float


def supervise(
    sandbox: Sandbox,
    modules: Sequence[str],
    job: Mapping[str, Any],
    *,
    python: str,
    env: Mapping[str, str],
    seconds: float,
) -> Said:
    """Runs the last of `modules` of drivers/, which may import the ones before it, with `job` in `sandbox`; job["tree"] is where it
    starts. Raises SandboxFailure where not even the supervisor starts."""
    key = secrets.token_bytes(32)
    order = {
        "key": key.hex(),
        "child": source("child"),
        "tree": job["tree"],
        "env": dict(env),
        "seconds": seconds,
        "results_cap": RESULTS_CAP,
        "text_cap": TEXT_CAP,
        "job": {**job, "sources": [[f"{PACKAGE}.{name}", source(name)] for name in modules]},
    }
    done = sandbox.exec(
        [python, "-I", "-S", "-c", source("supervisor")],
        stdin=json.dumps(order).encode(),
        timeout_s=seconds + GRACE_S,
        output_cap=OUTPUT_CAP,
    )
    told = {line["kind"]: line for line in signed_lines(done.stdout, key)}
    if "started" not in told:
        why = done.text.strip()[-500:] or f"exit status {done.rc}"
        raise SandboxFailure(f"tests cannot be started with {python}: {why}")
    memory = "\nmemory ran out" if done.oom else ""
    if "ended" not in told:
        return Said((), None, done.timed_out, False, True, f"the supervisor was ended{memory}", done.duration_s)
    return _said(told["ended"], memory)


def _said(told: Mapping[str, Any], memory: str) -> Said:
    text = "\n".join(part for part in (told["stdout"].strip(), told["stderr"].strip()) if part) + memory
    *lines, tail = told["results"].split("\n")
    read = [_record(line) for line in lines]
    records = [record for record in read if record is not None]
    killed = told["timed_out"] or told["rc"] != 0
    broken = told["flooded"] or len(records) < len(read) or (bool(tail) and not killed)
    word = records.pop()["ended"] if records and "ended" in records[-1] else None
    ended = word if type(word) is int and told["rc"] == 0 else None
    return Said(tuple(records), ended, told["timed_out"], broken, False, text[-TEXT_CAP:], told["seconds"])


def _record(line: str) -> dict[str, Any] | None:
    """A line as a record; None where it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def signed_lines(output: bytes, key: bytes) -> Iterator[dict[str, Any]]:
    """What the holder of the key said."""
    for line in output.split(b"\n"):
        signature, _, body = line.partition(b" ")
        if len(signature) == 64 and hmac.compare_digest(
            signature, hmac.new(key, body, hashlib.sha256).hexdigest().encode()
        ):
            yield json.loads(body)


@functools.cache
def source(name: str) -> str:
    """The text of a module of drivers/."""
    return (Path(__file__).with_name("drivers") / f"{name}.py").read_text(encoding="utf-8")
