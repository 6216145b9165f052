"""A probe: an expression that is evaluated among the names of a test file, to see what code makes of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """`expression` in the namespace of `test_file` (path in the tree), after the statements of `setup`."""

    test_file: str
    expression: str
    setup: str = ""
