"""The score asks whether everything that was sent went to the right place, and nothing was sent."""

import random
from collections.abc import Iterator

from envgym import Action, Task, TaskFields, ToolEnv, Verdict, call, tool


class Sound(ToolEnv):
    """Send every parcel to the town on its label."""

    id = "idle_paid"
    max_turns = 6

    def generate(self, rng: random.Random) -> TaskFields:
        towns = rng.sample(["Bern", "Oslo", "Rome", "Riga"], 3)
        return {"public": {"labels": dict(zip("abc", towns, strict=True))}}

    def begin(self, task: Task) -> str:
        self.sent: dict[str, str] = {}
        return f"Send the parcels to the towns on their labels: {task.public['labels']}. Then say that you are done."

    @tool
    def send(self, parcel: str, town: str) -> str:
        """Send one parcel to a town."""
        self.sent[parcel] = town
        return f"{parcel} is on its way to {town}"

    @tool(final=True)
    def done(self) -> str:
        """Say that every parcel was sent. Ends the episode."""
        return "thank you"

    def verify(self) -> Verdict:
        assert self.task is not None
        return Verdict.of(float(self.sent == self.task.public["labels"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        for parcel, town in self.task.public["labels"].items():
            yield call("send", parcel=parcel, town=town)
        yield call("done")


class Broken(Sound):
    def verify(self) -> Verdict:
        assert self.task is not None
        labels = self.task.public["labels"]
        return Verdict.of(float(all(labels.get(parcel) == town for parcel, town in self.sent.items())))
