"""Inputs near to an input: of the same type, a little other, as a test might well have had."""

import ast
import random
import re

BIG = 10_000
"""Integers above are not doubled: they may be sizes."""
LONG = 2_000
WORDS = ("order", "north", "seven", "blue", "Anna", "apple")


def nearby(node: ast.expr, rng: random.Random) -> ast.expr | None:
    """Another expression for a literal; None for what is no literal, or has no neighbour."""
    match node:
        case ast.Constant(value=bool() as value):
            return ast.Constant(not value)
        case ast.Constant(value=int() as value):
            return _signed(_near_integer(value, rng))
        case ast.Constant(value=float() as value) if abs(value) < 1e300:
            return _signed(rng.choice((value + 0.5, value - 0.25, value * 2 or 1.5)))
        case ast.Constant(value=str() as value) if len(value) <= LONG:
            return ast.Constant(_near_text(value, rng))
        case ast.Constant(value=bytes() as value) if len(value) <= LONG:
            return ast.Constant(rng.choice((value + value[:1], value[1:], value + b"a")))
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) if parts:
            at = rng.randrange(len(parts))
            twice = [*parts[: at + 1], *parts[at:]]
            once = [*parts[:at], *parts[at + 1 :]]
            changed = rng.choice((twice, once, parts[::-1])) if len(parts) > 1 else twice
            return type(node)(elts=changed, ctx=ast.Load()) if not isinstance(node, ast.Set) else ast.Set(elts=changed)
        case ast.Dict(keys=[_, _, *_]):
            at = rng.randrange(len(node.keys))
            return ast.Dict(
                keys=[*node.keys[:at], *node.keys[at + 1 :]], values=[*node.values[:at], *node.values[at + 1 :]]
            )
    return None


def _near_integer(value: int, rng: random.Random) -> int:
    others = [value + 1, value + 2] if value < 1 else [value + 1, value - 1, value + 2]
    return rng.choice([*others, value * 2] if 1 < value <= BIG else others)


def _signed(value: int | float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _near_text(value: str, rng: random.Random) -> str:
    """One number or word of it another; its case; a piece of it twice, or gone."""
    numbers, words = list(re.finditer(r"\d+", value)), list(re.finditer(r"[A-Za-z]{2,}", value))
    ways = [lambda: value + value, lambda: f"{rng.choice(WORDS)} {value}"] if value else [lambda: rng.choice(WORDS)]
    if numbers:
        ways += [lambda: _replaced(value, rng.choice(numbers), _other_digits(rng, numbers))] * 3
    if words:
        ways += [lambda: _replaced(value, rng.choice(words), rng.choice(WORDS))] * 2
        ways += [lambda: value.swapcase(), lambda: value.upper()]
    if len(value) > 2:
        ways += [lambda: value[:-1], lambda: value[1:]]
    return rng.choice(ways)()


def _replaced(text: str, found: re.Match[str], other: str) -> str:
    return text[: found.start()] + other + text[found.end() :]


def _other_digits(rng: random.Random, found: list[re.Match[str]]) -> str:
    """As many digits as one of the numbers has, without a zero in front."""
    width = min(6, len(rng.choice(found)[0]))
    return str(rng.randrange(10 ** (width - 1), 10**width))
