"""Number theory: one exact answer about divisors, remainders, powers, digits, bases, Collatz sequences or a linear equation.

The answer is judged by the question, never by the stored one: congruences and equations by putting it in, so that any solution of an
equation passes, and all others by working the value out again. The difficulty is the level, which sets how large the numbers are.
"""

import math
import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable

Kind = Literal["gcd", "power", "congruences", "divisors", "collatz", "digits", "base", "equation"]
Given = dict[str, Any]
DRAWS = 300
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PRIMES = (2, 2, 2, 3, 3, 5, 5, 7, 11, 13)
SHARED = [product for one, two in combinations(PRIMES, 2) if (product := one * two) > 9]
VARIABLES = "xyzuvw"
NUMBER = re.compile(
    r"(?:[a-z]\s*[=≡]\s*)?(-?(?:\d{1,3}(?:,\d{3}){1,20}|\d{1,80}))(?:\.0{1,9})?(?:\s+(?:steps|divisors|numbers|integers))?"
)
BASED = re.compile(r"([0-9a-z]{1,200})(?:\s*\(?(?:in\s+)?base[ -]?\d{1,2}\)?|_\{?\d{1,2}\}?)?")
WORD = re.compile(r"\w+")
PAIR = re.compile(r"([a-z])\s*[=:]\s*(-?\d{1,30})")


class NumberTheory(AnswerEnv):
    """Questions about gcd and lcm, powers and congruences, divisors, digits, bases, Collatz sequences and linear equations."""

    id = "number_theory"

    class Knobs(EnvKnobs):
        kind: Literal["mixed"] | Kind = Field(default="mixed", description="What is asked; mixed draws one of all.")
        level: int = Field(default=3, ge=1, le=6, description="How large the numbers are and how many.")

    class Public(BaseModel):
        kind: Kind = Field(description="What is asked.")
        given: dict[str, Any] = Field(description="The numbers of the question.")

    class Private(BaseModel):
        answer: str = Field(description="The answer, or one of many to an equation.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        kind = self.knobs.kind if self.knobs.kind != "mixed" else rng.choice(list(QUESTIONS))
        question = QUESTIONS[kind]
        for _ in range(DRAWS):
            given = question.draw(self.knobs.level, rng)
            answer = question.solve(given)
            if len(answer) > 1 and not said(answer, question.ask(given)):
                return {
                    "public": {"kind": kind, "given": given},
                    "private": {"answer": answer},
                    "tags": (kind,),
                    "difficulty": float(self.knobs.level),
                    "certificate": {"answer": "worked out exactly", "any_solution_passes": kind == "equation"},
                }
        raise UsageError(f"number_theory: {DRAWS} draws gave no task for {self.knobs!r}; use another level")

    def begin(self, task: Task) -> str:
        kind, given = task.public["kind"], task.public["given"]
        form = "NUMBER"
        if kind == "equation":
            form = ", ".join(f"{name}=NUMBER" for name in VARIABLES[: len(given["factors"])])
        return f"{QUESTIONS[kind].ask(given)}\n\nEnd your reply with one line: Answer: {form}"

    def grade(self, reply: str, task: Task) -> Verdict:
        kind, given = task.public["kind"], task.public["given"]
        try:
            if kind == "equation":
                names = VARIABLES[: len(given["factors"])]
                return verdict(fault_in_equation(settled(reply, lambda line: pairs_in(line, names)), given))
            if kind == "base":
                value = settled(reply, lambda line: based(line, given["to"]))
                return verdict("" if value == int(given["number"], given["base"]) else "it is another number")
            number = settled(reply, number_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="number_theory.unreadable")
        if kind == "congruences":
            return verdict(fault_in_congruences(number, given))
        return verdict("" if str(number) == QUESTIONS[kind].solve(given) else f"{number} is not the answer")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['answer']}"

    def random_action(self, rng: random.Random) -> Action:
        """Small numbers in the asked form."""
        public: dict[str, Any] = self.task.public if self.task is not None else {"kind": "power"}
        if public["kind"] == "equation":
            names = VARIABLES[: len(public["given"]["factors"])]
            return "Answer: " + ", ".join(f"{name}={rng.randint(1, 50)}" for name in names)
        return f"Answer: {rng.randint(0, 1)}" if public["kind"] == "base" else f"Answer: {rng.randint(2, 999)}"


def said(answer: str, asked: str) -> bool:
    """Whether the question has the answer in it as a word."""
    return answer in asked and answer in WORD.findall(asked)


# ---- reading and judging


def verdict(fault: str) -> Verdict:
    if fault:
        return Verdict.of(0, code="number_theory.wrong", reason=fault)
    return Verdict.of(1, code="number_theory.ok", reason="it is right")


def number_in(line: str) -> int:
    found = NUMBER.fullmatch(line.casefold())
    if not found:
        raise Unreadable(f"{line[:80]!r} is no whole number")
    return int(found[1].replace(",", ""))


def based(line: str, base: int) -> int:
    found = BASED.fullmatch(line.casefold().replace("`", ""))
    try:
        return int(found[1] if found else "", base)
    except ValueError:
        raise Unreadable(f"{line[:80]!r} is no number in base {base}") from None


def pairs_in(line: str, names: str) -> dict[str, int]:
    found = [PAIR.fullmatch(part.strip()) for part in re.split(r"[,;]|\band\b", line.casefold()) if part.strip()]
    values = {pair[1]: int(pair[2]) for pair in found if pair}
    if None in found or len(found) != len(names) or set(values) != set(names):
        raise Unreadable(f"{line[:80]!r} does not give one whole number to each of {', '.join(names)}")
    return values


def fault_in_equation(values: dict[str, int], given: Given) -> str:
    numbers = [values[name] for name in VARIABLES[: len(given["factors"])]]
    if min(numbers) < 1:
        return "a number is not positive"
    total = sum(factor * number for factor, number in zip(given["factors"], numbers, strict=True))
    if total != given["total"]:
        return f"the left side is {total}, not {given['total']}"
    if given["sum"] is not None and sum(numbers) != given["sum"]:
        return f"the sum is {sum(numbers)}, not {given['sum']}"
    return ""


def fault_in_congruences(number: int, given: Given) -> str:
    for modulus, rest in zip(given["moduli"], given["rests"], strict=True):
        if number % modulus != rest:
            return f"it leaves {number % modulus} when divided by {modulus}, not {rest}"
    return "" if 0 <= number < math.lcm(*given["moduli"]) else "it is not the smallest"


# ---- the questions: how the numbers are drawn, what is asked, what the answer is


def draw_gcd(level: int, rng: random.Random) -> Given:
    """Numbers with a factor in common, as answers of one digit are not asked for."""
    shared = rng.choice(SHARED)
    own = min(1 + level // 2, 4)
    numbers = [shared * math.prod(rng.choices(PRIMES, k=own)) for _ in range(level + 2)]
    return {"numbers": numbers, "signs": [rng.choice(("gcd", "lcm")) for _ in numbers[1:-1]] + ["gcd"]}


def ask_gcd(given: Given) -> str:
    text = str(given["numbers"][0])
    for sign, number in zip(given["signs"], given["numbers"][1:], strict=True):
        text = f"{sign}({text}, {number})"
    return f"What is {text}? (gcd: greatest common divisor; lcm: least common multiple.)"


def solve_gcd(given: Given) -> str:
    value = given["numbers"][0]
    for sign, number in zip(given["signs"], given["numbers"][1:], strict=True):
        value = math.gcd(value, number) if sign == "gcd" else math.lcm(value, number)
    return str(value)


def draw_power(level: int, rng: random.Random) -> Given:
    tower = level > 3
    return {
        "base": rng.randint(2, 9 * level + 10),
        "exponent": rng.randint(2, 5 * level) if tower else rng.randint(10**level, 10 ** (level + 1)),
        "above": rng.randint(2, 5 * level) if tower else 1,
        "modulus": rng.randint(11, 50 * 2**level),
    }


def ask_power(given: Given) -> str:
    exponent = given["exponent"] if given["above"] == 1 else f"({given['exponent']}^{given['above']})"
    return f"What is the remainder when {given['base']}^{exponent} is divided by {given['modulus']}? (^ means power.)"


def solve_power(given: Given) -> str:
    return str(pow(given["base"], given["exponent"] ** given["above"], given["modulus"]))


def draw_congruences(level: int, rng: random.Random) -> Given:
    moduli = rng.sample(range(4, 12 + 8 * level), 2 + level // 2)
    secret = rng.randrange(math.lcm(*moduli))
    return {"moduli": moduli, "rests": [secret % modulus for modulus in moduli]}


def ask_congruences(given: Given) -> str:
    parts = [f"{rest} when divided by {by}" for by, rest in zip(given["moduli"], given["rests"], strict=True)]
    return f"What is the smallest whole number, zero or above, that leaves the remainder {', '.join(parts)}?"


def solve_congruences(given: Given) -> str:
    """Merges one congruence after the other; the moduli may share factors, as the numbers were drawn from a solution."""
    number, step = 0, 1
    for modulus, rest in zip(given["moduli"], given["rests"], strict=True):
        shared = math.gcd(step, modulus)
        other = modulus // shared
        number += step * ((rest - number) // shared * pow(step // shared, -1, other) % other)
        step = math.lcm(step, modulus)
    return str(number)


DIVISORS = {"all": "", "odd": " odd", "even": " even", "square": " perfect-square"}


def draw_divisors(level: int, rng: random.Random) -> Given:
    primes = rng.sample((2, 3, 5, 7, 11, 13, 17, 19), min(2 + level // 2, 5))
    number = math.prod(prime ** rng.randint(1, max(3, 1 + level)) for prime in primes)
    return {"number": number, "which": rng.choice(list(DIVISORS))}


def ask_divisors(given: Given) -> str:
    which = DIVISORS[given["which"]]
    return f"How many positive{which} divisors does {given['number']} have? (1 and the number itself count where they fit.)"


def solve_divisors(given: Given) -> str:
    count, rest, prime = 1, given["number"], 2
    while rest > 1:
        power = 0
        if prime * prime > rest:
            prime = rest
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        if given["which"] == "square":
            count *= power // 2 + 1
        elif prime == 2 and given["which"] in ("odd", "even"):
            count *= 1 if given["which"] == "odd" else power
        else:
            count *= power + 1
        prime += 1
    return str(0 if given["which"] == "even" and given["number"] % 2 else count)


COLLATZ = {
    "steps": "How many steps does it take to reach 1 for the first time?",
    "largest": "What is the largest number that is reached, the start included?",
    "sum": "What is the sum of all numbers from the start to the first 1, both included?",
}


def draw_collatz(level: int, rng: random.Random) -> Given:
    """A start that takes 5 to 15 steps for each level."""
    while True:
        start = rng.randint(5, 40 * 3**level)
        if 5 * level <= len(collatz(start)) - 1 <= 15 * level:
            return {"start": start, "which": rng.choice(list(COLLATZ))}


def ask_collatz(given: Given) -> str:
    return (
        f"Start with {given['start']}. In each step an even number is halved and an odd number n is replaced by 3n + 1. "
        + COLLATZ[given["which"]]
    )


def solve_collatz(given: Given) -> str:
    path = collatz(given["start"])
    return str({"steps": len(path) - 1, "largest": max(path), "sum": sum(path)}[given["which"]])


def collatz(number: int) -> list[int]:
    path = [number]
    while number > 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        path.append(number)
    return path


def draw_digits(level: int, rng: random.Random) -> Given:
    high = rng.randint(10 ** (level + 2) // 2, 10 ** (level + 2))
    digit = rng.choice((None, rng.randint(1, 9)))
    total = rng.randint(1, max(1, level // 2)) if digit else rng.randint(3, 5 * level)
    return {"high": high, "digit": digit, "total": total, "multiple": rng.randint(2, level + 3)}


def ask_digits(given: Given) -> str:
    holds = f"contain the digit {given['digit']} exactly {given['total']} time{'s' * (given['total'] > 1)}"
    if given["digit"] is None:
        holds = f"have the digit sum {given['total']}"
    return f"How many whole numbers from 1 to {given['high']} are multiples of {given['multiple']} and {holds} (in decimal)?"


def solve_digits(given: Given) -> str:
    digit = given["digit"]
    weights = tuple(int(each == digit) if digit else each for each in range(10))
    return str(counted(given["high"], weights, given["total"], given["multiple"]))


@lru_cache(maxsize=1024)
def counted(high: int, weights: tuple[int, ...], total: int, multiple: int) -> int:
    """How many multiples from 0 to `high` have digits of that total weight, by digits from the left. Weight 0 for the digit 0."""
    loose: dict[tuple[int, int], int] = {}
    tight = (0, 0)
    for digit in map(int, str(high)):
        after: dict[tuple[int, int], int] = {}
        steps = [(state, ways, 10) for state, ways in loose.items()] + [(tight, 1, digit)]
        for (weight, rest), ways, below in steps:
            for each in range(below):
                if weight + weights[each] <= total:
                    state = (weight + weights[each], (10 * rest + each) % multiple)
                    after[state] = after.get(state, 0) + ways
        loose, tight = after, (tight[0] + weights[digit], (10 * tight[1] + digit) % multiple)
    return loose.get((total, 0), 0) + (tight == (total, 0))


def draw_base(level: int, rng: random.Random) -> Given:
    base, to = rng.sample([2, 3, 5, 8, 10, 16] if level < 3 else range(2, 37), 2)
    return {"number": in_base(rng.randint(10 ** (level + 1), 10 ** (level + 2)), base), "base": base, "to": to}


def ask_base(given: Given) -> str:
    return (
        f"Write the number {given['number']}, which is in base {given['base']}, in base {given['to']}. "
        "Digits above 9 are the letters a = 10, b = 11 and so on to z = 35."
    )


def solve_base(given: Given) -> str:
    return in_base(int(given["number"], given["base"]), given["to"])


def in_base(number: int, base: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, base)
        text = DIGITS[digit] + text
    return text or "0"


def draw_equation(level: int, rng: random.Random) -> Given:
    count = min(2 + level // 2, 5)
    factors = rng.sample(range(3 + level, 20 + 15 * level), count)
    secret = [rng.randint(2, 10 + 10 * level) for _ in factors]
    total = sum(factor * number for factor, number in zip(factors, secret, strict=True))
    return {"factors": factors, "total": total, "sum": sum(secret) if level > 2 else None, "secret": secret}


def ask_equation(given: Given) -> str:
    names = VARIABLES[: len(given["factors"])]
    left = " + ".join(f"{factor}{name}" for factor, name in zip(given["factors"], names, strict=True))
    also = f" and {' + '.join(names)} = {given['sum']}" if given["sum"] is not None else ""
    return f"Find positive integers {', '.join(names)} with {left} = {given['total']}{also}. Any solution is accepted."


def drawn_solution(given: Given) -> str:
    """Takes out what the equation was made of: it is one solution."""
    return ", ".join(f"{name}={number}" for name, number in zip(VARIABLES, given.pop("secret"), strict=False))


class Question(NamedTuple):
    draw: Callable[[int, random.Random], Given]
    ask: Callable[[Given], str]
    solve: Callable[[Given], str]


QUESTIONS = {
    "gcd": Question(draw_gcd, ask_gcd, solve_gcd),
    "power": Question(draw_power, ask_power, solve_power),
    "congruences": Question(draw_congruences, ask_congruences, solve_congruences),
    "divisors": Question(draw_divisors, ask_divisors, solve_divisors),
    "collatz": Question(draw_collatz, ask_collatz, solve_collatz),
    "digits": Question(draw_digits, ask_digits, solve_digits),
    "base": Question(draw_base, ask_base, solve_base),
    "equation": Question(draw_equation, ask_equation, drawn_solution),
}
