"""Runs the verifier of a Harbor task, always in a fresh sandbox that the agent never was in, and reads its reward.

The sandbox has the agent's working folder and nothing else that it left: no process, nothing of /tmp, none of the verifier's logs. The
tests lie at /tests, which nobody there can change. What runs is the task's own tests/test.sh: if it executes what the agent wrote, that
code runs as the same user and could write a reward itself. Tasks that must hold against cheats look at files only, or are SWE tasks.

Where no reward can be read, or the verifier does not end, it runs on the untouched working folder too. If that gives a reward, it was the
agent's work that kept the verifier from its end, and that is worth 0. If it does not, the task is broken, and there is no score.
"""

from dataclasses import dataclass

from envgym.environments.harbor.reward import MAX_BYTES, BadReward, read_reward
from envgym.environments.harbor.task_file import HarborFolder
from envgym.environments.harbor.world import LOGS, TESTS, World, working_folder_only
from envgym.environments.swe.tool_text import TOOK, text_of_bytes
from envgym.sandbox.sandbox import Sandbox, SandboxFailure
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.verdict_memory import VerdictMemory

VERDICTS = VerdictMemory(1024)
SHOWN = 1000
THERE = 'test -e "$1" || test -L "$1"'


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a verifier: its reward, or why there is none."""

    reward: float | None
    why: str
    said: str


def judge(folder: HarborFolder, world: World, written: bytes) -> Verdict:
    """The verdict on a working folder. Equal folders of equal tasks are judged once in a process."""
    left = working_folder_only(written)
    return VERDICTS.recall((folder.digest, world.spec.model_dump_json(), left), lambda: _judged(folder, world, left))


def _judged(folder: HarborFolder, world: World, left: bytes) -> Verdict:
    try:
        run = run_verifier(folder, world, left)
        if run.reward is None and left:
            untouched = run_verifier(folder, world, b"")
            if untouched.reward is not None:
                reason = f"the verifier gives a reward on the untouched task, and none on this: {run.why}"
                return Verdict.of(0.0, code="harbor.broke_verifier", reason=reason[:SHOWN], evidence=_evidence(run))
    except SandboxFailure as error:
        return Verdict.infra_error(str(error)[:SHOWN], code="harbor.sandbox")
    if run.reward is None:
        return Verdict.task_invalid(run.why[:SHOWN], code="harbor.no_reward", evidence=_evidence(run))
    return Verdict.of(run.reward, code="harbor.reward", reason=f"reward {run.reward:g}", evidence=_evidence(run))


def run_verifier(folder: HarborFolder, world: World, left: bytes) -> Run:
    """Runs tests/test.sh once in a sandbox of its own. Raises SandboxFailure."""
    about = folder.task.verifier
    with world.for_verifier(left) as sandbox:
        done = sandbox.exec(["bash", f"{TESTS}/test.sh"], env=about.env, timeout_s=about.timeout_sec)
        said = TOOK.sub("", text_of_bytes(done.stdout + done.stderr)).strip()[-SHOWN:]
        if done.timed_out:
            return Run(None, f"tests/test.sh did not end within {about.timeout_sec:g} s", said)
        try:
            return Run(read_reward(_written(sandbox, "reward.txt"), _written(sandbox, "reward.json")), "", said)
        except BadReward as error:
            return Run(None, f"{error} (tests/test.sh ended with {done.rc})", said)


def _written(sandbox: Sandbox, name: str) -> bytes | None:
    """A file of the verifier's logs, cut at MAX_BYTES; None where it is not there. Raises BadReward where it cannot be read."""
    path = f"{LOGS}/{name}"
    if sandbox.exec(["/bin/sh", "-c", THERE, "there", path]).rc != 0:
        return None
    done = sandbox.exec(["head", "-c", str(MAX_BYTES), "--", path])
    if done.rc != 0 or done.timed_out:
        raise BadReward(f"{name} is there and cannot be read: {done.text.strip()[:200]}")
    return done.stdout


def _evidence(run: Run) -> tuple[Evidence, ...]:
    return (Evidence(kind="output", text=run.said),) if run.said else ()
