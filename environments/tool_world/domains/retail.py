"""Customer service of a web shop: orders, returns, exchanges, refunds, loyalty points, tickets."""

from typing import Literal

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


@shop.entity("#W#######", known=True, rows=30)
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


@shop.fill(Order)
def _order(tx: Tx, order: Order) -> None:
    order.total = sum(item.unit_price * item.quantity for item in order.items)
    if order.status in ("delivered", "return_requested") and order.delivered_on is None:
        order.delivered_on = tx.days(-5)


@shop.fill(OrderItem)
def _item(tx: Tx, item: OrderItem) -> None:
    item.unit_price = item.product.price


shop.move(
    "process_order",
    Order,
    "status",
    "pending > processed",
    say=["process {order}", "start packing {order}", "move {order} on to processing"],
)
shop.move(
    "ship_order",
    Order,
    "status",
    "processed > shipped",
    say=["ship {order}", "send {order} out", "mark {order} as shipped"],
)
shop.move(
    "approve_refund",
    Refund,
    "status",
    "pending > approved",
    say=["approve {refund}", "let {refund} go through", "give the go-ahead for {refund}"],
)
shop.move(
    "reject_refund",
    Refund,
    "status",
    "pending > rejected",
    say=["reject {refund}", "turn {refund} down", "decline {refund}"],
)
shop.move(
    "pay_refund",
    Refund,
    "status",
    "approved > paid",
    say=["pay out {refund}", "pay {refund}", "send the money of {refund}"],
)
shop.move(
    "resolve_ticket",
    Ticket,
    "status",
    "open > resolved",
    say=["resolve {ticket}", "mark {ticket} as solved", "settle {ticket}"],
)
shop.move(
    "close_ticket",
    Ticket,
    "status",
    "resolved > closed",
    say=["close {ticket}", "shut {ticket} for good", "file {ticket} away"],
)
shop.move(
    "reopen_ticket",
    Ticket,
    "status",
    "resolved > open",
    say=["reopen {ticket}", "open {ticket} again", "take {ticket} up again"],
)


@shop.op(
    say=[
        "cancel {order} because it was {reason}",
        "call {order} off; the reason is {reason}",
        "stop {order} before it goes out ({reason})",
        "I do not want {order} any more, put down {reason} as the reason",
        "please have {order} cancelled, {reason}",
        "take {order} back out of your system, it was {reason}",
    ]
)
def cancel_order(tx: Tx, order: Order, reason: Literal["no_longer_needed", "ordered_by_mistake"]) -> None:
    """Cancels an order that has not been processed, puts its goods back in stock and asks for its refund."""
    tx.require(order.status == "pending", "only pending orders can be cancelled")
    order.status = "cancelled"
    order.cancel_reason = reason
    for item in order.items:
        item.product.stock += item.quantity
    tx.new(Refund, order=order, payment_method=order.payment_method, amount=order.total)


@shop.op(
    say=[
        "send {order} to {address} instead",
        "change where {order} goes: {address}",
        "have {order} delivered to {address}",
        "{order} should go to {address}",
        "redirect {order} to {address}",
        "use {address} for {order}",
    ]
)
def change_order_address(tx: Tx, order: Order, address: Address) -> None:
    """Sends an order to another address of the same customer."""
    tx.require(order.status in ("pending", "processed"), "the address can be changed only before an order is shipped")
    tx.require(address.customer == order.customer, "the address has to belong to the customer of the order")
    tx.require(address != order.address, "the order goes to that address already")
    order.address = address
    order.modified = True


@shop.op(
    say=[
        "charge {order} to {payment_method} instead",
        "switch the payment of {order} to {payment_method}",
        "let me pay for {order} with {payment_method}",
        "put {order} on {payment_method}",
        "use {payment_method} for {order}",
        "move the bill of {order} to {payment_method}",
    ]
)
def change_order_payment(tx: Tx, order: Order, payment_method: PaymentMethod) -> None:
    """Charges a pending order to another payment method of its customer; a gift card has to hold enough."""
    tx.require(order.status == "pending", "the payment can be changed only while an order is pending")
    tx.require(
        payment_method.customer == order.customer, "the payment method has to belong to the customer of the order"
    )
    tx.require(payment_method != order.payment_method, "the order is charged to that payment method already")
    tx.require(payment_method.active, "the payment method has to be active")
    if payment_method.kind == "gift_card":
        tx.require(payment_method.balance >= order.total, "a gift card has to hold the total of the order")
        payment_method.balance -= order.total
    order.payment_method = payment_method
    order.modified = True


@shop.op(
    say=[
        "return {items} and put the money on {payment_method}",
        "send {items} back, refund to {payment_method}",
        "I want my money back for {items}, on {payment_method}",
        "take back {items}; the refund goes to {payment_method}",
        "start a return of {items} with the refund to {payment_method}",
        "refund {items} to {payment_method}",
    ]
)
def return_items(tx: Tx, items: list[OrderItem], payment_method: PaymentMethod) -> None:
    """Takes back items of one delivered order and asks for their refund."""
    order = items[0].order
    for item in items:
        tx.require(item.order == order, "all items have to be of one order")
        tx.require(item.state == "kept", "an item can be returned once, and not after an exchange")
    tx.require(order.status == "delivered", "only items of delivered orders can be returned")
    tx.require(order.delivered_on >= tx.days(-30), "items can be returned within 30 days of delivery")
    tx.require(
        payment_method.customer == order.customer, "the payment method has to belong to the customer of the order"
    )
    for item in items:
        item.state = "returned"
    order.status = "return_requested"
    tx.new(
        Refund,
        order=order,
        payment_method=payment_method,
        amount=sum(item.unit_price * item.quantity for item in items),
    )


def _enough(tx: Tx, item: OrderItem, product: Product, payment_method: PaymentMethod) -> None:
    product.stock = max(product.stock, item.quantity)
    payment_method.balance = max(payment_method.balance, (product.price - item.unit_price) * item.quantity)


@shop.op(
    say=[
        "exchange {item} for {product}, any difference on {payment_method}",
        "swap {item} for {product} and settle the price on {payment_method}",
        "I would rather have {product} than {item}; use {payment_method}",
        "replace {item} by {product}, charging {payment_method}",
        "trade {item} in for {product} with {payment_method}",
        "change {item} into {product}, money through {payment_method}",
    ],
    setup=_enough,
)
def exchange_item(tx: Tx, item: OrderItem, product: Product, payment_method: PaymentMethod) -> None:
    """Exchanges an item of a delivered order for another product of its category; the difference is charged or refunded."""
    tx.require(item.order.status == "delivered", "only items of delivered orders can be exchanged")
    tx.require(item.state == "kept", "an item can be exchanged once, and not after a return")
    tx.require(product.category == item.product.category, "an exchange has to stay within the category")
    tx.require(product != item.product, "an exchange is for another product")
    tx.require(product.stock >= item.quantity, "the new product has to be in stock")
    tx.require(
        payment_method.customer == item.order.customer, "the payment method has to belong to the customer of the order"
    )
    gap = (product.price - item.unit_price) * item.quantity
    if gap > 0 and payment_method.kind == "gift_card":
        tx.require(payment_method.balance >= gap, "a gift card has to hold the difference")
        payment_method.balance -= gap
    if gap < 0:
        tx.new(Refund, order=item.order, payment_method=payment_method, amount=-gap)
    product.stock -= item.quantity
    item.product = product
    item.unit_price = product.price
    item.state = "exchanged"


@shop.op(
    say=[
        "turn {points} points of {customer} into credit on {payment_method}",
        "redeem {points} loyalty points of {customer} onto {payment_method}",
        "put {points} of the points of {customer} on {payment_method}",
        "cash in {points} points for {customer} to {payment_method}",
        "use {points} points of {customer} to top up {payment_method}",
        "convert {points} points into money on {payment_method} for {customer}",
    ],
    takes={"points": integer(100, 2000)},
)
def redeem_points(tx: Tx, customer: Customer, payment_method: PaymentMethod, points: int) -> None:
    """Turns loyalty points into credit on a gift card, one cent each."""
    tx.require(customer.points >= points, "the customer has to own that many points")
    tx.require(payment_method.customer == customer, "the gift card has to belong to the customer")
    tx.require(payment_method.kind == "gift_card", "points can go onto a gift card only")
    customer.points -= points
    payment_method.balance += points


@shop.op(
    say=[
        "give {ticket} to {agent}",
        "assign {ticket} to {agent}",
        "let {agent} take care of {ticket}",
        "pass {ticket} on to {agent}",
        "put {agent} on {ticket}",
        "make {agent} responsible for {ticket}",
    ]
)
def assign_ticket(tx: Tx, ticket: Ticket, agent: Agent) -> None:
    """Gives an open ticket to a colleague who is on duty."""
    tx.require(ticket.status == "open", "only open tickets can be assigned")
    tx.require(agent.on_duty, "the colleague has to be on duty")
    tx.require(ticket.agent != agent, "the ticket is with that colleague already")
    ticket.agent = agent


@shop.op(
    say=[
        "apply {coupon} to {order}",
        "take {coupon} off {order}",
        "use {coupon} on {order}",
        "{order} should get the discount of {coupon}",
        "redeem {coupon} for {order}",
        "count {coupon} towards {order}",
    ]
)
def apply_coupon(tx: Tx, order: Order, coupon: Coupon) -> None:
    """Takes a coupon's share off the total of a pending order."""
    tx.require(order.status == "pending", "a coupon can be applied only while an order is pending")
    tx.require(not coupon.used, "a coupon can be used once")
    tx.require(coupon.expires_on >= tx.today, "the coupon must not have expired")
    tx.require(
        coupon.customer is None or coupon.customer == order.customer, "the coupon has to be the customer's or anybody's"
    )
    order.total -= order.total * coupon.percent // 100
    coupon.used = True


@shop.op(
    say=[
        "let {order} leave from {warehouse}",
        "move {order} over to {warehouse}",
        "have {order} packed at {warehouse}",
        "ship {order} out of {warehouse} instead",
        "transfer {order} to {warehouse}",
        "switch {order} to {warehouse}",
    ]
)
def change_warehouse(tx: Tx, order: Order, warehouse: Warehouse) -> None:
    """Has an order that is not yet shipped leave from another open warehouse."""
    tx.require(order.status in ("pending", "processed"), "the warehouse can be changed only before an order is shipped")
    tx.require(warehouse.open, "the warehouse has to be open")
    tx.require(warehouse != order.warehouse, "the order leaves from that warehouse already")
    order.warehouse = warehouse


@shop.op(
    say=[
        "change {item} to a quantity of {quantity}",
        "make it {quantity} of {item}",
        "I need {quantity} pieces of {item}",
        "set the quantity of {item} to {quantity}",
        "adjust {item} to {quantity} pieces",
        "have {quantity} of {item} sent",
    ],
    takes={"quantity": integer(1, 5)},
)
def change_quantity(tx: Tx, item: OrderItem, quantity: int) -> None:
    """Changes how many pieces of an item a pending order has; stock and total follow."""
    tx.require(item.order.status == "pending", "quantities can be changed only while an order is pending")
    tx.require(item.quantity != quantity, "the order has that quantity already")
    tx.require(item.product.stock >= quantity, "there have to be enough pieces in stock")
    item.product.stock -= quantity - item.quantity
    item.order.total += (quantity - item.quantity) * item.unit_price
    item.quantity = quantity
    item.order.modified = True


@shop.op(
    say=[
        "split the refund of {amount} for {order} to {payment_method}",
        "grant {amount} back on {order} as goodwill, to {payment_method}",
        "refund {amount} of {order} onto {payment_method} for the trouble",
        "give {amount} back on {payment_method} for {order}",
        "pay {amount} of {order} back to {payment_method} as an apology",
        "compensate {order} with {amount} on {payment_method}",
    ],
    takes={"amount": cents(200, 3000)},
)
def grant_goodwill(tx: Tx, order: Order, payment_method: PaymentMethod, amount: int) -> None:
    """Asks for a goodwill refund on a delivered order, up to its total."""
    tx.require(order.status == "delivered", "goodwill is granted on delivered orders only")
    tx.require(amount <= order.total, "goodwill cannot exceed the total of the order")
    tx.require(
        payment_method.customer == order.customer, "the payment method has to belong to the customer of the order"
    )
    tx.new(Refund, order=order, payment_method=payment_method, amount=amount)


shop.identify(
    "Before you change anything, look the customer up by email, or by name and postcode.",
    by=["find_customer_by_email", "find_customer_by_name_and_postcode"],
    before=[cancel_order, change_order_address, change_order_payment, return_items, exchange_item, redeem_points],
)
shop.confirm(
    "Before you take goods back or exchange them, tell the user what will happen and get a yes.",
    before=[return_items, exchange_item],
)
shop.at_most(
    1,
    "An order may be modified once only (address or payment).",
    of=[change_order_address, change_order_payment],
    per="order",
)


@shop.policy(
    "Money for returned items goes back to the payment method of the order, or to a gift card of the customer.",
    on=[return_items],
)
def refund_to_origin(items: list[OrderItem], payment_method: PaymentMethod) -> object:
    return payment_method == items[0].order.payment_method or payment_method.kind == "gift_card"


@shop.policy("Goodwill of more than 20.00 is for gold customers.", on=[grant_goodwill])
def goodwill_by_tier(order: Order, amount: int) -> object:
    return amount <= 2000 or order.customer.tier == "gold"


@shop.policy("Coupons of more than 30 percent are not combined with orders above 300.00.", on=[apply_coupon])
def large_coupons(order: Order, coupon: Coupon) -> object:
    return coupon.percent <= 30 or order.total <= 30000
