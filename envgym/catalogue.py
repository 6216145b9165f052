"""What there is: environments with their knobs and tools, scaffolds, policies, verifiers."""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from envgym import registry
from envgym.answer_env import AnswerEnv
from envgym.env import AgentEnv, describe
from envgym.errors import UsageError
from envgym.message import text_of
from envgym.tool_env import ToolEnv


def environments() -> list[dict[str, Any]]:
    """One JSON-ready entry per environment. One that cannot be imported is listed with its error."""
    entries = []
    for name, path in registry.environments.paths().items():
        entry: dict[str, Any] = {"id": name, "path": path, "kind": "", "tools": 0, "about": "", "error": ""}
        try:
            env = registry.environments.get(name)
        except UsageError as error:
            entries.append(entry | {"about": "cannot be loaded", "error": str(error)})
            continue
        tools = len(env.toolbox) if issubclass(env, ToolEnv) else 0
        known = {"kind": kind_of(env), "tools": tools, "about": describe(env), "knobs": knobs_of(env)}
        entries.append(entry | known | {"family": name.partition(":")[0] if ":" in name else "", **env.particulars})
    return entries


def families() -> dict[str, str]:
    """The prefixes of ids that stand for many environments, and what their modules say of themselves."""
    told = {}
    for prefix, path in registry.environments.families.items():
        text = inspect.getdoc(importlib.import_module(path)) or ""
        told[f"{prefix}:<name>"] = text.split("\n\n")[0].replace("\n", " ")
    return told


def others() -> dict[str, list[str]]:
    """Ids of the other kinds of things."""
    kinds = {"scaffolds": registry.scaffolds, "policies": registry.policies, "verifiers": registry.verifiers}
    return {kind: sorted(entries.paths()) for kind, entries in kinds.items()}


def kind_of(env: type[AgentEnv]) -> str:
    return "answer" if issubclass(env, AnswerEnv) else "tool" if issubclass(env, ToolEnv) else "other"


def knobs_of(env: type[AgentEnv]) -> dict[str, Any]:
    """Default and description of every knob."""
    fields = env.Knobs.model_fields
    return {
        name: {"default": to_jsonable_python(field.default), "about": field.description}
        for name, field in fields.items()
    }


def sheet(name: str, *, knobs: Mapping[str, Any], seed: int) -> str:
    """An environment as text: what it is, its knobs and tools, and what an agent sees of its first task."""
    kind = registry.environments.get(name)
    env: AgentEnv = kind(**knobs)
    lines = [f"{env.id} (version {env.version})", "", inspect.getdoc(inspect.getmodule(kind)) or describe(kind), ""]
    lines += [f"  --set {name}={knob['default']}  {knob['about']}" for name, knob in knobs_of(kind).items()]
    task = env.taskset(seed)[0]
    observation, _ = env.reset(seed=seed, options={"task": task})
    tools = env.tools()
    if tools:
        lines += ["", "tools:"]
        lines += [f"  {tool['function']['name']}: {tool['function']['description'].splitlines()[0]}" for tool in tools]
    lines += ["", f"task {task.id}, at most {env.turn_limit} turns:", *(text_of(message) for message in observation)]
    env.close()
    return "\n".join(lines)
