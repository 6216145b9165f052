"""Histograms of two runs over the same bins, so that their bars can be compared."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

BARS = 20


def histograms(runs: Sequence[Sequence[float]]) -> dict[str, Any]:
    """`bins` as [low, high] and `counts` per run.

    Up to 20 different values get a bar each (low equals high); more get 20 bins of equal width from the least to the greatest, of
    which only the last includes its high end.
    """
    values = sorted({value for run in runs for value in run})
    if len(values) <= BARS:
        tallies = [Counter(run) for run in runs]
        return {
            "bins": [[value, value] for value in values],
            "counts": [[tally[value] for value in values] for tally in tallies],
        }
    low, high = values[0], values[-1]
    width = high / BARS - low / BARS  # high - low may be more than a float can hold
    counts = [[0] * BARS for _ in runs]
    for tally, run in zip(counts, runs, strict=True):
        for value in run:
            tally[min(int(value / width - low / width), BARS - 1)] += 1
    return {"bins": [[low + width * at, low + width * (at + 1)] for at in range(BARS)], "counts": counts}
