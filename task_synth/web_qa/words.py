"""The words of a question that a paraphrase has to keep: values as the question says them, and what turns a clue into another one."""

import re

from envgym.environments.web.corpus.facts import FactStore
from envgym.environments.web.question.query import QUERY, clues_in
from envgym.task import Task

PROMPT = (
    "Say the following question in your own words. Keep every number, name and quotation exactly as it is written, keep every condition "
    "and every word of comparison or denial, add nothing and leave nothing out. Answer with the question alone.\n\n"
)
TURNING = re.compile(
    r"\b(?:not|exactly|at least|at most|more than|less than|fewer than|over|under|between|before|after|highest|lowest|greatest|smallest|"
    r"export|import|exports|imports|official|name|letters?)\b"
)
"""Words without which a clue says something else."""


def spoken(store: FactStore, task: Task) -> frozenset[str]:
    """The words of the question that may not be lost."""
    question = str(task.public["question"])
    words = set(TURNING.findall(question))
    for _, _, clue in clues_in(QUERY.validate_python(task.private["query"]).of):
        value = getattr(clue, "value", None)
        if value is not None:
            words.add(store.name(value))
    return frozenset(word for word in words if word.casefold() in question.casefold())
