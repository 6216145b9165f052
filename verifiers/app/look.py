"""What is broken to the eye, told by geometry and not by a model: at three widths of the window, on the first page and on one that is in
use.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from envgym.browser.backend import Backend
from envgym.verdict import Evidence, Verdict

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
VIEWPORTS = ((375, 720), (768, 900), (1280, 800))
"""Width and height in CSS pixels: a telephone, a tablet, a desk."""
COST = {"major": 0.25, "minor": 0.05}
"""What one finding takes off the score of 1."""


class Screen(Backend, Protocol):
    """A backend with layout."""

    def script(self, expression: str) -> Any:
        """The JSON value of an expression of ours in the active tab."""

    def resize(self, width: int, height: int) -> None:
        """Gives the window another size."""


def look(screen: Screen) -> list[dict[str, str]]:
    """Findings at all widths, each once: {rule, severity, what, detail}. The window is of the last size afterwards."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for width, height in VIEWPORTS:
        screen.resize(width, height)
        for finding in glance(screen):
            found.setdefault(
                (finding["rule"], finding["what"]), {**finding, "detail": f"{finding['detail']} (window of {width} px)"}
            )
    return list(found.values())


def glance(screen: Screen) -> list[dict[str, str]]:
    """Findings as the window is; none while a dialog lies over the page."""
    if screen.state().dialog is not None:
        return []
    found: list[dict[str, str]] = screen.script(f"({AUDIT})()")
    return found


def looks_right(findings: Iterable[dict[str, str]]) -> Verdict:
    """1 less what each finding costs; evidence for every one."""
    findings = list({(each["rule"], each["what"]): each for each in findings}.values())
    score = max(0.0, 1.0 - sum(COST[each["severity"]] for each in findings))
    evidence = tuple(
        Evidence(kind="look", text=f"{each['rule']}: {each['what']}: {each['detail']}", data=each) for each in findings
    )
    worst: Sequence[dict[str, str]] = sorted(findings, key=lambda each: each["severity"])
    reason = (
        f"{len(findings)} found, such as {worst[0]['rule']}: {worst[0]['what']}"
        if worst
        else "nothing is broken to the eye"
    )
    return Verdict.of(round(score, 4), code="app.look", reason=reason, evidence=evidence)
