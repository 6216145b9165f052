"""BrowserGym's side of benchmarks/browser.py, run by its own interpreter: resets and steps of MiniWoB++ tasks, as it comes.

Only what does not run here otherwise is set: the browser's path and the flags that a root user needs. Prints one JSON object.
"""

import json
import os
import re
import sys
import time

import browsergym.miniwob  # noqa: F401  # registers its tasks
import gymnasium as gym
import playwright.sync_api as api


def patched(launch, program):
    def start(self, **options):
        options["executable_path"] = program
        options["args"] = [*(options.get("args") or []), "--no-sandbox", "--disable-gpu"]
        return launch(self, **options)

    return start


def main() -> None:
    html, program, task, resets, steps = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    os.environ["MINIWOB_URL"] = f"file://{html}/miniwob/"
    api.BrowserType.launch = patched(api.BrowserType.launch, program)
    env = gym.make(f"browsergym/miniwob.{task}")
    taken_reset, taken_step = [], []
    for seed in range(resets):
        start = time.perf_counter()
        env.reset(seed=seed)
        taken_reset.append(time.perf_counter() - start)
        page = env.unwrapped.page
        bid = page.locator("input[type=checkbox]").first.get_attribute("bid")
        if not re.fullmatch(r"\w+", bid or ""):
            raise SystemExit(f"no checkbox has a bid on {task}")
        for _ in range(steps):
            start = time.perf_counter()
            env.step(f'click("{bid}")')
            taken_step.append(time.perf_counter() - start)
    env.close()
    print(json.dumps({"reset_s": taken_reset, "step_s": taken_step}))


if __name__ == "__main__":
    main()
