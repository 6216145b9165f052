"""What the environments tell an agent at the beginning, in the same words everywhere."""

import sys

from envgym.environments.swe.task_folder import TaskFolder
from envgym.task import Task

MAX_TOP = 40


def issue_text(task: Task) -> str:
    return f"<issue>\n{task.public['issue'].strip()}\n</issue>"


def about_repository(folder: TaskFolder) -> str:
    """What an engineer would find out first: where things are and how tests run."""
    task, names = folder.task, sorted(folder.base.iterdir())
    shown = [f"{path.name}/" if path.is_dir() else path.name for path in names[:MAX_TOP]]
    python = task.recipe.image or f"Python {sys.version_info.major}.{sys.version_info.minor}"
    places = ", ".join("the top folder" if place == "." else f"{place}/" for place in task.recipe.python_path)
    return (
        f"At the top: {' '.join(shown)}{' ...' if len(names) > MAX_TOP else ''}\nTests: {', '.join(task.test_paths)}; run_tests runs them "
        f"with pytest ({python}; modules are imported from {places})."
    )
