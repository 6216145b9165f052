"""An environment of your own: a world with tools, in one file. Try it: envgym check examples/my_environment.py:Vending"""

from envgym import InvalidAction, ToolEnv, Verdict, call, play, tool


class Vending(ToolEnv):
    """Buy exactly what was asked for from a machine that gives no change."""

    id = "vending"

    def generate(self, rng):
        prices = {name: rng.randrange(5, 100, 5) for name in ("tea", "soup", "juice")}
        return {"public": {"prices": prices, "wanted": rng.choice(sorted(prices))}}

    def begin(self, task):
        self.paid, self.bought = 0, []
        return (
            f"Prices in cents: {task.public['prices']}. Get one {task.public['wanted']} and nothing else, then leave."
        )

    @tool
    def insert(self, cents: int) -> str:
        """Put money into the machine."""
        if cents not in (5, 10, 20, 50):
            raise InvalidAction("the machine takes coins of 5, 10, 20 and 50 cents")
        self.paid += cents
        return f"{self.paid} cents in the machine"

    @tool
    def press(self, drink: str) -> str:
        """Choose a drink; it costs its price exactly, the rest is kept."""
        if self.paid < self.task.public["prices"].get(drink, 1000):
            raise InvalidAction(f"{self.paid} cents do not buy {drink!r}")
        self.paid = 0
        self.bought.append(drink)
        return f"here is your {drink}"

    @tool(final=True)
    def leave(self) -> str:
        """Walk away. Ends the episode."""
        return "goodbye"

    def verify(self):
        return Verdict.of(float(self.bought == [self.task.public["wanted"]]), reason=f"bought {self.bought}")

    def oracle(self):
        for _ in range(self.task.public["prices"][self.task.public["wanted"]] // 5):
            yield call("insert", cents=5)
        yield call("press", drink=self.task.public["wanted"])
        yield call("leave")


if __name__ == "__main__":
    for policy in ("oracle", "random", "idle"):
        episodes = play(Vending, policy=policy, scaffold="react", episodes=50)
        print(f"{policy}: {sum(episode.score for episode in episodes) / len(episodes):.2f}")
