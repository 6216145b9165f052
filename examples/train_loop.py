"""What a trainer does with envgym: sample groups, take rewards and advantages, leave out what the world failed.

The policy here is scripted so that the file runs anywhere; put `OpenAIPolicy(...)` or a model of your own in its place.
"""

from itertools import groupby
from statistics import mean

from envgym import play

episodes = play("game24", policy="random", scaffold="react", episodes=64, group_size=8, seed=1)
for _, members in groupby(episodes, key=lambda episode: episode.group):
    scored = [episode for episode in members if episode.scored]
    baseline = mean(episode.reward for episode in scored)
    advantages = [episode.reward - baseline for episode in scored]
    if any(advantages):
        print(f"{scored[0].task.key}: {len(scored)} samples, mean reward {baseline:.3f}")
print(f"{len(episodes)} episodes, {sum(len(episode.steps) for episode in episodes)} model calls")
