"""Reading operations as text: their guards, and which fields they write, insert and read, from the syntax of their functions.

Operations are Python so that they run as they stand; what they demand and change is found by following the types of their variables: a
parameter is a row, `order.items` are rows of another table, `for item in order.items` is one of them. Functions of the same module
that are called with rows are followed too. What cannot be followed is reported with its line, so that a misspelt field never reaches
an episode.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from envgym.environments.tool_world.domain import Domain, move_reason
from envgym.environments.tool_world.entity import Entity, Table
from envgym.environments.tool_world.guard import NOTHING, Guard, Known, Reading, Scope
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.policies import Policy
from envgym.python_source import parse_python


def read_operation(domain: Domain, operation: Operation) -> Reading:
    """The reading of an operation, made once."""
    return _read(domain, operation.name)


def read_policy(domain: Domain, policy: Policy) -> Reading:
    """The reading of a policy's function: its test is the expression that it returns, kept as its only guard."""
    assert policy.function is not None
    rows = {
        p.name: (p.entity, p.many)
        for each in policy.on
        for p in domain.operations[each].parameters
        if p.entity is not None
    }
    return _condition(domain, policy.function, tuple(rows.items()), policy.sentence)


def read_condition(domain: Domain, function: Callable[..., Any], rows: Mapping[str, type[Entity]]) -> Reading:
    """The reading of a function that returns whether something holds; its first argument is the only row in `rows`, whatever it is
    called.
    """
    name = function.__code__.co_varnames[0]
    return _condition(domain, function, tuple((name, (entity, False)) for entity in rows.values()), function.__name__)


@lru_cache(maxsize=1024)
def _condition(
    domain: Domain, function: Callable[..., Any], rows: tuple[tuple[str, tuple[type[Entity], bool]], ...], why: str
) -> Reading:
    reading = Reading()
    scope = Scope(function, types={name: Known(domain.table(entity), many) for name, (entity, many) in rows})
    _Walk(domain, reading, scope, ()).body(_syntax(function).body, returns_test=True, why=why)
    return reading


@lru_cache(maxsize=4096)
def _read(domain: Domain, name: str) -> Reading:
    operation = domain.operations[name]
    reading = Reading()
    move = domain.moves.get(name)
    if move is not None:
        table = domain.table(move.entity)
        variable = operation.parameters[0].name
        test = ast.parse(f"{variable}.{move.field} == {move.before!r}", mode="eval").body
        scope = Scope(operation.function, types={variable: Known(table)})
        reading.guards.append(Guard(test, move_reason(table.noun, move.before, move.after), operation.line, scope))
        reading.reads.add((table.name, move.field))
        reading.writes.add((table.name, move.field))
        reading.assigned.append((table.name, move.field, move.after, operation.line))
        return reading
    scope = Scope(operation.function)
    for parameter in operation.parameters:
        scope.types[parameter.name] = (
            Known(domain.table(parameter.entity), parameter.many) if parameter.entity else NOTHING
        )
    _Walk(domain, reading, scope, ()).body(_syntax(operation.function).body)
    return reading


@lru_cache(maxsize=4096)
def _syntax(function: Callable[..., Any]) -> ast.FunctionDef:
    """The definition of a function, with the line numbers of its file."""
    lines, first = inspect.getsourcelines(function)
    tree = ast.increment_lineno(parse_python(textwrap.dedent("".join(lines))), first - 1)
    found = tree.body[0]
    if not isinstance(found, ast.FunctionDef):
        raise TypeError(f"{function.__name__} is no function with a name")
    return found


def _together(called: Callable[..., Any], caller: Callable[..., Any]) -> bool:
    """Whether two functions are of one domain: of one module, or of one folder of them."""
    folders = [function.__module__.rpartition(".")[0] for function in (called, caller)]
    return called.__module__ == caller.__module__ or (
        folders[0] == folders[1] and not folders[0].endswith(".domains") and folders[0] != ""
    )


class _Walk:
    """Follows one body. Loops that enclose the place are in `loops`."""

    def __init__(
        self, domain: Domain, reading: Reading, scope: Scope, loops: tuple[tuple[Scope, str], ...], depth: int = 0
    ) -> None:
        self.domain = domain
        self.reading = reading
        self.scope = scope
        self.loops = loops
        self.depth = depth

    def body(self, statements: list[ast.stmt], *, returns_test: bool = False, why: str = "") -> None:
        for statement in statements:
            self._statement(statement, returns_test, why)

    def _statement(self, node: ast.stmt, returns_test: bool, why: str) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assign(node.targets[0], node.value)
        elif isinstance(node, ast.AugAssign):
            self._assign(node.target, node.value, adds=True)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.For):
            self._loop(node, returns_test, why)
        elif isinstance(node, ast.If):
            self.known(node.test)
            self.body(node.body, returns_test=returns_test, why=why)
            self.body(node.orelse, returns_test=returns_test, why=why)
        elif isinstance(node, ast.Return) and node.value is not None:
            self.known(node.value)
            self.reading.returns = True
            if returns_test:
                self.reading.guards.append(Guard(node.value, why, node.lineno, self.scope, self.loops))
        elif isinstance(node, ast.Expr):
            self.known(node.value)
        elif not isinstance(node, ast.Pass | ast.Return | ast.Break | ast.Continue):
            self._fault(
                node,
                f"{type(node).__name__} is not used in operations; write it with assignments, for, if and tx.require",
            )

    def _assign(self, target: ast.expr, value: ast.expr, *, adds: bool = False) -> None:
        known = self.known(value)
        if isinstance(target, ast.Name):
            if not adds:
                self.scope.bound[target.id] = (value, self.scope, False)
            self.scope.types[target.id] = known
        elif isinstance(target, ast.Attribute):
            owner = self.known(target.value)
            if owner.table is None or owner.many:
                self._fault(target, f"{ast.unparse(target)}: what is left of the dot is not known to be a row")
            elif target.attr not in owner.table.fields:
                self._fault(target, self._no_field(owner.table, target.attr))
            else:
                self.reading.writes.add((owner.table.name, target.attr))
                if adds:
                    self.reading.reads.add((owner.table.name, target.attr))
                elif isinstance(value, ast.Constant):
                    self.reading.assigned.append((owner.table.name, target.attr, value.value, target.lineno))
        else:
            self._fault(target, f"{ast.unparse(target)} cannot be assigned to in an operation")

    def _loop(self, node: ast.For, returns_test: bool, why: str) -> None:
        inside = self._bind(node.target, node.iter)
        inside.body(node.body, returns_test=returns_test, why=why)

    def _bind(self, target: ast.expr, over: ast.expr) -> "_Walk":
        """A walk in which the loop's variables are bound; pairs of enumerate and zip are taken apart."""
        iterated = {"enumerate": 1, "zip": None}
        names: list[tuple[ast.expr, ast.expr | None]] = [(target, over)]
        if (
            isinstance(over, ast.Call)
            and isinstance(over.func, ast.Name)
            and over.func.id in iterated
            and isinstance(target, ast.Tuple)
        ):
            sources = [None, over.args[0]] if over.func.id == "enumerate" else list(over.args)
            names = list(zip(target.elts, sources, strict=False))
            for argument in over.args:
                self.known(argument)
        loops = self.loops
        for variable, source in names:
            if not isinstance(variable, ast.Name):
                continue
            known = self.known(source) if source is not None else NOTHING
            self.scope.types[variable.id] = Known(known.table) if known.many else NOTHING
            if source is not None:
                self.scope.bound[variable.id] = (source, self.scope, True)
                loops = (*loops, (self.scope, variable.id))
        return _Walk(self.domain, self.reading, self.scope, loops, self.depth)

    # ---- expressions

    def known(self, node: ast.expr) -> Known:
        """What is known about a value; everything inside it is looked at."""
        if isinstance(node, ast.Name):
            return self.scope.types.get(node.id, NOTHING)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            owner = self.known(node.value)
            self.known(node.slice)
            return owner if isinstance(node.slice, ast.Slice) else Known(owner.table) if owner.many else NOTHING
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            return self._comprehension(node)
        if isinstance(node, ast.BoolOp | ast.IfExp):
            parts = [self.known(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
            return next((part for part in parts if part.table is not None and not part.name), NOTHING)
        if isinstance(node, ast.Compare):
            return self._compare(node)
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.known(part)
        return NOTHING

    def _compare(self, node: ast.Compare) -> Known:
        """Notes the constants that a field is compared with."""
        sides = [self.known(side) for side in (node.left, *node.comparators)]
        constants = [part for side in node.comparators for part in ast.walk(side) if isinstance(part, ast.Constant)]
        if sides[0].table is not None and sides[0].name and len(sides) == 2 and sides[1] == NOTHING:
            place = (sides[0].table.name, sides[0].name)
            self.reading.compared += [(*place, constant.value, constant.lineno) for constant in constants]
        return NOTHING

    def _attribute(self, node: ast.Attribute) -> Known:
        owner = self.known(node.value)
        if owner.table is None or owner.name:
            return NOTHING
        if owner.many:
            return (
                NOTHING
                if node.attr in ("append", "copy", "sort")
                else self._fault(node, f"{ast.unparse(node.value)} are several rows; say of which one")
            )
        if node.attr == "id":
            return NOTHING
        if node.attr in owner.table.many:
            table, name = owner.table.many[node.attr]
            self.reading.reads.add((table.name, name))
            return Known(table, many=True)
        if node.attr not in owner.table.fields:
            return self._fault(node, self._no_field(owner.table, node.attr))
        self.reading.reads.add((owner.table.name, node.attr))
        field = owner.table.fields[node.attr]
        return Known(self.domain.table(field.target)) if field.kind == "ref" else Known(owner.table, name=node.attr)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Known:
        before = dict(self.scope.types)
        for part in node.generators:
            self._bind(part.target, part.iter)
            for condition in part.ifs:
                self.known(condition)
        made = self.known(node.elt)
        self.scope.types = before
        return Known(made.table, many=True) if made.table is not None and not made.name else NOTHING

    def _call(self, node: ast.Call) -> Known:
        arguments = [self.known(argument) for argument in [*node.args, *(keyword.value for keyword in node.keywords)]]
        if (
            isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "tx"
        ):
            return self._transaction(node.func.attr, node)
        if isinstance(node.func, ast.Name):
            if node.func.id in ("sorted", "list", "reversed"):
                return arguments[0]
            if node.func.id in ("max", "min", "next") and arguments and arguments[0].many:
                return Known(arguments[0].table)
            called = self.scope.function.__globals__.get(node.func.id)
            if inspect.isfunction(called) and _together(called, self.scope.function) and self.depth < 4:
                self._follow(called, node)
        else:
            self.known(node.func)
        return NOTHING

    def _transaction(self, name: str, node: ast.Call) -> Known:
        if name == "require":
            why = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
            if not isinstance(why, str):
                return self._fault(
                    node, 'tx.require(condition, "why"): the reason is one plain text, it becomes the written policy'
                )
            self.reading.guards.append(Guard(node.args[0], why, node.lineno, self.scope, self.loops))
        elif name in ("new", "all") and node.args:
            return self._new(name, node)
        elif name == "delete":
            owner = self.known(node.args[0])
            if owner.table is not None:
                self.reading.deletes.add(owner.table.name)
        elif name not in ("days", "hours"):
            return self._fault(
                node, f"tx.{name} does not exist; there are require, new, all, delete, today, now, days, hours"
            )
        return NOTHING

    def _new(self, name: str, node: ast.Call) -> Known:
        kind = self.scope.function.__globals__.get(node.args[0].id) if isinstance(node.args[0], ast.Name) else None
        if not (inspect.isclass(kind) and issubclass(kind, Entity)):
            return self._fault(node, f"tx.{name}: the first argument is an entity class of this module")
        table = self.domain.table(kind)
        given = {keyword.arg for keyword in node.keywords}
        for unknown in sorted(str(each) for each in given - set(table.fields)):
            self._fault(node, self._no_field(table, unknown))
        if name == "all":
            return Known(table, many=True)
        for missing, described in table.fields.items():
            if (
                missing not in given
                and described.default is None
                and not described.optional
                and described.kind != "flag"
            ):
                self._fault(node, f"a new {table.noun} needs {missing}")
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Constant) and keyword.arg in table.fields:
                self.reading.assigned.append((table.name, keyword.arg, keyword.value.value, node.lineno))
        self.reading.inserts.add(table.name)
        return Known(table)

    def _follow(self, called: Callable[..., Any], node: ast.Call) -> None:
        """Reads a function of the same module that is called here, with its parameters bound to what it is given."""
        definition = _syntax(called)
        names = [argument.arg for argument in definition.args.args]
        given: Mapping[str, ast.expr] = {
            **dict(zip(names, node.args, strict=False)),
            **{keyword.arg: keyword.value for keyword in node.keywords if keyword.arg},
        }
        scope = Scope(called)
        for name, value in given.items():
            if name != "tx":
                scope.bound[name] = (value, self.scope, False)
                scope.types[name] = self.known(value)
        returned = self.reading.returns
        _Walk(self.domain, self.reading, scope, self.loops, self.depth + 1).body(definition.body)
        self.reading.returns = returned

    def _fault(self, node: ast.expr | ast.stmt, what: str) -> Known:
        self.reading.faults.append((node.lineno, what))
        return NOTHING

    def _no_field(self, table: Table, name: str) -> str:
        return f"{table.name} has no field {name!r}; there are {', '.join([*table.fields, *table.many])}"
