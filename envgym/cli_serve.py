"""`envgym serve`: verifiers and search over HTTP, worlds as servers of the Model Context Protocol."""

import json
from pathlib import Path
from typing import Annotated

import typer

serve_app = typer.Typer(no_args_is_help=True, help="Serve parts of envgym to other programs.")


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


@serve_app.command()
def retrieve(
    corpus: Annotated[str, typer.Option(help="Name of a corpus, or path of a folder.")] = "atlas",
    engine: Annotated[str, typer.Option(help="bm25, or tantivy.")] = "bm25",
    passage_chars: Annotated[
        int, typer.Option(min=0, help="Characters of the passages that are indexed; 0: whole pages.")
    ] = 800,
    topk: Annotated[int, typer.Option(min=1, max=100, help="Documents for a query that says no number.")] = 3,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's own need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
    deadline: Annotated[float, typer.Option(help="Seconds per request.")] = 30.0,
    concurrency: Annotated[int, typer.Option(help="Requests at work at once; further ones get 429.")] = 16,
) -> None:
    """Serve a corpus as Search-R1's retriever. The token is read from ENVGYM_RETRIEVE_TOKEN; the first line of stdout tells the address."""
    import os

    from envgym.registry import load
    from envgym.serve.listen import listen
    from envgym.serve.retrieval_service import TOKEN, RetrievalService

    find = load("envgym.environments.web.search.retriever:retriever")(
        corpus, engine=engine, passage_chars=passage_chars
    )
    service = RetrievalService(
        find, topk=topk, token=os.environ.get(TOKEN, ""), deadline_s=deadline, concurrency=concurrency
    )
    listen(
        service,
        host=host,
        port=port,
        ready=lambda url: print(json.dumps({"url": url}), flush=True),  # noqa: T201
        token_name=TOKEN,
        lets="read the corpus",
    )


@serve_app.command()
def mcp(
    env_id: Annotated[str, typer.Argument(metavar="[ID]", help="Environment with tools; or give --domain.")] = "",
    domain: Annotated[str, typer.Option(help="Domain of a tool world, such as retail.")] = "",
    tasks: Annotated[Path | None, typer.Option(help="JSONL file of tasks; default: generated ones.")] = None,
    seed: int = 0,
    index: Annotated[int, typer.Option(min=0, help="Which task of the set.")] = 0,
    verdict: Annotated[Path | None, typer.Option(help="File for the verdict; default: stderr.")] = None,
) -> None:
    """Serve one episode as an MCP server over stdin and stdout. Its instructions are the request; the verdict is not told to the client."""
    from envgym import registry
    from envgym.errors import UsageError
    from envgym.serve.mcp_episode import McpEpisode, serve_stdio, server_of, verdict_line
    from envgym.task_file import load_tasks

    if bool(env_id) == bool(domain):
        raise UsageError("say what to serve: an environment's id, or --domain NAME")
    env = registry.make(env_id or f"tool_world:{domain}", **({"tasks": load_tasks(tasks)[0]} if tasks else {}))
    served = env.taskset(seed)[index]

    def ended(judged: object) -> None:
        line = verdict_line(judged)  # type: ignore[arg-type]  # a Verdict, which this module does not import for speed
        if verdict is not None:
            verdict.write_text(line + "\n", encoding="utf-8")
        else:
            typer.echo(line, err=True)

    serve_stdio(server_of(McpEpisode(env, served, ended)))
