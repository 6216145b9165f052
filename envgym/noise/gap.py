"""Clean, noisy and the gap between them: one run played twice, on the same tasks by the same policy, once with noise.

Episodes are compared in pairs; one that the world failed in either run is left out of both means. The figures of the noisy run are those
that any run prints; beside them stand `clean`, `noisy`, `gap` and how the policy dealt with the faults.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envgym.command import play_into, print_figures
from envgym.errors import UsageError
from envgym.noise.grade import PARTS
from envgym.rollout.run import Run
from envgym.trajectory import Trajectory
from envgym.verdict import Verdict

COUNTED = PARTS[1:]


def with_noise_of(run: Run, *, level: float, kinds: str, seed: int, budget: int) -> Run:
    """`run` under noise. Raises UsageError where its environment has no tools, and for kinds that there are not."""
    if not isinstance(run.env, str):
        raise UsageError("noise by name needs an environment by name: an id, module:Class or file.py:Class")
    names = [name.strip() for name in kinds.split(",") if name.strip()]
    noise = {"noise": level, "noise_kinds": names, "noise_seed": seed, "noise_budget": budget}
    noisy = replace(run, env=f"noisy:{run.env}", knobs={**run.knobs, **noise})
    noisy.fingerprint  # noqa: B018  # makes the environment: what is wrong with the settings is said before anything is played
    noisy.close()
    return noisy


@dataclass
class Gap:
    """What is known of the pairs so far."""

    clean: dict[int, float] = field(default_factory=dict)
    noisy: dict[int, float] = field(default_factory=dict)
    dealt_with: list[Verdict] = field(default_factory=list)
    """Verdicts of the episodes in which something went wrong."""

    def take_clean(self, trajectory: Trajectory) -> None:
        if trajectory.scored and trajectory.score is not None:
            self.clean[trajectory.index] = trajectory.score

    def take_noisy(self, trajectory: Trajectory) -> None:
        if trajectory.scored and trajectory.score is not None:
            self.noisy[trajectory.index] = trajectory.score
        if trajectory.verdict is not None and "recovered" in trajectory.verdict.parts:
            self.dealt_with.append(trajectory.verdict)

    def figures(self) -> dict[str, Any]:
        pairs = sorted(self.clean.keys() & self.noisy.keys())
        clean, noisy = (mean([scores[index] for index in pairs]) for scores in (self.clean, self.noisy))
        parts = [verdict.parts for verdict in self.dealt_with]
        faults = [fault.data["recovered"] for part in parts for fault in part["recovered"].evidence]
        return {
            "pairs": len(pairs),
            "clean": clean,
            "noisy": noisy,
            "gap": None if clean is None or noisy is None else round(clean - noisy, 6),
            "faults": len(faults),
            "recovered": mean([float(each) for each in faults if each is not None]),
            **{name: sum(count_of(part[name]) for part in parts) for name in COUNTED},
        }


def mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None


def count_of(part: Verdict) -> int:
    """The count that a part of the verdict stands for."""
    return int(part.evidence[0].data["count"]) if part.evidence else 0


def gap_command(
    clean: Run, noisy: Run, out: Path | None, *, resume: bool, processes: int, digests: bool, as_json: bool
) -> int:
    """Plays both runs and prints the figures. The clean episodes go beside `out`, to NAME.clean.jsonl. Returns the exit code."""
    gap = Gap()
    beside = out.with_suffix(f".clean{out.suffix}") if out is not None else None
    code, _ = play_into(clean, beside, resume=resume, processes=processes, seen=gap.take_clean)
    if not code:
        code, figures = play_into(noisy, out, resume=resume, processes=processes, digests=digests, seen=gap.take_noisy)
        print_figures({**figures, **gap.figures()}, as_json=as_json)
    return code
