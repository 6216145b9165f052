"""The options that a request gives a verifier: known by name, of the type that the verifier states.

An option whose type is not stated, or is none that pydantic knows, takes any value. What a program may use and whether it is confined is
for the owner of the service and never for a request.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from envgym.errors import UsageError
from envgym.verdict import Verifier

OWNERS = frozenset({"limits"})
"""Options that no request may set. The owner settles them: `code_tests.with_options(limits=...)`, served under an id of its own."""
ANY_CLASS = ConfigDict(arbitrary_types_allowed=True)


def check_options(name: str, verifier: Verifier, options: Mapping[str, Any]) -> None:
    """Raises UsageError naming the option that the verifier does not take, lacks, or takes with another type or from its owner only."""
    if theirs := sorted(OWNERS & options.keys()):
        raise UsageError(f"the option {theirs[0]!r} of the verifier {name!r} is set by the owner of the service alone")
    try:
        inspect.signature(verifier).bind("", None, **options)
    except TypeError as error:
        raise UsageError(f"the verifier {name!r} does not take these options: {error}") from None
    parameters = _signature(verifier).parameters
    for option, value in options.items():
        adapter = _adapter(parameters[option].annotation) if option in parameters else None
        if adapter is None:
            continue
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise UsageError(f"the option {option!r} of the verifier {name!r}: {first['msg']}"[:300]) from None


def _signature(verifier: Verifier) -> inspect.Signature:
    try:
        return inspect.signature(verifier, eval_str=True)
    except (NameError, AttributeError, SyntaxError, TypeError):  # a type that is written as text and cannot be found
        return inspect.signature(verifier)


def _adapter(annotation: Any) -> TypeAdapter[Any] | None:
    if annotation is inspect.Parameter.empty or isinstance(annotation, str):
        return None
    try:
        try:
            return TypeAdapter(annotation, config=ANY_CLASS)
        except PydanticUserError:  # a model or dataclass has a configuration of its own
            return TypeAdapter(annotation)
    except (PydanticUserError, TypeError, NameError):
        return None
