"""Units of a quantity: `5\\text{ cm}`, `18 dollars`, `$18`, `90^\\circ`.

A unit that only one side names is left out of the comparison, since the question fixes it. Two units of the same kind are converted
exactly (2 h are 120 min, $0.75 are 75 cents), two of different kinds are different answers, and so are two currencies. Words that change
the number (dozen, squared, percent) are no units.
"""

import re
from fractions import Fraction

from envgym.verifiers.numeral import TooBig, read_numeral

WRAPPED = re.compile(r"(?P<body>.+?)\s*\\text\{(?P<unit>[^{}]*)\}\s*(?:\^\s*\{?\s*(?P<power>[23])\s*\}?)?", re.DOTALL)
DEGREES = re.compile(r"(?P<body>.+?)\s*\^\s*(?:\\circ|\{\s*\\circ\s*\})\s*(?P<unit>(?:\\text\{)?[CF]?\}?)", re.DOTALL)
BARE = re.compile(
    r"(?P<body>.*[\d})])\s*(?P<unit>[A-Za-z][A-Za-z ./]*?)\s*(?:\^\s*\{?\s*(?P<power>[23])\s*\}?)?", re.DOTALL
)
NO_UNIT = re.compile(
    r"hundred|thousand|million|billion|trillion|dozen|pair|half|quarter|squared|cubed|factorial|percent|or|and|not|if|base|mod|times|"
    r"over|plus|minus|to|by|is|are|for|where|when|with|no|any|all|each|choose|approx.*|halves|thirds?|\w+ths?|score|gross|pi|inf\w*|sqrt|"
    r"sin|cos|tan|log|ln|exp|mil|more|less|than|[ap]m",
    re.IGNORECASE,
)
NAMES = {
    "cm": "cm centimeter centimetre", "m": "m meter metre", "km": "km kilometer kilometre", "mm": "mm millimeter millimetre",
    "in": "in inch inche", "ft": "ft foot feet", "yd": "yd yard", "mi": "mi mile", "g": "g gram gramme", "kg": "kg kilogram", "mg": "mg",
    "l": "l liter litre", "ml": "ml milliliter millilitre", "s": "s sec second", "min": "min minute", "h": "h hr hour", "day": "day",
    "week": "week", "month": "month", "year": "year yr", "dollar": "dollar usd buck", "cent": "cent", "euro": "euro eur", "yen": "yen",
    "pound": "lb pound gbp", "rupee": "rupee", "degree": "degree deg", "mi/h": "mph", "km/h": "kmh kph", "unit": "unit", "way": "way",
    "people": "people person", "hz": "hz", "rad": "rad radian", "oz": "oz ounce", "gal": "gal gallon", "acre": "acre", "ha": "ha hectare",
}  # fmt: skip
CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee", "¢": "cent"}
MARKED = re.compile(
    r"(?P<sign>[-+]?)\s*(?P<mark>[$€£¥₹¢])\s*(?P<body>.+)|(?P<number>.+?)\s*(?P<behind>[€£¥₹¢])", re.DOTALL
)
KINDS = {
    "length": "mm 0.001 cm 0.01 m 1 km 1000 in 0.0254 ft 0.3048 yd 0.9144 mi 1609.344",
    "mass": "mg 0.001 g 1 kg 1000 oz 28.349523125 pound 453.59237",
    "time": "s 1 min 60 h 3600 day 86400 week 604800",
    "dollars": "cent 0.01 dollar 1",
}
"""Units that are converted into each other, each with its size."""
SIZES = {
    unit: (kind, 1, Fraction(size))
    for kind, listed in KINDS.items()
    for unit, size in zip(listed.split()[::2], listed.split()[1::2], strict=True)
}
SIZES |= {
    "l": ("length", 3, Fraction("0.001")),
    "ml": ("length", 3, Fraction("0.000001")),
    "ha": ("length", 2, Fraction(10_000)),
    "acre": ("length", 2, Fraction("4046.8564224")),
}
"""What each unit measures, to which power, and its size."""
CANONICAL = {name: unit for unit, names in NAMES.items() for name in names.split()}


def split_unit(text: str) -> tuple[str, str]:
    """`plain` text as (quantity, unit). The unit is in one spelling, "" where there is none."""
    marked = MARKED.fullmatch(text)
    if marked:
        body = marked["number"] or marked["sign"] + marked["body"]
        quantity, unit = split_unit(body)
        return quantity, unit or CURRENCIES[marked["behind"] or marked["mark"]]
    degrees = DEGREES.fullmatch(text)
    if degrees and is_quantity(degrees["body"]):
        return degrees["body"], "degree" + re.sub(r"\\text|[{}]", "", degrees["unit"]).lower()
    wrapped = WRAPPED.fullmatch(text)
    if wrapped and is_unit(wrapped["unit"]):
        return wrapped["body"], canonical(wrapped["unit"], wrapped["power"])
    bare = BARE.fullmatch(text)
    if bare and is_quantity(bare["body"]) and is_unit(bare["unit"]):
        unit = canonical(bare["unit"], bare["power"])
        noun = re.fullmatch(r"[A-Za-z]{4,}", bare["unit"]) and text[len(bare["body"])] == " "
        known = all(part.rstrip("23") in NAMES for part in unit.split("/"))
        if len(bare["unit"]) > 1 and (known or not unit or noun):
            return bare["body"], unit  # m and xyz are variables, not units
    return text, ""


def is_quantity(text: str) -> bool:
    """Whether it is a numeral, or a name with one: AB = 5."""
    try:
        return read_numeral(text.rpartition("=")[2]) is not None
    except TooBig:
        return True


def is_unit(text: str) -> bool:
    words = re.findall(r"[A-Za-z]+", text)
    if not words or re.search(r"\d", text):
        return False
    return not any(NO_UNIT.fullmatch(word) and canonical(word, None) not in NAMES for word in words)


def canonical(unit: str, power: str | None) -> str:
    """One spelling: "square centimeters", "sq. cm" and "cm" with the exponent 2 are "cm2"."""
    text = unit.strip().lower().rstrip(".")
    for sign, prefix in (("2", r"(?:square|sq\.?)\s+"), ("3", r"(?:cubic|cu\.?)\s+")):
        shorter = re.sub(rf"^{prefix}", "", text)
        if shorter != text:
            text, power = shorter, sign
    text = re.sub(r"\s+", " ", text)
    parts = re.split(r"\s*/\s*| per ", text)
    if len(parts) == 2 and all(parts):
        return f"{canonical(parts[0], None)}/{canonical(parts[1], power)}"
    singular = text if text in CANONICAL or len(text) < 3 else text.removesuffix("s")
    name = CANONICAL.get(singular, singular)
    return "" if name == "unit" else name + (power or "")


def factor_between(unit: str, other: str) -> Fraction | None:
    """How many of `other` one `unit` is; None for units of different kinds and for those that are not converted."""
    one, two = size_of(unit), size_of(other)
    return one[1] / two[1] if one and two and one[0] == two[0] else None


def size_of(unit: str) -> tuple[str, Fraction] | None:
    """What a unit in one spelling measures, and its size in the first unit of that kind."""
    above, slash, below = unit.partition("/")
    if slash:
        top, bottom = size_of(above), size_of(below)
        return (f"{top[0]}/{bottom[0]}", top[1] / bottom[1]) if top and bottom else None
    power = int(unit[-1]) if unit[-1:] in ("2", "3") else 1
    known = SIZES.get(unit.rstrip("23"))
    return (f"{known[0]}{known[1] * power}", known[2] ** power) if known else None
