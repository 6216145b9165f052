"""What must be installed for a tree's tests: what the project declares, reduced to what is imported and envgym does not bring itself.

Only declared names are ever asked for. An import that no declaration explains stays missing and its tests fail to load: to guess a package
from a module's name would install whatever somebody registered under it.
"""

import functools
import importlib.metadata
import re
import sys
from collections.abc import Iterable, Sequence

from envgym.task_synth.mining.layout import Layout
from envgym.task_synth.mining.project_files import Project
from envgym.task_synth.mining.python_files import Module

MODULES_OF = {
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "importlib-resources": ("importlib_resources",),
    "opencv-python": ("cv2",),
    "pillow": ("PIL",),
    "protobuf": ("google",),
    "pycryptodome": ("Crypto",),
    "pyjwt": ("jwt",),
    "pyopenssl": ("OpenSSL",),
    "python-dateutil": ("dateutil",),
    "python-dotenv": ("dotenv",),
    "python-slugify": ("slugify",),
    "pyyaml": ("yaml",),
    "pyzmq": ("zmq",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("setuptools", "pkg_resources"),
    "ruamel-yaml": ("ruamel",),
    "typing-extensions": ("typing_extensions",),
    "zope-interface": ("zope",),
}
"""Distributions whose modules are called otherwise."""
PLUGINS = (
    ("pytest-asyncio", "pytest_asyncio.plugin", ("asyncio", "asyncio_mode"), ("asyncio_mode",)),
    ("pytest-mock", "pytest_mock", ("mocker", "class_mocker", "module_mocker"), ()),
    ("pytest-subtests", "pytest_subtests", ("subtests",), ()),
    ("pytest-freezer", "pytest_freezer", ("freezer",), ()),
    ("pytest-freezegun", "pytest_freezegun", ("freezer",), ()),
    ("pytest-lazy-fixtures", "pytest_lazy_fixtures.plugin", ("lazy_fixture", "lf"), ()),
    ("pytest-benchmark", "pytest_benchmark.plugin", ("benchmark",), ()),
    ("pytest-datadir", "pytest_datadir.plugin", ("datadir", "shared_datadir"), ()),
    ("pytest-regressions", "pytest_regressions.plugin", ("data_regression", "file_regression", "num_regression"), ()),
    ("pytest-httpserver", "pytest_httpserver.pytest_plugin", ("httpserver",), ()),
    ("pytest-randomly", "", (), ()),
    ("requests-mock", "requests_mock.contrib._pytest_plugin", ("requests_mock",), ()),
    ("responses", "", (), ()),
    ("syrupy", "syrupy", ("snapshot",), ()),
    ("anyio", "anyio.pytest_plugin", ("anyio", "anyio_backend"), ()),
    ("pyfakefs", "pyfakefs.pytest_plugin", ("fs",), ()),
    ("pytest-timeout", "pytest_timeout", (), ("timeout",)),
)
"""Distribution, plugin module, names in tests that show that it is used, settings that do."""
COVERED = {"pytest", "_pytest", "pluggy", "iniconfig", "py", "envgym"}


def requires_of(
    project: Project, modules: Sequence[Module], layout: Layout, needed: Iterable[str] = ()
) -> tuple[str, ...]:
    """Declared requirements that are imported somewhere and not there anyway, as declared; and those of the `needed` distributions."""
    own = {root.rpartition("/")[2].removesuffix(".py") for root in layout.roots}
    wanted = (
        set().union(*(module.tops for module in modules))
        - own
        - sys.stdlib_module_names
        - COVERED
        - modules_of_envgym()
    )
    plugins, chosen = set(needed), dict[str, str]()
    for requirement in project.requirements:
        name = distribution(requirement)
        provides = MODULES_OF.get(
            name, (name.replace("-", "_"), name.replace("-", ""), name.removeprefix("python-").replace("-", "_"))
        )
        if name in plugins or wanted & set(provides):
            chosen.setdefault(name, requirement)
    return tuple(chosen[name] for name in sorted(chosen))


def plugins_of(project: Project, modules: Sequence[Module]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Plugin modules of pytest that declared distributions bring and tests use; and those distributions."""
    declared = {distribution(requirement) for requirement in project.requirements}
    used = set().union(*(module.names for module in modules if module.is_test))
    settings = set(project.pytest)
    found = [
        (module, name)
        for name, module, signs, options in PLUGINS
        if module and name in declared and (used & set(signs) or settings & set(options))
    ]
    return tuple(module for module, _ in found), tuple(name for _, name in found)


def distribution(requirement: str) -> str:
    """The normalised name of a requirement."""
    name = re.match(r"[A-Za-z0-9][\w.-]*", requirement)
    return re.sub(r"[-_.]+", "-", name.group()).lower().rstrip("-") if name else ""


@functools.cache
def modules_of_envgym() -> frozenset[str]:
    """Modules that are there wherever envgym is: those of its own dependencies, not of what else this machine happens to have."""
    queue, seen = ["envgym"], set[str]()
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        queue += [distribution(need) for need in needs if "extra ==" not in need]
    by_module = importlib.metadata.packages_distributions()
    return frozenset(module for module, names in by_module.items() if {distribution(name) for name in names} & seen)
