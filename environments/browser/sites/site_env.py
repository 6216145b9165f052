"""SiteEnv: tasks on a web site of our own, drawn from its data, judged by its database.

Every episode has a database of its own. The verdict asks three things: whether exactly the wanted rows changed, whether the answer is
right, and whether nothing was done that the task forbids. Any way through the pages counts. The score is completion under policy; the
part `success` is completion alone.
"""

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from envgym.browser.action import BrowserAction
from envgym.browser.page_text import Mode
from envgym.browser.wsgi_call import App
from envgym.env import EnvKnobs
from envgym.environments.browser.browser_env import BackendName, BrowserEnv, BrowserKnobs
from envgym.environments.browser.sites.family import Draw, Families, Forbidden, Wish
from envgym.environments.browser.sites.golden import Golden, golden
from envgym.environments.browser.sites.moves import Move, call_for
from envgym.environments.browser.sites.rows import difference, ordered
from envgym.environments.browser.sites.site import Site, SiteApp
from envgym.environments.browser.sites.verdict import answer_part, policy_part, state_part, whole
from envgym.errors import EnvFailure, UsageError
from envgym.message import Action
from envgym.task import GeneratedTasks, Task, TaskFields, TaskSet
from envgym.verdict import Verdict
from envgym.verifiers.typed_answer import AnswerType

TRIES = 200
"""Wishes that are drawn before a data set is said to hold none."""


class SiteKnobs(BrowserKnobs):
    """Settings of a site and its tasks."""

    backend: BackendName = Field("text", description="text: in our own process; chromium: a real browser.")
    view: Mode = Field("full", description="How a page is written after each action: full, interactive or diff.")
    size: int = Field(1, ge=1, le=20, description="Rows of the site, in multiples of what it has at least.")
    worlds: int = Field(20, ge=1, le=10_000, description="Different sets of data that tasks are drawn from.")
    level: int = Field(2, ge=1, le=3, description="1: one thing; 2: several pages; 3: conditions, comparisons, rules.")


class SiteEnv(BrowserEnv):
    """Set `site`, or write `kind`, and set `families`."""

    site: ClassVar[type[Site]]
    families: ClassVar[Families]
    Knobs: ClassVar[type[EnvKnobs]] = SiteKnobs
    knobs: SiteKnobs
    max_turns = 40
    fixtures: ClassVar[frozenset[str]] = BrowserEnv.fixtures | {"app"}
    found_by_tools: ClassVar[frozenset[str]] = frozenset({"answer", "aliases", "moves", "wanted"})
    """Names and figures that the pages are there to show."""
    app: SiteApp | None = None
    """The site of the running episode; None before the first page is opened, and in a copy that has not gone on yet."""

    class Public(BaseModel):
        request: str = Field(min_length=1, description="What is asked, in English.")
        site: str = Field(description="Name of the site.")
        source: str = Field(default="", description="sha256 of what the site shows besides its database.")
        data: int = Field(description="Seed of its data.")
        size: int = Field(description="Size of its data.")
        account: dict[str, str] = Field(default={}, description="Email and password of whom the agent acts for.")
        rules: list[str] = Field(default=[], description="What must not be done.")
        answer: AnswerType | None = Field(default=None, description="What the answer must be, where one is asked for.")

    class Private(BaseModel):
        family: str = Field(description="The kind of task.")
        wanted: list[dict[str, Any]] = Field(description="What must be different in the database at the end.")
        answer: Any = Field(description="Gold.")
        aliases: list[Any] = Field(default=[], description="What else is right.")
        forbidden: list[Forbidden] = Field(default=[], description="The rules, as they are checked.")
        moves: list[str] = Field(description="A golden solution, each move as JSON; see moves.py.")

    # ---- tasks

    def kind(self) -> type[Site]:
        """The site."""
        return self.site

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is not None or not self.kind().source:
            return super().taskset(seed)
        knobs = {**self.knobs.model_dump(mode="json"), "source": self.kind().source}
        return GeneratedTasks(self.id, knobs, self.generate, seed=seed)

    def generate(self, rng: random.Random) -> TaskFields:
        data, size = rng.randrange(self.knobs.worlds), self.knobs.size
        start = self.golden(data, size)
        draw = Draw(rng, start.open(), start.site)
        known = self.families.up_to(self.knobs.level)
        for _ in range(TRIES):
            name, family = rng.choice(known)
            wish = family(draw)
            if wish is not None:
                return self.fields(wish, name, draw, data)
        raise UsageError(f"{self.id}: {TRIES} tries gave no task; take a greater size")

    def fields(self, wish: Wish, family: str, draw: Draw, data: int) -> TaskFields:
        """A wish as a task."""
        moves, account = list(wish.moves), {}
        moves.append(["done", "" if wish.answer is None else str(wish.answer)])
        if wish.user:
            row = draw.rows("SELECT email, password FROM users WHERE id = ?", wish.user)[0]
            account = {"email": row["email"], "password": row["password"]}
            moves = [*signing_in(account), *moves]
        return {
            "public": {
                "request": wish.request,
                "site": self.kind().name,
                "source": self.kind().source,
                "data": data,
                "size": self.knobs.size,
                "account": account,
                "rules": [rule.why for rule in wish.forbidden],
                "answer": wish.asked.model_dump() if wish.asked is not None else None,
            },
            "private": {
                "family": family,
                "wanted": ordered(wish.wanted),
                "answer": wish.answer,
                "aliases": wish.aliases,
                "forbidden": [rule.model_dump(exclude_defaults=True) for rule in wish.forbidden],
                "moves": [json.dumps(move) for move in moves],
            },
            "tags": (family,),
            "difficulty": float(10 * self.families.known[family][0] + len(moves) + 3 * len(wish.forbidden)),
        }

    def golden(self, data: int, size: int) -> Golden:
        """The site's data at its beginning."""
        return golden(self.kind(), data, size)

    # ---- the episode

    def apps(self, task: Task) -> Mapping[str, App]:
        public = task.public
        site = self.kind()
        if (public["site"], public.get("source", "")) != (site.name, site.source):
            raise UsageError(
                f"{self.id}: task {task.id!r} was made for the site {public['site']!r} over {public.get('source', '')[:12]!r}, "
                f"this is {site.name!r} over {site.source[:12]!r}"
            )
        self.app = self.golden(public["data"], public["size"]).app()
        return {f"{site.name}.test": self.app}

    def address(self, task: Task) -> str:
        return f"http://{self.kind().name}.test/"

    def ask(self, task: Task) -> str:
        public = task.public
        lines = [f"{self.kind().title} ({self.address(task)}) is open in a browser.", public["request"]]
        if public.get("account"):
            lines.append(f"Your account: email {public['account']['email']}, password {public['account']['password']}.")
        lines += [f"Rule: {rule}" for rule in public.get("rules", ())]
        if public.get("answer") is None:
            lines.append("Call done when it is done.")
        else:
            lines.append(f"Call done with the answer: {ASKED[public['answer']['kind']]}, and nothing else.")
        return "\n".join(lines)

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            for move in self.task.private["moves"]:
                yield call_for(json.loads(move), self.page)

    def act(self, action: BrowserAction) -> str:
        text = super().act(action)
        if self.app is not None and self.app.broke:
            raise EnvFailure(f"{self.id}: the site broke: {self.app.broke}")
        return text

    # ---- judging

    def verify(self) -> Verdict:
        assert self.task is not None
        public, private = self.task.public, self.task.private
        requests = self.backend.requests()
        app = self.app
        if app is None:
            raise EnvFailure(f"{self.id}: the site is gone")
        start = self.golden(public["data"], public["size"])
        got = difference(start.rows, app.db, self.kind().volatile)
        asked = AnswerType.model_validate(public["answer"]) if public.get("answer") else None
        rules = [Forbidden.model_validate(rule) for rule in private.get("forbidden", ())]
        return whole(
            state_part(got, private["wanted"]),
            answer_part(self.answer, [private["answer"], *private.get("aliases", ())], asked),
            policy_part(rules, requests, got),
        )

    def close(self) -> None:
        super().close()
        self.app = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "app"}


ASKED = {
    "integer": "a whole number",
    "number": "a number",
    "text": "a text as it stands on the page",
    "list": "a list, separated by commas",
    "yes_no": "yes or no",
}


def signing_in(account: Mapping[str, str]) -> list[Move]:
    """The way in."""
    return [
        ["click", "link", "Sign in"],
        ["fill", "textbox", "Email", account["email"]],
        ["fill", "textbox", "Password", account["password"]],
        ["click", "button", "Sign in"],
    ]
