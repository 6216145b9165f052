"""What is installed is what is here: the wheel holds the wings as real files, and third parties can plug theirs in."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENVGYM = Path(sys.executable).with_name("envgym")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=110)
    (path,) = folder.glob("envgym-*.whl")
    return path


def test_the_wheel_holds_the_wings_and_the_data_inside_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "envgym/environments/reasoning/game24.py",
        "envgym/verifiers/arithmetic.py",
        "envgym/scaffolds/react.py",
        "envgym/py.typed",
        "envgym/view/assets/main.js",
        "envgym/environments/table_qa/data/ATTRIBUTION.md",
        "envgym/environments/reasoning/data/words.txt",
        "envgym/environments/reasoning/data/riddles.jsonl",
    ):
        assert name in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"envgym"}


def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    program = "import envgym; print(envgym.__file__); print(envgym.play('game24', episodes=2)[1].score)"
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [str(tmp_path / "site" / "envgym" / "__init__.py"), "1.0"], done.stderr


def test_an_installed_package_adds_environments_by_entry_point(tmp_path: Path) -> None:
    (tmp_path / "their_package.py").write_text((ROOT / "examples" / "my_environment.py").read_text())
    info = tmp_path / "their_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[envgym.environments]\nvending = their_package:Vending\ngame24 = their_package:Vending\n"
    )
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def ask(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([str(ENVGYM), *arguments], env=environment, capture_output=True, text=True, timeout=60)

    listed = {entry["id"]: entry["path"] for entry in json.loads(ask("list", "--json").stdout)}
    assert listed["vending"] == "their_package:Vending"
    assert listed["game24"].startswith("envgym."), "our own ids win over an installed package"
    assert json.loads(ask("run", "vending", "--episodes", "5", "--json").stdout)["mean_score"] == 1.0
    program = "import gymnasium; print(gymnasium.make('envgym:envgym/vending-v0').reset(seed=0)[0][0]['role'])"
    made = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert made.stdout == "user\n", made.stderr
