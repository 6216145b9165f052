"""Certificates of web questions: what holds is proved, and each way of not holding is found and named."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from envgym.cli import app
from envgym.environments.web.qa.web_qa import WebQA
from envgym.errors import UsageError
from envgym.message import text_of
from envgym.task import Task, TaskList
from envgym.task_file import load_tasks, write_tasks
from envgym.task_synth.certifiers import CERTIFIERS, certify_file
from envgym.task_synth.golden_chain.paraphrase import Paraphraser
from envgym.task_synth.rejected import Rejected
from envgym.task_synth.web_qa.certificate import certify
from envgym.task_synth.web_qa.synthesise import synthesise
from envgym.task_synth.web_qa.words import PROMPT, spoken
from envgym.testing.fake_llm import FakeLLM

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def env() -> WebQA:
    return WebQA(corpus="atlas")


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return synthesise("atlas", 12, hops=2, rounds=5, seed=4).tasks


def changed(task: Task, **private: Any) -> Task:
    return task.model_copy(update={"private": {**task.private, **private}})


def asking(task: Task, question: str) -> Task:
    return task.model_copy(update={"public": {**task.public, "question": question}})


def test_every_task_holds_again(env: WebQA, tasks: list[Task]) -> None:
    for task in tasks:
        proved = certify(env, task)
        assert proved == task.certificate
        assert (proved["oracle"], proved["idle"], proved["search_once"]) == (1.0, 0.0, 0.0)
        assert proved["task"] == task.hash
        assert proved["clues_before"] > proved["clues_after"] >= 1


def test_a_query_with_two_answers_is_found(env: WebQA, tasks: list[Task]) -> None:
    for task in tasks:
        query = json.loads(json.dumps(task.private["query"]))
        query["of"]["clues"] = query["of"]["clues"][:-1]
        with pytest.raises(Rejected, match="not unique"):
            certify(env, changed(task, query=query))


def test_a_clue_that_could_be_dropped_is_found(env: WebQA, tasks: list[Task]) -> None:
    task = tasks[0]
    query = json.loads(json.dumps(task.private["query"]))
    query["of"]["clues"].append(query["of"]["clues"][0])
    with pytest.raises(Rejected, match="could be dropped"):
        certify(env, changed(task, query=query))


def test_a_clue_that_gives_it_away_is_found(env: WebQA, tasks: list[Task]) -> None:
    store = env.corpus.store
    counts = Counter(fact.value for fact in store.facts if fact.relation == "airports")
    only = next(fact for fact in store.facts if fact.relation == "airports" and counts[fact.value] == 1)
    query = {"of": {"type": "country", "clues": [{"node": "has", "relation": "airports", "value": only.value}]}}
    entity = store.entities[only.subject]
    with pytest.raises(Rejected, match="gives it away"):
        certify(env, changed(tasks[0], query=query, answer=entity.name, aliases=list(entity.aliases)))


def test_a_broken_span_and_a_gap_in_the_proof_are_found(env: WebQA, tasks: list[Task]) -> None:
    task = tasks[0]
    first, *rest = task.private["proof"]
    moved = {**first, "start": first["start"] + 1, "end": first["end"] + 1}
    with pytest.raises(Rejected, match="broken proof"):
        certify(env, changed(task, proof=[moved, *rest]))
    page = env.corpus.pages[first["url"]]
    elsewhere = {**first, "start": 0, "end": 4, "quote": page.quote(0, 4)}
    with pytest.raises(Rejected, match="does not say"):
        certify(env, changed(task, proof=[elsewhere, *rest]))
    with pytest.raises(Rejected, match="proof with a gap"):
        certify(env, changed(task, proof=rest))
    with pytest.raises(UsageError, match="atlantis"):
        certify(env, changed(task, proof=[{**first, "url": "https://atlas.test/atlantis"}, *rest]))


def test_another_answer_and_a_near_miss_that_is_right_are_found(env: WebQA, tasks: list[Task]) -> None:
    task = tasks[0]
    with pytest.raises(Rejected, match="another answer"):
        certify(env, changed(task, answer="Atlantis"))
    right = {**task.private["distractors"][0], "name": task.private["answer"]}
    with pytest.raises(Rejected, match="a near miss passes"):
        certify(env, changed(task, distractors=[right]))


def test_a_question_that_one_search_answers_is_found(env: WebQA, tasks: list[Task]) -> None:
    task = next(task for task in tasks if not task.private["query"]["asks"])
    with pytest.raises(Rejected, match="says its answer"):
        certify(env, asking(task, f"Which country is {task.private['answer']}?"))
    page = next(page for page in env.corpus.pages.values() if page.title == task.private["answer"])
    line = next(line for line in page.text.splitlines() if len(line) > 60 and page.title not in line)
    with pytest.raises(Rejected, match="found by the question"):
        certify(env, asking(task, line))


def test_a_task_that_brings_no_query_is_told_what_it_lacks(env: WebQA, tasks: list[Task]) -> None:
    bare = tasks[0].model_copy(update={"private": {"answer": "Chile"}})
    with pytest.raises(Rejected, match="no query, aliases, proof, distractors, clues"):
        certify(env, bare)


def test_a_task_of_other_pages_is_refused(env: WebQA, tasks: list[Task]) -> None:
    other = tasks[0].model_copy(update={"public": {**tasks[0].public, "data": "0" * 64}})
    with pytest.raises(UsageError, match="other pages"):
        certify(env, other)


def test_no_question_is_made_twice_and_workers_change_nothing() -> None:
    alone = synthesise("atlas", 6, hops=3, rounds=5, seed=2)
    together = synthesise("atlas", 6, hops=3, rounds=5, seed=2, workers=2)
    assert [task.hash for task in alone.tasks] == [task.hash for task in together.tasks]
    assert alone.rejected == together.rejected
    forms = [(task.certificate or {})["form"] for task in alone.tasks]
    assert len(set(forms)) == 6


def test_the_commands_make_and_prove_a_file(tmp_path: Path) -> None:
    out = tmp_path / "tasks.jsonl"
    made = CliRunner().invoke(app, ["synth", "web", "--n", "5", "--seed", "7", "-o", str(out), "--json"])
    assert made.exit_code == 0, made.output
    line = json.loads(made.stdout.splitlines()[-1])
    assert line["tasks"] == 5
    assert line["tasks_per_s"] > 0
    assert line["mean_clues_before"] > line["mean_clues_after"]
    assert line["shortcut_rejected"] == sum(
        line["rejected"].get(reason, 0)
        for reason in ("found by the question", "found by a clue", "says its answer", "a likely guess")
    )
    proved = CliRunner().invoke(app, ["certify", str(out), "--json"])
    assert proved.exit_code == 0, proved.output
    found = json.loads(proved.stdout.splitlines()[-1])
    assert (found["tasks"], found["unique"], found["minimal"], found["oracle_ok"], found["search_once_zero"]) == (
        5,
    ) * 5


def test_a_file_of_changed_tasks_is_refused(tasks: list[Task], tmp_path: Path) -> None:
    first, second, third = tasks[:3]
    path = tmp_path / "tasks.jsonl"
    forged = second.model_copy(update={"certificate": first.certificate})
    for wrong in (forged, changed(second, answer="Atlantis"), first.model_copy(update={"id": "again"})):
        write_tasks(path, TaskList([first, wrong, third]))
        assert certify_file(path, env="", as_json=True) == 1
    write_tasks(path, TaskList([first, second, third]))
    assert certify_file(path, env="", as_json=True) == 0


def test_a_file_without_a_task_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text('{"a": 1}\nnot json\n')
    with pytest.raises(UsageError, match="holds no task"):
        certify_file(path, env="", as_json=True)
    assert set(CERTIFIERS) == {"tool_world", "web_qa"}


# ---- paraphrases: the model is a real server that is scripted


def asked(body: Mapping[str, Any]) -> str:
    return text_of(body["messages"][-1]).removeprefix(PROMPT)


def reworded(script: Any, seed: int = 4) -> tuple[list[Task], Paraphraser]:
    with FakeLLM(script) as server:
        paraphraser = Paraphraser(server.base_url, "fake", prompt=PROMPT)
        return synthesise("atlas", 3, hops=2, rounds=5, seed=seed, paraphraser=paraphraser).tasks, paraphraser


def test_other_words_are_taken_and_proved_again(tasks: list[Task]) -> None:
    made, paraphraser = reworded(lambda body: f"Here is what I would like to know: {asked(body)}")
    assert paraphraser.counts == {"paraphrased": 3}
    for before, after in zip(tasks, made, strict=False):
        assert after.public["question"] == f"Here is what I would like to know: {before.public['question']}"
        assert after.private == before.private
        assert (after.certificate or {})["task"] == after.hash != before.hash


def test_words_that_lose_a_literal_are_not_taken(env: WebQA, tasks: list[Task]) -> None:
    def without_a_value(body: Mapping[str, Any]) -> str:
        question = asked(body)
        task = next(task for task in tasks if task.public["question"] == question)
        lost = max(spoken(env.corpus.store, task), key=len)
        return question.replace(lost, "something")

    made, paraphraser = reworded(without_a_value)
    assert paraphraser.counts == {"kept": 3}
    assert [task.hash for task in made] == [task.hash for task in tasks[:3]]


def test_tasks_play_as_a_file(tasks: list[Task], tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_tasks(path, TaskList(tasks))
    loaded, bad = load_tasks(path, env=WebQA)
    assert not bad
    assert [loaded[index].hash for index in range(len(tasks))] == [task.hash for task in tasks]
