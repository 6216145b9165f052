"""A task of MiniWoB++ as an episode: the page draws it from the seed, the agent acts on the page, the page says what it is worth.

The page is brought back to its start in place (`core.startEpisodeReal` after seeding its random numbers), which gives the same task and the
same page as loading it (benchmarks/browser.py compares them all). Its time is virtual, so nothing depends on how fast an agent or a machine
is, and its own time limit, 10 s in which raw rewards also fade, is put off. What is paid is the raw reward, and only 1.0 passes: tasks
such as find-greatest give 0.1 for a wrong answer, which BrowserGym pays in full (Farama miniwob-plusplus issue 108).
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from envgym.browser.backend import Backend
from envgym.browser.chromium import ChromiumBackend
from envgym.browser.wsgi_call import App
from envgym.environments.browser.browser_env import BrowserEnv, BrowserKnobs
from envgym.environments.browser.dialects.said import Screen
from envgym.environments.browser.miniwob import source
from envgym.environments.browser.miniwob.oracle import BY_POINTS, solver_of
from envgym.errors import UsageError
from envgym.message import Action, Parts, ToolCall
from envgym.task import Task, TaskFields
from envgym.verdict import Evidence, Verdict

VIEWPORT = (332, 214)
RESTART = """seed => {
  core.EPISODE_MAX_TIME = 1e12;
  document.querySelectorAll('input, textarea').forEach(field => {
    field.value = field.defaultValue;
    field.checked = field.defaultChecked;
  });
  document.querySelectorAll('#area, #area *').forEach(element => { element.scrollTop = element.scrollLeft = 0; });
  Math.seedrandom(seed);
  core.startEpisodeReal();
  core.hideDisplay();
  const canvas = document.getElementById('click-canvas');
  if (canvas) canvas.style.display = 'none';
  document.activeElement?.blur();
}"""
OUTCOME = "[WOB_DONE_GLOBAL, Number(WOB_RAW_REWARD_GLOBAL), WOB_REWARD_REASON && String(WOB_REWARD_REASON)]"
UTTERANCE = "(told => typeof told === 'string' ? told : told.utterance)(core.getUtterance())"


class MiniWoB(BrowserEnv):
    """A task of MiniWoB++. Subclasses are made per task by `environment`."""

    page_name: ClassVar[str] = ""
    max_turns = 20

    class Knobs(BrowserKnobs):
        max_chars: int = Field(4_000, ge=200, le=60_000, description="Most characters of a page in an observation.")

    class Public(BaseModel):
        page: str = Field(description="Name of the task's page.")
        page_seed: int = Field(ge=0, description="What the page draws the task from.")

    knobs: Knobs
    raw_reward: float | None = None
    """What the page gave; None while its task is open."""
    reason: str = ""
    utterance: str = ""
    """The task in the page's words."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if self.knobs.backend != "chromium":
            raise UsageError(f"{self.id}: backend={self.knobs.backend!r}: its pages are scripts, which need chromium")

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"page": self.page_name, "page_seed": rng.getrandbits(31)}}

    def apps(self, task: Task) -> Mapping[str, App]:
        return {source.HOST: source.pages}

    def address(self, task: Task) -> str:
        return source.address_of(task.public["page"])

    def page_seed(self, task: Task) -> int:
        return int(task.public["page_seed"])

    def make_backend(self, task: Task) -> Backend:
        return ChromiumBackend(
            apps=self.apps(task),
            viewport=VIEWPORT,
            refs="all",
            restart=RESTART,
            keep=task.public["page"] not in source.KEEPS_STATE,
            owner=f"{self.id} {task.id}",
        )

    def ask(self, task: Task) -> str:
        self.raw_reward, self.reason = None, ""
        self.utterance = " ".join(str(self._script(UTTERANCE)).split())
        return f"{self.utterance}\n\nDo it on this page. The episode ends when the page has its answer."

    def _script(self, expression: str) -> Any:
        backend = self.backend
        if not isinstance(backend, ChromiumBackend):
            raise UsageError(f"{self.id} needs Chromium")
        return backend.script(expression)

    @property
    def screen(self) -> Screen:
        return Screen(*VIEWPORT)

    def _carry_out(self, tool_call: ToolCall) -> tuple[str | Parts, bool]:
        played = len(self.browser.played)
        told, final = super()._carry_out(tool_call)
        return told, final or (len(self.browser.played) > played and self.over())

    def over(self) -> bool:
        """Whether the page has its answer."""
        self._look_at_outcome()
        return self.raw_reward is not None

    def _look_at_outcome(self) -> None:
        """What the page says. It covers itself with a START for the next task when it has its answer."""
        if self.page.dialog is not None or not any(node.name == "START" for node in self.page.root.walk()):
            return
        found = self._script(f"typeof WOB_DONE_GLOBAL === 'undefined' ? [false] : {OUTCOME}")
        if found[0]:
            self.raw_reward, self.reason = float(found[1]), found[2] or ""

    def verify(self) -> Verdict:
        raw = self.raw_reward
        if raw is None:
            return Verdict.of(0, code="miniwob.open", reason="the page has no answer yet")
        text = f"the page gives a raw reward of {raw:g}" + (f": {self.reason}" if self.reason else "")
        evidence = Evidence(kind="raw_reward", text=text, data={"raw_reward": raw, "reason": self.reason})
        code = "miniwob.done" if raw == 1.0 else "miniwob.partly" if raw > 0 else "miniwob.wrong"
        return Verdict.of(float(raw == 1.0), code=code, reason=text, evidence=(evidence,))

    def oracle(self) -> Iterator[Action]:
        solve = solver_of(self.page_name)
        if solve is None:
            raise UsageError(f"{self.id} has no oracle: nobody has written one")
        yield from solve(self)


def environment(name: str) -> type[MiniWoB]:
    """The environment class of one task, before it gets its place in a module."""
    body: dict[str, Any] = {
        "__doc__": f"MiniWoB++'s {name}: a small web page with one task, judged by the page.",
        "id": f"miniwob:{name}",
        "page_name": name,
    }
    if solver_of(name) is None:
        body["waived_laws"] = {"oracle_scores_one": "nobody has written an oracle for this page"}
    if name in BY_POINTS:
        defaults = {"coordinates": (bool, Field(True, description="Whether there are tools that act at points."))}
        body["Knobs"] = knobs_with(defaults)
    return type(name, (MiniWoB,), body)


def knobs_with(fields: Mapping[str, Any]) -> type[MiniWoB.Knobs]:
    """The knobs with other defaults."""
    from pydantic import create_model

    return create_model("Knobs", __base__=MiniWoB.Knobs, **fields)
