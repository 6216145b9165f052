"""A walk over the body of a function of a domain: follows the types of its variables, and notes what it demands, reads and changes.

`known` tells what is known about an expression and looks at everything inside it; statements that operations have no use for are faults.
"""

import ast
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Entity, Table
from envgym.environments.tool_world.function_syntax import arguments_of, leaves, only_return, syntax_of, together
from envgym.environments.tool_world.guard import NOTHING, Guard, Hop, Known, Mention, Path, Reading, Scope

DEPTH = 4


class BodyWalk:
    """Follows one body. Loops that enclose the place are in `loops`; `always` tells whether every call gets to the place; `returned` is
    what is known about the value that was returned last.
    """

    def __init__(
        self,
        domain: Domain,
        reading: Reading,
        scope: Scope,
        loops: tuple[tuple[Scope, str], ...],
        depth: int = 0,
        always: bool = True,
    ) -> None:
        self.domain = domain
        self.reading = reading
        self.scope = scope
        self.loops = loops
        self.depth = depth
        self.always = always
        self.returned = NOTHING

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
            always, self.always = self.always, False
            self.body(node.body, returns_test=returns_test, why=why)
            self.body(node.orelse, returns_test=returns_test, why=why)
            self.always = always and not leaves(node)
        elif isinstance(node, ast.Return) and node.value is not None:
            self.returned = self.known(node.value)
            self.reading.returns = True
            if returns_test:
                self.reading.guards.append(Guard(node.value, why, self.scope.file, node.lineno, self.scope, self.loops))
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
            self._bound(target.id, value, each=False, adds=adds)
            self.scope.types[target.id] = known
        elif isinstance(target, ast.Attribute):
            owner = self.known(target.value)
            if owner.table is None or owner.many:
                self._fault(target, f"{ast.unparse(target)}: what is left of the dot is not known to be a row")
            elif target.attr not in owner.table.fields:
                self._fault(target, self._no_field(owner.table, target.attr))
            else:
                if adds:
                    self.reading.reads.add((owner.table.name, target.attr))
                elif isinstance(value, ast.Constant):
                    self._assigned(owner.table, target.attr, value)
                    if self.always:
                        self.reading.moved.append((self._guard(target, ""), self.reading.assigned[-1]))
                self.reading.writes.add((owner.table.name, target.attr))
        else:
            self._fault(target, f"{ast.unparse(target)} cannot be assigned to in an operation")

    def _loop(self, node: ast.For, returns_test: bool, why: str) -> None:
        inside = self._bind(node.target, node.iter)
        inside.always = self.always and self._is_argument(node.iter, self.scope)
        inside.body(node.body, returns_test=returns_test, why=why)
        self.always = self.always and not leaves(node)

    def _is_argument(self, node: ast.expr, scope: Scope) -> bool:
        """Whether rows are those that the operation was given: there is at least one."""
        if not isinstance(node, ast.Name) or node.id in scope.rebound:
            return False
        if node.id not in scope.bound:
            return scope.types.get(node.id, NOTHING).many
        expression, inside, each = scope.bound[node.id]
        return not each and inside is not scope and self._is_argument(expression, inside)

    def _bound(self, name: str, value: ast.expr, *, each: bool, adds: bool = False) -> None:
        """Notes what a name stands for from here on."""
        before = self.scope.bound.get(name)
        changed = before is not None and (before[2] != each or ast.dump(before[0]) != ast.dump(value))
        if adds or changed or (before is None and name in self.scope.types):
            self.scope.rebound.add(name)
        if not adds:
            self.scope.bound[name] = (value, self.scope, each)

    def _assigned(self, table: Table, name: str, value: ast.Constant) -> None:
        self.reading.assigned.append(Mention(table.name, name, value.value, self.scope.file, value.lineno))

    def _bind(self, target: ast.expr, over: ast.expr) -> "BodyWalk":
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
            if source is None:
                self.scope.rebound.add(variable.id)
            else:
                self._bound(variable.id, source, each=True)
            self.scope.types[variable.id] = known.row() if known.many else NOTHING
            if source is not None:
                loops = (*loops, (self.scope, variable.id))
        return BodyWalk(self.domain, self.reading, self.scope, loops, self.depth)

    # ---- expressions

    def known(self, node: ast.expr) -> Known:
        """What is known about a value; everything inside it is looked at."""
        always = self.always
        if isinstance(node, ast.BoolOp | ast.IfExp | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.Lambda):
            self.always = False
        try:
            return self._known(node)
        finally:
            self.always = always

    def _known(self, node: ast.expr) -> Known:
        if isinstance(node, ast.Name):
            return self.scope.types.get(node.id, NOTHING)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            owner = self.known(node.value)
            self.known(node.slice)
            return owner if isinstance(node.slice, ast.Slice) else owner.row() if owner.many else NOTHING
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            return self._comprehension(node)
        if isinstance(node, ast.BoolOp | ast.IfExp):
            parts = [self.known(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
            rows = [part for part in parts if part.table is not None and not part.name]
            ways = frozenset[Path]().union(*(part.paths for part in rows if part.table is rows[0].table))
            return replace(rows[0], paths=ways) if rows else NOTHING
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
            table, name, file = sides[0].table.name, sides[0].name, self.scope.file
            self.reading.compared += [Mention(table, name, each.value, file, each.lineno) for each in constants]
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
            return self._read(owner.over(Hop(table.name, name, back=True), table), table, name)
        if node.attr not in owner.table.fields:
            return self._fault(node, self._no_field(owner.table, node.attr))
        self._read(owner, owner.table, node.attr)
        field = owner.table.fields[node.attr]
        if field.kind == "ref":
            return owner.over(Hop(owner.table.name, node.attr), self.domain.table(field.target))
        return Known(owner.table, name=node.attr)

    def _read(self, owner: Known, table: Table, name: str) -> Known:
        """Notes that a column is read, and on which ways."""
        self.reading.reads.add((table.name, name))
        self.reading.ways |= {(path, table.name, name) for path in owner.paths}
        return owner

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Known:
        before = dict(self.scope.types)
        for part in node.generators:
            self._bind(part.target, part.iter)
            for condition in part.ifs:
                self.known(condition)
        made = self.known(node.elt)
        self.scope.types = before
        return replace(made, many=True) if made.table is not None and not made.name else NOTHING

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
                return arguments[0].row()
            called = self.scope.function.__globals__.get(node.func.id)
            if inspect.isfunction(called) and together(called, self.scope.function):
                if self.depth < DEPTH:
                    return self._follow(called, node)
                return self._fault(
                    node, f"{node.func.id}: functions call each other at most {DEPTH} deep in an operation"
                )
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
            self.reading.guards.append(self._guard(node.args[0], why))
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

    def _guard(self, test: ast.expr, why: str) -> Guard:
        """A condition at this place."""
        before = frozenset(self.reading.writes)
        place = (self.scope.file, test.lineno, self.scope, self.loops)
        return Guard(test, why, *place, always=self.always, after=before)

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
                self._assigned(table, keyword.arg, keyword.value)
        self.reading.inserts.add(table.name)
        return Known(table)

    def _follow(self, called: Callable[..., Any], node: ast.Call) -> Known:
        """Reads a function of the same module that is called here, with its parameters bound to what it is given. Returns what is known
        about what it returns."""
        definition = syntax_of(called)
        given, left_out = arguments_of(definition, node)
        scope = Scope(called)
        for name, value in given.items():
            if name != "tx":
                scope.bound[name] = (value, self.scope, False)
                scope.types[name] = self.known(value)
        scope.bound |= {name: (value, scope, False) for name, value in left_out.items()}
        returns = self.reading.returns
        inside = BodyWalk(self.domain, self.reading, scope, self.loops, self.depth + 1, self.always)
        inside.body(definition.body)
        self.reading.returns = returns
        returned = only_return(definition)
        if returned is None:
            return NOTHING
        if not scope.rebound:
            self.scope.returned[node] = (returned, scope)
        return inside.returned

    def _fault(self, node: ast.expr | ast.stmt, what: str) -> Known:
        self.reading.faults.append((self.scope.file, node.lineno, what))
        return NOTHING

    def _no_field(self, table: Table, name: str) -> str:
        return f"{table.name} has no field {name!r}; there are {', '.join([*table.fields, *table.many])}"
