"""Datasets of reasoning-gym that are not offered, each with the defect that was seen (version 0.1.25).

`benchmarks/graders.py` shows each of them again; `docs/third_party_graders.md` has what it printed.
"""

DENIED = {
    "coin_flip": "its scorer pays a matching prefix in full: the answer 0 is paid for every probability below 1",
    "complex_arithmetic": "its scorer pays the answer nan in full on every task, as min(1, nan) is 1",
    "composite": "it mixes other datasets and has no tasks without a configuration; run those datasets",
    "game_of_life_halting": "its scorer compares bool(answer) with bool(gold), so any text that is not empty is paid in full",
    "puzzle24": "its scorer never asks for the given numbers: 6*4*1*1 is paid in full on every task; use game24",
    "syllogism": "it marks invalid syllogisms (undistributed middle) as valid: reasoning-gym issue 536",
}
