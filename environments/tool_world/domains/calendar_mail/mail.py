"""Mail: drafts, forwarding, sending later, filing."""

from envgym.environments.tool_world.domains.calendar_mail.rows import (
    Attachment,
    Contact,
    Folder,
    MailRule,
    Message,
    Thread,
    desk,
)
from envgym.environments.tool_world.fields import moment, phrases
from envgym.environments.tool_world.transaction import Tx


def _written(message: Message) -> str:
    return str(message.written_at)


@desk.op(
    say=phrases(
        "start an answer to the last mail of {thread} | draft a reply in {thread} | open a response in {thread}, I will look over it | "
        "prepare an answer to {thread} | get a reply to {thread} ready as a draft | reply to {thread}, but keep it as a draft for now"
    )
)
def draft_reply(tx: Tx, thread: Thread) -> None:
    """Begins an answer to the last mail of a thread, as a draft, and marks that mail as read."""
    last = max(thread.messages, key=_written)
    tx.require(last.incoming, "an answer is written to a mail that came in")
    for other in thread.messages:
        tx.require(other.status not in ("draft", "scheduled"), "a thread holds one unsent draft at a time")
    last.unread = False
    tx.new(
        Message,
        thread=thread,
        sender=thread.mailbox.address,
        recipient=last.sender,
        size_kb=20,
        status="draft",
        written_at=tx.now,
    )


@desk.op(
    say=phrases(
        "forward the last mail of {thread} to {contact} | send the newest mail of {thread} on to {contact} | "
        "pass what came last in {thread} along to {contact}, attachments included | let {contact} have the latest of {thread} too | "
        "share the last message of {thread} with {contact} | copy {contact} in on the latest mail of {thread}"
    )
)
def forward_latest(tx: Tx, thread: Thread, contact: Contact) -> None:
    """Sends the last mail of a thread, with its attachments, on to another contact. The mailbox has to have room for the copy."""
    last = max(thread.messages, key=_written)
    mailbox = thread.mailbox
    tx.require(last.status == "sent", "only a mail that was sent or received can be forwarded")
    tx.require(contact != thread.contact, "a mail is forwarded to somebody other than its correspondent")
    tx.require(mailbox.used_kb + last.size_kb <= mailbox.quota_kb, "the mailbox needs room for the copy")
    copy = tx.new(
        Message,
        thread=thread,
        sender=mailbox.address,
        recipient=contact.email,
        size_kb=last.size_kb,
        status="sent",
        written_at=tx.now,
        sent_at=tx.now,
    )
    for attachment in last.attachments:
        tx.new(Attachment, message=copy, filename=attachment.filename, size_kb=attachment.size_kb)
    mailbox.used_kb += last.size_kb


@desk.op(
    say=phrases(
        "send {message} at {send_at} | schedule {message} for {send_at} | keep {message} back until {send_at} | "
        "{message} should go out at {send_at} | time {message} for {send_at} | queue {message}; it leaves at {send_at}"
    ),
    takes={"send_at": moment(1, 9, hours=(8, 18))},
)
def schedule_send(tx: Tx, message: Message, send_at: str) -> None:
    """Lets a draft go out by itself later."""
    tx.require(not message.incoming and message.status == "draft", "only a draft can be scheduled")
    tx.require(send_at > tx.now, "a mail is scheduled for later than now")
    message.send_at = send_at
    message.status = "scheduled"


@desk.op(
    say=phrases(
        "send {message} | let {message} go out now | {message} is fine as it is, off with it | mail {message} right away | "
        "get {message} out immediately, do not wait | dispatch {message}"
    ),
)
def send_now(tx: Tx, message: Message) -> None:
    """Sends a draft, or a mail that is scheduled, at once."""
    mailbox = message.thread.mailbox
    tx.require(not message.incoming, "only a mail of one's own can be sent")
    tx.require(message.status in ("draft", "scheduled"), "only a draft or a scheduled mail can be sent")
    tx.require(mailbox.used_kb + message.size_kb <= mailbox.quota_kb, "the mailbox needs room for the copy")
    message.status = "sent"
    message.sent_at = tx.now
    message.send_at = None
    mailbox.used_kb += message.size_kb


@desk.op(
    say=phrases(
        "file {thread} under {folder} | move {thread} into {folder} | put {thread} away in {folder} | {thread} belongs in {folder} | "
        "I am done with {thread}, it can go to {folder} | sort {thread} into {folder}"
    ),
)
def file_thread(tx: Tx, thread: Thread, folder: Folder) -> None:
    """Moves a thread to another folder of its mailbox and marks its mails as read. An unsent draft keeps it where it is."""
    tx.require(folder.mailbox == thread.mailbox, "the folder has to be in the mailbox of the thread")
    tx.require(folder != thread.folder, "the folder has to be another one")
    for message in thread.messages:
        tx.require(message.status not in ("draft", "scheduled"), "a thread with an unsent draft is not filed")
    thread.folder = folder
    for message in thread.messages:
        message.unread = False


@desk.op(
    say=phrases(
        "have everything from {contact} go to {folder} from now on | make a rule: mails of {contact} into {folder} | "
        "collect whatever {contact} writes in {folder}, also what is there already | "
        "set up a filter that files {contact} under {folder} | route {contact} straight to {folder} | "
        "keep the mails of {contact} out of the inbox and collect them in {folder}"
    ),
)
def file_sender(tx: Tx, contact: Contact, folder: Folder) -> None:
    """Makes a rule that files what a contact writes, and moves the threads with that contact in this mailbox there at once."""
    for rule in contact.rules:
        tx.require(rule.folder.mailbox != folder.mailbox, "a mailbox has one rule for a contact")
    tx.new(MailRule, folder=folder, contact=contact)
    for thread in contact.threads:
        if thread.mailbox == folder.mailbox:
            thread.folder = folder


@desk.op(
    say=phrases(
        "throw {message} away | discard {message}, I will not send it | bin {message} | "
        "{message} is not going out after all, get rid of it | scrap {message} | forget about {message} and delete the draft"
    )
)
def discard_draft(tx: Tx, message: Message) -> None:
    """Throws a draft away. A mail that is scheduled has to be taken back to a draft first."""
    tx.require(not message.incoming, "only a mail of one's own can be discarded")
    tx.require(message.status == "draft", "only a draft can be discarded")
    message.status = "discarded"


@desk.op(
    say=phrases(
        "do not let {message} go out yet, make it a draft again | take {message} out of the queue | stop {message} from being sent | "
        "hold {message} back for now | unschedule {message} | pull {message}, I want to change something"
    )
)
def unschedule_send(tx: Tx, message: Message) -> None:
    """Takes a scheduled mail back to a draft."""
    tx.require(not message.incoming, "only a mail of one's own can be taken back")
    tx.require(message.status == "scheduled", "only a scheduled mail can be taken back")
    message.status = "draft"
    message.send_at = None
