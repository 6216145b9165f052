"""Reward functions as other trainers want them, each with a sheet beside it that `envgym verify test examples/rewards` runs."""

import re


def last_number(text):
    """The last number of a reply, outside its thinking, where it commits to exactly one value."""
    answer = text.rsplit("</think>", 1)[-1] if "<think>" in text else text
    if "<think>" in answer or len(answer) > 10_000:
        return None
    found = re.fullmatch(r"\s*(?:\*\*)?(?:.*answer is |)(-?\d{1,15})\.?(?:\*\*)?\s*", answer, re.IGNORECASE)
    return int(found[1]) if found else None


def score(answer, gold):
    """Any function of an answer and a gold."""
    return float(last_number(answer) == int(gold))


def trl_reward(completions, answer, **kwargs):
    """TRL's GRPOTrainer: a list of conversations in, a list of numbers out; None leaves a sample out."""
    return [
        float(last_number(completion[-1]["content"]) == int(gold))
        for completion, gold in zip(completions, answer, strict=True)
    ]


def compute_score(data_source, solution_str, ground_truth, extra_info=None):
    """verl's custom reward function."""
    return {"score": float(last_number(solution_str) == int(ground_truth)), "source": data_source}


async def correct_answer(completion, answer, **kwargs):
    """A reward function of PI's verifiers."""
    return float(last_number(completion[-1]["content"]) == int(answer))
