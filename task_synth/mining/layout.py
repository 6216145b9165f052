"""Where a project keeps its source and its tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from envgym.errors import UsageError
from envgym.task_synth.mining.project_files import Project

NO_PACKAGE = {
    "test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "bench", "script", "scripts", "tools",
    "build", "dist", "ci", "vendor", "tasks", "demo", "demos", "samples", "utils", "release",
}  # fmt: skip
NO_MODULE = re.compile(
    r"setup|conftest|noxfile|tasks|fabfile|dodo|manage|runtests|run_tests|versioneer|bootstrap|ez_setup|tests?|test_.*|.*_test"
)
TEST_PATHS = ("tests/**", "**/tests/**", "**/conftest.py", "**/test_*.py", "**/*_test.py")
TEST_NAMES = ("test_*.py", "*_test.py", "test.py", "tests.py")


@dataclass(frozen=True)
class Layout:
    """Folders on the module path, patterns of source and of tests, and the packages and modules that are the project's own."""

    python_path: tuple[str, ...]
    source_paths: tuple[str, ...]
    test_paths: tuple[str, ...]
    test_names: tuple[str, ...]
    roots: tuple[str, ...]
    """Packages and modules as paths: "src/pkg", "parse.py"."""


def find_layout(tree: Path, project: Project) -> Layout:
    """Looks at what the build settings say, then for `src`, then for packages and modules beside setup.py.

    Raises UsageError where there is no source.
    """
    roots = _declared_roots(tree, project) or _roots_below(tree, "src", project) or _roots_below(tree, "", project)
    if not roots:
        raise UsageError(
            f"no Python source found in {tree.name}: neither src/, nor a package, nor a module beside its settings"
        )
    folders = dict.fromkeys(str(PurePosixPath(root).parent) for root in roots)
    extra = [path for path in map(_plain, project.pytest_words("pythonpath")) if path and (tree / path).is_dir()]
    if (tree / "tests" / "__init__.py").is_file() or "test" in _packages(tree):
        extra.append(".")
    return Layout(
        python_path=tuple(dict.fromkeys([*folders, *extra])),
        source_paths=tuple(root if root.endswith(".py") else f"{root}/**" for root in roots),
        test_paths=_test_paths(tree, project, roots),
        test_names=tuple(
            dict.fromkeys([*TEST_NAMES, *(n for n in project.pytest_words("python_files") if "/" not in n)])
        ),
        roots=roots,
    )


def _test_paths(tree: Path, project: Project, roots: tuple[str, ...]) -> tuple[str, ...]:
    paths = [*TEST_PATHS]
    if (tree / "test").is_dir() and "test" not in roots:
        paths.append("test/**")
    for place in map(_plain, project.pytest_words("testpaths")):
        inside = any(place == root or root.startswith(f"{place}/") for root in roots)
        if place not in ("", ".", "src") and not inside:
            paths.append(f"{place}/**" if (tree / place).is_dir() else place)
    paths += [
        f"**/{name}" for name in project.pytest_words("python_files") if name not in ("*.py", "*") and "/" not in name
    ]
    return tuple(dict.fromkeys(paths))


def _declared_roots(tree: Path, project: Project) -> tuple[str, ...]:
    """Packages and modules that the build settings name, where they are really there."""
    found = list[str]()
    found += map(_plain, _words(project.tool("hatch", "build", "targets", "wheel", "packages")))
    entries = project.tool("poetry", "packages")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            found.append(_plain(f"{entry.get('from', '.')}/{entry.get('include', '')}"))
    for module in (project.tool("flit", "module", "name"), project.tool("flit", "metadata", "module")):
        found += [] if not isinstance(module, str) else [module, f"src/{module}", f"{module}.py", f"src/{module}.py"]
    modules = (
        _words(project.tool("setuptools", "py-modules"))
        + project.setup.get("options", {}).get("py_modules", "").split()
    )
    found += [f"{place}{name}.py" for name in modules for place in ("", "src/")]
    for place in _words(project.tool("setuptools", "packages", "find", "where")):
        found += [] if place in (".", "") else _roots_below(tree, _plain(place), project)
    return tuple(dict.fromkeys(path for path in found if path and path != "." and _is_source(tree / path)))


def _is_source(path: Path) -> bool:
    return path.is_dir() or (path.suffix == ".py" and path.is_file())


def _roots_below(tree: Path, folder: str, project: Project) -> tuple[str, ...]:
    """Packages in a folder and the module that is called like the project; every module where there are neither. In `src`, all there is."""
    place = tree / folder
    prefix = f"{folder}/" if folder else ""
    found = [*_packages(place), *(f"{name}.py" for name in _modules(place))]
    name = re.sub(r"[-_.]+", "_", project.name).lower().removeprefix("python_")
    own = [root for root in found if root.removesuffix(".py").lower() in (name, name.replace("_", ""))]
    if folder:
        return tuple(f"{prefix}{root}" for root in found)
    packages = [root for root in found if not root.endswith(".py")]
    return tuple(dict.fromkeys([*own, *packages])) or tuple(found)


def _packages(place: Path) -> list[str]:
    """Folders that hold modules: regular packages, or in `src` those without __init__.py as well."""
    return [
        folder.name
        for folder in _listed(place)
        if folder.is_dir()
        and folder.name.isidentifier()
        and (folder.name not in NO_PACKAGE or place.name == "src")
        and (
            (folder / "__init__.py").is_file() or (place.name == "src" and next(folder.rglob("*.py"), None) is not None)
        )
    ]


def _modules(place: Path) -> list[str]:
    return [
        file.stem
        for file in _listed(place)
        if file.suffix == ".py" and file.is_file() and not NO_MODULE.fullmatch(file.stem)
    ]


def _listed(place: Path) -> Iterator[Path]:
    return iter(sorted(path for path in place.iterdir() if not path.is_symlink())) if place.is_dir() else iter(())


def _plain(path: str) -> str:
    """A path of the settings as a clean relative one; empty where it is none or leads out."""
    pure = PurePosixPath(path.strip())
    return "" if pure.is_absolute() or ".." in pure.parts else str(pure)


def _words(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
