"""The verifier test kit: a sound verifier passes every block, and each known fault is found by name."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envgym import registry
from envgym.errors import UsageError
from envgym.testing.kit import Sheet, read_sheet, run_sheet
from envgym.testing.kit.run import wilson

ENVGYM = Path(sys.executable).with_name("envgym")
SHEETS = Path(__file__).parent / "sheets"
BAD = Path(__file__).parent / "worlds" / "bad_verifiers.py"
CASES: list[dict[str, Any]] = [
    {"reply": "42", "gold": "42", "expect": "pass"},
    {"reply": "43", "gold": "42", "expect": "fail"},
    {"reply": "no idea", "gold": "42", "expect": "malformed"},
]


def sheet(name: str, **settings: Any) -> Sheet:
    return Sheet.model_validate({"verifier": f"{BAD}:{name}", "cases": CASES, **settings})


def failed(name: str, **settings: Any) -> dict[str, str]:
    return {each.name: each.detail for each in run_sheet(sheet(name, **settings)).failures}


def test_a_sound_verifier_passes_every_block() -> None:
    report = run_sheet(sheet("sound"))
    assert report.ok, report.failures
    blocks = report.as_json()["blocks"]
    assert all(blocks[block]["checks"] > 5 for block in ("golden", "hack", "property", "hostile"))


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("runs_code", "hostile.import", "it ran the reply as code"),
        ("dies", "hostile.nul", "its process died (exit 3)"),
        ("eats_memory", "hostile.letters", "it raised MemoryError"),
        ("raises", "hostile.surrogate", "it raised UnicodeEncodeError"),
        ("writes", "hack.empty", "it wrote last_reply.txt"),
        ("pays_a_hedge", "hack.hedge", "it was paid: pass, score 1"),
        ("pays_silence", "hack.empty", "it was paid"),
        ("minds_blanks", "property.blanks_around", "it must pass: fail, score 0"),
        ("ignores_gold", "property.gold_plus_one", "it was paid"),
        ("remembers", "property.repeats 2", "fail, score 0"),
        ("never_malformed", "case 3", "expected malformed; got fail"),
        ("scores_a_dead_worker", "fault.worker_killed 1", "with its workers killed: fail, score 0"),
    ],
)
def test_a_fault_is_found_by_name(name: str, found: str, told: str) -> None:
    findings = failed(name)
    assert told in findings[found], findings


def test_a_verifier_that_hangs_is_killed_and_the_rest_goes_on() -> None:
    findings = failed("hangs", limit_s=0.5)
    assert set(findings) == {"hostile.power_tower"}
    assert "it was killed" in findings["hostile.power_tower"]


def test_one_that_takes_too_long_is_found_although_it_answers() -> None:
    findings = failed("slow", limit_s=1.0)
    assert {"hostile.letters", "hostile.digits"} <= set(findings)
    assert "the limit is 1 s" in findings["hostile.letters"]


def test_an_outage_that_is_scored_is_found_and_one_that_is_excluded_is_not() -> None:
    fault = {"name": "service_down", "options": {"url": "http://127.0.0.1:1"}}
    assert "expected no score; got fail" in failed("scores_an_outage", faults=[fault])["fault.service_down"]
    assert failed("excludes_a_dead_worker") == {}


def test_a_probe_that_does_not_apply_is_waived_with_a_reason() -> None:
    hacks = [name for name in failed("pays_a_hedge") if name.startswith("hack.")]
    left = failed("pays_a_hedge", waive=dict.fromkeys(hacks, "this verifier takes any mention"))
    assert not [name for name in left if name.startswith("hack.")]


def test_labelled_cases_are_counted_against_their_limits() -> None:
    labelled = [
        {"reply": "The answer is 42", "gold": "42", "label": "right"},
        {"reply": "42", "gold": "42", "label": "right"},
        {"reply": "41", "gold": "42", "label": "wrong"},
    ]
    report = run_sheet(sheet("too_strict", cases=labelled, max_fn=0.4))
    assert report.figures["false_negatives"]["count"] == 1
    assert [each.name for each in report.failures] == ["calibration.false_negatives"]
    assert run_sheet(sheet("too_strict", cases=labelled, max_fn=0.5)).ok


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_every_registered_verifier_has_a_sheet() -> None:
    tested = {read_sheet(path).verifier for path in SHEETS.iterdir()}
    assert tested >= registry.verifiers.paths().keys()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ('{"verifier": "number"}', "cases: Tuple should have at least 1 item"),
        ('{"verifier": "number"}\n{"reply": "1"', "bad.verifier.jsonl:2: not JSON"),
        ('{"verifier": "number"}\n{"reply": "1", "gold": 1}', "either `expect` or `label`"),
        ('{"verifier": "number"}\n{"reply": "1", "gold": 1, "expect": "passes"}', "cases.0.expect.outcome"),
        ('{"verifier": "number", "sytle": "trl"}\n{"reply": "1", "expect": "pass"}', "sytle"),
        ('{"verifier": "none.py:f"}\n{"reply": "1", "expect": "pass"}', "cannot be loaded"),
    ],
)
def test_a_sheet_that_cannot_be_used_says_where_and_why(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.verifier.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        run_sheet(read_sheet(path))
    assert told in str(error.value)


def test_a_yaml_sheet_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "n.verifier.yaml"
    path.write_text(
        f"verifier: {BAD}:sound\ncases:\n- {{reply: '42', gold: 42, expect: pass}}\n- {{reply: '7', gold: 42, expect: {{score: 0}}}}\n"
    )
    assert [case.gold for case in read_sheet(path).cases] == [42, 42]


def test_the_command_writes_junit_and_exits_1_on_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "silence.verifier.jsonl"
    lines = [{"verifier": f"{BAD}:pays_silence"}, *CASES]
    path.write_text("\n".join(map(json.dumps, lines)))
    done = subprocess.run(
        [str(ENVGYM), "verify", "test", str(tmp_path), "--json", "--junit", str(tmp_path / "out.xml")],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert {each["name"] for each in found["sheets"][0]["failures"]} == {
        "hack.empty",
        "hack.blank",
        "hostile.blanks",
    }
    assert 'name="hack.empty"><failure' in (tmp_path / "out.xml").read_text()
    assert (
        subprocess.run(
            [str(ENVGYM), "verify", "test", str(SHEETS / "none")], capture_output=True, timeout=60
        ).returncode
        == 2
    )


def test_a_judge_that_fails_must_give_no_number() -> None:
    cases = [CASES[0], CASES[1], {"reply": "", "gold": "42", "expect": "malformed"}]
    judged = sheet("asks_a_judge", judge={"script": f"{BAD}:honest_judge"}, cases=cases)
    report = run_sheet(judged)
    assert {each.name for each in report.failures} == {"fault.judge_answers_prose", "fault.judge_answers_nothing"}
    assert len([each for each in report.findings if each.name.startswith("fault.judge")]) == 11


def test_a_script_that_does_not_exist_is_told() -> None:
    with pytest.raises(UsageError, match="no_such"):
        run_sheet(sheet("asks_a_judge", judge={"script": f"{BAD}:no_such"}))


def test_a_sheet_that_cannot_be_used_does_not_stop_the_others(tmp_path: Path) -> None:
    lines = [{"verifier": f"{BAD}:pays_silence"}, *CASES]
    (tmp_path / "a.verifier.jsonl").write_text(
        '{"verifier": "no_such_module:f"}\n{"reply": "1", "gold": "1", "expect": "pass"}\n'
    )
    (tmp_path / "b.verifier.jsonl").write_text("nonsense\n")
    (tmp_path / "c.verifier.jsonl").write_text("\n".join(map(json.dumps, lines)))
    command = [str(ENVGYM), "verify", "test", str(tmp_path), "--json", "--junit", str(tmp_path / "out.xml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 2
    one, two, three = json.loads(done.stdout)["sheets"]
    assert "no_such_module" in one["failures"][0]["detail"]
    assert "b.verifier.jsonl:1: not JSON" in two["failures"][0]["detail"]
    assert "hack.empty" in {each["name"] for each in three["failures"]}
    assert (tmp_path / "out.xml").read_text().count("sheet.usable") == 2


def test_a_list_of_rewards_of_another_length_and_a_folder_left_behind_are_found() -> None:
    findings = failed("rewards_twice", style="trl", gold_name="answer")
    assert all(
        "2 rewards for one completion" in told for name, told in findings.items() if name != "golden.has_malformed"
    )
    findings = failed("makes_a_folder")
    assert set(findings) == {"hack.praise"}
    assert "it wrote left_behind" in findings["hack.praise"]


def test_pytest_collects_sheets_of_a_foreign_project(tmp_path: Path) -> None:
    (tmp_path / "grader.py").write_text("def grade(answer, gold):\n    return 1.0\n")
    cases = [{"verifier": "grader.py:grade", "style": "score"}, {"reply": "1", "gold": "1", "expect": "pass"}]
    (tmp_path / "grader.verifier.jsonl").write_text("\n".join(map(json.dumps, cases)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "grader.verifier.jsonl: hack" in done.stdout
    assert "hack.empty: it was paid" in done.stdout
    assert "golden.has_fail: no case expects 'fail'" in done.stdout


def answers(*arguments: str, lines: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(ENVGYM), "verify", "answers", *arguments], input=lines, capture_output=True, text=True, timeout=100
    )


def test_answers_get_one_verdict_a_line_in_order_whatever_they_are() -> None:
    lines = [
        {"gold": "42", "answer": "\\boxed{42}"},
        {"gold": "42", "answer": "9**9**9**9"},
        {"gold": "50", "answer": "50\\%", "percent": True, "form": "text"},
        {"gold": "\\int", "answer": "7"},
        {"gold": "7", "answer": "\ud800\x00"},
        {"gold": "7", "answer": "7"},
    ]
    done = answers("--verifier", "math", lines="\n".join([*map(json.dumps, lines), "nonsense", json.dumps(lines[0])]))
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert "line 7: " in done.stderr
    assert [each["score"] for each in verdicts] == [1.0, 0.0, 1.0, None, 0.0, 1.0, None, 1.0]
    assert verdicts[6]["code"] == "line.unreadable"
    assert all(each["seconds"] < 10 and each["code"] for each in verdicts)


@pytest.mark.parametrize("verifier", sorted(registry.verifiers.paths()))
def test_no_line_stops_the_rest_whatever_it_holds(verifier: str) -> None:
    odd = {
        "rel_tol": {},
        "options": 7,
        "schema": [],
        "n": "x",
        "share": None,
        "mode": 3,
        "canaries": 5,
        "limits": "much",
        "percent": "?",
    }
    lines: list[dict[str, Any]] = [
        {"gold": gold, "answer": answer, **further}
        for gold in (None, {}, [], "x", 5, [[["y"]]], {"words": "many"})
        for answer in ("", "a\x00b", '{"a": 1}')
        for further in ({}, odd)
    ]
    done = answers("--verifier", verifier, lines="\n".join(map(json.dumps, lines)))
    assert len(done.stdout.splitlines()) == len(lines), done.stderr


def test_a_foreign_verifier_that_hangs_on_one_answer_judges_the_next() -> None:
    lines = [{"gold": "42", "answer": "9**9**9**9"}, {"gold": "42", "answer": "42"}]
    done = answers("--verifier", f"{BAD}:hangs", lines="\n".join(map(json.dumps, lines)))
    assert [json.loads(line)["score"] for line in done.stdout.splitlines()] == [None, 1.0]


def test_the_difference_of_two_versions_is_told(tmp_path: Path) -> None:
    verdicts = [{"outcome": "pass", "score": 1.0, "code": "a"}, {"outcome": "fail", "score": 0.0, "code": "b"}]
    (tmp_path / "old").write_text("\n".join(map(json.dumps, verdicts)))
    (tmp_path / "new").write_text("\n".join(map(json.dumps, [verdicts[0], verdicts[0]])))
    done = subprocess.run(
        [str(ENVGYM), "verify", "diff", "old", "new"], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, "line 2: fail 0.0 [b] -> pass 1.0 [a]" in done.stdout) == (1, True)


def test_list_says_what_each_verifier_needs() -> None:
    done = subprocess.run([str(ENVGYM), "verify", "list", "--json"], capture_output=True, text=True, timeout=60)
    found = {each["id"]: each for each in json.loads(done.stdout)}
    assert found["math"]["needs"] == ["gold", "worker"]
    assert found["number"]["options"] == ["rel_tol", "abs_tol"]
    assert all(each["about"] and not each["error"] for each in found.values())
