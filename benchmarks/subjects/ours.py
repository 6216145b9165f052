"""envgym: every row, with the shipped rollout engine, policies and file format.

The two rollout rows do all that `envgym run -o FILE` does: task hash, prompt, policy call, step, verdict, full trajectory with timing and
message tree, one JSONL line per episode on disk. The bare rows call `env.step` alone.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import books
import clock
from pydantic import PositiveInt

from envgym import AgentEnv, Message, Task, ToolEnv, Verdict, call, tool
from envgym.env import Observation
from envgym.message import Action, text_of, user
from envgym.registry import environments
from envgym.rollout import Run, play_run
from envgym.rollout.store import TrajectoryFile
from envgym.scaffolds.function_calling import FunctionCalling
from envgym.trajectory import Trajectory


class Ledger(ToolEnv):
    """Move money between accounts until the balances are as asked."""

    id = "bench_ledger"
    scripts: ClassVar[dict[str, list[Message]]] = {}
    """What the oracle plays, by task id: made beforehand, as the replies of every peer are."""

    def begin(self, task: Task) -> str:
        self.books = books.Books()
        return task.public["question"]

    @tool
    def transfer(self, payer: str, payee: str, cents: PositiveInt) -> str:
        """Move `cents` from payer to payee."""
        return self.books.transfer(payer, payee, cents)

    @tool(final=True)
    def close_books(self) -> str:
        """Close the books; the balances are final."""
        return self.books.close()

    def verify(self) -> Verdict:
        same = self.task is not None and self.books.balances == self.task.private["goal"]
        return Verdict.of(float(same), code="ledger.balances")

    def oracle(self) -> Iterator[Action]:
        return iter(self.scripts[self.task.id] if self.task else ())


class EndlessLedger(Ledger):
    """The same without an end, for bare steps."""

    id = "bench_endless_ledger"
    max_turns = 10**9


class Guess(AgentEnv):
    """Guess a number, one text message after another."""

    id = "bench_guess"
    max_turns = 10**9

    def begin(self, task: Task) -> str:
        return "Guess the number."

    def respond(self, message: Message) -> tuple[Observation, bool]:
        said = books.hint(text_of(message), 500)
        return (user(said),), said == "correct"


def ledger_task(index: int, env: str) -> Task:
    moves = books.transfers(index)
    public = {"question": f"{books.QUESTION}{moves}"}
    private = {"moves": moves, "goal": books.goal_of(moves)}
    steps = [call("transfer", payer=payer, payee=payee, cents=cents) for payer, payee, cents in moves]
    Ledger.scripts[f"ledger-{index}"] = [*steps, call("close_books")]
    return Task(id=f"ledger-{index}", env=env, public=public, private=private)


def play(env: Any, tasks: list[Task], folder: Path) -> int:
    """Plays each task once into a file; returns how many model turns there were."""
    run = Run(env, tasks=tasks)
    turns = 0
    with TrajectoryFile.open(folder / "run.jsonl", run.fingerprint) as file:

        def sink(trajectory: Trajectory) -> None:
            nonlocal turns
            if trajectory.reward != 1.0:
                raise SystemExit(f"{trajectory.id} got {trajectory.reward}; the benchmark is broken")
            turns += len(trajectory.steps)
            file.append(trajectory)

        play_run(run, sink)
    return turns


def single_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    """Every episode has a task object of its own, so that its hash is computed for it."""
    drawn = [{**tasks[at % len(tasks)]["task"], "id": f"t{at}"} for at in range(count)]
    given = [Task.model_validate(fields) for fields in drawn]
    return lambda: play("game24", given, folder)


def multi_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    given = [ledger_task(index, Ledger.id) for index in range(max(1, count // books.TURNS))]
    return lambda: play(Ledger, given, folder)


def tool_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    env = EndlessLedger()
    env.reset(options={"task": ledger_task(0, env.id)})
    there_and_back = [("ada", "ben", 100), ("ben", "ada", 100)]
    replies = [call("transfer", payer=payer, payee=payee, cents=cents) for payer, payee, cents in there_and_back]
    return lambda: steps(env, replies, count)


def text_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    env = Guess()
    env.reset(options={"task": Task(id="guess", env=env.id)})
    return lambda: steps(env, ["1", "999"], count)


def steps(env: AgentEnv, replies: list[Any], count: int) -> int:
    for at in range(count):
        env.step(replies[at & 1])
    return count


def fork(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    env = EndlessLedger()
    env.reset(options={"task": ledger_task(0, env.id)})
    for payer, payee, cents in [*books.transfers(0), ("ada", "ben", 1)]:
        env.step(call("transfer", payer=payer, payee=payee, cents=cents))
    return lambda: forks(env, count)


def fork_scaffold(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    """Environment and conversation together: what a tree search copies."""
    held = FunctionCalling(EndlessLedger())
    held.reset(options={"task": ledger_task(0, EndlessLedger.id)})
    for payer, payee, cents in [*books.transfers(0), ("ada", "ben", 1)]:
        held.step(call("transfer", payer=payer, payee=payee, cents=cents))
    return lambda: forks(held, count)


def fork_table_qa(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    """The SQLite environment after ten tool calls: the oracle's first query, ten times."""
    env = environments.get("table_qa")()
    env.reset(seed=0)
    query = next(env.oracle())
    for _ in range(10):
        env.step(query)
    return lambda: forks(env, count)


def forks(world: AgentEnv | FunctionCalling, count: int) -> int:
    for _ in range(count):
        world.fork()
    return count


if __name__ == "__main__":
    rows = [single_turn, multi_turn, tool_step, text_step, fork, fork_scaffold, fork_table_qa]
    clock.serve({row.__name__: row for row in rows})
