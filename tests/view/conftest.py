"""Played runs, pages made of them, and a real browser that looks at them.

All runs are played before the browser starts: while playwright's synchronous interface is open, its event loop occupies the thread.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envgym import Trajectory, play
from envgym.doctor import chromium
from envgym.message import Message
from envgym.registry import load
from envgym.trajectory import Step
from envgym.view.page import write_page

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

TELLER = Path(__file__).with_name("teller.py")
NO_BROWSER = "no Chromium: apt install chromium, or set ENVGYM_CHROMIUM to its path"
NO_PLAYWRIGHT = "no playwright: pip install 'envgym[test]'"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

ATTACK = (
    "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'><svg onload='window.pwned = 1'>"
    "<!-- --> &lt;b&gt; javascript:window.pwned=1 \u2028\u2029 nul\x00 lone\ud800 zero\u200bwidth \u202eturned tag\U000e0041"
)
"""What a model writes that wants to run in its reader's browser, or to hide from the reader."""
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"


@pytest.fixture(scope="session")
def told() -> list[Trajectory]:
    """24 episodes of 12 tasks by the teller: 4 pass, 18 are partial, in 2 the model server is down."""
    bank, teller = load(f"{TELLER}:Bank"), load(f"{TELLER}:Teller")
    settings = {"episodes": 24, "group_size": 2, "retries": 1, "backoff_s": 0.0}
    return play(bank, policy=teller(), scaffold=f"{TELLER}:Forgetful", **settings)


@pytest.fixture(scope="session")
def golden() -> list[Trajectory]:
    """26 episodes of 13 tasks by the oracle, all of which pass."""
    return play(load(f"{TELLER}:Bank"), policy="oracle", scaffold="function_calling", episodes=26, group_size=2)


def hostile_episodes() -> list[Trajectory]:
    """Two episodes in which everything that a model or a task can write attacks the page."""
    episodes = play("game24", policy="oracle", episodes=2)
    for episode in episodes:
        episode.task = episode.task.model_copy(update={"public": {ATTACK: ATTACK}, "private": {ATTACK: [ATTACK]}})
        call = {
            "id": ATTACK,
            "type": "function",
            "function": {"name": ATTACK, "arguments": json.dumps({ATTACK: ATTACK})},
        }
        content: list[dict[str, Any]] = [
            {"type": "text", "text": ATTACK},
            *({"type": "image_url", "image_url": {"url": url}} for url in PICTURES),
        ]
        said: list[Message] = [
            {"role": "system", "content": ATTACK},
            {"role": "user", "content": content},
            {"role": "assistant", "content": ATTACK, "reasoning_content": ATTACK, "tool_calls": [call]},  # type: ignore[list-item]
            {"role": "tool", "tool_call_id": ATTACK, "content": ATTACK, "name": ATTACK},
            {"role": "user", "content": "x" * 5000 + "THE END"},
        ]
        episode.messages, episode.parents = said, [-1, 0, 1, 2, 3]
        episode.steps = [Step(reply=2, error=ATTACK, reward=1.0, terminated=True)]
        assert episode.verdict is not None
        part = episode.verdict.model_copy(update={"reason": ATTACK, "code": ATTACK})
        episode.verdict = part.model_copy(update={"parts": {ATTACK: part}})
        episode.policy = ATTACK
    return episodes


PICTURES = [
    PICTURE,
    "http://192.0.2.1/tracking.png",
    "javascript:window.pwned=1",
    "data:image/svg+xml,<svg onload='pwned=1'>",
]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, told: list[Trajectory], golden: list[Trajectory]) -> Path:
    """A folder of pages: one run, two runs, a hostile one, an empty one, one with episodes left out."""
    folder = tmp_path_factory.mktemp("pages")
    write_page(folder / "one.html", [("teller.jsonl", told)], title="The teller")
    write_page(folder / "two.html", [("oracle.jsonl", golden), ("teller.jsonl", told)], title="Two runs")
    write_page(folder / "hostile.html", [(ATTACK, hostile_episodes())], title=ATTACK)
    write_page(folder / "empty.html", [("nothing.jsonl", [])], title="Nothing")
    write_page(folder / "half.html", [("oracle.jsonl", golden), ("teller.jsonl", told)], title="Half", max_episodes=10)
    write_page(folder / "mixed.html", [("all.jsonl", [*golden, *told])], title="Mixed")
    write_page(folder / "many.html", [("many.jsonl", golden * 80)], title="Many")
    return folder


@pytest.fixture(scope="module")
def browser(pages: Path) -> Iterator["BrowserContext"]:
    """One browser for a module, with nothing in it."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        pytest.skip(NO_PLAYWRIGHT)
    program = chromium()
    if not program:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started.new_context(viewport={"width": 1280, "height": 800})
        started.close()


@pytest.fixture
def chromium_page(browser: "BrowserContext") -> Iterator["Page"]:
    """A fresh window. Fails the test when the page writes to the console, raises, or asks for anything but its own file."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    loaded = [url for url in asked if not (url.startswith("file:") and url.split("#")[0].endswith(".html"))]
    page.close()
    assert wrong == []
    assert [url for url in loaded if not url.startswith("data:")] == []


@pytest.fixture
def look(chromium_page: "Page", pages: Path) -> Callable[[str], "Page"]:
    """Opens a page at an address such as `one.html#/episode/a/1`."""

    def opened(address: str) -> "Page":
        chromium_page.goto(f"{pages.as_uri()}/{address}")
        return chromium_page

    return opened
