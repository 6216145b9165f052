"""Judge models of a sheet: an honest one, played by the sheet's script, and broken ones. Real servers on this machine (FakeLLM).

Whatever a broken judge does, no number may come of it: an outage that is scored trains a model on the weather.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from envgym.registry import load
from envgym.testing.fake_llm import FakeLLM
from envgym.testing.fault import Fault
from envgym.testing.kit.sheet import Sheet

BROKEN = {
    "judge_limits_the_rate": Fault("status", share=1.0, status=429),
    "judge_fails": Fault("status", share=1.0, status=500),
    "judge_sends_garbage": Fault("body", share=1.0),
    "judge_breaks_off": Fault("truncated", share=1.0),
    "judge_hangs_up": Fault("dropped", share=1.0),
    "judge_never_answers": Fault("hang", share=1.0),
}
UNUSABLE = {
    "judge_answers_prose": "Having weighed everything, I find this reply to be right.",
    "judge_answers_a_number": "1",
    "judge_answers_nothing": "",
    "judge_answers_another_object": '{"verdict": "excellent"}',
}


@contextmanager
def with_honest_judge(sheet: Sheet) -> Iterator[Sheet]:
    """The sheet with the address of its judge among the options. Raises UsageError when the script cannot be loaded."""
    if sheet.judge is None:
        yield sheet
        return
    with FakeLLM(load(sheet.judge.script), keep_requests=False) as server:
        options = {**sheet.options, sheet.judge.argument: server.base_url}
        yield sheet.model_copy(update={"options": options})


def broken_judges() -> Iterator[tuple[str, str]]:
    """Name and address of one broken judge after the other; each runs until the next is asked for."""
    for name, fault in BROKEN.items():
        with FakeLLM(faults=[fault], keep_requests=False) as server:
            yield name, server.base_url
    for name, text in UNUSABLE.items():
        with FakeLLM(lambda body, text=text: text, keep_requests=False) as server:  # type: ignore[misc]
            yield name, server.base_url
    yield "judge_is_down", server.base_url
