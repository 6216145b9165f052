"""Each law of state, isolation, secrecy and determinism, broken in each way it knows; and what must not cry wolf."""

import copy
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

import gymnasium
import numpy as np
import pytest

from envgym import Action, AgentEnv, InvalidAction, Message, Task, TaskFields, ToolEnv, Verdict, call, tool
from envgym.env import Snapshot, StepResult
from envgym.message import Observation, ToolSpec
from envgym.testing import check, fresh_process

CASES: list[Any] = []
Env = type[AgentEnv]


def breaks(law: str, detail: str) -> Callable[[Env], Env]:
    """Marks an environment that must be caught by `law` with a detail that `detail` is found in."""

    def mark(env: Env) -> Env:
        CASES.append(pytest.param(law, env, detail, id=f"{law}-{env.__name__}"))
        return env

    return mark


class Shelf(ToolEnv):
    """Put the books that are named on a shelf, then close it with the word of the day."""

    id = "shelf"
    max_turns = 8

    def generate(self, rng: random.Random) -> TaskFields:
        books = rng.sample(["Emma", "Faust", "Dune", "Ulysses", "Kim", "Momo"], 3)
        return {
            "public": {"books": books},
            "private": {"word": "".join(rng.choices("bcdfgh", k=9)), "room": rng.randrange(10, 99)},
        }

    def begin(self, task: Task) -> str:
        self.shelf: list[str] = []
        return f"Put these books on the shelf, in this order: {', '.join(task.public['books'])}. Then close it."

    @tool
    def put(self, book: str) -> str:
        """Put a book at the right end of the shelf."""
        if len(book) > 20:
            raise InvalidAction(self.refusal(book))
        self.shelf.append(book)
        return self.shown(book)

    def refusal(self, book: str) -> str:
        return "no book has such a long title"

    def shown(self, book: str) -> str:
        return f"The shelf holds {len(self.shelf)} books."

    @tool(final=True)
    def close_shelf(self) -> str:
        """Close the shelf. Ends the episode."""
        return "closed"

    def verify(self) -> Verdict:
        assert self.task is not None
        return Verdict.of(float(self.shelf == self.task.public["books"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        for book in self.task.public["books"]:
            yield call("put", book=book)
        yield call("close_shelf")

    @property
    def word(self) -> str:
        """The private word of the task."""
        return str(self.task.private["word"]) if self.task is not None else ""


def test_the_environment_that_the_cases_change_is_sound() -> None:
    report = check(Shelf)
    assert report.ok, report.failures


# ---- the same bytes


@breaks("same_seed_same_bytes", "again in the same instance: the reset differs")
class CountsEpisodes(Shelf):
    episodes = 0

    def begin(self, task: Task) -> str:
        self.episodes += 1
        return f"{super().begin(task)} Episode {self.episodes}."


@breaks("same_seed_same_bytes", "in a fresh instance: step 1 differs")
class KnowsItsAge(Shelf):
    made: ClassVar[list[int]] = []

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.made.append(1)
        self.age = len(self.made)

    def shown(self, book: str) -> str:
        return f"{self.age}"


@breaks("same_seed_same_bytes", "in a fresh process: step 1 differs")
class ShowsASet(Shelf):
    def shown(self, book: str) -> str:
        return str({f"{book} {number}" for number in range(20)})


@breaks("same_seed_same_bytes", "generated tasks, in a fresh process")
class DrawsByHash(Shelf):
    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "private": {"word": f"word {hash('books')}"}}


@breaks("same_seed_same_bytes", "a fresh process failed: RuntimeError: only here")
class OnlyHere(Shelf):
    def begin(self, task: Task) -> str:
        if sys.argv[0] == "-c":
            raise RuntimeError("only here")
        return super().begin(task)


class Sleeps(Shelf):
    """Sleeps wherever it is not at home, and says when it is closed there."""

    def begin(self, task: Task) -> str:
        if sys.argv[0] == "-c" and task.id == "0-2":
            time.sleep(float(os.environ.get("ENVGYM_TEST_SLEEP_S", "0")))
        return super().begin(task)

    def close(self) -> None:
        if sys.argv[0] == "-c":
            Path(os.environ["ENVGYM_TEST_CLOSED"]).touch()


def test_a_fresh_process_closes_what_it_made_and_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVGYM_TEST_CLOSED", str(tmp_path / "closed"))
    assert check(Sleeps, laws=("same_seed_same_bytes",)).ok
    assert (tmp_path / "closed").exists()
    monkeypatch.setenv("ENVGYM_TEST_SLEEP_S", "60")
    monkeypatch.setattr(fresh_process, "TIMEOUT_S", 1)
    detail = check(Sleeps, laws=("same_seed_same_bytes",)).failures["same_seed_same_bytes"]
    assert detail == "a fresh process was not done with 9 episodes after 1 s"


@breaks("same_seed_same_bytes", "step 1 holds something that is no JSON value")
class InfoIsASet(Shelf):
    def step(self, action: Action) -> StepResult:
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated, truncated, {**info, "books": {1}}


@breaks("observe_is_pure", "after step 1: observe() differs")
class ForgetsWhatItSaid(Shelf):
    def observe(self) -> Observation:
        return super().observe() if self.turn == 0 else ()


@breaks("observe_is_pure", "after reset: observe() differs")
class ForgetsTheQuestion(Shelf):
    def observe(self) -> Observation:
        return () if self.turn == 0 else super().observe()


@breaks("observe_is_pure", "observe() changes looks")
class CountsLooks(Shelf):
    looks = 0

    def observe(self) -> Observation:
        self.looks += 1
        return super().observe()


@breaks("no_global_rng", "the global generator of random was")
class DrawsGlobally(Shelf):
    def random_action(self, rng: random.Random) -> Action:
        return call("put", book=random.choice("abc"))


@breaks("no_global_rng", "the global generator of numpy.random was")
class SeedsNumpy(Shelf):
    def begin(self, task: Task) -> str:
        np.random.seed(3)
        return super().begin(task)


@breaks("no_global_rng", "under two seeds of the global generators: the reset differs")
class PutsItBack(Shelf):
    def begin(self, task: Task) -> str:
        state = random.getstate()
        number = random.random()
        random.setstate(state)
        return f"{super().begin(task)} {number}"


@breaks("no_global_rng", "the first task of the set differs")
class GeneratesGlobally(Shelf):
    def generate(self, rng: random.Random) -> TaskFields:
        state = random.getstate()
        word = str(random.random())
        random.setstate(state)
        return {**super().generate(rng), "private": {"word": word}}


def test_the_global_generators_are_left_as_they_were() -> None:
    random.seed(5)
    before = random.getstate(), repr(np.random.get_state())
    check(SeedsNumpy, laws=("no_global_rng",))
    assert (random.getstate(), repr(np.random.get_state())) == before


@breaks("gymnasium_check_env", "AssertionError: ")
class ObservesAList(Shelf):
    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        return list(observation), info


def test_whatever_the_kit_makes_or_forks_is_closed_and_gymnasium_forgets_it() -> None:
    still_open: list[Shelf] = []

    class Closes(Shelf):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            still_open.append(self)

        def fork(self) -> Self:
            twin = super().fork()
            still_open.append(twin)
            return twin

        def close(self) -> None:
            still_open[:] = [env for env in still_open if env is not self]

    before = dict(gymnasium.registry)
    report = check(Closes)
    assert report.ok, report.failures
    assert gymnasium.registry == before
    assert not still_open


@breaks("gymnasium_check_env", "check_env warns: ")
class HasSeed(Shelf):
    def seed(self) -> None:
        return


# ---- state


@breaks("snapshot_restores_the_future", "restored in the same instance: step 1 differs")
class LeavesOut(Shelf):
    fixtures = Shelf.fixtures | {"shelf"}
    shelf: list[str] = []

    def shown(self, book: str) -> str:
        return str(self.shelf)


@breaks("snapshot_restores_the_future", "KeyError: 'kept'")
class KeepsAtHome(Shelf):
    """Its snapshots are tickets to what the instance keeps."""

    def snapshot(self) -> Snapshot:
        whole = super().snapshot()
        kept = {name: value for name, value in self.__dict__.items() if name != "kept"}
        tickets = self.__dict__.setdefault("kept", [])
        tickets.append(copy.deepcopy({name: value for name, value in kept.items() if name not in self.fixtures}))
        return Snapshot(whole.env, whole.version, whole.task, str(len(tickets) - 1).encode())

    def restore(self, snapshot: Snapshot) -> None:
        tickets = self.__dict__["kept"]
        self.__dict__.update(copy.deepcopy(tickets[int(snapshot.state)]))
        self.task = snapshot.task


@breaks("snapshot_restores_the_future", "turn differs from the snapshot")
class ForgetsTheTurn(Shelf):
    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        self.turn = 0


@breaks("snapshot_restores_the_future", "the reset differs")
class ForgetsTheStream(Shelf):
    """The random stream is no part of its snapshots, so the next task is another one."""

    fixtures = Shelf.fixtures | {"_rng"}

    def begin(self, task: Task) -> str:
        self.np_random.random()
        return super().begin(task)


@breaks("forks_are_independent", "playing the fork changes shelf of the original")
class SharesItsShelf(Shelf):
    def fork(self) -> Self:
        twin = super().fork()
        twin.shelf = self.shelf
        return twin


@breaks("forks_are_independent", "gives a Shelf")
class ForksAnother(Shelf):
    def fork(self) -> Any:
        twin = Shelf()
        twin.restore(self.snapshot())
        return twin


@breaks("forks_are_independent", "the fork: step 1 differs")
class ForgetfulFork(Shelf):
    def fork(self) -> Self:
        twin = super().fork()
        twin.shelf = []
        return twin


@breaks("forks_are_independent", "the original after its fork was played and closed")
class ClosesForAll(Shelf):
    open: ClassVar[list[int]] = []

    def begin(self, task: Task) -> str:
        self.open[:] = [1]
        return super().begin(task)

    def shown(self, book: str) -> str:
        return f"the library is {'open' if self.open else 'closed'}"

    def close(self) -> None:
        self.open.clear()


@breaks("forks_are_independent", "a fork after the original was played")
class CountsOnItsOriginal(Shelf):
    """A fork looks up in its original how many books there were."""

    fixtures = Shelf.fixtures | {"original"}
    original: Shelf | None = None
    forked_at = 0

    def fork(self) -> Self:
        twin = super().fork()
        twin.original, twin.forked_at = self, len(self.shelf)
        return twin

    def shown(self, book: str) -> str:
        before = self.forked_at if self.original is None else len(self.original.shelf)
        return f"{before + len(self.shelf) - self.forked_at} books"


@breaks("state_pickles", "in _reduce|cannot pickle|Can't pickle|Can't get local")
class HoldsALock(Shelf):
    def snapshot(self) -> Snapshot:
        whole = super().snapshot()
        return Snapshot(whole.env, whole.version, whole.task, threading.Lock())  # type: ignore[arg-type]


@breaks("state_pickles", "a fresh process failed: KeyError")
class KeepsInTheProcess(Shelf):
    """Its snapshots are tickets to what this process keeps."""

    kept: ClassVar[dict[str, bytes]] = {}

    def snapshot(self) -> Snapshot:
        whole = super().snapshot()
        ticket = str(len(self.kept))
        self.kept[ticket] = whole.state
        return Snapshot(whole.env, whole.version, whole.task, ticket.encode())

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(Snapshot(snapshot.env, snapshot.version, snapshot.task, self.kept[snapshot.state.decode()]))


@breaks("state_pickles", "sent to a fresh process: step 1 differs")
class KnowsItsHome(Shelf):
    def begin(self, task: Task) -> str:
        self.home = os.getpid()
        return super().begin(task)

    def shown(self, book: str) -> str:
        return "at home" if self.home == os.getpid() else "abroad"


@breaks("state_pickles", "sent as bytes: step 1 differs")
class TaskOfTuples(Shelf):
    """JSON gives its task back with lists."""

    def generate(self, rng: random.Random) -> TaskFields:
        fields = super().generate(rng)
        return {**fields, "private": {**fields["private"], "places": (1, 2)}}

    def shown(self, book: str) -> str:
        assert self.task is not None
        return str(self.task.private["places"])


@breaks("state_pickles", "sent as bytes: places differs from the snapshot")
class LooksAtTheTask(Shelf):
    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "private": {"places": (1, 2)}}

    def begin(self, task: Task) -> str:
        self.places = task.private["places"]
        return super().begin(task)

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        assert self.task is not None
        self.places = self.task.private["places"]


# ---- isolation


@breaks("instances_do_not_touch", "a step of one instance changes shelf of the other")
class OneShelfForAll(Shelf):
    one: ClassVar[list[str]] = []

    def begin(self, task: Task) -> str:
        text = super().begin(task)
        self.one.clear()
        self.shelf = self.one
        return text


@breaks("instances_do_not_touch", ": step 2 differs")
class CountsForAll(Shelf):
    count: ClassVar[list[int]] = []

    def begin(self, task: Task) -> str:
        self.count.clear()
        return super().begin(task)

    def shown(self, book: str) -> str:
        self.count.append(1)
        return f"{len(self.count)}"


@breaks("instances_do_not_touch", "the second: the reset differs")
class SeesWhoWaits(Shelf):
    waiting: ClassVar[list[int]] = []

    def begin(self, task: Task) -> str:
        alone = not self.waiting
        self.waiting[:] = [1]
        return super().begin(task) + ("" if alone else " Somebody waits.")

    def respond(self, message: Message) -> tuple[Observation, bool]:
        self.waiting.clear()
        return super().respond(message)


@breaks("instances_do_not_touch", "the verdict differs")
class JudgesForAll(Shelf):
    count: ClassVar[list[int]] = []

    def begin(self, task: Task) -> str:
        self.count.clear()
        return super().begin(task)

    def shown(self, book: str) -> str:
        self.count.append(1)
        return "ok"

    def verify(self) -> Verdict:
        return Verdict.of(super().verify().score or 0.0, reason=f"{len(self.count)} books were put")


@breaks("close_twice_and_clean", "OSError: closed already")
class ClosesOnce(Shelf):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise OSError("closed already")
        self.closed = True


def leaking(leak: Callable[[], Any]) -> Env:
    class Leaks(Shelf):
        def begin(self, task: Task) -> str:
            leak()
            return super().begin(task)

    return Leaks


HELD: list[Any] = []
LEAKS: dict[str, Callable[[], Any]] = {
    r"thread \w+": lambda: threading.Thread(target=threading.Event().wait, args=(5,), daemon=True).start(),
    r"open file \d+ -> /dev/null": lambda: HELD.append(open(os.devnull)),  # noqa: SIM115
    "child process .*sleep": lambda: HELD.append(subprocess.Popen(["sleep", "30"])),
    "temporary file .*left": lambda: os.close(tempfile.mkstemp(suffix="left")[0]),
}


@pytest.fixture
def released() -> Iterator[None]:
    """Gives back what a test leaked."""
    yield
    for thing in HELD:
        if isinstance(thing, subprocess.Popen):
            thing.kill()
            thing.wait()
        else:
            thing.close()
    HELD.clear()


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize("what", LEAKS)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="files and processes are seen on Linux")
def test_what_close_leaves_behind_is_named(what: str) -> None:
    report = check(leaking(LEAKS[what]), tasks=1, laws=("close_twice_and_clean",))
    caught(report.failures, "close_twice_and_clean", rf"behind each time: .*{what}")


@pytest.mark.usefixtures("released")
def test_what_is_made_once_and_kept_is_no_leak() -> None:
    def cache() -> None:
        if not HELD:
            HELD.append(open(os.devnull))  # noqa: SIM115

    assert check(leaking(cache), laws=("close_twice_and_clean",)).ok


def test_a_thread_that_ends_soon_after_close_is_no_leak() -> None:
    def soon() -> None:
        threading.Thread(target=threading.Event().wait, args=(0.1,), daemon=True).start()

    assert check(leaking(soon), tasks=1, laws=("close_twice_and_clean",)).ok


# ---- secrecy


@breaks("nothing_private_leaks", r"private word is seen in the first observation")
class InThePrompt(Shelf):
    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} Not {task.private['word'].upper()}!"


@breaks("nothing_private_leaks", "in the info of reset")
class InTheInfo(Shelf):
    def reset(self, **options: Any) -> Any:
        observation, _ = super().reset(**options)
        return observation, {"debug": {"gold": [self.word]}}


@breaks("nothing_private_leaks", "in the info of step 1")
class InTheInfoOfAStep(Shelf):
    def step(self, action: Action) -> StepResult:
        *result, info = super().step(action)
        return (*result, {**info, "gold": self.word})  # type: ignore[return-value]


@breaks("nothing_private_leaks", r"in repr\(env\) after reset")
class InItsRepr(Shelf):
    def __repr__(self) -> str:
        return f"<Shelf {self.word}>"


@breaks("nothing_private_leaks", r"in tools\(\) after reset")
class InItsTools(Shelf):
    def tools(self) -> list[ToolSpec]:
        put, close = super().tools()
        note: Any = {**put["function"], "description": f"Put a book. Not {getattr(self, 'task', None) and self.word}."}
        return [{"type": "function", "function": note}, close]


@breaks("nothing_private_leaks", r"in render\(\) after reset")
class InItsPicture(Shelf):
    def render(self) -> Any:
        return {"title": self.word}


@breaks("nothing_private_leaks", "in the error of a step after the end")
class InTheLastError(Shelf):
    def _require_running(self) -> None:
        try:
            super()._require_running()
        except ValueError as error:
            raise type(error)(f"{error}; the word was {self.word}") from None


@breaks("nothing_private_leaks", "in the observation of step")
class InARefusal(Shelf):
    """Only a call that names no known tool gets to see it."""

    def respond(self, message: Message) -> tuple[Observation, bool]:
        for each in message.get("tool_calls") or ():
            if each["function"]["name"] not in ("put", "close_shelf"):
                raise InvalidAction(f"no such tool; the word is {self.word}")
        return super().respond(message)


@breaks("nothing_private_leaks", "in the observation of step")
class InAResult(Shelf):
    """Only chance, which puts books, gets to see it."""

    def shown(self, book: str) -> str:
        return f"the word is {self.word}"


@breaks("nothing_private_leaks", "private room of every task is seen, as in the first observation")
class ShortEverywhere(Shelf):
    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} This is room {task.private['room']}."


@breaks("nothing_private_leaks", "private word is seen")
class OneWordForAll(Shelf):
    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "private": {"word": "shibboleth"}}

    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} The word is shibboleth."


@breaks("nothing_private_leaks", r"private tests is seen.*assert shelf")
class OneLineOfMany(Shelf):
    def generate(self, rng: random.Random) -> TaskFields:
        number = rng.randrange(10**6)
        return {
            **super().generate(rng),
            "private": {"tests": f"def test():\n    assert shelf({number}) == 'full of books'\n"},
        }

    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} Hint: {task.private['tests'].splitlines()[1].strip()}"


@breaks("nothing_private_leaks", "private gold.price is seen")
class NumberWithCommas(Shelf):
    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "private": {"gold": {"price": rng.randrange(10_000, 99_999)}}}

    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} It is worth {task.private['gold']['price']:,} dollars."


@breaks("nothing_private_leaks", "private files.a is seen in the first observation")
class FilesInThePrompt(Shelf):
    found_by_tools = frozenset({"files"})

    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "private": {"files": {"a": f"file {rng.getrandbits(40)}"}}}

    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} {task.private['files']['a']}"


def is_quiet(env: Env) -> None:
    report = check(env, laws=("nothing_private_leaks",))
    assert report.ok, report.failures


def test_what_tools_are_there_to_show_is_no_leak() -> None:
    class Files(FilesInThePrompt):
        def begin(self, task: Task) -> str:
            return Shelf.begin(self, task)

        def shown(self, book: str) -> str:
            assert self.task is not None
            return str(self.task.private["files"]["a"])

    is_quiet(Files)


def test_a_word_that_the_world_says_in_every_task_is_no_leak() -> None:
    class Ordinary(Shelf):
        def generate(self, rng: random.Random) -> TaskFields:
            return {**super().generate(rng), "private": {"gold": rng.choice(["shelf", "order", "books"])}}

    is_quiet(Ordinary)


def test_what_is_public_is_no_secret() -> None:
    class Public(Shelf):
        def generate(self, rng: random.Random) -> TaskFields:
            fields = super().generate(rng)
            return {**fields, "private": {"gold": fields["public"]["books"]}}

    is_quiet(Public)


def test_what_the_agent_wrote_itself_is_no_leak() -> None:
    class Echo(Shelf):
        def random_action(self, rng: random.Random) -> Action:
            return call("put", book=self.word)

        def shown(self, book: str) -> str:
            return f"you put {book}"

    is_quiet(Echo)


def test_a_short_number_that_is_seen_by_chance_is_no_leak() -> None:
    class Rooms(Shelf):
        def begin(self, task: Task) -> str:
            seen = task.private["room"] if task.id.endswith("1") else 5
            return f"{super().begin(task)} There are {seen} rooms."

    is_quiet(Rooms)


def test_a_number_inside_another_number_is_another_number() -> None:
    class Longer(Shelf):
        def generate(self, rng: random.Random) -> TaskFields:
            return {**super().generate(rng), "private": {"gold": rng.randrange(1000, 9999)}}

        def begin(self, task: Task) -> str:
            gold = task.private["gold"]
            return f"{super().begin(task)} 1{gold} {gold}.5 {gold}0 x{gold} 0.{gold}"

    is_quiet(Longer)


def test_one_setting_that_all_tasks_share_is_no_secret() -> None:
    class Typed(Shelf):
        def generate(self, rng: random.Random) -> TaskFields:
            return {**super().generate(rng), "private": {"kind": "integer"}}

        def begin(self, task: Task) -> str:
            return f"{super().begin(task)} Reply with an integer."

    is_quiet(Typed)


@pytest.mark.parametrize(("law", "env", "detail"), CASES)
def test_a_fault_is_caught_with_what_was_seen(law: str, env: Env, detail: str) -> None:
    caught(check(env, laws=(law,)).failures, law, detail)


def caught(failures: dict[str, str], law: str, detail: str) -> None:
    assert law in failures, "the law holds"
    assert detail in failures[law] or re.search(detail, failures[law]), failures[law]
