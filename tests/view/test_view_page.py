"""What is in the page's file: data that cannot break out of it, true figures, and nothing half-written."""

import base64
import hashlib
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import Trajectory, UsageError, play, read_trajectories
from envgym.message import Message
from envgym.trajectory import TokenPath
from envgym.view.embed import script_json
from envgym.view.episode import details_of, message_of, path_of, task_of
from envgym.view.histogram import BARS, histograms
from envgym.view.overview import Overview, mean_and_error
from envgym.view.page import write_page
from envgym.view.template import template
from envgym.view.thinking import split_thinking

any_text = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["</script>", "<!--", "<script", "\ud800", "\x00", "\u2028"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=20,
)
BLOCK = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>')


def blocks(page: Path) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in BLOCK.findall(page.read_text(encoding="utf-8"))}


# ---- data in the page


@given(json_values)
def test_whatever_is_embedded_comes_back_and_cannot_end_its_element(value: Any) -> None:
    text = script_json(value)
    assert "<" not in text
    assert text.isascii()
    assert json.loads(text) == value


def test_numbers_that_json_has_not_are_spelled_and_the_rest_is_kept() -> None:
    value = {"logprobs": [-0.5, -math.inf, math.nan], "<": (1, math.inf)}
    assert json.loads(script_json(value)) == {"logprobs": [-0.5, "-Infinity", "NaN"], "<": [1, "Infinity"]}


def test_integers_that_javascript_cannot_hold_travel_as_text(told: list[Trajectory]) -> None:
    details = details_of(told[0])
    assert details["seeds"]["world"] == str(told[0].seed)
    assert told[0].seed > 2**53
    assert '"large": 9007199254740993' in task_of(told[0].task)["public"]


def test_a_task_is_in_the_page_once_however_many_episodes_it_has(tmp_path: Path) -> None:
    episodes = play("game24", policy="oracle", episodes=6, group_size=3)
    write_page(tmp_path / "page.html", [("one", episodes)], title="groups")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count('id="episode-a-') == 6
    assert page.count('id="task-') == 2


@given(st.lists(st.tuples(st.integers(0, 2**18), st.sampled_from([0, 1]), st.floats(-20, 0)), max_size=60))
def test_a_token_path_can_be_read_back_from_the_page(tokens: list[tuple[int, int, float]]) -> None:
    ids, mask, logprobs = [each[0] for each in tokens], [each[1] for each in tokens], [each[2] for each in tokens]
    packed = path_of(TokenPath(ids, mask, logprobs, []))
    assert [value for value, length in packed["mask"] for _ in range(length)] == mask
    given_logprobs = [logprob for logprob, sampled in zip(logprobs, mask, strict=True) if sampled]
    assert packed["logprobs"] == pytest.approx(given_logprobs, abs=5.1e-5)


@pytest.mark.parametrize(
    ("message", "thinking", "text"),
    [
        ({"role": "assistant", "content": "<think>a\nb</think>\n\nc"}, "a\nb", "c"),
        ({"role": "assistant", "content": "a</think>c"}, "a", "c"),
        ({"role": "assistant", "content": "<think>cut off"}, "cut off", ""),
        ({"role": "assistant", "content": " \n<think>a</think>c"}, "a", "c"),
        ({"role": "assistant", "content": "c", "reasoning_content": "a"}, "a", "c"),
        ({"role": "assistant", "content": None, "reasoning_content": None}, "", ""),
        ({"role": "assistant", "content": "I write <think> in my text"}, "", "I write <think> in my text"),
        ({"role": "user", "content": "<think>not mine</think>c"}, "", "<think>not mine</think>c"),
    ],
)
def test_thinking_is_told_from_text(message: Message, thinking: str, text: str) -> None:
    assert split_thinking(message) == (thinking, text)


def test_a_message_keeps_the_fields_that_the_page_does_not_know() -> None:
    message: Any = {"role": "tool", "content": "ok", "tool_call_id": "c", "name": "search", "score": 2**60}
    assert message_of(message) == {
        "role": "tool",
        "text": "ok",
        "answers": "c",
        "more": {"name": '"search"', "score": str(2**60)},
    }


@pytest.mark.parametrize("parents", [[], [1, 0, 7, -5], [0, 1, 2, 3]])
def test_parents_that_lead_nowhere_are_roots(told: list[Trajectory], parents: list[int]) -> None:
    episode = replace(told[0], messages=told[0].messages[:4], parents=parents)
    shown = details_of(episode)["parents"]
    assert len(shown) == 4
    assert all(-1 <= parent < node for node, parent in enumerate(shown))


# ---- figures


def test_the_figures_of_a_run_leave_failed_episodes_out(told: list[Trajectory]) -> None:
    overview = Overview("teller")
    for trajectory in told:
        overview.take(trajectory)
    figures = overview.figures()
    scores = [trajectory.score for trajectory in told if trajectory.score is not None]
    assert len(scores) == 22
    assert figures["mean_score"] == pytest.approx(fmean(scores))
    by_task = [trajectory.score for trajectory in told[::2] if trajectory.score is not None]
    assert figures["standard_error"] == pytest.approx(stdev(by_task) / math.sqrt(11)), "both tries of a task agree"
    assert (figures["scored"], figures["failed"], figures["passed"]) == (22, 2, 4)
    assert figures["groups"] == {"tried": 11, "mixed": 0}
    assert figures["errors"] == [[code, 22, 22] for code in ("bank.account", "tool.arguments", "tool.none")]
    assert figures["failures"] == [["policy", "PolicyFailure", "503: the model server is down", 4]]


def test_the_error_of_independent_values_is_the_textbook_one_and_copies_add_nothing() -> None:
    values = [0.0, 0.25, 1.0, 1.0]
    assert mean_and_error([[value] for value in values]) == pytest.approx((fmean(values), stdev(values) / 2))
    assert mean_and_error([[value] * 5 for value in values]) == pytest.approx((fmean(values), stdev(values) / 2))
    assert mean_and_error([[1.0, 0.0]]) == (0.5, None)
    assert mean_and_error([]) == (None, None)


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=60), min_size=1, max_size=2))
def test_a_histogram_counts_every_value_once(runs: list[list[float]]) -> None:
    shown = histograms(runs)
    assert [sum(counts) for counts in shown["counts"]] == [len(run) for run in runs]
    assert len(shown["bins"]) <= BARS


def test_bins_are_shared_and_only_the_last_holds_its_high_end() -> None:
    shown = histograms([[float(at) for at in range(41)], [0.0, 2.0, 40.0]])
    assert shown["bins"][0] == [0.0, 2.0]
    assert shown["counts"][0] == [2] * 19 + [3]
    assert shown["counts"][1] == [1, 1] + [0] * 17 + [1]


def test_episodes_are_paired_by_task_and_try_whatever_the_order_they_ended_in(
    tmp_path: Path, told: list[Trajectory]
) -> None:
    page = tmp_path / "page.html"
    write_page(page, [("a", told[::-1])], title="t")
    rows = blocks(page)["page"]["runs"][0]["rows"]
    assert [(row["task"], row["index"], row["member"]) for row in rows[:3]] == [
        ("bank/0-11", 23, 1),
        ("bank/0-11", 22, 0),
        ("bank/0-10", 21, 1),
    ]
    write_page(page, [("a", [*told[:2], *(trajectory for trajectory in rerun(told[:2]))])], title="t")
    assert [row["member"] for row in blocks(page)["page"]["runs"][0]["rows"]] == [0, 1, 2, 3]


def rerun(episodes: list[Trajectory]) -> list[Trajectory]:
    """The same episodes in another run of the same file."""
    return [replace(episode, run="another") for episode in episodes]


# ---- the file


def test_the_page_is_one_file_that_names_no_other(tmp_path: Path, told: list[Trajectory]) -> None:
    info = write_page(tmp_path / "page.html", [("a", told)], title="t")
    assert (info.path, info.episodes, info.shown) == (tmp_path / "page.html", 24, 24)
    assert info.size_bytes == info.path.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    shell = "".join(template("t"))
    assert set(re.findall(r"https?://[^\s\"']+", shell)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(?:src|href)=|@import|url\(", shell.replace('<link rel="icon" href="data:,">', ""))


def test_the_policy_names_the_script_and_the_style_that_are_there() -> None:
    shell = "".join(template("t"))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', shell)
    assert policy.startswith("default-src 'none'; ")
    for kind in ("script", "style"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", shell, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_the_script_never_parses_markup_or_runs_text() -> None:
    _, tail = template("t")
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        'setTimeout("',
    ):
        assert word not in tail


def test_the_title_is_text(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_page(page, [("a", [])], title="</title><script>1</script>{{data}}{{script}}\ud800")
    text = page.read_text(encoding="utf-8")
    assert "<title>&lt;/title&gt;&lt;script&gt;1&lt;/script&gt;{{data}}{{script}}?</title>" in text
    assert text.count("<script>") == 1


def test_equal_trajectories_give_equal_bytes(tmp_path: Path, told: list[Trajectory]) -> None:
    for name in ("one", "two"):
        write_page(tmp_path / name, [("a", told)], title="t")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_episodes_beyond_a_cap_are_counted_and_left_out(tmp_path: Path, told: list[Trajectory]) -> None:
    page = tmp_path / "page.html"
    assert write_page(page, [("a", told)], title="t", max_episodes=5).shown == 5
    held = blocks(page)
    assert sum(name.startswith("episode-") for name in held) == 5
    assert held["page"]["runs"][0]["episodes"] == 24
    assert held["page"]["runs"][0]["scored"] == 22
    assert write_page(page, [("a", told)], title="t", max_bytes=1).shown == 1
    assert write_page(page, [("a", told), ("b", told)], title="t", max_bytes=20_000).shown < 24


def test_a_file_whose_last_line_was_cut_off_gives_the_whole_ones(tmp_path: Path, told: list[Trajectory]) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(b"".join(trajectory.to_line() for trajectory in told)[:-20])
    assert write_page(tmp_path / "page.html", [("a", read_trajectories(file))], title="t").episodes == 23


def test_a_page_that_cannot_be_finished_leaves_the_old_one_and_no_rest(tmp_path: Path, told: list[Trajectory]) -> None:
    page, file = tmp_path / "page.html", tmp_path / "run.jsonl"
    write_page(page, [("a", told)], title="the old one")
    before = page.read_bytes()
    file.write_bytes(told[0].to_line() + b"{}\n" + told[1].to_line())
    with pytest.raises(UsageError, match=r"run\.jsonl:2: not a trajectory: id"):
        write_page(page, [("a", read_trajectories(file))], title="t")
    assert page.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "run.jsonl"]


def test_a_page_never_replaces_the_trajectories(tmp_path: Path, told: list[Trajectory]) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(told[0].to_line())
    with pytest.raises(UsageError, match="exists and is no HTML page; give another name"):
        write_page(file, [("a", read_trajectories(file))], title="t")
    assert file.read_bytes() == told[0].to_line()


@pytest.mark.parametrize(
    ("name", "runs", "settings", "complaint"),
    [
        ("page.html", 3, {}, "one run or compares two, not 3"),
        ("page.html", 0, {}, "one run or compares two, not 0"),
        ("page.html", 1, {"max_episodes": 0}, "max_episodes=0 must be at least 1"),
        ("missing/page.html", 1, {}, "cannot write .*missing/page.html: No such file or directory"),
        (".", 1, {}, "is a folder; give the name of an HTML file"),
    ],
)
def test_what_the_caller_got_wrong_is_said(
    tmp_path: Path, name: str, runs: int, settings: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        write_page(tmp_path / name, [("a", [])] * runs, title="t", **settings)
    assert list(tmp_path.iterdir()) == []


def test_ten_thousand_episodes_take_seconds(tmp_path: Path) -> None:
    played = play("game24", policy="random", scaffold="react", episodes=200)
    started = perf_counter()
    info = write_page(tmp_path / "page.html", [("a", played * 50)], title="t", max_episodes=10_000)
    assert info.shown == 10_000
    assert perf_counter() - started < 15, "0.7 s on a quiet two-core machine"
