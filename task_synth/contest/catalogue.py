"""All problems of the bundle, in the order of the file."""

from envgym.task_synth.contest import (
    arrays,
    bits,
    connectivity,
    dynamic_programming,
    geometry,
    graphs,
    greedy,
    intervals,
    simulation,
    stacks,
    strings,
    trees,
)
from envgym.task_synth.contest.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    *strings.PROBLEMS,
    *arrays.PROBLEMS,
    *intervals.PROBLEMS,
    *greedy.PROBLEMS,
    *stacks.PROBLEMS,
    *simulation.PROBLEMS,
    *dynamic_programming.PROBLEMS,
    *graphs.PROBLEMS,
    *connectivity.PROBLEMS,
    *trees.PROBLEMS,
    *geometry.PROBLEMS,
    *bits.PROBLEMS,
)
