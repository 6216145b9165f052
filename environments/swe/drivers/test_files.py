"""Imports test files of a tree as modules, under the names that pytest gives them in its usual mode.

The folder above a file's outermost package is put first on the import path. A test file may be shown a module of ours in the place of
`pytest`: it alone, through builtins of its own, and nothing that it imports.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any


def import_test_file(tree: str, path: str, pytest: ModuleType | None = None) -> ModuleType:
    """The module of `path`, relative to `tree`. Raises whatever its import raises."""
    file = os.path.join(tree, path)
    folder, parts = os.path.dirname(file), [os.path.basename(file).rpartition(".")[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and folder != tree:
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if len(parts) > 1:
        importlib.import_module(".".join(parts[:-1]))
    name = ".".join(parts)
    there = sys.modules.get(name)
    if there is not None and pytest is None and getattr(there, "__file__", None) == file:
        return there
    if there is not None and getattr(there, "__file__", None) != file:
        name = f"{name}_of_{os.path.dirname(path).replace('/', '_')}"
    return _load(name, file, pytest)


def _load(name: str, file: str, pytest: ModuleType | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    if pytest is not None:
        module.__dict__["__builtins__"] = _builtins(pytest)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _builtins(pytest: ModuleType) -> dict[str, Any]:
    """Builtins under which `import pytest` gives a module of ours."""
    usual = builtins.__import__

    def ours(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        if name == "pytest" and level == 0:
            return pytest
        return usual(name, globals, locals, fromlist, level)

    return {**vars(builtins), "__import__": ours}
