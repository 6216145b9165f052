"""README and examples: the programs in them run, and print what is written there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```\n+(?:```text\n(.*?)```)?", README, re.DOTALL)


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("program", "output"), PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_in_the_readme_prints_what_the_readme_says(program: str, output: str) -> None:
    assert run(program) == output


@pytest.mark.parametrize(
    "program", re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "verifiers.md").read_text("utf-8"), re.DOTALL)
)
def test_a_program_in_the_guide_to_verifiers_runs(program: str) -> None:
    run(program)


def test_the_readme_shows_at_least_one_program_with_output() -> None:
    assert any(output for _, output in PROGRAMS)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("my_environment.py", r"oracle: 1\.00\nrandom: 0\.\d\d\nidle: 0\.00\n"),
        ("my_site.py", r"oracle: 1\.00\nrandom: 0\.00\nidle: 0\.00\n"),
        ("my_tool_world.py", r"oracle: 1\.00\nrandom: 0\.00\nidle: 0\.00\n"),
        ("my_verifier.py", r"pass 1\.0 date\.equal\nfail 0\.0 date\.not_equal\nmalformed 0\.0 date\.unreadable\n"),
        ("my_scaffold.py", r'<call tool="submit"> 1\.0\n'),
        ("train_loop.py", r"(.*samples.*\n)*64 episodes, \d+ model calls\n"),
    ],
)
def test_an_example_runs(name: str, output: str) -> None:
    done = subprocess.run([sys.executable, str(ROOT / "examples" / name)], capture_output=True, text=True, timeout=100)
    assert re.fullmatch(output, done.stdout), done.stdout + done.stderr


def test_every_example_is_tested() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    for path in (ROOT / "examples").glob("*.py"):
        assert f'"{path.name}"' in tested


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
