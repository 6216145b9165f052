"""Where the tabs of a Chromium context are led: addresses, history, tabs. What goes wrong on the way is an event, not a failure."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from envgym.browser.action import Goto, History, Tabs
from envgym.browser.page_driver import DialogOpened, PageDriver, PageHangs
from envgym.errors import EnvFailure, InvalidAction

if TYPE_CHECKING:
    from envgym.browser.chromium import ChromiumBackend

VISIT_S = 20.0
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


async def navigate(backend: "ChromiumBackend", driver: PageDriver, action: Goto | History | Tabs) -> None:
    """Carries out an action that leads somewhere. Raises InvalidAction with nothing changed."""
    match action:
        case Goto():
            await visit(backend, address_of(backend, action.url))
        case History(to="reload"):
            await visit(backend, driver.page.url)
        case History():
            await travel(backend, driver, -1 if action.to == "back" else 1)
        case Tabs():
            await arrange(backend, action)


def address_of(backend: "ChromiumBackend", url: str) -> str:
    """An address in full. Raises InvalidAction for one that leads out of the sites."""
    try:
        full = urljoin(backend.place, url.strip())
        parts = urlsplit(full)
        host, inside = parts.hostname or "", parts.scheme == "http" and parts.netloc in backend.apps
    except ValueError as error:
        raise InvalidAction(f"{url[:200]!r} is no address: {error}", code="browser.address") from None
    here = backend.settings.loopback and parts.scheme in ("http", "https")
    if full == "about:blank" or inside or (here and (host in THIS_MACHINE or host.endswith(".localhost"))):
        return full
    known = ", ".join(f"http://{name}/" for name in backend.apps) or "on this machine alone"
    raise InvalidAction(f"{full[:200]!r} cannot be reached from here; the sites are {known}", code="browser.blocked")


async def visit(backend: "ChromiumBackend", url: str) -> None:
    """Opens an address in the active tab."""
    driver = backend.driver
    try:
        await driver.held(driver.page.goto(url, wait_until="commit", timeout=VISIT_S * 1000), timeout_s=VISIT_S + 5)
    except (DialogOpened, EnvFailure):
        raise
    except PageHangs:
        backend.traffic.tell(f"{url} did not answer")
    except Exception as error:  # noqa: BLE001  # playwright's own, for each of Chromium's net errors
        driver.require_alive()
        if "interrupted by another navigation" not in str(error):
            backend.traffic.tell(f"{url} could not be opened: {reason(error)}")


def reason(error: Exception) -> str:
    """Why an address could not be opened, in Chromium's word for it."""
    text = str(error)
    at = text.find("net::ERR_")
    if at < 0:
        return text.splitlines()[0][:200]
    return text[at + len("net::ERR_") :].split()[0].rstrip(";:,").replace("_", " ").lower()


async def travel(backend: "ChromiumBackend", driver: PageDriver, by: int) -> None:
    """Goes back or forward in the history of the active tab."""
    history = await driver.devtools.send("Page.getNavigationHistory")
    place = history["currentIndex"] + by
    entries = history["entries"]
    if not 0 <= place < len(entries) or entries[place]["url"] == "about:blank":
        raise InvalidAction(f"there is no page {'before' if by < 0 else 'after'} this one", code="browser.history")
    before = driver.committed
    await driver.held(driver.devtools.send("Page.navigateToHistoryEntry", {"entryId": entries[place]["id"]}))
    await driver.committed_after(before)


async def arrange(backend: "ChromiumBackend", action: Tabs) -> None:
    """Opens, closes or changes tabs."""
    drivers = backend.drivers
    if action.what == "new":
        url = address_of(backend, action.url) if action.url else "about:blank"
        count = len(drivers)
        await backend.open_tab()
        if len(backend.drivers) > count and url != "about:blank":
            await visit(backend, url)
        return
    place = backend.active if action.index is None else action.index
    if place >= len(drivers):
        raise InvalidAction(f"there is no tab {place}; there are {len(drivers)}", code="browser.tab")
    if action.what == "focus":
        backend.active = place
        await drivers[place].held(drivers[place].page.bring_to_front())
    elif len(drivers) == 1:
        raise InvalidAction("the last tab cannot be closed", code="browser.tab")
    else:
        page: Any = drivers[place].page
        backend.drop_page(page)
        await page.close()
