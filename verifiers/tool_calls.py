"""Tool calls compared with golden ones: what was called, with which arguments, in which order, and whether the schema allows it.

The verdict passes as a whole or not; its parts say apart what held: `schema`, `selection`, `arguments`, `order`. Nothing is called.
The calls come as chat messages with nested `tool_calls`, or as JSON text: one call, a list, {"tool_calls": [...]}, or <tool_call> tags.
The parts are those of the function-calling reward used with the xLAM data (arXiv:2409.03215), with order told apart.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.answer import too_complex
from envgym.verifiers.check import verifier
from envgym.verifiers.json_answer import check, fault_of_schema
from envgym.verifiers.json_reading import Unreadable, frozen, parse, read_json
from envgym.verifiers.json_schema import INVALID, canonical, validator
from envgym.verifiers.printable import printable, shortened
from envgym.verifiers.reply import after_thinking
from envgym.verifiers.unicode_form import nfkc
from envgym.verifiers.worker import CallRaised, OverBudget, WorkerDied

MAX_CALLS = 200
BAD_GOLD = "tool_calls.gold"
OPEN, CLOSE = "<tool_call>", "</tool_call>"
Comparison = Literal["exact", "normalised"]
Call = tuple[str, dict[str, Any]]
Made = str | Mapping[str, Any] | Sequence[Mapping[str, Any]]


@verifier(needs=("gold", "transcript", "worker"))
def tool_calls(
    made: Made,
    gold: Sequence[Mapping[str, Any]],
    /,
    *,
    tools: Sequence[Mapping[str, Any]] | None = None,
    order: bool = True,
    extra: bool = False,
    arguments: Comparison = "exact",
    partial: bool = False,
) -> Verdict:
    """PASS when the calls of `made` are the golden ones; `gold` is a list of {"name", "arguments"}, plain or nested as OpenAI has it.

    `made` is a reply, one assistant message or a transcript. `tools` are the specifications that every call must fit; without them only the
    form is checked. `order` False takes any order, `extra` True takes further calls that fit. `arguments="normalised"` compares texts
    without case and runs of spaces, takes "3" for 3 and "true" for true, and fills in the defaults that the schema states. An empty gold
    asks for no call at all. With `partial` the score is the share of right calls among the golden and the superfluous ones.
    Golden calls that do not fit `tools`, and tools whose schema is none, are TASK_INVALID.
    """
    for name, given in (("order", order), ("extra", extra), ("partial", partial)):
        if not isinstance(given, bool):
            raise UsageError(f"{name} is {given!r}; give True or False")
    if arguments not in ("exact", "normalised"):
        raise UsageError(f"arguments is {arguments!r}; give 'exact' or 'normalised'")
    known = _known(tools)
    try:
        want = _golden(gold, known)
        got = calls_made(made)
        faults = _faults(got, known)
    except Unreadable as error:
        return _unread(error)
    except OverBudget as error:
        return too_complex(f"checking the arguments goes over the budget ({error.kind}), in a new process too")
    except (WorkerDied, CallRaised) as error:
        return Verdict.infra_error(str(error), code="worker.died")
    got_keys, want_keys = (_keys(calls, known, arguments) for calls in (got, want))
    return _judge(got_keys, want_keys, faults, order=order, extra=extra, partial=partial)


def _golden(gold: Any, known: Mapping[str, Mapping[str, Any]] | None) -> list[Call]:
    """The golden calls, which fit tools that have schemas. Raises Unreadable (code tool_calls.gold), CallRaised, WorkerDied."""
    try:
        for schema in (known or {}).values():
            validator(canonical(schema))
        want = _calls(gold)
        faults = _faults(want, known)
    except Unreadable as error:
        raise Unreadable(f"the golden calls: {error}", BAD_GOLD) from None
    except OverBudget as error:
        raise Unreadable(f"checking the golden calls goes over the budget ({error.kind})", BAD_GOLD) from None
    if faults:
        raise Unreadable(f"a golden call does not fit: {faults[0].text}", BAD_GOLD)
    return want


def _unread(error: Unreadable) -> Verdict:
    if error.code in (BAD_GOLD, INVALID):
        return Verdict.task_invalid(str(error), code=BAD_GOLD)
    if error.code == "answer.too_complex":
        return too_complex(str(error))
    return Verdict.malformed(str(error), code=error.code.replace("json_answer", "tool_calls"))


def _judge(
    got: list[Any], want: list[Any], faults: list[Evidence], *, order: bool, extra: bool, partial: bool
) -> Verdict:
    names = Counter(name for name, _ in got) & Counter(name for name, _ in want)
    matched = Counter(got) & Counter(want)
    bad_calls = len({fault.data["call"] for fault in faults})
    superfluous = bad_calls if extra else max(0, len(got) - len(want))
    parts = {
        "schema": _share(len(got) - bad_calls, len(got), "every call fits its tool"),
        "selection": _share(names.total(), len(want) + superfluous, "the tools are the golden ones"),
        "arguments": _share(matched.total(), len(want), "the arguments are the golden ones"),
    }
    right = matched.total()
    if order:
        right = _common(got, want)
        parts["order"] = _share(right, matched.total() if want else 0, "the golden calls come in order")
        if want and not right:
            parts["order"] = Verdict.of(0, reason="no golden call was made")
    share = right / (len(want) + superfluous) if want or superfluous else 1.0
    failed = [name for name, part in parts.items() if not part.passed]
    if not failed:
        return Verdict.of(1, code="tool_calls.equal", reason="the calls are the golden ones", parts=parts)
    code = "tool_calls.none" if not got else f"tool_calls.{failed[0]}"
    score = share if partial and share < 1 else 0.0
    evidence = tuple(faults[:20]) or _differences(got, want)
    return Verdict.of(score, code=code, reason=f"wrong: {', '.join(failed)}", parts=parts, evidence=evidence)


def _share(right: int, of: int, claim: str) -> Verdict:
    return Verdict.of(right / of if of else 1.0, reason=f"{claim}: {right} of {of}")


def _common(got: list[Any], want: list[Any]) -> int:
    """Length of the longest common subsequence: how many golden calls were made in the golden order."""
    row = [0] * (len(want) + 1)
    for call in got:
        before = row
        row = [0]
        for at, wanted in enumerate(want):
            row.append(before[at] + 1 if call == wanted else max(before[at + 1], row[at]))
    return row[-1]


def _differences(got: list[Any], want: list[Any]) -> tuple[Evidence, ...]:
    missing, more = Counter(want) - Counter(got), Counter(got) - Counter(want)
    pairs = [("missing", call) for call in missing.elements()] + [("not golden", call) for call in more.elements()]
    return tuple(
        Evidence(kind="diff", text=f"{what}: {printable(name, 80)}", data={"name": printable(name, 80), "what": what})
        for what, (name, _) in pairs[:20]
    )


def _known(tools: Sequence[Mapping[str, Any]] | None) -> dict[str, Mapping[str, Any]] | None:
    """Schema of the arguments by name of the tool."""
    if tools is None:
        return None
    known: dict[str, Mapping[str, Any]] = {}
    for tool in tools:
        spec = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
            raise UsageError(
                f"tools holds {shortened(tool)}; give {{'name', 'parameters'}}, plain or nested in 'function'"
            )
        known[spec["name"]] = spec.get("parameters") or {}
    return known


def calls_made(made: Made) -> list[Call]:
    if isinstance(made, str):
        return _calls(_written(made))
    messages = [made] if isinstance(made, Mapping) else list(made)
    found: list[Any] = []
    for message in messages:
        if not isinstance(message, Mapping):
            raise Unreadable("a message is no mapping", "tool_calls.message")
        if message.get("role", "assistant") == "assistant":
            calls = message.get("tool_calls") or ()
            if not isinstance(calls, list | tuple):
                raise Unreadable("tool_calls is no list", "tool_calls.message")
            found.extend(calls)
    return _calls(found)


def _written(reply: str) -> list[Any]:
    """The calls that a reply spells out. A reply without any JSON calls nothing."""
    text = after_thinking(reply)
    if text is None:
        raise Unreadable("the reply ends inside its thinking", "answer.none")
    if OPEN in text:
        blocks = text.split(OPEN)[1 : MAX_CALLS + 2]
        if not all(CLOSE in block for block in blocks):
            raise Unreadable("a <tool_call> is not closed", "tool_calls.unclosed")
        return [parse(block.partition(CLOSE)[0].strip()) for block in blocks]
    try:
        value = read_json(text)
    except Unreadable as error:
        if error.code == "answer.none" or (error.code == "json_answer.unreadable" and not set("{[") & set(text)):
            return []
        raise
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    return value if isinstance(value, list) else [value]


def _calls(values: Iterable[Any]) -> list[Call]:
    """Calls in either form as (name, arguments). Raises Unreadable."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise Unreadable("calls are a list", "tool_calls.form")
    items = list(values)
    if len(items) > MAX_CALLS:
        raise Unreadable(f"{len(items):,} calls; at most {MAX_CALLS} are read", "answer.too_complex")
    return [_call(item) for item in items]


def _call(item: Any) -> Call:
    spec = item.get("function", item) if isinstance(item, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
        raise Unreadable(f"{shortened(item)} is no call; expected name and arguments", "tool_calls.form")
    given = spec.get("arguments", spec.get("parameters"))
    if isinstance(given, str):
        given = parse(given) if given.strip() else {}
    if given is None:
        given = {}
    try:
        given = parse(json.dumps(given))
    except (TypeError, ValueError, RecursionError) as error:
        code = error.code if isinstance(error, Unreadable) else "tool_calls.form"
        raise Unreadable(f"the arguments of {spec['name'][:80]!r} are no JSON: {str(error)[:80]}", code) from None
    if not isinstance(given, dict):
        raise Unreadable(f"the arguments of {spec['name'][:80]!r} are no object", "tool_calls.form")
    return spec["name"], given


def _faults(calls: list[Call], known: Mapping[str, Mapping[str, Any]] | None) -> list[Evidence]:
    """Where the calls do not fit the tools. Raises Unreadable where a tool's schema is none, OverBudget, CallRaised, WorkerDied."""
    if known is None:
        return []
    faults: list[Evidence] = []
    for at, (name, given) in enumerate(calls):
        if name not in known:
            faults.append(Evidence(kind="schema", text=f"there is no tool {name[:80]!r}", data={"call": at}))
        elif misfit := _misfit(given, canonical(known[name])):
            faults.append(Evidence(kind="schema", text=f"{printable(name, 80)}{misfit}", data={"call": at}))
    return faults


def _misfit(given: dict[str, Any], rules: str) -> str:
    """Where and why arguments do not fit the schema of that text; empty where they do. Raises as `_faults` does."""
    try:
        found = check(given, rules, len(json.dumps(given)))
    except OverBudget:
        if fault := fault_of_schema(rules):
            raise Unreadable(fault, INVALID) from None
        raise
    return f"{found[0][0].removeprefix('$')}: {found[0][1]}" if found else ""


def _keys(calls: list[Call], known: Mapping[str, Mapping[str, Any]] | None, comparison: Comparison) -> list[Any]:
    """Calls as they are compared: hashable, equal where they are the same."""
    if comparison == "exact":
        return [(name, frozen(given)) for name, given in calls]
    keys: list[Any] = []
    for name, given in calls:
        schema = (known or {}).get(name, {})
        fields = schema.get("properties") if isinstance(schema, Mapping) else None
        fields = fields if isinstance(fields, Mapping) else {}
        stated = {
            key: rule["default"] for key, rule in fields.items() if isinstance(rule, Mapping) and "default" in rule
        }
        keys.append((name, frozen(_normal({**stated, **given}))))
    return keys


def _normal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _normal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(each) for each in value]
    if not isinstance(value, str):
        return value
    text = " ".join(nfkc(value).casefold().split())
    if text in ("true", "false"):
        return text == "true"
    try:
        number = parse(text)
    except Unreadable:
        return text
    return number if isinstance(number, int | float) else text
