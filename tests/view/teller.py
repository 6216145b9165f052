"""A small bank, a scaffold that rewrites its transcript and a policy with tokens: episodes with all that the page can show.

Kept in a file of its own so that a run can load each by its path.
"""

import json
import random
import zlib
from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import PositiveInt

from envgym import Action, InvalidAction, PolicyFailure, Scaffold, Task, TaskFields, ToolEnv, Verdict, call, tool
from envgym.env import StepResult
from envgym.message import Message, Observation, ToolSpec, text_of, user
from envgym.policy.policy import Player, Policy, Reply, Request, Tokens
from envgym.verdict import Evidence

SEED_BEYOND_JAVASCRIPT = 9007199254740993


class Bank(ToolEnv):
    """Move five cents from ann to bob."""

    id = "bank"
    max_turns: ClassVar[int] = 8
    balances: dict[str, int]

    def generate(self, rng: random.Random) -> TaskFields:
        opening = {name: rng.randint(20, 99) for name in ("ann", "bob", "cyd")}
        goal = {**opening, "ann": opening["ann"] - 5, "bob": opening["bob"] + 5}
        return {
            "public": {"opening": opening, "goal": goal, "large": SEED_BEYOND_JAVASCRIPT},
            "private": {"secret chain": ["ann", "bob", 5]},
        }

    def begin(self, task: Task) -> str:
        self.balances = dict(task.public["opening"])
        return f"Move money until the accounts stand at {task.public['goal']}."

    @tool
    def transfer(self, payer: str, payee: str, cents: PositiveInt) -> str:
        """Move `cents` from payer to payee."""
        for name in (payer, payee):
            if name not in self.balances:
                raise InvalidAction(f"there is no account {name!r}", code="bank.account")
        self.balances[payer] -= cents
        self.balances[payee] += cents
        return json.dumps({"balances": self.balances})

    @tool(final=True)
    def done(self) -> str:
        """Ends the episode."""
        return "closed"

    def verify(self) -> Verdict:
        assert self.task is not None
        parts = {}
        for name, wanted in self.task.public["goal"].items():
            got = self.balances[name]
            evidence = (Evidence(kind="diff", text=f"-{wanted}\n+{got}", data={"got": got, "want": wanted}),)
            parts[name] = Verdict.of(
                float(got == wanted), code="bank.balance", reason=f"{name} holds {got}"
            ).model_copy(update={"evidence": evidence})
        share = sum(part.passed for part in parts.values()) / len(parts)
        accounts = Verdict.of(share, reason="share of the accounts", parts=parts)
        return Verdict.of(share, code="bank.state", reason="the accounts were compared", parts={"accounts": accounts})

    def oracle(self) -> Iterator[Action]:
        yield call("transfer", payer="ann", payee="bob", cents=5)
        yield call("done")


class Forgetful(Scaffold):
    """Replaces what was said by a summary after the fourth turn, so that the record branches."""

    id = "forgetful"

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.turns = 0

    def offered(self) -> list[ToolSpec]:
        return self.env.tools()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.turns = 0
        return super().reset(seed=seed, options=options)

    def step(self, action: Action) -> StepResult:
        self.turns += 1
        result = super().step(action)
        if self.turns == 4:
            self.transcript = [self.transcript[0], user("You tried four things. Go on.")]
        return result


class Teller(Policy):
    """Makes each kind of mistake once, then moves the money and ends. The model server is down for tasks that end in 3."""

    name = "teller"
    instant: ClassVar[bool] = True

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        assert scaffold.env.task is not None
        return TellerAtWork(scaffold.env.task.id, random.Random(seed))


class TellerAtWork:
    """Answers in one episode."""

    def __init__(self, task_id: str, rng: random.Random) -> None:
        self._replies = script(task_id)
        self._down = task_id.endswith("3")
        self._rng = rng
        self._sampled: dict[int, list[int]] = {}

    async def sample(self, request: Request) -> Reply:
        if self._down:
            raise PolicyFailure("503: the model server is down")
        message = next(self._replies)
        prompt = [token for said in request.messages for token in self._sampled.get(id(said)) or words(said)]
        sampled = [self._rng.randrange(100_000) for _ in range(self._rng.randint(5, 20))]
        logprobs = [-self._rng.expovariate(2.0) for _ in sampled]
        self._sampled[id(message)] = sampled
        return Reply(
            message,
            finish_reason="tool_calls" if message.get("tool_calls") else "stop",
            prompt_tokens=len(prompt),
            completion_tokens=len(sampled),
            tokens=Tokens(prompt, sampled, logprobs),
            policy_version=3,
        )


def words(message: Message) -> list[int]:
    """One made-up token per word."""
    return [zlib.crc32(word.encode()) % 100_000 for word in f"{message['role']} {text_of(message)}".split()]


def script(task_id: str) -> Iterator[Message]:
    wrong = call("transfer", payer="ann", payee="bbo", cents=5)
    yield {
        **wrong,
        "content": "I begin.",
        "reasoning_content": "Ann pays, " + "and bob is paid, " * 40 + "QUIET THOUGHT.",
    }
    two: list[Any] = [
        {"name": "transfer", "arguments": '{"payer": "ann", "payee": "bob", "cents": 5}'},
        {"name": "transfer", "arguments": '{"payer": "ann", "payee": "bob", "cents": "5", "why": "one\\ntwo"}'},
        {"name": "transfer", "arguments": "{not json"},
    ]
    calls: Any = [{"id": f"call_{at}", "type": "function", "function": function} for at, function in enumerate(two)]
    yield {"role": "assistant", "content": None, "tool_calls": calls}
    yield {"role": "assistant", "content": "<think>TAGGED THOUGHT</think>I only talk."}
    solved = task_id.endswith(("2", "5"))
    yield call("transfer", payer="ann" if solved else "cyd", payee="ann" if solved else "bob", cents=1)
    yield call("done")
