"""A scaffold that offers tools only after the plan: templates render tools first, so the history changes under the model."""

from envgym import ToolSpec
from envgym.scaffolds.plan_then_act import PlanThenAct


class LateTools(PlanThenAct):
    id = "late_tools"

    def offered(self) -> list[ToolSpec]:
        return [] if self.plan is None else super().offered()
