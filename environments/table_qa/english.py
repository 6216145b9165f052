"""A formal question in English: what is asked, in the words of the schema, so that only one reading is left.

Long chains become sentences of their own ("Consider the element ... . ... of that element ..."), because a clause behind two nouns may
belong to either. A superlative over rows of which some have no value says that those are left out. Values stand as the tools show them.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from envgym.environments.table_qa.query import (
    Aggregate,
    Busiest,
    Children,
    Count,
    Difference,
    Distinct,
    Everything,
    Exists,
    Extreme,
    Greater,
    Key,
    Named,
    Only,
    Parents,
    Value,
    Where,
    table_of,
)
from envgym.environments.table_qa.schema import REFERENCE, Column, Link, Schema, Table, fill

COMPARED = {">": "above", "<": "below", "=": "equal"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase of rows of one table. One row is `the`; several are `plural` with what stands before and behind the noun."""

    table: Table
    the: str = ""
    before: str = ""
    behind: str = ""
    clauses: tuple[str, ...] = ()
    those: bool = False
    """Whether the rows were introduced in a sentence of their own and are now "those"."""
    nested: bool = False
    """Whether another noun stands behind the first, to which a clause could belong."""

    @property
    def tail(self) -> str:
        """All that stands behind the noun: where the rows come from, then the clauses, short ones first."""
        short = sorted((clause for clause in self.clauses if not clause.startswith("whose ")), key=not_a_place)
        long = [clause for clause in self.clauses if clause.startswith("whose ")]
        return "".join(f" {part}" for part in (self.behind, *short, " and ".join(long)) if part)

    @property
    def several(self) -> str:
        return f"{self.before}{self.table.plural}{self.tail}"

    @property
    def one(self) -> str:
        return f"{self.before}{self.table.noun}{self.tail}"


@dataclass(slots=True)
class Writer:
    """Writes one question. `said` holds the sentences that lead up to it."""

    schema: Schema
    holes: frozenset[Any] = frozenset()
    """Superlatives and averages over rows of which some have no value, as (rows, column)."""
    said: list[str] = field(default_factory=list)

    def question(self, asked: Any) -> str:
        """The whole question, ending in a question mark or a full stop."""
        last = self.last_sentence(asked)
        return " ".join(sentence[0].upper() + sentence[1:] for sentence in [*self.said, last])

    def last_sentence(self, asked: Any) -> str:
        if isinstance(asked, Greater | Difference):
            return self.comparison(asked)
        if isinstance(asked, Value):
            return self.value_question(asked)
        phrase = self.phrase(asked.of)
        if isinstance(asked, Count):
            return f"how many {'of those ' if phrase.those else ''}{phrase.several} are there?"
        if isinstance(asked, Exists):
            return f"is there at least one {f'of those {phrase.several}' if phrase.those else phrase.one}?"
        column = phrase.table.columns[asked.column]
        rows = self.all_of(phrase)
        if isinstance(asked, Distinct):
            return f"how many different values does the {column.phrase} take among {rows}?"
        if isinstance(asked, Aggregate):
            return self.aggregate(asked, column, rows)
        return f"give the {column.phrase} of every one of {rows}."

    def aggregate(self, asked: Aggregate, column: Column, rows: str) -> str:
        hole = self.hole(asked.of, column)
        if asked.function in ("max", "min"):
            word = column.words.high if asked.function == "max" else column.words.low
            return f"what is the {word} {column.phrase} among {rows}{hole}?"
        word = "sum" if asked.function == "sum" else "arithmetic mean"
        return f"what is the {word} of the {column.phrase} over {rows}{hole}?"

    def value_question(self, asked: Value) -> str:
        table = self.schema.tables[table_of(asked.of)]
        column = table.columns[asked.column]
        naming = asked.column == table.label
        if naming and isinstance(asked.of, Extreme):
            extreme = asked.of
            ranked = table.columns[extreme.column]
            word = ranked.words.high if extreme.end == "max" else ranked.words.low
            rows = self.all_of(self.phrase(extreme.of))
            return f"which of {rows}{self.hole(extreme.of, ranked)} has the {word} {ranked.phrase}? Give its {column.phrase}."
        if naming and isinstance(asked.of, Busiest):
            return f"which {table.noun} {self.most(asked.of)}? Give its {column.phrase}."
        return f"what is the {column.phrase} of {self.phrase(asked.of).the}?"

    def comparison(self, asked: Greater | Difference) -> str:
        column = self.schema.tables[table_of(asked.left.of)].columns[asked.left.column]
        left, right = self.phrase(asked.left.of).the, self.phrase(asked.right.of).the
        if isinstance(asked, Difference):
            return f"by how much does the {column.phrase} of {left} exceed that of {right}?"
        return f"is the {column.phrase} of {left} {comparative(column.words.high)} than that of {right}?"

    # ---- rows

    def phrase(self, rows: Any) -> Phrase:
        """The noun phrase of rows; sentences that it needs before it are said."""
        table = self.schema.tables[table_of(rows)]
        match rows:
            case Named():
                return Phrase(table, the=reference(table, rows))
            case Everything():
                return Phrase(table)
            case Where():
                return self.filtered(self.phrase(rows.of), rows)
            case Children() | Parents():
                return self.linked(table, rows)
            case Extreme():
                column = table.columns[rows.column]
                word = column.words.high if rows.end == "max" else column.words.low
                among = self.all_of(self.phrase(rows.of))
                return Phrase(
                    table,
                    the=f"the {table.noun} with the {word} {column.phrase} among {among}{self.hole(rows.of, column)}",
                )
            case Busiest():
                return Phrase(table, the=f"the {table.noun} that {self.most(rows)}")
            case Only():
                phrase = self.phrase(rows.of)
                return Phrase(table, the=f"the only {f'one of those {phrase.several}' if phrase.those else phrase.one}")
        raise TypeError(f"no rows: {rows!r}")

    def filtered(self, phrase: Phrase, where: Where) -> Phrase:
        column = phrase.table.columns[where.column]
        if phrase.nested:
            self.said.append(f"consider {self.all_of(phrase)}.")
            phrase = Phrase(phrase.table, those=True)
        if column.words.adjectives is not None:
            return replace(phrase, before=f"{column.words.adjectives[0 if where.value else 1]} {phrase.before}")
        template = getattr(column.words, COMPARED[where.comparison])
        clause = fill(template, {"phrase": column.phrase, "value": spoken(where.value, column)})
        return replace(phrase, clauses=(*phrase.clauses, clause))

    def linked(self, table: Table, rows: Children | Parents) -> Phrase:
        link = self.link(rows.key)
        inner = self.phrase(rows.of)
        if inner.the:
            return self.linked_to_one(table, link, inner, isinstance(rows, Children), named=isinstance(rows.of, Named))
        if isinstance(rows, Parents) and not inner.nested and not inner.those:
            return Phrase(table, behind=fill(link.having, {"x": inner.one}), nested=True)
        self.said.append(f"consider {self.all_of(inner)}.")
        if isinstance(rows, Parents):
            return Phrase(table, behind=fill(link.having, {"x": f"of those {inner.table.plural}"}), nested=True)
        return Phrase(table, behind=fill(link.of, {"x": f"those {inner.table.plural}"}))

    def linked_to_one(self, table: Table, link: Link, inner: Phrase, back: bool, *, named: bool) -> Phrase:
        x = inner.the
        if not named and (back or " among " in x or " whose " in x):
            self.said.append(f"consider {x}.")
            x = f"that {inner.table.noun}"
        if back:
            return Phrase(table, behind=fill(link.of, {"x": x}), nested=" whose " in x or not link.spoken)
        return Phrase(table, the=fill(link.to, {"x": x, "noun": table.noun}))

    def most(self, rows: Busiest) -> str:
        """What is true of the busiest row: "has the most isotopes"."""
        inner = self.phrase(rows.of)
        return fill(self.link(rows.key).most, {"x": f"of those {inner.several}" if inner.those else inner.several})

    def all_of(self, phrase: Phrase) -> str:
        """Several rows with their article."""
        return f"{'those' if phrase.those else 'the' if phrase.tail else 'all'} {phrase.several}"

    def hole(self, rows: Any, column: Column) -> str:
        return f" (leaving out those without a recorded {column.phrase})" if (rows, column.name) in self.holes else ""

    def link(self, key: Key) -> Link:
        found = self.schema.link(key.table, key.column, key.target)
        if found is None:
            raise KeyError(f"{key.table}.{key.column}")
        return found


def reference(table: Table, rows: Named) -> str:
    """A row by its name, as within a sentence."""
    column = table.columns[rows.column]
    value = spoken(rows.value, column)
    if rows.column != table.label or table.reference == REFERENCE:
        return fill(REFERENCE, {"value": value, "noun": table.noun, "phrase": column.phrase})
    name = str(rows.value)
    return fill(table.reference, {"value": name[0].lower() + name[1:] if table.lower else name})


def spoken(value: int | float | str, column: Column) -> str:
    """A value with its unit. Texts of columns without words of their own stand in quotes."""
    if column.kind == "boolean":
        return "true" if value else "false"
    if isinstance(value, str):
        return value if column.spoken else json.dumps(value, ensure_ascii=False)
    number = f"{value:g}" if isinstance(value, float) and 1e-3 <= abs(value) < 1e6 else str(value)
    return f"{number} {column.unit}".strip() if column.unit != "%" else f"{number} %"


def not_a_place(clause: str) -> bool:
    """Sorts "in period 4" before "discovered after 1950"."""
    return not clause.startswith("in ")


def comparative(superlative: str) -> str:
    """highest: higher."""
    return superlative[:-3] + "er" if superlative.endswith("est") else "greater"
