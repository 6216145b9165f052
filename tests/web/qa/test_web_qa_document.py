"""The page on web_qa: its program prints what is written there, its tables name what there is."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from envgym.environments.web.qa.rewards import Reward
from envgym.environments.web.qa.web_qa import WebQA
from envgym.task import Task

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "web_qa.md").read_text("utf-8")


def test_the_program_prints_what_the_page_says() -> None:
    [(program, output)] = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, cwd=ROOT)
    assert done.stdout == output, done.stderr


def test_every_knob_tool_and_reward_is_on_the_page() -> None:
    named = [*WebQA.Knobs.model_fields, *WebQA.toolbox, *get_args(Reward)]
    assert [name for name in named if not re.search(rf"`{name}[`(]", PAGE)] == []


def test_the_task_of_the_page_can_be_played() -> None:
    [line] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    task = Task.model_validate(json.loads(line))
    WebQA.check_task(task)
    env = WebQA(tasks=[task])
    observation, _ = env.reset(seed=0)
    assert "Who keeps bees?" in str(observation[0]["content"])


def test_the_noise_of_the_page_is_taken() -> None:
    [noise] = re.findall(r"--set 'search_noise=(.*?)'", PAGE)
    assert WebQA(search_noise=json.loads(noise)).knobs.search_noise.probability > 0
