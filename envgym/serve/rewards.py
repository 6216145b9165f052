"""A reward service: the registered verifiers over HTTP, for trainers and machines that see a URL only.

Routes and limits are told in `reward_service.py`. Python: `serve(RewardService(...))`; shell: `envgym serve rewards --port 8080`, with the
token in ENVGYM_REWARD_TOKEN, where it does not show in the list of processes.
"""

import os
import socket
from collections.abc import Callable, Sequence

from envgym.errors import UsageError
from envgym.registry import load
from envgym.serve.reward_service import MISSING, RewardService

TOKEN = "ENVGYM_REWARD_TOKEN"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    service: RewardService, *, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None] = lambda url: None
) -> None:
    """Serves until SIGTERM or Ctrl-C, then finishes the requests at work and returns. `ready` is told the address; port 0 takes a free one.

    Raises UsageError where an address other than this machine's own would be served without a token, or the port is taken.
    """
    if service.is_open and host not in LOOPBACK:
        raise UsageError(f"serving on {host} without a token lets anybody run verifiers; set {TOKEN}")
    try:
        import uvicorn
    except ImportError as error:
        raise UsageError(MISSING) from error
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}; choose another port") from error
    with listening:
        config = uvicorn.Config(
            service.app(),
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(service.deadline_s) + 1,
        )
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listening.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listening])


def service_of(
    more: Sequence[str],
    *,
    nova_verifier: str = "",
    deadline_s: float = 60.0,
    concurrency: int = 16,
    max_body_mb: float = 1.0,
) -> RewardService:
    """The service that the command line asks for; `more` are ID=PATH. The token comes from the environment. Raises UsageError."""
    pairs = [each.partition("=") for each in more]
    for name, equals, path in pairs:
        if not (name and equals and path):
            raise UsageError(f"--verifier {name!r}: expected ID=module:Name or ID=file.py:Name")
    if not 0 < max_body_mb < 1 << 20:
        raise UsageError(f"--max-body-mb {max_body_mb:g}: expected a positive number of mebibytes")
    return RewardService(
        more={name: load(path) for name, _, path in pairs},
        nova_verifier=nova_verifier,
        token=os.environ.get(TOKEN, ""),
        deadline_s=deadline_s,
        concurrency=concurrency,
        max_body_bytes=int(max_body_mb * (1 << 20)),
    )
