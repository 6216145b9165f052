"""Table statements: a table and numbered statements about it; say which are true, all of them and no other.

Each statement is kept as a question and a claim, and is true when the claim is what the table answers. Questions that a tie or an empty
group leaves open are never asked. The verdict evaluates the statements again; the stored list is not looked at. A statement takes one to
three hops: look rows up, compare or add up, and look up again with what came out.
"""

import random
import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable

NAMES = (
    "Alma", "Boris", "Clara", "Dario", "Edith", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Leon", "Mona", "Nico", "Olga",
    "Pedro", "Quinn", "Rosa", "Samir", "Tilda", "Ugo", "Vera", "Willem", "Xenia", "Yusuf", "Zora", "Anton", "Bella", "Carlo", "Dana",
)  # fmt: skip
GROUPS = {
    "team": ("Red", "Blue", "Green", "Amber"),
    "city": ("Lisbon", "Oslo", "Prague", "Turin"),
}
NUMBERS = {"points": (10, 99), "hours": (5, 80), "age": (18, 75), "trips": (1, 60)}
"""Range of each number column. A column holds no number twice."""
HOPS = {"top": 1, "total": 1, "count": 1, "of_top": 2, "best_group": 2, "average": 2, "below": 3, "top_of_best": 3}
WAYS = ("highest", "lowest")
DRAWS = 2_000
WORDS = re.compile(r"\b(?:statements?|numbers?|and|are|is|true|the|only)\b")
LIST = re.compile(r"\d{1,3}(?:[\s,;&]+\d{1,3}){0,99}")
Row = dict[str, Any]
Statement = dict[str, Any]


class TableStatements(AnswerEnv):
    """Say which of several statements about a table are true; each takes one to three hops through the table."""

    id = "table_statements"

    class Knobs(EnvKnobs):
        rows: int = Field(default=10, ge=5, le=30, description="Rows of the table.")
        columns: int = Field(default=3, ge=2, le=4, description="Columns of numbers, besides name, team and city.")
        statements: int = Field(default=6, ge=3, le=12, description="How many statements there are.")
        hops: Literal[1, 2, 3] = Field(default=3, description="Most hops that a statement takes.")

    class Public(BaseModel):
        rows: list[dict[str, Any]] = Field(min_length=2, description="The table, row by row.")
        statements: list[dict[str, Any]] = Field(min_length=1, description="Questions with the claimed answer.")

    class Private(BaseModel):
        true: str = Field(description="Numbers of the true statements.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        rows = table(knobs.rows, knobs.columns, rng)
        forms = [form for form, hops in HOPS.items() if hops <= knobs.hops]
        wanted = [rng.random() < 0.5 for _ in range(knobs.statements)]
        if len(set(wanted)) == 1:
            wanted[rng.randrange(len(wanted))] ^= True
        statements: list[Statement] = []
        asked: set[str] = set()
        for _ in range(DRAWS):
            question = draw(rng.choice(forms), rows, rng)
            answer = answer_to(question, rows)
            others = (
                [other for other in choices(question, rows, answer) if other != answer] if answer is not None else []
            )
            key = repr(sorted(question.items()))
            if not others or key in asked:
                continue
            asked.add(key)
            statements.append(question | {"claim": answer if wanted[len(statements)] else rng.choice(others)})
            if len(statements) == knobs.statements:
                break
        else:
            raise UsageError(f"table_statements: {DRAWS} draws were not enough for {knobs!r}; ask fewer statements")
        return {
            "public": {"rows": rows, "statements": statements},
            "private": {"true": ", ".join(map(str, true_ones(rows, statements)))},
            "difficulty": sum(HOPS[statement["form"]] for statement in statements) + knobs.rows / 10,
            "certificate": {"by": "every statement evaluated on the table; no ties"},
        }

    def begin(self, task: Task) -> str:
        rows, statements = task.public["rows"], task.public["statements"]
        columns = list(rows[0])
        lines = [columns, ["---"] * len(columns), *([str(row[column]) for column in columns] for row in rows)]
        drawn = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        listed = "\n".join(f"{number}. {in_words(statement)}" for number, statement in enumerate(statements, 1))
        return (
            f"{drawn}\n\nWhich of these statements about the table are true? At least one is true and at least one is false.\n\n{listed}"
            "\n\nEnd your reply with one line that holds the numbers of all true statements, separated by commas: "
            "Answer: NUMBER, NUMBER, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        statements = task.public["statements"]
        try:
            given = settled(reply, lambda line: numbers_in(line, len(statements)))
        except Unreadable as error:
            return Verdict.malformed(str(error), code="table_statements.unreadable")
        right = set(true_ones(task.public["rows"], statements))
        if given == right:
            return Verdict.of(1, code="table_statements.ok", reason="these are the true statements")
        if given < right:
            return Verdict.of(0, code="table_statements.missing", reason="a true statement is left out")
        number = min(given - right)
        return Verdict.of(0, code="table_statements.false_one", reason=f"statement {number} is false")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['true']}"

    def random_action(self, rng: random.Random) -> Action:
        """Each statement by the toss of a coin."""
        count = len(self.task.public["statements"]) if self.task is not None else 3
        some = [number for number in range(1, count + 1) if rng.random() < 0.5] or [1]
        return f"Answer: {', '.join(map(str, some))}"


def numbers_in(line: str, count: int) -> frozenset[int]:
    bare = WORDS.sub(" ", line.casefold()).strip(" []()#.,;:")
    if not LIST.fullmatch(bare):
        raise Unreadable(f"{line[:80]!r} is no list of statement numbers")
    found = frozenset(map(int, re.findall(r"\d+", bare)))
    if not found <= set(range(1, count + 1)):
        raise Unreadable(f"there is no statement {max(found)}")
    return found


def table(rows: int, columns: int, rng: random.Random) -> list[Row]:
    names = rng.sample(NAMES, rows)
    numbers = {column: rng.sample(range(*NUMBERS[column]), rows) for column in rng.sample(list(NUMBERS), columns)}
    groups = {by: [rng.choice(values) for _ in range(rows)] for by, values in GROUPS.items()}
    return [
        {"name": name}
        | {by: values[at] for by, values in groups.items()}
        | {column: values[at] for column, values in numbers.items()}
        for at, name in enumerate(names)
    ]


# ---- questions


def draw(form: str, rows: list[Row], rng: random.Random) -> Statement:
    """A question without its claim."""
    numbers = [column for column in rows[0] if column in NUMBERS]
    by = rng.choice(list(GROUPS))
    number, then = rng.sample(numbers, 2)
    group = rng.choice(rows)[by]
    question: Statement = {"form": form, "by": by, "number": number, "way": rng.choice(WAYS)}
    if form == "total":
        present = sorted({row[by] for row in rows})
        groups = rng.sample(present, 2) if len(present) > 1 else [group, group]
        question = {"form": form, "by": by, "number": number, "groups": groups}
    elif form in ("top", "of_top"):
        question["group"] = group
    elif form in ("count", "average"):
        question = {"form": form, "by": by, "number": number, "group": group, "limit": rng.choice(rows)[number]}
    elif form == "below":
        question = {
            "form": form,
            "number": number,
            "name": rng.choice(rows)["name"],
            "then": then,
            "way": question["way"],
        }
    elif form == "top_of_best":
        question |= {"then": then, "then_way": rng.choice(WAYS)}
    return question


def answer_to(question: Statement, rows: list[Row]) -> Any:
    """What the table answers, None where it leaves the question open."""
    form, number = question["form"], question["number"]
    by = question.get("by", "")
    inside = [row for row in rows if row.get(by) == question.get("group")] if "group" in question else rows
    if form == "total":
        first, second = question["groups"]
        sums = totals(rows, by, number)
        return None if sums[first] == sums[second] else max(first, second, key=sums.__getitem__)
    if form in ("best_group", "top_of_best"):
        best = best_group(rows, by, number, question["way"])
        if form == "best_group" or best is None:
            return best
        return extreme([row for row in rows if row[by] == best], question["then"], question["then_way"])["name"]
    if form == "count":
        return sum(row[number] > question["limit"] for row in inside)
    if form == "average":
        off = sum(row[number] - question["limit"] for row in inside)
        return None if off == 0 else "above" if off > 0 else "below"
    if form == "below":
        limit = next(row[number] for row in rows if row["name"] == question["name"])
        inside = [row for row in rows if row[number] < limit]
        return extreme(inside, question["then"], question["way"])["name"] if inside else None
    top = extreme(inside, number, question["way"])
    return top["name"] if form == "top" else top[other_group(by)]


def choices(question: Statement, rows: list[Row], answer: Any) -> list[Any]:
    """What could be claimed: close enough that no claim is false at first sight."""
    form = question["form"]
    by = question.get("by", "")
    if form == "total":
        return list(question["groups"])
    if form == "count":
        return [count for count in (answer - 1, answer + 1) if count >= 0]
    if form == "average":
        return ["above", "below"]
    if form in ("best_group", "of_top"):
        return sorted({row[by if form == "best_group" else other_group(by)] for row in rows})
    if form == "top":
        return [row["name"] for row in rows if row[by] == question["group"]]
    return [row["name"] for row in rows if row["name"] != question.get("name")]


def other_group(by: str) -> str:
    return "city" if by == "team" else "team"


def extreme(rows: list[Row], number: str, way: str) -> Row:
    return (max if way == "highest" else min)(rows, key=lambda row: row[number])


def totals(rows: list[Row], by: str, number: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row[by]] = sums.get(row[by], 0) + row[number]
    return sums


def best_group(rows: list[Row], by: str, number: str, way: str) -> str | None:
    """The group with the highest or lowest total, None where two share it or there is but one."""
    ranked = sorted((total, group) for group, total in totals(rows, by, number).items())
    if way == "highest":
        ranked.reverse()
    return ranked[0][1] if len(ranked) > 1 and ranked[0][0] != ranked[1][0] else None


def true_ones(rows: list[Row], statements: list[Statement]) -> list[int]:
    return [number for number, each in enumerate(statements, 1) if answer_to(each, rows) == each["claim"]]


def in_words(statement: Statement) -> str:
    form, number, claim, way = statement["form"], statement["number"], statement["claim"], statement.get("way", "")
    by, group, then = statement.get("by", ""), statement.get("group", ""), statement.get("then", "")
    if form == "total":
        other = next(each for each in statement["groups"] if each != claim)
        return f"The sum of {number} over the rows with {by} {claim} is greater than over the rows with {by} {other}."
    if form == "count":
        rows = f"{claim} row{'s' * (claim != 1)} with {by} {group}"
        return f"Exactly {rows} {'have' if claim != 1 else 'has'} {number} above {statement['limit']}."
    if form == "average":
        return f"The mean of {number} over the rows with {by} {group} is {claim} {statement['limit']}."
    if form == "below":
        named = statement["name"]
        return f"Among the rows with {number} below the {number} of {named}, the one with the {way} {then} is {claim}."
    if form == "best_group":
        return f"The {by} with the {way} sum of {number} is {claim}."
    if form == "top_of_best":
        return f"Within the {by} that has the {way} sum of {number}, the row with the {statement['then_way']} {then} is {claim}."
    top = f"Among the rows with {by} {group}, the one with the {way} {number}"
    return f"{top} is {claim}." if form == "top" else f"{top} has {other_group(by)} {claim}."
