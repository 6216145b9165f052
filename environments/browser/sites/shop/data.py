"""The tables of the shop, and what stands in them at the beginning."""

import random
import sqlite3

from envgym.environments.browser.sites.people import CITIES, STREETS, add_users

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL);
CREATE TABLE categories (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, category INTEGER NOT NULL REFERENCES categories(id),
  maker TEXT NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL, about TEXT NOT NULL);
CREATE TABLE reviews (id INTEGER PRIMARY KEY AUTOINCREMENT, product INTEGER NOT NULL REFERENCES products(id),
  user INTEGER NOT NULL REFERENCES users(id), stars INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE addresses (id INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER NOT NULL REFERENCES users(id), label TEXT NOT NULL,
  street TEXT NOT NULL, city TEXT NOT NULL, postcode TEXT NOT NULL);
CREATE TABLE basket_lines (id INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER NOT NULL REFERENCES users(id),
  product INTEGER NOT NULL REFERENCES products(id), quantity INTEGER NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER NOT NULL REFERENCES users(id),
  address INTEGER NOT NULL REFERENCES addresses(id), placed TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE order_lines (id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER NOT NULL REFERENCES orders(id),
  product INTEGER NOT NULL REFERENCES products(id), quantity INTEGER NOT NULL, price INTEGER NOT NULL);
CREATE TABLE returns (id INTEGER PRIMARY KEY AUTOINCREMENT, line INTEGER NOT NULL REFERENCES order_lines(id), reason TEXT NOT NULL);
CREATE INDEX by_category ON products (category);
"""
REASONS = ("Damaged", "Wrong item", "Does not fit", "No longer needed")
MAKERS = ("Alderway", "Birch & Lane", "Corvo", "Dunmoor", "Ettrick", "Fennel Works")
GOODS = {
    "Kitchen": ("kettle", "saucepan", "chopping board", "teapot", "mixing bowl", "whisk", "colander", "bread bin"),
    "Garden": ("trowel", "watering can", "hand fork", "plant pot", "garden hose", "pruning saw", "seed tray", "rake"),
    "Office": (
        "desk lamp",
        "stapler",
        "notebook",
        "pen holder",
        "desk mat",
        "letter tray",
        "wall planner",
        "hole punch",
    ),
    "Travel": (
        "backpack",
        "duffel bag",
        "toiletry bag",
        "luggage tag",
        "neck pillow",
        "packing cube",
        "money belt",
        "flask",
    ),
    "Sports": (
        "yoga mat",
        "skipping rope",
        "dumbbell",
        "water bottle",
        "foam roller",
        "head torch",
        "gym bag",
        "hand grip",
    ),
}
KINDS = ("Slate", "Copper", "Meadow", "Cobalt", "Walnut", "Ivory", "Crimson", "Graphite", "Linen", "Juniper")
PRAISE = (
    "Sturdy and well made.",
    "Does what it should.",
    "Smaller than I thought.",
    "I would buy it again.",
    "It came late.",
)
STATES = ("placed", "shipped", "delivered", "delivered", "delivered", "cancelled")


def populate(db: sqlite3.Connection, rng: random.Random, size: int) -> None:
    """Products, people, and what they have bought."""
    for id, name in enumerate(GOODS, start=1):
        db.execute("INSERT INTO categories VALUES (?, ?)", (id, name))
    wanted = 60 * size
    names = [
        (kind, good, category)
        for category, (_, goods) in enumerate(GOODS.items(), start=1)
        for good in goods
        for kind in KINDS
    ]
    for kind, good, category in rng.sample(names, min(wanted, len(names))):
        stock = 0 if rng.random() < 0.15 else rng.randint(3, 40)
        price = rng.randrange(300, 9_000, 5)
        about = f"A {good} from the {kind} line. Weight {rng.randint(80, 3_000)} g."
        db.execute(
            "INSERT INTO products (name, category, maker, price, stock, about) VALUES (?, ?, ?, ?, ?, ?)",
            (f"{kind} {good}", category, rng.choice(MAKERS), price, stock, about),
        )
    people = add_users(db, rng, 8)
    _reviews(db, rng, [id for id, _ in people])
    for id, _ in people:
        _customer(db, rng, id)


def _reviews(db: sqlite3.Connection, rng: random.Random, people: list[int]) -> None:
    for (product,) in db.execute("SELECT id FROM products ORDER BY id").fetchall():
        for user in rng.sample(people, rng.choice((0, 0, 1, 2, 3, 5))):
            db.execute(
                "INSERT INTO reviews (product, user, stars, text) VALUES (?, ?, ?, ?)",
                (product, user, rng.randint(1, 5), rng.choice(PRAISE)),
            )


def _customer(db: sqlite3.Connection, rng: random.Random, user: int) -> None:
    """Addresses and orders of one person."""
    addresses = []
    for label in ("Home", "Office", *(["Cabin"] if rng.random() < 0.5 else [])):
        street = f"{rng.randrange(1, 200)} {rng.choice(STREETS)} Street"
        cursor = db.execute(
            "INSERT INTO addresses (user, label, street, city, postcode) VALUES (?, ?, ?, ?, ?)",
            (user, label, street, rng.choice(CITIES), f"{rng.randrange(10_000, 99_999)}"),
        )
        addresses.append(cursor.lastrowid)
    products = [row[0] for row in db.execute("SELECT id FROM products ORDER BY id")]
    bought = rng.sample(products, 12)
    for _ in range(rng.randint(3, 5)):
        placed = f"2026-02-{rng.randrange(1, 28):02d} {rng.randrange(8, 20):02d}:{rng.randrange(60):02d}"
        order = db.execute(
            "INSERT INTO orders (user, address, placed, state) VALUES (?, ?, ?, ?)",
            (user, rng.choice(addresses), placed, rng.choice(STATES)),
        ).lastrowid
        for _ in range(rng.randint(1, 2)):
            product = bought.pop()
            price = db.execute("SELECT price FROM products WHERE id = ?", (product,)).fetchone()[0]
            db.execute(
                "INSERT INTO order_lines (order_id, product, quantity, price) VALUES (?, ?, ?, ?)",
                (order, product, rng.randint(1, 3), price),
            )
