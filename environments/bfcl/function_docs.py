"""The functions that bfcl-eval documents, as tools: what the agent reads, and how its arguments are checked.

The documents have types of their own ("dict", "float"), write None as the text "None", and say "integer" of ids that are text in some
worlds. What is refused here never reaches a class of bfcl-eval. 5 and 5.0 stay apart: results are compared as text.
"""

from functools import cache
from typing import Annotated, Any, Literal, NotRequired, cast

from pydantic import ConfigDict, Field, create_model, with_config
from pydantic_core import SchemaValidator
from typing_extensions import TypedDict

from envgym.environments.bfcl.world_process import worlds_of
from envgym.errors import EnvFailure
from envgym.message import ToolSpec
from envgym.tool_env import MAX_INT, Tool, checked_arguments

KINDS = {
    "string": "string",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "boolean": "boolean",
    "array": "array",
    "list": "array",
    "tuple": "array",
    "dict": "object",
    "object": "object",
}
"""JSON types by the types of the documents."""
TEXT_TOO = frozenset({"ticket_id"})
"""Arguments documented as integers whose values are text in some worlds, where golden calls use that."""
NO_VALUE = "None"
ABSENT: Any = object()
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
Integer = Annotated[int, Field(ge=-MAX_INT, lt=MAX_INT)]
SIMPLE: dict[str, Any] = {"string": str, "integer": Integer, "number": Integer | float, "boolean": bool}


def schema_of(doc: dict[str, Any], name: str = "") -> dict[str, Any]:
    """The JSON schema of a documented type. Raises EnvFailure for a type that is not known."""
    kind = KINDS.get(doc["type"])
    if kind is None:
        raise EnvFailure(
            f"bfcl-eval documents {name or 'a value'} with the type {doc['type']!r}, which is not known here"
        )
    schema: dict[str, Any] = {"type": kind}
    if "items" in doc:
        schema["items"] = schema_of(doc["items"])
    if "properties" in doc:
        schema["properties"] = {key: schema_of(part, key) for key, part in doc["properties"].items()}
        schema["additionalProperties"] = False
        if doc.get("required"):
            schema["required"] = list(doc["required"])
    if name in TEXT_TOO and kind == "integer":
        schema = {"anyOf": [schema, {"type": "string"}]}
    if doc.get("default") == NO_VALUE:
        schema = {"anyOf": [schema, {"type": "null"}], "default": None}
    elif "default" in doc:
        schema["default"] = doc["default"]
    if "description" in doc:
        schema["description"] = doc["description"].strip()
    return schema


def type_of(schema: dict[str, Any]) -> Any:
    """The Python type that pydantic checks a JSON schema by."""
    if "anyOf" in schema:
        kinds = [type_of(part) for part in schema["anyOf"]]
        return kinds[0] | kinds[1]
    match schema["type"]:
        case "null":
            return None
        case "array":
            return list[type_of(schema["items"])] if "items" in schema else list[Any]  # type: ignore[misc]
        case "object" if "properties" in schema:
            return fields_of(schema)
        case "object":
            return dict[str, Any]
        case simple:
            return SIMPLE[simple]


def fields_of(schema: dict[str, Any]) -> Any:
    """The type of an object inside an argument: it stays a plain dictionary."""
    required = schema.get("required", ())
    kinds: dict[str, Any] = {
        key: type_of(part) if key in required else NotRequired[type_of(part)]
        for key, part in schema["properties"].items()
    }
    made: Any = TypedDict("made", kinds)  # type: ignore[misc]
    return with_config(STRICT)(made)


def tool_of(doc: dict[str, Any]) -> Tool:
    """A documented function as a tool."""
    name = doc["name"]
    parameters = schema_of(doc["parameters"])
    required = parameters.get("required", ())
    fields: dict[str, Any] = {
        key: (type_of(part), ... if key in required else ABSENT) for key, part in parameters["properties"].items()
    }
    model = create_model(name, __config__=STRICT, **fields)
    spec: ToolSpec = {
        "type": "function",
        "function": {"name": name, "description": doc["description"].strip(), "parameters": parameters},
    }
    return Tool(name, spec, cast(SchemaValidator, model.__pydantic_validator__), name, final=False)


def arguments_of(tool: Tool, arguments: str) -> dict[str, Any]:
    """The arguments that were given, checked. Raises InvalidAction that names each that is wrong."""
    return {key: value for key, value in checked_arguments(tool, arguments).items() if value is not ABSENT}


@cache
def functions(python: str) -> dict[str, dict[str, Tool]]:
    """The tools of every class, by class and name."""
    docs = worlds_of(python).ask({"op": "docs"})["docs"]
    return {owner: {doc["name"]: tool_of(doc) for doc in each} for owner, each in docs.items()}


@cache
def published(python: str, what: Literal["version", "more"]) -> str:
    """The version of bfcl-eval, or what its user says when functions are added."""
    return str(worlds_of(python).ask({"op": "docs"})[what])
