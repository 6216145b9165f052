"""The process's limit of open files: every request in flight holds one socket, and the usual soft limit is 1024 (256 on macOS).

The soft limit may be raised by any process up to the hard one, so no administrator is needed below that.
"""

import errno

from envgym.errors import UsageError

PLENTY = 65_536


def allow_many_open_files() -> int | None:
    """Raises the soft limit as far as it goes, at most to 65,536. Returns the limit in force, None where there is none to set."""
    try:
        import resource
    except ImportError:  # Windows: sockets are not counted among files there
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = PLENTY if hard == resource.RLIM_INFINITY else min(hard, PLENTY)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def out_of_files(error: BaseException) -> bool:
    """Whether `error` is, or wraps, the system's refusal to open one more file."""
    return getattr(getattr(error, "os_error", error), "errno", None) in (errno.EMFILE, errno.ENFILE)


def too_many_open_files() -> UsageError:
    return UsageError(
        f"this process may not open more than {allow_many_open_files()} files, and every request in flight needs one: "
        "run `ulimit -Hn 65536` as root before it, or lower the concurrency"
    )
