"""Makes tasks: draws questions until one is proved, and writes down what was proved.

The shape and the number of steps are drawn first and kept for a while, so that rare shapes are not crowded out by easy ones; whether yes or
no shall be right is drawn once, so that neither is.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from envgym.environments.table_qa.draw import Drawer, Shape
from envgym.environments.table_qa.english import Writer
from envgym.environments.table_qa.prove import Proof, Prover, Rejected, require
from envgym.environments.table_qa.query import QUESTION, answer_sql, hops
from envgym.environments.table_qa.source import Source
from envgym.errors import InvalidAction, UsageError
from envgym.task import TaskFields
from envgym.verifiers.typed_answer import folded

SHAPES: tuple[Shape, ...] = get_args(Shape)
DRAWS = 3000
TRIES = 30
"""Draws for one shape and number of steps before others are drawn."""
MAX_QUESTION_CHARS = 700
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def draw_task(
    source: Source, rng: random.Random, *, shapes: Sequence[Shape], hops_range: tuple[int, int]
) -> TaskFields:
    """A proved question as the fields of a task. Raises UsageError when the data gives none."""
    reasons: Counter[str] = Counter()
    shape, steps = shapes[0], 1
    truth = rng.random() < 0.5
    for attempt in range(DRAWS):
        if attempt % TRIES == 0:
            shape, steps = rng.choice(shapes), rng.randint(*hops_range)
        prover = Prover(source)
        try:
            question = Drawer(source, rng, prover, truth=truth).question(shape, steps)
            require(hops(question) == steps, "another number of steps")
            proof = prover.prove(question)
            require(not isinstance(proof.answer, bool) or proof.answer is truth, "the other of yes and no")
            text = Writer(source.schema, frozenset(proof.holes)).question(question)
            require(len(text) <= MAX_QUESTION_CHARS, "too long a question")
            require(not says(text, proof.answer), "the question says its answer")
        except (Rejected, InvalidAction) as error:
            reasons[str(error)] += 1
            continue
        return fields(source, question, text, proof, shape)
    common = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))
    raise UsageError(
        f"table_qa: {DRAWS} draws on {source.schema.title} gave no question with {hops_range[0]} to {hops_range[1]} steps "
        f"of {', '.join(shapes)}: {common}. Allow fewer steps or more shapes; the data needs a table with three rows, a unique "
        f"text column and a column to compare or count by"
    )


def fields(source: Source, question: Any, text: str, proof: Proof, shape: Shape) -> TaskFields:
    sql, parameters = answer_sql(question)
    steps = hops(question)
    return {
        "public": {
            "question": text,
            "answer": proof.kind.model_dump(mode="json"),
            "source": source.schema.title,
            "tables": list(source.schema.tables),
            "data": source.sha256,
        },
        "private": {
            "query": QUESTION.dump_python(question, mode="json"),
            "sql": sql,
            "parameters": parameters,
            "answer": proof.answer,
        },
        "tags": (shape, f"{steps}-hop", proof.kind.kind),
        "difficulty": float(steps),
        "certificate": {
            "by": "executing the formal query on the data",
            "data": source.sha256,
            "statements": proof.executed,
            "proved": ["one answer", "no ties", "no missing values on the way", "the question does not say the answer"],
        },
    }


def says(question: str, answer: Any) -> bool:
    """Whether the answer, or an item of it, stands in the question as a word or number of its own."""
    if isinstance(answer, bool):
        return False
    if isinstance(answer, list):
        return any(says(question, item) for item in answer)
    plain = folded(question)
    if isinstance(answer, int | float):
        return any(float(number) == abs(answer) for number in NUMBER.findall(plain))
    return re.search(rf"(?<!\w){re.escape(folded(answer))}(?!\w)", plain) is not None
