"""The pages of the shop for those who are signed in: basket, checkout, orders, returns, addresses, and writing reviews."""

import random
import sqlite3

from envgym.environments.browser.sites.markup import Markup, html, link, money, options, table
from envgym.environments.browser.sites.shop.catalogue import Catalogue
from envgym.environments.browser.sites.shop.data import REASONS, SCHEMA, populate
from envgym.environments.browser.sites.site import page
from envgym.environments.browser.sites.visit import Page, Refused, Reply, Visit

MOST = 20
"""Pieces of one product in a basket."""
LINES = (
    "SELECT basket_lines.id, product, quantity, products.name, products.price, products.stock FROM basket_lines "
    "JOIN products ON products.id = product WHERE user = ? ORDER BY basket_lines.id"
)


class Shop(Catalogue):
    """Harbour Goods: a small shop."""

    name = "shop"
    title = "Harbour Goods"
    schema = SCHEMA
    menu = (("/catalogue", "Catalogue"),)
    own_menu = (("/basket", "Basket"), ("/orders", "Orders"), ("/addresses", "Addresses"))
    volatile = {"orders": ("placed",)}

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        populate(db, rng, size)

    # ---- basket and checkout

    @page("/basket/add", method="POST", signed_in=True)
    def add(self, visit: Visit) -> Reply:
        quantity = visit.number("quantity", "Quantity", 1, MOST)
        product = visit.row("SELECT * FROM products WHERE id = ?", visit.number("product", "Product", 1, 10**9))
        line = visit.rows("SELECT * FROM basket_lines WHERE user = ? AND product = ?", visit.me, product["id"])
        whole = quantity + (line[0]["quantity"] if line else 0)
        if whole > min(product["stock"], MOST):
            raise Refused(f"Only {min(product['stock'], MOST)} of {product['name']} can be ordered.")
        if line:
            visit.change("UPDATE basket_lines SET quantity = ? WHERE id = ?", whole, line[0]["id"])
        else:
            visit.change(
                "INSERT INTO basket_lines (user, product, quantity) VALUES (?, ?, ?)", visit.me, product["id"], quantity
            )
        return visit.done("/basket", f"Added {quantity} x {product['name']}.")

    @page("/basket", signed_in=True)
    def basket(self, visit: Visit) -> Reply:
        lines = visit.rows(LINES, visit.me)
        if not lines:
            return Page("Basket", html("<p>Your basket is empty. {to}</p>", to=link("/catalogue", "Go on shopping")))
        rows = [
            (link(f"/product/{line['product']}", line["name"]), money(line["price"]), self._quantity(visit, line),
             money(line["price"] * line["quantity"]),
             visit.button(f"/basket/{line['id']}/remove", "Remove", f"Remove {line['name']}"))
            for line in lines
        ]  # fmt: skip
        total = sum(line["price"] * line["quantity"] for line in lines)
        made = table("Your basket", ("Product", "Price", "Quantity", "Sum", "Remove"), rows)
        return Page(
            "Basket",
            html(
                "{made}<p>Total: {total}</p><p>{to}</p>",
                made=made,
                total=money(total),
                to=link("/checkout", "Go to checkout"),
            ),
        )

    def _quantity(self, visit: Visit, line: sqlite3.Row) -> Markup:
        inside = html(
            '<input type="number" name="quantity" aria-label="Quantity of {name}" value="{quantity}" min="1" max="20" required> '
            '<button class="quiet" aria-label="Update {name}">Update</button>',
            name=line["name"],
            quantity=line["quantity"],
        )
        return visit.form(f"/basket/{line['id']}/change", inside)

    def _line(self, visit: Visit, id: int) -> sqlite3.Row:
        return visit.row("SELECT * FROM basket_lines WHERE id = ? AND user = ?", id, visit.me)

    @page("/basket/<id>/change", method="POST", signed_in=True)
    def change_line(self, visit: Visit, id: int) -> Reply:
        line = self._line(visit, id)
        stock = visit.value("SELECT stock FROM products WHERE id = ?", line["product"])
        quantity = visit.number("quantity", "Quantity", 1, min(MOST, stock))
        visit.change("UPDATE basket_lines SET quantity = ? WHERE id = ?", quantity, id)
        return visit.done("/basket", "The basket was changed.")

    @page("/basket/<id>/remove", method="POST", signed_in=True)
    def remove_line(self, visit: Visit, id: int) -> Reply:
        self._line(visit, id)
        visit.change("DELETE FROM basket_lines WHERE id = ?", id)
        return visit.done("/basket", "The product was removed.")

    @page("/checkout", signed_in=True)
    def checkout(self, visit: Visit) -> Reply:
        lines = visit.rows(LINES, visit.me)
        if not lines:
            raise Refused("Your basket is empty.")
        addresses = visit.rows("SELECT * FROM addresses WHERE user = ? ORDER BY id", visit.me)
        inside = html(
            '<p><label>Ship to <select name="address" required>{addresses}</select></label></p><p><button>Place order</button></p>',
            addresses=options([("", "Choose an address"), *((row["id"], address_line(row)) for row in addresses)]),
        )
        items = [html("<li>{n} x {name}</li>", n=line["quantity"], name=line["name"]) for line in lines]
        total = sum(line["price"] * line["quantity"] for line in lines)
        form = visit.form("/checkout", inside, label="Checkout")
        return Page(
            "Checkout", html("<ul>{items}</ul><p>Total: {total}</p>{form}", items=items, total=money(total), form=form)
        )

    @page("/checkout", method="POST", signed_in=True)
    def place(self, visit: Visit) -> Reply:
        lines = visit.rows(LINES, visit.me)
        address = visit.number("address", "Address", 1, 10**9)
        visit.row("SELECT id FROM addresses WHERE id = ? AND user = ?", address, visit.me)
        short = [line["name"] for line in lines if line["quantity"] > line["stock"]]
        if not lines or short:
            raise Refused(f"Not enough in stock: {', '.join(short)}." if short else "Your basket is empty.")
        order = visit.change(
            "INSERT INTO orders (user, address, placed, state) VALUES (?, ?, ?, 'placed')",
            visit.me,
            address,
            visit.now(),
        )
        for line in lines:
            visit.change(
                "INSERT INTO order_lines (order_id, product, quantity, price) VALUES (?, ?, ?, ?)",
                order, line["product"], line["quantity"], line["price"],
            )  # fmt: skip
            visit.change("UPDATE products SET stock = stock - ? WHERE id = ?", line["quantity"], line["product"])
        visit.change("DELETE FROM basket_lines WHERE user = ?", visit.me)
        return visit.done(f"/order/{order}", "Thank you. Your order was placed.")

    # ---- orders and returns

    @page("/orders", signed_in=True)
    def orders(self, visit: Visit) -> Reply:
        rows = visit.rows(
            "SELECT orders.*, group_concat(products.name, ', ') AS names, sum(quantity * order_lines.price) AS total FROM orders "
            "JOIN order_lines ON order_id = orders.id JOIN products ON products.id = product WHERE user = ? "
            "GROUP BY orders.id ORDER BY placed DESC, orders.id DESC", visit.me,
        )  # fmt: skip
        made = [
            (
                link(f"/order/{row['id']}", f"Order {row['id']}"),
                row["placed"],
                row["names"],
                money(row["total"]),
                row["state"],
            )
            for row in rows
        ]
        return Page("Orders", table("Your orders", ("Order", "Placed", "Products", "Total", "State"), made))

    def _order(self, visit: Visit, id: int) -> sqlite3.Row:
        return visit.row("SELECT * FROM orders WHERE id = ? AND user = ?", id, visit.me)

    @page("/order/<id>", signed_in=True)
    def order(self, visit: Visit, id: int) -> Reply:
        order = self._order(visit, id)
        address = visit.row("SELECT * FROM addresses WHERE id = ?", order["address"])
        lines = visit.rows(
            "SELECT order_lines.*, products.name, (SELECT reason FROM returns WHERE line = order_lines.id) AS returned "
            "FROM order_lines JOIN products ON products.id = product WHERE order_id = ? ORDER BY order_lines.id", id,
        )  # fmt: skip
        rows = [
            (line["name"], line["quantity"], money(line["price"]), money(line["price"] * line["quantity"]),
             return_cell(line, order["state"])) for line in lines
        ]  # fmt: skip
        total = sum(line["price"] * line["quantity"] for line in lines)
        cancel = (
            visit.form(f"/order/{id}/cancel", Markup("<button>Cancel this order</button>"))
            if order["state"] == "placed"
            else ""
        )
        body = html(
            "<dl><dt>State</dt><dd>{state}</dd><dt>Placed</dt><dd>{placed}</dd><dt>Ship to</dt><dd>{address}</dd></dl>"
            "{lines}<p>Total: {total}</p>{cancel}",
            state=order["state"],
            placed=order["placed"],
            address=address_line(address),
            lines=table("Products", ("Product", "Quantity", "Price", "Sum", "Return"), rows),
            total=money(total),
            cancel=cancel,
        )
        return Page(f"Order {id}", body)

    @page("/order/<id>/cancel", method="POST", signed_in=True)
    def cancel(self, visit: Visit, id: int) -> Reply:
        if self._order(visit, id)["state"] != "placed":
            raise Refused("Only an order that was not shipped can be cancelled.")
        visit.change("UPDATE orders SET state = 'cancelled' WHERE id = ?", id)
        return visit.done(f"/order/{id}", "The order was cancelled.")

    def _order_line(self, visit: Visit, id: int) -> sqlite3.Row:
        line = visit.row(
            "SELECT order_lines.*, products.name, orders.state FROM order_lines JOIN orders ON orders.id = order_id "
            "JOIN products ON products.id = product WHERE order_lines.id = ? AND orders.user = ?", id, visit.me,
        )  # fmt: skip
        if line["state"] != "delivered":
            raise Refused("Only what was delivered can be returned.")
        if visit.value("SELECT 1 FROM returns WHERE line = ?", id):
            raise Refused("This was returned already.")
        return line

    @page("/return/<id>", signed_in=True)
    def return_page(self, visit: Visit, id: int) -> Reply:
        line = self._order_line(visit, id)
        reasons = options([("", "Choose a reason"), *((reason, reason) for reason in REASONS)])
        inside = html(
            '<p><label>Reason <select name="reason" required>{reasons}</select></label></p><p><button>Return it</button></p>',
            reasons=reasons,
        )
        return Page(f"Return {line['name']}", visit.form(f"/return/{id}", inside, label="Return"))

    @page("/return/<id>", method="POST", signed_in=True)
    def return_line(self, visit: Visit, id: int) -> Reply:
        line = self._order_line(visit, id)
        reason = visit.sent("reason")
        if reason not in REASONS:
            raise Refused("Choose a reason.")
        visit.change("INSERT INTO returns (line, reason) VALUES (?, ?)", id, reason)
        return visit.done(f"/order/{line['order_id']}", f"{line['name']} will be fetched.")

    # ---- addresses and reviews

    @page("/addresses", signed_in=True)
    def addresses(self, visit: Visit) -> Reply:
        rows = [
            (row["label"], row["street"], row["city"], row["postcode"],
             visit.button(f"/address/{row['id']}/remove", "Remove", f"Remove {row['label']}"))
            for row in visit.rows("SELECT * FROM addresses WHERE user = ? ORDER BY id", visit.me)
        ]  # fmt: skip
        fields = [
            html('<p><label>{label} <input name="{name}" required></label></p>', label=label, name=name)
            for name, label in ADDRESS
        ]
        made = table("Your addresses", ("Label", "Street", "City", "Postcode", "Remove"), rows)
        form = visit.form(
            "/addresses", html("{fields}<p><button>Add address</button></p>", fields=fields), label="New address"
        )
        return Page("Addresses", html("{made}<h2>New address</h2>{form}", made=made, form=form))

    @page("/addresses", method="POST", signed_in=True)
    def add_address(self, visit: Visit) -> Reply:
        label, street, city, postcode = (visit.need(name, label, most=80) for name, label in ADDRESS)
        if not (postcode.isdecimal() and postcode.isascii() and len(postcode) == 5):
            raise Refused("Postcode must have five digits.")
        visit.change(
            "INSERT INTO addresses (user, label, street, city, postcode) VALUES (?, ?, ?, ?, ?)",
            visit.me,
            label,
            street,
            city,
            postcode,
        )
        return visit.done("/addresses", "The address was added.")

    @page("/address/<id>/remove", method="POST", signed_in=True)
    def remove_address(self, visit: Visit, id: int) -> Reply:
        visit.row("SELECT id FROM addresses WHERE id = ? AND user = ?", id, visit.me)
        if visit.value("SELECT 1 FROM orders WHERE address = ?", id):
            raise Refused("An order goes to this address, so it is kept.")
        visit.change("DELETE FROM addresses WHERE id = ?", id)
        return visit.done("/addresses", "The address was removed.")

    @page("/product/<id>/review", method="POST", signed_in=True)
    def review(self, visit: Visit, id: int) -> Reply:
        visit.row("SELECT id FROM products WHERE id = ?", id)
        stars, text = visit.number("stars", "Stars", 1, 5), visit.need("text", "Review")
        if visit.value("SELECT 1 FROM reviews WHERE product = ? AND user = ?", id, visit.me):
            raise Refused("You have reviewed this product already.")
        visit.change("INSERT INTO reviews (product, user, stars, text) VALUES (?, ?, ?, ?)", id, visit.me, stars, text)
        return visit.done(f"/product/{id}", "Thank you for your review.")


ADDRESS = (("label", "Label"), ("street", "Street"), ("city", "City"), ("postcode", "Postcode"))


def address_line(row: sqlite3.Row) -> str:
    """An address on one line."""
    return f"{row['label']}: {row['street']}, {row['postcode']} {row['city']}"


def return_cell(line: sqlite3.Row, state: str) -> Markup | str:
    """What the page of an order says about returning one of its lines."""
    if line["returned"]:
        return f"Returned: {line['returned']}"
    if state != "delivered":
        return "-"
    return html('<a href="/return/{id}" aria-label="Return {name}">Return</a>', id=line["id"], name=line["name"])
