"""Small Harbor task folders for the tests."""

from pathlib import Path

TOML = 'version = "1.0"\n[verifier]\ntimeout_sec = 30.0\n[environment]\nmemory_mb = 256\nstorage_mb = 64\n'
TEST = 'if [ "$(cat answer.txt 2>/dev/null)" = 42 ]; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n'


def write_folder(place: Path, **files: str) -> Path:
    """A folder whose task is to write 42 to answer.txt; `files` replaces or adds files, "__" stands for "/" and "_D" for "."."""
    content = {
        "task.toml": TOML,
        "instruction.md": "Write the answer to answer.txt.\n",
        "environment/Dockerfile": "FROM debian:bookworm-slim\nWORKDIR /app\n",
        "tests/test.sh": TEST,
        "solution/solve.sh": "echo 42 > answer.txt\n",
        **{name.replace("__", "/").replace("_D", "."): text for name, text in files.items()},
    }
    for name, text in content.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return place
