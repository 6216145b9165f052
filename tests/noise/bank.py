"""A bank in which a transfer that is made twice moves the money twice: the hazard of every write whose answer is lost.

Kept in a file of its own so that runs and laws can load it by its path.
"""

import json
import random
from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import PositiveInt

from envgym import Action, InvalidAction, Message, Task, TaskFields, ToolEnv, Verdict, call, tool
from envgym.message import ToolCall, text_of

MOVES = ("transfer", "wire", "cheque")
NAMES = ("ann", "bob", "cyd", "dan", "eve")


class Bank(ToolEnv):
    """Carry out a list of transfers, each once, and say what an account holds."""

    id = "noise_bank"
    fallbacks: ClassVar = {"transfer": "wire", "wire": "cheque", "balance": "branch_balance"}

    def generate(self, rng: random.Random) -> TaskFields:
        opening = {name: rng.randint(2_000, 9_000) for name in NAMES}
        orders = [[*rng.sample(NAMES, 2), rng.randint(10, 300)] for _ in range(rng.randint(2, 4))]
        orders += [orders[0]] * (rng.random() < 0.3)
        return {"public": {"opening": opening, "orders": orders, "asked": rng.choice(NAMES)}}

    def begin(self, task: Task) -> str:
        self.balances: dict[str, int] = dict(task.public["opening"])
        self.ledger: list[list[Any]] = []
        self.said: int | None = None
        orders = "; ".join(f"{payer} pays {payee} {cents} cents" for payer, payee, cents in task.public["orders"])
        return f"Please carry out these transfers, each once: {orders}. Then report what {task.public['asked']} holds."

    @tool(effect="reads")
    def balance(self, account: str) -> dict[str, Any]:
        """What an account holds, in cents."""
        self._require(account)
        return {"account": account, "cents": self.balances[account]}

    @tool(effect="reads")
    def branch_balance(self, account: str) -> dict[str, Any]:
        """What an account holds, as the branch has it."""
        return self.balance(account)

    @tool(effect="reads")
    def statement(self) -> dict[str, Any]:
        """Every transfer so far."""
        return {"transfers": self.ledger, "count": len(self.ledger)}

    @tool
    def transfer(self, payer: str, payee: str, cents: PositiveInt) -> dict[str, Any]:
        """Move money from payer to payee."""
        self._require(payer, payee)
        if cents > self.balances[payer]:
            raise InvalidAction(f"{payer} holds {self.balances[payer]} cents", code="bank.funds")
        self.balances[payer] -= cents
        self.balances[payee] += cents
        self.ledger.append([payer, payee, cents])
        return {"receipt": len(self.ledger), "moved": cents}

    @tool
    def wire(self, payer: str, payee: str, cents: PositiveInt) -> dict[str, Any]:
        """Move money from payer to payee by wire."""
        return self.transfer(payer, payee, cents)

    @tool
    def cheque(self, payer: str, payee: str, cents: PositiveInt) -> dict[str, Any]:
        """Move money from payer to payee by cheque."""
        return self.transfer(payer, payee, cents)

    @tool
    def remember(self, note: str) -> str:
        """Keep a note. Whether it was kept can be seen nowhere."""
        self.note = note
        return "kept"

    @tool(final=True)
    def report(self, cents: int) -> str:
        """Say what the account holds and end."""
        self.said = cents
        return "thank you"

    def was_done(self, call: ToolCall) -> bool | None:
        if call["function"]["name"] not in MOVES:
            return None
        asked = json.loads(call["function"]["arguments"])
        return [asked["payer"], asked["payee"], asked["cents"]] in self.ledger

    def look_for(self, call_made: ToolCall) -> Message | None:
        return call("statement") if call_made["function"]["name"] in MOVES else None

    def verify(self) -> Verdict:
        assert self.task is not None
        wanted = dict(self.task.public["opening"])
        for payer, payee, cents in self.task.public["orders"]:
            wanted[payer] -= cents
            wanted[payee] += cents
        right = self.balances == wanted and self.said == wanted[self.task.public["asked"]]
        return Verdict.of(float(right), code="bank.checked")

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        public = self.task.public
        yield call("balance", account=public["asked"])
        for payer, payee, cents in public["orders"]:
            yield call("transfer", payer=payer, payee=payee, cents=cents)
            assert json.loads(text_of(self.observe()[-1]))["moved"] == cents
        yield call("balance", account=public["asked"])
        yield call("report", cents=json.loads(text_of(self.observe()[-1]))["cents"])

    def _require(self, *accounts: str) -> None:
        for account in accounts:
            if account not in self.balances:
                raise InvalidAction(f"there is no account {account!r}", code="bank.account")
