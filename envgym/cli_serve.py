"""`envgym serve`: parts of envgym over HTTP."""

import json
from typing import Annotated

import typer

serve_app = typer.Typer(no_args_is_help=True, help="Serve parts of envgym over HTTP.")


@serve_app.callback()
def parts() -> None:
    """Keeps `rewards` a command of its own while it is the only one."""


@serve_app.command()
def rewards(
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's own need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8080,
    deadline: Annotated[float, typer.Option(help="Seconds per request.")] = 60.0,
    concurrency: Annotated[int, typer.Option(help="Verifiers at work at once; further requests get 429.")] = 16,
    max_body_mb: Annotated[float, typer.Option(help="MiB per request; larger ones get 413.")] = 1.0,
    nova_verifier: Annotated[str, typer.Option(help="For Nova samples that name none.")] = "",
    verifier: Annotated[
        list[str],
        typer.Option(metavar="ID=PATH", help="One more verifier, by module:Name or file.py:Name; repeatable."),
    ] = [],  # noqa: B006
) -> None:
    """Serve verifiers as rewards. The token is read from ENVGYM_REWARD_TOKEN; the first line of stdout tells the address."""
    from envgym.serve.rewards import serve, service_of

    service = service_of(
        verifier,
        nova_verifier=nova_verifier,
        deadline_s=deadline,
        concurrency=concurrency,
        max_body_mb=max_body_mb,
    )
    serve(service, host=host, port=port, ready=lambda url: print(json.dumps({"url": url}), flush=True))  # noqa: T201
