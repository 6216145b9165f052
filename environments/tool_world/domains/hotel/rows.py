"""Rows of the hotels: properties with room types, rooms and rates; guests with bookings, folios and what is posted on them."""

from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    cents,
    choice,
    city,
    code,
    company,
    date,
    email,
    flag,
    full_name,
    integer,
    note,
    phone,
    ref,
    states,
    words,
)

PRICES = {
    "airport shuttle": 3500,
    "spa treatment": 7500,
    "garage space": 2200,
    "crib": 1000,
    "bicycle": 1500,
    "packed breakfast": 1200,
    "cinema evening": 1800,
}
AMENITIES = tuple(PRICES)
EXTRAS = ("minibar", "restaurant", "laundry", "spa", "parking")

hotel = Domain(
    "hotel",
    role="a front office agent of a small hotel group",
    now="2026-10-12 14:05",
    style=Style(
        get="show_{noun}",
        find="look_up_{noun}_by_{keys}",
        list="show_{children}_of_{parent}",
        search="browse_{nouns}",
        edit="note_{noun}_{field}",
        create="open_{noun}",
        error="status",
        money="cents",
        page=12,
    ),
)


@hotel.entity("H-***", find=["name"], rows=4, plural="properties", noun="property")
class Property(Entity):
    """A hotel of the group."""

    name = words(
        ("Harbour", "Linden", "Castle", "Station", "Garden", "Opera", "Lakeside", "Market", "Cathedral", "River"),
        ("House", "Hotel", "Court", "Lodge", "Inn", "Palace"),
        unique=True,
    )
    city = city(search=True)
    stars = integer(3, 5, search=True)
    manager_phone = phone(edit=True)
    pets_welcome = flag(edit=True, search=True)


@hotel.entity("T-****", find=["short"], rows=14)
class RoomType(Entity):
    """A kind of room of one property, by its short name. A higher rank is a better room."""

    property = ref(Property, many="room_types", per=(3, 4), inline=True)
    short = code("?*?")
    title = words(("Standard", "Superior", "Deluxe"), ("Double", "Twin", "King", "Studio"))
    sleeps = integer(2, 4, search=True)
    rank = integer(1, 5)
    base_price = cents(8900, 42000)


@hotel.entity("R-*****", find=["number"], rows=50)
class Room(Entity):
    """A room by the number on its door."""

    room_type = ref(RoomType, many="rooms", per=(3, 5))
    number = code("?###")
    accessible = flag(0.2, search=True)
    smoking = flag(0.1)
    condition = states(
        "ready > occupied > dirty > clean > ready",
        "ready > out_of_order > dirty",
        "dirty > out_of_order",
        mostly="ready",
        search=True,
    )


@hotel.entity("RP****", find=["rate_code"], rows=10)
class RatePlan(Entity):
    """A price for rooms of one property, in percent of their base price, with its conditions."""

    property = ref(Property, many="rate_plans", per=(2, 3))
    rate_code = code("????")
    title = words(("Flexible", "Advance", "Weekend", "Member", "Long Stay"), ("Rate", "with Breakfast"))
    percent = integer(70, 120, extremes=("cheapest", "dearest"))
    refundable = flag(0.6)
    free_until_days = integer(1, 7)
    min_nights = integer(1, 3)


@hotel.entity("GST-*****", find=["loyalty_number", "email"], rows=16)
class Guest(Entity):
    """A person with a profile and a loyalty account."""

    name = full_name()
    loyalty_number = code("88#######")
    email = email(unique=True)
    phone = phone(edit=True)
    tier = choice("classic", "silver", "gold", "platinum", search=True)
    points = integer(0, 900000)
    floor_wish = choice("any", "low", "high", says="who likes {value} floors", edit=True)
    newsletter = flag(edit=True)


@hotel.entity("CO****", find=["name"], rows=6, plural="companies")
class Company(Entity):
    """A firm that may be sent bills up to its credit limit."""

    name = company(unique=True)
    contact = email(edit=True)
    credit_limit = cents(100000, 900000)
    outstanding = cents(0, 90000)
    direct_billing = flag(0.7)


@hotel.entity("GB-****", find=["title"], rows=7)
class GroupBlock(Entity):
    """Rooms that are held for the nights of a group until a cutoff date at one price."""

    title = words(
        ("Adler", "Boateng", "Costa", "Haddad", "Keller", "Lindgren", "Mbeki", "Rossi", "Tanaka", "Wong"),
        ("wedding", "congress", "tour", "orchestra", "football team", "board retreat"),
        unique=True,
    )
    property = ref(Property, many="groups", search=True)
    arrives_on = date(5, 50, says="arriving on {value}")
    nights = integer(1, 5)
    cutoff_on = date(1, 20, says="with the cutoff on {value}")
    rooms_held = integer(0, 60)
    rooms_picked_up = integer(0, 60)
    nightly_price = cents(7900, 24000)
    status = states("tentative > definite > released", "tentative > cancelled", search=True)


@hotel.entity("#######", known=True, rows=28)
class Booking(Entity):
    """A stay that is booked, going on or over, by its confirmation number."""

    guest = ref(Guest, many="bookings", per=(1, 3))
    property = ref(Property, many="bookings")
    room_type = ref(RoomType, many="bookings", same="property")
    rate_plan = ref(RatePlan, many="bookings", same="property")
    room = ref(Room, many="bookings", optional=True)
    group = ref(GroupBlock, many="bookings", same="property", optional=True)
    arrives_on = date(-12, 45, says="arriving on {value}", search=True)
    nights = integer(1, 14)
    departs_on = date(-12, 60, says="leaving on {value}")
    adults = integer(1, 4)
    nightly_price = cents(8900, 42000, extremes=None)
    total = cents(0, 0)
    status = states("booked > in_house > checked_out", "booked > cancelled", "booked > no_show", search=True)
    late_checkout = flag(0.0)
    wishes = note(edit=True)


@hotel.entity("FO******", rows=36)
class Folio(Entity):
    """A bill of a booking; a second one keeps private charges apart. What is charged less what is paid is owed."""

    booking = ref(Booking, many="folios", per=(1, 2), inline=True)
    window = choice("1", "2", says="in window {value}")
    charged = cents(0, 0)
    paid = cents(0, 20000)
    payer = choice("guest", "company", mostly="guest", says="for the {value}")


@hotel.entity("CH######", known=True, rows=60)
class Charge(Entity):
    """Something posted on a folio."""

    folio = ref(Folio, many="charges", per=(1, 3), inline=True)
    kind = choice(*EXTRAS, "room", "amenity", "late_checkout", "cancellation", "no_show", says="for {value}")
    amount = cents(600, 9500)
    posted_on = date(-10, 0, default="today")
    state = states("posted > waived", mostly="posted", search=True)


@hotel.entity("PAY*****", rows=36)
class Payment(Entity):
    """Money received on a folio."""

    folio = ref(Folio, many="payments", per=(1, 1), inline=True)
    method = choice("card", "cash", "company_account", "points", search=True)
    amount = cents(0, 0)
    received_on = date(-10, 0, default="today")


@hotel.entity("EM***", find=["name"], rows=12)
class Attendant(Entity):
    """A colleague of housekeeping or maintenance in one property."""

    property = ref(Property, many="attendants", per=(2, 4))
    name = full_name(unique=True)
    skill = choice("cleaning", "maintenance", mostly="cleaning", search=True)
    on_duty = flag(0.8)
    rooms_today = integer(0, 16)


@hotel.entity("HK-#####", known=True, rows=20)
class HousekeepingTask(Entity):
    """Work on a room, by its job number."""

    room = ref(Room, many="tasks")
    kind = choice("departure_clean", "stayover_clean", "deep_clean", "repair", says="for a {value}", search=True)
    attendant = ref(Attendant, many="tasks", optional=True)
    due_on = date(-1, 3, default="today")
    status = states("open > assigned > done", "open > dropped", search=True)


@hotel.entity("AM-***", rows=12, plural="amenities")
class Amenity(Entity):
    """Something that a property offers by the day, at a price for each piece."""

    property = ref(Property, many="amenities", per=(2, 4), inline=True)
    title = words(AMENITIES, says="{value}")
    price = cents(500, 7500)
    daily_capacity = integer(2, 40)
    open = flag(0.9)


@hotel.entity("V#####", known=True, rows=14)
class AmenityBooking(Entity):
    """An amenity on one day of a stay, by the number of its voucher."""

    booking = ref(Booking, many="amenity_bookings")
    amenity = ref(Amenity, many="amenity_bookings")
    day = date(-5, 30, says="on {value}")
    pieces = integer(1, 4)
    status = states("booked > used", "booked > cancelled", mostly="booked", search=True)
