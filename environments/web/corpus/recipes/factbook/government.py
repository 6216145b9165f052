"""What a country's page states about its state."""

import re

from envgym.environments.web.corpus.recipes.factbook.items import Item, items
from envgym.environments.web.corpus.recipes.factbook.page_text import Field
from envgym.environments.web.corpus.recipes.factbook.reading import Reading

CAPITAL = re.compile(r"([A-Z][^;:,()]*?)(?: \(([^()]*)\))?$")
WASHINGTON = "Washington, DC"
YEAR = r"(?:\d{1,2} [A-Z][a-z]+ )?(\d{4})"
INDEPENDENCE = re.compile(rf"{YEAR} \(from (?:the )?([^()]+)\)(?=$|; notable earlier)")
FROM_TWO = re.compile(r"(.+?) and (?:the )?(.+)")
FORMER = {"Soviet Union", "Ottoman Empire", "Yugoslavia", "British India", "Malaysian Federation", "West Pakistan"} | {
    "State Union of Serbia and Montenegro"
}
MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
HOLIDAY = re.compile(rf"([A-Z][\w' -]*? Day)(?: \([^()]*\))?, (\d{{1,2}} (?:{MONTH})) \(\d{{4}}\)$")
TYPE = re.compile(
    r"[A-Za-z -]{3,50}\b(?:republic|democracy|monarchy|state|realm|emirate)$|republic$|monarchy$|emirate$"
)
CODE = re.compile(r"\.[a-z]{2}$")
COLORS = re.compile(r"national colors?: (.+)$")
COLOR = re.compile(r"(?:light |sky |cerulean )?[a-z]+$")
"""A shade is a fact, but leaves open whether the page would call it by its plain color too."""
SYMBOL = re.compile(r"[a-z][a-z' -]{2,30}$")
ORGANIZATIONS = {
    "APEC": "Asia-Pacific Economic Cooperation", "ASEAN": "Association of Southeast Asian Nations", "AU": "African Union",
    "BRICS": "", "BSEC": "Black Sea Economic Cooperation", "Caricom": "Caribbean Community",
    "CIS": "Commonwealth of Independent States", "COMESA": "Common Market for Eastern and Southern Africa",
    "CPLP": "Community of Portuguese-Speaking Countries", "ECOWAS": "Economic Community of West African States",
    "EFTA": "European Free Trade Association", "EMU": "European Monetary Union", "ESA": "European Space Agency",
    "EU": "European Union", "G-20": "", "G-77": "", "GCC": "Gulf Cooperation Council", "LAS": "League of Arab States",
    "Mercosur": "", "NATO": "North Atlantic Treaty Organization", "OAPEC": "", "OAS": "Organization of American States",
    "OECD": "", "OIC": "Organization of Islamic Cooperation", "OIF": "International Organization of the French-speaking World",
    "OPEC": "Organization of Petroleum Exporting Countries", "PIF": "Pacific Islands Forum", "SAARC": "",
    "SADC": "Southern African Development Community", "SCO": "Shanghai Cooperation Organization", "CELAC": "", "UNASUR": "",
}  # fmt: skip
NO_ARTICLE = {
    "Mercosur",
    "Caricom",
    "NATO",
    "OPEC",
    "OAPEC",
    "ASEAN",
    "APEC",
    "BRICS",
    "COMESA",
    "ECOWAS",
    "CELAC",
    "UNASUR",
}


def read_government(page: Reading) -> None:
    for read, path in (
        (_type, "Government/Government type"), (_capital, "Government/Capital/name"), (_independence, "Government/Independence"),
        (_holiday, "Government/National holiday"), (_symbols, "Government/National symbol(s)"),
        (_organizations, "Government/International organization participation"),
        (_internet, "Communications/Internet country code"),
    ):  # fmt: skip
        if field := page.field(path):
            read(page, field)


def _type(page: Reading, field: Field) -> None:
    """The whole line, where it is a plain name of a form: what is said beyond that would make it another form."""
    if TYPE.match(field.text) and not field.text.startswith(("a ", "in ")):
        page.state_line("government_type", field.text, field, len(field.text))
    else:
        page.open("government_type")


def _capital(page: Reading, field: Field) -> None:
    """Where a note speaks of a second capital or of a dispute, no capital is stated."""
    if field.text == WASHINGTON:
        page.state_line("capital", page.world.entity("city", WASHINGTON), field, len(field.text))
    elif (found := CAPITAL.match(field.text)) and " in " not in found[1]:
        others = re.split(r"[,/] ?", found[2] or "")
        aliases = [each for each in others if each and not each.startswith("on ")]
        page.state_line("capital", page.world.entity("city", found[1], aliases), field, len(field.text))
    else:
        page.open("capital")


def _independence(page: Reading, field: Field) -> None:
    found = INDEPENDENCE.match(field.text)
    if not found:
        page.open("independence_year", "independent_from", "independent_from_state")
        return
    page.state_line("independence_year", int(found[1]), field, found.end())
    two = FROM_TWO.fullmatch(found[2]) if not page.country(found[2]) and found[2] not in FORMER else None
    for name in two.groups() if two else (found[2],):
        if id_ := page.country(name):
            page.state_line("independent_from", id_, field, found.end())
        elif name in FORMER:
            said = "" if name in ("British India", "Yugoslavia", "West Pakistan") else f"the {name}"
            id_ = page.world.entity("former state", name, said=said)
            page.state_line("independent_from_state", id_, field, found.end())
        else:
            page.open("independent_from", "independent_from_state")


def _holiday(page: Reading, field: Field) -> None:
    if (found := HOLIDAY.match(field.text)) and not re.search(". Independence Day", found[1]):
        page.state_line("national_holiday", found[1], field, len(field.text))
        page.state_line("national_day", found[2], field, len(field.text))
    else:
        page.open("national_holiday", "national_day")


def _symbols(page: Reading, field: Field) -> None:
    colors = COLORS.search(field.text)
    before = field.text[: colors.start()] if colors else field.text
    for item in items(before):
        bare = item.bare.rstrip(":")
        if SYMBOL.match(bare) and not bare.startswith(("the ", "a ", "an ", "red ", "white ", "no ")):
            page.state("national_symbol", page.world.entity("symbol", bare), field, item)
        else:
            page.open("national_symbol")
    if not colors:
        page.open("national_color")
        return
    for item in items(field.text):
        start = max(item.start, colors.start(1))
        name = field.text[start : item.end]
        if item.end <= colors.start(1):
            continue
        if COLOR.match(name):
            page.state("national_color", page.world.entity("color", name), field, Item(name, start, item.end))
        if not COLOR.match(name) or " " in name:
            page.open("national_color")


def _organizations(page: Reading, field: Field) -> None:
    """Members only: who is an observer or partner has that written behind the name."""
    for item in items(field.text):
        name, _, note = item.text.partition(" (")
        if name in ORGANIZATIONS and not note:
            aliases = [ORGANIZATIONS[name]] if ORGANIZATIONS[name] else []
            said = "" if name in NO_ARTICLE else f"the {name}"
            page.state("member_of", page.world.entity("organization", name, aliases, said=said), field, item)
        elif name in ORGANIZATIONS:
            page.open("member_of")


def _internet(page: Reading, field: Field) -> None:
    if CODE.match(field.text):
        page.state_line("internet_code", field.text, field, len(field.text))
    else:
        page.open("internet_code")
