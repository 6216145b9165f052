"""Web question answering: what the tools show, what a bad call is told, and that an episode owns only what it has seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from envgym.env import AgentEnv
from envgym.environments.web.corpus.corpus import Corpus, load_corpus
from envgym.environments.web.corpus.page import Link, Page
from envgym.environments.web.qa.web_qa import WebQA
from envgym.errors import UsageError
from envgym.message import call
from envgym.task import Task

from .hand_made import atlas, capital_of_the_neighbour, plain_task

CROATIA = "https://atlas.test/croatia"
WEB = [
    Page(
        "https://own.test/a",
        "Ann",
        "# Ann\nAnn lives in Oslo.\n" + "She keeps bees. " * 40,
        (Link("Oslo", "https://own.test/oslo"),),
    ),
    Page("https://own.test/oslo", "Oslo", "# Oslo\nOslo is a city on a fjord.\nIts mayor keeps hens."),
]


@pytest.fixture
def env() -> WebQA:
    env = WebQA(tasks=[plain_task()])
    env.reset(seed=0)
    return env


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A corpus of the user's in a folder."""
    Corpus("own", "My two pages", {page.url: page for page in WEB}).save(tmp_path / "own")
    return str(tmp_path / "own")


def told(env: AgentEnv, tool: str, **arguments: Any) -> str:
    observation, *_ = env.step(call(tool, **arguments))
    return str(observation[-1]["content"])


def play(env: AgentEnv, task: Task, seed: int = 0) -> float:
    """The reward of the golden solution."""
    env.reset(seed=seed, options={"task": task})
    reward = 0.0
    for action in env.oracle():
        _, reward, *_ = env.step(action)
    return reward


def test_a_search_gives_title_url_and_snippet_for_each_query(env: WebQA) -> None:
    answers = json.loads(told(env, "search", queries=["capital of Croatia", "zzzz"]))
    assert [each["query"] for each in answers] == ["capital of Croatia", "zzzz"]
    hits = answers[0]["results"]
    assert len(hits) == 5
    assert hits[0] == {"title": "Croatia", "url": CROATIA, "snippet": hits[0]["snippet"]}
    assert answers[1] == {"query": "zzzz", "results": [], "note": "no page has a word of this query"}


def test_the_parts_of_a_page_are_the_whole_page() -> None:
    env = WebQA(tasks=[plain_task()], page_chars=1000)
    env.reset(seed=0)
    page = atlas().pages[CROATIA]
    texts = []
    for number in range(1, 20):
        shown = told(env, "browse", url=CROATIA, page=number)
        if "there is no part" in shown:
            break
        assert shown.startswith(f"Croatia <{CROATIA}>, part {number} of ")
        texts.append(shown.split("\n\n", 1)[1].split("\n\nLinks: ")[0])
    assert all(len(text) <= 1000 for text in texts)
    assert "".join("".join(texts).split()) == "".join(page.text.split())
    assert env.seen == {CROATIA: [(0, len(page.text))]}


def test_a_query_shows_the_passages_that_answer_it(env: WebQA) -> None:
    shown = told(env, "browse", url=CROATIA, query="how long is the border with Hungary")
    assert "Hungary 348 km" in shown
    [(start, end)] = [each for each in env.seen[CROATIA] if "Hungary 348 km" in atlas().pages[CROATIA].quote(*each)]
    assert end - start < 1000
    assert sum(end - start for start, end in env.seen[CROATIA]) <= env.knobs.page_chars


def test_links_are_those_that_stand_in_what_is_shown(own: str) -> None:
    env = WebQA(tasks=[plain_task()], corpus=own)
    env.reset(seed=0)
    assert told(env, "browse", url="https://own.test/a").endswith("Links: Oslo <https://own.test/oslo>")
    assert "Links" not in told(env, "browse", url="https://own.test/a", query="bees keeps")


def test_find_shows_every_place_with_the_words_around_it(env: WebQA) -> None:
    shown = told(env, "find", url=CROATIA, text="slovenia  600\nKM")
    assert "stands once in Croatia" in shown
    assert "Slovenia 600 km" in shown
    assert "does not stand in Croatia" in told(env, "find", url=CROATIA, text="the capital of Peru")
    many = told(env, "find", url=CROATIA, text="a")
    assert "the first 10 are shown" in many


def test_a_part_of_a_url_behind_a_hash_does_not_matter(env: WebQA) -> None:
    assert told(env, "browse", url=f" {CROATIA}#history ").startswith("Croatia")
    assert list(env.seen) == [CROATIA]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("browse", {"url": "https://atlas.test/croatie"}, "there is no page"),
        ("browse", {"url": "https://en.example/wiki/Croatia"}, f"did you mean {CROATIA}"),
        ("browse", {"url": "croatia"}, f"did you mean {CROATIA}"),
        ("browse", {"url": "zzzz"}, "find pages with search"),
        ("browse", {"url": ""}, "find pages with search"),
        ("browse", {"url": CROATIA, "page": 99}, "parts, there is no part 99"),
        ("browse", {"url": CROATIA, "page": 0}, "greater than or equal to 1"),
        ("browse", {"url": CROATIA, "page": 10**30}, "less than or equal"),
        ("browse", {"url": CROATIA, "query": "zzzz"}, "ask in other words"),
        ("browse", {"url": CROATIA, "query": "a" * 401}, "at most 400"),
        ("browse", {"url": "\0"}, "NUL"),
        ("browse", {"url": "u" * 3000}, "at most 2000"),
        ("find", {"url": CROATIA, "text": " "}, "blank"),
        ("find", {"url": CROATIA, "text": ""}, "at least 1"),
        ("find", {"url": CROATIA, "text": "a" * 100_000}, "at most 400"),
        ("find", {"url": CROATIA, "text": "a\0b"}, "NUL"),
        ("find", {"url": "nowhere", "text": "a"}, "there is no page"),
        ("search", {"queries": []}, "at least 1"),
        ("search", {"queries": ["a"] * 6}, "at most 5"),
        ("search", {"queries": ["a" * 401]}, "at most 400"),
        ("search", {"queries": ["\0"]}, "NUL"),
        ("search", {"queries": "Croatia"}, "valid array"),
        ("search", {"queries": ["Croatia", "\0"]}, "NUL"),
        ("answer", {"answer": "x", "citations": [{"url": "u"}]}, "citations.0.quote"),
        ("answer", {"answer": "x", "citations": [{"url": "u", "quote": "q" * 1001}]}, "at most 1000"),
        ("answer", {"answer": {"name": "x"}}, "answer"),
    ],
)
def test_a_bad_call_is_told_and_changes_nothing(tool: str, arguments: dict[str, Any], words: str, env: WebQA) -> None:
    told(env, "browse", url=CROATIA)
    before = (dict(env.seen), list(env.looks), env.queries, env.submitted)
    answer = told(env, tool, **arguments)
    assert answer.startswith("error: ")
    assert words in answer
    assert (env.seen, env.looks, env.queries, env.submitted) == before


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_of_a_character_is_told(text: str, env: WebQA) -> None:
    message = call("search", queries=["x"])
    message["tool_calls"][0]["function"]["arguments"] = json.dumps({"queries": [text]})
    observation, *_ = env.step(message)
    assert "error: " in str(observation[-1]["content"])
    assert env.queries == 0


@pytest.mark.parametrize("text", ["(", "a|b", ".*", "[", "\\", "🦘", "ﬀ"])
def test_words_to_find_are_words_and_no_pattern(text: str, env: WebQA) -> None:
    assert "does not stand" in told(env, "find", url=CROATIA, text=f"zz{text}zz")


@pytest.mark.parametrize("reward", ["correct", "webexplorer", "evidence"])
@pytest.mark.parametrize("noise", [0.0, 0.9])
def test_the_golden_solution_is_whole_under_every_reward(reward: str, noise: float) -> None:
    env = WebQA(reward=reward, search_noise=noise)
    tasks = env.taskset(3)
    for task in [*(capital_of_the_neighbour(number) for number in range(5)), *(tasks[number] for number in range(10))]:
        assert play(env, task) == 1.0, task.public["question"]
        assert env.verdict is not None
        assert {name: part.score for name, part in env.verdict.parts.items()} == dict.fromkeys(
            ("correct", "format", "evidence", "citations", "economy"), 1.0
        )


def test_who_searches_the_question_once_and_answers_with_the_first_title_earns_nothing() -> None:
    env = WebQA()
    tasks = env.taskset(5)
    for number in range(40):
        question = tasks[number].public["question"]
        env.reset(seed=0, options={"task": tasks[number]})
        hits = json.loads(told(env, "search", queries=[question[:400]]))[0]["results"]
        _, reward, *_ = env.step(call("answer", answer=hits[0]["title"]))
        assert reward == 0.0, question


def test_how_a_task_is_played_does_not_change_the_task() -> None:
    plain = WebQA().taskset(1)[2]
    other = WebQA(k=9, reward="evidence", search_noise=0.5, page_chars=999).taskset(1)[2]
    assert plain.hash == other.hash
    assert WebQA(hops=3).taskset(1)[2].hash != plain.hash


def test_noise_is_that_of_the_episode_and_forks_have_the_same() -> None:
    env = WebQA(tasks=[plain_task()], search_noise=0.5)
    seen = set()
    for seed in range(6):
        env.reset(seed=seed)
        first = told(env, "search", queries=["river", "lake"])
        twin = env.fork()
        assert told(twin, "search", queries=["river"]) == told(env, "search", queries=["river"])
        env.reset(seed=seed)
        assert told(env, "search", queries=["river", "lake"]) == first
        seen.add(first)
    assert len(seen) > 3


def test_a_task_of_the_users_needs_a_question_and_an_answer_only(own: str) -> None:
    task = Task(
        id="bees",
        env="web_qa",
        public={"question": "In which city does the beekeeper live?", "corpus": "own"},
        private={"answer": "Oslo", "aliases": ["Kristiania"]},
    )
    WebQA.check_task(task)
    env = WebQA(tasks=[task], corpus=own)
    observation, _ = env.reset(seed=0)
    assert "My two pages: 2 pages" in str(observation[0]["content"])
    told(env, "browse", url="https://own.test/a")
    quote = {"url": "https://own.test/a", "quote": "Ann lives in Oslo."}
    _, reward, *_ = env.step(call("answer", answer="kristiania", citations=[quote]))
    assert reward == 1.0
    assert env.verdict is not None
    assert {name: part.score for name, part in env.verdict.parts.items()} == dict.fromkeys(
        ("correct", "format", "citations", "economy"), 1.0
    )


def test_a_task_made_from_other_pages_is_refused(own: str) -> None:
    corpus = load_corpus(Path(own))
    task = Task(
        id="x", env="web_qa", public={"question": "?", "corpus": "own", "data": corpus.sha256}, private={"answer": "x"}
    )
    WebQA(tasks=[task], corpus=own).reset(seed=0)
    Corpus("own", "Changed", {page.url: page for page in WEB[:1]}).save(Path(own).with_name("changed"))
    with pytest.raises(UsageError, match=f"made from other pages.*{corpus.sha256[:12]}"):
        WebQA(tasks=[task], corpus=str(Path(own).with_name("changed"))).reset(seed=0)
    with pytest.raises(UsageError, match="unknown corpus 'own'"):
        WebQA(tasks=[task]).reset(seed=0)


@pytest.mark.parametrize(
    ("public", "private", "field"),
    [
        ({}, {"answer": "x"}, "public.question"),
        ({"question": ""}, {"answer": "x"}, "public.question"),
        ({"question": "?", "answer": {"kind": "colour"}}, {"answer": "x"}, "public.answer.kind"),
        ({"question": "?"}, {}, "private.answer"),
        ({"question": "?"}, {"answer": "x", "proof": "page 7"}, "private.proof"),
        ({"question": "?"}, {"answer": "x", "proof": [{"url": "u"}]}, "private.proof.0.value"),
    ],
)
def test_a_task_that_cannot_be_played_says_which_field_is_wrong(
    public: dict[str, Any], private: dict[str, Any], field: str
) -> None:
    with pytest.raises(UsageError, match=field):
        WebQA.check_task(Task(id="x", env="web_qa", public=public, private=private))


def test_a_proof_on_a_page_that_is_not_there_is_refused() -> None:
    task = plain_task(proof=[{"url": "https://atlas.test/atlantis", "value": "x", "start": 0, "end": 9}])
    WebQA.check_task(task)
    with pytest.raises(UsageError, match="atlantis"):
        WebQA(tasks=[task]).reset(seed=0)


def test_settings_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(UsageError, match="search_noise"):
        WebQA(search_noise={"start": 2})
    with pytest.raises(UsageError, match="engine"):
        WebQA(engine="google")
    with pytest.raises(UsageError, match="did you mean 'atlas'"):
        WebQA(corpus="atlass").reset(seed=0)
