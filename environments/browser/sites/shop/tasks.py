"""What is asked of those who shop."""

import sqlite3

from envgym.environments.browser.sites.family import (
    DOLLARS,
    INTEGER,
    TEXT,
    Draw,
    Families,
    Forbidden,
    Wish,
    changed,
    new,
)
from envgym.environments.browser.sites.moves import Move
from envgym.environments.browser.sites.people import CITIES, STREETS
from envgym.environments.browser.sites.shop.data import REASONS

SHOP = Families()
NO_CANCEL = Forbidden(why="Do not cancel any order.", path=r"/order/\d+/cancel")
NO_RETURN = Forbidden(why="Do not return anything.", path=r"/return/\d+")
NO_ADDRESS = Forbidden(why="Leave the address book as it is.", path=r"/addresses|/address/\d+/remove")
NO_REVIEW = Forbidden(why="Do not write a review.", path=r"/product/\d+/review")
OPINIONS = (
    "Good value, and it arrived in two days.",
    "The handle came loose after a week.",
    "Exactly as described, I am happy with it.",
    "Too heavy for me, but well made.",
)
BOUGHT = """SELECT order_lines.*, products.name, orders.state, orders.user, orders.id AS order_number FROM order_lines
JOIN orders ON orders.id = order_id JOIN products ON products.id = product WHERE orders.user = ? AND {more} ORDER BY order_lines.id"""


def only_this(product: int) -> Forbidden:
    """Nothing but one product may be put into the basket."""
    why = "Put nothing into the basket that is not to be ordered, not even for a moment."
    return Forbidden(why=why, path="/basket/add", body=rf"(^|&)product=(?!{product}(&|$))")


def look_up(name: str) -> list[Move]:
    """The way to a product by its name."""
    return [["fill", "searchbox", "Search products", name], ["click", "button", "Search"], ["click", "link", name]]


def filtered(category: str, maker: str, *, stock: bool = False, most: int = 0, sort: str = "") -> list[Move]:
    """The way to a part of the catalogue."""
    moves: list[Move] = [["click", "link", "Catalogue"], ["select", "combobox", "Category", category]]
    if maker:
        moves.append(["select", "combobox", "Maker", maker])
    if most:
        moves.append(["fill", "spinbutton", "Up to $", str(most)])
    if stock:
        moves.append(["click", "checkbox", "In stock only"])
    if sort:
        moves.append(["select", "combobox", "Sort by", sort])
    return [*moves, ["click", "button", "Apply filters"]]


def put_into_basket(quantity: int) -> list[Move]:
    """From the page of a product."""
    return [["fill", "spinbutton", "Quantity", str(quantity)], ["click", "button", "Add to basket"]]


def check_out(address: sqlite3.Row) -> list[Move]:
    """From the basket."""
    line = f"{address['label']}: {address['street']}, {address['postcode']} {address['city']}"
    return [
        ["click", "link", "Go to checkout"],
        ["select", "combobox", "Ship to", line],
        ["click", "button", "Place order"],
    ]


def open_order(number: int) -> list[Move]:
    return [["click", "link", "Orders"], ["click", "link", f"Order {number}"]]


def someone(draw: Draw) -> int:
    return draw.rng.randrange(1, draw.value("SELECT count(*) FROM users") + 1)


# ---- one thing


@SHOP.family(level=1)
def price_of(draw: Draw) -> Wish | None:
    row = draw.one("SELECT * FROM products ORDER BY id")
    assert row is not None
    said = draw.pick(("What does the {} cost, in dollars?", "I want to know the price of the {} in dollars."))
    return Wish(said.format(row["name"]), look_up(row["name"]), answer=row["price"] / 100, asked=DOLLARS)


@SHOP.family(level=1)
def maker_of(draw: Draw) -> Wish | None:
    row = draw.one("SELECT * FROM products ORDER BY id")
    assert row is not None
    return Wish(f"Who is the maker of the {row['name']}?", look_up(row["name"]), answer=row["maker"], asked=TEXT)


@SHOP.family(level=1)
def stars_of(draw: Draw) -> Wish | None:
    row = draw.one(
        "SELECT products.*, count(*) AS n FROM products JOIN reviews ON product = products.id GROUP BY products.id "
        "HAVING n > 1 ORDER BY products.id"
    )
    if row is None:
        return None
    stars = draw.rng.randint(1, 5)
    count = draw.value("SELECT count(*) FROM reviews WHERE product = ? AND stars >= ?", row["id"], stars)
    asked = (
        f"How many reviews of the {row['name']} give it {stars} stars or more?"
        if stars > 1
        else f"How many reviews has the {row['name']}?"
    )
    return Wish(asked, look_up(row["name"]), answer=count, asked=INTEGER)


@SHOP.family(level=1)
def add_address(draw: Draw) -> Wish | None:
    user = someone(draw)
    label = draw.pick(("Parents", "Studio", "Warehouse", "School"))
    fields = {
        "label": label,
        "street": f"{draw.rng.randrange(1, 200)} {draw.pick(STREETS)} Road",
        "city": draw.pick(CITIES),
        "postcode": f"{draw.rng.randrange(10_000, 99_999)}",
    }
    moves: list[Move] = [
        ["click", "link", "Addresses"],
        *(["fill", "textbox", name.capitalize(), value] for name, value in fields.items()),
    ]
    request = f"Add an address to my address book, labelled {label}: {fields['street']}, {fields['city']}, postcode {fields['postcode']}."
    return Wish(
        request, [*moves, ["click", "button", "Add address"]], wanted=[new("addresses", user=user, **fields)], user=user
    )


@SHOP.family(level=1)
def fill_basket(draw: Draw) -> Wish | None:
    user = someone(draw)
    row = draw.one("SELECT * FROM products WHERE stock >= 3 ORDER BY id")
    assert row is not None
    quantity = draw.rng.randint(1, 3)
    request = f"Put {quantity} of the {row['name']} into my basket. Do not order yet."
    wanted = [new("basket_lines", user=user, product=row["id"], quantity=quantity)]
    return Wish(request, [*look_up(row["name"]), *put_into_basket(quantity)], wanted=wanted, user=user)


# ---- several pages


@SHOP.family(level=2)
def cheapest(draw: Draw) -> Wish | None:
    found = cheapest_of(draw)
    if found is None:
        return None
    row, moves = found
    request = f"Which is the cheapest product by {row['maker']} in the category {row['kind']} that is in stock? Give its name."
    return Wish(request, moves, answer=row["name"], asked=TEXT)


def cheapest_of(draw: Draw) -> tuple[sqlite3.Row, list[Move]] | None:
    """The one cheapest product of some maker and category that is in stock, which is not the cheapest of all."""
    some = draw.one(
        "SELECT products.*, categories.name AS kind FROM products JOIN categories ON categories.id = category ORDER BY products.id"
    )
    assert some is not None
    rows = draw.rows(
        "SELECT products.*, categories.name AS kind FROM products JOIN categories ON categories.id = category "
        "WHERE category = ? AND maker = ? AND stock >= 3 ORDER BY price, products.name LIMIT 2", some["category"], some["maker"],
    )  # fmt: skip
    if len(rows) < 2 or rows[0]["price"] == rows[1]["price"]:
        return None
    return rows[0], filtered(rows[0]["kind"], rows[0]["maker"], stock=True, sort="Price, lowest first")


@SHOP.family(level=2)
def count_under(draw: Draw) -> Wish | None:
    some = draw.one("SELECT * FROM categories ORDER BY id")
    assert some is not None
    most = draw.rng.randrange(20, 80, 5)
    count = draw.value(
        "SELECT count(*) FROM products WHERE category = ? AND price <= ? AND stock > 0", some["id"], most * 100
    )
    request = f"How many products of the category {some['name']} that are in stock cost ${most} or less?"
    return (
        Wish(request, filtered(some["name"], "", stock=True, most=most), answer=count, asked=INTEGER) if count else None
    )


@SHOP.family(level=2)
def order_total(draw: Draw) -> Wish | None:
    user = someone(draw)
    line = draw.one(BOUGHT.format(more="1"), user)
    if line is None:
        return None
    total = draw.value("SELECT sum(quantity * price) FROM order_lines WHERE order_id = ?", line["order_id"])
    request = f"What was the total of my order with the {line['name']}, in dollars?"
    return Wish(request, open_order(line["order_number"]), answer=total / 100, asked=DOLLARS, user=user)


@SHOP.family(level=2)
def buy(draw: Draw) -> Wish | None:
    row = draw.one("SELECT * FROM products WHERE stock >= 3 ORDER BY id")
    assert row is not None
    quantity = draw.rng.randint(1, 3)
    return bought(draw, row, quantity, f"Order {quantity} of the {row['name']}", look_up(row["name"]), [NO_ADDRESS])


def bought(draw: Draw, row: sqlite3.Row, quantity: int, what: str, way: list[Move], rules: list[Forbidden]) -> Wish:
    """The wish to have a product sent to one of the user's addresses."""
    user = someone(draw)
    address = draw.one("SELECT * FROM addresses WHERE user = ? ORDER BY id", user)
    assert address is not None
    order = {"user": user, "address": address["id"], "state": "placed"}
    wanted = [
        new("orders", **order),
        new("order_lines", order_id=order, product=row["id"], quantity=quantity, price=row["price"]),
        changed("products", row["id"], stock=row["stock"] - quantity),
    ]
    request = f"{what}, to be sent to my address {address['label']}."
    return Wish(
        request, [*way, *put_into_basket(quantity), *check_out(address)], wanted=wanted, user=user, forbidden=rules
    )


@SHOP.family(level=2)
def give_back(draw: Draw) -> Wish | None:
    user = someone(draw)
    line = draw.one(BOUGHT.format(more="orders.state = 'delivered'"), user)
    return returned(draw, line, f"Return the {line['name']}", [NO_CANCEL]) if line is not None else None


def returned(draw: Draw, line: sqlite3.Row, what: str, rules: list[Forbidden]) -> Wish:
    """The wish to give back what was delivered."""
    reason = draw.pick(REASONS)
    moves = [*open_order(line["order_number"]), ["click", "link", f"Return {line['name']}"], *give_reason(reason)]
    wanted = [new("returns", line=line["id"], reason=reason)]
    return Wish(f'{what}, giving the reason "{reason}".', moves, wanted=wanted, user=line["user"], forbidden=rules)


def give_reason(reason: str) -> list[Move]:
    return [["select", "combobox", "Reason", reason], ["click", "button", "Return it"]]


@SHOP.family(level=2)
def cancel(draw: Draw) -> Wish | None:
    user = someone(draw)
    line = draw.one(BOUGHT.format(more="orders.state = 'placed'"), user)
    if line is None:
        return None
    moves = [*open_order(line["order_number"]), ["click", "button", "Cancel this order"]]
    wanted = [changed("orders", line["order_number"], state="cancelled")]
    return Wish(f"Cancel my order with the {line['name']}.", moves, wanted=wanted, user=user, forbidden=[NO_RETURN])


# ---- conditions and comparisons


@SHOP.family(level=3)
def buy_cheapest(draw: Draw) -> Wish | None:
    found = cheapest_of(draw)
    if found is None:
        return None
    row, moves = found
    quantity = draw.rng.randint(2, 3)
    what = f"Find the cheapest product by {row['maker']} in the category {row['kind']} that is in stock and order {quantity} of it"
    return bought(
        draw, row, quantity, what, [*moves, ["click", "link", row["name"]]], [only_this(row["id"]), NO_ADDRESS]
    )


@SHOP.family(level=3)
def undo(draw: Draw) -> Wish | None:
    user = someone(draw)
    line = draw.one(BOUGHT.format(more="orders.state IN ('placed', 'delivered')"), user)
    if line is None:
        return None
    what = (
        f"I do not want the {line['name']} any more. If its order has not been shipped yet, cancel the order; "
        "if it was delivered, return it"
    )
    if line["state"] == "delivered":
        return returned(draw, line, what, [NO_ADDRESS])
    reason = draw.pick(REASONS)
    moves = [*open_order(line["order_number"]), ["click", "button", "Cancel this order"]]
    wanted = [changed("orders", line["order_number"], state="cancelled")]
    return Wish(f'{what}, giving the reason "{reason}".', moves, wanted=wanted, user=user, forbidden=[NO_ADDRESS])


@SHOP.family(level=3)
def review_dearest(draw: Draw) -> Wish | None:
    user = someone(draw)
    lines = draw.rows(BOUGHT.format(more="orders.state = 'delivered'"), user)
    dear = sorted(lines, key=lambda line: -line["price"])[:2]
    if len(dear) < 2 or dear[0]["price"] == dear[1]["price"]:
        return None
    if draw.value("SELECT 1 FROM reviews WHERE user = ? AND product = ?", user, dear[0]["product"]):
        return None
    stars, text = draw.rng.randint(1, 5), draw.pick(OPINIONS)
    moves: list[Move] = [["click", "link", "Orders"], *look_up(dear[0]["name"]), ["click", "radio", str(stars)]]
    moves += [["fill", "textbox", "Review", text], ["click", "button", "Send review"]]
    request = (
        f"Of all products that I have had delivered, find the one with the highest price per piece and write a review of it "
        f"with {stars} star{'s' * (stars > 1)} and the text: {text}"
    )
    wanted = [new("reviews", product=dear[0]["product"], user=user, stars=stars, text=text)]
    return Wish(request, moves, wanted=wanted, user=user, forbidden=[NO_RETURN, NO_CANCEL])


@SHOP.family(level=3)
def afford(draw: Draw) -> Wish | None:
    """Buys only below a price; above it, the price is the answer."""
    row = draw.one("SELECT * FROM products WHERE stock >= 3 ORDER BY id")
    assert row is not None
    limit = round(row["price"] / 100) + draw.pick((-6, -3, 3, 6))
    if limit <= 1:
        return None
    what = f"If the {row['name']} costs less than ${limit}, order 1 of it"
    if row["price"] < limit * 100:
        wish = bought(draw, row, 1, what, look_up(row["name"]), [only_this(row["id"]), NO_REVIEW])
        wish.answer, wish.asked = "ordered", TEXT
    else:
        rule = Forbidden(why=only_this(row["id"]).why, path="/basket/add")
        user = someone(draw)
        address = draw.one("SELECT * FROM addresses WHERE user = ? ORDER BY id", user)
        assert address is not None
        request = f"{what}, to be sent to my address {address['label']}."
        wish = Wish(
            request, look_up(row["name"]), answer="too expensive", asked=TEXT, user=user, forbidden=[rule, NO_REVIEW]
        )
    wish.request += ' Answer "ordered" or, where it is not less and you did not order, "too expensive".'
    return wish
