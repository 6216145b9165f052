"""Worlds of one business each (`tool_world:<domain>`): rows in a database, at least 60 tools over at least 10 tables, policies, a user
who talks.

To whoever reads the code: each domain is an attribute of this module, a class that is made when it is first asked for, so that any
process can import and unpickle it by its name. Nothing else that has a name without an underscore lives here.
"""

import pkgutil as _pkgutil
from typing import Any

from envgym.environments.tool_world import domains as _domains
from envgym.environments.tool_world.domain import Domain as _Domain
from envgym.environments.tool_world.domain import domain_of as _domain_of


def __getattr__(name: str) -> Any:
    """The environment of a domain. Raises UsageError that lists the faults of a domain that has some."""
    if name.startswith("_") or name not in __dir__():
        raise AttributeError(f"there is no domain {name!r}; there are {', '.join(__dir__())}")
    from envgym.environments.tool_world.tool_world import environment

    made = environment(_domain_named(name))
    made.__module__ = __name__
    globals()[name] = made
    return made


def __dir__() -> list[str]:
    """The domains that there are."""
    return sorted(module.name for module in _pkgutil.iter_modules(_domains.__path__))


def _domain_named(name: str) -> _Domain:
    """The domain that a module under domains/ holds, not checked yet."""
    return _domain_of(f"{_domains.__name__}.{name}", name)
