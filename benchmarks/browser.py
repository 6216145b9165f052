"""MiniWoB++ in our Chromium backend beside BrowserGym's, in the same run, in the same browser program, with the same clicks.

    python benchmarks/browser.py [--episodes 30] [--steps 10] [--contexts 4] [--resets] [--leaks 64] [--json]

Steps are clicks on a checkbox of click-checkboxes with the whole page observed after each: by our environment, as an agent plays it, and by
BrowserGym (benchmarks/make_peers.sh browsergym) as it comes. `--resets` compares, for every page of the package, starting it again after
clicks at random with loading it in a fresh context. Wall time: a browser is many processes. The load of the machine is printed, as it
decides.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from envgym import call, registry
from envgym.browser.action import Click, Dialog
from envgym.browser.chromium import ChromiumBackend
from envgym.browser.pool import pool
from envgym.doctor import chromium
from envgym.environments.browser.miniwob import source
from envgym.environments.browser.miniwob.miniwob_env import RESTART, UTTERANCE, VIEWPORT
from envgym.errors import InvalidAction

HERE = Path(__file__).parent
PEER = Path(os.environ.get("ENVGYM_BROWSERGYM_PYTHON", HERE / "peers" / "browsergym" / "bin" / "python"))
TASK = "click-checkboxes"


def percentiles(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "p50_ms": round(1e3 * statistics.median(ordered), 2),
        "p95_ms": round(1e3 * ordered[int(0.95 * (len(ordered) - 1))], 2),
    }


def play(episodes: int, steps: int, taken_reset: list[float], taken_step: list[float], seed: int = 0) -> None:
    """Episodes of one environment; the first reset, which opens the page, is left out."""
    env = registry.make(f"miniwob:{TASK}", max_chars=60_000)
    tasks = env.taskset(seed)
    for number in range(-1, episodes):
        start = time.perf_counter()
        env.reset(options={"task": tasks[number + 1]})
        if number >= 0:
            taken_reset.append(time.perf_counter() - start)
        box = next(node for node in env.page.root.walk() if node.role == "checkbox")
        for _ in range(steps if number >= 0 else 1):
            start = time.perf_counter()
            env.step(call("click", ref=box.ref))
            if number >= 0:
                taken_step.append(time.perf_counter() - start)
    env.close()


def alone(episodes: int, steps: int) -> dict[str, Any]:
    resets: list[float] = []
    taken: list[float] = []
    play(episodes, steps, resets, taken)
    return {
        "reset": percentiles(resets),
        "step": percentiles(taken),
        "steps_per_s": round(1 / statistics.mean(taken), 1),
    }


def together(contexts: int, episodes: int, steps: int) -> dict[str, Any]:
    """Steps a second of several environments at once, one thread each, resets included in the time."""
    resets: list[float] = []
    taken: list[float] = []
    threads = [threading.Thread(target=play, args=(episodes, steps, resets, taken, seed)) for seed in range(contexts)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - start
    return {"contexts": contexts, "steps_per_s": round(len(taken) / wall, 1), "step": percentiles(taken)}


def memory(contexts: int) -> dict[str, float]:
    """Proportional memory of the browser, and of each further context at a page."""
    kept = []
    sizes = []
    for _ in range(contexts):
        env = registry.make(f"miniwob:{TASK}")
        env.reset(seed=1)
        kept.append(env)
        sizes.append(sum(process.memory_mib() for process in pool().processes()))
    for env in kept:
        env.close()
    return {"with_one_mib": round(sizes[0]), "per_context_mib": round((sizes[-1] - sizes[0]) / max(1, contexts - 1))}


def leaks(episodes: int) -> dict[str, Any]:
    """What grows over episodes in fresh contexts: processes, memory, folders."""

    def held() -> tuple[int, float, int]:
        processes = pool().processes()
        folders = len(list(Path(os.environ.get("TMPDIR", "/tmp")).glob("envgym-browser-*")))
        return sum(len(each.members()) for each in processes), sum(each.memory_mib() for each in processes), folders

    seen = []
    for number in range(episodes):
        backend = ChromiumBackend(
            apps={source.HOST: source.pages}, viewport=VIEWPORT, refs="all", restart=RESTART, keep=False
        )
        backend.open(source.address_of(TASK), seed=number)
        backend.close()
        if number in (episodes // 4, episodes - 1):
            time.sleep(1)
            seen.append(held())
    return {
        name: [round(first), round(last)]
        for name, first, last in zip(("processes", "memory_mib", "folders"), *seen, strict=True)
    }


def resets(names: tuple[str, ...]) -> dict[str, Any]:
    """For each page: whether two loads agree, and whether starting again agrees with loading."""
    told: dict[str, list[str]] = {"same": [], "loads_differ": [], "restart_differs": []}
    for name in names:
        fresh, again, used = (made(keep) for keep in (False, False, True))
        try:
            want = seen(fresh, name, 1)
            if seen(again, name, 1) != want:
                told["loads_differ"].append(name)
                continue
            for seed in (2, 3):
                seen(used, name, seed)
                touch(used, random.Random(seed))
            told["same" if seen(used, name, 1) == want else "restart_differs"].append(name)
        finally:
            for backend in (fresh, again, used):
                backend.close()
    return {**told, "same": len(told["same"]), "loaded_anew": sorted(source.KEEPS_STATE)}


def made(keep: bool) -> ChromiumBackend:
    return ChromiumBackend(apps={source.HOST: source.pages}, viewport=VIEWPORT, refs="all", restart=RESTART, keep=keep)


def seen(backend: ChromiumBackend, name: str, seed: int) -> Any:
    backend.open(source.address_of(name), seed=seed)
    return backend.script(UTTERANCE), backend.state()


def touch(backend: ChromiumBackend, rng: random.Random) -> None:
    for _ in range(3):
        page = backend.state()
        try:
            refs = [node.ref for node in page.root.walk() if node.ref]
            backend.act(Dialog(accept=True) if page.dialog else Click(ref=rng.choice(refs)))
        except InvalidAction:
            continue


def peer(resets: int, steps: int) -> dict[str, Any] | None:
    if not PEER.exists():
        return None
    command = [
        str(PEER),
        str(HERE / "browser_peer.py"),
        str(source.folder()),
        chromium(),
        TASK,
        str(resets),
        str(steps),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"BrowserGym failed: {ran.stderr[-800:]}")
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    return {
        "reset": percentiles(told["reset_s"]),
        "step": percentiles(told["step_s"]),
        "steps_per_s": round(1 / statistics.mean(told["step_s"]), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=30)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--contexts", type=int, default=4)
    parser.add_argument("--leaks", type=int, default=64)
    parser.add_argument("--resets", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told: dict[str, Any] = {"load": os.getloadavg()[0], "browser": chromium()}
    told["alone"] = alone(given.episodes, given.steps)
    told["memory"] = memory(given.contexts)
    told["together"] = together(given.contexts, given.episodes, given.steps)
    told["leaks"] = leaks(given.leaks)
    told["browsergym"] = peer(max(2, given.episodes // 10), max(2, given.steps // 2))
    if given.resets:
        told["resets"] = resets(source.task_names())
    if told["browsergym"] is not None:
        theirs = told["browsergym"]
        told["ratios"] = {
            "reset": round(theirs["reset"]["p50_ms"] / told["alone"]["reset"]["p50_ms"], 1),
            "step": round(theirs["step"]["p50_ms"] / told["alone"]["step"]["p50_ms"], 1),
            "steps_per_s": round(told["together"]["steps_per_s"] / theirs["steps_per_s"], 1),
        }
    print(json.dumps(told, indent=None if given.json else 1))


if __name__ == "__main__":
    main()
