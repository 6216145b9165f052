"""Which dialects there are, and a reply of an agent read in one of them."""

from typing import Literal

from envgym.environments.browser.dialects.browsergym_calls import read_browsergym
from envgym.environments.browser.dialects.gemini_computer import read_gemini_computer
from envgym.environments.browser.dialects.openai_computer import read_openai_computer
from envgym.environments.browser.dialects.playwright_mcp import read_playwright_mcp
from envgym.environments.browser.dialects.said import Finish, Said, Screen, bad
from envgym.message import Message, text_of

Dialect = Literal["browsergym", "openai_computer", "gemini_computer", "playwright_mcp"]


def read_reply(dialect: Dialect, message: Message, screen: Screen) -> list[tuple[str, list[Said]]]:
    """What a reply says: for each tool call its id and what it means; for a reply of text alone one entry with an empty id.

    BrowserGym's calls stand in the text; the others are tool calls, where OpenAI's `computer_call` has the action as its arguments. A text
    without a call ends the episode in these, as it does for such agents. Raises InvalidAction.
    """
    calls = message.get("tool_calls") or ()
    if dialect == "browsergym":
        if calls:
            raise bad(dialect, "actions are calls in the text, not tool calls")
        return [("", read_browsergym(text_of(message)))]
    if not calls:
        return [("", [Finish(text_of(message))])]
    read = []
    for call in calls:
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        if dialect == "openai_computer":
            said = read_openai_computer(arguments)
        elif dialect == "gemini_computer":
            said = read_gemini_computer(name, arguments, screen)
        else:
            said = read_playwright_mcp(name, arguments)
        read.append((call["id"], said))
    return read
