"""Which tests a list of ids, classes, files and folders means."""

from __future__ import annotations

from collections.abc import Iterable


class Selection:
    """`test in selection`: whether it was named, or something that it is part of."""

    def __init__(self, tests: Iterable[str]) -> None:
        self._named = {test.rstrip("/") for test in tests}
        self.files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        """Files and folders, each once, in the order in which they were named."""

    def __contains__(self, test: object) -> bool:
        if not isinstance(test, str):
            return False
        if test in self._named:
            return True
        file, *names = test.partition("[")[0].split("::")
        parents = ["::".join([file, *names[:count]]) for count in range(len(names) + 1)]
        folders = [file[:place] for place, letter in enumerate(file) if letter == "/"]
        return not self._named.isdisjoint([*parents, *folders, "."])
