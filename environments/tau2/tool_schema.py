"""Their tools as ours: shown with their own schema, called only with what that schema names.

Theirs pass on whatever arguments a model invents. Here each object whose fields are named is closed: an argument that is not named, is
missing or has another type is told to the agent, and the tool does not run.
"""

from typing import Any

import orjson
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic_core import SchemaValidator, core_schema

from envgym.errors import InvalidAction, UsageError
from envgym.message import ToolSpec
from envgym.tool_env import Tool, plain_schema

ANY = SchemaValidator(core_schema.any_schema())
"""Their tools are checked by `checked`, and never by this."""
USER = "user_"
"""What the names of the user's own tools begin with here."""
MAX_FAULTS = 5
MAX_SHOWN = 100


def domain_tools(described: dict[str, Any]) -> dict[str, Tool]:
    """The agent's tools, then those that the user has and may be asked to use. Raises UsageError where two would have one name."""
    found: dict[str, Tool] = {}
    for offered in described["tools"]:
        add(found, offered, prefix="", intro="")
    for offered in described["user_tools"]:
        add(found, offered, prefix=USER, intro="Asks the user to do this on their side, and says what they see. ")
    return found


def add(found: dict[str, Tool], offered: dict[str, Any], *, prefix: str, intro: str) -> None:
    function = offered["spec"]["function"]
    name = prefix + function["name"]
    if name in found:
        raise UsageError(f"tau2: two tools would be called {name!r}")
    spec: ToolSpec = {
        "type": "function",
        "function": {
            "name": name,
            "description": intro + function["description"],
            "parameters": plain_schema(closed(function["parameters"])),
        },
    }
    found[name] = Tool(name, spec, ANY, "", final=False, effect="changes" if offered["mutates"] else "reads")


def closed(schema: Any) -> Any:
    """A JSON schema whose objects take no fields but those that they name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def checked(tool: Tool, arguments: str) -> dict[str, Any]:
    """The arguments of a call. Raises InvalidAction that names what is wrong with them."""
    try:
        given = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError as error:
        raise InvalidAction(f"{tool.name}: the arguments are no JSON: {error}", code="tool.arguments") from None
    if not isinstance(given, dict):
        raise InvalidAction(f"{tool.name}: the arguments are no JSON object", code="tool.arguments")
    check = Draft202012Validator(tool.spec["function"]["parameters"])
    faults = [
        f"{'.'.join(map(str, fault.absolute_path)) + ': ' if fault.absolute_path else ''}{shortened(fault.message)}"
        for _, fault in zip(range(MAX_FAULTS), check.iter_errors(given), strict=False)
    ]
    if faults:
        raise InvalidAction(f"{tool.name}: {'; '.join(faults)}", code="tool.arguments")
    return given


def shortened(text: str) -> str:
    """Its beginning and its end: a fault quotes what was given first and says what is wrong with it last."""
    return text if len(text) <= 2 * MAX_SHOWN else f"{text[:MAX_SHOWN]} ... {text[-MAX_SHOWN:]}"
