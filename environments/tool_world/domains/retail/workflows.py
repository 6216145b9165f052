"""Orders before and after they leave, refunds, loyalty points, coupons, tickets."""

from typing import Literal

from envgym.environments.tool_world.domains.retail.rows import (
    Address,
    Agent,
    Coupon,
    Customer,
    Order,
    OrderItem,
    PaymentMethod,
    Product,
    Refund,
    Ticket,
    Warehouse,
    shop,
)
from envgym.environments.tool_world.fields import cents, integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    shop,
    Order,
    """
    process_order | status | pending > processed
    | process {order} | start packing {order} | move {order} on to processing
    ship_order | status | processed > shipped
    | ship {order} | send {order} out | mark {order} as shipped
    """,
)
move_table(
    shop,
    Refund,
    """
    approve_refund | status | pending > approved
    | approve {refund} | let {refund} go through | give the go-ahead for {refund}
    reject_refund | status | pending > rejected
    | reject {refund} | turn {refund} down | decline {refund}
    pay_refund | status | approved > paid
    | pay out {refund} | pay {refund} | send the money of {refund}
    """,
)
move_table(
    shop,
    Ticket,
    """
    resolve_ticket | status | open > resolved
    | resolve {ticket} | mark {ticket} as solved | settle {ticket}
    close_ticket | status | resolved > closed
    | close {ticket} | shut {ticket} for good | file {ticket} away
    reopen_ticket | status | resolved > open
    | reopen {ticket} | open {ticket} again | take {ticket} up again
    """,
)


@shop.op(
    say=phrases("""
        cancel {order} because it was {reason} | call {order} off; the reason is {reason}
        | stop {order} before it goes out ({reason})
        | I do not want {order} any more, put down {reason} as the reason | please have {order} cancelled, {reason}
        | take {order} back out of your system, it was {reason}""")
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
    say=phrases("""
        send {order} to {address} instead | change where {order} goes: {address}
        | have {order} delivered to {address} | {order} should go to {address} | redirect {order} to {address}
        | use {address} for {order}""")
)
def change_order_address(tx: Tx, order: Order, address: Address) -> None:
    """Sends an order to another address of the same customer."""
    tx.require(order.status in ("pending", "processed"), "the address can be changed only before an order is shipped")
    tx.require(address.customer == order.customer, "the address has to belong to the customer of the order")
    tx.require(address != order.address, "the order goes to that address already")
    order.address = address
    order.modified = True


@shop.op(
    say=phrases("""
        charge {order} to {payment_method} instead | switch the payment of {order} to {payment_method}
        | let me pay for {order} with {payment_method} | put {order} on {payment_method}
        | use {payment_method} for {order} | move the bill of {order} to {payment_method}""")
)
def change_order_payment(tx: Tx, order: Order, payment_method: PaymentMethod) -> None:
    """Charges a pending order to another payment method of its customer. A gift card has to hold enough, and gets its money back."""
    tx.require(order.status == "pending", "the payment can be changed only while an order is pending")
    tx.require(
        payment_method.customer == order.customer, "the payment method has to belong to the customer of the order"
    )
    tx.require(payment_method != order.payment_method, "the order is charged to that payment method already")
    tx.require(payment_method.active, "the payment method has to be active")
    if payment_method.kind == "gift_card":
        tx.require(payment_method.balance >= order.total, "a gift card has to hold the total of the order")
        payment_method.balance -= order.total
    if order.payment_method.kind == "gift_card":
        order.payment_method.balance += order.total
    order.payment_method = payment_method
    order.modified = True


@shop.op(
    say=phrases("""
        return {items} and put the money on {payment_method} | send {items} back, refund to {payment_method}
        | I want my money back for {items}, on {payment_method}
        | take back {items}; the refund goes to {payment_method}
        | start a return of {items} with the refund to {payment_method} | refund {items} to {payment_method}""")
)
def return_items(tx: Tx, items: list[OrderItem], payment_method: PaymentMethod) -> None:
    """Takes back items of one delivered order and asks for their refund, of no more than the order came to."""
    order = items[0].order
    for item in items:
        tx.require(item.order == order, "all items have to be of one order")
        tx.require(item.state == "kept", "an item can be returned once, and not after an exchange")
    tx.require(order.status == "delivered", "only items of delivered orders can be returned")
    tx.require(order.delivered_on >= tx.days(-30), "items can be returned within 30 days of delivery")
    tx.require(
        payment_method.customer == order.customer, "the payment method has to belong to the customer of the order"
    )
    tx.require(payment_method.active, "the payment method has to be active")
    for item in items:
        item.state = "returned"
    order.status = "return_requested"
    amount = min(sum(item.unit_price * item.quantity for item in items), order.total)
    tx.new(Refund, order=order, payment_method=payment_method, amount=amount)


def _enough(tx: Tx, item: OrderItem, product: Product, payment_method: PaymentMethod) -> None:
    product.stock = max(product.stock, item.quantity)
    payment_method.balance = max(payment_method.balance, (product.price - item.unit_price) * item.quantity)


@shop.op(
    say=phrases("""
        exchange {item} for {product}, any difference on {payment_method}
        | swap {item} for {product} and settle the price on {payment_method}
        | I would rather have {product} than {item}; use {payment_method}
        | replace {item} by {product}, charging {payment_method}
        | trade {item} in for {product} with {payment_method}
        | change {item} into {product}, money through {payment_method}"""),
    setup=_enough,
)
def exchange_item(tx: Tx, item: OrderItem, product: Product, payment_method: PaymentMethod) -> None:
    """Exchanges an item of a delivered order for another product of its category; the difference is charged or refunded, and the
    total of the order follows."""
    tx.require(item.order.status == "delivered", "only items of delivered orders can be exchanged")
    tx.require(item.order.delivered_on >= tx.days(-30), "items can be exchanged within 30 days of delivery")
    tx.require(item.state == "kept", "an item can be exchanged once, and not after a return")
    tx.require(product.category == item.product.category, "an exchange has to stay within the category")
    tx.require(product != item.product, "an exchange is for another product")
    tx.require(product.listed, "the new product has to be on sale")
    tx.require(product.stock >= item.quantity, "the new product has to be in stock")
    tx.require(
        payment_method.customer == item.order.customer, "the payment method has to belong to the customer of the order"
    )
    tx.require(payment_method.active, "the payment method has to be active")
    gap = (product.price - item.unit_price) * item.quantity
    if gap > 0 and payment_method.kind == "gift_card":
        tx.require(payment_method.balance >= gap, "a gift card has to hold the difference")
        payment_method.balance -= gap
    if gap < 0:
        tx.new(Refund, order=item.order, payment_method=payment_method, amount=-gap)
    product.stock -= item.quantity
    item.order.total += gap
    item.product = product
    item.unit_price = product.price
    item.state = "exchanged"


@shop.op(
    say=phrases("""
        turn {points} points of {customer} into credit on {payment_method}
        | redeem {points} loyalty points of {customer} onto {payment_method}
        | put {points} of the points of {customer} on {payment_method}
        | cash in {points} points for {customer} to {payment_method}
        | use {points} points of {customer} to top up {payment_method}
        | convert {points} points into money on {payment_method} for {customer}"""),
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
    say=phrases("""
        give {ticket} to {agent} | assign {ticket} to {agent} | let {agent} take care of {ticket}
        | pass {ticket} on to {agent} | put {agent} on {ticket} | make {agent} responsible for {ticket}""")
)
def assign_ticket(tx: Tx, ticket: Ticket, agent: Agent) -> None:
    """Gives an open ticket to a colleague who is on duty."""
    tx.require(ticket.status == "open", "only open tickets can be assigned")
    tx.require(agent.on_duty, "the colleague has to be on duty")
    tx.require(ticket.agent != agent, "the ticket is with that colleague already")
    ticket.agent = agent


@shop.op(
    say=phrases("""
        apply {coupon} to {order} | take {coupon} off {order} | use {coupon} on {order}
        | {order} should get the discount of {coupon} | redeem {coupon} for {order}
        | count {coupon} towards {order}""")
)
def apply_coupon(tx: Tx, order: Order, coupon: Coupon) -> None:
    """Takes a coupon's share off the total of a pending order; a gift card that paid for it gets that share back."""
    tx.require(order.status == "pending", "a coupon can be applied only while an order is pending")
    tx.require(not coupon.used, "a coupon can be used once")
    tx.require(coupon.expires_on >= tx.today, "the coupon must not have expired")
    tx.require(
        coupon.customer is None or coupon.customer == order.customer, "the coupon has to be the customer's or anybody's"
    )
    share = order.total * coupon.percent // 100
    order.total -= share
    if order.payment_method.kind == "gift_card":
        order.payment_method.balance += share
    coupon.used = True


@shop.op(
    say=phrases("""
        let {order} leave from {warehouse} | move {order} over to {warehouse} | have {order} packed at {warehouse}
        | ship {order} out of {warehouse} instead | transfer {order} to {warehouse} | switch {order} to {warehouse}""")
)
def change_warehouse(tx: Tx, order: Order, warehouse: Warehouse) -> None:
    """Has an order that is not yet shipped leave from another open warehouse."""
    tx.require(order.status in ("pending", "processed"), "the warehouse can be changed only before an order is shipped")
    tx.require(warehouse.open, "the warehouse has to be open")
    tx.require(warehouse != order.warehouse, "the order leaves from that warehouse already")
    order.warehouse = warehouse


@shop.op(
    say=phrases("""
        change {item} to a quantity of {quantity} | make it {quantity} of {item}
        | I need {quantity} pieces of {item} | set the quantity of {item} to {quantity}
        | adjust {item} to {quantity} pieces | have {quantity} of {item} sent"""),
    takes={"quantity": integer(1, 3)},
)
def change_quantity(tx: Tx, item: OrderItem, quantity: int) -> None:
    """Changes how many pieces of an item a pending order has, three at most; stock and total follow, and so does the balance of a gift
    card that pays for the order."""
    tx.require(item.order.status == "pending", "quantities can be changed only while an order is pending")
    tx.require(item.quantity != quantity, "the order has that quantity already")
    tx.require(item.product.stock >= quantity - item.quantity, "there have to be enough pieces in stock")
    gap = (quantity - item.quantity) * item.unit_price
    if item.order.payment_method.kind == "gift_card":
        tx.require(item.order.payment_method.balance >= gap, "a gift card has to hold the difference")
        item.order.payment_method.balance -= gap
    item.product.stock -= quantity - item.quantity
    item.order.total += gap
    item.quantity = quantity
    item.order.modified = True


@shop.op(
    say=phrases("""
        split the refund of {amount} for {order} to {payment_method}
        | grant {amount} back on {order} as goodwill, to {payment_method}
        | refund {amount} of {order} onto {payment_method} for the trouble
        | give {amount} back on {payment_method} for {order}
        | pay {amount} of {order} back to {payment_method} as an apology
        | compensate {order} with {amount} on {payment_method}"""),
    takes={"amount": cents(200, 3000)},
)
def grant_goodwill(tx: Tx, order: Order, payment_method: PaymentMethod, amount: int) -> None:
    """Asks for a goodwill refund on a delivered order, once and up to its total."""
    tx.require(order.status == "delivered", "goodwill is granted on delivered orders only")
    tx.require(order.goodwill == 0, "goodwill is granted once per order")
    tx.require(amount <= order.total, "goodwill cannot exceed the total of the order")
    tx.require(
        payment_method.customer == order.customer, "the payment method has to belong to the customer of the order"
    )
    order.goodwill = amount
    tx.new(Refund, order=order, payment_method=payment_method, amount=amount)
