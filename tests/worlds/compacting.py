"""A scaffold that rewrites history: it keeps only the task and the last answer of the world."""

from envgym.env import StepResult
from envgym.scaffolds.function_calling import FunctionCalling


class Compacting(FunctionCalling):
    id = "compacting"

    def look(self, result: StepResult) -> StepResult:
        looked = super().look(result)
        if len(self.transcript) > 4:
            self.transcript = [self.transcript[0], *self.transcript[-2:]]
        return looked
