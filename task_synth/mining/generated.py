"""Files that a build would have written and that the tests need: versions, and the metadata of an installed package.

A clone holds none of them, so that without these every test of a project that takes its version from a tag fails to import.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from envgym.task_synth.mining.layout import Layout
from envgym.task_synth.mining.project_files import Project, dig
from envgym.task_synth.mining.python_files import Module

VERSION = "0.0.0"
USUAL_NAMES = ("__version__", "version", "__version_tuple__", "version_tuple")
VERSION_MODULE = re.compile(r"_?_?version(?:_?info)?_?_?")
METADATA_READERS = frozenset({"importlib.metadata", "importlib_metadata", "pkg_resources"})


def generated_files(tree: Path, project: Project, layout: Layout, modules: Sequence[Module]) -> dict[str, str]:
    """Content by path of what is missing in the tree and would be there after a build."""
    found = {}
    for path, names in _version_modules(tree, project, layout, modules):
        if not (tree / path).exists() and path.endswith(".py"):
            found[path] = _version_source(names)
    readers = (
        module for module in modules if _from_importlib(module) or not METADATA_READERS.isdisjoint(module.imports)
    )
    if project.name and next(readers, None) is not None and not _has_metadata(tree, layout):
        name = re.sub(r"[-_.]+", "_", project.name)
        root = "" if layout.python_path[0] == "." else f"{layout.python_path[0]}/"
        about = f"Metadata-Version: 2.1\nName: {project.name}\nVersion: {VERSION}\n"
        found[f"{root}{name}-{VERSION}.dist-info/METADATA"] = about
    return found


def declared_version_files(project: Project) -> set[str]:
    """Where the build settings say that a version is written to."""
    said = [
        project.tool("hatch", "build", "hooks", "vcs", "version-file"),
        project.tool("hatch", "build", "hooks", "vcs", "version_file"),
        project.tool("setuptools_scm", "write_to"),
        project.tool("setuptools_scm", "version_file"),
        project.tool("setuptools-scm", "version_file"),
        project.tool("pdm", "version", "write_to"),
        dig(project.pyproject, "tool", "flit-scm", "version_file"),
    ]
    paths = [PurePosixPath(path) for path in said if isinstance(path, str)]
    return {str(path) for path in paths if not path.is_absolute() and ".." not in path.parts and str(path) != "."}


def _version_modules(
    tree: Path, project: Project, layout: Layout, modules: Iterable[Module]
) -> Iterator[tuple[str, set[str]]]:
    """Paths of version modules, with the names that are taken from them."""
    wanted = {path: set[str]() for path in declared_version_files(project)}
    for module in modules:
        for dotted, taken in module.imports.items():
            for name, names in [(dotted, set(taken)), *((f"{dotted}.{each}", set[str]()) for each in taken)]:
                path = _missing_module(tree, layout, name)
                if path and (path in wanted or VERSION_MODULE.fullmatch(PurePosixPath(path).stem)):
                    wanted.setdefault(path, set()).update(names)
    yield from wanted.items()


def _missing_module(tree: Path, layout: Layout, dotted: str) -> str:
    """The path that a module of the project's own packages would have; empty where it is there, or not the project's."""
    *above, _ = parts = dotted.split(".")
    for folder in layout.python_path:
        prefix = "" if folder == "." else f"{folder}/"
        path, package = prefix + "/".join(parts), prefix + "/".join(above)
        own = any(package == root or package.startswith(f"{root}/") for root in layout.roots)
        if above and own and (tree / package).is_dir() and all(part.isidentifier() for part in parts):
            there = (
                (tree / f"{path}.py").exists()
                or (tree / path).is_dir()
                or _defined(tree / package / "__init__.py", parts[-1])
            )
            return "" if there else f"{path}.py"
    return ""


def _defined(init: Path, name: str) -> bool:
    """Whether a package itself binds a name: `from package import version` then means that, no module."""
    text = init.read_bytes().decode("utf-8", "replace") if init.is_file() else ""
    return re.search(rf"^(?:def |class )?{re.escape(name)}\s*[=(:]", text, re.MULTILINE) is not None


def _version_source(names: set[str]) -> str:
    lines = []
    for name in sorted({*USUAL_NAMES, *(name for name in names if name.isidentifier())}):
        is_tuple = re.search(r"tuple|info", name) is not None
        lines.append(f"{name} = {tuple(map(int, VERSION.split('.'))) if is_tuple else VERSION!r}")
    return "\n".join(lines) + "\n"


def _from_importlib(module: Module) -> bool:
    return "metadata" in module.imports.get("importlib", ())


def _has_metadata(tree: Path, layout: Layout) -> bool:
    return any(
        next((tree / folder).glob(pattern), None) is not None
        for folder in layout.python_path
        for pattern in ("*.egg-info", "*.dist-info")
    )
