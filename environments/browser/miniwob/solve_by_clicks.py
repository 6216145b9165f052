"""Scripts for pages that want clicks: on what is named, in an order, behind tabs and folds."""

import re
from collections.abc import Iterator

from envgym.browser.page_state import Node
from envgym.environments.browser.miniwob.view import View, World, click, solves, submit
from envgym.message import Action, call

ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")


@solves("click-button", "unicode-test")
def click_button(world: World) -> Iterator[Action]:
    view = View(world)
    yield click(view.one("button", view.quoted()))


@solves("click-test", "click-test-transfer")
def click_test(world: World) -> Iterator[Action]:
    yield click(View(world).one("button"))


@solves("click-test-2")
def click_test_2(world: World) -> Iterator[Action]:
    view = View(world)
    (name,) = view.match(r"button (\w+)")
    yield click(view.one("button", name))


@solves("click-button-sequence")
def click_button_sequence(world: World) -> Iterator[Action]:
    for name in ("ONE", "TWO"):
        yield click(View(world).one("button", name))


@solves("button-delay")
def button_delay(world: World) -> Iterator[Action]:
    view = View(world)
    first, seconds, second = view.match(r"button (\w+), wait (\d+) seconds?, then click button (\w+)")
    yield click(view.one("button", first))
    yield call("wait", ms=int(seconds) * 1000 + 100)
    yield click(View(world).one("button", second))


@solves("click-dialog")
def click_dialog(world: World) -> Iterator[Action]:
    yield click(View(world).one("button", "Close"))


@solves("click-dialog-2")
def click_dialog_2(world: World) -> Iterator[Action]:
    view = View(world)
    name = view.quoted()
    yield click(view.one("button", "Close" if name == "x" else name))


@solves("click-link")
def click_link(world: World) -> Iterator[Action]:
    view = View(world)
    yield click(view.one("generic", view.quoted()))


@solves("click-tab")
def click_tab(world: World) -> Iterator[Action]:
    view = View(world)
    (name,) = view.match(r"(Tab #\d+)")
    yield click(view.one("tab", name))


@solves("click-tab-2", "click-tab-2-easy", "click-tab-2-medium", "click-tab-2-hard")
def click_tab_2(world: World) -> Iterator[Action]:
    yield from open_until_found(world, View(world).quoted())


@solves("click-collapsible-2", "click-collapsible-2-nodelay")
def click_collapsible_2(world: World) -> Iterator[Action]:
    yield from open_until_found(world, View(world).quoted())


def open_until_found(world: World, wanted: str) -> Iterator[Action]:
    """Opens one tab or section after another until the link is there."""
    for tab in View(world).all("tab"):
        found = View(world).all("generic", wanted)
        if found:
            break
        yield click(tab)
    yield click(View(world).one("generic", wanted))


@solves("click-collapsible", "click-collapsible-nodelay")
def click_collapsible(world: World) -> Iterator[Action]:
    yield click(View(world).one("tab"))
    yield call("wait", ms=1000)
    yield submit(world)


@solves("click-option")
def click_option(world: World) -> Iterator[Action]:
    view = View(world)
    (name,) = view.match(r"Select (.+) and click Submit")
    yield click(view.one("radio", name))
    yield submit(world)


@solves("click-checkboxes", "click-checkboxes-large", "click-checkboxes-transfer")
def click_checkboxes(world: World) -> Iterator[Action]:
    (names,) = View(world).match(r"Select (.+) and click Submit")
    for name in [] if names == "nothing" else names.split(", "):
        yield click(View(world).one("checkbox", name))
    yield submit(world)


@solves("click-widget")
def click_widget(world: World) -> Iterator[Action]:
    view = View(world)
    wanted = view.quoted()
    if wanted in ("button", "radio", "checkbox"):
        yield click(view.one(wanted))
    else:
        yield click(next(box for box in view.all("textbox") if ("multiline" in box.states) == (wanted == "textarea")))


@solves("focus-text")
def focus_text(world: World) -> Iterator[Action]:
    yield click(View(world).one("textbox"))


@solves("focus-text-2")
def focus_text_2(world: World) -> Iterator[Action]:
    view = View(world)
    yield click(view.one("textbox", at=ordinal(view.asked) - 1))


def ordinal(text: str) -> int:
    """The number of the first "3rd" in a text."""
    found = ORDINAL.search(text)
    return int(found[1]) if found else 1


@solves("ascending-numbers")
def ascending_numbers(world: World) -> Iterator[Action]:
    places = {int(node.name): node for node in View(world).all("generic") if node.name.isdigit()}
    for number, was in sorted(places.items()):
        covers = [node for node in View(world).all() if node.name == str(number) or covers_centre(node, was)]
        yield click(covers[-1])


def covers_centre(node: Node, other: Node) -> bool:
    """Whether an element lies over the middle of another."""
    if node.box is None or other.box is None:
        return False
    x, y = other.box[0] + other.box[2] / 2, other.box[1] + other.box[3] / 2
    return node.box[0] <= x <= node.box[0] + node.box[2] and node.box[1] <= y <= node.box[1] + node.box[3]


@solves("navigate-tree")
def navigate_tree(world: World) -> Iterator[Action]:
    wanted = View(world).quoted()
    while not (found := View(world).all("generic", wanted)):
        closed = [node for node in View(world).all("generic") if "expandable" in node.name.casefold()]
        yield click(closed[0])
    yield click(found[0])


@solves("buy-ticket")
def buy_ticket(world: World) -> Iterator[Action]:
    view = View(world)
    buttons = view.all("button")
    if "cost" in view.asked:
        sizes = [int(re.sub(r"\D", "", button.name)) for button in buttons]
    else:
        spans = [re.fullmatch(r"(\d+)h (\d+)m", text) for text in view.texts()]
        sizes = [int(span[1]) * 60 + int(span[2]) for span in spans if span]
    best = min(sizes) if "cheapest" in view.asked or "shortest" in view.asked else max(sizes)
    yield click(buttons[sizes.index(best)])


@solves("identify-shape")
def identify_shape(world: World) -> Iterator[Action]:
    view = View(world)
    shapes = [node.name.split()[-1] for node in view.all("img")]
    if shapes:
        name = {"rect": "Rectangle", "circle": "Circle", "polygon": "Triangle"}[shapes[0]]
    else:
        name = "Number" if view.texts()[0].isdigit() else "Letter"
    yield click(view.one("button", name))


@solves("odd-or-even")
def odd_or_even(world: World) -> Iterator[Action]:
    numbers = [int(text) for text in View(world).texts() if re.fullmatch(r"-?\d+", text)]
    for place, number in enumerate(numbers):
        yield click(View(world).one("button", "Odd" if number % 2 else "Even", at=place))
    yield submit(world)


@solves("social-media")
def social_media(world: World) -> Iterator[Action]:
    view = View(world)
    user, wanted = view.match(r'user (@\S+?), click on the "(.+)" button')
    icon = {"Reply": "reply", "Retweet": "retweet", "Like": "like"}.get(wanted, "more")
    yield click(view.after(user, f"({icon}"))
    if icon == "more":
        yield click(View(world).after(user, wanted))


@solves("email-inbox-delete", "email-inbox-important")
def email_icon(world: World) -> Iterator[Action]:
    view = View(world)
    (sender,) = view.match(r"email by (\S+) and")
    yield click(view.after(sender, "(trash" if "trash" in view.asked else "(star"))


@solves("generate-number")
def generate_number(world: World) -> Iterator[Action]:
    asked = View(world).asked
    bound = re.search(r"(less|greater|smaller|larger|more) than (\d+)", asked)
    while True:
        yield click(View(world).one("button", "Generate"))
        number = next((int(text) for text in View(world).texts() if re.fullmatch(r"-?\d+", text)), None)
        if number is None:
            continue
        if bound is not None:
            fits = number < int(bound[2]) if bound[1] in ("less", "smaller") else number > int(bound[2])
        else:
            fits = number % 2 == ("odd" in asked)
        if fits:
            break
    yield submit(world)


@solves("phone-book")
def phone_book(world: World) -> Iterator[Action]:
    view = View(world)
    name, what = view.match(r"Find (\S+) in the contact book and click on their (phone number|email|address)")
    while not View(world).all("heading", name):
        yield click(View(world).one("link", ">"))
    texts = View(world).all("generic")
    label = {"phone number": "Phone:", "email": "Email:", "address": "Address:"}[what]
    place = next(at for at, node in enumerate(texts) if node.name == label)
    yield click(texts[place + 1])
