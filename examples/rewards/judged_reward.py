"""A verifier that asks a judge model, and what an honest judge says, so that its sheet needs no model."""

import json
import re

from envgym.verifiers.answer import number
from envgym.verifiers.json_service import Patience
from envgym.verifiers.judge import equivalence_judge
from envgym.verifiers.judge_client import JudgeClient

PATIENCE = Patience(timeout_s=0.5, deadline_s=1.0, max_retries=1, backoff_s=0.05)
MARKED = re.compile(r"<<<data (\w+)\n(.*?)\ndata \1>>>", re.DOTALL)


def same_meaning(answer, gold, *, base_url):
    """A judge decides whether the reply says the gold. Where it does not answer there is no score."""
    with JudgeClient("fake", base_url, patience=PATIENCE) as client:
        return equivalence_judge(client)(answer, gold)


def honest_judge(body):
    """Compares numbers, in the place of a model."""
    _, gold, reply = (text for _, text in MARKED.findall(body["messages"][-1]["content"]))
    return json.dumps({"quote": reply, "equivalent": number(reply, gold).passed})
