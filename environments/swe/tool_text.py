"""What tools say: bounded, the same for the same content, and open about what was left out."""

import re
from collections.abc import Sequence

from envgym.environments.swe.test_run import TestRun
from envgym.sandbox.sandbox import ExecResult

MAX_CHARS = 12_000
"""Of one result; head and tail are kept."""
MAX_LINE = 1_000
SHOWN_FAILURES = 15
MAX_MESSAGE = 600
TOOK = re.compile(r" in \d+(?:\.\d+)?s(?: \(\d+:\d\d:\d\d\))?")
"""How long pytest says that it took."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_of_bytes(data: bytes) -> str:
    """UTF-8, with U+FFFD for what is none and for control characters, but tabs and line ends."""
    return CONTROL.sub("\ufffd", data.decode("utf-8", "replace"))


def bounded(text: str, limit: int = MAX_CHARS) -> str:
    """Text with its middle cut out where it is too long, and how much that was."""
    if len(text) <= limit:
        return text
    head, tail = text[: limit * 2 // 3], text[len(text) - limit // 3 :]
    return f"{head}\n[... {len(text) - len(head) - len(tail):,} characters left out ...]\n{tail}"


def command_text(done: ExecResult, *, timeout_s: int, memory_mb: int) -> str:
    """How a command went, then what it printed."""
    if done.timed_out:
        how = f"killed after {timeout_s} s"
    elif done.oom:
        how = f"exit code {done.rc}; something was killed for using more than {memory_mb} MB"
    else:
        how = f"exit code {done.rc}"
    if done.truncated:
        how += f"; it printed more than {len(done.stdout):,} bytes, the rest was dropped"
    said = bounded(text_of_bytes(done.stdout + done.stderr))
    return f"[{how}]\n{said}" if said.strip() else f"[{how}, no output]"


def numbered(lines: Sequence[str], first: int) -> str:
    """Lines under their numbers, long ones cut."""
    return "\n".join(f"{number:>5}  {cut_line(line)}" for number, line in enumerate(lines, first))


def cut_line(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} [... {len(line) - MAX_LINE:,} more characters]"


def file_text(path: str, content: str, first: int, count: int) -> str:
    """A window of a text file. The last line needs no end."""
    lines = content.split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines:
        return f"{path} is empty"
    shown = lines[first - 1 : first - 1 + count]
    if not shown:
        return f"{path} has {len(lines)} lines; there is no line {first}"
    where = f"{path}, lines {first} to {first + len(shown) - 1} of {len(lines)}"
    return f"{where}\n{bounded(numbered(shown, first))}"


def test_text(run: TestRun) -> str:
    """A summary of a run of tests, without how long it took."""
    counts: dict[str, int] = {}
    for outcome in run.outcomes.values():
        counts[outcome] = counts.get(outcome, 0) + 1
    said = [", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "no test ran"]
    if run.problem:
        said.append(f"problem: {PROBLEMS[run.problem]}")
    bad = sorted(test for test, outcome in run.outcomes.items() if outcome in ("failed", "error"))
    said += [
        f"{run.outcomes[test].upper()} {test}\n{indented(bounded(run.messages.get(test, ''), MAX_MESSAGE))}"
        for test in bad[:SHOWN_FAILURES]
    ]
    if len(bad) > SHOWN_FAILURES:
        said.append(f"and {len(bad) - SHOWN_FAILURES} more that failed")
    if run.problem:
        said.append(f"printed:\n{indented(bounded(TOOK.sub('', run.text), 4_000))}")
    return bounded("\n".join(said))


PROBLEMS = {
    "timeout": "the tests did not end in time",
    "crash": "the process of the tests ended before they were done",
    "no results": "the tests gave no results",
    "forged": "something else than test results was reported, so none is believed",
    "collection": "a file cannot be imported or is not there",
}


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().split("\n"))
