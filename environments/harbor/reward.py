"""What a verifier wrote as a reward, read strictly: never guessed, never replaced by a default.

Either `reward.txt`, one number, or `reward.json`, an object of numbers: its reward is the entry `reward`, or where there is none the mean
of all. The reward is in [0, 1]. Text in place of a number, true and false, NaN, infinities, other ranges, both files at once and no file at
all are no reward: BadReward says which it is. Whose fault that is cannot be read off the files: `judge.py` asks the untouched task.
"""

import json
import math
import re
from typing import Any, NoReturn

NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
MAX_BYTES = 65_536
SHOWN = 80


class BadReward(Exception):
    """There is no reward to be read; the message says why."""


def read_reward(text: bytes | None, document: bytes | None) -> float:
    """The reward of `reward.txt` and `reward.json`, None where a file is not there. Raises BadReward."""
    if text is not None and document is not None:
        raise BadReward("both reward.txt and reward.json were written: which one counts is not defined")
    if text is not None:
        return _in_range(_number(text), "reward.txt")
    if document is not None:
        return _of_document(document)
    raise BadReward("neither reward.txt nor reward.json was written to /logs/verifier")


def _number(content: bytes) -> float:
    said = _decoded(content, "reward.txt")
    if NUMBER.fullmatch(said) is None:
        raise BadReward(f"reward.txt: expected one finite number, found {said[:SHOWN]!r}")
    return float(said)


def _of_document(content: bytes) -> float:
    said = _decoded(content, "reward.json")
    try:
        value = json.loads(said, parse_constant=_no_number, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise BadReward(f"reward.json: {str(error)[:200]}") from None
    if not isinstance(value, dict) or not value:
        raise BadReward(f"reward.json: expected an object of numbers, found {said[:SHOWN]!r}")
    for name, each in value.items():
        if type(each) not in (int, float) or not math.isfinite(each):
            raise BadReward(f"reward.json: {name[:SHOWN]!r}: expected a finite number, found {repr(each)[:SHOWN]}")
    if "reward" in value:
        return _in_range(value["reward"], "reward.json: reward")
    return sum(_in_range(each, f"reward.json: {name[:SHOWN]}") for name, each in value.items()) / len(value)


def _in_range(number: float, where: str) -> float:
    if not 0 <= number <= 1:  # false for NaN and for what overflowed to infinity
        raise BadReward(f"{where}: expected a number from 0 to 1, found {number:.6g}")
    return float(number)


def _decoded(content: bytes, where: str) -> str:
    if len(content) >= MAX_BYTES:
        raise BadReward(f"{where} holds {MAX_BYTES:,} bytes or more")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise BadReward(f"{where} is not UTF-8") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no finite number")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found
