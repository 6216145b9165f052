"""A reward service: the registered verifiers over HTTP, for trainers and machines that see a URL only.

Routes and limits are told in `reward_service.py`. Python: `serve(RewardService(...))`; shell: `envgym serve rewards --port 8080`, with the
token in ENVGYM_REWARD_TOKEN, where it does not show in the list of processes.
"""

import os
from collections.abc import Callable, Sequence

from envgym.errors import UsageError
from envgym.registry import load
from envgym.serve.listen import listen
from envgym.serve.reward_service import RewardService

TOKEN = "ENVGYM_REWARD_TOKEN"


def serve(
    service: RewardService, *, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None] = lambda url: None
) -> None:
    """Serves as `listen` does."""
    listen(service, host=host, port=port, ready=ready, token_name=TOKEN, lets="run verifiers")


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
