"""What the pages of countries state, and how English says it."""

from envgym.environments.web.corpus.facts import Relation


def _of_country(name: str, kind: str, asks: str, *says: str, **more: object) -> Relation:
    return Relation.model_validate(
        {"name": name, "subject": "country", "kind": kind, "asks": asks, "says": says, **more}
    )


def _to(name: str, target: str, asks: str, *says: str, **more: object) -> Relation:
    return _of_country(name, "entity", asks, *says, target=target, **more)


def _measured(name: str, unit: str, asks: str, *says: str) -> Relation:
    return _of_country(name, "number", asks, *says, unit=unit)


RELATIONS = (
    _to("located_in", "region", "the part of the world where {it} lies", "lies in {value}", "is located in {value}"),
    _to(
        "map_region",
        "map",
        "the reference map on which the Factbook shows {it}",
        "is shown on the Factbook's reference map of {value}",
        many=True,
    ),
    _to(
        "on_sea",
        "sea",
        "a body of water that {it} lies on",
        "lies on {value}",
        "has a coast on {value}",
        many=True,
        complete=False,
    ),
    _to(
        "borders",
        "country",
        "a country that {it} borders",
        "borders {value}",
        "shares a land border with {value}",
        many=True,
        symmetric=True,
        turned=("borders {it}", "shares a land border with {it}"),
    ),
    _measured("area", "square kilometers", "the total area of {it}", "has a total area of {value}", "covers {value}"),
    _measured("coastline", "kilometers", "the length of the coastline of {it}", "has a coastline of {value}"),
    _to(
        "highest_point",
        "peak",
        "the highest point of {it}",
        "has {value} as its highest point",
        "rises highest at {value}",
        turned=("is the highest point of {it}",),
    ),
    _measured(
        "highest_elevation",
        "meters",
        "the elevation of the highest point of {it}",
        "has a highest point at {value}",
        "rises to {value}",
    ),
    _to(
        "lowest_point",
        "low point",
        "the lowest point of {it}",
        "has its lowest point at {value}",
        turned=("is the lowest point of {it}",),
    ),
    _to(
        "natural_resource",
        "resource",
        "a natural resource of {it}",
        "counts {value} among its natural resources",
        "has {value} as a natural resource",
        many=True,
        complete=False,
    ),
    _measured("population", "people", "the population of {it}", "has a population of {value}", "is home to {value}"),
    _measured("median_age", "years", "the median age in {it}", "has a median age of {value}"),
    _measured(
        "life_expectancy", "years", "the life expectancy at birth in {it}", "has a life expectancy at birth of {value}"
    ),
    _measured(
        "urban_share",
        "percent",
        "the share of the population of {it} that lives in cities",
        "has an urban population of {value} of the total",
    ),
    _to(
        "official_language",
        "language",
        "an official language of {it}",
        "has {value} as an official language",
        "lists {value} as an official language",
        many=True,
        turned=("is an official language of {it}",),
    ),
    _to(
        "language",
        "language",
        "a language spoken in {it}",
        "lists {value} among its languages",
        "has speakers of {value}",
        many=True,
        complete=False,
        turned=("is spoken in {it}",),
    ),
    _to(
        "majority_religion",
        "religion",
        "the religion of the majority in {it}",
        "has a population that is mostly {value}",
        "has a {value} majority",
    ),
    _of_country(
        "government_type",
        "text",
        "the type of government of {it}",
        'has its government type given as "{value}"',
        'is described as a "{value}" by its type of government',
    ),
    _to(
        "capital",
        "city",
        "the capital of {it}",
        "has {value} as its capital",
        "is governed from its capital, {value}",
        turned=("is the capital of {it}",),
    ),
    _of_country(
        "independence_year",
        "year",
        "the year in which {it} became independent",
        "became independent in {value}",
        "gained independence in {value}",
    ),
    _to(
        "independent_from",
        "country",
        "the country from which {it} became independent",
        "became independent from {value}",
        "gained its independence from {value}",
        many=True,
        turned=("is the country from which {it} became independent",),
    ),
    _to(
        "independent_from_state",
        "former state",
        "the former state from which {it} became independent",
        "became independent from {value}",
        "gained its independence from {value}",
        turned=("is the former state from which {it} became independent",),
    ),
    _of_country(
        "national_holiday",
        "text",
        "the name of the national holiday of {it}",
        "celebrates {value} as its national holiday",
    ),
    _of_country(
        "national_day",
        "text",
        "the day of the year on which {it} celebrates its national holiday",
        "celebrates its national holiday on {value}",
    ),
    _to(
        "member_of",
        "organization",
        "an international organization to which {it} belongs",
        "is a member of {value}",
        "belongs to {value}",
        many=True,
        complete=False,
    ),
    _to(
        "national_color",
        "color",
        "a national color of {it}",
        "has {value} as one of its national colors",
        "counts {value} among its national colors",
        many=True,
    ),
    _to(
        "national_symbol",
        "symbol",
        "a national symbol of {it}",
        "has the {value} as a national symbol",
        "uses the {value} as a national symbol",
        many=True,
        complete=False,
    ),
    _measured(
        "gdp_per_person",
        "US dollars",
        "the GDP per capita (PPP) of {it} in 2014",
        "had a GDP per capita (PPP) of {value} in 2014",
    ),
    _to(
        "agricultural_product",
        "product",
        "an agricultural product of {it}",
        "lists {value} among its agricultural products",
        "has {value} as an agricultural product",
        many=True,
        complete=False,
    ),
    _to(
        "export_commodity",
        "product",
        "a commodity that {it} exports",
        "lists {value} among its export commodities",
        "exports {value}",
        many=True,
        complete=False,
    ),
    _to(
        "export_partner",
        "country",
        "a main export partner of {it}",
        "lists {value} among its main export partners",
        "sends much of its exports to {value}",
        many=True,
        complete=False,
        turned=("is one of the main export partners of {it}",),
    ),
    _to(
        "import_partner",
        "country",
        "a main import partner of {it}",
        "lists {value} among its main import partners",
        "gets much of its imports from {value}",
        many=True,
        complete=False,
        turned=("is one of the main import partners of {it}",),
    ),
    _to(
        "currency",
        "currency",
        "the currency in which the exchange rate of {it} is given",
        "has its exchange rate given in {value}",
        "quotes its exchange rate in {value}",
    ),
    _of_country("internet_code", "text", "the Internet country code of {it}", "has the Internet country code {value}"),
    _measured("airports", "airports", "the number of airports in {it}", "has {value}"),
)
