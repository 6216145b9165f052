"""Noise for any environment with tools: calls that fail, results that are spoilt, requests that are written badly.

`Noisy` wraps an environment and is one itself; `noisy:ID` is the same by name. The schedule of faults is a pure function of the task, the
seed of the noise and the call, and its budget is finite, so every task stays solvable: `recovery` proves it, episode by episode.
"""

from envgym.noise.noisy import Noisy as Noisy
