"""The certificate of a web question: what was proved about it, each time anew from the pages.

One answer by exhaustive solution, no clue too many and none that gives it away, every statement of the proof in its page, no shortcut by
one search; then played: the oracle scores 1.0, doing nothing and answering what one search finds score 0, every near miss scores 0, and
every other spelling of the answer scores 1.0.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from envgym.environments.web.qa.web_qa import WebQA
from envgym.environments.web.question import rejected as drafts
from envgym.environments.web.question.draw import Workshop, spellings, workshop_of
from envgym.environments.web.question.evolve import minimal
from envgym.environments.web.question.proof import proof_of
from envgym.environments.web.question.query import QUERY, Query, form_of, leaves, outline_of
from envgym.environments.web.question.shortcut import no_shortcut
from envgym.errors import EnvgymError
from envgym.message import Action, assistant, call
from envgym.task import Task, faults_of
from envgym.task_synth.rejected import Rejected
from envgym.verifiers.alias_answer import alias_answer
from envgym.verifiers.saying import says
from envgym.verifiers.typed_answer import AnswerType

VERSION = 1
NEEDED = ("query", "answer", "aliases", "proof", "distractors", "clues")
DRAWN = ("clues_before", "clues_after", "rejected")
"""What is taken over from the drawing: how it came about cannot be proved again."""


def certify(env: WebQA, task: Task) -> dict[str, Any]:
    """The certificate of `task`. Raises Rejected where it does not hold, UsageError where it belongs to other pages."""
    env.reset(options={"task": task})  # says so where the pages are others
    query = _query(task)
    shop = workshop_of(env.corpus)
    _one_answer(shop, query, task)
    _proof_holds(shop, query, task)
    _no_shortcut(shop, query, task)
    played = _played(env, task)
    drawn = task.certificate or {}
    return {
        "version": VERSION,
        "task": task.hash,
        "data": shop.corpus.sha256,
        "form": form_of(query),
        "outline": outline_of(query),
        "unique": True,
        "minimal": True,
        "proof": len(task.private["proof"]),
        **played,
        **{name: drawn[name] for name in DRAWN if name in drawn},
    }


def _query(task: Task) -> Query:
    """The formal question. Raises Rejected where the task has none, or lacks what else is proved."""
    missing = [name for name in NEEDED if name not in task.private]
    if missing:
        raise Rejected("nothing to prove", f"the task has no {', '.join(missing)} in its private half")
    try:
        return QUERY.validate_python(task.private["query"])
    except ValidationError as error:
        raise Rejected("no query", faults_of(error)) from None


def _one_answer(shop: Workshop, query: Query, task: Task) -> None:
    entity = shop.solver.only(query.of)
    answers = shop.solver.answers(query)
    if entity is None or len(answers) != 1:
        raise Rejected("not unique", f"{len(answers)} answers are not ruled out")
    names = spellings(shop, query, next(iter(answers)))
    if [task.private["answer"], *task.private["aliases"]] != names:
        raise Rejected("another answer", f"the pages say {names[0]!r}")
    try:
        minimal(shop.solver, query.of)
    except drafts.Rejected as rejected:
        raise Rejected(str(rejected)) from None


def _proof_holds(shop: Workshop, query: Query, task: Task) -> None:
    store, pages = shop.corpus.store, shop.corpus.pages
    stated = set()
    for row in task.private["proof"]:
        page, relation = pages.get(row["url"]), store.relations.get(row["relation"])
        if page is None or relation is None:
            raise Rejected("broken proof", f"there is no page {row['url']}, or no relation {row['relation']}")
        quote = page.quote(row["start"], row["end"])
        if quote != row["quote"]:
            raise Rejected("broken proof", f"{row['url']} has {quote[:60]!r} there, not {row['quote'][:60]!r}")
        about = store.spellings(row["value"], relation.kind)
        if relation.symmetric:  # said on the page of the other side as well
            about += store.spellings(row["subject"], relation.kind)
        if not says(quote, about, relation.kind):
            raise Rejected("broken proof", f"{quote[:60]!r} does not say {row['value']!r}")
        stated.add((row["subject"], row["relation"], row["value"]))
    entity = shop.solver.only(query.of)
    assert entity is not None
    try:
        wanted = proof_of(shop.solver, query, entity)
    except drafts.Rejected as rejected:
        raise Rejected("broken proof", str(rejected)) from None
    missing = [fact for fact in wanted if (fact.subject, fact.relation, fact.value) not in stated]
    if missing:
        raise Rejected(
            "proof with a gap", f"nothing shows that {missing[0].subject} {missing[0].relation} {missing[0].value}"
        )


def _no_shortcut(shop: Workshop, query: Query, task: Task) -> None:
    entity = shop.solver.only(query.of)
    assert entity is not None
    try:
        no_shortcut(
            shop.engine,
            question=task.public["question"],
            clues=[str(clue["text"]) for clue in task.private["clues"]],
            page=entity.page,
            spellings=[task.private["answer"], *task.private["aliases"]],
        )
    except drafts.Rejected as rejected:
        raise Rejected(str(rejected)) from None
    if len(task.private["clues"]) != len(leaves(query.of)):
        raise Rejected("clues of another question")


def _played(env: WebQA, task: Task) -> dict[str, Any]:
    private = task.private
    _require(_score(env, task, _oracle(env, task)) == 1.0, "oracle fails", str(env.verify().reason))
    idle = _score(env, task, [assistant("I am thinking about it.")])
    _require(idle == 0.0, "idle passes")
    _require(_score(env, task, _search_once(env, task)) == 0.0, "search once passes")
    asked = AnswerType.model_validate(task.public["answer"])
    wrong = [row["name"] for row in private["distractors"]]
    for answer in wrong[:1]:
        _require(_score(env, task, [_answer(answer)]) == 0.0, "a near miss passes", str(answer))
    for answer in wrong:
        _require(_judged(task, asked, answer) == 0.0, "a near miss passes", str(answer))
    for alias in private["aliases"]:
        _require(_judged(task, asked, alias) == 1.0, "another spelling fails", str(alias))
    return {
        "oracle": 1.0,
        "idle": 0.0,
        "search_once": 0.0,
        "near_misses": len(private["distractors"]),
        "spellings": 1 + len(private["aliases"]),
    }


def _oracle(env: WebQA, task: Task) -> Iterator[Action]:
    """The oracle's calls; it reads what the episode shows, so the task has to run."""
    env.reset(options={"task": task})
    yield from env.oracle()


def _search_once(env: WebQA, task: Task) -> list[Action]:
    """One search with the question, and the title of the first hit as the answer."""
    hits = env.engine.search(str(task.public["question"]), 1)
    return [call("search", queries=[str(task.public["question"])[:400]]), _answer(hits[0].title if hits else "")]


def _answer(answer: Any) -> Action:
    return call("answer", answer=answer, citations=[])


def _judged(task: Task, asked: AnswerType, answer: Any) -> float | None:
    """What an answer scores by the verifier of the environment, without an episode."""
    return alias_answer(answer, task.private["answer"], asked=asked, aliases=task.private["aliases"]).score


def _score(env: WebQA, task: Task, actions: Any) -> float:
    """The score of an episode of these actions. It may end by itself, or be cut off."""
    env.reset(options={"task": task})
    for action in actions:
        try:
            _, reward, terminated, truncated, _ = env.step(action)
        except EnvgymError as error:
            raise Rejected("world failed", str(error)) from None
        if terminated or truncated:
            return float(reward)
    score = env.verify().score
    if score is None:
        raise Rejected("no verdict", str(env.verify().reason))
    return score


def _require(holds: bool, reason: str, more: str = "") -> None:
    if not holds:
        raise Rejected(reason, more)
