"""Troubles with a phone, each with its causes, and the policies of customer care."""

from collections.abc import Callable
from typing import Any

from envgym.environments.tool_world.domains.telecom.billing import credit_charges, pay_bills, promise_payment
from envgym.environments.tool_world.domains.telecom.device import has_data, has_service, is_fast, roams
from envgym.environments.tool_world.domains.telecom.lines import replace_sim, suspend_line
from envgym.environments.tool_world.domains.telecom.rows import Bill, Charge, Device, Line, telecom
from envgym.environments.tool_world.domains.telecom.sales import (
    book_add_on,
    buy_travel_pass,
    cancel_line,
    change_plan,
    share_data,
)
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.transaction import Tx


def _breaks(where: str, **values: Any) -> Callable[[Tx, Device], None]:
    """A fault: sets columns of the device, or of the line or SIM that it points at."""

    def fault(tx: Tx, device: Device) -> None:
        row = device if where == "device" else getattr(device, where)
        for name, value in values.items():
            setattr(row, name, value)

    return fault


telecom.trouble(
    "no_service",
    Device,
    say=phrases("""
        {row} has no service at all | I cannot call with {row}, there are no bars
        | {row} finds no network since this morning | {row} does nothing any more, not even calls
        | {row} says no service | I am cut off, {row} gets no signal"""),
    works=has_service,
    faults={
        "end_airplane_mode": _breaks("device", airplane_mode="on"),
        "reseat_sim": _breaks("device", tray="loose"),
        "restart_device": _breaks("device", modem="hung"),
        "pick_network": _breaks("device", network="manual"),
        "unbar_device": _breaks("device", bar="barred"),
        "unblock_sim": _breaks("sim_card", status="blocked"),
        "resume_line": _breaks("line", status="suspended", suspended_for="customer_request"),
        "reprovision_line": _breaks("line", registration="lost"),
    },
)
telecom.trouble(
    "no_mobile_data",
    Device,
    say=phrases("""
        the mobile data of {row} does not work | {row} can call, but there is no internet
        | {row} opens no web page away from Wi-Fi | the internet of {row} is dead | {row} has bars and no data
        | I get no mobile internet on {row}"""),
    works=has_data,
    faults={
        "turn_on_mobile_data": _breaks("device", mobile_data="off"),
        "reset_apn": _breaks("device", apn="wrong"),
        "restart_device": _breaks("device", modem="hung"),
        "lift_data_bar": _breaks("line", data_service="barred"),
        "lift_spending_stop": _breaks("line", spend_control="stopped"),
        "refill_data": _breaks("line", data_left_mb=0),
    },
)
telecom.trouble(
    "slow_data",
    Device,
    say=phrases("""
        the internet on {row} is terribly slow | the videos on {row} keep stopping
        | {row} loads pages like in the nineties | the data on {row} crawls | {row} is far slower than it was
        | my connection on {row} is too slow to work with"""),
    works=is_fast,
    faults={
        "use_fastest_mode": _breaks("device", mode="3g_only"),
        "turn_off_data_saver": _breaks("device", data_saver="on"),
        "disconnect_vpn": _breaks("device", vpn="on"),
        "load_carrier_update": _breaks("device", carrier_settings="outdated"),
        "restore_full_speed": _breaks("line", speed="throttled"),
        "enable_5g": _breaks("line", access="4g"),
    },
)
telecom.trouble(
    "no_data_abroad",
    Device,
    say=phrases("""
        I am abroad and {row} has no internet | {row} does not work in the country I am in | the roaming of {row} fails
        | {row} is offline since I crossed the border | {row} cannot get online on my trip
        | {row} gets no data while I travel"""),
    works=roams,
    faults={
        "turn_on_data_roaming": _breaks("device", data_roaming="off"),
        "turn_on_mobile_data": _breaks("device", mobile_data="off"),
        "pick_network": _breaks("device", network="manual"),
        "reset_apn": _breaks("device", apn="wrong"),
        "enable_roaming": _breaks("line", roaming="off"),
        "lift_roaming_stop": _breaks("line", roaming_spend="stopped"),
    },
)

telecom.identify(
    "Before you change an account, look it up by email, or by name and postcode.",
    by=["lookup_account_by_email", "lookup_account_by_name_and_postcode"],
    before=[change_plan, book_add_on, suspend_line, replace_sim, pay_bills, credit_charges, cancel_line],
)
telecom.confirm(
    "Before you cancel a line or change its plan, say what it costs and get a yes.", before=[cancel_line, change_plan]
)
telecom.at_most(1, "A line may give data away once only.", of=[share_data], per="line")
telecom.together(
    "A new SIM is in the network only once its line has been provisioned again: do that after you replaced a SIM.",
    when=replace_sim,
    then="reprovision_line",
)


@telecom.policy("Credits of more than 25.00 at once are for customers of two years and longer.", on=[credit_charges])
def credit_by_tenure(charges: list[Charge]) -> object:
    return sum(charge.amount for charge in charges) <= 2500 or charges[0].bill.account.years >= 2


@telecom.policy("A bill may not be promised for a day after the next bill.", on=[promise_payment])
def promise_before_next_bill(bill: Bill, until: str) -> object:
    return until <= bill.account.next_bill_on


@telecom.policy("Customers of credit class C pay for travel passes of seven days at most.", on=[buy_travel_pass])
def passes_by_credit(line: Line, days: int) -> object:
    return days <= 7 or line.account.credit_class != "C"
