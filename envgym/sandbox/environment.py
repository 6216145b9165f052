"""What is around every command: its variables, and the shell that sets limits and becomes it. Nothing is inherited."""

import sys
from collections.abc import Sequence

from envgym.sandbox.spec import Limits, SandboxSpec

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
FIXED = {"HOME": "/tmp", "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
"""What keeps two runs alike."""
WITHOUT_OUR_PLUGIN = {"PYTEST_ADDOPTS": "-p no:envgym"}
"""envgym may be installed from a checkout, which a sandbox does not see: pytest would fail to load its plugin."""


def environment(spec: SandboxSpec) -> dict[str, str]:
    """Variables of every command of `spec`; where it shows this machine's programs, our own interpreter comes first on the path."""
    if spec.root is not None or spec.image:
        return {"PATH": SYSTEM_PATH, **FIXED, **spec.env}
    return {"PATH": f"{sys.prefix}/bin:{SYSTEM_PATH}", **FIXED, **WITHOUT_OUR_PLUGIN, **spec.env}


def in_shell(argv: Sequence[str], cwd: str, limits: Limits, *, per_process: tuple[str, ...] = ()) -> list[str]:
    """`argv`, started by a shell that first goes to `cwd`; `per_process` names the limits that nothing else enforces."""
    lines = ["ulimit -c 0"]
    if limits.cpu_s is not None:
        lines.append(f"ulimit -t {max(1, round(limits.cpu_s))}")
    if "memory" in per_process:
        lines.append(f"ulimit -v {limits.memory_mb << 10}")
    if "processes" in per_process:
        lines.append(f"ulimit -u {limits.processes} 2>/dev/null || ulimit -p {limits.processes}")
    return ["/bin/sh", "-c", "\n".join([*lines, 'cd -- "$0" || exit 125', 'exec "$@"']), cwd, *argv]
