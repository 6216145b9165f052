"""A penalty for saying the same again: the share of n-grams that a reply repeats.

Demystifying Long Chain-of-Thought Reasoning (Yeo et al., arXiv:2502.03373, section 4.5 and Appendix C.2) finds that a length reward is
gained by repetition and subtracts a penalty for repeated n-grams. Departures: theirs falls on the single tokens that repeat, -0.05 each
with n = 40 in the runs of section 4, this one on the whole episode, by the share that repeats; their code penalises wrong replies only,
this one right ones too. n = 20 is the default of their code. N-grams never span two replies.
"""

from collections.abc import Hashable, Sequence

from envgym.errors import UsageError
from envgym.trajectory import Trajectory
from envgym.verifiers.shape import add_part, scored


def repeated_share(pieces: Sequence[Sequence[Hashable]], *, n: int) -> float:
    """1 - distinct / all of the n-grams within the pieces, in [0, 1); 0 where no piece has n items."""
    if n < 1:
        raise UsageError(f"n={n}: expected at least 1")
    grams = [tuple(piece[at : at + n]) for piece in pieces for at in range(len(piece) - n + 1)]
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


def repetition_penalty(text: str, *, n: int = 20, most: float = 1.0) -> float:
    """-most * the repeated share of the n-grams of words of `text`."""
    share = repeated_share([text.split()], n=n)
    return -most * share if share else 0.0


def shape_repetition(trajectories: Sequence[Trajectory], *, n: int = 20, most: float = 1.0) -> list[Trajectory]:
    """Adds the part "repetition", in (-most, 0], to each scored episode; returns those episodes.

    N-grams are of sampled tokens where they were recorded, else of the words of the replies.
    """
    if not 0 < most < float("inf"):
        raise UsageError(f"most={most}: expected a positive finite number")
    kept = scored(trajectories)
    for trajectory in kept:
        share = repeated_share(sampled_pieces(trajectory), n=n)
        add_part(trajectory, "repetition", -most * share if share else 0.0)
    return kept


def sampled_pieces(trajectory: Trajectory) -> list[Sequence[Hashable]]:
    """What the policy wrote, one piece a reply, each reply once also where paths share it."""
    spans = {step: path.token_ids[start:end] for path in trajectory.tokens for step, start, end in path.spans}
    if spans:
        return list(spans.values())
    contents = [trajectory.messages[step.reply].get("content") for step in trajectory.steps]
    return [content.split() for content in contents if isinstance(content, str)]
