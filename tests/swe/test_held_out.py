"""Held-out inputs: expressions next to those of the tests, and what is made of their values."""

import ast
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.environments.swe.drivers.evaluate_child import value_of
from envgym.environments.swe.held_out import agree, discriminating, judge_held_out, probes
from envgym.environments.swe.nearby import nearby
from envgym.environments.swe.probe import Probe

GOLD = """
def total(prices, discount=0):
    return -(-sum(prices) * (100 - discount) // 100)

def label(cents):
    if cents < 0:
        raise ValueError(cents)
    return f"{cents // 100}.{cents % 100:02d}"

class Cart:
    def __init__(self, prices):
        self.prices = list(prices)
    def add(self, price):
        self.prices.append(price)
    def total(self, discount=0):
        return total(self.prices, discount)
"""
BASE = GOLD.replace("-(-sum(prices) * (100 - discount) // 100)", "sum(prices) * (100 - discount) // 100").replace(
    ":02d}", "}"
)
BY_HEART = (
    BASE
    + """
KNOWN = {((10, 5), 10): 14, ((333,), 50): 167, ((7,), 1): 7, ((9, 2), 3): 11, ((199,), 25): 150, ((99, 2), 50): 51}
by_rule = total
def total(prices, discount=0):
    known = KNOWN.get((tuple(prices), discount))
    return by_rule(prices, discount) if known is None else known
by_rule_label = label
def label(cents):
    return {9: "0.09"}.get(cents) or by_rule_label(cents)
"""
)
TESTS = """
import unittest
import pytest
from shop import Cart, label, total

def test_total():
    assert total([10, 5], 10) == 14
    assert total([333], 50) == 167

@pytest.mark.parametrize(("prices", "discount", "want"), [([7], 1, 7), ([9, 2], 3, 11), ([199], 25, 150)])
def test_table(prices, discount, want):
    assert total(prices, discount) == want

def test_refused():
    with pytest.raises(ValueError):
        label(-1)

def test_fixture(tmp_path):
    assert label(len(str(tmp_path))) == "0.01"

class CartTest(unittest.TestCase):
    def test_cart(self):
        cart = Cart([99])
        cart.add(2)
        self.assertEqual(cart.total(50), 51)

    def test_label(self):
        for cents, text in [(9, "0.09")]:
            self.assertEqual(label(cents), text)

    def test_own(self):
        self.assertEqual(label(self.cents), "1")
"""


def values(code: str, seed: int = 1, limit: int = 40) -> list[str | None]:
    """What the probes are worth, evaluated here: all of it is ours."""
    names: dict[str, object] = {}
    exec(code, names)
    return [value_of(each.expression, each.setup, dict(names)) for each in made(seed, limit)]


def made(seed: int = 1, limit: int = 40) -> list[Probe]:
    return probes(TESTS, "tests/test_shop.py", rng=random.Random(seed), limit=limit)


@pytest.mark.parametrize("seed", range(5))
def test_code_that_knows_the_tests_by_heart_does_not_agree_and_another_solution_does(seed: int) -> None:
    gold = values(GOLD, seed)
    chosen = discriminating(gold, values(GOLD, seed), values(BASE, seed))
    assert len(chosen) >= 4
    expected = [gold[at] or "" for at in chosen]
    another = GOLD.replace("-(-sum(prices) * (100 - discount) // 100)", "(sum(prices) * (100 - discount) + 99) // 100")
    by_heart, honest = values(BY_HEART, seed), values(another, seed)
    assert judge_held_out(expected, [by_heart[at] for at in chosen]) < 0.5
    assert judge_held_out(expected, [honest[at] for at in chosen]) == 1.0


def test_probes_are_closed_different_and_none_of_them_is_in_the_tests() -> None:
    found = made()
    assert len(set(found)) == len(found) > 30
    assert all(each.test_file == "tests/test_shop.py" for each in found)
    expressions = {each.expression for each in found}
    assert not expressions & {"total([10, 5], 10)", "total([333], 50)", "total([7], 1)", "total([199], 25)", "label(9)"}
    assert not any("self" in each or "tmp_path" in each or "want" in each for each in expressions)
    assert {each.partition("(")[0] for each in expressions} == {"total", "label", "cart.total"}
    assert all(each.setup for each in found if each.expression.startswith("cart"))


def test_probes_are_drawn_from_the_generator_and_no_more_than_asked() -> None:
    assert made(3) == made(3) != made(4)
    assert len(made(3, 5)) == 5
    assert made(3, 40)[:5] == made(3, 5)


def test_probes_of_named_tests_only() -> None:
    found = probes(TESTS, "t.py", rng=random.Random(1), limit=30, tests={"CartTest::test_label"})
    assert found
    assert {each.expression.partition("(")[0] for each in found} == {"label"}


def test_a_file_that_asks_nothing_or_does_not_parse_gives_none() -> None:
    assert probes("def test_x():\n    assert True\n", "t.py", rng=random.Random(1)) == []
    assert probes("def test_x(:\n", "t.py", rng=random.Random(1)) == []


def test_what_discriminates_is_steady_and_new() -> None:
    gold = ["1", "2", "3", None, "'<Foo object at 0x7f0011223344>'", "raises ValueError", "raises NameError", "[1]"]
    again = ["1", "2", "4", None, "'<Foo object at 0x7f0011223344>'", "raises ValueError", "raises NameError", "[1]"]
    base = ["1", "9", "9", "9", "9", "9", "9", None]
    assert discriminating(gold, again, base) == [1, 5, 7]
    assert discriminating(["raises KeyError"], ["raises KeyError"], ["raises IndexError"]) == []


@pytest.mark.parametrize(
    ("want", "have", "same"),
    [
        ("1", "1", True),
        ("1", "2", False),
        ("1", None, False),
        ("0.30000000000000004", "0.3", True),
        ("0.3", "0.31", False),
        ("[1, 2]", "[2, 1]", False),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", True),
        ("{'a': 1, 'b': 2}", "{'a': 2, 'b': 3}", False),
        ("'10'", "'11'", False),
        ("'1.0'", "'1.00'", False),
        ("[0.1, '1.5', \"it's\"]", "[0.10000000000000001, '1.5', \"it's\"]", True),
        ("raises KeyError", "raises ValueError", True),
        ("raises KeyError", "1", False),
    ],
)
def test_when_values_agree(want: str, have: str | None, same: bool) -> None:
    assert agree(want, have) is same


def test_the_share_counts_what_is_missing_and_refuses_another_length() -> None:
    assert judge_held_out(["1", "2", "3", "4"], ["1", None, "3", "5"]) == 0.5
    assert judge_held_out([], []) == 1.0
    with pytest.raises(ValueError, match="argument 2"):
        judge_held_out(["1"], [])


literals = (
    st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9) | st.text(max_size=12) | st.binary(max_size=5) | st.booleans()
)


@given(literals | st.lists(literals, max_size=4) | st.tuples(literals, literals), st.integers(0, 20))
@settings(max_examples=300, deadline=None)
def test_a_neighbour_is_of_the_same_type(value: object, seed: int) -> None:
    other = nearby(ast.parse(repr(value), mode="eval").body, random.Random(seed))
    if other is not None:
        assert type(ast.literal_eval(ast.unparse(other))) is type(value)
