"""Questions over tables: several steps through real data, answered by tools, with one typed answer at the end.

The data is the periodic table, or the user's own SQLite file or CSV files (`data=...`). Every answer was proved unique by executing the
question's formal query; the agent never sees that query. A task belongs to the bytes it was made from and is refused on other data. What
counts is the submitted answer alone, by whatever calls it was found.
"""

import json
import random
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from envgym.env import EnvKnobs
from envgym.environments.table_qa.conditions import Function, Where, aggregate_sql, find_column, find_table, lookup_sql
from envgym.environments.table_qa.draw import Shape
from envgym.environments.table_qa.golden import Golden
from envgym.environments.table_qa.guess import guess
from envgym.environments.table_qa.query import QUESTION
from envgym.environments.table_qa.results import rows_text, table_text, tables_text, text
from envgym.environments.table_qa.schema import quoted
from envgym.environments.table_qa.source import Source, open_source
from envgym.environments.table_qa.tasks import SHAPES, draw_task
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, ToolSpec
from envgym.task import GeneratedTasks, Task, TaskFields, TaskSet
from envgym.tool_env import ToolEnv, tool
from envgym.verdict import Verdict
from envgym.verifiers.typed_answer import AnswerType, typed_answer

MAX_ROWS = 100
SQL_ROWS = 50
Limit = Annotated[int, Field(ge=1, le=MAX_ROWS)]
Answer = str | int | float | bool | list[str | int | float]
ASKED = {
    "integer": "an integer",
    "text": "a text, as it stands in the data",
    "list": "a list of texts, in any order",
    "yes_no": "yes or no",
}


class TableQA(ToolEnv):
    """Answer questions over the periodic table or your own SQLite or CSV data, with tools that look up, aggregate and run SQL."""

    id = "table_qa"
    fixtures: ClassVar[frozenset[str]] = ToolEnv.fixtures | {"_source"}
    found_by_tools: ClassVar[frozenset[str]] = frozenset({"answer", "query", "parameters"})
    """Private fields whose values the tools are there to show."""

    class Knobs(EnvKnobs):
        data: str = Field(
            "", description="Path of a SQLite file, a CSV file or a folder of CSV files; empty: periodic table."
        )
        min_hops: int = Field(1, ge=1, le=4, description="Fewest steps that build on one another.")
        max_hops: int = Field(3, ge=1, le=4, description="Most steps that build on one another.")
        shapes: tuple[Shape, ...] = Field((), description=f"Kinds of questions, of {', '.join(SHAPES)}; empty: all.")
        sql: bool = Field(
            True, description="Whether the agent may write SQL; without it every step is a call of its own."
        )

    class Public(BaseModel):
        question: str = Field(min_length=1, description="What is asked, in English.")
        answer: AnswerType = Field(description="What the answer must be.")
        source: str = Field(description="What the data is.")
        tables: list[str] = Field(default=[], description="Names of its tables, which the question opens with.")
        data: str = Field(description="sha256 of the bytes of the data.")

    class Private(BaseModel):
        query: dict[str, Any] = Field(description="The formal question.")
        sql: str = Field(description="The same as SQL.")
        parameters: list[Any] = Field(description="Values of the question marks in it.")
        answer: Any = Field(description="Gold.")

    knobs: Knobs
    submitted: Answer | None = None
    _source: Source | None = None

    # ---- tasks

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is not None:
            return self._given
        knobs = {**self.knobs.model_dump(mode="json"), "data": self.source.sha256}
        return GeneratedTasks(self.id, knobs, self.generate, seed=seed)

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        if knobs.min_hops > knobs.max_hops:
            raise UsageError(f"table_qa: min_hops={knobs.min_hops} is above max_hops={knobs.max_hops}")
        return draw_task(self.source, rng, shapes=knobs.shapes or SHAPES, hops_range=(knobs.min_hops, knobs.max_hops))

    def begin(self, task: Task) -> str:
        public, source = task.public, self.source
        if public["data"] != source.sha256:
            raise UsageError(
                f"task {task.id!r} was made from other data ({public['source']}, sha256 {public['data'][:12]}) than "
                f"{source.schema.title} (sha256 {source.sha256[:12]}); give the data it was made from: data=PATH"
            )
        self.submitted = None
        tables = ", ".join(source.schema.tables)
        return (
            f"Answer a question about {source.schema.title}, a database with the tables {tables}.\n\n"
            f"{public['question']}\n\n"
            f"Look things up with the tools, then submit {asked_for(AnswerType.model_validate(public['answer']))}."
        )

    def verify(self) -> Verdict:
        if self.task is None or self.submitted is None:
            return Verdict.malformed("no answer was submitted", code="answer.none")
        asked = AnswerType.model_validate(self.task.public["answer"])
        return typed_answer(self.submitted, self.task.private["answer"], asked=asked)

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            question = QUESTION.validate_python(self.task.private["query"])
            yield from Golden(self._last_result).play(question)

    def random_action(self, rng: random.Random) -> Action:
        """A well-formed call on tables and columns that are there; now and then a blind answer."""
        return guess(self.source, rng, sql=self.knobs.sql)

    # ---- tools

    def tools(self) -> list[ToolSpec]:
        return [entry.spec for entry in self.toolbox.values() if entry.name != "sql" or self.knobs.sql]

    @tool(effect="reads")
    def tables(self) -> str:
        """List the tables with their number of rows."""
        return tables_text(self.source.schema)

    @tool(effect="reads")
    def describe(self, table: str) -> str:
        """Describe a table: its columns with type, meaning, unit and examples, its key, and what refers to what."""
        return table_text(self.source, find_table(self.source.schema, table))

    @tool(effect="reads")
    def lookup(
        self,
        table: str,
        where: Where = (),
        columns: tuple[str, ...] = (),
        order_by: str = "",
        descending: bool = False,
        distinct: bool = False,
        limit: Limit = 20,
        offset: Annotated[int, Field(ge=0, le=10**12)] = 0,
    ) -> str:
        """Read rows of one table: those that meet all conditions, the given columns (default all), ordered by one column."""
        found = find_table(self.source.schema, table)
        names, (sql, values) = lookup_sql(
            found,
            where,
            columns=columns,
            order_by=order_by,
            descending=descending,
            distinct=distinct,
            limit=limit + 1,
            offset=offset,
        )
        rows = self.source.read(sql, values)
        note = f"there are more rows; go on with offset {offset + limit}, or count them with aggregate" * (
            len(rows) > limit
        )
        return rows_text(names, rows[:limit], more=note or (self._near_miss(table, where) if not rows else ""))

    @tool(effect="reads")
    def aggregate(
        self,
        table: str,
        function: Function,
        column: str = "",
        where: Where = (),
        group_by: str = "",
        limit: Limit = 20,
    ) -> str:
        """Reckon over the rows that meet all conditions: count, count_distinct, sum, avg, min or max. Missing values do not count.
        With group_by, one figure per group, greatest first."""
        found = find_table(self.source.schema, table)
        sql, values = aggregate_sql(found, where, function=function, column=column, group_by=group_by, limit=limit + 1)
        rows = self.source.read(sql, values)
        if group_by:
            note = f"there are more groups; raise limit (at most {MAX_ROWS}) or filter" * (len(rows) > limit)
            return rows_text([find_column(found, group_by).name, function], rows[:limit], more=note)
        near = self._near_miss(table, where) if rows[0][0] in (0, None) else ""
        return text({"value": rows[0][0], **({"note": near} if near else {})})

    @tool(effect="reads")
    def sql(self, query: str) -> str:
        """Run one read-only SQLite SELECT. At most 50 rows come back; a query that takes too much work is stopped."""
        if not self.knobs.sql:
            raise InvalidAction("sql is not offered here; use lookup and aggregate", code="tool.unknown")
        names, rows = self.source.ask(query, rows=SQL_ROWS + 1)
        note = f"only the first {SQL_ROWS} rows are shown; aggregate, filter, or use LIMIT with OFFSET" * (
            len(rows) > SQL_ROWS
        )
        return rows_text(names, rows[:SQL_ROWS], more=note)

    @tool(final=True)
    def submit(self, answer: Answer) -> str:
        """Submit the answer and end. Give the bare value: a number, a text, yes or no, or a list; no sentence around it."""
        self.submitted = answer
        return "submitted"

    def _near_miss(self, table: str, where: Where) -> str:
        """What to say when nothing was found because only the case of a text differs; empty when that is not why."""
        found = find_table(self.source.schema, table)
        for condition in where:
            column, value = find_column(found, condition["column"]), condition.get("value")
            if condition.get("op", "=") == "=" and isinstance(value, str) and column.kind == "text":
                name = quoted(column.name)
                same = f"SELECT {name} FROM {quoted(found.name)} WHERE lower({name}) = lower(?) AND {name} <> ? LIMIT 1"
                rows = self.source.read(same, [value, value])
                if rows:
                    return f"no {column.name} is {value!r}, but there is {rows[0][0]!r}: case matters"
        return ""

    # ---- the source

    @property
    def source(self) -> Source:
        """The data, opened when it is first needed: an environment that was pickled, or closed, opens it again."""
        if self._source is None:
            self._source = open_source(self.knobs.data)
        return self._source

    def close(self) -> None:
        self._source = None
        super().close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_source"}

    def _last_result(self) -> Any:
        return json.loads(str(self.observe()[-1]["content"]))


def asked_for(answer: AnswerType) -> str:
    """What to submit, in words, with unit and tolerance."""
    if answer.kind != "number":
        return ASKED[answer.kind]
    unit = f" in {answer.unit}" if answer.unit else ""
    return f"a number{unit}, right to within {answer.tolerance:.1%}"
