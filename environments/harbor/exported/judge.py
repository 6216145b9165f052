"""Decides an exported task: `python3 judge.py TESTS WORK LOGS`, with the tests' folder, the agent's working folder and the verifier's logs.

The tree that is tested is pristine (TESTS/base), with the agent's source files and then the hidden tests over it: what else the agent
changed has no effect. Writes LOGS/reward.txt: 1 when every test of TESTS/expected.json ran and passed, else 0.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FIXED = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "",
}
OTHERS = {
    *sys.stdlib_module_names,
    "pytest",
    "_pytest",
    "pluggy",
    "iniconfig",
    "packaging",
    "pygments",
    "exported_report",
}


def main(tests: Path, work: Path, logs: Path) -> None:
    expected = json.loads((tests / "expected.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        tree, outcomes = Path(place, "tree"), Path(place, "outcomes.json")
        lay_out(tree, tests, work, expected)
        run(tree, tests, outcomes, expected)
        passed = set(json.loads(outcomes.read_text(encoding="utf-8"))) if outcomes.is_file() else set()
    wrong = [test for test in expected["tests"] if test not in passed]
    for test in wrong[:20]:
        sys.stdout.write(f"did not pass: {test}\n")
    (logs / "reward.txt").write_text("0\n" if wrong else "1\n", encoding="utf-8")


def lay_out(tree: Path, tests: Path, work: Path, expected: dict[str, Any]) -> None:
    """Makes the tree that is tested."""
    shutil.copytree(tests / "base", tree, symlinks=True)
    before, after = source_of(tree, expected), source_of(work, expected)
    after -= {path for path in after - before if hides_others(path, expected["python_path"])}
    for path in before - after:
        (tree / path).unlink()
    for path in after:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(work / path, tree / path)
    for path, content in expected["generated"].items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(content, encoding="utf-8")
    shutil.copytree(tests / "hidden", tree, symlinks=True, dirs_exist_ok=True)


def source_of(folder: Path, expected: dict[str, Any]) -> set[str]:
    """Source files of a folder: no tests, nothing that steers how tests run, no links."""
    source, other = (re.compile(expected[name], re.DOTALL) for name in ("source", "not_source"))
    found = set()
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", "__pycache__")]
        for name in files:
            path = os.path.join(place, name)
            relative = os.path.relpath(path, folder)
            if source.fullmatch(relative) and not other.fullmatch(relative) and not os.path.islink(path):
                found.add(relative)
    return found


def hides_others(path: str, python_path: list[str]) -> bool:
    """Whether a new file would be imported in place of the standard library or of pytest."""
    tops = (os.path.relpath(path, place).split("/")[0].partition(".")[0] for place in (*python_path, "."))
    return any(top in OTHERS for top in tops)


def run(tree: Path, tests: Path, outcomes: Path, expected: dict[str, Any]) -> None:
    """Runs the tests; `exported_report.py` writes which passed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "exported_report",
        "-p",
        "no:cacheprovider",
        "-q",
        *expected["arguments"],
    ]
    for plugin in expected["plugins"]:
        command += ["-p", plugin]
    command += ["-o", f"pythonpath={' '.join(expected['python_path'])}"]  # after pytest itself was imported
    env = {**os.environ, **expected["env"], **FIXED, "PYTHONPATH": str(tests), "EXPORTED_OUTCOMES": str(outcomes)}
    env["EXPORTED_PATH"] = os.pathsep.join(str(tree / place) for place in expected["python_path"])
    files = sorted({test.partition("::")[0] for test in expected["tests"]})
    try:
        done = subprocess.run(
            [*command, "--rootdir", str(tree), *files],
            cwd=tree,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=expected["seconds"],
            check=False,
        )
    except subprocess.TimeoutExpired:
        sys.stdout.write("the tests did not end in time\n")
        outcomes.unlink(missing_ok=True)
    else:
        sys.stdout.write(done.stdout.decode("utf-8", "replace")[-4000:])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
