"""What tests of environments and agents need: the conformance kit (`check`) and a scriptable model server (`FakeLLM`).

Importing this package imports nothing else: names load on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgym.testing.conformance import check as check
    from envgym.testing.fake_llm import FakeLLM as FakeLLM
    from envgym.testing.fault import Fault as Fault
    from envgym.testing.oracle_replies import oracle_script as oracle_script

_HOME_OF = {
    "check": "envgym.testing.conformance",
    "FakeLLM": "envgym.testing.fake_llm",
    "Fault": "envgym.testing.fault",
    "oracle_script": "envgym.testing.oracle_replies",
}
__all__ = ["FakeLLM", "Fault", "check", "oracle_script"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'envgym.testing' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
