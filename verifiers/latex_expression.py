"""One mathematical expression, from `plain` LaTeX to sympy, by a small recursive-descent reader.

It runs inside a worker process. Decimals become exact fractions, and a number is never built before its size is known: powers, factorials
and binomials whose value would need more than 131,072 bits raise TooComplex, so `9^{9^{9^9}}` costs nothing and is the same on every
machine. Letters are variables, `e` and `i` constants; `\\log` without a base is the natural logarithm, `\\lg` the decimal one.

Why not latex2sympy alone: of the answers tried it read `2(3)` as 5, `1\\,000` as 0, `(3,3)` as the empty set and `x'` as x, and took
700 ms for 872 characters. It is still asked for what is not known here: sums, integrals, limits.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, E, Expr, I, Integer, Pow, Rational, Symbol, oo, pi

from envgym.verifiers.numeral import read_numeral

MAX_BITS = 1 << 17
MAX_FACTORIAL = 10_000
MAX_FACTORS = 100
"""Of a binomial whose upper number is no integer."""
MAX_ARGUMENTS = 20
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d*\\overline\s*\{\d+\}|\d+(?:\.\d+)?|\.\d+)|(?P<command>\\[A-Za-z]+)|(?P<word>(?:arc)?(?:sin|cos|tan)h?(?![A-Za-z])|(?:ln|lg|log|exp)(?![A-Za-z]))"
    r"|(?P<letter>[A-Za-z])|(?P<sign>[-+/^_(){}\[\]|!%,]))"
)
GREEK = frozenset(
    [
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota", "kappa", "lambda", "mu",
        "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "ell",
        "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega",
    ]
)  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "sec": sympy.sec, "csc": sympy.csc,
    "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan, "arccot": sympy.acot,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "ln": sympy.log, "exp": lambda value: power(E, value),
    "log": sympy.log, "lg": lambda value: sympy.log(value) / sympy.log(10),
    "max": sympy.Max, "min": sympy.Min, "cis": lambda value: sympy.cos(value) + I * sympy.sin(value),
}  # fmt: skip
INVERSES = {"sin": sympy.asin, "cos": sympy.acos, "tan": sympy.atan, "cot": sympy.acot}
CLOSING = {"(": ")", "[": "]", "{": "}"}
BRACKETS = {r"\lfloor": (r"\rfloor", sympy.floor), r"\lceil": (r"\rceil", sympy.ceiling)}
END = ("end", "")
Token = tuple[str, str]


class Unreadable(ValueError):
    """The text is no expression that is understood here."""


class TooComplex(ValueError):
    """The expression stands for a number that is too large to build."""


def read_expression(text: str) -> Expr:
    """The sympy value of one expression. Raises Unreadable, TooComplex."""
    reader = Reader(tokens_of(text))
    value = reader.sum()
    if reader.here != END:
        raise Unreadable(f"unexpected {reader.here[1]!r}")
    return value


def tokens_of(text: str) -> list[Token]:
    tokens: list[Token] = []
    at, text = 0, text.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise Unreadable(f"unexpected {text[at : at + 10]!r}")
        kind, token = found.lastgroup, found[found.lastgroup]
        tokens.append(("command", "\\" + token) if kind == "word" else (kind, token))
        at = found.end()
    return tokens


class Reader:
    """Precedence, low to high: sum, product (implicit too, left to right), prefix sign, power and factorial, atom."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._bars = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else END

    def take(self) -> Token:
        token = self.here
        self._at += 1
        return token

    def skip(self, sign: str) -> bool:
        """Steps over `sign` when it is next."""
        if self.here[1] != sign:
            return False
        self._at += 1
        return True

    def expect(self, sign: str) -> None:
        if not self.skip(sign):
            raise Unreadable(f"expected {sign!r}, found {self.here[1]!r}")

    def sum(self) -> Expr:
        terms = [self.product()]
        while self.here[1] in ("+", "-"):
            plus = self.take()[1] == "+"
            term = self.product()
            terms.append(term if plus else -term)
        return Add(*terms) if len(terms) > 1 else terms[0]

    def product(self) -> Expr:
        value = self.signed()
        while True:
            if self.skip(r"\cdot") or self.skip(r"\times"):
                value = times(value, self.signed())
            elif self.skip("/"):
                value = value / self.signed()
            elif self.starts_factor():
                if self.here[0] == "number" and self._tokens[self._at - 1][0] == "number":
                    raise Unreadable("two numbers in a row")
                value = times(value, self.factor())
            else:
                return value

    def signed(self) -> Expr:
        if self.skip("-"):
            return -self.signed()
        return self.signed() if self.skip("+") else self.factor()

    def starts_factor(self) -> bool:
        kind, token = self.here
        if kind == "sign":
            return token in "([{" or (token == "|" and self._bars == 0)
        return kind in ("number", "letter") or (
            kind == "command" and token not in (r"\rfloor", r"\rceil", r"\cdot", r"\times")
        )

    def factor(self) -> Expr:
        value = self.atom()
        while True:
            if self.skip("!"):
                value = factorial(value, double=self.skip("!"))
            elif self.skip("%"):
                value = value / 100
            elif self.skip("^"):
                value = value * pi / 180 if self.degrees() else power(value, self.script())
            else:
                return value

    def degrees(self) -> bool:
        if self.skip(r"\circ"):
            return True
        braced = [token for _, token in self._tokens[self._at : self._at + 3]] == ["{", r"\circ", "}"]
        self._at += 3 * braced
        return braced

    def script(self) -> Expr:
        """What follows ^: a group, or one signed number or symbol. `2^10` means 1024 to everybody but LaTeX."""
        if self.skip("-"):
            return -self.script()
        kind, token = self.here
        if kind == "number":
            self.take()
            return exactly(token)
        if token in ("{", "("):
            return self.group()
        return self.atom()

    def group(self) -> Expr:
        """A bracketed expression; the bars around it do not reach inside."""
        closing = CLOSING[self.take()[1]]
        bars, self._bars = self._bars, 0
        value = self.sum()
        self._bars = bars
        self.expect(closing)
        return value

    def atom(self) -> Expr:
        kind, token = self.take()
        if kind == "number":
            return self.mixed(token)
        if kind == "letter":
            return self.named(token, {"e": E, "i": I})
        if kind == "command":
            return self.command(token[1:])
        if token in ("(", "[", "{"):
            self._at -= 1
            return self.group()
        if token == "|":
            self._bars += 1
            value = self.sum()
            self.expect("|")
            self._bars -= 1
            return sympy.Abs(value)
        raise Unreadable(f"unexpected {token or 'end'!r}")

    def mixed(self, number: str) -> Expr:
        """A number; with a proper fraction right behind it, the mixed number."""
        if self.here[1] == "_":
            raise Unreadable("a number with a base")
        value = exactly(number)
        ahead = [token for _, token in self._tokens[self._at : self._at + 7]]
        if ahead[:2] == [r"\frac", "{"] and number.isdigit() and ahead[3:5] == ["}", "{"] and ahead[6:] == ["}"]:
            top, bottom = ahead[2], ahead[5]
            if top.isdigit() and bottom.isdigit() and int(top) < int(bottom):
                self._at += 7
                return value + Rational(int(top), int(bottom))
        return value

    def named(self, name: str, constants: dict[str, Expr]) -> Expr:
        """A constant, or a variable with its subscript."""
        if not self.skip("_"):
            return constants.get(name) or Symbol(name, real=True)
        if self.here[1] != "{":
            return Symbol(f"{name}_{self.take()[1]}", real=True)
        start = self._at + 1
        while self.here != END and self.here[1] != "}":
            self.take()
        below = "".join(token for _, token in self._tokens[start : self._at])
        self.expect("}")
        return Symbol(f"{name}_{below}", real=True)

    def command(self, name: str) -> Expr:
        if name in FUNCTIONS:
            return self.function(name)
        if name == "frac":
            top = self.braced()
            return top / self.braced()
        if name == "binom":
            top = self.braced()
            return binomial(top, self.braced())
        if name == "sqrt":
            return self.root()
        if name in ("pi", "infty"):
            return pi if name == "pi" else oo
        if name in GREEK:
            return self.named(name, {})
        if "\\" + name in BRACKETS:
            closing, function = BRACKETS["\\" + name]
            value = self.sum()
            self.expect(closing)
            return function(value)
        raise Unreadable(f"unknown command \\{name}")

    def braced(self) -> Expr:
        if self.here[1] != "{":
            raise Unreadable(f"expected a group in braces, found {self.here[1]!r}")
        return self.group()

    def root(self) -> Expr:
        degree: Expr = Integer(2)
        if self.here[1] == "[":
            degree = self.group()
        value = self.group() if self.here[1] in ("{", "(") else self.atom()
        if value.is_negative and degree.is_odd:  # a radical of an odd degree is the real root, unlike a power
            return -power(-value, 1 / degree)
        return power(value, 1 / degree)

    def function(self, name: str) -> Expr:
        """`\\sin^2 x`, `\\sin^{-1} x` (the inverse), `\\log_2 8`, and arguments with or without brackets."""
        apply, exponent = FUNCTIONS[name], None
        if name == "log" and self.skip("_"):
            base = self.script()
            apply = lambda value: sympy.log(value) / sympy.log(base)  # noqa: E731
        if self.skip("^"):
            exponent = self.script()
        if exponent == -1 and name in INVERSES:
            apply, exponent = INVERSES[name], None
        value = apply(*self.arguments())
        return value if exponent is None else power(value, exponent)

    def arguments(self) -> list[Expr]:
        if self.here[1] == "(":
            self.take()
            bars, self._bars = self._bars, 0
            values = [self.sum()]
            while self.skip(","):
                values.append(self.sum())
            if len(values) > MAX_ARGUMENTS:
                raise TooComplex(f"a function of {len(values)} arguments")
            self._bars = bars
            self.expect(")")
            return values
        sign = -1 if self.skip("-") else 1
        value = self.factor()
        while self.starts_factor() and self.here[1] not in ("(", "[") and self.here[1][1:] not in FUNCTIONS:
            value = value * self.factor()
        return [sign * value]


def exactly(number: str) -> Expr:
    if number.isdigit():
        return Integer(int(number))
    period = read_numeral(number) if "{" in number else None
    fraction = period.value if period else Fraction(number)
    return Rational(fraction.numerator, fraction.denominator)


def times(one: Expr, two: Expr) -> Expr:
    """The product, refused when it would be a number too large to build."""
    if one.is_Rational and two.is_Rational and sum(max(abs(n.p), n.q).bit_length() for n in (one, two)) > MAX_BITS:
        raise TooComplex("a product with too many digits")
    return one * two


def power(base: Expr, exponent: Expr) -> Expr:
    """base ** exponent, refused when the value would be too large to build or to write down."""
    if base.is_number and exponent.is_number and bits_in(base) * size_of(exponent) > MAX_BITS:
        raise TooComplex("a power with too many digits")
    return Pow(base, exponent)


def bits_in(value: Expr) -> Expr:
    """How many bits one factor adds to a power, in either direction."""
    if value.is_Rational:
        return Integer(max(abs(value.p), value.q).bit_length() - (abs(value.p) == value.q))
    size = size_of(value)
    return abs(sympy.log(size, 2).evalf(8)) if size else Integer(0)


def size_of(value: Expr) -> Expr:
    return abs(value if value.is_Rational else value.evalf(8))


def factorial(value: Expr, *, double: bool = False) -> Expr:
    if value.is_number and size_of(value) > MAX_FACTORIAL:
        raise TooComplex("a factorial with too many digits")
    return sympy.factorial2(value) if double else sympy.factorial(value)


def binomial(top: Expr, bottom: Expr) -> Expr:
    if top.is_Integer and bottom.is_Integer:
        steps = min(abs(int(bottom)), abs(int(top) - int(bottom)))
        if steps * int(top).bit_length() > MAX_BITS:
            raise TooComplex("a binomial with too many digits")
    elif bottom.is_number and size_of(bottom) > MAX_FACTORS:
        raise TooComplex("a binomial with too many factors")
    return sympy.binomial(top, bottom)
