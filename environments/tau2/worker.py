"""The program that serves a checkout of tau2-bench. Run by the checkout's interpreter; imports nothing of envgym.

    python -P worker.py CHECKOUT DESCRIPTOR

DESCRIPTOR is a socket on which one JSON line asks and one answers. The package is imported once (it takes seconds); then each episode gets
a fork of this process on a socket of its own, which came with the request. So an episode starts in milliseconds from untouched data, and
whatever happens in it (an endless calculation, a killed process) happens to it alone. When an episode's process dies, the last line
on its socket says of what. The end of DESCRIPTOR ends everything.
"""

import contextlib
import gc
import importlib
import json
import os
import random
import resource
import select
import signal
import socket
import sys
import uuid
from typing import Any

MEMORY_BYTES = 4 << 30
"""Address space that one episode may take beyond what this process has."""


class Domains:
    """What the package offers, each domain loaded when it is first asked for."""

    def __init__(self) -> None:
        self.registry = importlib.import_module("tau2.registry").registry
        self.task_type = importlib.import_module("tau2.data_model.tasks").Task
        self.call_type = importlib.import_module("tau2.data_model.message").ToolCall
        self._loaded: dict[str, Any] = {}
        self._hashes: dict[str, dict[str, Any]] = {}

    def names(self) -> list[str]:
        return sorted(self.registry.get_domains())

    def world(self, domain: str) -> Any:
        """Their environment object, untouched: forks change copies of it."""
        if domain not in self._loaded:
            self._loaded[domain] = self.registry.get_env_constructor(domain)()
            self._hashes[domain] = hashes_of(self._loaded[domain])
        return self._loaded[domain]

    def hashes(self, domain: str) -> dict[str, Any]:
        """Of its untouched data."""
        self.world(domain)
        return self._hashes[domain]

    def describe(self, domain: str) -> dict[str, Any]:
        """What a client has to know of a domain."""
        world = self.world(domain)
        tasks = self.registry.get_tasks_loader(domain)()
        return {
            "policy": world.get_policy(),
            "tools": tools_of(world.tools, world.get_tools()),
            "user_tools": tools_of(world.user_tools, world.get_user_tools()) if world.user_tools is not None else [],
            "tasks": [task.model_dump(mode="json") for task in tasks],
        }


def tools_of(kit: Any, tools: list[Any]) -> list[dict[str, Any]]:
    return [{"spec": tool.openai_schema, "mutates": bool(kit.tool_mutates_state(tool.name))} for tool in tools]


def hashes_of(world: Any) -> dict[str, Any]:
    return {"db": world.get_db_hash(), "user_db": world.get_user_db_hash()}


class Episode:
    """One task in this process, which is a fork and does nothing else."""

    def __init__(self, domains: Domains, domain: str) -> None:
        self.domains = domains
        self.world = domains.world(domain)
        self.task: Any = None
        self.criteria: Any = None
        self.calls: list[Any] = []
        self.untouched: dict[str, Any] | None = domains.hashes(domain)

    def open(self, task: dict[str, Any]) -> dict[str, Any]:
        """Sets their world up as the task says."""
        self.task = self.domains.task_type.model_validate(task)
        self.criteria = self.task.evaluation_criteria
        start = self.task.initial_state
        history = (start.message_history or []) if start is not None else []
        self.world.set_state(
            initialization_data=start.initialization_data if start is not None else None,
            initialization_actions=start.initialization_actions if start is not None else None,
            message_history=history,
        )
        if start is not None:
            self.untouched = None
        self.calls = [call for message in history for call in getattr(message, "tool_calls", None) or []]
        return {}

    def call(self, name: str, arguments: dict[str, Any], requestor: str, cpu_s: int) -> dict[str, Any]:
        """One tool call, as theirs are made. A call that takes more processor time kills this process."""
        self.untouched = None
        limit_cpu(cpu_s)
        made = self.domains.call_type(id=str(len(self.calls)), name=name, arguments=arguments, requestor=requestor)
        answer = self.world.get_response(made)
        self.calls.append(made)
        return {"text": str(answer.content), "error": bool(answer.error)}

    def facts(self) -> dict[str, Any]:
        """What their evaluators look at, as it stands."""
        criteria = self.criteria
        assertions = (criteria.env_assertions or []) if criteria is not None else []
        actions = (criteria.actions or []) if criteria is not None else []
        return {
            **self.hashes(),
            "assertions": [self.holds(assertion) for assertion in assertions],
            "actions": [any(action.compare_with_tool_call(call) for call in self.calls) for action in actions],
        }

    def hashes(self) -> dict[str, Any]:
        """Their hashes of all data, which take most of the time of a verdict; known where nothing can have changed."""
        return self.untouched if self.untouched is not None else hashes_of(self.world)

    def holds(self, assertion: Any) -> bool:
        """False also where it raises: some speak of a row that is not there until the agent has made it."""
        try:
            return bool(self.world.run_env_assertion(assertion, raise_assertion_error=False))
        except Exception:  # noqa: BLE001  # theirs, and it says no
            return False

    def gold(self) -> dict[str, Any]:
        """Carries the gold steps out as their evaluator does, which goes on after a step that raised; that step is named here."""
        self.untouched = None
        raised = []
        for position, action in enumerate(self.criteria.actions or [] if self.criteria is not None else []):
            try:
                self.world.make_tool_call(tool_name=action.name, requestor=action.requestor, **action.arguments)
            except Exception as error:  # noqa: BLE001  # what they raise is the finding
                told = f"{type(error).__name__}: {error}"
                raised.append({"position": position, "action": action.name, "error": told[:500]})
        return {"raised": raised, **self.hashes()}

    def play_gold(self, cpu_s: int) -> dict[str, Any]:
        """The facts after the gold steps were made as an agent and a user make theirs."""
        for action in self.criteria.actions or [] if self.criteria is not None else []:
            self.call(action.name, action.arguments, action.requestor, cpu_s)
        return self.facts()

    def survey(self, cpu_s: int) -> dict[str, Any]:
        """Of the task as it was opened: the facts when nothing is done, the gold state, the facts when gold is played.

        Gold is played here and not apart: a survey is the last that is asked of a process.
        """
        return {"idle": apart(self.facts), "gold": apart(self.gold), "played": self.play_gold(cpu_s)}

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        what = asked.pop("do")
        if what == "facts":
            return apart(self.facts)
        if what not in ("open", "call", "survey"):
            raise ValueError(f"unknown request {what!r}")
        answered: dict[str, Any] = getattr(self, what)(**asked)
        return answered


def apart(work: Any) -> dict[str, Any]:
    """What `work` gives, done in a fork: whatever it changes stays there."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            pipe.write(answered(work))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))  # so that this process says of what it died
    given: dict[str, Any] = json.loads(text)
    if "failed" in given:
        raise RuntimeError(given["failed"])
    return given


def answered(work: Any) -> str:
    """A JSON line of what `work` gives; of what it raised, where it did."""
    try:
        return json.dumps(work(), default=str)
    except Exception as error:  # noqa: BLE001  # reported to the client, which decides what it means
        return json.dumps({"failed": f"{type(error).__name__}: {error}"[:4000]})


def limit_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def limit_memory() -> None:
    with open("/proc/self/statm" if os.path.exists("/proc/self/statm") else os.devnull) as file:
        pages = int((file.read().split() or ["0"])[0])
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def serve_episode(domains: Domains, domain: str, connection: socket.socket) -> None:
    """Answers requests until the client hangs up. Their random ids are drawn from a fixed seed, or no episode could be played again."""
    drawn = random.Random(0)
    random.seed(0)
    uuid.uuid4 = lambda: uuid.UUID(int=drawn.getrandbits(128), version=4)
    limit_memory()
    episode = Episode(domains, domain)
    with connection, connection.makefile("rw") as lines:
        for line in lines:
            asked = json.loads(line)
            lines.write(answered(lambda asked=asked: episode.answer(asked)) + "\n")
            lines.flush()


class Server:
    """The process that forks: takes requests, starts episodes, and says on an episode's socket of what its process died."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.domains = Domains()
        self.episodes: dict[int, socket.socket] = {}
        self.woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(self.woken, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        self.tell({"domains": self.domains.names()})
        while True:
            ready, _, _ = select.select([self.control.fileno(), self.woken], [], [])
            if self.woken in ready:
                self.reap()
            if self.control.fileno() in ready and not self.take():
                return

    def tell(self, answer: dict[str, Any]) -> None:
        self.control.sendall(json.dumps(answer, default=str).encode() + b"\n")

    def take(self) -> bool:
        """Carries out one request; False when there will be none any more."""
        line, descriptors, _, _ = socket.recv_fds(self.control, 65536, 1)
        if not line:
            return False
        asked = json.loads(line)
        if asked["do"] == "describe":
            self.control.sendall(answered(lambda: self.domains.describe(asked["domain"])).encode() + b"\n")
            gc.collect()
            gc.freeze()  # or the first collection in each fork would write to, and so copy, all that was loaded
        elif asked["do"] == "episode":
            self.tell({"pid": self.start(asked["domain"], socket.socket(fileno=descriptors[0]))})
        elif asked["do"] == "kill":
            if asked["pid"] in self.episodes:
                os.kill(asked["pid"], signal.SIGKILL)
            self.tell({})
        return True

    def start(self, domain: str, connection: socket.socket) -> int:
        child = os.fork()
        if child:
            self.episodes[child] = connection
            return child
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self.control, *self.episodes.values()):
                other.close()
            serve_episode(self.domains, domain, connection)
        finally:
            os._exit(0)

    def reap(self) -> None:
        try:
            while os.read(self.woken, 4096):
                pass
        except BlockingIOError:
            pass
        for child in list(self.episodes):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                with self.episodes.pop(child) as connection:
                    died = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""
                    with contextlib.suppress(OSError):  # as a rule nobody listens any more, which is why it ended
                        connection.sendall(json.dumps({"died": died}).encode() + b"\n")


def main() -> None:
    sys.path.insert(0, os.path.join(sys.argv[1], "src"))
    control = socket.socket(fileno=int(sys.argv[2]))
    try:
        server = Server(control)
    except Exception as error:  # noqa: BLE001  # somebody else's package may raise anything while it is imported
        control.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"[:4000]}).encode() + b"\n")
        return
    server.serve()


if __name__ == "__main__":
    main()
