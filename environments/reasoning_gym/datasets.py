"""Datasets of PyPI's reasoning-gym (`rg:<name>`), judged by their own scorers in a confined worker process.

An answer passes when its scorer pays it in full, the white space around it aside. Datasets whose scorers pay what is wrong are not offered;
asking for one says why. To whoever reads the code: each dataset is an attribute of this module, a class that is made when it is first asked
for, so that any process can import and unpickle it by its name. Nothing else that has a name without an underscore lives here.
"""

from typing import Any

from envgym.environments.reasoning_gym import adapter as _adapter
from envgym.environments.reasoning_gym import denied as _denied
from envgym.environments.reasoning_gym import source as _source
from envgym.errors import UsageError as _UsageError


def __getattr__(name: str) -> Any:
    """The environment of a dataset. Raises UsageError for one that is not offered, or when reasoning-gym is missing."""
    if name.startswith("_"):
        raise AttributeError(name)
    if name in _denied.DENIED:
        raise _UsageError(f"rg:{name} is not offered: {_denied.DENIED[name]}")
    if name not in _source.registered():
        raise AttributeError(f"reasoning-gym has no dataset {name!r}")
    made = _adapter.environment(name)
    made.__module__ = __name__
    globals()[name] = made
    return made


def __dir__() -> list[str]:
    """The datasets that are offered."""
    return sorted(_source.registered().keys() - _denied.DENIED.keys())
