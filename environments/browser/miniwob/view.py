"""What a scripted agent sees of a MiniWoB++ page, and says: only the task's words and the page as an agent gets it."""

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from envgym.browser.page_state import Node, PageState
from envgym.errors import UsageError
from envgym.message import Action, call


class World(Protocol):
    """The running episode."""

    utterance: str

    @property
    def page(self) -> PageState: ...


class View:
    """One look. Made anew after each action."""

    def __init__(self, world: World) -> None:
        self.asked = world.utterance
        self.nodes = [node for node in world.page.root.walk() if node.role != "document"]

    def all(self, role: str = "", name: str | None = None) -> list[Node]:
        """The elements of a role and name that can be acted on, in their order; the line that states the task is left out."""
        return [
            node
            for node in self._below_the_task()
            if node.ref and role in ("", node.role) and (name is None or node.name.casefold() == name.casefold())
        ]

    def _below_the_task(self) -> list[Node]:
        task = next((node for node in self.nodes if node.ref == "e1"), None)
        hidden = {id(node) for node in task.walk()} if task is not None and task.role == "generic" else set()
        return [node for node in self.nodes if id(node) not in hidden]

    def one(self, role: str = "", name: str | None = None, at: int = 0) -> Node:
        """The `at`-th of them. Raises UsageError where there is none: the script does not fit this page."""
        found = self.all(role, name)
        if not -len(found) <= at < len(found):
            raise UsageError(f"the oracle of {self.asked!r} looks for {role} {name!r}, and there is none")
        return found[at]

    def after(self, name: str, beginning: str) -> Node:
        """The first element after the one called `name` whose own name has this beginning, in any case."""
        found = self._below_the_task()
        names = [node.name for node in found]
        start = names.index(name) if name in names else len(found)
        rest = [node for node in found[start:] if node.ref and node.name.casefold().startswith(beginning.casefold())]
        if not rest:
            raise UsageError(f"the oracle of {self.asked!r} looks for {beginning!r} after {name!r}, and there is none")
        return rest[0]

    def texts(self) -> list[str]:
        """Every name and text below the task, in order."""
        return [node.name for node in self._below_the_task() if node.name]

    def quoted(self, at: int = 0) -> str:
        """The `at`-th text in quotes of the task."""
        return str(re.findall(r'"([^"]*)"', self.asked)[at]).strip()

    def match(self, pattern: str) -> tuple[str, ...]:
        """The groups of a pattern in the task."""
        found = re.search(pattern, self.asked)
        if found is None:
            raise UsageError(f"the oracle does not know tasks such as {self.asked!r}")
        return found.groups()


Solver = Callable[[World], Iterator[Action]]
SOLVERS: dict[str, Solver] = {}
"""By the name of the page."""


def solves(*names: str) -> Callable[[Solver], Solver]:
    """Marks the script of these pages."""

    def mark(solver: Solver) -> Solver:
        SOLVERS.update(dict.fromkeys(names, solver))
        return solver

    return mark


def click(node: Node) -> Action:
    return call("click", ref=node.ref)


def fill(node: Node, text: str) -> Action:
    return call("fill", ref=node.ref, text=text)


def submit(world: World, name: str = "Submit") -> Action:
    """The button that hands the work in."""
    return click(View(world).one("button", name))
