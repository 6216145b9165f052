"""The worlds of bfcl-eval, served by the interpreter that has it: one JSON object a line, over the socket that is descriptor 0.

This file runs as a program, by an interpreter that need not have envgym. A call is dispatched by name from what is documented, never
evaluated. States are a cache: who asks names the state that a call starts from, and sends world and calls again where it is absent.
Before the first request the process gives up files to write, programs and sockets (`verifiers/confinement.py`, whose path is argument 1).

What bfcl-eval shares between instances, which are its long-context tables and the default values of arguments, is copied here, so that no
episode feels another.
"""

import ast
import copy
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import resource
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

CPU_S = 0.5
"""CPU seconds that one call may use; no golden call took a twentieth of it."""
CPU_AGAIN_S = 2.0
"""The same for calls that were let through before: what took 0.49 s once may take more now."""
MEMORY_BYTES = 1 << 30
MOST_KEPT = 512
"""States that are kept."""
OTHER_SETS = ("WebSearchAPI", "MemoryAPI_kv", "MemoryAPI_vector", "MemoryAPI_rec_sum")
Call = dict[str, Any]


class Package:
    """What is read of bfcl-eval: its classes, their documented functions, its data."""

    def __init__(self) -> None:
        config = importlib.import_module("bfcl_eval.constants.executable_backend_config")
        self.version = importlib.metadata.version("bfcl-eval")
        self.data = Path(str(importlib.import_module("bfcl_eval").__file__)).parent / "data"
        self.more = importlib.import_module(
            "bfcl_eval.constants.default_prompts"
        ).DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC
        self.stateless = frozenset(config.STATELESS_CLASSES)
        self.classes: dict[str, Any] = {}
        self.docs: dict[str, list[dict[str, Any]]] = {}
        for name, module in config.CLASS_FILE_PATH_MAPPING.items():
            if name not in OTHER_SETS:
                self.classes[name] = getattr(importlib.import_module(module), name)
                place = self.data / "multi_turn_func_doc" / config.MULTI_TURN_FUNC_DOC_FILE_MAPPING[name]
                self.docs[name] = json_lines(place)
        self.owner = {doc["name"]: name for name, docs in self.docs.items() for doc in docs}
        self.signatures = {
            name: list(inspect.signature(getattr(self.classes[owner], name)).parameters.values())[1:]
            for name, owner in self.owner.items()
        }

    def entries(self, subset: str) -> list[dict[str, Any]]:
        """The entries of a set, each with its golden calls by turn."""
        (questions,) = self.data.glob(f"BFCL_v*_multi_turn_{subset}.json")
        (answers,) = (self.data / "possible_answer").glob(f"BFCL_v*_multi_turn_{subset}.json")
        gold = {each["id"]: each["ground_truth"] for each in json_lines(answers)}
        return [
            {**each, "gold": [[self.parsed(text) for text in turn] for turn in gold[each["id"]]]}
            for each in json_lines(questions)
        ]

    def parsed(self, text: str) -> Call:
        """A golden call, which is written in Python with literal arguments."""
        node = ast.parse(text, mode="eval").body
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            raise ValueError(f"a golden call is no plain call: {text!r}")
        name = node.func.id
        names = [each.name for each in self.signatures[name]]
        placed = zip(names[: len(node.args)], node.args, strict=True)
        named = ((each.arg, each.value) for each in node.keywords)
        return {"name": name, "arguments": {key: ast.literal_eval(value) for key, value in [*placed, *named]}}

    def instance(self, name: str, world: dict[str, Any]) -> Any:
        """A fresh instance of a class in the state that a world describes. It shares nothing with another."""
        made = self.classes[name]()
        if name not in self.stateless:
            made._load_scenario(copy.deepcopy(world["config"].get(name, {})), long_context=world["long_context"])
        return copy.deepcopy(made)


class State:
    """The instances of one episode."""

    def __init__(self, package: Package, world: dict[str, Any], calls: list[Call]) -> None:
        self.package = package
        self.instances = {name: package.instance(name, world) for name in world["classes"]}
        for each in calls:
            self.execute(each, CPU_AGAIN_S)

    def execute(self, call: Call, cpu_s: float) -> tuple[str, bool]:
        """The result of a call as bfcl-eval writes it down, and whether it raised."""
        name, signature = call["name"], self.package.signatures[call["name"]]
        method = getattr(self.instances[self.package.owner[name]], name)
        known = {each.name: each.default for each in signature}
        if not call["arguments"].keys() <= known.keys():
            raise ValueError(f"{name} has no arguments {sorted(call['arguments'].keys() - known.keys())}")
        defaults = {key: value for key, value in known.items() if value is not inspect.Parameter.empty}
        given = copy.deepcopy({**defaults, **call["arguments"]})
        signal.setitimer(signal.ITIMER_PROF, cpu_s)  # nobody handles SIGPROF, so it ends the process
        try:
            return as_text(method(**given)), False
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # what it raises is what the agent is told
            return f"Error during execution: {error}", True
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def as_text(result: Any) -> str:
    """A result as bfcl-eval compares and shows it."""
    if isinstance(result, dict):
        try:
            return json.dumps(result)
        except (TypeError, ValueError):
            return str(result)
    return str(result)


def judge(package: Package, request: dict[str, Any]) -> dict[str, Any]:
    """The first thing that is wrong with calls by turn, beside the golden ones: its code, turn and text; `code` is empty where nothing is.

    After each turn with golden calls: some call was made, every public attribute of every instance is equal, and each golden result is
    among the results so far, as often as it is golden.
    """
    mine, golden = State(package, request["world"], []), State(package, request["world"], [])
    results: list[str] = []
    for turn, (calls, wanted) in enumerate(zip(request["turns"], request["gold"], strict=True)):
        results += [mine.execute(each, CPU_AGAIN_S)[0] for each in calls]
        expected = [golden.execute(each, CPU_AGAIN_S) for each in wanted]
        broken = [text for text, raised in expected if raised]
        if broken:
            return fault("gold", turn, broken[0])
        if not wanted:
            continue
        if not calls:
            return fault("no_calls", turn, f"{len(wanted)} golden calls")
        for name, instance in golden.instances.items():
            wrong = difference(mine.instances[name], instance)
            if wrong:
                return fault("state", turn, f"{name}.{wrong}")
        left = results.copy()
        for text, _ in expected:
            if text not in left:
                return fault("response", turn, text)
            left.remove(text)
    return fault("", 0, "")


def fault(code: str, turn: int, text: str) -> dict[str, Any]:
    return {"code": code, "turn": turn, "text": text[:400]}


def difference(one: Any, golden: Any) -> str:
    """The first public attribute in which two instances differ; empty where they agree."""
    for name, wanted in vars(golden).items():
        if not name.startswith("_") and getattr(one, name, None) != wanted:
            return f"{name} is {str(getattr(one, name, None))[:150]}, not {str(wanted)[:150]}"
    return ""


class Server:
    """Answers requests one by one."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.kept: OrderedDict[str, State] = OrderedDict()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "docs":
                return {"docs": self.package.docs, "more": self.package.more, "version": self.package.version}
            case "entries":
                return {"entries": self.package.entries(request["set"])}
            case "call":
                return self.call(request)
            case "judge":
                return judge(self.package, request)
        raise ValueError(f"unknown request {request['op']!r}")

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """One call from the state `before`, which becomes the state `after`."""
        state = self.kept.pop(request["before"], None)
        if state is None:
            if "world" not in request:
                return {"absent": True}
            state = State(self.package, request["world"], request["calls"])
        text, raised = state.execute(request["call"], CPU_S)
        self.kept[request["after"]] = state
        if len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)
        return {"result": text, "raised": raised}


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def confine(place: str) -> None:
    """Runs `confine_calls` of the file there, and limits memory."""
    spec = importlib.util.spec_from_file_location("confinement", place)
    if spec is None or spec.loader is None:
        raise OSError(f"{place} cannot be loaded")
    confinement = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(confinement)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    confinement.confine_calls()


def main() -> None:
    """Says whether bfcl-eval is there, then serves until nobody asks any more."""
    requests, replies = os.fdopen(0, "rb", closefd=False), os.fdopen(os.dup(0), "wb")

    def say(reply: dict[str, Any]) -> None:
        replies.write(json.dumps(reply).encode("ascii") + b"\n")
        replies.flush()

    try:
        server = Server(Package())
    except (ImportError, AttributeError, OSError, KeyError) as error:
        return say({"missing": f"{type(error).__name__}: {error}"})
    confine(sys.argv[1])
    say({"ready": True})
    for line in requests:
        try:
            say(server.answer(json.loads(line)))
        except MemoryError:
            return say({"over": "memory"})
        except Exception as error:  # noqa: BLE001  # it is the caller who decides what that means
            say({"error": f"{type(error).__name__}: {error}"})
    return None


if __name__ == "__main__":
    main()
