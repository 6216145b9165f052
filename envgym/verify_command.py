"""What `envgym verify answers`, `list`, `test` and `diff` do, between the command line and the library."""

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO
from xml.etree import ElementTree

import typer

from envgym.command import progress
from envgym.errors import UsageError, told
from envgym.registry import verifiers
from envgym.testing.kit.bench import Bench
from envgym.testing.kit.episode import environment_sheet
from envgym.testing.kit.run import Finding, KitReport, run_sheet
from envgym.testing.kit.sheet import Sheet, read_sheet
from envgym.verdict import Verdict

SHEETS = ("*.verifier.jsonl", "*.verifier.yaml", "*.verifier.yml")
Judge = Callable[[str, Any, dict[str, Any]], Verdict]


def list_verifiers() -> list[dict[str, Any]]:
    """One JSON-ready entry per verifier: id, path, needs, named arguments. One that cannot be imported is listed with its error."""
    entries = []
    for name, path in verifiers.paths().items():
        entry: dict[str, Any] = {"id": name, "path": path, "needs": [], "options": [], "about": "", "error": ""}
        try:
            check = verifiers.get(name)
        except UsageError as error:
            entries.append(entry | {"error": str(error)})
            continue
        about = (inspect.getdoc(check) or "").split("\n\n")[0].replace("\n", " ")
        entries.append(
            entry | {"needs": list(getattr(check, "needs", ("gold",))), "options": options_of(check), "about": about}
        )
    return entries


def options_of(check: Callable[..., Any]) -> list[str]:
    """Names of the arguments that may be given by name."""
    parameters = inspect.signature(check).parameters.values()
    return [each.name for each in parameters if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)]


def answers_command(name: str, file: Path | None) -> int:
    """Writes one verdict for each line {gold, answer} of `file`, or of standard input. Returns 1 when a line could not be read."""
    unreadable = 0
    with ExitStack() as stack:
        lines = stack.enter_context(_open(file)) if file else sys.stdin
        judge = _judge(name, stack)
        needs_gold = "gold" in getattr(verifiers.get(name), "needs", ("gold",))
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            started = perf_counter()
            try:
                reply, gold, further = _read(line, needs_gold=needs_gold)
            except ValueError as error:
                unreadable += 1
                typer.echo(f"line {number}: {error}", err=True)
                verdict = Verdict.task_invalid(f"line {number}: {error}", code="line.unreadable")
            else:
                verdict = judge(reply, gold, further)
            shown = verdict.model_dump(mode="json", include={"outcome", "score", "code", "reason"})
            print(json.dumps({**shown, "seconds": round(perf_counter() - started, 6)}), flush=True)  # noqa: T201
    return 1 if unreadable else 0


def _open(file: Path) -> TextIO:
    try:
        return open(file, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error


def _read(line: str, *, needs_gold: bool) -> tuple[str, Any, dict[str, Any]]:
    """Answer, gold and the other fields of one line. Raises ValueError."""
    try:
        fields = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("answer"), str):
        raise ValueError('expected an object like {"gold": "42", "answer": "..."} with the answer as text')
    if needs_gold and "gold" not in fields:
        raise ValueError('expected an object like {"gold": "42", "answer": "..."} with a gold')
    return fields.pop("answer"), fields.pop("gold", None), fields


def _judge(name: str, stack: ExitStack) -> Judge:
    """Ours are called here; a verifier by path belongs to somebody else and is called in a process that can be killed."""
    if name not in verifiers.paths():
        verifiers.get(name)  # a wrong path is told before a process is started
        bench = stack.enter_context(
            Bench(Sheet.model_validate({"verifier": name, "cases": [{"reply": "", "expect": {}}]}))
        )

        def apart(reply: str, gold: Any, further: dict[str, Any]) -> Verdict:
            judged = bench.judge(reply, gold, {})
            return judged.verdict or Verdict.infra_error(judged.raised, code="verifier.raised", attribution="verifier")

        return apart
    check = verifiers.get(name)
    known = frozenset(options_of(check))

    def here(reply: str, gold: Any, further: dict[str, Any]) -> Verdict:
        try:
            verdict = check(reply, gold, **{key: value for key, value in further.items() if key in known})
        except UsageError as error:
            return Verdict.task_invalid(str(error), code="line.options")
        except Exception as error:  # noqa: BLE001  one line, such as a named argument of another type, never stops the rest
            return Verdict.infra_error(told(error), code="verifier.raised", attribution="verifier")
        assert isinstance(verdict, Verdict)
        return verdict

    return here


def sheets_in(places: Sequence[Path]) -> list[Path]:
    """The sheets among files and folders; folders are searched. Raises UsageError where there is none."""
    found: list[Path] = []
    for place in places or [Path()]:
        if place.is_dir():
            found += sorted({path for pattern in SHEETS for path in place.rglob(pattern) if ".venv" not in path.parts})
        else:
            found.append(place)
    if not found:
        raise UsageError(f"no sheet (NAME.verifier.jsonl or .yaml) in {', '.join(map(str, places or [Path()]))}")
    return found


def kit_command(places: Sequence[Path], envs: Sequence[str], *, junit: Path | None, as_json: bool) -> int:
    """Runs sheets, those of environments too, and prints what was found.

    Returns 1 when a check failed, and 2 when a sheet could not be run; the others are run all the same.
    """
    written = sheets_in(places) if places or not envs else []
    asked = [(str(path), partial(read_sheet, path)) for path in written]
    asked += [(env, partial(environment_sheet, env)) for env in envs]
    reports = [_run(name, read) for name, read in asked]
    if junit is not None:
        write_junit(junit, reports)
    ok = all(report.ok for _, report in reports)
    if as_json:
        sheets = [{"sheet": name, **report.as_json()} for name, report in reports]
        typer.echo(json.dumps({"ok": ok, "sheets": sheets}))
    else:
        for name, report in reports:
            print_report(name, report)
    unusable = any(finding.block == "sheet" for _, report in reports for finding in report.findings)
    return 2 if unusable else 0 if ok else 1


def _run(name: str, read: Callable[[], Sheet]) -> tuple[str, KitReport]:
    try:
        sheet = read()
        with progress(None, sheet.path.name) as tick:
            return name, run_sheet(sheet, tick=tick)
    except UsageError as error:
        return name, KitReport(name, [Finding("sheet", "sheet.usable", False, str(error))])


def print_report(sheet: str, report: KitReport) -> None:
    blocks = report.as_json()["blocks"]
    counts = ", ".join(
        f"{block} {each['checks'] - each['failed']}/{each['checks']}"
        for block, each in blocks.items()
        if each["checks"]
    )
    typer.echo(f"{'ok    ' if report.ok else 'FAILED'} {sheet} ({report.verifier}): {counts}")
    for name in ("false_positives", "false_negatives"):
        if name in report.figures:
            figure = report.figures[name]
            low, high = figure["wilson_95"]
            typer.echo(
                f"       {name.replace('_', ' ')}: {figure['count']} of {figure['of']} (95 % interval {low:.1%} to {high:.1%})"
            )
    for finding in report.failures:
        typer.echo(f"       {finding.name}: {finding.detail}")


def write_junit(path: Path, reports: Iterable[tuple[str, KitReport]]) -> None:
    """The findings as JUnit XML, one suite per sheet."""
    root = ElementTree.Element("testsuites")
    for sheet, report in reports:
        failed = str(len(report.failures))
        suite = ElementTree.SubElement(root, "testsuite", name=sheet, tests=str(len(report.findings)), failures=failed)
        for finding in report.findings:
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"{report.verifier}.{finding.block}", name=finding.name
            )
            if not finding.ok:
                detail = "".join(char if char.isprintable() else "?" for char in finding.detail)
                ElementTree.SubElement(case, "failure", message=detail)
    try:
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def diff_command(before: Path, after: Path, *, as_json: bool) -> int:
    """Compares two files of verdicts line by line, as `verify answers` writes them. Returns 1 when a score or an outcome differs."""
    old, new = list(_verdicts(before)), list(_verdicts(after))
    if len(old) != len(new):
        raise UsageError(f"{before} has {len(old)} verdicts, {after} has {len(new)}; they must be of the same answers")
    changed: list[dict[str, Any]] = [
        {"line": number, "before": one, "after": two}
        for number, (one, two) in enumerate(zip(old, new, strict=True), 1)
        if (one["outcome"], one["score"], one["code"]) != (two["outcome"], two["score"], two["code"])
    ]
    if as_json:
        typer.echo(json.dumps({"verdicts": len(old), "changed": changed}))
    else:
        for each in changed:
            one, two = each["before"], each["after"]
            typer.echo(
                f"line {each['line']}: {one['outcome']} {one['score']} [{one['code']}] -> {two['outcome']} {two['score']} [{two['code']}]"
            )
        typer.echo(f"{len(changed)} of {len(old)} verdicts changed")
    return 1 if changed else 0


def _verdicts(path: Path) -> Iterator[dict[str, Any]]:
    with _open(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                verdict = json.loads(line)
                yield {key: verdict[key] for key in ("outcome", "score", "code")}
            except (ValueError, KeyError, TypeError):
                raise UsageError(
                    f"{path}:{number}: not a verdict; expected what `envgym verify answers` writes"
                ) from None
