"""The bundled apps: the gold is good, an empty page is worth nothing, every seeded defect is found, in a real browser."""

import json
from pathlib import Path

import pytest

from envgym.browser.chromium import ChromiumBackend
from envgym.environments.app_dev.app_task import names, open_app_task, prove
from envgym.errors import UnknownId, UsageError
from envgym.verifiers.app.grade import grade_app

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("name", names())
def test_the_checks_of_a_bundled_app_find_every_seeded_defect(name: str) -> None:
    wrong = [
        (what, verdict.reason) for what, verdict, right in prove(open_app_task(name), ChromiumBackend) if not right
    ]
    assert not wrong


def test_there_are_eight_with_five_to_ten_checks_and_as_many_defects() -> None:
    found = [open_app_task(name) for name in names()]
    assert len(found) == 8
    assert all(5 <= len(app.requirement.checks) <= 10 and len(app.mutants) >= 8 for app in found)


def test_values_are_drawn_anew_for_every_seed_so_that_none_can_be_built_in() -> None:
    check = open_app_task("todo").requirement.checks[0]
    import random

    assert check.drawn(random.Random(1)) != check.drawn(random.Random(2))
    assert check.drawn(random.Random(1)) == check.drawn(random.Random(1))


def test_an_app_that_shows_what_was_typed_without_keeping_it_does_not_pass() -> None:
    todo = open_app_task("todo")
    page = b"""<!doctype html><title>To do</title><h1>To do</h1><label>New task <input></label><button>Add</button>"""
    verdict = grade_app({"index.html": page}, todo.requirement, ChromiumBackend, seed=0, mode="soft")
    assert verdict.parts["interaction"].score == 0


def test_soft_grading_pays_for_what_works() -> None:
    todo = open_app_task("todo")
    files = dict(todo.broken())["nothing is kept"]
    strict = grade_app(files, todo.requirement, ChromiumBackend, seed=0)
    soft = grade_app(files, todo.requirement, ChromiumBackend, seed=0, mode="soft")
    assert strict.score == 0
    assert soft.score == soft.parts["interaction"].score == 7 / 8


def test_an_unknown_task_and_a_broken_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownId, match="did you mean"):
        open_app_task("todos")
    with pytest.raises(UsageError, match=r"lacks requirement\.json"):
        open_app_task(str(tmp_path))
    (tmp_path / "requirement.json").write_text(
        json.dumps({"name": "x", "title": "x", "asks": "x", "checks": [{"name": "y", "steps": [{"do": "fly"}]}]})
    )
    with pytest.raises(UsageError, match=r"checks\.0\.steps\.0\.do"):
        open_app_task(str(tmp_path))


def test_a_defect_that_fits_nowhere_is_told(tmp_path: Path) -> None:
    todo = open_app_task("todo")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "index.html").write_bytes(todo.gold["index.html"])
    (tmp_path / "requirement.json").write_text(todo.requirement.model_dump_json())
    (tmp_path / "mutants.json").write_text('[{"defect": "none", "old": "no such text", "new": ""}]')
    with pytest.raises(UsageError, match="exactly once"):
        list(open_app_task(str(tmp_path)).broken())
