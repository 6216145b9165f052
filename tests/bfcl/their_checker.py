"""Runs bfcl-eval's own multi_turn_checker, by the interpreter that has it.

Reads [{set, id, turns: [[call text]]}] from standard input and writes the verdicts, true or false. The checker evaluates the texts: they
are written by our tests.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    return {entry["id"]: entry for entry in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def main() -> None:
    checker: Any = importlib.import_module("bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker")
    data = Path(str(importlib.import_module("bfcl_eval").__file__)).parent / "data"
    verdicts = []
    known: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for number, case in enumerate(json.load(sys.stdin)):
        subset = case["set"]
        if subset not in known:
            name = f"BFCL_v4_multi_turn_{subset}.json"
            known[subset] = (read(data / name), read(data / "possible_answer" / name))
        entries, answers = known[subset]
        steps = [[turn] if turn else [] for turn in case["turns"]]
        gold = answers[case["id"]]["ground_truth"]
        found = checker.multi_turn_checker(steps, gold, entries[case["id"]], f"multi_turn_{subset}", f"case{number}")
        verdicts.append(found["valid"])
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main()
