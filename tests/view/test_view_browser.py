"""The page of trajectories as a reader sees it, in a real Chromium that may ask for nothing but the file."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envgym import Trajectory

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

Look = Callable[[str], "Page"]


def rows(page: "Page") -> "Locator":
    return page.get_by_role("listbox").get_by_role("option")


def pane(page: "Page") -> "Locator":
    return page.get_by_role("region", name="Episode", exact=True)


def part(page: "Page", name: str) -> "Locator":
    """A part of the shown episode, such as its verdict."""
    return page.get_by_role("article").get_by_role("region", name=name, exact=True)


def shows(place: "Locator", text: str) -> None:
    """Waits until the whole text of `place` is `text`."""
    from playwright.sync_api import expect

    expect(place).to_have_text(text)


def see(place: "Locator", text: str) -> None:
    """Waits until `text` stands in `place`."""
    place.get_by_text(text).first.wait_for()


def counted(page: "Page") -> "Locator":
    """What the page says about how many it lists."""
    return page.locator("output.count")


def figure(page: "Page", name: str) -> str:
    """A figure of the headline, white space made single."""
    term = page.locator("dl dt", has_text=re.compile(f"^{name}$")).first
    return " ".join(term.locator("xpath=..").locator("dd").inner_text().split())


# ---- overview


def test_the_overview_counts_failed_episodes_apart_and_never_as_zero(look: Look) -> None:
    page = look("one.html")
    assert figure(page, "mean score") == "0.455 ± 0.081", "of 11 tasks 2 score 1 and 9 score 1/3"
    assert figure(page, "scored") == "22 of 24"
    assert figure(page, "failed, not scored") == "2"
    assert figure(page, "passed") == "18 % 4 of 22"
    outcomes = page.get_by_role("group", name="Outcomes of teller.jsonl")
    assert re.sub(r"\s+", " ", outcomes.inner_text()) == (
        "outcome episodes partial 18 82 % pass 4 18 % Failed, not scored status episodes infra failed 2"
    )


def test_the_overview_shows_what_a_run_is_and_what_went_wrong_in_it(look: Look, told: list[Trajectory]) -> None:
    page = look("one.html")
    assert told[0].run in page.get_by_role("group", name="Run of teller.jsonl").inner_text()
    errors = page.get_by_role("group", name="Errors told to the agent of teller.jsonl")
    assert re.sub(r"\s+", " ", errors.inner_text()).endswith("bank.account 22 22 tool.arguments 22 22 tool.none 22 22")
    failures = page.get_by_role("group", name="Failures of the world of teller.jsonl").inner_text()
    assert "policy: PolicyFailure" in failures
    assert "503: the model server is down" in failures


def test_the_bars_of_the_histogram_are_as_tall_as_their_counts(look: Look) -> None:
    page = look("one.html")
    chart = page.get_by_role("img", name="Histogram of the reward, 22 episodes")
    assert chart.locator("g > title").all_text_contents() == ["0.333: 18 episodes", "1: 4 episodes"]
    heights = [float(bar.get_attribute("height") or 0) for bar in chart.locator("rect.bar").all()]
    assert heights[1] / heights[0] == pytest.approx(4 / 18)


def test_a_line_of_the_overview_leads_to_its_episodes(look: Look) -> None:
    page = look("two.html")
    page.get_by_role("group", name="Outcomes of teller.jsonl").get_by_role("button", name="pass").click()
    shows(counted(page), "4 of 50 episodes")
    assert page.get_by_role("combobox", name="run").input_value() == "b"


def test_a_file_of_several_runs_is_broken_down_by_policy(look: Look) -> None:
    page = look("mixed.html")
    kinds = page.get_by_role("group", name="Kinds of all.jsonl")
    assert "bank\tfunction_calling\toracle\t1.0\t± 0.000\t26 of 26" in kinds.inner_text()
    kinds.get_by_role("button", name="bank").nth(1).click()
    shows(counted(page), "24 of 50 episodes")


# ---- list


def test_the_list_is_filtered_by_all_that_tells_episodes_apart(look: Look) -> None:
    page = look("one.html#/episodes")
    shows(counted(page), "24 episodes")
    page.get_by_role("combobox", name="outcome").select_option("pass")
    shows(counted(page), "4 of 24 episodes")
    page.get_by_role("button", name="clear").click()
    page.get_by_role("combobox", name="status").select_option("infra_failed")
    shows(counted(page), "2 of 24 episodes")
    page.get_by_role("button", name="clear").click()
    page.get_by_role("spinbutton", name="Score from").fill("0.2")
    page.get_by_role("spinbutton", name="Score to").fill("0.5")
    shows(counted(page), "18 of 24 episodes")  # those without a score fit no range
    page.get_by_role("button", name="clear").click()
    page.get_by_role("checkbox", name="errors told").check()
    shows(counted(page), "22 of 24 episodes")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BANK/0-7", "2 of 24 episodes"),
        ("tagged thought", "22 of 24 episodes"),
        ('"payee": "bbo"', "22 of 24 episodes"),
        ("policyfailure", "2 of 24 episodes"),
        ("secret chain", "0 of 24 episodes"),
        ("nobody said this", "0 of 24 episodes"),
    ],
)
def test_the_search_finds_tasks_codes_and_what_was_said(look: Look, text: str, found: str) -> None:
    page = look("one.html#/episodes")
    page.get_by_role("searchbox").fill(text)
    shows(counted(page), found)


def test_sorting_keeps_episodes_without_a_score_at_the_end(look: Look) -> None:
    page = look("one.html#/episodes")
    page.get_by_role("button", name="score").click()
    assert "1.0" in rows(page).first.inner_text()
    assert "infra failed" in rows(page).last.inner_text()
    page.get_by_role("button", name="score").click()
    assert "0.333" in rows(page).first.inner_text()
    assert "infra failed" in rows(page).last.inner_text()


def test_thousands_of_episodes_are_listed_by_the_few_that_are_visible(look: Look) -> None:
    page = look("many.html#/episodes")
    shows(counted(page), "2,080 episodes")
    assert rows(page).count() < 60
    page.get_by_role("listbox").press("End")
    assert rows(page).last.get_attribute("aria-posinset") == "2080"
    page.wait_for_url("**#/episode/a/2080")


def test_keys_move_through_the_list_and_into_the_search(look: Look) -> None:
    page = look("one.html#/episodes")
    title = pane(page).get_by_role("heading", level=2)
    shows(title, "bank/0-0 #0")
    page.keyboard.press("j")
    page.keyboard.press("j")
    shows(title, "bank/0-1 #2")
    page.keyboard.press("k")
    shows(title, "bank/0-0 #1")
    page.keyboard.press("/")
    page.keyboard.type("jk0-4")
    assert page.get_by_role("searchbox").input_value() == "jk0-4"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("button", name="close").click()


# ---- one episode


def test_the_address_names_the_episode_and_survives_a_reload(look: Look) -> None:
    page = look("one.html#/episode/a/9")
    shows(pane(page).get_by_role("heading", level=2), "bank/0-4 #8")
    assert page.locator('[role=option][aria-selected="true"]').inner_text().startswith("8")
    rows(page).nth(2).click()
    page.wait_for_url("**#/episode/a/3")
    page.reload()
    shows(pane(page).get_by_role("heading", level=2), "bank/0-1 #2")
    page.go_back()
    shows(pane(page).get_by_role("heading", level=2), "bank/0-4 #8")


@pytest.mark.parametrize("address", ["#/episode/a/999", "#/episode/b/1", "#/episode/", "#/episode/a/__proto__"])
def test_an_address_of_no_episode_says_so(look: Look, address: str) -> None:
    page = look(f"one.html{address}")
    shows(pane(page), "There is no such episode in this page.")


def test_gold_is_closed_until_somebody_opens_it(look: Look) -> None:
    page = look("one.html#/episode/a/1")
    task = part(page, "Task")
    assert "9007199254740993" in task.inner_text(), "an integer that JavaScript cannot hold keeps its digits"
    assert "secret chain" not in page.locator("body").inner_text()
    task.get_by_text("not shown to the agent").click()
    see(task, "secret chain")


def test_a_tool_call_stands_next_to_its_result_and_an_error_told_is_marked(look: Look) -> None:
    page = look("one.html#/episode/a/1")
    page.get_by_role("button", name="1", exact=True).click()
    calls = part(page, "Messages").locator(".call")
    text = "transfer payer ann payee bbo cents 5 error told to the agent error: there is no account 'bbo'"
    assert calls.nth(0).inner_text().split() == text.split()
    assert calls.nth(0).locator(".told").count() == 1
    assert calls.nth(1).locator(".told").count() == 0
    assert "balances" in calls.nth(1).locator(".result").inner_text()
    assert calls.nth(2).locator(".told").count() == 1
    assert "{not json" in calls.nth(3).locator(".asked").inner_text()
    assert "one\ntwo" in calls.nth(2).locator(".asked").inner_text()
    asked, result = calls.nth(0).locator(".asked").bounding_box(), calls.nth(0).locator(".result").bounding_box()
    assert asked is not None
    assert result is not None
    assert asked["y"] == result["y"]
    told = part(page, "Messages").locator("li.told")
    assert told.count() == 1
    assert "call a tool" in told.inner_text()


def test_thinking_is_folded_wherever_the_model_put_it(look: Look) -> None:
    page = look("one.html#/episode/a/1")
    page.get_by_role("button", name="1", exact=True).click()
    messages = part(page, "Messages")
    for thought in ("QUIET THOUGHT", "TAGGED THOUGHT"):
        assert thought not in messages.inner_text()
    assert "I only talk." in messages.inner_text()
    for summary in messages.get_by_text(re.compile("^thinking, ")).all():
        summary.click()
    for thought in ("QUIET THOUGHT", "TAGGED THOUGHT"):
        see(messages, thought)


def test_each_path_of_a_branched_episode_can_be_read(look: Look) -> None:
    page = look("one.html#/episode/a/1")
    messages = part(page, "Messages")
    assert "4 messages, turn 5" in messages.inner_text()
    assert "You tried four things" in messages.inner_text()
    assert "path 1 goes another way from here" in messages.inner_text()
    assert "I begin." not in messages.inner_text()
    page.get_by_role("button", name="1", exact=True).click()
    assert "10 messages, turns 1 to 4" in messages.inner_text()
    assert "path 2 goes another way from here" in messages.inner_text()
    assert "I begin." in messages.inner_text()
    assert "You tried four things" not in messages.inner_text()


def test_the_verdict_is_a_tree_with_the_evidence_of_what_failed(look: Look) -> None:
    page = look("one.html#/episode/a/1")
    verdict = part(page, "Verdict")
    nested = verdict.locator("ul.parts ul.parts > li")
    assert [text.split()[:3] for text in nested.all_inner_texts()] == [
        ["ann", "pass", "1.0"],
        ["bob", "fail", "0.0"],
        ["cyd", "fail", "0.0"],
    ]
    assert nested.nth(0).get_by_text("evidence 1").count() == 1, "folded"
    assert "diff" in nested.nth(1).inner_text()
    nested.nth(1).get_by_text("data", exact=True).click()
    see(nested.nth(1), "want")


def test_a_failed_episode_names_its_boundary_and_has_no_score(look: Look) -> None:
    page = look("one.html#/episode/a/7")
    failures = part(page, "Failures").inner_text().split()
    assert failures.count("policy") == 2, "two attempts"
    assert "counts in no mean" in part(page, "Verdict").inner_text()
    assert page.get_by_role("article").get_by_title("score").inner_text() == "–"


def test_tokens_are_coloured_by_mask_and_say_what_they_are(look: Look, told: list[Trajectory]) -> None:
    page = look("one.html#/episode/a/1")
    tokens = part(page, "Tokens")
    for number, path in enumerate(told[0].tokens, 1):
        section = tokens.get_by_role("region", name=f"Token path {number}")
        sampled = sum(path.mask)
        assert f"{len(path.mask)} tokens: {sampled} sampled, {len(path.mask) - sampled} given" in section.inner_text()
        chips = section.locator(".stretch .token")
        assert [int(text) for text in chips.all_text_contents()] == path.token_ids
        shaded = chips.evaluate_all("chips => chips.map(chip => Number(/shade/.test(chip.className)))")
        assert shaded == path.mask
        assert section.locator("tbody tr").count() == len(path.spans)
    path = told[0].tokens[0]
    first = path.spans[0][1]
    grid = tokens.get_by_role("group", name=re.compile("sampled in turn 1")).first
    grid.press("ArrowRight")
    said = tokens.locator("output").first.inner_text()
    assert said.startswith(f"position {first} · id {path.token_ids[first]} · sampled in turn 1 · log p −")
    assert float(said.split("log p −")[1].split(" ")[0]) == pytest.approx(-path.logprobs[first], abs=6e-4)


def test_tries_of_one_task_lead_to_each_other(look: Look) -> None:
    page = look("one.html#/episode/a/1")
    tries = page.get_by_role("navigation", name="Tries of this task").get_by_role("link")
    assert tries.count() == 2
    tries.nth(1).click()
    page.wait_for_url("**#/episode/a/2")


# ---- compare


def test_two_runs_are_compared_pair_by_pair(look: Look) -> None:
    page = look("two.html#/compare")
    kinds = page.get_by_role("group", name="Which pairs")
    assert kinds.inner_text().split("\n") == [
        "all pairs 26",
        "changed 18",
        "B better 0",
        "B worse 18",
        "same score 4",
        "one failed 2",
        "in one run only 2",
    ]
    assert "mean B − A −0.545 ± 0.081 over 22 pairs" in page.locator(".summary").inner_text()
    kinds.get_by_role("button", name="changed").click()
    shows(counted(page), "18 of 26 pairs")
    assert re.split(r"\s+", rows(page).first.inner_text()) == ["0-0", "1", "1.0", "0.333", "−0.667"]
    kinds.get_by_role("button", name="one failed").click()
    assert "failed" in rows(page).first.inner_text()


def test_a_pair_is_read_next_to_each_other_from_the_first_difference(look: Look) -> None:
    page = look("two.html#/compare")
    rows(page).nth(2).click()
    both = page.get_by_role("article")
    assert [half.get_by_role("heading", level=2).inner_text() for half in both.all()] == [
        "Abank/0-1 #2",
        "Bbank/0-1 #2",
    ]
    left, right = both.nth(0).bounding_box(), both.nth(1).bounding_box()
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    for half in both.all():
        aside = half.locator("li.aside", has_text="from here on the two episodes differ")
        assert (
            "assistant" in aside.locator("xpath=following-sibling::li[1]").inner_text()
            or "user" in aside.locator("xpath=following-sibling::li[1]").inner_text()
        )
        assert aside.locator("xpath=preceding-sibling::li").count() == 1, "the question is the same in both"
    page.keyboard.press("j")
    page.wait_for_url("**#/compare/4-4")


def test_an_episode_without_a_partner_says_so(look: Look) -> None:
    page = look("two.html#/compare/25--")
    assert "This run has no such episode." in page.get_by_role("region", name="Both episodes").inner_text()


# ---- what must never happen


@pytest.mark.parametrize("address", ["", "#/episodes", "#/episode/a/2"])
def test_hostile_text_is_shown_and_never_run(look: Look, address: str) -> None:
    page = look(f"hostile.html{address}")
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("() => window.pwned") is None
    assert (
        page.locator(
            "main script, main svg:not(.histogram):not(.cut svg), main img:not([src^='data:image/png'])"
        ).count()
        == 0
    )
    assert page.locator("a[href]:not([href^='#/'])").count() == 0
    assert "</script><script>window.pwned = 1</script><img src=x onerror=" in page.locator("body").inner_text()


def test_hidden_characters_are_spelled_out(look: Look) -> None:
    page = look("hostile.html#/episode/a/1")
    system = part(page, "Messages").get_by_role("listitem").first.inner_text()
    for point in ("U+2028", "U+2029", "U+0000", "U+D800", "U+200B", "U+202E", "U+E0041"):
        assert point in system


def test_only_pictures_that_carry_their_own_data_are_drawn(look: Look) -> None:
    page = look("hostile.html#/episode/a/1")
    pictures = page.get_by_role("img", name="a picture in this message")
    assert pictures.count() == 1
    assert pictures.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 10
    assert "http://192.0.2.1/tracking.png" in part(page, "Messages").inner_text()


def test_markup_cannot_be_parsed_even_by_mistake(browser: "BrowserContext", pages: Path) -> None:
    page = browser.new_page()
    page.goto(f"{pages.as_uri()}/hostile.html")
    parse = (
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'parsed'; } catch (error) { return error.name; } }"
    )
    assert page.evaluate(parse) == "TypeError"
    fetched = "() => fetch('https://192.0.2.1/').then(() => 'answered', () => document.title && 'refused')"
    with page.expect_console_message(lambda message: "connect-src" in message.text or "default-src" in message.text):
        assert page.evaluate(fetched) == "refused"
    page.close()


def test_long_text_is_cut_and_can_be_shown_whole(look: Look) -> None:
    page = look("hostile.html#/episode/a/1")
    messages = part(page, "Messages")
    assert "THE END" not in messages.inner_text()
    messages.get_by_role("button", name="show all 5,007 characters").click()
    assert "THE END" in messages.inner_text()


def test_a_page_without_episodes_says_so(look: Look) -> None:
    page = look("empty.html")
    assert "There are no episodes in this file." in page.get_by_role("main").inner_text()
    page.keyboard.press("2")
    shows(pane(page), "There are no episodes to show.")
    page.keyboard.press("j")


def test_a_page_says_how_many_episodes_were_left_out_of_it(look: Look) -> None:
    page = look("half.html")
    assert "14 of 24 episodes are left out of this page" in page.get_by_role("main").inner_text()
    assert figure(page, "scored") == "26 of 26", "the figures cover all"
    page.keyboard.press("2")
    shows(counted(page), "20 episodes; 30 left out of this page")
    page.keyboard.press("3")
    assert "30 episodes are left out" in page.locator(".summary").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
@pytest.mark.parametrize("name", ["two.html", "hostile.html"])
def test_nothing_sticks_out_of_the_window(look: Look, name: str, width: int, scheme: str) -> None:
    page = look(name)
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wide = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.className)"
    for address in ("#/", "#/episode/a/1", "#/compare/1-1"):
        page.goto(f"{page.url.split('#')[0]}{address}")
        assert page.evaluate("() => document.documentElement.scrollWidth") == width
        assert page.locator("#bar, #main, .pane, .left, .episode, .overview").evaluate_all(wide) == []
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
