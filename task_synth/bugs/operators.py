"""All operators by name."""

from envgym.errors import UsageError
from envgym.task_synth.bugs import (
    call_operators,
    class_operators,
    constant_operators,
    expression_operators,
    flow_operators,
    statement_operators,
)
from envgym.task_synth.bugs.mutation import Operator

OPERATORS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        expression_operators.flip_arithmetic,
        expression_operators.flip_assignment,
        expression_operators.move_boundary,
        expression_operators.negate_comparison,
        expression_operators.flip_connective,
        expression_operators.swap_operands,
        expression_operators.drop_operand,
        expression_operators.drop_sign,
        expression_operators.invert_condition,
        expression_operators.swap_choice,
        constant_operators.change_number,
        constant_operators.flip_constant,
        constant_operators.change_text,
        constant_operators.off_by_one,
        constant_operators.drop_bound,
        constant_operators.change_default,
        call_operators.swap_arguments,
        call_operators.drop_wrapper,
        call_operators.drop_argument,
        call_operators.call_sibling,
        call_operators.use_other_variable,
        call_operators.use_other_attribute,
        statement_operators.drop_statement,
        statement_operators.drop_result,
        statement_operators.swap_statements,
        statement_operators.change_exception,
        flow_operators.drop_branch,
        flow_operators.take_branch,
        flow_operators.swap_branches,
        flow_operators.loop_once,
        flow_operators.swap_loop_exit,
        flow_operators.leave_early,
        flow_operators.drop_finish,
        class_operators.drop_decorator,
        class_operators.drop_call_above,
        class_operators.drop_base,
        class_operators.rename_method,
    )
}


def chosen(names: object) -> dict[str, Operator]:
    """The operators of these names, all for None. Raises UsageError for a name that is none."""
    if names is None:
        return OPERATORS
    wanted = [names] if isinstance(names, str) else list(names)  # type: ignore[call-overload]
    unknown = [name for name in wanted if name not in OPERATORS]
    if unknown or not wanted:
        raise UsageError(f"unknown operator {unknown[0] if unknown else ''!r}; known: {', '.join(OPERATORS)}")
    return {name: operator for name, operator in OPERATORS.items() if name in wanted}
