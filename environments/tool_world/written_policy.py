"""The policy of a domain in English, as the agent is given it."""

from functools import lru_cache

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.tools import toolbox

MANNERS = (
    "Use the tools to do what the user asks, all of it and nothing else. Look things up instead of guessing; what only the user can know, "
    "ask with ask_user, naming in `about` the argument that you need, or the tool that you want a yes for.\n"
    "When you are done, call finish with outcome done, and with the answer where one was asked for. What the rules forbid is not done: "
    "then call finish with outcome refused and the policy that forbids it. What a tool insists on and nobody can help is refused likewise, "
    "with policy set to the name of the tool."
)


@lru_cache(maxsize=512)
def written_policy(domain: Domain, offered: frozenset[str]) -> str:
    """Who the agent is, what day it is, the rules of the house, and what the tools that it has insist on."""
    rules = [f"- {policy.sentence} (policy: {policy.name})" for policy in domain.policies.values()]
    strict = []
    for tool in toolbox(domain).values():
        if tool.operation is None or tool.name not in offered:
            continue
        reasons = list(dict.fromkeys(guard.why for guard in read_operation(domain, tool.operation).guards))
        if reasons:
            strict.append(f"- {tool.name}: {'; '.join(reasons)}.")
    start = f"You are {domain.role}. It is {domain.now}."
    return "\n".join([start, MANNERS, "", "Rules of the house:", *rules, "", "What the tools insist on:", *strict])
