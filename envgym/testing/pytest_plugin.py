"""The pytest plugin: collects `*.verifier.jsonl` and `*.verifier.yaml` and runs each block of the kit as one test.

Installed with envgym (entry point pytest11). Nothing of envgym is imported before a sheet is found.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

ENDINGS = (".verifier.jsonl", ".verifier.yaml", ".verifier.yml")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(ENDINGS):
        return None
    return SheetFile.from_parent(parent, path=file_path)


class SheetFile(pytest.File):
    """One sheet. It is run once, when the first of its blocks is asked for."""

    def collect(self) -> Iterator[pytest.Item]:
        from envgym.errors import UsageError
        from envgym.testing.kit.run import BLOCKS

        try:
            _ = self.sheet
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        for block in BLOCKS:
            yield Block.from_parent(self, name=block)

    @cached_property
    def sheet(self) -> Any:
        from envgym.testing.kit.sheet import read_sheet

        return read_sheet(self.path)

    @cached_property
    def report(self) -> Any:
        from envgym.testing.kit.run import run_sheet

        return run_sheet(self.sheet)


class BlockFailed(Exception):
    """The findings of a block that do not hold, a line each."""


class Block(pytest.Item):
    """One block of a sheet."""

    def runtest(self) -> None:
        assert isinstance(self.parent, SheetFile)
        failed = [each for each in self.parent.report.failures if each.block == self.name]
        if failed:
            raise BlockFailed("\n".join(f"{each.name}: {each.detail}" for each in failed))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        from envgym.errors import EnvgymError

        if isinstance(excinfo.value, BlockFailed | EnvgymError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.name}: {self.name}"
