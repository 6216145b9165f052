"""A ticket counter, and its tasks: sound ones, and one for each way in which a task can be flawed."""

import copy
import uuid
from typing import Any, Literal

from .data_model.tasks import Task
from .environment import Environment, ToolKit, mutates

DATA = {
    "T-4711": {"owner": "Ada Brandt", "seat": "12C", "status": "valid", "price": 1250},
    "T-4712": {"owner": "Ada Brandt", "seat": "12D", "status": "used", "price": 980},
    "T-5200": {"owner": "Joris Maas", "seat": "31A", "status": "valid", "price": 415},
}


class Counter(ToolKit):
    offered = ("get_ticket", "cancel_ticket", "change_seat", "issue_ticket")

    def _ticket(self, number: str) -> dict[str, Any]:
        if number not in self.data:
            raise ValueError(f"no ticket {number}")
        found: dict[str, Any] = self.data[number]
        return found

    def get_ticket(self, number: str) -> dict[str, Any]:
        """Looks a ticket up."""
        return self._ticket(number)

    @mutates
    def cancel_ticket(self, number: str, reason: Literal["ill", "late", "other"]) -> str:
        """Cancels a valid ticket."""
        ticket = self._ticket(number)
        if ticket["status"] != "valid":
            raise ValueError(f"ticket {number} is {ticket['status']}")
        ticket |= {"status": "cancelled", "reason": reason}
        return f"cancelled {number}"

    @mutates
    def change_seat(self, number: str, seat: str) -> str:
        """Moves a ticket to another seat."""
        self._ticket(number)["seat"] = seat
        return f"{number} has seat {seat}"

    @mutates
    def issue_ticket(self, owner: str, price: int) -> str:
        """Issues a ticket."""
        number = f"T-{uuid.uuid4().hex[:6]}"
        self.data[number] = {"owner": owner, "seat": "", "status": "valid", "price": price}
        return number

    def assert_status(self, number: str, status: str) -> bool:
        return bool(self._ticket(number)["status"] == status)

    def assert_tickets_of(self, owner: str, count: int) -> bool:
        return [ticket["owner"] for ticket in self.data.values()].count(owner) == count


class Gate(ToolKit):
    offered = ("scan_ticket", "look_at_display")

    @mutates
    def scan_ticket(self, number: str) -> str:
        """Holds a ticket to the scanner of the gate."""
        self.data["shown"] = number
        return "beep"

    def look_at_display(self) -> str:
        """Reads what the gate shows."""
        return str(self.data["shown"])

    def assert_shown(self, number: str) -> bool:
        self.data["looks"] = self.data.get("looks", 0) + 1  # as some of theirs do: a check that is no mere look
        return bool(self.data["shown"] == number)


def world() -> Environment:
    return Environment("Cancel valid tickets only.", Counter(copy.deepcopy(DATA)), Gate({"shown": "nothing"}))


def step(name: str, requestor: str = "assistant", /, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "requestor": requestor, "arguments": arguments}


def check(name: str, side: str = "assistant", /, **arguments: Any) -> dict[str, Any]:
    return {"env_type": side, "func_name": name, "arguments": arguments}


def task(name: str, reason: str, *, known: str = "", wants: str = "Be brief.", **rest: Any) -> Task:
    start = {key: rest.pop(key) for key in ("initial_state", "user_tools") if key in rest}
    instructions = {
        "domain": "kiosk",
        "reason_for_call": reason,
        "known_info": known or None,
        "task_instructions": wants,
    }
    criteria = None if rest.get("reward_basis") == [] else rest
    return Task.model_validate(
        {"id": name, "user_scenario": {"instructions": instructions}, "evaluation_criteria": criteria, **start}
    )


HISTORY = [
    {"role": "user", "content": "Please put me on seat 14F, ticket T-4711."},
    {
        "role": "assistant",
        "tool_calls": [{"id": "a", "name": "change_seat", "arguments": {"number": "T-4711", "seat": "14F"}}],
    },
    {"role": "tool", "content": "T-4711 has seat 14F"},
    {"role": "assistant", "content": "You now sit on 14F."},
]
CANCEL = step("cancel_ticket", number="T-4711", reason="ill")
TASKS = [
    task(
        "cancel",
        "You cannot travel and want your ticket cancelled.",
        known="You are Ada Brandt, ticket T-4711.",
        wants="You are ill. Ask what you get back.",
        actions=[step("get_ticket", number="T-4711"), CANCEL],
        communicate_info=["1250"],
    ),
    task(
        "scan",
        "The gate does not open.",
        known="You hold ticket T-5200.",
        actions=[step("scan_ticket", "user", number="T-5200"), step("change_seat", number="T-5200", seat="2B")],
        env_assertions=[check("assert_shown", "user", number="T-5200")],
        reward_basis=["ENV_ASSERTION", "ACTION"],
    ),
    task(
        "polite",
        "You want seat 3A.",
        known="Ticket T-5200.",
        actions=[step("change_seat", number="T-5200", seat="3A")],
        nl_assertions=["The agent is polite."],
        reward_basis=["DB", "NL_ASSERTION"],
    ),
    task(
        "issue",
        "You want a ticket for 700.",
        known="You are Emmy Ruiz.",
        actions=[step("issue_ticket", owner="Emmy Ruiz", price=700)],
        env_assertions=[check("assert_tickets_of", owner="Emmy Ruiz", count=1)],
        reward_basis=["DB", "ENV_ASSERTION"],
        user_tools=[],
    ),
    task(
        "go_on",
        "You want to cancel after all.",
        initial_state={"message_history": HISTORY},
        actions=[CANCEL],
        communicate_info=["14F"],
    ),
    task("pays_idle", "Tell me my seat.", actions=[step("get_ticket", number="T-5200")], communicate_info=[]),
    task(
        "pays_idle_but_for_judge",
        "Cancel my used ticket.",
        actions=[step("get_ticket", number="T-4712")],
        nl_assertions=["The agent refuses."],
        reward_basis=["DB", "NL_ASSERTION"],
    ),
    task("gold_raises", "Cancel T-4712.", actions=[step("cancel_ticket", number="T-4712", reason="ill"), CANCEL]),
    task("gold_unpaid", "How much?", actions=[CANCEL], communicate_info=["1,250"]),
    task(
        "broken",
        "Anything.",
        initial_state={"initialization_actions": [check("no_such_function")]},
        actions=[CANCEL],
    ),
    task("judge_alone", "Be nice.", nl_assertions=["The agent is nice."], reward_basis=["NL_ASSERTION"]),
    task("no_criteria", "Hello.", reward_basis=[]),
]
