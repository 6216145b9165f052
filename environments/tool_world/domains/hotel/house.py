"""Housekeeping: who does what, and which rooms can be sold."""

from typing import Literal

from envgym.environments.tool_world.domains.hotel.rows import Attendant, HousekeepingTask, Room, hotel
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    hotel,
    Room,
    """
    release_room | condition | clean > ready | release {room} | {room} has passed inspection | {room} can be sold again
    return_room | condition | out_of_order > dirty | put {room} back in service | {room} is repaired | {room} works again, have it cleaned
    """,
)
move_table(
    hotel,
    HousekeepingTask,
    """
    drop_task | status | open > dropped
    | drop {housekeeping_task} | {housekeeping_task} is not needed | strike {housekeeping_task} from the list
    """,
)


@hotel.op(
    say=phrases("""
        give {task} to {attendant} | let {attendant} do {task} | assign {task} to {attendant} | put {attendant} on {task}
        | {attendant} can take {task} | have {task} done by {attendant}""")
)
def assign_task(tx: Tx, task: HousekeepingTask, attendant: Attendant) -> None:
    """Gives an open task to a colleague on duty in the property, 16 rooms a day at most; repairs are for maintenance."""
    tx.require(task.status == "open", "only open tasks are assigned")
    tx.require(attendant.on_duty, "the colleague has to be on duty")
    tx.require(attendant.property == task.room.room_type.property, "the colleague has to work in the property")
    tx.require(attendant.rooms_today < 16, "nobody does more than 16 rooms a day")
    if task.kind == "repair":
        tx.require(attendant.skill == "maintenance", "repairs are for maintenance")
    task.attendant = attendant
    task.status = "assigned"
    attendant.rooms_today += 1


@hotel.op(
    say=phrases("""
        report {task} as done | {task} is finished | mark {task} as done and the room as clean
        | note that housekeeping is through with {task}
        | note that {task} has been done | close {task}""")
)
def finish_task(tx: Tx, task: HousekeepingTask) -> None:
    """Reports an assigned task as done. A dirty room is clean then and waits for inspection."""
    tx.require(task.status == "assigned", "only assigned tasks can be done")
    task.status = "done"
    if task.room.condition == "dirty":
        task.room.condition = "clean"


@hotel.op(
    say=phrases("""
        take {room} out of order | {room} cannot be sold, have it repaired | block {room} and send maintenance
        | close {room}, something is broken in it | put {room} out of order with a repair task | set {room} aside for a repair""")
)
def take_out_of_order(tx: Tx, room: Room) -> None:
    """Takes a room that nobody lives in out of sale and asks for its repair."""
    tx.require(room.condition in ("ready", "dirty"), "the room has to be ready or dirty")
    for task in room.tasks:
        tx.require(task.kind != "repair" or task.status == "done", "the room waits for a repair already")
    room.condition = "out_of_order"
    tx.new(HousekeepingTask, room=room, kind="repair")


@hotel.op(
    say=phrases("""
        order a {kind} for {room} | have a {kind} done in {room} | {room} needs a {kind} | send somebody to {room} for a {kind}
        | put {room} down for a {kind} | get a {kind} into {room} today""")
)
def order_cleaning(tx: Tx, room: Room, kind: Literal["stayover_clean", "deep_clean"]) -> None:
    """Asks housekeeping for a clean today. Deep cleans are for rooms that are dirty and empty."""
    tx.require(room.condition != "out_of_order", "rooms out of order are not cleaned")
    if kind == "deep_clean":
        tx.require(room.condition == "dirty", "a deep clean is for a room that is dirty and empty")
    tx.new(HousekeepingTask, room=room, kind=kind)
