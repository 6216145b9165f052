"""What a hand does to a page of Chromium: each action as mouse and keyboard, after our own look at where the element is."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

from envgym.browser import action as do
from envgym.browser.navigation import navigate
from envgym.browser.page_driver import PageDriver
from envgym.errors import InvalidAction

if TYPE_CHECKING:
    from envgym.browser.chromium import ChromiumBackend

DRAG_STEPS = 5
MODIFIERS = ("Alt", "Control", "Meta", "Shift")


async def carry_out(backend: "ChromiumBackend", driver: PageDriver, action: do.BrowserAction) -> int:
    """Does it. Milliseconds that must pass on the page then. Raises InvalidAction with nothing changed."""
    match action:
        case do.Click():
            await _hover_first(backend, driver, action.ref)
            await _click(driver, action)
        case do.ClickAt():
            x, y = await _inside(driver, action.x, action.y)
            await driver.held(driver.page.mouse.move(x, y))
            await _click(driver, action)
        case do.Hover():
            x, y = await _point(driver, action.ref, enabled=False)
            await driver.held(driver.page.mouse.move(x, y))
        case do.MoveTo():
            x, y = await _inside(driver, action.x, action.y)
            await driver.held(driver.page.mouse.move(x, y))
        case do.Drag():
            start = await _point(driver, action.ref)
            end = await _point(driver, action.to, enabled=False)
            await driver.held(_drag(driver, [await _point(driver, action.ref), end] if start != end else [start, end]))
        case do.DragPath():
            path = [await _inside(driver, point.x, point.y) for point in action.path]
            await driver.held(_drag(driver, path))
        case do.Fill():
            await _fill(driver, action)
        case do.TypeText():
            await driver.held(driver.page.keyboard.type(action.text), timeout_s=30)
        case do.Press():
            await _press(driver, action)
        case do.Select():
            await _ask(driver, "choose", action.ref, action.values)
        case do.Scroll():
            at = None if action.at is None else await _inside(driver, action.at.x, action.at.y)
            await _ask(driver, "scroll", action.ref or "", action.dx, action.dy, at)
        case do.Focus():
            await _ask(driver, "focus", action.ref)
        case do.Dialog():
            await driver.answer(action.accept, action.text)
        case do.Wait():
            return action.ms
        case do.Goto() | do.History() | do.Tabs():
            await navigate(backend, driver, action)
    return 0


async def _ask(driver: PageDriver, function: str, *arguments: Any) -> Any:
    return await driver.call(f"envgymPage.{function}({', '.join(map(json.dumps, arguments))})")


async def _point(driver: PageDriver, ref: str, *, enabled: bool = True) -> tuple[float, float]:
    x, y = await _ask(driver, "point", ref, enabled)
    return x, y


async def _hover_first(backend: "ChromiumBackend", driver: PageDriver, ref: str) -> None:
    """Moves the mouse over an element and to where it is then: pages move things, and load pictures, under a mouse that comes."""
    before = await _point(driver, ref)
    await driver.held(driver.page.mouse.move(*before))
    try:
        after = await _point(driver, ref)
    except InvalidAction:
        after = None
    if after is None or backend.traffic.in_flight:
        await backend.answered()
        after = await _point(driver, ref)
    if after != before:
        await driver.held(driver.page.mouse.move(*after))


async def _inside(driver: PageDriver, x: float, y: float) -> tuple[float, float]:
    size = driver.page.viewport_size
    if not (0 <= x < size["width"] and 0 <= y < size["height"]):
        raise InvalidAction(
            f"({x:g}, {y:g}) lies outside the viewport of {size['width']} x {size['height']}", code="browser.point"
        )
    return x, y


async def _click(driver: PageDriver, action: do.Click | do.ClickAt) -> None:
    """Presses the button where the mouse is."""
    modifiers = action.modifiers if isinstance(action, do.Click) else ()

    async def gesture() -> None:
        keyboard = driver.page.keyboard
        for key in modifiers:
            await keyboard.down(key)
        mouse = driver.page.mouse
        for number in range(1, action.count + 1):  # both are on their way at once, in this order
            await asyncio.gather(
                mouse.down(button=action.button, click_count=number), mouse.up(button=action.button, click_count=number)
            )
        for key in modifiers:
            await keyboard.up(key)

    await driver.held(gesture())


async def _drag(driver: PageDriver, path: list[tuple[float, float]]) -> None:
    mouse = driver.page.mouse
    await mouse.move(*path[0])
    await mouse.down()
    steps = DRAG_STEPS if len(path) == 2 else 1
    for point in path[1:]:
        await mouse.move(*point, steps=steps)
    await mouse.up()


async def _fill(driver: PageDriver, action: do.Fill) -> None:
    keyboard = driver.page.keyboard
    if await _ask(driver, "prepare", action.ref, action.text):
        typing = keyboard.insert_text(action.text) if action.text else keyboard.press("Delete")
        await driver.held(typing)
    if action.submit:
        await driver.held(keyboard.press("Enter"))


async def _press(driver: PageDriver, action: do.Press) -> None:
    if action.ref is not None:
        await _ask(driver, "focus", action.ref)
    try:
        await driver.held(driver.page.keyboard.press(action.keys))
    except Exception as error:
        if "Unknown key" in str(error):
            raise InvalidAction(
                f"there is no key {action.keys!r}; names are those of KeyboardEvent.key, such as Enter or Control+A",
                code="browser.key",
            ) from None
        raise
