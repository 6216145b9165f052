"""Troubles of colleagues, each with its causes, and the policies of the desk."""

from collections.abc import Callable
from typing import Any

from envgym.environments.tool_world.domains.helpdesk.access import (
    fulfil_request,
    offboard_employee,
    request_access,
)
from envgym.environments.tool_world.domains.helpdesk.desk import (
    escalate_incident,
    resolve_incident,
    resolve_problem,
    triage_incident,
)
from envgym.environments.tool_world.domains.helpdesk.rows import (
    AccessGroup,
    Computer,
    Employee,
    Incident,
    helpdesk,
)
from envgym.environments.tool_world.domains.helpdesk.workplace import lend_loaner, replace_computer
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.transaction import Tx


def _can_sign_in(computer: Computer) -> Any:
    return (
        computer.network == "connected"
        and computer.caps_lock == "off"
        and computer.clock == "right"
        and computer.domain_trust == "intact"
        and computer.account.status == "open"
        and computer.account.password != "expired"
        and computer.account.authenticator == "enrolled"
    )


def _can_dial_in(computer: Computer) -> Any:
    return (
        computer.network == "connected"
        and computer.vpn_client == "current"
        and computer.clock == "right"
        and computer.certificate == "valid"
        and computer.compliance == "compliant"
        and computer.account.vpn_access == "granted"
        and computer.account.authenticator == "enrolled"
    )


def _can_print(computer: Computer) -> Any:
    return (
        computer.printer.power == "on"
        and computer.printer.paper == "loaded"
        and computer.printer.queue == "running"
        and computer.print_driver == "installed"
        and computer.print_jobs == "clear"
        and computer.chosen_printer == "shared"
    )


def _breaks(where: str, **values: Any) -> Callable[[Tx, Computer], None]:
    """A fault: sets columns of the computer, or of the account or printer that it points at."""

    def fault(tx: Tx, computer: Computer) -> None:
        row = computer if where == "computer" else getattr(computer, where)
        for name, value in values.items():
            setattr(row, name, value)

    return fault


helpdesk.trouble(
    "cannot_sign_in",
    Computer,
    say=phrases("""
        I cannot sign in on {row} | {row} does not let me in | the sign-in on {row} fails every time
        | I am locked out of {row} since this morning | {row} rejects me | I get nowhere at the sign-in of {row}"""),
    works=_can_sign_in,
    faults={
        "turn_off_caps_lock": _breaks("computer", caps_lock="on"),
        "connect_network": _breaks("computer", network="disconnected"),
        "correct_clock": _breaks("computer", clock="wrong"),
        "rejoin_domain": _breaks("computer", domain_trust="broken"),
        "unlock_account": _breaks("account", status="locked"),
        "reset_password": _breaks("account", password="expired"),
        "reset_authenticator": _breaks("account", authenticator="lost", sessions=2),
    },
)
helpdesk.trouble(
    "no_vpn",
    Computer,
    say=phrases("""
        the VPN does not connect on {row} | I work from home and {row} gets no VPN | {row} cannot dial in
        | the VPN of {row} drops me at once | {row} gets no remote access | I cannot reach the office network from {row}"""),
    works=_can_dial_in,
    faults={
        "connect_network": _breaks("computer", network="disconnected"),
        "correct_clock": _breaks("computer", clock="wrong"),
        "update_vpn_client": _breaks("computer", vpn_client="outdated"),
        "renew_certificate": _breaks("computer", certificate="expired"),
        "release_from_quarantine": _breaks("computer", compliance="quarantined"),
        "grant_vpn_access": _breaks("account", vpn_access="withdrawn"),
        "reset_authenticator": _breaks("account", authenticator="lost", sessions=2),
    },
)
helpdesk.trouble(
    "cannot_print",
    Computer,
    say=phrases("""
        I cannot print from {row} | I print on {row} and nothing comes out | the printing from {row} does not work
        | my print jobs from {row} vanish | {row} and the printer do not talk to each other
        | I cannot get a page printed from {row}"""),
    works=_can_print,
    faults={
        "switch_printer_on": _breaks("printer", power="off"),
        "load_paper": _breaks("printer", paper="empty"),
        "resume_print_queue": _breaks("printer", queue="paused"),
        "reinstall_print_driver": _breaks("computer", print_driver="corrupt"),
        "clear_print_jobs": _breaks("computer", print_jobs="stuck"),
        "choose_shared_printer": _breaks("computer", chosen_printer="to_file"),
    },
)

helpdesk.identify(
    "Before you touch an account, ask for access or hand out a computer, look the person up by email or name.",
    by=["findEmployeeByEmail", "findEmployeeByName"],
    before=[
        "unlock_account",
        "reset_password",
        "reset_authenticator",
        "grant_vpn_access",
        request_access,
        lend_loaner,
        replace_computer,
    ],
)
helpdesk.confirm(
    "Before you offboard somebody or resolve a problem, tell the user what will be closed with it and get a yes.",
    before=[offboard_employee, resolve_problem],
)
helpdesk.at_most(
    1, "An incident is triaged or escalated once only.", of=[triage_incident, escalate_incident], per="incident"
)
helpdesk.together(
    "Whoever resets an authenticator ends all sessions of the account afterwards.",
    when="reset_authenticator",
    then="end_sessions",
)


@helpdesk.policy("Access to a confidential group is requested for 90 days at most.", on=[request_access])
def confidential_for_90_days(tx: Tx, access_group: AccessGroup, until: str) -> object:
    return not access_group.confidential or until <= tx.days(90)


@helpdesk.policy("Only VIPs may keep a laptop of the pool for more than two weeks.", on=[lend_loaner])
def loaners_for_two_weeks(tx: Tx, employee: Employee, until: str) -> object:
    return employee.vip or until <= tx.days(14)


@helpdesk.policy("Incidents about a critical service are not resolved with a workaround.", on=[resolve_incident])
def no_workaround_on_critical(incident: Incident, solution: str) -> object:
    return solution != "workaround" or not incident.service.critical


@helpdesk.policy("Nobody is let into a group that they own.", on=[fulfil_request])
def owners_stay_out(access_request: Any) -> object:
    return access_request.employee != access_request.access_group.owner
