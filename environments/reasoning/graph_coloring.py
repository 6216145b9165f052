"""Graph colouring: give each node a colour so that no edge joins two of the same.

Any proper colouring passes. The edges are drawn between the classes of a hidden colouring with classes of about equal size, and every
node has an edge, so a colouring exists; with three colours, puzzles with about 2.3 edges per node are hard to colour greedily.
"""

import random
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

COLOURS = ("red", "green", "blue", "yellow", "purple")


class GraphColoring(AnswerEnv):
    """Colour the nodes of a graph so that no edge joins two of one colour; any such colouring passes."""

    id = "graph_coloring"

    class Knobs(EnvKnobs):
        nodes: int = Field(default=12, ge=5, le=60, description="How many nodes the graph has.")
        colours: int = Field(default=3, ge=2, le=5, description="How many colours may be used.")
        density: float = Field(
            default=2.2,
            ge=0.5,
            le=8,
            description="Edges per node aimed at; fewer where the hidden colouring leaves no more.",
        )

    class Public(BaseModel):
        nodes: int = Field(ge=1, description="How many nodes there are, numbered from 1.")
        colours: list[str] = Field(min_length=2, description="The colours that may be used.")
        edges: list[tuple[int, int]] = Field(min_length=1, description="Pairs of nodes that must differ.")

    class Private(BaseModel):
        solution: str = Field(description="One proper colouring, of many.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        nodes, colours = self.knobs.nodes, self.knobs.colours
        hidden = [at % colours for at in range(nodes)]
        rng.shuffle(hidden)
        allowed = [(one, two) for two in range(nodes) for one in range(two) if hidden[one] != hidden[two]]
        rng.shuffle(allowed)
        wanted = round(self.knobs.density * nodes)
        lonely = set(range(nodes))
        edges: list[tuple[int, int]] = []
        spare: list[tuple[int, int]] = []
        for one, two in allowed:
            (edges if one in lonely or two in lonely else spare).append((one, two))
            lonely -= {one, two}
        edges += spare[: max(0, wanted - len(edges))]
        rng.shuffle(edges)
        return {
            "public": {
                "nodes": nodes,
                "colours": list(COLOURS[:colours]),
                "edges": [[one + 1, two + 1] if rng.random() < 0.5 else [two + 1, one + 1] for one, two in edges],
            },
            "private": {"solution": answer([COLOURS[colour] for colour in hidden])},
            "difficulty": float(len(edges)),
            "certificate": {"colourable": True, "by": "planted colouring"},
        }

    def begin(self, task: Task) -> str:
        count, colours = task.public["nodes"], task.public["colours"]
        edges = ", ".join(f"n{one}-n{two}" for one, two in task.public["edges"])
        return (
            f"A graph has the nodes n1 to n{count} and these edges:\n\n{edges}\n\nGive each node one of the colours "
            f"{', '.join(colours)} so that the two ends of every edge have different colours. Such a colouring exists, and any one "
            "is right. End your reply with one line that names every node once, in the form\n"
            f"Answer: NODE={colours[0]}, NODE={colours[1]}, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        names = [f"n{number}" for number in range(1, task.public["nodes"] + 1)]
        try:
            read = answer_pairs(reply, names=names, values={colour: colour for colour in task.public["colours"]})
        except Unreadable as error:
            return Verdict.malformed(str(error), code="graph_coloring.unreadable")
        for one, two in task.public["edges"]:
            if read[f"n{one}"] == read[f"n{two}"]:
                reason = f"n{one} and n{two} are joined and both {read[f'n{one}']}"
                return Verdict.of(0, code="graph_coloring.same_colour", reason=reason)
        return Verdict.of(1, code="graph_coloring.ok", reason="no edge joins two nodes of one colour")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """A random colour for each node."""
        count = self.task.public["nodes"] if self.task is not None else 3
        colours = self.task.public["colours"] if self.task is not None else COLOURS[:3]
        return f"Answer: {answer([rng.choice(colours) for _ in range(count)])}"


def answer(colours: Sequence[str]) -> str:
    return ", ".join(f"n{number}={colour}" for number, colour in enumerate(colours, 1))
