"""A small task of our own for tests of grading: a shop's cart whose totals are rounded the wrong way."""

import subprocess
from pathlib import Path

from envgym.environments.swe.task_folder import Recipe, Source, SweTask, TaskFolder, write_folder

PACKAGE = 'from shop.cart import Cart, total\n\n__all__ = ["Cart", "total"]\n'
CART = '''"""Totals in whole cents."""

from shop.tax import with_tax


def total(prices, discount=0):
    """Sum of prices less a discount in percent, rounded up to whole cents."""
    return sum(prices) * (100 - discount) // 100


def cheapest(prices):
    """The smallest price. Raises LookupError for an empty cart."""
    return min(prices)


def label(cents):
    """An amount as people write it."""
    return f"{cents // 100}.{cents % 100}"


def count(prices):
    """How many items there are."""
    return len(prices)


class Cart:
    """What a customer has chosen."""

    def __init__(self, prices=()):
        self.prices = list(prices)

    def add(self, price):
        self.prices.append(price)

    def total(self, discount=0):
        return total(self.prices, discount)

    def gross(self, rate):
        return with_tax(total(self.prices), rate)
'''
FIXED = (
    CART.replace("return sum(prices) * (100 - discount) // 100", "return -(-sum(prices) * (100 - discount) // 100)")
    .replace(
        "    return min(prices)",
        '    if not prices:\n        raise LookupError("the cart is empty")\n    return min(prices)',
    )
    .replace('{cents % 100}"', '{cents % 100:02d}"')
)
TAX = '''"""Taxes."""


def with_tax(cents, rate):
    """Cents with a tax of `rate` percent, rounded down."""
    return cents + cents * rate // 100
'''
OLD_TESTS = """import shop


def test_count():
    from shop.cart import count

    assert count([5, 6]) == 2


def test_a_cart_adds_up():
    cart = shop.Cart([100])
    cart.add(50)
    assert cart.total() == 150


def test_tax():
    assert shop.Cart([200]).gross(10) == 220
"""
NEW_TESTS = """import unittest

import pytest
import shop
from shop.cart import cheapest, count, label, total


def test_count():
    assert count([5, 6]) == 2


def test_a_cart_adds_up():
    cart = shop.Cart([100])
    cart.add(50)
    assert cart.total() == 150


def test_tax():
    assert shop.Cart([200]).gross(10) == 220


def test_a_discount_rounds_up():
    assert total([10, 5], 10) == 14
    assert total([333], 50) == 167


@pytest.mark.parametrize(("prices", "discount", "want"), [([7], 1, 7), ([9, 2], 3, 11), ([199], 25, 150)])
def test_discounts(prices, discount, want):
    assert total(prices, discount) == want


def test_an_empty_cart_has_no_cheapest_item():
    with pytest.raises(LookupError, match="empty"):
        cheapest([])


class TestCart:
    def test_the_cart_rounds_up_too(self):
        assert shop.Cart([99]).total(50) == 50


class LabelTest(unittest.TestCase):
    def test_cents_have_two_digits(self):
        self.assertEqual(label(1205), "12.05")
        self.assertEqual(label(9), "0.09")
"""
TEST_FILE = "tests/test_cart.py"
FAIL_TO_PASS = (
    f"{TEST_FILE}::test_a_discount_rounds_up",
    f"{TEST_FILE}::test_discounts[prices0-1-7]",
    f"{TEST_FILE}::test_discounts[prices1-3-11]",
    f"{TEST_FILE}::test_discounts[prices2-25-150]",
    f"{TEST_FILE}::test_an_empty_cart_has_no_cheapest_item",
    f"{TEST_FILE}::TestCart::test_the_cart_rounds_up_too",
    f"{TEST_FILE}::LabelTest::test_cents_have_two_digits",
)
PASS_TO_PASS = (f"{TEST_FILE}::test_count", f"{TEST_FILE}::test_a_cart_adds_up", f"{TEST_FILE}::test_tax")
ISSUE = """Totals with a discount come out a cent too low now and then: `total([333], 50)` should be 167. An empty cart gives a confusing
ValueError when asked for its cheapest item, a LookupError that says so would be right. And `label(1205)` prints 12.5.
"""


def write_shop_task(place: Path) -> TaskFolder:
    """The task without a certificate, in a new folder `place`/shop-1."""
    base, hidden = place / "base", place / "hidden"
    files = {
        "src/shop/__init__.py": PACKAGE,
        "src/shop/cart.py": CART,
        "src/shop/tax.py": TAX,
        TEST_FILE: OLD_TESTS,
        "README.md": "# shop\n",
        "CHANGELOG.md": "# Changes\n",
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
        "LICENSE": "Do as you like.\n",
        "tools/build.sh": "#!/bin/sh\n",
    }
    for path, content in files.items():
        write(base / path, content)
    write(hidden / TEST_FILE, NEW_TESTS)
    write(place / "new/src/shop/cart.py", FIXED)
    task = SweTask(
        id="shop-1",
        title="Round up, name the empty cart, two digits",
        source=Source(kind="history", repository="shop", licence="Apache-2.0"),
        source_paths=("src/**",),
        test_paths=("tests/**", "**/conftest.py"),
        hidden_tests=(TEST_FILE,),
        fail_to_pass=FAIL_TO_PASS,
        pass_to_pass=PASS_TO_PASS,
        tiers={"direct": FAIL_TO_PASS[:5], "further": FAIL_TO_PASS[5:]},
        recipe=Recipe(python_path=("src",), seconds=8.0),
    )
    return write_folder(place / "shop-1", task, issue=ISSUE, base=base, hidden=hidden, gold=gold_patch(place))


def gold_patch(place: Path) -> str:
    """The change of cart.py as a git diff."""
    made = subprocess.run(
        ["git", "diff", "--no-index", "--", "base/src/shop/cart.py", "new/src/shop/cart.py"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return made.replace("a/base/", "a/").replace("b/new/", "b/")


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
