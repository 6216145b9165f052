"""The house: who may import whom, what no folder or file may be called."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WINGS = ("environments", "verifiers", "scaffolds", "task_synth")
MAY_IMPORT = {
    "task_synth": {"task_synth", "environments", "verifiers", "core"},
    "environments": {"environments", "verifiers", "core"},
    "verifiers": {"verifiers", "core"},
    "scaffolds": {"scaffolds", "core"},
    "core": {"core"},
    "cli": {"core", *WINGS},
}
HEAVY = {"torch", "transformers", "ray", "docker", "playwright", "pyarrow", "starlette", "uvicorn", "mcp"}
BANNED = {"utils", "helpers", "base", "common", "misc", "math", "json", "types", "random", "statistics", "string"}

FILES = [
    path
    for place in ("envgym", *WINGS)
    for path in sorted((ROOT / place).rglob("*.py"))
    if not any(part in WINGS for part in path.relative_to(ROOT).parts[1:])
]


def layer(module: str) -> str:
    """The layer of a module inside envgym."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in WINGS else "core"


def imports(tree: ast.AST) -> list[tuple[ast.stmt, str]]:
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node, node.module))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way_and_heavy_ones_are_lazy(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = path.relative_to(ROOT).parts[0]
    mine = top if top in WINGS else "cli" if path == ROOT / "envgym/cli.py" else "core"
    module_level = {id(node) for node in tree.body}
    for node, module in imports(tree):
        if module.split(".")[0] == "envgym":
            assert layer(module) in MAY_IMPORT[mine], f"{mine} imports {module}"
        assert module.split(".")[0] not in WINGS, f"import it as envgym.{module}: the bare name may be a PyPI package"
        if module.split(".")[0] in HEAVY:
            assert id(node) not in module_level, f"{module} is an extra: import it inside the function that needs it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_named_by_their_idea_and_end_before_400_lines(path: Path) -> None:
    assert path.stem not in BANNED
    assert path.read_text(encoding="utf-8").count("\n") <= 400


def test_the_wings_are_linked_into_the_package_and_hide_no_other_package() -> None:
    for wing in WINGS:
        link = ROOT / "envgym" / wing
        assert link.is_symlink()
        assert link.readlink() == Path("..") / wing
        assert not (ROOT / wing / "__init__.py").exists()


def test_a_package_called_verifiers_stays_importable_next_to_us(tmp_path: Path) -> None:
    """PyPI's `verifiers` is a regular package; our folder of that name, even as the working directory, must lose against it."""
    package = tmp_path / "verifiers"
    package.mkdir()
    (package / "__init__.py").write_text("WHO = 'the other package'\n")
    program = f"import sys; sys.path.append({str(tmp_path)!r}); import verifiers, envgym.verifiers.reply; print(verifiers.WHO)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "the other package\n", done.stderr


def test_no_tracked_text_speaks_of_a_machine_or_a_registry() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    words = ["/work" + "/main", "/root" + "/", "file" + ".pythonhosted", "registry" + ".npmjs"]
    for name in filter(None, tracked):
        path = ROOT / name
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [word for word in words if word in text], name
