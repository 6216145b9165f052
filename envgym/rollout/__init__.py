"""Runs episodes: many at once, each a pure function of its run and index.

`play` is for scripts, `play_async` for programs with an event loop, `play_run` for a sink of your own.
"""

from envgym.rollout.drive import play as play
from envgym.rollout.drive import play_async as play_async
from envgym.rollout.drive import play_run as play_run
from envgym.rollout.run import Run as Run
