"""The executive assistant's suite of a company: calendars, meetings, rooms, equipment, absence, mail.

Whoever is asked to come holds an invitation; whoever calls the meeting owns its calendar and holds none. Only one's own events and
accepted invitations make a person busy.
"""

from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    choice,
    city,
    code,
    company,
    date,
    email,
    flag,
    full_name,
    integer,
    moment,
    note,
    phone,
    phrases,
    ref,
    states,
    street,
    words,
)

SUBJECTS = phrases(
    "budget | hiring | pricing | roadmap | supplier | audit | launch | contract | rebranding | office move | pension plan | tender | "
    "data protection | offsite | annual report | licence renewal"
)
FILES = tuple(
    f"{subject.replace(' ', '-')}{ending}"
    for subject in SUBJECTS
    for ending in (".pdf", "-v2.xlsx", "-deck.pptx", "-signed.pdf")
)
ROOM_NAMES = phrases(
    "Amber | Birch | Cobalt | Delta | Ember | Fjord | Garnet | Harbour | Ivory | Juniper | Larch | Maple | Nordic | Opal | Poplar | "
    "Quartz | "
    "Rowan | Saffron | Topaz | Umber | Violet | Willow | Zenith"
)
HOST = "northgate.example.com"
FOLDERS = ("Inbox", "Archive", "Clients", "Board", "Travel")

desk = Domain(
    "calendar_mail",
    role="an executive assistant who keeps the calendars, rooms and mailboxes of a company for its people",
    now="2026-10-06 08:40",
    style=Style(
        get="show_{noun}",
        find="lookup_{noun}_by_{keys}",
        list="{parent}_{children}",
        search="filter_{nouns}",
        edit="set_{noun}_{field}",
        create="add_{noun}",
        delete="remove_{noun}",
        error="status",
        page=8,
    ),
)


@desk.entity("site-??", find=["city"], rows=3)
class Site(Entity):
    """A building that the company works in."""

    city = city(unique=True)
    street = street()
    visitor_desk = flag(0.7, search=True)


@desk.entity("room-###", find=["name"], rows=8)
class Room(Entity):
    """A meeting room. A room that is closed takes no meetings."""

    name = words(ROOM_NAMES, ("room", "lounge", "studio", "loft"), unique=True, says="the {value}")
    site = ref(Site, many="rooms", search=True)
    seats = integer(4, 20, step=2, extremes=("smallest", "largest"), search=True)
    video = flag(0.6, search=True)
    status = states("open > closed > open", mostly="open", search=True)


@desk.entity("AV-####", known=True, rows=9)
class Device(Entity):
    """Something that can be carried into a room and carries its number on a sticker."""

    site = ref(Site, many="devices")
    kind = choice(
        "projector",
        "conference phone",
        "flip chart",
        "camera kit",
        "presentation laptop",
        search=True,
        says="that is a {value}",
    )
    status = states("available > in_repair > available", mostly="available", search=True)


@desk.entity("usr_******", find=["email", "name"], rows=14, plural="people")
class Person(Entity):
    """Somebody who works here."""

    name = full_name(unique=True)
    email = email(unique=True)
    team = choice("finance", "sales", "legal", "product", search=True)
    grade = choice("staff", "manager", "director", search=True)
    site = ref(Site, many="people", search=True)
    leave_days = integer(0, 40)
    extension = code("####", edit=True, says="with the extension {value}")


@desk.entity("card_*****", find=["email", "name, company"], create=True, rows=10)
class Contact(Entity):
    """Somebody outside who is in the address book."""

    name = full_name()
    email = email(unique=True)
    phone = phone(edit=True)
    company = company(search=True, says="of {value}")
    kind = choice("client", "supplier", "investor", "candidate", "press", edit=True, search=True)


@desk.entity("cal_*****", rows=14)
class Calendar(Entity):
    """One of a person's calendars."""

    owner = ref(Person, many="calendars", per=(1, 2))
    kind = choice("main", "travel", "private")
    colour = choice("blue", "green", "red", "grey", edit=True)


@desk.entity("acl_******", delete=True, rows=10)
class Share(Entity):
    """What somebody else may do with a calendar."""

    calendar = ref(Calendar, many="shares", inline=True)
    person = ref(Person, many="shares")
    level = choice("availability", "read", "write")
    granted_on = date(-200, -1, default="today")


@desk.entity("ser_*****", find=["title"], rows=6, plural="series")
class Series(Entity):
    """A meeting that comes back every week, until its last day."""

    calendar = ref(Calendar, many="series")
    title = words(
        ("Weekly", "Team", "Project"),
        SUBJECTS,
        ("check-in", "stand-up", "jour fixe"),
        says="the {value}",
        compare="casefold",
    )
    first_at = moment(-20, -2, hours=(9, 12), workdays=True)
    minutes = integer(30, 60, step=15)
    last_on = date(30, 90)
    status = states("running > ended", mostly="running", search=True)


@desk.entity("evt_*******", find=["title"], rows=40)
class Event(Entity):
    """An entry of a calendar: a meeting where it has invitations."""

    calendar = ref(Calendar, many="events")
    series = ref(Series, many="events", same="calendar", optional=True)
    title = words(
        ("Q3", "Q4", "2027", "Interim", "Final"),
        SUBJECTS,
        ("review", "workshop", "briefing", "call"),
        says="the {value}",
        compare="casefold",
    )
    starts_at = moment(-8, 20, hours=(9, 17), workdays=True, says="starting {value}", search=True)
    minutes = integer(30, 120, step=30, extremes=("shortest", "longest"))
    ends_at = moment(0, 0, says="that ends {value}")
    room = ref(Room, many="events", optional=True, search=True)
    visitor = ref(Contact, many="visits", optional=True)
    private = flag(0.1, edit=True)
    status = states(
        "confirmed > cancelled", "tentative > confirmed", "tentative > cancelled", mostly="confirmed", search=True
    )
    agenda = note(edit=True)


@desk.entity("inv_*******", rows=60)
class Invitation(Entity):
    """Somebody is asked to come to a meeting."""

    event = ref(Event, many="invitations", per=(1, 3), inline=True)
    person = ref(Person, many="invitations")
    required = flag(0.8)
    response = states(
        "unanswered > accepted > declined > accepted",
        "unanswered > tentative > accepted > tentative",
        "unanswered > declined > tentative > declined",
        "accepted > unanswered",
        "tentative > unanswered",
        "unanswered > delegated",
        "accepted > delegated",
        "tentative > delegated",
        search=True,
    )
    remind_minutes = integer(0, 60, step=15, edit=True)


@desk.entity("LN-#####", rows=8)
class Loan(Entity):
    """A piece of equipment that is kept for a meeting."""

    device = ref(Device, many="loans")
    event = ref(Event, many="loans", inline=True)
    status = states("booked > handed_out > returned", "booked > released", search=True)


@desk.entity("ntc_******", rows=6)
class Notice(Entity):
    """What a person was told about a meeting, and when."""

    event = ref(Event, many="notices")
    person = ref(Person, many="notices")
    kind = choice("change", "cancellation", "reminder", search=True)
    sent_at = moment(-6, -1, default="now")


@desk.entity("LV-####", known=True, rows=10)
class LeaveRequest(Entity):
    """Days that a person wants to be away. Only vacation is taken from the days that a person has left."""

    person = ref(Person, many="leave_requests")
    kind = choice("vacation", "parental", "training", search=True)
    first_on = date(3, 40, workdays=True, says="from {value} on")
    last_on = date(0, 0, says="until {value}")
    days = integer(1, 15, extremes=("shortest", "longest"))
    status = states("requested > approved > withdrawn", "requested > refused", search=True)


@desk.entity("ooo_*****", rows=4, plural="automatic replies")
class AutomaticReply(Entity):
    """An automatic answer while a person is away, which names a deputy."""

    person = ref(Person, many="automatic_replies")
    deputy = ref(Person, many="covered_absences")
    first_on = date(-3, 12, says="from {value} on")
    last_on = date(13, 25, says="until {value}")
    status = states("active > ended", mostly="active", search=True)


@desk.entity("todo_*****", find=["title"], create=True, delete=True, rows=16)
class Task(Entity):
    """Something that a person has to do by a day."""

    person = ref(Person, many="tasks")
    title = words(
        ("prepare the", "check the", "send round the", "proofread the"),
        SUBJECTS,
        ("slides", "figures", "papers"),
        says="to {value}",
        compare="casefold",
    )
    due_on = date(-3, 20, edit=True, search=True, says="due {value}")
    priority = choice("low", "normal", "high", edit=True, search=True, says="of {value} priority")
    status = states("not_started > in_progress > done", "in_progress > waiting > in_progress", search=True)


@desk.entity("mbx_****", find=["address"], rows=14, plural="mailboxes")
class Mailbox(Entity):
    """A person's mailbox."""

    owner = ref(Person, many="mailboxes", per=(1, 1))
    address = email(unique=True, says="{value}")
    quota_kb = integer(400_000, 2_000_000, step=100_000)
    used_kb = integer(40_000, 420_000)
    signature = note(edit=True)


@desk.entity("fld_*****", rows=50)
class Folder(Entity):
    """A folder of a mailbox."""

    mailbox = ref(Mailbox, many="folders", per=(5, 5))
    title = words(FOLDERS)


@desk.entity("thr_******", rows=40)
class Thread(Entity):
    """The mails that were exchanged with an outside contact under one subject."""

    mailbox = ref(Mailbox, many="threads", per=(2, 4))
    folder = ref(Folder, many="threads", same="mailbox", search=True)
    contact = ref(Contact, many="threads", search=True)
    subject = words(
        ("Offer:", "Question:", "Your visit:", "Draft:", "Next steps:", "Invoice:"), SUBJECTS, says='"{value}"'
    )
    label = choice("none", "follow_up", "waiting", "confidential", edit=True, search=True, says="labelled {value}")
    muted = flag(0.1, edit=True)


@desk.entity("msg_********", rows=80)
class Message(Entity):
    """One mail of a thread, in either direction. A draft becomes a mail when it is sent."""

    thread = ref(Thread, many="messages", per=(1, 3), inline=True)
    sender = email(says="from {value}")
    recipient = email(says="to {value}")
    incoming = flag(0.6)
    unread = flag(0.3)
    size_kb = integer(5, 24_000)
    status = states(
        "draft > scheduled > sent",
        "draft > sent",
        "scheduled > draft",
        "draft > discarded",
        search=True,
        says="marked {value}",
    )
    written_at = moment(-20, -1, says="dated {value}")
    sent_at = moment(-20, 0, optional=True)
    send_at = moment(1, 9, optional=True)
    text = note(edit=True)


@desk.entity("att_******", rows=40)
class Attachment(Entity):
    """A file that comes with a mail."""

    message = ref(Message, many="attachments", per=(0, 2), inline=True)
    filename = words(FILES, says="{value}")
    size_kb = integer(40, 9_000, extremes=("smallest", "largest"))


@desk.entity("rule_****", delete=True, rows=8)
class MailRule(Entity):
    """Files what a contact writes into a folder as it comes in."""

    folder = ref(Folder, many="rules")
    contact = ref(Contact, many="rules")
    paused = flag(0.2, edit=True)
    made_on = date(-300, -1, default="today")
