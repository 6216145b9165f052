"""Lines in the network: suspending, SIMs, number porting, and what the network lets a line do."""

from typing import Literal

from envgym.environments.tool_world.domains.telecom.rows import (
    CARRIERS,
    Device,
    Line,
    PortRequest,
    Posting,
    SimCard,
    TroubleTicket,
    telecom,
)
from envgym.environments.tool_world.fields import code, date, phone, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    telecom,
    Line,
    """
    reprovision_line | registration | lost > registered
    | register {line} in the network again | reprovision {line} | provision {line} anew
    lift_data_bar | data_service | barred > open
    | lift the data bar on {line} | allow mobile data on {line} | open {line} for data
    bar_data | data_service | open > barred
    | bar data on {line} | allow no more mobile data on {line} | close {line} for data
    lift_spending_stop | spend_control | stopped > open
    | lift the spending stop on {line} | let {line} spend again | take the cost stop off {line}
    restore_full_speed | speed | throttled > full
    | give {line} its full speed back | stop slowing {line} down | end the throttling of {line}
    enable_5g | access | 4g > 5g
    | let {line} into 5G | open 5G for {line} | enable 5G on {line}
    enable_roaming | roaming | off > on
    | enable roaming on {line} | let {line} be used abroad | switch roaming on for {line}
    disable_roaming | roaming | on > off
    | disable roaming on {line} | keep {line} from being used abroad | switch roaming off for {line}
    lift_roaming_stop | roaming_spend | stopped > open
    | lift the roaming stop on {line} | let {line} roam beyond the cost limit | end the roaming stop of {line}
    """,
)
move_table(
    telecom,
    TroubleTicket,
    """
    take_ticket | status | open > in_work
    | start work on {trouble_ticket} | take {trouble_ticket} up | put {trouble_ticket} in work
    solve_ticket | status | in_work > solved
    | mark {trouble_ticket} as solved | put down that {trouble_ticket} is solved | settle {trouble_ticket}
    close_ticket | status | solved > closed
    | close {trouble_ticket} | shut {trouble_ticket} for good | file {trouble_ticket} away
    """,
)
move_table(
    telecom,
    SimCard,
    "unblock_sim | status | blocked > active | unblock {sim_card} | send the PUK for {sim_card} | make {sim_card} usable again",
)
move_table(
    telecom,
    Device,
    "unbar_device | bar | barred > clear | lift the IMEI bar on {device} | unbar {device} | let {device} into the network again",
)


@telecom.op(
    say=phrases("""
        suspend {line}, {reason} | block {line} because of {reason} | put {line} on hold, the reason is {reason}
        | shut {line} down for now ({reason}) | pause {line}; put down {reason} | please stop {line}, {reason}"""),
)
def suspend_line(tx: Tx, line: Line, reason: Literal["customer_request", "lost_or_stolen"]) -> None:
    """Suspends an active line. If its phone is gone, SIM and phone are barred from the network too."""
    tx.require(line.status == "active", "only an active line can be suspended")
    line.status = "suspended"
    line.suspended_for = reason
    if reason == "lost_or_stolen":
        for sim_card in line.sim_cards:
            if sim_card.status == "active":
                sim_card.status = "blocked"
        for device in line.devices:
            device.bar = "barred"


@telecom.op(
    say=phrases("""
        resume {line} | take {line} back into service | activate {line} again | end the suspension of {line}
        | I want to use {line} again | lift the block on {line}"""),
)
def resume_line(tx: Tx, line: Line) -> None:
    """Takes a suspended line back into service; nothing may be overdue where it was suspended for that."""
    tx.require(line.status == "suspended", "only a suspended line can be resumed")
    if line.suspended_for == "non_payment":
        for bill in line.account.bills:
            tx.require(bill.status != "overdue", "a line suspended for non-payment is resumed when no bill is overdue")
    line.status = "active"
    line.suspended_for = None


@telecom.op(
    say=phrases("""
        activate the {kind} SIM {iccid} for {line}, my account PIN is {pin}
        | swap the SIM of {line} for the {kind} one {iccid}, account PIN {pin}
        | my new SIM for {line} is {iccid}, it is {kind}, and the PIN of the account is {pin}
        | put {line} on SIM {iccid} ({kind}), account PIN {pin}
        | replace the SIM of {line}: ICCID {iccid}, {kind}, account PIN {pin}
        | move {line} over to the {kind} SIM with ICCID {iccid}; the account PIN is {pin}"""),
    takes={"iccid": code("8944 #### #### #### ###"), "pin": code("####")},
)
def replace_sim(tx: Tx, line: Line, iccid: str, kind: Literal["physical", "esim"], pin: str) -> None:
    """Gives a line a new SIM and retires the old one, for whoever knows the PIN of the account; a physical card costs 10.00.
    The line has to be provisioned again."""
    tx.require(pin == line.account.pin, "a new SIM needs the PIN of the account")
    tx.require(line.status in ("active", "suspended"), "a SIM can be replaced only on an active or suspended line")
    fresh = tx.new(SimCard, line=line, iccid=iccid, kind=kind)
    for device in line.devices:
        device.sim_card.status = "retired"
        device.sim_card = fresh
    line.registration = "lost"
    if kind == "physical":
        tx.new(Posting, account=line.account, kind="charge", about="sim", amount=1000)


@telecom.op(
    say=phrases("""
        bring {number} from {carrier} to {line} on {due_on}, PIN {pin}
        | port {number} from {carrier} onto {line} on {due_on}, PIN {pin}
        | I keep my {carrier} number {number} on {line} from {due_on}, PIN {pin}
        | move {number} of {carrier} (PIN {pin}) to {line} by {due_on}
        | order the port of {number} to {line} for {due_on}; {carrier}, PIN {pin}
        | {line} takes over {number} of {carrier}, {due_on}, PIN {pin}"""),
    takes={"number": phone(), "pin": code("####"), "due_on": date(2, 20)},
)
def request_port(tx: Tx, line: Line, number: str, carrier: CARRIERS, pin: str, due_on: str) -> None:
    """Asks another operator to hand over a number, two days ahead at least."""
    tx.require(line.status in ("pending", "active"), "a number can be ported only to a pending or active line")
    tx.require(due_on >= tx.days(2), "porting takes two days at least")
    for request in line.port_requests:
        tx.require(request.status not in ("submitted", "accepted"), "a line can have one port under way")
    tx.new(PortRequest, line=line, number=number, carrier=carrier, pin=pin, due_on=due_on)


@telecom.op(
    say=phrases("""
        send {port_request} again with PIN {pin} | the right PIN for {port_request} is {pin}, try again
        | resubmit {port_request}, PIN {pin} | correct the PIN of {port_request} to {pin}
        | retry {port_request} with {pin} | use PIN {pin} and hand {port_request} in again"""),
    takes={"pin": code("####")},
)
def resubmit_port(tx: Tx, port_request: PortRequest, pin: str) -> None:
    """Hands a rejected port in again with the transfer PIN of the other operator; it is due in two days."""
    tx.require(port_request.status == "rejected", "only a rejected port can be handed in again")
    port_request.pin = pin
    port_request.status = "submitted"
    port_request.due_on = tx.days(2)


@telecom.op(
    say=phrases("""
        complete {port_request} | carry {port_request} out | put the number of {port_request} on its line
        | finish {port_request} | switch over to the number of {port_request} | make {port_request} happen now"""),
)
def complete_port(tx: Tx, port_request: PortRequest) -> None:
    """Puts a number that was handed over on its line, which becomes active."""
    tx.require(port_request.status == "accepted", "only an accepted port can be completed")
    tx.require(port_request.line.status in ("pending", "active"), "the line of a port has to be pending or active")
    port_request.status = "completed"
    port_request.line.number = port_request.number
    port_request.line.status = "active"
