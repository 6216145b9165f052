"""One trajectory turn by turn, for a terminal.

Model text is printed as it is, without markup: it may contain anything. Long messages are cut in the middle.
"""

from rich.console import Console
from rich.text import Text

from envgym.message import Message, text_of
from envgym.trajectory import Trajectory

STYLES = {"system": "dim", "user": "cyan", "assistant": "green", "tool": "yellow"}
MAX_CHARS = 1200


def print_trajectory(trajectory: Trajectory, console: Console) -> None:
    """Prints every message of the episode, then its verdict."""
    replies = {step.reply: number for number, step in enumerate(trajectory.steps, 1)}
    for node, message in enumerate(trajectory.messages):
        turn = f" (turn {replies[node]})" if node in replies else ""
        console.print(Text(f"[{message['role']}]{turn}", style=f"bold {STYLES[message['role']]}"))
        console.print(Text(shortened(body(message))))
        if node in replies:
            step = trajectory.steps[replies[node] - 1]
            if step.error:
                console.print(Text(f"  told: {step.error}", style="red"))
    verdict = trajectory.verdict
    if verdict is None:
        why = trajectory.failures[-1].message if trajectory.failures else "not played"
        console.print(Text(f"no verdict: {trajectory.status}: {why}", style="bold red"))
        return
    style = "bold green" if verdict.passed else "bold red"
    console.print(
        Text(f"{verdict.outcome.value}, score {verdict.score}: {verdict.reason} [{verdict.code}]", style=style)
    )


def body(message: Message) -> str:
    """Text and tool calls of a message."""
    calls = [f"{each['function']['name']}({each['function']['arguments']})" for each in message.get("tool_calls") or ()]
    return "\n".join(part for part in (text_of(message), *calls) if part)


def shortened(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    half = MAX_CHARS // 2
    return f"{text[:half]}\n... {len(text) - MAX_CHARS:,} characters ...\n{text[-half:]}"
