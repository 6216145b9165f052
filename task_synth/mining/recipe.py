"""Works out how the tests of a tree run: where its source and tests are, what a build would have generated, what must be installed.

Everything is read, nothing is run: pyproject.toml and setup.cfg as data, Python by its syntax tree. What cannot be seen that way (a
setup.py that computes things) is what `--recipe FILE` is for.
"""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.task_folder import Recipe
from envgym.errors import UsageError
from envgym.task import faults_of
from envgym.task_synth.mining.generated import generated_files
from envgym.task_synth.mining.layout import Layout, find_layout
from envgym.task_synth.mining.project_files import Project, read_project
from envgym.task_synth.mining.python_files import read_modules
from envgym.task_synth.mining.requirements import plugins_of, requires_of


@dataclass(frozen=True)
class Detected:
    """How a tree's tests run, and which of its files are what."""

    recipe: Recipe
    source_paths: tuple[str, ...]
    test_paths: tuple[str, ...]
    test_names: tuple[str, ...]
    """Names of files that hold tests, as patterns."""

    def is_test(self, path: str) -> bool:
        return matches(path, self.test_paths)

    def is_source(self, path: str) -> bool:
        return matches(path, self.source_paths) and not self.is_test(path)

    def holds_tests(self, path: str) -> bool:
        """Whether a test file is one to run, not one that others use."""
        return self.is_test(path) and matches(path.rpartition("/")[2], self.test_names)


def detect(tree: Path, override: Mapping[str, Any] | None = None) -> Detected:
    """Reads a tree. `override` replaces fields of the recipe. Raises UsageError where no source is found."""
    project = read_project(tree)
    layout: Layout = find_layout(tree, project)
    modules = read_modules(tree, layout)
    plugins, needed = plugins_of(project, modules)
    found = {
        "python_path": layout.python_path,
        "requires": requires_of(project, modules, layout, needed),
        "plugins": plugins,
        "arguments": _arguments(project, plugins),
        "generated": generated_files(tree, project, layout, modules),
    }
    recipe = Recipe.model_validate({**found, **(override or {})})
    return Detected(recipe, layout.source_paths, layout.test_paths, layout.test_names)


def _arguments(project: Project, plugins: Collection[str]) -> tuple[str, ...]:
    """Of pytest's `addopts`, which are not read when tests run, what decides whether tests can be imported; benchmarks run once."""
    words = " ".join(project.pytest_words("addopts"))
    mode = re.search(r"--import-mode[= ](prepend|append|importlib)\b", words)
    modes = [f"--import-mode={mode[1]}"] if mode else []
    return (*modes, *(["--benchmark-disable"] if "pytest_benchmark.plugin" in plugins else []))


def read_override(path: Path) -> dict[str, Any]:
    """Fields of a recipe from a TOML or JSON file. Raises UsageError that names what is wrong."""
    try:
        text = path.read_bytes().decode("utf-8")
        fields = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read a recipe from {path}: {error}; expected TOML or JSON") from None
    try:
        recipe = Recipe.model_validate(fields)
    except ValidationError as error:
        raise UsageError(f"{path}: {faults_of(error)}; fields are {', '.join(Recipe.model_fields)}") from None
    return recipe.model_dump(mode="json", include=set(fields))
