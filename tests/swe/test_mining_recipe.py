"""How a tree's tests run is worked out from its files alone."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from envgym.environments.swe.candidate import File
from envgym.errors import UsageError
from envgym.task_synth.bugs.issue_text import Failure
from envgym.task_synth.mining.definitions import changed
from envgym.task_synth.mining.interface import interface_of
from envgym.task_synth.mining.issue import told_issue
from envgym.task_synth.mining.recipe import Detected, detect, read_override
from envgym.task_synth.mining.tiers import difficulty, tiers_of
from envgym.task_synth.mining.timed_tests import measures_time

INIT = {"pkg/__init__.py": "", "tests/test_a.py": ""}


def detected(folder: Path, files: Mapping[str, str]) -> Detected:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return detect(folder)


LAYOUTS: list[tuple[str, dict[str, str], tuple[str, ...], tuple[str, ...]]] = [
    ("flat", INIT, (".",), ("pkg/**",)),
    ("src", {"src/pkg/__init__.py": "", "tests/test_a.py": ""}, ("src",), ("src/pkg/**",)),
    ("src and a package of tests", {"src/pkg/a.py": "", "tests/__init__.py": ""}, ("src", "."), ("src/pkg/**",)),
    ("one module", {"thing.py": "", "setup.py": "", "test_thing.py": "", "noxfile.py": ""}, (".",), ("thing.py",)),
    (
        "module beside folders",
        {"pyproject.toml": "[project]\nname = 'a-thing'\n", "a_thing.py": "", "docs/conf.py": ""},
        (".",),
        ("a_thing.py",),
    ),
    (
        "poetry from lib",
        {
            "pyproject.toml": "[tool.poetry]\nname = 'x'\npackages = [{include = 'x', from = 'lib'}]\n",
            "lib/x/__init__.py": "",
        },
        ("lib",),
        ("lib/x/**",),
    ),
    (
        "setuptools where",
        {"pyproject.toml": "[tool.setuptools.packages.find]\nwhere = ['python']\n", "python/x/__init__.py": ""},
        ("python",),
        ("python/x/**",),
    ),
    (
        "pytest's own path",
        {**INIT, "pytest.ini": "[pytest]\npythonpath = helpers ../out\n", "helpers/h.py": ""},
        (".", "helpers"),
        ("pkg/**",),
    ),
    (
        "a setting that leads out",
        {**INIT, "pyproject.toml": "[tool.hatch.build.targets.wheel]\npackages = ['../../etc']\n"},
        (".",),
        ("pkg/**",),
    ),
    ("broken settings", {**INIT, "pyproject.toml": "[project", "setup.cfg": "]["}, (".",), ("pkg/**",)),
]


@pytest.mark.parametrize(
    ("files", "python_path", "source"), [each[1:] for each in LAYOUTS], ids=[each[0] for each in LAYOUTS]
)
def test_a_layout_is_recognised(
    tmp_path: Path, files: dict[str, str], python_path: tuple[str, ...], source: tuple[str, ...]
) -> None:
    found = detected(tmp_path, files)
    assert (found.recipe.python_path, found.source_paths) == (python_path, source)


def test_tests_inside_of_the_package_are_tests_and_not_source(tmp_path: Path) -> None:
    found = detected(tmp_path, {"pkg/__init__.py": "", "pkg/tests/test_a.py": "", "pkg/tests/data.json": ""})
    assert found.is_test("pkg/tests/data.json")
    assert not found.is_source("pkg/tests/test_a.py")
    assert found.holds_tests("pkg/tests/test_a.py")
    assert not found.holds_tests("pkg/tests/data.json")


def test_pytest_s_settings_say_which_files_are_tests(tmp_path: Path) -> None:
    ini = "[tool:pytest]\ntestpaths = checks\npython_files = check_*.py\naddopts = -n4 --import-mode=importlib\n"
    found = detected(tmp_path, {"setup.cfg": ini, "pkg/__init__.py": "", "checks/check_a.py": ""})
    assert found.holds_tests("checks/check_a.py")
    assert found.recipe.arguments == ("--import-mode=importlib",)


@pytest.mark.parametrize(
    "settings",
    [
        "[tool.hatch.build.hooks.vcs]\nversion-file = 'src/pkg/_version.py'\n",
        "[tool.setuptools_scm]\nwrite_to = 'src/pkg/_version.py'\n",
        "[tool.setuptools_scm]\nversion_file = 'src/pkg/_version.py'\n",
        "",
    ],
    ids=["hatch-vcs", "setuptools-scm", "setuptools-scm 8", "only imported"],
)
def test_a_version_file_that_a_build_would_write_is_generated(tmp_path: Path, settings: str) -> None:
    source = "from ._version import version_info, __version__\n"
    found = detected(tmp_path, {"pyproject.toml": settings, "src/pkg/__init__.py": source})
    module: dict[str, object] = {}
    exec(found.recipe.generated["src/pkg/_version.py"], module)  # ours, not the tree's
    assert module["__version__"] == "0.0.0"
    assert isinstance(module.get("version_info", ()), tuple)


def test_nothing_is_generated_where_it_is_there_or_is_no_module(tmp_path: Path) -> None:
    files = {
        "src/pkg/__init__.py": "version = 1\nfrom ._version import a\n",
        "src/pkg/_version.py": "a = 1",
        "src/pkg/b.py": "from pkg import version",
    }
    settings = "[tool.setuptools_scm]\nwrite_to = 'src/pkg/_version.py'\n"
    assert detected(tmp_path, {**files, "pyproject.toml": settings}).recipe.generated == {}


def test_a_project_that_asks_for_its_own_metadata_gets_some(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": "[project]\nname = 'My-Pkg'\n",
        "src/my_pkg/__init__.py": "from importlib import metadata\n",
    }
    generated = detected(tmp_path, files).recipe.generated
    assert generated == {"src/My_Pkg-0.0.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: My-Pkg\nVersion: 0.0.0\n"}


def test_only_declared_packages_that_are_imported_and_missing_are_required(tmp_path: Path) -> None:
    settings = (
        "[project]\nname = 'pkg'\ndependencies = ['python-dateutil>=2', 'unused-thing', 'pydantic', 'argparse']\n"
        "[project.optional-dependencies]\n"
        "test = ['pytest', 'freezegun>=1; python_version > \"3\"', 'evil @ https://x.org/a.whl', 'pytest-mock']\n"
        "docs = ['sphinx']\n[dependency-groups]\ndev = ['tqdm', {include-group = 'x'}]\n"
    )
    tests = "import argparse, freezegun, pytest, pydantic, undeclared, evil, sphinx\n"
    tests += "from tqdm import tqdm\n\n\ndef test_a(mocker):\n    pass\n"
    found = detected(
        tmp_path, {"pyproject.toml": settings, "pkg/__init__.py": "import dateutil.parser\n", "tests/test_a.py": tests}
    )
    assert found.recipe.requires == ('freezegun>=1; python_version > "3"', "pytest-mock", "python-dateutil>=2", "tqdm")
    assert found.recipe.plugins == ("pytest_mock",)


def test_requirement_files_and_setup_cfg_are_read_without_their_options(tmp_path: Path) -> None:
    cfg = "[options]\ninstall_requires =\n    tqdm\n[options.extras_require]\ntests = freezegun\n"
    files = {"setup.cfg": cfg, "requirements-test.txt": "-r other.txt\n--index-url http://x\ntoml # read\n../local\n"}
    found = detected(
        tmp_path, {**files, "pkg/__init__.py": "", "tests/test_a.py": "import tqdm, freezegun, toml, local, other\n"}
    )
    assert found.recipe.requires == ("freezegun", "toml", "tqdm")


def test_a_tree_without_python_source_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("")
    with pytest.raises(UsageError, match="no Python source"):
        detect(tmp_path)


@pytest.mark.parametrize("value", ["1", "'x'", "[1]", "{a = 1}", "[{a = 1}]", "['\\u0000']", "['/etc']", "true"])
def test_settings_of_any_shape_are_read_as_far_as_they_make_sense(tmp_path: Path, value: str) -> None:
    keys = [
        "project.name",
        "project.dependencies",
        "project.license",
        "project.optional-dependencies",
        "dependency-groups",
    ]
    keys += ["tool.poetry", "tool.poetry.packages", "tool.poetry.group", "tool.poetry.dependencies", "tool.flit.module"]
    keys += [
        "tool.hatch",
        "tool.hatch.build.targets.wheel.packages",
        "tool.setuptools.packages.find.where",
        "tool.pytest",
    ]
    keys += ["tool.setuptools_scm.write_to", "tool.pytest.ini_options.pythonpath", "tool.pytest.ini_options.testpaths"]
    for key in keys:
        assert detected(tmp_path, {**INIT, "pyproject.toml": f"{key} = {value}\n"}).source_paths == ("pkg/**",)


def test_an_override_replaces_fields_and_a_bad_one_names_the_field(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("seconds = 5\nrequires = ['toml']\n")
    (tmp_path / "pkg.py").write_text("")
    found = detect(tmp_path, read_override(recipe)).recipe
    assert (found.seconds, found.requires, found.python_path) == (5.0, ("toml",), (".",))
    recipe.write_text("second = 5\n")
    with pytest.raises(UsageError, match=r"second: .*fields are python_path"):
        read_override(recipe)


def test_tests_that_measure_time_are_told_by_name_and_by_body() -> None:
    source = (
        "import time\nfrom time import perf_counter\n\ndef test_plain():\n    assert 'time.time()' and timeout(1)\n\n"
        "def test_dos_attack():\n    pass\n\nclass TestA:\n    def test_b(self, x):\n        time.sleep(1)\n"
        "    def test_c(self):\n        pass\n\n"
        "@pytest.mark.timeout(3)\ndef test_marked():\n    pass\n\ndef test_clock():\n    perf_counter()\n\nclass TestB(TestA):\n    pass\n"
    )
    timed = measures_time({"t.py": source.encode()})
    names = [
        "test_plain",
        "test_dos_attack",
        "TestA::test_b[1-x]",
        "TestA::test_c",
        "test_marked",
        "test_clock",
        "TestB::test_b",
    ]
    assert [name for name in names if timed(f"t.py::{name}")] == [
        "test_dos_attack",
        "TestA::test_b[1-x]",
        "test_marked",
        "test_clock",
        "TestB::test_b",
    ]


BEFORE = "class Cache:\n    def get(self, key):\n        return 1\n\n\ndef helper():\n    return 1\n\n\ndef same():\n    return 1\n"
AFTER = (
    BEFORE.replace("self, key):\n        return 1", "self, key, default=None):\n        return 2").replace(
        "helper()", "helper(x=1)"
    )
    + "\n\ndef fresh(a, *, b: int = 1) -> int:\n    return b\n\n\ndef unused():\n    pass\n"
)
USES = (
    "def test_direct():\n    assert Cache().get('a', default=2)\n\n\n"
    "def test_fresh():\n    fresh(1)\n\n\ndef test_further():\n    same(default=1)\n"
)


def test_what_tests_take_for_granted_is_told_and_tiers_follow_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/pkg.py").write_text(BEFORE)
    new, old = changed(tmp_path, {"src/pkg.py": File(AFTER.encode())})
    assert sorted(each.name for each in new) == ["Cache.get", "fresh", "helper", "unused"]
    tests = {"tests/test_a.py": USES.encode()}
    assert interface_of(new, old, tests, ["src"]) == [
        "`pkg.Cache.get` takes: `def get(self, key, default=None)`",
        "`pkg.fresh`: `def fresh(a, *, b: int=1) -> int`",
    ]
    ids = [f"tests/test_a.py::{name}" for name in ("test_direct[a::b]", "test_fresh", "test_further")]
    assert tiers_of(ids, tests, [*new, *old]) == {"direct": tuple(ids[:2]), "further": tuple(ids[2:])}


def test_an_issue_holds_no_line_of_the_patch_and_no_trailer() -> None:
    patch = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-    return 1\n+    return compute(1)\n"
    message = (
        "Compute what is returned (#12)\n\nWas constant. See https://example.org/1\nNow `return compute(1)` is used.\n"
        "```python\nx = 2\n    return compute(1)\n```\nCo-authored-by: B <b@c>\n\nCloses #3\n"
    )
    test = "from m import given\n\ndef test_a():\n    assert given(2) == 2\n"
    issue = told_issue(
        message,
        patch,
        [Failure("t.py::test_a", test, "t.py:4: AssertionError: assert 1 == 2\n +  where 1 = given(2)")],
        rng=random.Random(0),
    )
    assert issue.startswith("# Compute what is returned\n\nWas constant. See\n\n")
    assert "given(2)" in issue
    for told in ("compute(1)", "Co-authored-by", "#12", "#3", "https", "t.py"):
        assert told not in issue


def test_a_change_without_a_message_is_told_by_its_failures() -> None:
    test = "from m import given\n\ndef test_a():\n    assert given(2) == 2\n"
    issue = told_issue(
        "",
        "",
        [Failure("t.py::test_a", test, "t.py:4: AssertionError: assert 1 == 2\n +  where 1 = given(2)")],
        rng=random.Random(0),
    )
    assert issue.startswith("# ")
    assert "given" in issue.splitlines()[0]


def test_a_larger_change_is_harder() -> None:
    small, large = ("diff --git a/a b/a\n" + "+x\n" * lines for lines in (2, 150))
    assert 0 < difficulty(small) < difficulty(large) <= 1
