"""A verifier of your own: a function from a reply and a gold to a verdict, usable alone, in an environment and in a test."""

import datetime

from envgym import Verdict
from envgym.verifiers.reply import final_answer


def same_date(reply: str, gold: str) -> Verdict:
    """PASS when the final answer names the day `gold` (ISO form), in ISO or as "3 May 2024"."""
    answer = final_answer(reply)
    for form in ("%Y-%m-%d", "%d %B %Y", "%d %b %Y"):
        try:
            day = datetime.datetime.strptime(answer or "", form).date()
        except ValueError:
            continue
        same = day == datetime.date.fromisoformat(gold)
        return Verdict.of(float(same), code="date.equal" if same else "date.not_equal", reason=f"the reply says {day}")
    return Verdict.malformed("the answer is no date", code="date.unreadable")


if __name__ == "__main__":
    for reply in ("<think>2024-05-04?</think> Answer: 3 May 2024", "2024-05-04", "next Friday"):
        verdict = same_date(reply, "2024-05-03")
        print(verdict.outcome, verdict.score, verdict.code)
