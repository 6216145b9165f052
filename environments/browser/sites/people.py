"""Words that sites fill their tables with."""

import random
import sqlite3


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


FIRST = words(
    "Ada Ben Chidi Dana Elif Farid Grace Hugo Ines Jonas Kaya Liam Mira Noor Oscar Priya Quinn Rosa Sven Tariq Uma Vera "
    "Wanda Yusuf Zoe"
)
LAST = words(
    "Abara Bergman Castillo Demir Eriksen Fontaine Goldberg Haddad Ivanova Jansen Kowalski Lindqvist Moreau Nakamura "
    "Okafor Petrov Quintero Rossi Schmidt Tanaka Usman Varga Weber Yilmaz Zhang"
)
STREETS = words("Alder Birch Canal Dock Elm Ferry Garden Harbour Iron Juniper Kiln Linden Mill North Orchard Park")
CITIES = words(
    "Ashford Brookfield Calder Dunmore Eastvale Fairhaven Glenrock Hartwell Kingsbury Lakeside Marlow Norwood"
)
SECRETS = words("amber basil cedar delta ember fjord grove heron ivory jade kelp lilac maple nectar olive pearl quartz")


def add_users(db: sqlite3.Connection, rng: random.Random, count: int) -> list[tuple[int, str]]:
    """Fills `users` with people of different names; id and name of each."""
    pairs = rng.sample([(first, last) for first in FIRST for last in LAST], count)
    made = []
    for id, (first, last) in enumerate(pairs, start=1):
        email = f"{first}.{last}@mail.test".casefold()
        password = f"{rng.choice(SECRETS)}-{rng.choice(SECRETS)}-{rng.randrange(10, 100)}"
        db.execute(
            "INSERT INTO users (id, name, email, password) VALUES (?, ?, ?, ?)",
            (id, f"{first} {last}", email, password),
        )
        made.append((id, f"{first} {last}"))
    return made
