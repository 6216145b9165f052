"""What the bank asks of its advisers and no tool enforces."""

from envgym.environments.tool_world.domains.bank.cards import (
    confirm_fraud,
    dispute_transactions,
    replace_card,
    report_fraud,
)
from envgym.environments.tool_world.domains.bank.lending import refund_fee, settle_loan
from envgym.environments.tool_world.domains.bank.payments import (
    close_account,
    move_money,
    raise_daily_limit,
    schedule_payment,
    send_money,
    set_up_standing_order,
)
from envgym.environments.tool_world.domains.bank.rows import Account, Fee, Transaction, bank

bank.identify(
    "Before money moves or a card is replaced, look the customer up by date of birth with email or name.",
    by=["customerByEmailAndBornOn", "customerByNameAndBornOn"],
    before=[
        move_money,
        send_money,
        schedule_payment,
        set_up_standing_order,
        raise_daily_limit,
        replace_card,
        settle_loan,
        close_account,
    ],
)
bank.confirm(
    "Before an account is closed or a loan is settled, say what it changes and costs, and get a yes.",
    before=[close_account, settle_loan],
)
bank.at_most(
    2,
    "No more than two new payments are set up on one account in one call.",
    of=[send_money, schedule_payment, set_up_standing_order],
    per="account",
)
bank.together(
    "Fraud that is confirmed is reported to the authorities in the same call.",
    when=confirm_fraud,
    then=report_fraud,
)


@bank.policy("Daily limits above 10,000.00 are for premier and private customers.", on=[raise_daily_limit])
def high_limits(account: Account, amount: int) -> object:
    return amount <= 1000000 or account.customer.segment in ("premier", "private")


@bank.policy(
    "A payment that the customer does not recognise is disputed only once its card is frozen or blocked.",
    on=[dispute_transactions],
)
def stopped_first(transactions: list[Transaction], reason: str) -> object:
    return reason != "unknown_payment" or transactions[0].card.status in ("frozen", "blocked")


@bank.policy(
    "Fees for unpaid items and late payments are refunded to premier and private customers only.", on=[refund_fee]
)
def avoidable_fees(fee: Fee) -> object:
    return fee.kind not in ("unpaid_item", "late_payment") or fee.account.customer.segment in ("premier", "private")
