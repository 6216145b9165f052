"""What the walker has told of a page, as our records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envgym.browser.page_driver import DialogOpened, PageDriver, PageHangs
from envgym.browser.page_state import Node, PageState, Tab
from envgym.errors import InvalidAction


@dataclass(frozen=True, slots=True)
class Told:
    """One look at the active page."""

    state: PageState
    refs: int
    """The last number that was given to an element."""
    refused: str
    """Why a form was not sent; empty where none was refused."""


async def read(told: Sequence[Any], drivers: Sequence[PageDriver], active: int) -> Told:
    """What `look` of page_walker.js has given, with the tabs around it."""
    url, title, focused, children, refs, refused = told
    tabs = [
        Tab(title, url) if number == active else Tab(await title_of(driver), driver.page.url)
        for number, driver in enumerate(drivers)
    ]
    state = PageState(url, title, Node("document", children=nodes(children)), focused, tuple(tabs), active)
    return Told(state, refs, refused)


async def title_of(driver: PageDriver) -> str:
    """The title of a tab that is not the active one; empty where it does not answer."""
    try:
        return str(await driver.call("document.title", timeout_s=2))
    except (PageHangs, DialogOpened, InvalidAction):
        return ""


def unreadable(drivers: Sequence[PageDriver], active: int) -> PageState:
    """What is to be seen of a page that cannot be read: that."""
    said = Node("document", children=[Node("text", "(this page does not answer)")])
    return PageState(drivers[active].page.url, "", said, "", tuple(Tab("", each.page.url) for each in drivers), active)


def nodes(told: list[Any]) -> list[Node]:
    return [
        Node(role, name, ref, value, tuple(states), tuple(box) if box else None, url, nodes(children))
        for role, name, ref, value, states, box, url, children in told
    ]
