"""Scripts for pages that want a form filled in and handed in."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from envgym.browser.page_state import Node
from envgym.environments.browser.miniwob.solve_by_clicks import ordinal
from envgym.environments.browser.miniwob.view import View, World, click, fill, solves, submit
from envgym.message import Action, call


@solves("enter-text", "enter-text-dynamic")
def enter_text(world: World) -> Iterator[Action]:
    view = View(world)
    yield fill(view.one("textbox"), view.quoted())
    yield submit(world)


@solves("enter-text-2")
def enter_text_2(world: World) -> Iterator[Action]:
    view = View(world)
    text = view.quoted()
    yield fill(view.one("textbox"), text.upper() if "upper case" in view.asked else text.lower())
    yield submit(world)


@solves("enter-password")
def enter_password(world: World) -> Iterator[Action]:
    for place in (0, 1):
        view = View(world)
        yield fill(view.one("textbox", at=place), view.quoted())
    yield submit(world)


@solves("enter-date")
def enter_date(world: World) -> Iterator[Action]:
    view = View(world)
    month, day, year = view.match(r"(\d\d)/(\d\d)/(\d{4})")
    yield fill(view.one("textbox"), f"{year}-{month}-{day}")
    yield submit(world)


@solves("enter-time")
def enter_time(world: World) -> Iterator[Action]:
    view = View(world)
    (time,) = view.match(r"(\d+:\d\d [AP]M)")
    yield fill(view.one("textbox"), datetime.strptime(time, "%I:%M %p").strftime("%H:%M"))
    yield submit(world)


@solves("login-user")
def login_user(world: World) -> Iterator[Action]:
    for place in (0, 1):
        view = View(world)
        yield fill(view.one("textbox", at=place), view.quoted(place))
    yield submit(world, "Login")


@solves("choose-list")
def choose_list(world: World) -> Iterator[Action]:
    view = View(world)
    (name,) = view.match(r"Select (.+) from the list")
    yield call("select", ref=view.one("combobox").ref, values=[name])
    yield submit(world)


@solves("click-scroll-list")
def click_scroll_list(world: World) -> Iterator[Action]:
    view = View(world)
    (names,) = view.match(r"Select (.+) from the scroll list")
    yield call("select", ref=view.one("listbox").ref, values=names.split(", "))
    yield submit(world)


@solves("use-spinner")
def use_spinner(world: World) -> Iterator[Action]:
    view = View(world)
    (number,) = view.match(r"Select (-?\d+) with")
    yield fill(view.one("spinbutton"), number)
    yield submit(world)


@solves("use-autocomplete", "use-autocomplete-nodelay")
def use_autocomplete(world: World) -> Iterator[Action]:
    view = View(world)
    start = view.quoted()
    end = view.quoted(1) if "ends with" in view.asked else ""
    yield fill(view.one("textbox"), start)
    yield call("wait", ms=600)
    items = [node for node in View(world).all() if node.role in ("menuitem", "generic", "option", "listitem")]
    fits = [node for node in items if node.name.startswith(start) and node.name.endswith(end) and node.name != start]
    yield click(fits[0])
    yield submit(world)


@solves("form-sequence-2")
def form_sequence_2(world: World) -> Iterator[Action]:
    view = View(world)
    radio, number, box = view.match(
        r'Check the (\w+) radio button and enter the number "(-?\d+)" into the (\w+) textbox'
    )
    yield click(view.one("radio", at=ordinal(radio) - 1))
    yield fill(View(world).one("textbox", at=ordinal(box) - 1), number)
    yield submit(world)


@solves("multi-orderings", "multi-layouts")
def movie_search(world: World) -> Iterator[Action]:
    view = View(world)
    genre, director, year = view.match(r"Search for (.+) movies directed by (.+) from year (\d+)")
    values = {"genre": genre, "director": director, "year": year, "date": year}
    form = [node for node in view.all() if node.role == "textbox" or label_of(node, values)]
    labels, boxes = ([node for node in form if (node.role == "textbox") == box] for box in (False, True))
    for label, box in zip(labels, boxes, strict=True):
        yield fill(box, values[label_of(label, values)])
    last = View(world).all()
    yield click(next(node for node in reversed(last) if node.role in ("button", "generic") and node.name))


def label_of(node: Node, words: Iterable[str]) -> str:
    """Which of the words a label holds."""
    return next((word for word in words if node.role != "textbox" and word in node.name.casefold()), "")


@solves("search-engine")
def search_engine(world: World) -> Iterator[Action]:
    view = View(world)
    place = ordinal(view.asked.rsplit("click the", 1)[1]) - 1
    yield fill(view.one("textbox"), view.quoted())
    yield submit(world, "Search")
    while place >= 3:
        yield click(View(world).one("link", ">"))
        place -= 3
    found = [node for node in View(world).all("link") if not (node.name.isdigit() or node.name in "<>")]
    yield click(found[place])


@solves("guess-number")
def guess_number(world: World) -> Iterator[Action]:
    low, high = 0, 9
    while True:
        guess = (low + high) // 2
        yield fill(View(world).one("spinbutton"), str(guess))
        yield submit(world)
        told = " ".join(View(world).texts()).casefold()
        low, high = (guess + 1, high) if "higher" in told else (low, guess - 1)
