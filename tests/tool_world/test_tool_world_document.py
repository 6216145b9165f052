"""The page on tool worlds: its program prints what is written there, its excerpts are of the example, its commands do what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tool_world.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "my_tool_world.py"
CHECK = (sys.executable, "-m", "envgym.environments.tool_world.check")


def test_the_program_prints_what_the_page_says() -> None:
    program, output = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", PAGE, re.DOTALL)[0]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, cwd=ROOT)
    assert done.stdout == output, done.stderr


@pytest.mark.parametrize("excerpt", re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL))
def test_an_excerpt_is_in_the_example(excerpt: str) -> None:
    assert excerpt in EXAMPLE.read_text("utf-8")


def test_the_check_prints_what_the_page_says_and_ends_with_1_where_there_are_faults(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8").replace('bike.state == "free"', 'bike.state == "fre"')
    path = tmp_path / "misspelt.py"
    sound = subprocess.run(
        [*CHECK, "examples/my_tool_world.py:Rental"], capture_output=True, text=True, timeout=100, cwd=ROOT
    )
    assert (sound.returncode, sound.stdout in PAGE) == (0, True), sound.stdout + sound.stderr
    told = []
    for wrong in (text, EXAMPLE.read_text("utf-8").replace("_by_email", "_by_mail")):
        path.write_text(wrong, "utf-8")
        done = subprocess.run([*CHECK, "misspelt.py:Rental"], capture_output=True, text=True, timeout=100, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        told.append(done.stdout)
    assert [line.removeprefix(f"{tmp_path}/") in PAGE for line in told] == [True, True], told


def test_every_domain_is_on_the_page() -> None:
    from envgym.environments.tool_world import worlds

    assert [name for name in dir(worlds) if f"`{name}`" not in PAGE and f":{name}`" not in PAGE] == []
