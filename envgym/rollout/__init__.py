"""Runs episodes: many at once, each a pure function of its run and index.

`rollout` is for scripts, `rollout_async` for programs with an event loop, `play_run` for a sink of your own.
"""

from envgym.rollout.drive import play_run as play_run
from envgym.rollout.drive import rollout as rollout
from envgym.rollout.drive import rollout_async as rollout_async
from envgym.rollout.run import Run as Run
