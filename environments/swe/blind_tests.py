"""The hidden tests of a task as they are run: under random names, among copies that must fail, so that who cheats cheats at both.

Which expectations the copies contradict is drawn from the whole task, the reference included, so the gates can prove under gold that each
copy fails, and nobody without the reference can draw them again to see which test they were made of; names and order are drawn anew each
time and are nobody's to know. The plain canary is there for files of which no copy could be made.
"""

import random
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from envgym.environments.swe.blind import blind
from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.task_folder import TaskFolder
from envgym.environments.swe.test_run import Outcome
from envgym.environments.swe.tests_of_file import spoken_of
from envgym.task import derive_seed


@dataclass(frozen=True, slots=True)
class BlindTests:
    """Sources by path, and what the names in them stand for."""

    sources: Mapping[str, str]
    originals: Mapping[str, str]
    """`path::name` as it is run -> `path::name` of the task."""
    copies: Mapping[str, str]
    """`path::name` as it is run -> `path::name#n` of the copy, the same for every drawing."""
    canaries: frozenset[str]
    """And what no run can have: the names that tests had before they were renamed."""

    def told_apart(
        self, outcomes: Mapping[str, Outcome]
    ) -> tuple[dict[str, Outcome], dict[str, list[Outcome]], list[Outcome]]:
        """Outcomes of the task's own tests by id, those of each copy, those of the canaries."""
        real: dict[str, Outcome] = {}
        copies: dict[str, list[Outcome]] = {}
        canaries = []
        for test, outcome in outcomes.items():
            function, bracket, parameters = test.partition("[")
            if function in self.canaries:
                canaries.append(outcome)
            elif function in self.copies:
                copies.setdefault(self.copies[function], []).append(outcome)
            else:
                real[self.originals.get(function, function) + bracket + parameters] = outcome
        return real, copies, canaries

    def told(self, test: str) -> str:
        """The id of the task that an id of the run stands for; empty for what is no test of the task."""
        function, bracket, parameters = test.partition("[")
        if function in self.copies or function in self.canaries:
            return ""
        return self.originals.get(function, function) + bracket + parameters


def blind_tests(folder: TaskFolder, tests: Iterable[str]) -> BlindTests:
    """`tests` (ids of the task) in their files, blinded. Other tests of the files are renamed too, but have no copies."""
    name = random.Random(secrets.token_bytes(16))
    functions = {test.partition("[")[0] for test in tests}
    sources: dict[str, str] = {}
    originals: dict[str, str] = {}
    copies: dict[str, str] = {}
    canaries: set[str] = set()
    for path in sorted(folder.task.hidden_tests):
        source = (folder.hidden / path).read_text(encoding="utf-8")
        wanted = {each.partition("::")[2] for each in functions if each.partition("::")[0] == path}
        choose = random.Random(derive_seed(folder.digest, path))
        made = blind(source, tests=wanted, choose=choose, name=name, keep=spoken_of(_other_tests(folder, path)))
        originals |= {_id(path, new): _id(path, old) for new, old in made.originals.items()}
        number: dict[str, int] = {}
        for new, old in made.copies.items():
            number[old] = number.get(old, 0) + 1
            copies[_id(path, new)] = f"{_id(path, old)}#{number[old]}"
        canary = f"test_{name.choice(WORDS)}_{name.choice(WORDS)}_{name.randrange(1000)}"
        canaries.add(f"{path}::{canary}")
        value = name.randrange(10, 1000)
        sources[path] = (
            f"{made.source.rstrip()}\n\n\ndef {canary}():\n    value = {value}\n    assert value == {value + 1}\n"
        )
    gone = set(originals.values()) - originals.keys() - copies.keys()
    return BlindTests(sources, originals, copies, frozenset(canaries | gone))


def _other_tests(folder: TaskFolder, path: str) -> Iterator[str]:
    """The test files beside one, as they are when it runs: names that they use must stay."""
    hidden = {str(each.relative_to(folder.hidden)): each for each in sorted(folder.hidden.rglob("*.py"))}
    older = {str(each.relative_to(folder.base)): each for each in sorted(folder.base.rglob("*.py"))}
    for name, place in {**older, **hidden}.items():
        if name != path and matches(name, folder.task.test_paths) and place.is_file() and not place.is_symlink():
            yield place.read_text(encoding="utf-8", errors="replace")


WORDS = (
    "round",
    "empty",
    "order",
    "case",
    "value",
    "first",
    "last",
    "range",
    "small",
    "input",
    "again",
    "default",
    "result",
    "simple",
)


def _id(path: str, name: str) -> str:
    return f"{path}::{name}"
