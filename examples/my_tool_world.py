"""A tool world of your own: a bicycle rental. Try it: envgym check examples/my_tool_world.py:Rental"""

from typing import Literal

from envgym import play
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import cents, choice, date, email, full_name, integer, phrases, ref, states
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.environments.tool_world.transaction import Tx

rental = Domain("rental", role="a clerk of a bicycle rental", now="2026-05-04 09:00")


@rental.entity("M-****", find=["email"], rows=12)
class Member(Entity):
    """Somebody with an account."""

    name = full_name()
    email = email(unique=True)
    plan = choice("day", "month", search=True)
    balance = cents(0, 9000)


@rental.entity("B-***", known=True, rows=20)
class Bike(Entity):
    """A bicycle with a number on its frame."""

    kind = choice("city", "cargo", "racing", search=True)
    price = cents(800, 3000)
    state = states("free > rented > free", "free > broken > free", search=True)


@rental.entity("R-*****", known=True, rows=14)
class Ride(Entity):
    """One rental of one bicycle, from its start to its return."""

    member = ref(Member, many="rides", per=(1, 3))
    bike = ref(Bike, many="rides")
    due_on = date(-3, 5, search=True)
    days = integer(1, 5)
    state = states("out > returned")


SAY_RENT = """rent {bike} to {member} for {days} days | let {member} have {bike} for {days} days | book {bike} for {member}, {days} days
    | hand {bike} out to {member} for {days} days | give {bike} to {member} for {days} days | put {member} on {bike} for {days} days"""
SAY_RETURN = """take {ride} back, the bike is {condition} | close {ride}; the bike came back {condition}
    | note that {ride} ended, bike {condition} | end {ride}, the bike is {condition} | {ride} is over and the bike is {condition}
    | check {ride} in, with the bike {condition}"""


@rental.op(say=phrases(SAY_RENT), takes={"days": integer(1, 5)})
def rent(tx: Tx, member: Member, bike: Bike, days: int) -> None:
    """Rents a free bicycle; the price of all days is taken from the balance."""
    tx.require(bike.state == "free", "the bike has to be free")
    tx.require(member.balance >= bike.price * days, "the balance has to cover all days")
    member.balance -= bike.price * days
    bike.state = "rented"
    tx.new(Ride, member=member, bike=bike, days=days, due_on=tx.days(days))


@rental.op(say=phrases(SAY_RETURN))
def take_back(tx: Tx, ride: Ride, condition: Literal["intact", "damaged"]) -> None:
    """Takes a rented bicycle back; a damaged one is free again, to be marked broken."""
    tx.require(ride.state == "out", "the ride has to be under way")
    tx.require(ride.bike.state == "rented", "the bike has to be out")
    ride.state = "returned"
    ride.bike.state = "free"
    if condition == "damaged":
        ride.bike.state = "broken"


rental.move("repair", Bike, "state", "broken > free", say=phrases("repair {bike} | fix {bike} | get {bike} going"))
rental.identify("Look the member up by email before you rent anything out.", by=["find_member_by_email"], before=[rent])


@rental.policy("Cargo bikes are for members with a monthly plan.", on=[rent])
def cargo_by_month(member: Member, bike: Bike) -> object:
    return bike.kind != "cargo" or member.plan == "month"


class Rental(ToolWorld):
    domain = rental


if __name__ == "__main__":
    for policy in ("oracle", "random", "idle"):
        episodes = play(Rental, policy=policy, episodes=10, knobs={"level": 3})
        print(f"{policy}: {sum(episode.score for episode in episodes) / len(episodes):.2f}")
