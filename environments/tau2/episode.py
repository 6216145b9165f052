"""One episode's world in tau2-bench. What it is made of is its task and the calls so far, so it pickles; a process of its own serves it.

The process starts when it is first needed and is brought to the same state by making the same calls again. A call that then answers
otherwise is a failure of the world.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.server import CPU_S, Connection, OverBudget, server_of
from envgym.errors import EnvFailure, InvalidAction

Requestor = Literal["assistant", "user"]


@dataclass(frozen=True, slots=True)
class Done:
    """A call that was made, and its answer."""

    requestor: Requestor
    name: str
    arguments: dict[str, Any]
    text: str
    error: bool


@dataclass
class Episode:
    """`task` is in their form."""

    checkout: Checkout
    domain: str
    task: dict[str, Any]
    done: list[Done] = field(default_factory=list)
    _connection: Connection | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "done": list(self.done), "_connection": None}

    def call(self, requestor: Requestor, name: str, arguments: dict[str, Any]) -> Done:
        """Makes a call. Raises InvalidAction, with nothing changed, where it takes too much processor time; EnvFailure."""
        try:
            made = self._make(self._connected(), requestor, name, arguments)
        except OverBudget:
            self.close()
            told = f"{name} was stopped after {CPU_S} processor seconds; nothing was changed"
            raise InvalidAction(told, code="tool.budget") from None
        except EnvFailure:
            self.close()
            raise
        self.done.append(made)
        return made

    def facts(self) -> dict[str, Any]:
        """What the episode can be judged by. Changes nothing. Raises EnvFailure."""
        return self._connected().ask(do="facts")

    def survey(self) -> dict[str, Any]:
        """What is true of the task, whatever an agent does. Raises EnvFailure."""
        connection = self._opened()
        try:
            return connection.ask(do="survey", cpu_s=CPU_S)
        except OverBudget:
            raise EnvFailure(
                f"tau2: the gold steps of task {self.task['id']!r} take over {CPU_S} processor seconds"
            ) from None
        finally:
            connection.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> Connection:
        connection = server_of(self.checkout).connect(self.domain)
        try:
            connection.ask(do="open", task=self.task)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = self._opened()
            try:
                for before in self.done:
                    again = self._make(connection, before.requestor, before.name, before.arguments)
                    if again != before:
                        raise EnvFailure(f"tau2: {before.name} answers otherwise when it is called again")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    @staticmethod
    def _make(connection: Connection, requestor: Requestor, name: str, arguments: dict[str, Any]) -> Done:
        answer = connection.ask(do="call", name=name, arguments=arguments, requestor=requestor, cpu_s=CPU_S)
        return Done(requestor, name, arguments, answer["text"], answer["error"])
