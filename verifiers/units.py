"""Units behind a quantity: `5\\text{ cm}`, `18 dollars`, `90^\\circ`.

A unit that only one side names is left out of the comparison, since the question fixes it; two different units are different answers.
Nothing is converted. Words that change the number (million, dozen, squared, percent) are no units.
"""

import re

from envgym.verifiers.numeral import TooBig, read_numeral

WRAPPED = re.compile(r"(?P<body>.+?)\s*\\text\{(?P<unit>[^{}]*)\}\s*(?:\^\s*\{?\s*(?P<power>[23])\s*\}?)?", re.DOTALL)
DEGREES = re.compile(r"(?P<body>.+?)\s*\^\s*(?:\\circ|\{\s*\\circ\s*\})\s*(?P<unit>(?:\\text\{)?[CF]?\}?)", re.DOTALL)
BARE = re.compile(
    r"(?P<body>.*[\d})])\s*(?P<unit>[A-Za-z][A-Za-z ./]*?)\s*(?:\^\s*\{?\s*(?P<power>[23])\s*\}?)?", re.DOTALL
)
NO_UNIT = re.compile(
    r"hundred|thousand|million|billion|trillion|dozen|pair|half|quarter|squared|cubed|factorial|percent|or|and|not|if|base|mod|times|"
    r"over|plus|minus|to|by|is|are|for|where|when|with|no|any|all|each|choose|approx.*|halves|thirds?|\w+ths?|score|gross|pi|inf\w*|sqrt|"
    r"sin|cos|tan|log|ln|exp|mil|more|less|than",
    re.IGNORECASE,
)
NAMES = {
    "cm": "cm centimeter centimetre", "m": "m meter metre", "km": "km kilometer kilometre", "mm": "mm millimeter millimetre",
    "in": "in inch inche", "ft": "ft foot feet", "yd": "yd yard", "mi": "mi mile", "g": "g gram gramme", "kg": "kg kilogram", "mg": "mg",
    "l": "l liter litre", "ml": "ml milliliter millilitre", "s": "s sec second", "min": "min minute", "h": "h hr hour", "day": "day",
    "week": "week", "month": "month", "year": "year yr", "dollar": "dollar usd buck", "cent": "cent", "euro": "euro eur", "lb": "lb pound",
    "degree": "degree deg", "mph": "mph", "kmh": "km/h kmh kph", "ms": "m/s", "unit": "unit", "way": "way", "people": "people person",
    "hz": "hz", "rad": "rad radian", "oz": "oz ounce", "gal": "gal gallon", "acre": "acre", "ha": "ha hectare",
}  # fmt: skip
CANONICAL = {name: unit for unit, names in NAMES.items() for name in names.split()}


def split_unit(text: str) -> tuple[str, str]:
    """`plain` text as (quantity, unit). The unit is in one spelling, "" where there is none."""
    degrees = DEGREES.fullmatch(text)
    if degrees and is_number(degrees["body"]):
        return degrees["body"], "degree" + re.sub(r"\\text|[{}]", "", degrees["unit"]).lower()
    wrapped = WRAPPED.fullmatch(text)
    if wrapped and is_unit(wrapped["unit"]):
        return wrapped["body"], canonical(wrapped["unit"], wrapped["power"])
    bare = BARE.fullmatch(text)
    if bare and is_number(bare["body"]) and is_unit(bare["unit"]):
        unit = canonical(bare["unit"], bare["power"])
        noun = re.fullmatch(r"[A-Za-z]{4,}", bare["unit"]) and text[len(bare["body"])] == " "
        if len(bare["unit"]) > 1 and (unit.rstrip("23") in NAMES or not unit or noun):
            return bare["body"], unit  # m and xyz are variables, not units
    return text, ""


def is_number(text: str) -> bool:
    try:
        return read_numeral(text) is not None
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
    singular = text if text in CANONICAL or len(text) < 3 else text.removesuffix("s")
    name = CANONICAL.get(singular, singular)
    return "" if name == "unit" else name + (power or "")
