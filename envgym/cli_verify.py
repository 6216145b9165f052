"""`envgym verify`: score stored trajectories or answers again; list, test and compare verifiers."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from envgym.console import AsJson, table


class VerifyGroup(TyperGroup):
    """`envgym verify FILE` is short for `envgym verify trajectories FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["trajectories", *args]
        return super().parse_args(ctx, args)


verify_app = typer.Typer(
    cls=VerifyGroup, no_args_is_help=True, help="Score stored trajectories or answers again; list and test verifiers."
)


@verify_app.command()
def trajectories(
    file: Annotated[Path, typer.Argument(help="Trajectory file.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="JSONL file for the trajectories with their new verdicts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score stored trajectories again, without a model. Exit 1 when a verdict changed."""
    from envgym.command import verify_command

    raise typer.Exit(verify_command(file, out, as_json=as_json))


@verify_app.command()
def answers(
    file: Annotated[
        Path | None, typer.Argument(help="JSONL of {gold, answer}; standard input where there is none.")
    ] = None,
    verifier: Annotated[str, typer.Option(help="Verifier: an id, module:name or file.py:name.")] = "exact",
) -> None:
    """Judge answers: one verdict as a JSON line for each line, in the same order. Further fields are the verifier's named arguments."""
    from envgym.verify_command import answers_command

    raise typer.Exit(answers_command(verifier, file))


@verify_app.command("list")
def list_verifiers(as_json: AsJson = False) -> None:
    """List verifiers with what each needs."""
    from envgym.verify_command import list_verifiers

    found = list_verifiers()
    if as_json:
        typer.echo(json.dumps(found))
        return
    lines = ((e["id"], " ".join(e["needs"]), " ".join(e["options"]), e["about"] or e["error"]) for e in found)
    table("Verifiers", ("id", "needs", "named arguments", "what it decides"), lines)


@verify_app.command("test")
def run_kit(
    places: Annotated[
        list[Path], typer.Argument(help="Sheets (NAME.verifier.jsonl or .yaml) or folders; default: here.")
    ] = [],  # noqa: B006
    env: Annotated[
        list[str], typer.Option("--env", help="Test the verdicts of an environment; may be given several times.")
    ] = [],  # noqa: B006
    junit: Annotated[Path | None, typer.Option(help="Write the findings as JUnit XML.")] = None,
    as_json: AsJson = False,
) -> None:
    """Test verifiers: cases, hacks, properties, hostile replies, faults, calibration. Exit 1 when a check failed."""
    from envgym.verify_command import kit_command

    raise typer.Exit(kit_command(places, env, junit=junit, as_json=as_json))


@verify_app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="Verdicts of one version, as `verify answers` writes them.")],
    after: Annotated[Path, typer.Argument(help="Verdicts of another version on the same answers.")],
    as_json: AsJson = False,
) -> None:
    """Say which verdicts changed between two versions of a verifier. Exit 1 when one did."""
    from envgym.verify_command import diff_command

    raise typer.Exit(diff_command(before, after, as_json=as_json))
