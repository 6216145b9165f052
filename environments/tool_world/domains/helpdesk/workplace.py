"""Accounts, computers and printers: what the desk repairs from afar, and what only the colleague in front of them can do."""

from envgym.environments.tool_world.domains.helpdesk.rows import Account, Computer, Employee, Loaner, Printer, helpdesk
from envgym.environments.tool_world.fields import code, date, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    helpdesk,
    Computer,
    """
    turn_off_caps_lock | caps_lock | on > off
    | press caps lock on {computer} once | turn caps lock off on {computer} | take {computer} out of capitals
    connect_network | network | disconnected > connected
    | plug the network cable of {computer} in again | connect {computer} to the office Wi-Fi | bring {computer} back on the network
    correct_clock | clock | wrong > right
    | set the clock of {computer} by the internet | correct the time on {computer} | let {computer} fetch the right time
    update_vpn_client | vpn_client | outdated > current
    | install the new VPN client on {computer} | update the VPN client of {computer} | bring the VPN client of {computer} up to date
    clear_print_jobs | print_jobs | stuck > clear
    | delete the waiting print jobs on {computer} | empty the print queue of {computer} | cancel what {computer} is trying to print
    choose_shared_printer | chosen_printer | to_file > shared
    | choose the shared printer on {computer} | let {computer} print to paper again, not to a file | set the default printer of {computer}
    """,
    actor="user",
)
move_table(
    helpdesk,
    Printer,
    """
    load_paper | paper | empty > loaded
    | put paper into {printer} | fill the tray of {printer} | load {printer} with paper
    switch_printer_on | power | off > on
    | switch {printer} on | press the power button of {printer} | start {printer}
    """,
    actor="user",
)
move_table(
    helpdesk,
    Computer,
    """
    rejoin_domain | domain_trust | broken > intact
    | join {computer} to the domain again | repair the domain trust of {computer} | rejoin {computer}
    renew_certificate | certificate | expired > valid
    | renew the certificate of {computer} | issue {computer} a new certificate | give {computer} a valid certificate
    release_from_quarantine | compliance | quarantined > compliant
    | release {computer} from quarantine | mark {computer} as compliant again | let {computer} out of quarantine
    quarantine_computer | compliance | compliant > quarantined
    | quarantine {computer} | cut {computer} off as not compliant | put {computer} into quarantine
    reinstall_print_driver | print_driver | corrupt > installed
    | reinstall the print driver on {computer} | push a fresh print driver to {computer} | repair the driver on {computer}
    send_to_repair | status | in_use > in_repair
    | send {computer} in for repair | hand {computer} over to the repair shop | have {computer} repaired
    take_from_repair | status | in_repair > in_use
    | take {computer} back from repair | note that {computer} is repaired | put {computer} back in use
    """,
)
move_table(
    helpdesk,
    Account,
    """
    unlock_account | status | locked > open
    | unlock {account} | open {account} again | lift the lock on {account}
    reset_authenticator | authenticator | lost > enrolled
    | reset the authenticator of {account} | enrol a new second factor for {account} | set {account} up with a new authenticator
    grant_vpn_access | vpn_access | withdrawn > granted
    | give {account} VPN access | allow {account} to dial in | let {account} use the VPN
    withdraw_vpn_access | vpn_access | granted > withdrawn
    | take VPN access from {account} | stop {account} from dialling in | keep {account} off the VPN
    """,
)
move_table(
    helpdesk,
    Printer,
    """
    resume_print_queue | queue | paused > running
    | resume the queue of {printer} | let {printer} print again | start the queue of {printer}
    pause_print_queue | queue | running > paused
    | pause the queue of {printer} | hold all jobs on {printer} | stop the queue of {printer}
    """,
)


@helpdesk.op(
    actor="user",
    say=phrases("""
        read me what {computer} says when you sign in | look at the sign-in screen of {computer}
        | try to sign in on {computer} | tell me the message on {computer} at sign-in | sign in on {computer} once more
        | check the sign-in screen of {computer}"""),
)
def read_sign_in_screen(tx: Tx, computer: Computer) -> str:
    """Try to sign in and read out what the screen says."""
    if computer.network == "disconnected":
        return "no network, no domain controller could be reached"
    if computer.domain_trust == "broken":
        return "the trust relationship between this workstation and the domain failed"
    if computer.clock == "wrong":
        return "the time of this computer differs too much from that of the domain"
    if computer.account.status != "open":
        return "this account is locked or disabled"
    if computer.caps_lock == "on":
        return "the user name or password is wrong; caps lock is on"
    if computer.account.password == "expired":
        return "your password has expired"
    return "approve the sign-in in your authenticator" if computer.account.authenticator == "lost" else "welcome"


@helpdesk.op(
    actor="user",
    say=phrases("""
        read me the connection details of {computer} | say whether {computer} is on the network and its clock is right
        | open the network and VPN page of {computer} | tell me what the VPN window of {computer} shows
        | check the connection of {computer} | look at network, time and VPN client on {computer}"""),
)
def read_connection(tx: Tx, computer: Computer) -> dict[str, str]:
    """Read out network, clock and VPN client of the computer."""
    return {"network": computer.network, "clock": computer.clock, "vpn_client": computer.vpn_client}


@helpdesk.op(
    actor="user",
    say=phrases("""
        look at the printer of {computer} and the jobs on it | read out what the printer of {computer} shows
        | tell me whether jobs wait on {computer} and the printer is on | check paper, power and jobs for {computer}
        | go to the printer of {computer} and read its panel | see what hangs between {computer} and its printer"""),
)
def look_at_printing(tx: Tx, computer: Computer) -> dict[str, str]:
    """Read the printer's panel, and what waits on the computer."""
    panel = (
        "dark" if computer.printer.power == "off" else "load paper" if computer.printer.paper == "empty" else "ready"
    )
    return {"panel": panel, "print_jobs": computer.print_jobs, "chosen_printer": computer.chosen_printer}


@helpdesk.op(
    say=phrases("""
        reset the password of {account} | give {account} a new password | set a fresh password for {account}
        | set a new password for {account}, the old one is forgotten | issue a temporary password for {account}
        | let {account} choose a new password at the next sign-in"""),
)
def reset_password(tx: Tx, account: Account) -> None:
    """Gives an account a temporary password, whether the old one is expired or forgotten; the next sign-in asks for a new one."""
    tx.require(account.status != "disabled", "a disabled account gets no password")
    tx.require(account.password != "temporary", "the account has a temporary password already")
    account.password = "temporary"


@helpdesk.op(
    say=phrases("""
        sign {account} out everywhere | end all sessions of {account} | throw out whoever is signed in as {account}
        | close every open session of {account} | log {account} off on all devices | cut all sessions of {account}"""),
)
def end_sessions(tx: Tx, account: Account) -> None:
    """Signs an account out on every device."""
    tx.require(account.sessions > 0, "nobody is signed in with the account")
    account.sessions = 0


@helpdesk.op(
    say=phrases("""
        lend {loaner} to {employee} until {until} | give {employee} {loaner} until {until}
        | get {loaner} ready for {employee}, up to {until} | hand {loaner} out to {employee}, back on {until}
        | book {loaner} for {employee} until {until} | let {employee} have {loaner} till {until}"""),
    takes={"until": date(2, 28)},
)
def lend_loaner(tx: Tx, loaner: Loaner, employee: Employee, until: str) -> None:
    """Lends a laptop of the pool to an active colleague, for four weeks at most."""
    tx.require(loaner.status == "available", "only an available laptop can be lent")
    tx.require(employee.status == "active", "laptops are lent to active colleagues only")
    tx.require(until > tx.today, "the day of return has to lie ahead")
    tx.require(until <= tx.days(28), "a laptop is lent for 28 days at most")
    for other in employee.loaners:
        tx.require(other.status != "lent", "a colleague can have one laptop of the pool at a time")
    loaner.borrower = employee
    loaner.due_back = until
    loaner.status = "lent"


@helpdesk.op(
    say=phrases("""
        take {loaner} back | note that {loaner} was returned | book {loaner} back in | receive {loaner} into the pool
        | put {loaner} back on the shelf | check {loaner} in"""),
)
def take_back_loaner(tx: Tx, loaner: Loaner) -> None:
    """Books a lent laptop back into the pool."""
    tx.require(loaner.borrower is not None, "only a laptop that somebody has can come back")
    tx.require(loaner.status == "lent", "only a lent laptop can come back")
    loaner.borrower = None
    loaner.due_back = None
    loaner.status = "available"


@helpdesk.op(
    say=phrases("""
        swap {computer} for the new one with the tag {tag} | replace {computer} by {tag}
        | retire {computer} and hand out {tag} | make {tag} the successor of {computer}
        | roll out {tag} in place of {computer} | exchange {computer}, the new tag is {tag}"""),
    takes={"tag": code("NB-#####")},
)
def replace_computer(tx: Tx, computer: Computer, tag: str) -> None:
    """Replaces a computer that is at least three years old by a new one of the same model; the department pays 1,100.00."""
    tx.require(computer.status == "in_use", "only a computer in use can be replaced")
    tx.require(computer.bought_on <= tx.days(-1095), "a computer is replaced after three years")
    department = computer.employee.department
    tx.require(department.budget >= 110_000, "the department has to have the money for a new computer")
    computer.status = "retired"
    department.budget -= 110_000
    tx.new(
        Computer,
        employee=computer.employee,
        account=computer.account,
        printer=computer.printer,
        tag=tag,
        model=computer.model,
        bought_on=tx.today,
    )
