"""Says why a run of tests gave nothing: not installed, not loadable, too slow."""

import re

from envgym.environments.swe.test_run import TestRun
from envgym.task_synth.mining.rejection import Rejected

MISSING = re.compile(r"(?:ModuleNotFoundError|ImportError): (.{1,200})")
ERROR = re.compile(r"^(?:E\s+)?(\w+(?:Error|Exception|Warning): .{1,200})", re.MULTILINE)


def why_nothing_ran(run: TestRun, *, before: bool) -> Rejected:
    """The rejection for a run without outcomes."""
    when = "before" if before else "after"
    if run.problem == "timeout":
        return Rejected("timeout", f"the tests did not end within {run.seconds:.0f} s {when} the change")
    missing = MISSING.search(run.text)
    if missing:
        return Rejected("collection_error", f"the tests cannot be loaded {when} the change: {missing.group(1)}")
    if run.problem in ("crash", "forged") and not before:
        return Rejected("gold_fails", f"the tests do not end properly after the change: {run.problem}")
    error = ERROR.search(run.text)
    told = error.group(1) if error else (run.text.strip().splitlines() or ["nothing was printed"])[-1][:200]
    return Rejected("collection_error", f"no test ran {when} the change ({run.problem or 'no results'}): {told}")
