"""Scripts for pages that want something read, reckoned or copied."""

import re
from collections.abc import Iterator

from envgym.environments.browser.miniwob.solve_by_clicks import ordinal
from envgym.environments.browser.miniwob.view import View, World, fill, solves, submit
from envgym.message import Action

OPERATIONS = {
    "+": lambda one, two: one + two,
    "-": lambda one, two: one - two,
    "x": lambda one, two: one * two,
    "*": lambda one, two: one * two,
}


@solves("simple-arithmetic")
def simple_arithmetic(world: World) -> Iterator[Action]:
    view = View(world)
    one, operation, two = next(found.groups() for text in view.texts() if (found := SUM.search(text)))
    yield fill(view.one("textbox"), str(OPERATIONS[operation](int(one), int(two))))
    yield submit(world)


SUM = re.compile(r"(-?\d+) ([-+x*]) (-?\d+) =")


@solves("simple-algebra")
def simple_algebra(world: World) -> Iterator[Action]:
    view = View(world)
    equation = next(text for text in view.texts() if "=" in text and re.search(r"\d", text))
    fits = [number for number in range(-200, 201) if holds(equation, number)]
    yield fill(view.one("textbox"), str(fits[0]))
    yield submit(world)


def holds(equation: str, x: int) -> bool:
    """Whether an equation such as "3 - x = 1" holds."""
    left, right = equation.split("=")
    one, operation, two = (int(x) if part == "x" and place != 1 else part for place, part in enumerate(left.split()))
    return bool(OPERATIONS[str(operation)](int(one), int(two)) == int(right))


@solves("read-table")
def read_table(world: World) -> Iterator[Action]:
    view = View(world)
    (label,) = view.match(r"value of (.+) into")
    yield fill(view.one("textbox"), cell_beside(view, label))
    yield submit(world)


@solves("read-table-2")
def read_table_2(world: World) -> Iterator[Action]:
    for place in (0, 1):
        view = View(world)
        label = [text for text in view.texts() if text.endswith(":")][place].rstrip(":")
        yield fill(view.one("textbox", at=place), cell_beside(view, label))
    yield submit(world)


def cell_beside(view: View, label: str) -> str:
    """What stands in the cell after the one that says `label`."""
    cells = [node.name for node in view.nodes if node.role == "cell"]
    return cells[cells.index(label) + 1]


@solves("copy-paste")
def copy_paste(world: World) -> Iterator[Action]:
    view = View(world)
    text = max((node.value for node in view.all("textbox")), key=len)
    yield fill(next(node for node in view.all("textbox") if node.value != text), text)
    yield submit(world)


@solves("copy-paste-2")
def copy_paste_2(world: World) -> Iterator[Action]:
    view = View(world)
    boxes = view.all("textbox")
    yield fill(next(node for node in boxes if not node.value), boxes[ordinal(view.asked) - 1].value)
    yield submit(world)


@solves("find-word")
def find_word(world: World) -> Iterator[Action]:
    view = View(world)
    words = max(view.texts(), key=len).split()
    yield fill(view.one("textbox"), re.sub(r"\W", "", words[ordinal(view.asked) - 1]))
    yield submit(world)


@solves("visual-addition")
def visual_addition(world: World) -> Iterator[Action]:
    view = View(world)
    blocks = sum(1 for node in view.all() if node.name.startswith("(addition-block"))
    yield fill(view.one("textbox"), str(blocks))
    yield submit(world)
