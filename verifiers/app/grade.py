"""Grades an app in three layers: it starts, it does what was asked, it looks right.

An app that does not start is worth nothing, whatever else passes on it: an empty page breaks no rule of layout and shows no text that
must not be there. `strict`, the default, pays 1 for an app on which every check passes and nothing major is broken to the eye, else 0;
`soft` pays the product of the three parts. A judge that looks at pictures may be added; it can only take away.

Function and looks hardly go together (VISTA 2026), so they are told apart in `parts` and never averaged.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from envgym.errors import InvalidAction
from envgym.verdict import Verdict
from envgym.verifiers.app.interact import play_check
from envgym.verifiers.app.locate import visible
from envgym.verifiers.app.look import Screen, glance, look, looks_right
from envgym.verifiers.app.requirement import Requirement
from envgym.verifiers.app.static_site import ENTRY, static_site

HOST = "app.test"
BROKEN = ("error in the page", "the page did not answer")
"""How events of an app that is broken begin."""
ADDRESS = f"http://{HOST}/"
Mode = Literal["strict", "soft"]
Opened = Callable[..., Screen]
"""Makes a browser; `apps` are WSGI sites by host."""
Judge = Callable[[list[bytes], str], Verdict]
"""Decides over pictures (PNG) of the app and the text of the requirement."""


def grade_app(
    files: Mapping[str, bytes],
    requirement: Requirement,
    opened: Opened,
    *,
    seed: int,
    mode: Mode = "strict",
    judge: Judge | None = None,
    hurry: bool = False,
) -> Verdict:
    """The verdict over an app given as its files. `seed` decides the hidden values; in a `hurry` it ends at the first check that
    does not pass. Raises EnvFailure where the browser fails."""
    if ENTRY not in files:
        return Verdict.of(
            0,
            code="app.no_entry",
            reason=f"there is no {ENTRY}",
            parts={"execution": Verdict.of(0, code="app.no_entry")},
        )
    screen = opened(apps={HOST: static_site(files)})
    try:
        parts = {"execution": starts(screen)}
        if parts["execution"].passed:
            parts |= used(screen, requirement, seed, hurry=hurry)
            if judge is not None:
                screen.open(ADDRESS, seed=seed)
                parts["judge"] = judge([screen.screenshot()], requirement.asks)
    finally:
        screen.close()
    return together(parts, mode)


def starts(screen: Screen) -> Verdict:
    """PASS when the page opens, says something, raises no error and finds all its own files."""
    try:
        screen.open(ADDRESS, seed=0)
        state = screen.state()
    except InvalidAction as error:
        return Verdict.of(0, code="app.does_not_open", reason=f"the page does not open: {error}")
    errors = [event for event in state.events if event.startswith(BROKEN)]
    if errors:
        return Verdict.of(0, code="app.page_error", reason=errors[0])
    missing = [
        request.url
        for request in screen.requests()
        if request.status >= 400 and not request.url.endswith("/favicon.ico")
    ]
    if missing:
        return Verdict.of(0, code="app.missing_file", reason=f"{missing[0]} could not be had")
    if not visible(state.root):
        return Verdict.of(0, code="app.blank", reason="the page is empty")
    return Verdict.of(1, code="app.starts", reason="the page opens without an error")


def used(screen: Screen, requirement: Requirement, seed: int, *, hurry: bool) -> dict[str, Verdict]:
    """The interaction and the looks: every check on a fresh page; the eye where each check ends, at all widths on the first page and where
    the longest one ends. In a hurry, nothing is looked at after the first check that does not pass.
    """
    screen.open(ADDRESS, seed=seed)
    findings = look(screen)
    longest = max(requirement.checks, key=lambda check: len(check.steps))
    played: dict[str, Verdict] = {}
    for check in requirement.checks:
        played[check.name] = play_check(screen, ADDRESS, check, seed=seed)
        if hurry and not played[check.name].passed:
            break
        findings += look(screen) if check is longest else glance(screen)
    share = sum(verdict.passed for verdict in played.values()) / len(requirement.checks)
    failed = next((verdict.reason for verdict in played.values() if not verdict.passed), "every check passes")
    return {
        "interaction": Verdict.of(share, code="app.interaction", reason=failed, parts=played),
        "look": looks_right(findings),
    }


def together(parts: dict[str, Verdict], mode: Mode) -> Verdict:
    """The whole: the first part without a score makes the whole one without a score."""
    broken = next((part for part in parts.values() if part.score is None), None)
    if broken is not None:
        return Verdict(
            outcome=broken.outcome,
            score=None,
            code=broken.code,
            reason=broken.reason,
            parts=parts,
            attribution=broken.attribution,
        )
    score = 1.0
    for name, part in parts.items():
        whole = part.passed or (
            name == "look" and not any(each.data.get("severity") == "major" for each in part.evidence)
        )
        score *= float(whole) if mode == "strict" else part.score or 0.0
    worst = next((part for part in parts.values() if not part.passed), None)
    return Verdict.of(
        round(score, 4),
        code=worst.code if worst and score < 1 else "app.good",
        reason=worst.reason if worst and score < 1 else "all is as asked",
        parts=parts,
    )
