"""Small trees with a module and a test file, and a run of their tests."""

from pathlib import Path

from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import TestRun, run_tests

TEST = "test_thing.py"
TWO_TESTS = "import thing\n\n\ndef test_first():\n    assert thing.one() == 1\n\n\ndef test_second():\n    assert thing.one() == 2\n"
HONEST = "def one():\n    return 1\n"


def planted(place: Path, files: dict[str, str]) -> Path:
    tree = place / "tree"
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return tree


def run_of(place: Path, test: str, recipe: Recipe | None = None, **files: str) -> TestRun:
    tree = planted(place, {TEST: test, **{f"{name}.py": text for name, text in files.items()}})
    return run_tests(tree, [TEST], recipe or Recipe(seconds=20))
