"""Laws of what an episode starts from: tasks, their generator, reset, and the tools on offer."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from envgym.env import AgentEnv
from envgym.message import ToolSpec
from envgym.task import Task
from envgym.testing.state import changes, state_of
from envgym.testing.subject import LawBroken, Subject
from envgym.testing.tape import line, opening, require_same

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}


def tasks_are_valid(subject: Subject) -> None:
    """Every task names its environment, has an id of its own by which it is found again, and survives JSON unchanged."""
    env = subject.make()
    tasks = subject.tasks
    ids = [task.id for task in tasks]
    if len(set(ids)) != len(ids):
        raise LawBroken(f"ids are not unique: {ids}")
    for task in tasks:
        if task.env != env.id:
            raise LawBroken(f"task {task.id!r} belongs to {task.env!r}, the environment is {env.id!r}")
        type(env).check_task(task)
        if env.taskset(subject.seed).find(task.id).hash != task.hash:
            raise LawBroken(f"find({task.id!r}) gives another task than the set does at its place")
        survives_json(task)


def survives_json(task: Task) -> None:
    """Raises LawBroken when a task that was written to a file and read again is another task."""
    read = Task.model_validate_json(task.model_dump_json())
    for half in ("public", "private", "resources", "certificate"):
        if getattr(read, half) != getattr(task, half):
            raise LawBroken(
                f"task {task.id!r} is another one after JSON: {half} was {getattr(task, half)!r}, is {getattr(read, half)!r}"
            )
    if read != task or read.hash != task.hash:
        raise LawBroken(f"task {task.id!r} is another one after JSON")


def reset_is_deterministic(subject: Subject) -> None:
    """The same seed gives the same tasks and first observations, and task i of a generated set depends on nothing drawn before it."""
    env, other, seed = subject.make(), subject.make(), subject.seed
    first = [opening(env, seed=seed), opening(env)]
    require_same(
        first, [opening(env, seed=seed), opening(env)], f"reset(seed={seed}) and reset() twice in one instance"
    )
    require_same(first, [opening(other, seed=seed), opening(other)], f"reset(seed={seed}) and reset() in two instances")
    for index, task in reversed(list(enumerate(subject.tasks))):
        alone = subject.make().taskset(seed)[index]
        if alone.hash != task.hash:
            one, two = f"task {index}: {task.model_dump_json()}", f"task {index}: {alone.model_dump_json()}"
            require_same([one], [two], "drawn after others and alone")
    for task in subject.each_task():
        by_task = opening(subject.make(), seed=seed, options={"task": task})
        by_id = opening(subject.make(), seed=seed, options={"task": task.id})
        require_same([by_task], [by_id], f"task {task.id!r} by value and by id")


def tools_are_well_formed(subject: Subject) -> None:
    """Tools have a name that model servers take, a description, and a JSON schema of an object; asking for them changes nothing."""
    for task in subject.each_task():
        env = subject.start(task)
        offered(env, f"task {task.id!r}, at the start")
        for number, action in enumerate(subject.busiest(task), 1):
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                break
            offered(env, f"task {task.id!r}, after step {number}")


def offered(env: AgentEnv, when: str) -> None:
    """Raises LawBroken when a tool on offer is none, or when asking for the tools changes something."""
    before = state_of(env)
    tools = env.tools()
    names = [check_tool(tool) for tool in tools]
    if len(set(names)) != len(names):
        raise LawBroken(f"{when}: tool names are not unique: {names}")
    require_same([line("tools()", tools=tools)], [line("tools()", tools=env.tools())], f"{when}, asked twice")
    changed = changes(before, state_of(env))
    if changed:
        raise LawBroken(f"{when}: tools() changes {', '.join(changed)}")


def check_tool(tool: ToolSpec) -> str:
    """The name of a tool. Raises LawBroken for one that a model server would refuse."""
    function: Any = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, Mapping):
        raise LawBroken(f"a tool is {{type: 'function', function: {{...}}}}, not {str(tool)[:120]}")
    name = function.get("name")
    if not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        raise LawBroken(f"tool name {name!r} does not match {TOOL_NAME.pattern}")
    if not str(function.get("description") or "").strip():
        raise LawBroken(f"tool {name!r} has no description")
    schema = function.get("parameters")
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise LawBroken(f"parameters of tool {name!r} are a JSON schema of type 'object', not {str(schema)[:120]}")
    for fault in schema_faults(schema, schema, "parameters"):
        raise LawBroken(f"tool {name!r}: {fault}")
    return name


def schema_faults(schema: Any, root: Mapping[str, Any], where: str) -> Iterator[str]:
    """What is wrong in a JSON schema, for the parts that model servers and pydantic use. Unknown keywords pass."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"{where} is {schema!r}, not a schema"
        return
    kind = schema.get("type", [])
    unknown = set([kind] if isinstance(kind, str) else kind) - TYPES
    if unknown:
        yield f"{where}.type is {min(unknown)!r}, not one of {sorted(TYPES)}"
    if "$ref" in schema and schema["$ref"].removeprefix("#/$defs/") not in root.get("$defs", {}):
        yield f"{where} points to {schema['$ref']!r}, which is not there"
    if "enum" in schema and not (isinstance(schema["enum"], list) and schema["enum"]):
        yield f"{where}.enum is {schema['enum']!r}, not a list of choices"
    properties = schema.get("properties", {})
    missing = set(schema.get("required", ())) - properties.keys()
    if missing:
        yield f"{where} requires {sorted(missing)}, which it does not describe"
    for name, part in (*properties.items(), *schema.get("$defs", {}).items()):
        yield from schema_faults(part, root, f"{where}.{name}")
    for name in ("items", "additionalProperties"):
        yield from schema_faults(schema.get(name, True), root, f"{where}.{name}")
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for number, part in enumerate(schema.get(name, ())):
            yield from schema_faults(part, root, f"{where}.{name}[{number}]")
