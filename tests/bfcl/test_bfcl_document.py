"""docs/bfcl.md: its program runs and prints what is written there, its figures are those of the data."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "bfcl.md").read_text(encoding="utf-8")


def test_the_program_prints_what_the_page_says() -> None:
    ((program, output),) = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == output, done.stderr
