"""Incidents and their deadlines, problems, changes, duty weeks, articles."""

from typing import Literal

from envgym.environments.tool_world.calendar import later
from envgym.environments.tool_world.domains.helpdesk.rows import (
    HOURS,
    Article,
    Change,
    Duty,
    Incident,
    Problem,
    Team,
    Technician,
    WorkNote,
    helpdesk,
)
from envgym.environments.tool_world.fields import integer, moment, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

IMPACTS = ("company", "department", "person")
URGENCIES = ("work_stopped", "work_hindered", "inconvenience")

move_table(
    helpdesk,
    Incident,
    """
    start_incident | status | assigned > in_progress
    | start work on {incident} | mark {incident} as in progress | note that someone is working on {incident}
    hold_incident | status | in_progress > on_hold
    | put {incident} on hold | park {incident} | let {incident} wait for the caller
    continue_incident | status | on_hold > in_progress
    | continue {incident} | take {incident} off hold | go on with {incident}
    close_incident | status | resolved > closed
    | close {incident} | shut {incident} for good | file {incident} as done
    reopen_incident | status | resolved > in_progress
    | reopen {incident} | take {incident} up again | put {incident} back in progress
    """,
)
move_table(
    helpdesk,
    Change,
    """
    submit_change | status | draft > requested
    | hand {change} in for approval | submit {change} | send {change} to the change board
    approve_change | status | requested > approved
    | approve {change} | note that the board approved {change} | give {change} the go-ahead
    reject_change | status | requested > rejected
    | reject {change} | note that the board rejected {change} | turn {change} down
    """,
)
move_table(
    helpdesk,
    Article,
    """
    publish_article | status | draft > published
    | publish {article} | put {article} on the portal | release {article}
    retire_article | status | published > retired
    | retire {article} | take {article} off the portal | withdraw {article}
    """,
)
move_table(
    helpdesk,
    Problem,
    "note_known_error | status | open > known_error | make {problem} a known error | note that the cause of {problem} is known"
    " | list {problem} among the known errors",
)


@helpdesk.op(
    say=phrases("""
        set {incident} to impact {impact} and urgency {urgency} | triage {incident}: it hits the {impact}, {urgency}
        | rank {incident}, which concerns the {impact}, with {urgency} | grade {incident} as {impact} / {urgency}
        | work out the priority of {incident} from impact {impact} and urgency {urgency}
        | rate {incident}, {impact} and {urgency}"""),
)
def triage_incident(
    tx: Tx,
    incident: Incident,
    impact: Literal["company", "department", "person"],
    urgency: Literal["work_stopped", "work_hindered", "inconvenience"],
) -> None:
    """Sets priority and deadline of an incident from impact and urgency; each step down in either lowers the priority by one, to P4."""
    tx.require(incident.status in ("new", "assigned", "in_progress"), "only an incident under way can be triaged")
    rank = IMPACTS.index(impact) + URGENCIES.index(urgency)
    priority = ("P1", "P2", "P3", "P4", "P4")[rank]
    incident.priority = priority
    incident.due_at = later(incident.opened_at, HOURS[priority] * 60)


@helpdesk.op(
    say=phrases("""
        give {incident} to {technician} | assign {incident} to {technician} | let {technician} look after {incident}
        | put {technician} on {incident} | {technician} should take {incident} | pass {incident} on to {technician}"""),
)
def assign_incident(tx: Tx, incident: Incident, technician: Technician) -> None:
    """Gives an incident to a technician of its team who is on shift."""
    tx.require(incident.status in ("new", "assigned"), "an incident is assigned before work on it starts")
    tx.require(technician.team == incident.team, "the technician has to belong to the team of the incident")
    tx.require(technician.on_shift, "the technician has to be on shift")
    tx.require(technician != incident.technician, "the technician has the incident already")
    incident.technician = technician
    if incident.status == "new":
        incident.status = "assigned"


@helpdesk.op(
    say=phrases("""
        escalate {incident} to {technician} | hand {incident} up to {technician}, it is too hard
        | raise {incident} to {technician} | bring {technician} in on {incident} as an escalation
        | {technician} has to take {incident} over, escalate it | move {incident} up to {technician}"""),
)
def escalate_incident(tx: Tx, incident: Incident, technician: Technician) -> None:
    """Hands an incident in progress to an L3 technician of any team; P3 and P4 become P2, with an earlier deadline where that gives one."""
    tx.require(incident.status == "in_progress", "only an incident in progress can be escalated")
    tx.require(not incident.escalated, "an incident is escalated once")
    tx.require(technician.level == "L3", "incidents are escalated to level 3")
    tx.require(technician.on_shift, "the technician has to be on shift")
    incident.escalated = True
    incident.team = technician.team
    incident.technician = technician
    if incident.priority in ("P3", "P4"):
        incident.priority = "P2"
        incident.due_at = min(incident.due_at, later(tx.now, HOURS["P2"] * 60))


@helpdesk.op(
    say=phrases("""
        reroute {incident} to {team} | send {incident} where it belongs, to {team} | send {incident} over to {team}
        | {team} has to deal with {incident} | move {incident} into the queue of {team} | hand {incident} to {team}"""),
)
def reroute_incident(tx: Tx, incident: Incident, team: Team) -> None:
    """Puts an incident that nobody works on yet into the queue of another team."""
    tx.require(incident.status == "new", "only a new incident can be rerouted")
    tx.require(team != incident.team, "the incident is with that team already")
    incident.team = team


@helpdesk.op(
    say=phrases("""
        log {minutes} minutes of {technician} on {incident}
        | {technician} spent {minutes} minutes on {incident}, note it
        | book {minutes} minutes on {incident} for {technician} | add {minutes} minutes by {technician} to {incident}
        | put down {minutes} minutes for {technician} on {incident}
        | record that {technician} worked {minutes} minutes on {incident}"""),
    takes={"minutes": integer(5, 240)},
)
def log_work(tx: Tx, incident: Incident, technician: Technician, minutes: int) -> None:
    """Notes the time that a technician of the team spent on an incident in progress."""
    tx.require(incident.status in ("in_progress", "on_hold"), "time is noted on incidents that are worked on")
    tx.require(technician.team == incident.team, "the technician has to belong to the team of the incident")
    tx.new(WorkNote, incident=incident, technician=technician, minutes=minutes)


@helpdesk.op(
    say=phrases("""
        resolve {incident} as {solution} | mark {incident} resolved, {solution} | settle {incident}, {solution}
        | set {incident} to resolved with the solution {solution} | finish {incident}, it was {solution}
        | wrap {incident} up as {solution}"""),
)
def resolve_incident(
    tx: Tx, incident: Incident, solution: Literal["fixed", "workaround", "user_error", "duplicate"]
) -> None:
    """Resolves an incident in progress that somebody is responsible for."""
    tx.require(incident.status == "in_progress", "only an incident in progress can be resolved")
    tx.require(incident.technician is not None, "an incident needs a technician before it is resolved")
    incident.status = "resolved"
    incident.solution = solution


@helpdesk.op(
    say=phrases("""
        link {incidents} to {problem} | tie {incidents} to {problem} | attach {incidents} to {problem}
        | put {incidents} under {problem} | file {incidents} with {problem} | note {problem} as the cause of {incidents}"""),
)
def link_to_problem(tx: Tx, incidents: list[Incident], problem: Problem) -> None:
    """Ties incidents in progress to the problem behind them and puts them on hold until it is resolved."""
    tx.require(problem.status != "resolved", "the problem must not be resolved yet")
    for incident in incidents:
        tx.require(incident.status == "in_progress", "only incidents in progress can be tied to a problem")
        tx.require(incident.service == problem.service, "problem and incidents have to concern one service")
    for incident in incidents:
        incident.problem = problem
        incident.status = "on_hold"


@helpdesk.op(
    say=phrases("""
        resolve {problem}, the cause was {cause} | note {problem} as solved: {cause}
        | close the book on {problem} with {cause} as its cause | mark {problem} as resolved ({cause})
        | record that {problem} turned out to be {cause} and is resolved | settle {problem}; put down {cause}"""),
)
def resolve_problem(
    tx: Tx, problem: Problem, cause: Literal["configuration", "capacity", "defect", "supplier"]
) -> None:
    """Resolves a problem and, with it, its incidents on hold."""
    tx.require(problem.status in ("open", "known_error"), "a problem is resolved once")
    problem.status = "resolved"
    problem.root_cause = cause
    for incident in problem.incidents:
        if incident.status == "on_hold":
            incident.status = "resolved"
            incident.solution = "fixed_by_problem"


@helpdesk.op(
    say=phrases("""
        move {change} to {starts_at} | plan {change} for {starts_at} | give {change} a new start, {starts_at}
        | reschedule {change} to {starts_at} | shift {change} to {starts_at} | set the start of {change} to {starts_at}"""),
    takes={"starts_at": moment(4, 28, step=60, hours=(18, 23))},
)
def schedule_change(tx: Tx, change: Change, starts_at: str) -> None:
    """Moves a change that is not carried out yet; an approved one needs its approval again."""
    tx.require(change.status in ("draft", "requested"), "only a change that is not approved can be moved")
    tx.require(starts_at >= tx.hours(72), "a change is announced 72 hours ahead")
    tx.require(starts_at != change.starts_at, "the change starts then already")
    for other in change.service.changes:
        if other != change and other.status in ("requested", "approved"):
            tx.require(other.starts_at[:10] != starts_at[:10], "a service has one change a day")
    change.starts_at = starts_at


@helpdesk.op(
    say=phrases("""
        report {change} as {outcome} | close the work on {change}: {outcome} | note that {change} is {outcome}
        | put {outcome} down as the result of {change} | mark {change} as {outcome} | record {change} as {outcome}"""),
)
def report_change(tx: Tx, change: Change, outcome: Literal["done", "rolled_back"]) -> None:
    """Reports how an approved change that has begun went: it was done, or had to be rolled back."""
    tx.require(change.status == "approved", "only an approved change is carried out")
    tx.require(change.starts_at <= tx.now, "the change has to have begun")
    change.status = outcome


@helpdesk.op(
    say=phrases("""
        swap {duty} with {other} | exchange {duty} for {other} | trade {duty} against {other}
        | let {duty} and {other} change places | have the two of {duty} and {other} swap weeks
        | switch {duty} and {other}"""),
)
def swap_duties(tx: Tx, duty: Duty, other: Duty) -> None:
    """Swaps two duty weeks that lie ahead between technicians of one team; a week is swapped once."""
    tx.require(duty.technician.team == other.technician.team, "weeks are swapped within one team")
    tx.require(duty.technician != other.technician, "weeks are swapped between two technicians")
    tx.require(duty.starts_on > tx.today and other.starts_on > tx.today, "only weeks that lie ahead can be swapped")
    tx.require(not duty.swapped and not other.swapped, "a week is swapped once")
    first = duty.technician
    duty.technician = other.technician
    other.technician = first
    duty.swapped = True
    other.swapped = True


@helpdesk.op(
    say=phrases("""
        tell me how many minutes have gone into {incident} | work out the total time on {incident}
        | add up the work on {incident} | tell me the minutes booked on {incident} | sum up the time notes of {incident}
        | find out how long we have worked on {incident}"""),
)
def total_work(tx: Tx, incident: Incident) -> int:
    """The minutes that all technicians together have noted on an incident."""
    return sum(note.minutes for note in incident.work_notes)
