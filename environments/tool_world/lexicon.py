"""Words that rows of generated data are made of. They are part of every task: changing a list changes all generated worlds."""

from collections.abc import Mapping
from random import Random
from string import ascii_uppercase, digits
from typing import Any

from envgym.environments.tool_world.calendar import Calendar


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    """Ada Aisha Alma Amara Anders Anika Arjun Astrid Bela Bruno Camila Carlos Chen Chiara Dana Dario Devi Diego Edda Elena Elif Emeka
    Esther Fatima Felix Freya Gael Greta Hana Hassan Helga Hugo Ibrahim Imani Ines Ivan Jana Jonas Juan Kaito Kavya Kenji Laila Lars
    Leila Lin Lucia Malik Mara Mateo Mei Mina Nadia Naomi Nikolai Noor Olga Omar Otto Paula Petra Priya Rafael Rania Rosa Ruth Samir
    Sara Selma Sofia Stefan Tara Teresa Theo Uma Vera Viktor Wanda Yara Yusuf Zoe"""
)
LAST_NAMES = _words(
    """Abara Acosta Adler Ahmed Alvarez Andersen Bakker Baptiste Becker Benitez Berg Boateng Bose Brandt Castillo Chandra Costa Cruz Dahl
    Demir Diallo Dubois Eriksen Fabbri Farouk Fischer Fofana Garcia Ghosh Gomez Haas Haddad Hansen Hoang Horvat Ibarra Iyer Jansen
    Jensen Kamara Kaplan Kato Keller Khalil Kim Klein Kovacs Kumar Laurent Leroy Lindgren Lopez Marino Mbeki Medina Mensah Meyer Mori
    Moreau Nagy Nakamura Navarro Nilsson Novak Okafor Olsen Ortega Osman Park Patel Peeters Popov Quist Rahman Reyes Ricci Rossi Saito
    Santos Schmidt Silva Singh Sokolov Suzuki Tanaka Torres Tran Ueda Varga Vega Vogel Wagner Weber Wong Yamada Yilmaz Zhang Ziegler"""
)
CITIES = _words(
    """Aberdeen Adelaide Albany Antwerp Austin Basel Bergen Bilbao Boise Bologna Bristol Calgary Cardiff Cork Dallas Denver Dresden Dublin
    Edmonton Fresno Galway Geneva Ghent Graz Halifax Hamburg Houston Leeds Leipzig Lisbon Lyon Malmo Memphis Milan Nantes Oakland Odense
    Omaha Ottawa Perth Phoenix Porto Quebec Raleigh Reno Rotterdam Salem Seville Tampere Toledo Trieste Tucson Turin Utrecht Valencia
    Vienna Warsaw Zagreb"""
)
STREETS = tuple(
    f"{name} {kind}"
    for name in _words(
        "Alder Birch Canal Cedar Chapel Church Dock Elm Garden Harbour Hill Juniper King Lake Linden Maple Market Mill Oak"
    )
    for kind in ("Street", "Road", "Lane", "Avenue")
)
COMPANY_KINDS = (
    "Ltd",
    "and Sons",
    "Partners",
    "Logistics",
    "Foods",
    "Systems",
    "Studio",
    "Trading",
    "Energy",
    "Health",
)
MAIL_HOSTS = ("example.com", "example.net", "example.org", "mail.example.com", "post.example.net")
ENDINGS = (0, 49, 50, 90, 95, 99)


def email(rng: Random, row: Mapping[str, Any], calendar: Calendar) -> str:
    """An address under a name that is reserved for documentation."""
    name = str(row.get("name") or f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}").lower()
    words = ["".join(letter for letter in word if letter.isalnum()) for word in name.split()]
    return f"{rng.choice(('.', '_', '')).join(words)}{rng.randrange(10, 9999)}@{rng.choice(MAIL_HOSTS)}"


def phone(rng: Random) -> str:
    """A number of the range that is kept free for fiction."""
    return f"+1 {rng.randrange(201, 989)} 555 01{rng.randrange(100):02}"


def code(rng: Random, pattern: str) -> str:
    """`pattern` with # replaced by a digit, ? by a capital letter, * by either. Letters that read like digits are left out."""
    letters = [letter for letter in ascii_uppercase if letter not in "IOQSZ"]
    both = [*letters, *digits[2:]]
    pools = {"#": digits, "?": letters, "*": both}
    return "".join(rng.choice(pools[sign]) if sign in pools else sign for sign in pattern)


def price(rng: Random, low: int, high: int) -> int:
    """Cents from `low` to `high` that end as prices do."""
    whole = rng.randrange(low // 100, max(high // 100, low // 100 + 1))
    return min(max(whole * 100 + rng.choice(ENDINGS), low), high)


NOTES = (
    "please call before you come",
    "the doorbell does not work",
    "leave it with the neighbour",
    "this has happened twice already",
    "I will be away until Monday",
    "no rush, whenever it suits",
    "it is rather urgent",
    "ask for the front desk",
    "the lift is out of order",
    "I would like a written answer",
)
"""What people add in their own words."""
