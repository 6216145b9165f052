"""What customers see on their own phone and what they can do to it: the agent can only ask them to."""

from typing import Any

from envgym.environments.tool_world.domains.telecom.rows import Device, telecom
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    telecom,
    Device,
    """
    end_airplane_mode | airplane_mode | on > off
    | switch airplane mode off on {device} | end flight mode on {device} | take {device} out of flight mode
    reseat_sim | tray | loose > seated
    | take the SIM out of {device} and put it back | reseat the SIM card of {device} | push the SIM tray of {device} in again
    pick_network | network | manual > automatic
    | let {device} pick its network itself | set the network selection of {device} to automatic | stop fixing the network on {device}
    use_fastest_mode | mode | 3g_only > fastest
    | set {device} to the fastest network type | let {device} use 4G and 5G again | take {device} off 3G only
    turn_on_mobile_data | mobile_data | off > on
    | switch mobile data on on {device} | let {device} use mobile data | turn the mobile data of {device} on
    turn_off_mobile_data | mobile_data | on > off
    | switch mobile data off on {device} | keep {device} off mobile data | turn the mobile data of {device} off
    turn_on_data_roaming | data_roaming | off > on
    | switch data roaming on on {device} | allow data abroad in the settings of {device} | let {device} use data while roaming
    turn_off_data_roaming | data_roaming | on > off
    | switch data roaming off on {device} | forbid data abroad in the settings of {device} | keep {device} from roaming with data
    reset_apn | apn | wrong > right
    | reset the access point of {device} | put the APN of {device} back to default | restore the APN settings of {device}
    turn_off_data_saver | data_saver | on > off
    | switch the data saver of {device} off | end data saving on {device} | stop {device} from saving data
    disconnect_vpn | vpn | on > off
    | switch the VPN of {device} off | disconnect {device} from its VPN | close the VPN on {device}
    load_carrier_update | carrier_settings | outdated > current
    | install the carrier update on {device} | update the carrier settings of {device} | load the operator's new settings on {device}
    """,
    actor="user",
)


def has_service(device: Device) -> Any:
    """Whether the phone is in the network: voice works."""
    return (
        device.airplane_mode == "off"
        and device.tray == "seated"
        and device.modem == "running"
        and device.network == "automatic"
        and device.bar == "clear"
        and device.sim_card.status == "active"
        and device.line.status == "active"
        and device.line.registration == "registered"
    )


def has_data(device: Device) -> Any:
    """Whether mobile data flows at home, where there is service."""
    return (
        device.mobile_data == "on"
        and device.apn == "right"
        and device.modem == "running"
        and device.line.data_service == "open"
        and device.line.spend_control == "open"
        and device.line.data_left_mb > 0
        and device.line.status == "active"
    )


def is_fast(device: Device) -> Any:
    """Whether nothing slows the data down."""
    return (
        device.mode == "fastest"
        and device.data_saver == "off"
        and device.vpn == "off"
        and device.carrier_settings == "current"
        and device.line.speed == "full"
        and device.line.access == "5g"
    )


def roams(device: Device) -> Any:
    """Whether data works abroad."""
    return (
        device.data_roaming == "on"
        and device.mobile_data == "on"
        and device.network == "automatic"
        and device.apn == "right"
        and device.line.roaming == "on"
        and device.line.roaming_spend == "open"
        and device.line.status == "active"
    )


@telecom.op(
    actor="user",
    say=phrases("""
        restart {device} | switch {device} off and on again | turn {device} off, wait, and turn it on | reboot {device}
        | give {device} a restart | do a restart of {device}"""),
)
def restart_device(tx: Tx, device: Device) -> None:
    """Switch the phone off and on again."""
    device.modem = "running"


@telecom.op(
    actor="user",
    say=phrases("""
        read me the status bar of {device} | read out the top of the screen of {device}
        | look at the signal bars of {device} | tell me what {device} shows at the top
        | check the status bar of {device} | say what signal {device} has"""),
)
def read_status_bar(tx: Tx, device: Device) -> str:
    """Read what the top of the phone's screen shows: signal, flight mode, SIM, data."""
    if device.airplane_mode == "on":
        return "an airplane, no bars"
    if device.tray == "loose" or device.sim_card.status == "retired":
        return "No SIM"
    if device.sim_card.status == "blocked":
        return "SIM locked, enter PUK"
    if device.modem == "hung" or device.network == "manual":
        return "Searching"
    if not has_service(device):
        return "Emergency calls only"
    return (
        "full bars, 3G"
        if device.mode == "3g_only"
        else "full bars, 4G"
        if device.line.access == "4g"
        else "full bars, 5G"
    )


@telecom.op(
    actor="user",
    say=phrases("""
        read me the network settings of {device} | read out the mobile settings of {device}
        | open the network menu of {device} | go through the connection settings of {device}
        | check the data settings of {device} | say what is set for data on {device}"""),
)
def read_network_settings(tx: Tx, device: Device) -> dict[str, str]:
    """Open the phone's network menu and read out how its switches stand."""
    return {
        "mobile_data": device.mobile_data,
        "data_roaming": device.data_roaming,
        "access_point": "as the operator set it" if device.apn == "right" else "internet.old",
        "network_selection": device.network,
        "network_type": device.mode,
        "data_saver": device.data_saver,
        "vpn": device.vpn,
        "carrier_update": "none" if device.carrier_settings == "current" else "one is waiting",
    }


@telecom.op(
    actor="user",
    say=phrases("""
        run a speed test on {device} | measure how fast {device} is | find out how fast the internet on {device} is
        | test the data speed of {device} | see what speed {device} gets | do a speed check on {device}"""),
)
def run_speed_test(tx: Tx, device: Device) -> str:
    """Measure the phone's data speed at home."""
    if not (has_service(device) and has_data(device)):
        return "no connection"
    return "180 Mbit/s" if is_fast(device) else "0.6 Mbit/s"
