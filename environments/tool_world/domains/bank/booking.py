"""Money in and out of an account, with the booking that tells of it. What operations share."""

from envgym.environments.tool_world.domains.bank.rows import Account, Transaction
from envgym.environments.tool_world.transaction import Tx


def debit(tx: Tx, account: Account, amount: int, kind: str, counterparty: str) -> None:
    tx.require(account.status == "open", "money leaves open accounts only")
    tx.require(account.balance - account.held >= amount, "the account has to hold the amount on top of what is on hold")
    account.balance -= amount
    tx.new(
        Transaction,
        account=account,
        kind=kind,
        direction="debit",
        counterparty=counterparty,
        amount=amount,
        status="settled",
    )


def credit(tx: Tx, account: Account, amount: int, kind: str, counterparty: str) -> None:
    tx.require(account.status != "closed", "nothing can be booked to a closed account")
    account.balance += amount
    tx.new(
        Transaction,
        account=account,
        kind=kind,
        direction="credit",
        counterparty=counterparty,
        amount=amount,
        status="settled",
    )
