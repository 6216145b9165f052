"""AppDev: build a small app for the browser from what it must do; it is then used by hidden hands.

The agent writes files (one page with its scripts and styles; no server, no libraries from elsewhere) and may look at its app and try it, in
the same steps in which it will be graded. The grader opens the app afresh, with values that the agent has never seen, and looks at it at
three widths (`envgym.verifiers.app`). Files live in the episode, not on a disk, so an episode can be kept and forked.
"""

import random
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, Field

from envgym.browser.chromium import ChromiumBackend
from envgym.browser.discovery import find_chromium, require_playwright
from envgym.browser.page_text import page_text
from envgym.env import EnvKnobs
from envgym.environments.app_dev.app_task import names, open_app_task, requirement_of
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, call
from envgym.task import Task, TaskList, TaskSet
from envgym.tool_env import ToolEnv, tool
from envgym.verdict import Verdict
from envgym.verifiers.app.grade import ADDRESS, BROKEN, HOST, Mode, grade_app
from envgym.verifiers.app.interact import play_check
from envgym.verifiers.app.requirement import AppCheck, Step
from envgym.verifiers.app.static_site import ENTRY, static_site
from envgym.verifiers.verdict_memory import VerdictMemory

VERDICTS = VerdictMemory(1024)
MOST_FILE = 200_000
MOST_FILES = 40
MOST_STEPS = 60
NOTHING = f"nothing can be opened: there is no {ENTRY} yet"
RULES = (
    f"The app is one page, {ENTRY}, with whatever scripts, styles and pictures it needs in files beside it. There is no server behind "
    "it and no network: use plain HTML, CSS and JavaScript. Controls have exactly the names that are asked for, as labels or as their "
    "text. It must work on a telephone and on a desk: nothing cut off, overlapping, tiny or hard to read."
)


class AppDev(ToolEnv):
    """Write a small web app that hidden checks then use in a real browser: function, persistence, layout at three widths."""

    id = "app_dev"
    blocking = True
    costly = True
    max_turns = 40

    class Knobs(EnvKnobs):
        apps: tuple[str, ...] = Field(
            (), description=f"Names of tasks, of {', '.join(names())}, or folders; empty: all."
        )
        mode: Mode = Field("strict", description="strict: 1 or 0. soft: the product of the parts.")

    class Public(BaseModel):
        name: str = Field(description="Name of the requirement.")
        title: str = Field(description="What it is.")
        asks: str = Field(description="What the app must do.")

    class Private(BaseModel):
        checks: list[dict[str, Any]] = Field(
            min_length=1, description="Hidden checks, as envgym.verifiers.app.requirement has them."
        )
        gold: dict[str, str] = Field({}, description="An app that passes; empty where none is known.")

    knobs: Knobs
    files: dict[str, str]
    handed_in: bool = False

    @classmethod
    def require(cls) -> None:
        require_playwright()
        find_chromium()

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is not None:
            return self._given
        return TaskList([open_app_task(name).task(seed) for name in self.knobs.apps or names()])

    def begin(self, task: Task) -> str:
        self.files, self.handed_in = {}, False
        return f"{task.public['asks']}\n\n{RULES}"

    # ---- tools

    @tool(effect="changes", place="path")
    def write_file(self, path: str, content: str) -> str:
        """Writes a whole file of the app; one that is there is replaced."""
        place = checked_path(path)
        if len(content) > MOST_FILE:
            raise InvalidAction(f"{path}: {len(content):,} characters; at most {MOST_FILE:,}", code="app.size")
        if place not in self.files and len(self.files) >= MOST_FILES:
            raise InvalidAction(f"there are {MOST_FILES} files already", code="app.size")
        told = "replaced" if place in self.files else "made"
        self.files = {**self.files, place: content.encode("utf-8", "replace").decode()}
        return f"{place} {told}, {len(content.splitlines())} lines"

    @tool(effect="changes", place="path")
    def edit_file(self, path: str, old: str, new: str) -> str:
        """Replaces a piece of a file by another. `old` must stand in it exactly once."""
        place, text = checked_path(path), self.content(path)
        if not old or text.count(old) != 1:
            raise InvalidAction(
                f"old stands {text.count(old) if old else 0} times in {place}; it must stand there once",
                code="app.edit",
            )
        self.files = {**self.files, place: text.replace(old, new.encode("utf-8", "replace").decode())}
        return f"{place} changed"

    @tool(effect="reads")
    def read_file(self, path: str) -> str:
        """Reads a file of the app."""
        return self.content(path)

    @tool(effect="reads")
    def list_files(self) -> str:
        """Lists the files of the app with their sizes."""
        return (
            "\n".join(f"{name} ({len(text):,} characters)" for name, text in sorted(self.files.items()))
            or "there are no files yet"
        )

    @tool(effect="tests")
    def look(self, width: Annotated[int, Field(ge=200, le=2000)] = 1280) -> str:
        """Opens the app in a browser, in a window so many pixels wide, and tells what is on the page and what went wrong."""
        self.run_failed = True
        if ENTRY not in self.files:
            return NOTHING
        browser = self._browser()
        try:
            browser.open(ADDRESS, seed=0)
            browser.resize(width, 800)
            state = browser.state()
        finally:
            browser.close()
        self.run_failed = any(event.startswith(BROKEN) for event in state.events)
        return page_text(state, max_chars=12_000)

    @tool(effect="tests")
    def try_out(self, steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]) -> str:
        """Uses the app, opened afresh with nothing stored, step by step, and tells which step fails. Each step has `do` and what it needs:
        fill name text; press name [near] [number]; tick name [state]; choose name text; key text [name]; reload; sees text; lacks text;
        counts role number [text]; ordered texts; holds name text; is name state."""
        self.run_failed = True
        if ENTRY not in self.files:
            return NOTHING
        browser = self._browser()
        try:
            found = play_check(browser, ADDRESS, AppCheck(name="your steps", steps=tuple(steps)), seed=0)
            shown = page_text(browser.state(), max_chars=6_000)
        finally:
            browser.close()
        self.run_failed = not found.passed
        return f"{'all steps went through' if found.passed else found.reason}\n{shown}"

    @tool(final=True)
    def submit(self) -> str:
        """Hands the app in as it is and ends the episode."""
        self.handed_in = True
        return "handed in"

    # ---- judging

    def verify(self) -> Verdict:
        if self.task is None or not self.files:
            return Verdict.of(0, code="app.no_entry", reason="nothing was built")
        task, files = self.task, {name: text.encode() for name, text in self.files.items()}

        def judge() -> Verdict:
            return grade_app(files, requirement_of(task), ChromiumBackend, seed=task.seed or 0, mode=self.knobs.mode)

        return VERDICTS.recall((task.hash, tuple(sorted(self.files.items())), self.knobs.mode), judge)

    def oracle(self) -> Iterator[Action]:
        if self.task is None:
            return
        if not self.task.private["gold"]:
            raise UsageError(f"task {self.task.id!r} of app_dev brings no gold app")
        yield call("look")
        for name, text in self.task.private["gold"].items():
            yield call("write_file", path=name, content=text)
        yield call("look")
        yield call("submit")

    def random_action(self, rng: random.Random) -> Action:
        """Writes a page that says something, or hands in what there is."""
        if not self.files or rng.random() < 0.5:
            title = self.task.public["title"] if self.task else "App"
            return call(
                "write_file",
                path=ENTRY,
                content=f"<!doctype html><title>{title}</title><h1>{title}</h1><button>{rng.choice(['Add', 'Save'])}</button>",
            )
        return call(rng.choice(["list_files", "submit"]))

    def content(self, path: str) -> str:
        place = checked_path(path)
        if place not in self.files:
            raise InvalidAction(
                f"there is no file {place!r}; there are {', '.join(sorted(self.files)) or 'none'}", code="app.file"
            )
        return self.files[place]

    def _browser(self) -> ChromiumBackend:
        return ChromiumBackend(apps={HOST: static_site({name: text.encode() for name, text in self.files.items()})})


def checked_path(path: str) -> str:
    """A path inside the app. Raises InvalidAction."""
    parts = PurePosixPath(path.removeprefix("./")).parts
    if (
        not parts
        or path.startswith("/")
        or ".." in parts
        or len(path) > 200
        or any(ord(sign) < 32 or sign == "\\" for sign in path)
    ):
        raise InvalidAction(
            f"{path[:80]!r} is no path inside the app, such as {ENTRY} or styles/app.css", code="app.path"
        )
    return "/".join(parts)
