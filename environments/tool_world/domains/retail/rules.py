"""What the shop asks of its agents and no tool enforces."""

from envgym.environments.tool_world.domains.retail.rows import Coupon, Order, OrderItem, PaymentMethod, shop
from envgym.environments.tool_world.domains.retail.workflows import (
    apply_coupon,
    cancel_order,
    change_order_address,
    change_order_payment,
    exchange_item,
    grant_goodwill,
    redeem_points,
    return_items,
)

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
