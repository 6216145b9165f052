"""Single steps of what has a state."""

from envgym.environments.tool_world.domains.calendar_mail.rows import (
    AutomaticReply,
    Device,
    Event,
    LeaveRequest,
    Loan,
    Room,
    Task,
    desk,
)
from envgym.environments.tool_world.move_table import move_table

move_table(
    desk,
    Event,
    """
    confirm_event | status | tentative > confirmed
    | confirm {event} | make {event} definite | {event} is fixed now
    """,
)
move_table(
    desk,
    Room,
    """
    open_room | status | closed > open
    | open {room} again | put {room} back into booking | {room} can be used again
    """,
)
move_table(
    desk,
    Device,
    """
    take_from_repair | status | in_repair > available
    | have {device} back, it is mended | take {device} back from repair | put {device} back in use
    """,
)
move_table(
    desk,
    Loan,
    """
    hand_out_loan | status | booked > handed_out
    | hand out {loan} | {loan} was picked up | mark {loan} as handed out
    return_loan | status | handed_out > returned
    | take {loan} back | {loan} has come back | mark {loan} as returned
    """,
)
move_table(
    desk,
    LeaveRequest,
    """
    refuse_leave | status | requested > refused
    | refuse {leave_request} | turn {leave_request} down | say no to {leave_request}
    """,
)
move_table(
    desk,
    AutomaticReply,
    """
    end_automatic_reply | status | active > ended
    | switch {automatic_reply} off | lift {automatic_reply} | end {automatic_reply} early
    """,
)
move_table(
    desk,
    Task,
    """
    start_task | status | not_started > in_progress
    | start {task} | begin with {task} | put {task} in progress
    finish_task | status | in_progress > done
    | tick {task} off | {task} is done | finish {task}
    park_task | status | in_progress > waiting
    | park {task} | {task} has to wait | put {task} on hold
    resume_task | status | waiting > in_progress
    | take {task} up again | go on with {task} | resume {task}
    """,
)
