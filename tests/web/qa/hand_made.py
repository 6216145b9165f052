"""Tasks over the bundled corpus with their proofs, made of its facts without the generator of questions."""

from typing import Any

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.facts import Fact
from envgym.environments.web.corpus.shelf import open_corpus
from envgym.task import Task


def atlas() -> Corpus:
    return open_corpus("atlas")


def proof_of(fact: Fact, corpus: Corpus) -> dict[str, Any]:
    quote = corpus.pages[fact.url].quote(fact.start, fact.end)
    return {
        "subject": fact.subject, "relation": fact.relation, "value": fact.value,
        "url": fact.url, "start": fact.start, "end": fact.end, "quote": quote,
    }  # fmt: skip


def capital_of_the_neighbour(number: int = 0) -> Task:
    """The capital of the country that is the only neighbour of another: two pages, each with a fact."""
    corpus = atlas()
    store = corpus.store
    alone = [each for each in store.of_type("country") if len(store.of(each.id, "borders")) == 1]
    chains = [(one, store.of(one.id, "borders")[0]) for one in alone]
    chains = [(one, border) for one, border in chains if store.of(str(border.value), "capital")]
    country, border = chains[number]
    [capital, *_] = store.of(str(border.value), "capital")
    entity = store.entities[str(capital.value)]
    return Task(
        id=f"neighbour-{number}",
        env="web_qa",
        public={
            "question": f"What is the capital of the only country that borders {country.name}?",
            "answer": {"kind": "text"},
            "corpus": "atlas",
            "data": corpus.sha256,
            "title": corpus.title,
        },
        private={
            "answer": entity.name,
            "aliases": list(entity.aliases),
            "proof": [proof_of(border, corpus), proof_of(capital, corpus)],
        },
    )


def plain_task(**private: Any) -> Task:
    """A user's task: a question and an answer."""
    return Task(
        id="mine",
        env="web_qa",
        public={"question": "What is the capital of Austria?"},
        private={"answer": "Vienna", **private},
    )
