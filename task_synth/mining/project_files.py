"""What a project says about itself in pyproject.toml, setup.cfg, pytest.ini, tox.ini and requirement files, read as data."""

import configparser
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_BYTES = 1 << 20
PLAIN_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[\w\s,.-]*\])?\s*(?:[(<>=!~][^;]*)?(?:;.*)?")
"""A name with versions and a marker: no path, no address, no option, so that nothing but an index is ever asked."""
TEST_GROUPS = re.compile(r"(?:.*[-_.])?(?:tests?|testing|dev|develop|development|ci|pytest)(?:[-_.].*)?")
REQUIREMENT_FILES = (
    "requirements.txt", "requirements-test.txt", "requirements-tests.txt", "requirements-dev.txt", "requirements_test.txt",
    "requirements_dev.txt", "test-requirements.txt", "dev-requirements.txt", "requirements/test.txt", "requirements/tests.txt",
    "requirements/dev.txt", "tests/requirements.txt", "test/requirements.txt",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """The parts of a project's settings that tell how its tests run."""

    name: str = ""
    pyproject: dict[str, Any] = field(default_factory=dict)
    setup: dict[str, dict[str, str]] = field(default_factory=dict)
    """setup.cfg by section."""
    pytest: dict[str, Any] = field(default_factory=dict)
    """pytest's settings, wherever they are."""
    requirements: tuple[str, ...] = ()
    """All that is declared for running and for testing, as it is declared."""

    def tool(self, *names: str) -> Any:
        """A table or value below [tool] of pyproject.toml; None where there is none."""
        return dig(self.pyproject, "tool", *names)

    def pytest_words(self, name: str) -> list[str]:
        """A setting of pytest that is a list, or words on lines."""
        value = self.pytest.get(name, [])
        return (
            value.split()
            if isinstance(value, str)
            else [str(each) for each in value]
            if isinstance(value, list)
            else []
        )


def read_project(tree: Path) -> Project:
    """Reads what is there; a broken file counts as none."""
    pyproject = _toml(tree / "pyproject.toml")
    setup = _ini(tree / "setup.cfg")
    name = (
        dig(pyproject, "project", "name")
        or dig(pyproject, "tool", "poetry", "name")
        or setup.get("metadata", {}).get("name", "")
    )
    declared = dict.fromkeys(entry.split(" #")[0].strip() for entry in _declared(tree, pyproject, setup))
    plain = tuple(entry for entry in declared if PLAIN_REQUIREMENT.fullmatch(entry))
    return Project(str(name), pyproject, setup, _pytest_settings(tree, pyproject, setup), plain)


def dig(table: Any, *names: str) -> Any:
    """The value below nested tables; None where one of them is missing."""
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _pytest_settings(tree: Path, pyproject: dict[str, Any], setup: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The settings that pytest would read: the first file that has some, in pytest's own order."""
    for name in ("pytest.ini", ".pytest.ini"):
        if (tree / name).is_file():
            return dict(_ini(tree / name).get("pytest", {}))
    native = dig(pyproject, "tool", "pytest")
    found = dig(pyproject, "tool", "pytest", "ini_options") or native
    if isinstance(found, dict):
        return found
    return dict(_ini(tree / "tox.ini").get("pytest") or setup.get("tool:pytest", {}))


def _declared(tree: Path, pyproject: dict[str, Any], setup: dict[str, dict[str, str]]) -> Iterable[str]:
    yield from _words(dig(pyproject, "project", "dependencies"))
    for table in (dig(pyproject, "project", "optional-dependencies"), dig(pyproject, "dependency-groups")):
        for group, entries in (table or {}).items() if isinstance(table, dict) else ():
            if TEST_GROUPS.fullmatch(str(group).lower()):
                yield from _words(entries)
    yield from _poetry(dig(pyproject, "tool", "poetry"))
    yield from _words(dig(pyproject, "tool", "hatch", "envs", "default", "dependencies"))
    yield from _words(dig(pyproject, "tool", "hatch", "envs", "test", "dependencies"))
    yield from setup.get("options", {}).get("install_requires", "").splitlines()
    yield from setup.get("options", {}).get("tests_require", "").splitlines()
    for group, entries in setup.get("options.extras_require", {}).items():
        if TEST_GROUPS.fullmatch(group.lower()):
            yield from entries.splitlines()
    yield from _ini(tree / "tox.ini").get("testenv", {}).get("deps", "").splitlines()
    for name in REQUIREMENT_FILES:
        yield from _text(tree / name).splitlines()


def _poetry(table: Any) -> Iterable[str]:
    """Poetry's tables name versions in its own way; only names are taken."""
    tables = [dig(table, "dependencies"), dig(table, "dev-dependencies")]
    groups = dig(table, "group")
    for group, content in groups.items() if isinstance(groups, dict) else ():
        if TEST_GROUPS.fullmatch(str(group).lower()):
            tables.append(dig(content, "dependencies"))
    for entries in tables:
        yield from (str(name) for name in entries if name != "python") if isinstance(entries, dict) else ()


def _words(entries: Any) -> list[str]:
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        return {}


def _ini(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False, default_section="\0")
    try:
        parser.read_string(_text(path))
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return ""
    return path.read_bytes().decode("utf-8", "replace")
