"""Rows of a web shop: customers and how they pay, products and their stock, orders, refunds, tickets, coupons."""

from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    cents,
    choice,
    city,
    code,
    date,
    email,
    flag,
    full_name,
    integer,
    note,
    phone,
    postcode,
    ref,
    states,
    street,
    words,
)
from envgym.environments.tool_world.transaction import Tx

COLOURS = ("black", "navy", "olive", "sand", "white", "burgundy", "grey", "teal")
THINGS = (
    "kettle",
    "toaster",
    "desk lamp",
    "backpack",
    "rain jacket",
    "office chair",
    "water bottle",
    "bookshelf",
    "headphones",
    "yoga mat",
)

shop = Domain("retail", role="a customer service agent of a web shop", now="2026-03-14 09:30", style=Style())


@shop.entity("CUS-*****", find=["email", "name, postcode"], rows=12)
class Customer(Entity):
    """A person with an account."""

    name = full_name()
    email = email(unique=True)
    phone = phone(edit=True)
    postcode = postcode()
    tier = choice("bronze", "silver", "gold", search=True)
    points = integer(0, 9000)
    newsletter = flag(edit=True)


@shop.entity("ADR-*****", create=True, delete=True, rows=20)
class Address(Entity):
    """A place that a customer has things sent to."""

    customer = ref(Customer, many="addresses", per=(1, 3))
    street = street(edit=True)
    city = city(edit=True)
    postcode = postcode(edit=True)


@shop.entity("PAY-*****", rows=20)
class PaymentMethod(Entity):
    """A card, an account or a gift card of a customer. Only gift cards have a balance."""

    customer = ref(Customer, many="payment_methods", per=(1, 3))
    kind = choice("credit_card", "paypal", "gift_card", says="of the kind {value}")
    last_digits = code("####", says="ending in {value}")
    balance = cents(500, 30000)
    active = flag(0.9)


@shop.entity("CAT-**", find=["title"], rows=8)
class Category(Entity):
    """A shelf of the catalogue."""

    title = words(
        ("Kitchen", "Office", "Outdoor", "Sport", "Home"), ("basics", "premium", "essentials", "travel"), unique=True
    )
    returnable_days = integer(14, 60)


@shop.entity("PRD-****", find=["title"], rows=30)
class Product(Entity):
    """Something on sale; a product and its colour are one entry."""

    title = words(COLOURS, THINGS, unique=True, says="the {value}")
    category = ref(Category, many="products", search=True)
    price = cents(900, 42000, edit=True)
    stock = integer(0, 400)
    listed = flag(0.9, edit=True, search=True)


@shop.entity("WH-***", find=["city"], rows=5)
class Warehouse(Entity):
    """A building that orders leave from."""

    city = city(unique=True)
    capacity = integer(500, 5000)
    open = flag(0.9, edit=True)


@shop.entity("W#######", known=True, rows=30)
class Order(Entity):
    """What a customer bought at one time."""

    customer = ref(Customer, many="orders", per=(1, 4))
    address = ref(Address, same="customer")
    payment_method = ref(PaymentMethod, same="customer")
    warehouse = ref(Warehouse, many="orders", search=True)
    placed_on = date(-90, -1, says="placed on {value}", search=True)
    delivered_on = date(-40, 0, optional=True)
    total = cents(0, 0, extremes=("cheapest", "most expensive"))
    status = states("pending > processed > shipped > delivered > return_requested", "pending > cancelled", search=True)
    cancel_reason = choice("no_longer_needed", "ordered_by_mistake", "too_slow", optional=True)
    modified = flag(0.0)
    goodwill = cents(0, 0, optional=True, extremes=None, default=0)


@shop.entity("ITM-******", rows=60)
class OrderItem(Entity):
    """One product in an order."""

    order = ref(Order, many="items", per=(1, 4), inline=True)
    product = ref(Product, many="order_items")
    quantity = integer(1, 3)
    unit_price = cents(900, 42000)
    state = states("kept > returned", "kept > exchanged")


@shop.entity("RFD-*****", rows=8)
class Refund(Entity):
    """Money on its way back to a customer."""

    order = ref(Order, many="refunds")
    payment_method = ref(PaymentMethod)
    amount = cents(500, 30000, search=True)
    status = states("pending > approved > paid", "pending > rejected", search=True)


@shop.entity("AGT-***", find=["name"], rows=6)
class Agent(Entity):
    """A colleague who works on tickets."""

    name = full_name(unique=True)
    team = choice("orders", "payments", "returns", search=True)
    on_duty = flag(0.7, edit=True, search=True)


@shop.entity("TCK-*****", known=True, create=True, rows=16)
class Ticket(Entity):
    """A customer's case."""

    customer = ref(Customer, many="tickets")
    agent = ref(Agent, many="tickets", optional=True)
    topic = choice("delivery", "damage", "billing", "account", search=True)
    priority = choice("low", "normal", "high", edit=True, search=True)
    opened_on = date(-30, 0, default="today")
    status = states("open > resolved > closed", "resolved > open", search=True)
    text = note()


@shop.entity("CPN-***", find=["label"], create=True, rows=8)
class Coupon(Entity):
    """A code that takes a share off the price."""

    label = code("SAVE-***#", says="{value}")
    percent = integer(5, 40)
    expires_on = date(-20, 60, edit=True)
    customer = ref(Customer, many="coupons", optional=True)
    used = flag(0.2)


@shop.fill(PaymentMethod)
def _payment_method(tx: Tx, payment_method: PaymentMethod) -> None:
    if payment_method.kind != "gift_card":
        payment_method.balance = 0


@shop.fill(Order)
def _order(tx: Tx, order: Order) -> None:
    order.total = sum(item.unit_price * item.quantity for item in order.items)
    if order.status in ("delivered", "return_requested") and order.delivered_on is None:
        order.delivered_on = tx.days(-5)


@shop.fill(OrderItem)
def _item(tx: Tx, item: OrderItem) -> None:
    item.unit_price = item.product.price
