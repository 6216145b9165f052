"""What a context of Chromium tells, heard by the backend that has it now: listeners outlive backends where pages are kept open."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from envgym.browser.pool import BrowserPool, Lease

if TYPE_CHECKING:
    from envgym.browser.chromium import ChromiumBackend

MOST_TABS = 20


def tell(lease: Lease, what: Callable[["ChromiumBackend"], Any]) -> None:
    """Tells the backend that has the context now, where there is one."""
    user = lease.user()
    if user is not None:
        what(user)


def listen(lease: Lease) -> None:
    """Hears what happens in a context without keeping a backend alive."""
    context = lease.context
    context.on("page", lambda page: tell(lease, lambda user: _taken_in(lease, page, user)))
    context.on("request", lambda request: tell(lease, lambda user: user.traffic.requested(request)))
    context.on("response", lambda response: tell(lease, lambda user: user.traffic.answered(response)))
    context.on("requestfinished", lambda request: tell(lease, lambda user: user.traffic.finished(request)))
    context.on("requestfailed", lambda request: tell(lease, lambda user: user.traffic.failed(request)))
    context.on("console", lambda said: tell(lease, lambda user: user.traffic.console(said.type, said.text)))
    context.on("weberror", lambda thrown: tell(lease, lambda user: user.traffic.thrown(thrown.error)))


def _taken_in(lease: Lease, page: Any, user: "ChromiumBackend") -> None:
    """A new tab: it is driven from now on, or closed where there are too many."""
    if len(user.drivers) >= MOST_TABS:
        user.tab_refused(MOST_TABS)
        asyncio.ensure_future(page.close())  # noqa: RUF006  # nobody waits for it
        return
    page.on("download", lambda download: tell(lease, lambda each: each.traffic.refuse(download)))
    asyncio.ensure_future(user.add_page(page))  # noqa: RUF006  # its end is seen by its effect


def give_back_later(found: BrowserPool, lease: Lease) -> None:
    """For a backend that nobody closed."""
    if not lease.ended:
        asyncio.run_coroutine_threadsafe(found.give_back(lease, "its backend was lost"), found.thread.loop)
