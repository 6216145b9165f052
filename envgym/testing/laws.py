"""The laws of an environment, in the order in which they run: what an episode starts from first, the dearest last."""

from collections.abc import Callable

from envgym.testing.laws_of_episodes import (
    gymnasium_check_env,
    no_global_rng,
    observe_is_pure,
    same_seed_same_bytes,
)
from envgym.testing.laws_of_isolation import close_twice_and_clean, instances_do_not_touch
from envgym.testing.laws_of_replies import (
    malformed_actions_are_told,
    step_after_the_end_raises,
    step_before_reset_raises,
    truncation_at_the_limit,
    verify_is_not_a_tool,
)
from envgym.testing.laws_of_scores import (
    idle_scores_zero,
    oracle_scores_one,
    terminal_reward_is_the_verdict,
    verify_is_pure_and_repeats,
)
from envgym.testing.laws_of_secrecy import nothing_private_leaks
from envgym.testing.laws_of_state import forks_are_independent, snapshot_restores_the_future, state_pickles
from envgym.testing.laws_of_tasks import reset_is_deterministic, tasks_are_valid, tools_are_well_formed
from envgym.testing.subject import Subject

Law = Callable[[Subject], str | None]
"""Raises LawBroken; returns a note, or nothing. Its docstring is one sentence: what holds."""

LAWS: tuple[Law, ...] = (
    tasks_are_valid,
    tools_are_well_formed,
    step_before_reset_raises,
    reset_is_deterministic,
    oracle_scores_one,
    idle_scores_zero,
    terminal_reward_is_the_verdict,
    truncation_at_the_limit,
    step_after_the_end_raises,
    observe_is_pure,
    verify_is_pure_and_repeats,
    verify_is_not_a_tool,
    malformed_actions_are_told,
    nothing_private_leaks,
    snapshot_restores_the_future,
    forks_are_independent,
    state_pickles,
    instances_do_not_touch,
    no_global_rng,
    gymnasium_check_env,
    close_twice_and_clean,
    same_seed_same_bytes,
)
WAIVABLE = frozenset({"oracle_scores_one", "snapshot_restores_the_future", "forks_are_independent", "state_pickles"})
"""Laws that an environment may waive with a reason. None of them guards the score."""
