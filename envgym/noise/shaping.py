"""A reward that minds how faults were dealt with. The score stays as it is; the component is named on the trajectory."""

from envgym.noise.grade import PARTS
from envgym.trajectory import Trajectory


def mind_recovery(trajectory: Trajectory, *, weight: float = 0.1) -> None:
    """Lowers the reward of a passed episode by at most `weight`: by nothing where every fault was got over, and nothing done blindly.

    Without faults, and for an episode that did not pass, nothing changes. Called twice it counts once.
    """
    verdict = trajectory.verdict
    if verdict is None or not verdict.passed or trajectory.reward is None:
        return
    parts = [verdict.parts[name].score or 0.0 for name in PARTS if name in verdict.parts]
    if parts:
        component = weight * (sum(parts) / len(parts) - 1)
        trajectory.reward += component - trajectory.rewards.get("noise", 0.0)
        trajectory.rewards["noise"] = component
