"""Speed of the text browser over the sites, in CPU seconds of this process on one core.

    python benchmarks/browser_text.py [--episodes 40] [--json]

Golden solutions are played: clicks, fills, choices, pages. Five things are timed over the same actions, in turns, medians of several:
the backend over the site (act and look: a step gives the tree of the page), with the skeletons of pages it has seen (`warm`) and without
(`cold`); the backend over recorded answers, which leaves out what the site costs (`alone`); the whole environment (tool call, page as
text, verdict); and the limit, a bare call of the site and a bare parse by lxml for each request of the same episodes, which shows
nothing and remembers nothing.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from envgym import registry
from envgym.browser.action import BrowserAction
from envgym.browser.backend import Request
from envgym.browser.text_backend import TextBackend
from envgym.browser.text_backend.document import PARSER
from envgym.browser.text_backend.skeleton import skeleton
from envgym.browser.wsgi_call import App, call_app
from envgym.environments.browser.sites.site_env import SiteEnv
from envgym.message import Action
from envgym.task import Task

SITES = ("site:shop", "site:tickets", "site:forum", "site:wiki")
ROUNDS = 5
SHOWN = {
    "alone": "backend_alone",
    "warm": "backend_warm",
    "cold": "backend_cold",
    "env": "env",
    "bare": "bare_wsgi_and_parse",
    "resets": "resets",
}
Answers = list[tuple[str, list[tuple[str, str]], bytes]]


@dataclass
class Episode:
    """A task, its golden solution as calls and as actions of the backend, the requests that these make, and what the site answers."""

    task: Task
    calls: list[Action]
    actions: list[BrowserAction]
    requests: list[Request]
    answers: Answers = field(default_factory=list)


def episodes(env: SiteEnv, count: int) -> list[Episode]:
    """Tasks with their golden solutions."""
    tasks = env.taskset(0)
    made: list[Episode] = []
    for index in range(count):
        task, calls = tasks[index], []
        env.reset(options={"task": task})
        for action in env.oracle():
            calls.append(action)
            env.step(action)
        assert env.verify().score == 1.0
        made.append(Episode(task, calls, list(env.browser.played), env.backend.requests()))
        play(env, made[-1], recorded(env, made[-1]))
    return made


def recorded(env: SiteEnv, episode: Episode) -> App:
    """The site of an episode; its answers are kept."""
    (app,) = env.apps(episode.task).values()

    def record(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(app(environ, lambda status, headers: told.extend((status, headers))))
        episode.answers.append((told[0], told[1], body))
        start(*told)
        return [body]

    return record


def repeated(episode: Episode) -> App:
    """Gives the answers of an episode again, in order."""
    waiting = iter(episode.answers)

    def repeat(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status, headers, body = next(waiting)
        start(status, headers)
        return [body]

    return repeat


def play(env: SiteEnv, episode: Episode, app: App) -> int:
    """Plays one episode on the backend; the number of steps."""
    address = env.address(episode.task)
    backend = TextBackend({address.split("/")[2]: app})
    backend.open(address, seed=0)
    backend.state()
    for action in episode.actions:
        backend.act(action)
        backend.state()
    return len(episode.actions)


def backend_steps(env: SiteEnv, played: list[Episode]) -> int:
    """Plays over the site; the number of steps."""
    return sum(play(env, each, next(iter(env.apps(each.task).values()))) for each in played)


def alone_steps(env: SiteEnv, played: list[Episode]) -> int:
    """Plays over recorded answers; the number of steps."""
    return sum(play(env, each, repeated(each)) for each in played)


def env_steps(env: SiteEnv, played: list[Episode]) -> int:
    """Plays in the environment; the number of steps."""
    for each in played:
        env.reset(options={"task": each.task})
        for call in each.calls:
            env.step(call)
    return sum(len(each.calls) for each in played)


def bare_requests(env: SiteEnv, played: list[Episode]) -> int:
    """Asks the site for the same addresses and parses what it answers; the number of requests."""
    for each in played:
        (app,) = env.apps(each.task).values()
        for request in each.requests:
            body = call_app(app, "GET", request.url, {}, b"").body
            etree.fromstring(body or b"<p>", PARSER)
    return sum(len(each.requests) for each in played)


def resets(env: SiteEnv, played: list[Episode]) -> int:
    """Makes databases; their number."""
    for each in played:
        env.apps(each.task)
    return len(played)


def per_second(run: Callable[[], int], before: Callable[[], Any] = lambda: None) -> float:
    """Steps per CPU second of one run."""
    before()
    start = time.process_time()
    steps = run()
    return steps / (time.process_time() - start)


def measured(name: str, count: int) -> dict[str, float]:
    """Rates of one site."""
    env: SiteEnv = registry.make(name, level=2)
    played = episodes(env, count)
    runs: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for what, rate in (
            ("backend_warm", per_second(lambda: backend_steps(env, played))),
            ("backend_cold", per_second(lambda: backend_steps(env, played), skeleton.cache_clear)),
            ("backend_alone", per_second(lambda: alone_steps(env, played))),
            ("env", per_second(lambda: env_steps(env, played))),
            ("bare_wsgi_and_parse", per_second(lambda: bare_requests(env, played))),
            ("resets", per_second(lambda: resets(env, played))),
        ):
            runs.setdefault(what, []).append(rate)
    env.close()
    rates = {what: statistics.median(values) for what, values in runs.items()}
    steps = sum(len(each.actions) for each in played)
    return {**rates, "requests_per_step": sum(len(each.requests) for each in played) / steps}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {name: measured(name, given.episodes) for name in SITES}
    if given.json:
        print(json.dumps(found))
        return
    print("steps, requests or resets per CPU second")
    print(f"{'site':<14}" + "".join(f"{name:>10}" for name in SHOWN))
    for name, rates in found.items():
        print(f"{name:<14}" + "".join(f"{rates[what]:>10,.0f}" for what in SHOWN.values()))


if __name__ == "__main__":
    main()
