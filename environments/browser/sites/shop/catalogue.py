"""The public pages of the shop: the catalogue with search, filters and order, and the products with their reviews."""

from typing import Any

from envgym.environments.browser.sites.markup import Markup, html, link, money, options, table
from envgym.environments.browser.sites.shop.data import MAKERS
from envgym.environments.browser.sites.site import Site, page
from envgym.environments.browser.sites.visit import Page, Reply, Visit, pages

PER_PAGE = 12
ORDERS = {
    "name": ("Name", "products.name"),
    "price": ("Price, lowest first", "products.price, products.name"),
    "-price": ("Price, highest first", "products.price DESC, products.name"),
}
STARS = "(SELECT round(avg(stars), 1) FROM reviews WHERE product = products.id)"
FILTERS = """<form method="get" action="/catalogue" aria-label="Filters">
<p><label>Words <input type="search" name="q" value="{q}"></label>
<label>Category <select name="category">{categories}</select></label>
<label>Maker <select name="maker">{makers}</select></label></p>
<p><label>Up to $ <input type="number" name="most" min="0" value="{most}"></label>
<label><input type="checkbox" name="stock" value="1"{stock}> In stock only</label>
<label>Sort by <select name="sort">{orders}</select></label> <button>Apply filters</button></p></form>"""


class Catalogue(Site):
    """What anybody can see."""

    name = "shop_catalogue"
    title = "Harbour Goods"
    schema = ""

    def above(self, visit: Visit) -> Markup:
        return Markup(
            '<form method="get" action="/catalogue" role="search"><input type="search" name="q" aria-label="Search products">'
            ' <button class="quiet">Search</button></form>'
        )

    @page("/")
    def home(self, visit: Visit) -> Reply:
        rows = visit.rows("SELECT id, name FROM categories ORDER BY id")
        items = [html("<li>{to}</li>", to=link(f"/catalogue?category={row['id']}", row["name"])) for row in rows]
        body = html(
            "<p>Good things for home and away. Free returns within 60 days.</p><h2>Categories</h2><ul>{items}</ul>",
            items=items,
        )
        return Page("Welcome", body)

    @page("/catalogue")
    def catalogue(self, visit: Visit) -> Reply:
        query = visit.query
        where, values = conditions(query)
        order = ORDERS.get(query.get("sort", ""), ORDERS["name"])[1]
        total = visit.value(f"SELECT count(*) FROM products WHERE {where}", *values)
        start = (min(visit.asked_page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
        rows = visit.rows(
            f"SELECT products.*, categories.name AS kind, {STARS} AS stars FROM products "
            f"JOIN categories ON categories.id = products.category WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            *values, PER_PAGE, start,
        )  # fmt: skip
        found = table("Products", ("Product", "Category", "Maker", "Price", "Rating", "Stock"), map(product_row, rows))
        body = html(
            "{filters}<p>{total} products found.</p>{found}{pages}",
            filters=self._filters(visit),
            total=total,
            found=found if rows else Markup("<p>Nothing fits. Try fewer filters.</p>"),
            pages=pages(visit, total, PER_PAGE),
        )
        return Page("Catalogue", body)

    def _filters(self, visit: Visit) -> Markup:
        query = visit.query
        kinds = [(row["id"], row["name"]) for row in visit.rows("SELECT id, name FROM categories ORDER BY id")]
        return html(
            FILTERS,
            q=query.get("q", ""),
            categories=options([("", "All categories"), *kinds], query.get("category")),
            makers=options([("", "All makers"), *((name, name) for name in MAKERS)], query.get("maker")),
            most=query.get("most", ""),
            stock=Markup(" checked" if query.get("stock") else ""),
            orders=options(((key, name) for key, (name, _) in ORDERS.items()), query.get("sort", "name")),
        )

    @page("/product/<id>")
    def product(self, visit: Visit, id: int) -> Reply:
        row = visit.row(
            "SELECT products.*, categories.name AS kind FROM products JOIN categories ON categories.id = products.category "
            "WHERE products.id = ?", id,
        )  # fmt: skip
        reviews = visit.rows(
            "SELECT reviews.*, users.name AS author FROM reviews JOIN users ON users.id = reviews.user WHERE product = ? "
            "ORDER BY reviews.id", id,
        )  # fmt: skip
        body = html(
            PRODUCT,
            about=row["about"],
            kind=link(f"/catalogue?category={row['category']}", row["kind"]),
            maker=row["maker"],
            price=money(row["price"]),
            stock=f"{row['stock']} in stock" if row["stock"] else "Out of stock",
            buy=self._buy(visit, id, row["stock"]),
            count=len(reviews),
            reviews=[
                html(REVIEW, **{name: review[name] for name in ("author", "stars", "text")}) for review in reviews
            ],
            write=self._write(visit, id),
        )
        return Page(row["name"], body)

    def _buy(self, visit: Visit, product: int, stock: int) -> Markup:
        if not stock:
            return Markup("")
        inside = html(
            '<input type="hidden" name="product" value="{product}"><label>Quantity '
            '<input type="number" name="quantity" value="1" min="1" max="20" required></label> <button>Add to basket</button>',
            product=product,
        )
        return visit.form("/basket/add", inside, label="Buy")

    def _write(self, visit: Visit, product: int) -> Markup:
        if visit.user is None:
            return html("<p>{to} to write a review.</p>", to=link(f"/sign-in?next=/product/{product}", "Sign in"))
        stars = Markup(
            "".join(
                html('<label><input type="radio" name="stars" value="{n}" required> {n}</label>', n=n)
                for n in range(1, 6)
            )
        )
        inside = html(
            '<fieldset><legend>Stars</legend>{stars}</fieldset><p><label>Review <textarea name="text" required></textarea></label></p>'
            "<p><button>Send review</button></p>",
            stars=stars,
        )
        return visit.form(f"/product/{product}/review", inside, label="Write a review")


PRODUCT = """<p>{about}</p><dl><dt>Category</dt><dd>{kind}</dd><dt>Maker</dt><dd>{maker}</dd><dt>Price</dt><dd>{price}</dd>
<dt>Availability</dt><dd>{stock}</dd></dl>{buy}<h2>Reviews ({count})</h2>{reviews}{write}"""
REVIEW = "<article><p><strong>{stars} of 5 stars</strong> by {author}</p><p>{text}</p></article>"


def product_row(row: Any) -> tuple[Any, ...]:
    """One line of the catalogue."""
    stars = f"{row['stars']} of 5" if row["stars"] is not None else "no reviews"
    stock = str(row["stock"]) if row["stock"] else "out of stock"
    return (link(f"/product/{row['id']}", row["name"]), row["kind"], row["maker"], money(row["price"]), stars, stock)


def conditions(query: dict[str, str]) -> tuple[str, list[Any]]:
    """What the filters of an address ask for, as SQL with its values."""
    where, values = ["1"], []
    for word in query.get("q", "").split()[:8]:
        where.append("products.name LIKE ? ESCAPE '!'")
        values.append(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
    for name in ("category", "maker"):
        if query.get(name):
            where.append(f"products.{name} = ?")
            values.append(query[name])
    most = query.get("most", "")
    if most.isdecimal() and most.isascii() and len(most) < 9:
        where.append("products.price <= ?")
        values.append(str(int(most) * 100))
    if query.get("stock"):
        where.append("products.stock > 0")
    return " AND ".join(where), values
