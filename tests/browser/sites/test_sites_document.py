"""The page on sites: its program prints what is written there, its excerpt is of the example, its families are all there are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from envgym import registry

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "sites.md").read_text("utf-8")


def test_the_program_prints_what_the_page_says() -> None:
    program, output = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", PAGE, re.DOTALL)[0]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, cwd=ROOT)
    assert done.stdout == output, done.stderr


def test_the_excerpt_is_in_the_example() -> None:
    (excerpt,) = re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)
    assert excerpt.strip() in (ROOT / "examples" / "my_site.py").read_text("utf-8")


@pytest.mark.parametrize("name", ["site:shop", "site:tickets", "site:forum", "site:wiki"])
def test_the_page_names_every_family_under_its_level(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` | "))
    told = dict(re.findall(r"([123]) `([^`]*)`", row))
    known: dict[str, list[str]] = {}
    for family, (level, _) in registry.environments.get(name).families.known.items():
        known.setdefault(str(level), []).append(family)
    assert {level: names.split() for level, names in told.items()} == known
