"""What is paid for an answer and for how it was come by; that quoting without reading is not."""

from typing import Any

import pytest

from envgym.environments.web.qa.rewards import Reward, Wanted, Work, judged
from envgym.environments.web.qa.web_qa import WebQA
from envgym.errors import UsageError
from envgym.message import assistant, call, tool_result, user
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.alias_answer import alias_answer
from envgym.verifiers.citation import citation
from envgym.verifiers.evidence import evidence
from envgym.verifiers.search_economy import search_economy
from envgym.verifiers.typed_answer import AnswerType

from .hand_made import atlas, capital_of_the_neighbour

TEXT = AnswerType.model_validate({"kind": "text"})
PAGE = "https://x.test/croatia"
SHOWN = {PAGE: "# Croatia\nCapital, name: Zagreb\nPopulation: 4,464,844"}
FACTS = [
    {"url": PAGE, "values": ["Zagreb"], "kind": "entity"},
    {"url": "https://x.test/austria", "values": ["Vienna"], "kind": "entity"},
]
HALF = [{"url": PAGE, "quote": "Capital, name: Zagreb"}]
WANTED = Wanted(TEXT, "Zagreb", ["Agram"], FACTS)
LOOKS = [("fetch", PAGE)]


def paid(reward: Reward, wanted: Wanted = WANTED, **work: Any) -> float | None:
    given: dict[str, Any] = {"answer": "Zagreb", "citations": HALF, "fetched": SHOWN, "looks": LOOKS, **work}
    return judged(Work(**given), wanted, reward).score


def test_the_answer_alone_is_paid_unless_more_is_asked_for() -> None:
    assert paid("correct", citations=[], fetched={}, looks=[]) == 1.0
    assert paid("correct", answer="Split") == 0.0
    assert paid("correct", answer=None) == 0.0


def test_the_reward_of_webexplorer_pays_the_form_a_sixth() -> None:
    assert paid("webexplorer") == 1.0
    assert paid("webexplorer", citations=[]) == pytest.approx(1 / 1.2)
    assert paid("webexplorer", answer="Split") == pytest.approx(0.2 / 1.2)
    assert paid("webexplorer", answer="Split", citations=[]) == 0.0
    assert paid("webexplorer", answer=None) == 0.0
    assert paid("webexplorer", fetched={}) == pytest.approx(1 / 1.2)  # what was never read is no citation


def test_the_reward_for_evidence_pays_reading_and_citing_behind_the_right_answer() -> None:
    assert paid("evidence", answer="Split") == 0.0
    assert paid("evidence", citations=[], fetched={}, looks=[]) == 0.5
    half = paid("evidence")
    assert half == pytest.approx((2 + 0.5 + 2 / 3) / 4)  # one page of two; precision 1, recall a half
    assert paid("evidence", looks=[*LOOKS, *LOOKS]) == pytest.approx((half or 0) - 0.05)


def test_without_a_proof_evidence_is_left_out() -> None:
    verdict = judged(Work("Zagreb", HALF, SHOWN, LOOKS), Wanted(TEXT, "Zagreb"), "evidence")
    assert verdict.score == 1.0
    assert "evidence" not in verdict.parts


def test_every_part_is_told_whatever_is_paid() -> None:
    verdict = judged(Work("Split", HALF, SHOWN, LOOKS), WANTED, "correct")
    assert {name: part.outcome for name, part in verdict.parts.items()} == {
        "correct": Outcome.FAIL,
        "format": Outcome.PASS,
        "evidence": Outcome.PARTIAL,
        "citations": Outcome.PARTIAL,
        "economy": Outcome.PASS,
    }


def test_a_gold_that_is_none_gives_no_score() -> None:
    rewards: list[Reward] = ["correct", "webexplorer", "evidence"]
    for reward in rewards:
        number = Wanted(AnswerType.model_validate({"kind": "integer"}), "Zagreb")
        assert paid(reward, number) is None


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Ivory Coast", True),
        ("Côte d'Ivoire", True),
        ("cote d’ivoire", True),
        ("The Ivory Coast.", True),
        ("the Republic of Cote-d'Ivoire", True),
        ("Ivory", False),
        ("Ivory Coast or Ghana", False),
        ("Ivory Coast, Ghana", False),
        ("not Ivory Coast", False),
        ("It is Ivory Coast", False),
        ("Ghana", False),
        ("", False),
        (["Ivory Coast", "Ghana"], False),
        (True, False),
    ],
)
def test_a_name_is_right_under_all_its_spellings_and_only_alone(answer: Any, right: bool) -> None:
    names = ["Ivory Coast", "Republic of Côte d'Ivoire"]
    assert alias_answer(answer, "Côte d'Ivoire", asked=TEXT, aliases=names).passed == right


def test_other_kinds_of_answers_have_other_values_too() -> None:
    integer = AnswerType.model_validate({"kind": "integer"})
    assert alias_answer("1,991", 1990, asked=integer, aliases=[1991]).passed
    assert not alias_answer("1992", 1990, asked=integer, aliases=[1991]).passed
    assert alias_answer("many", 1990, asked=integer).outcome is Outcome.MALFORMED
    assert alias_answer("7", "seven", asked=integer).outcome is Outcome.TASK_INVALID


def answered(citations: list[dict[str, str]], *before: Any) -> Verdict:
    """The verdict on the citations of an episode with these calls before its answer."""
    task = capital_of_the_neighbour()
    env = WebQA(tasks=[task])
    env.reset(seed=0)
    for action in before:
        env.step(action)
    env.step(call("answer", answer=task.private["answer"], citations=citations))
    assert env.verdict is not None
    return env.verdict.parts["citations"]


@pytest.mark.parametrize("cheat", ["question", "page", "unread", "snippet", "elsewhere", "nothing"])
def test_a_citation_that_shows_nothing_is_not_paid(cheat: str) -> None:
    task = capital_of_the_neighbour()
    first, last = (fact["url"] for fact in task.private["proof"])
    line = "Capital, name: Washington, DC"
    assert line in atlas().pages[last].text
    browse = [call("browse", url=first), call("browse", url=last)]
    match cheat:
        case "question":
            verdict = answered([{"url": last, "quote": task.public["question"]}], *browse)
        case "page":
            verdict = answered([{"url": last, "quote": atlas().pages[last].text[:1000]}], *browse)
        case "unread":
            verdict = answered([{"url": last, "quote": line}], browse[0])
        case "snippet":
            verdict = answered([{"url": last, "quote": line}], call("search", queries=["capital United States"]))
        case "elsewhere":
            verdict = answered([{"url": first, "quote": line}], *browse)
        case _:
            verdict = answered([], *browse)
    assert verdict.score == 0.0


def test_what_find_has_shown_can_be_cited_and_what_stands_beside_it_cannot() -> None:
    last = capital_of_the_neighbour().private["proof"][-1]["url"]
    find = call("find", url=last, text="Capital, name")
    shown = answered([{"url": last, "quote": "Capital, name: Washington, DC"}], find)
    assert [shown.parts[name].score for name in ("precision", "recall")] == [1.0, 0.5]
    elsewhere = call("find", url=last, text="Area, total")
    assert answered([{"url": last, "quote": "Capital, name: Washington, DC"}], elsewhere).score == 0.0


def transcript() -> list[dict[str, Any]]:
    """The messages of a short episode as a record has them."""
    told: list[Any] = [user("What is the capital of Croatia?")]
    for number, (action, result) in enumerate(
        [
            (call("search", queries=["Croatia capital"]), "[...]"),
            (call("search", queries=["capital, Croatia"]), "[...]"),
            (call("browse", url=PAGE), SHOWN[PAGE]),
            (call("browse", url="https://x.test/austria"), "error: there is no page"),
        ]
    ):
        action["tool_calls"][0]["id"] = f"call_{number}"
        told += [action, tool_result(f"call_{number}", result)]
    return [*told, assistant("Zagreb")]


def test_the_parts_are_read_off_a_transcript() -> None:
    assert evidence(transcript(), [PAGE, "https://x.test/austria"]).score == 0.5
    assert search_economy(transcript()).score == 0.75
    assert citation(HALF, FACTS[:1], messages=transcript()).passed
    assert not citation(
        [{"url": "https://x.test/austria", "quote": "error: there is"}], [], messages=transcript()
    ).passed


def test_what_was_fetched_has_to_be_said() -> None:
    with pytest.raises(UsageError, match="fetched="):
        citation(HALF, FACTS)
