"""Scripted agents for tasks of MiniWoB++, by page. They see what any agent sees and act by the same tools."""

from envgym.environments.browser.miniwob import solve_by_clicks, solve_by_reading, solve_forms  # noqa: F401  # they enter their scripts
from envgym.environments.browser.miniwob.view import SOLVERS, Solver

BY_POINTS = frozenset(
    {
        "bisect-angle",
        "chase-circle",
        "circle-center",
        "click-pie",
        "click-pie-nodelay",
        "click-shades",
        "count-sides",
        "drag-box",
        "drag-circle",
        "drag-cube",
        "drag-items",
        "drag-items-grid",
        "drag-shapes",
        "drag-shapes-2",
        "drag-single-shape",
        "drag-sort-numbers",
        "draw-circle",
        "draw-line",
        "find-midpoint",
        "highlight-text",
        "highlight-text-2",
        "moving-items",
        "resize-textarea",
        "right-angle",
        "text-editor",
        "use-colorwheel",
        "use-colorwheel-2",
        "use-slider",
        "use-slider-2",
    }
)
"""Pages that need points and paths, so that their environments have those tools unless told otherwise."""


def solver_of(name: str) -> Solver | None:
    """The script of a page, where one is written."""
    return SOLVERS.get(name)
