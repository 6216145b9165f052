"""The form of a reply, whatever it says: think and answer tags, language, repetition, length.

Each check is a verifier of its own, meant to stand beside one that judges the answer: a reply in perfect form may be nonsense. The gold
plays no part in any; what is asked for are options: `format_weighted(exact, language.with_options(language="en"))`.
Languages are told apart by script and by stop words; a reply too short to tell is MALFORMED, not wrong. Three more languages than can be
asked for have stop words, so that Italian is not taken for Spanish.
Source of the repetition share: repeated n-grams over all n-grams, as in Yeo et al. 2025 (arXiv:2502.03373, section 4.5 and Appendix C.2).
Departure: there it is a penalty on the reward of training (see `shape_repetition.py`), here a limit that a reply keeps or not.
"""

import re
from collections import Counter
from collections.abc import Sequence

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.check import verifier
from envgym.verifiers.printable import printable
from envgym.verifiers.reply import after_thinking

MAX_CHARS = 200_000
"""Of the end of a reply, looked at for language and repetition."""
TAG = re.compile(r"[A-Za-z][\w-]{0,30}")
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)*"
)
"""A word; where words are not set apart, a character."""
NOT_PROSE = re.compile(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|https?://\S+|</?\w+>|\\[A-Za-z]+", re.DOTALL)
SCRIPTS = {
    "han": re.compile(r"[\u3400-\u9fff\uf900-\ufaff]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "latin": re.compile(r"[A-Za-zÀ-ɏ]"),
}
NOT_RUSSIAN = re.compile(r"[іїєґўјљњћђџІЇЄҐЎЈЉЊЋЂЏ]")
LETTER = re.compile(r"[^\W\d_]")
STOP_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to is in that it for was on are with as be this at by not have from or an which you but were we"
        " his her they has "
        "there their so can if will would what when then than i my your do does how a because it's",
        "de": "der die das und ist nicht ein eine einen einem einer zu den mit von für auf sich dem des im auch es an als"
        " wie wir ich sie er "
        "hat sind wird oder aber war noch nur nach bei aus wenn kann dass daher weil werden haben zum zur ja so in",
        "fr": "le la les de des et est un une du que qui dans pour pas il elle en sur au aux avec ce cette sont par ne"
        " se nous vous je plus "
        "mais ou où donc car comme son sa ses leur être avoir fait c'est d'un l'on à",
        "es": "el la los las de y es un una que en no se por con para del al lo como más pero sus su este esta son ser o está"
        " yo muy porque "
        "entonces hay fue ha si cuando también donde a",
        "it": "il lo la gli di e è un una che in non si per con del della dei delle al come più ma sono suo questo questa"
        " anche perché ha i",
        "pt": "o a os as de e é um uma que em não se por com para do da dos das ao como mais mas seu sua este esta são foi também porque",
        "nl": "de het een en van is niet in dat op te voor met zijn die aan er ook als maar om bij uit wordt hij ze wij naar dan of door",
    }.items()
}
Bounds = Sequence[int | None]
LANGUAGES = ("en", "de", "fr", "es", "zh", "ja", "ru")


@verifier(needs=())
def think_answer(
    reply: str, gold: object = None, /, *, sections: Sequence[str] = ("think", "answer"), opened: bool = False
) -> Verdict:
    """PASS when the reply is the `sections`, each once, in order, closed, not empty, and nothing but white space outside.

    `opened` says that the prompt has already opened the first section.
    """
    if not _are_tags(sections):
        raise UsageError(f"sections is {str(sections)[:80]!r}; give names of tags like ['think', 'answer']")
    text = f"<{sections[0]}>{reply}" if opened else reply
    at = 0
    for name in sections:
        for tag in (f"<{name}>", f"</{name}>"):
            count = text.count(tag)
            if count != 1:
                what = "missing" if not count else f"there {count:,} times"
                return Verdict.malformed(f"{tag} is {what}", code="form.tag_missing" if not count else "form.tag_twice")
        start, end = text.find(f"<{name}>"), text.find(f"</{name}>")
        if start < at or end < start:
            return Verdict.malformed(f"<{name}> is out of order", code="form.tag_order")
        if text[at:start].strip():
            return Verdict.malformed(f"there is text before <{name}>", code="form.outside")
        if not text[start + len(name) + 2 : end].strip():
            return Verdict.malformed(f"<{name}> is empty", code="form.tag_empty")
        at = end + len(name) + 3
    if text[at:].strip():
        return Verdict.malformed(f"there is text after </{sections[-1]}>", code="form.outside")
    return Verdict.of(1, code="form.tags", reason="the sections are as asked")


def _are_tags(sections: object) -> bool:
    if isinstance(sections, str) or not isinstance(sections, Sequence) or not sections:
        return False
    return all(isinstance(name, str) and TAG.fullmatch(name) for name in sections)


@verifier(needs=("options",))
def language(
    reply: str, gold: object = None, /, *, language: str = "", share: float = 0.8, thinking: bool = False
) -> Verdict:
    """PASS when the reply is written in `language`: "en", "de", "fr", "es", "zh", "ja" or "ru".

    At least `share` of its letters are in the script of the language and, for Latin scripts, of its stop words in the language. Code,
    formulas, links and tags do not count; neither does the thinking, unless `thinking` says so. A reply that is too short or has no words
    is MALFORMED (form.language_unclear).
    """
    if language not in LANGUAGES:
        raise UsageError(f"language is {str(language)[:40]!r}; give one of {', '.join(LANGUAGES)}")
    if not 0 < share <= 1:
        raise UsageError(f"share is {share}; give a share above 0 and at most 1")
    text = reply if thinking else after_thinking(reply)
    if text is None:
        return Verdict.malformed("the reply ends inside its thinking", code="answer.none")
    prose = NOT_PROSE.sub(" ", text[-MAX_CHARS:])
    shares = language_shares(prose)
    if not shares:
        return Verdict.malformed("too few words to tell the language", code="form.language_unclear")
    found = max(shares, key=lambda name: shares[name])
    facts = {name: round(each, 3) for name, each in shares.items() if each >= 0.01}
    evidence = (Evidence(kind="output", text=f"share of each language: {facts}", data=facts),)
    if shares.get(language, 0.0) >= share:
        return Verdict.of(1, code="form.language", reason=f"it is written in {language}", evidence=evidence)
    reason = (
        f"it is only partly written in {found}" if found == language else f"it is written in {found}, not {language}"
    )
    return Verdict.of(0, code="form.other_language", reason=reason, evidence=evidence)


def language_shares(prose: str) -> dict[str, float]:
    """The share of `prose` that is in each language, over its letters; empty where too little is there to tell."""
    letters = len(LETTER.findall(prose))
    if letters < 2:
        return {}
    counts = {name: len(script.findall(prose)) for name, script in SCRIPTS.items()}
    shares: dict[str, float] = {}
    asian = counts["han"] + counts["kana"]
    if asian:
        shares["ja" if counts["kana"] > 0.08 * asian else "zh"] = asian / letters
    if counts["cyrillic"]:
        other = len(NOT_RUSSIAN.findall(prose)) > 0.01 * counts["cyrillic"]
        shares["other cyrillic" if other else "ru"] = counts["cyrillic"] / letters
    if counts["latin"]:
        latin = _latin_shares(prose)
        if not latin and counts["latin"] > 0.5 * letters:
            return {}
        for name, part in latin.items():
            shares[name] = part * counts["latin"] / letters
    rest = letters - asian - counts["cyrillic"] - counts["latin"]
    return {**shares, "other script": rest / letters} if rest > 0 else shares


def _latin_shares(prose: str) -> dict[str, float]:
    """Each stop word speaks for the languages that have it; a piece of twenty words belongs to the language with most of them."""
    words: list[str] = re.findall(r"[a-zà-ɏ]+(?:'[a-zà-ɏ]+)?", prose.lower().replace("’", "'"))
    pieces: Counter[str] = Counter()
    known = 0
    for start in range(0, len(words), 20):
        piece = words[start : start + 20]
        hits = {name: sum(word in stops for word in piece) for name, stops in STOP_WORDS.items()}
        best = max(hits.values())
        leaders = [name for name, count in hits.items() if count == best]
        if best >= (2 if len(piece) >= 8 else 1) and len(leaders) == 1:
            pieces[leaders[0]] += len(piece)
            known += len(piece)
    if known < 0.3 * len(words):
        return {}
    return {name: count / known for name, count in pieces.items()}


@verifier(needs=())
def repetition(reply: str, gold: object = None, /, *, most: float = 0.2, n: int = 8) -> Verdict:
    """PASS when at most the share `most` of the reply's n-grams of words repeat an earlier one.

    A reply of fewer than `n` words repeats nothing. Of more than 200,000 characters the end is looked at, where loops are.
    """
    if not isinstance(n, int) or n < 1:
        raise UsageError(f"n is {n!r}; give the length of the n-grams, at least 1")
    if isinstance(most, bool) or not isinstance(most, int | float) or not 0 <= most < 1:
        raise UsageError(f"most is {str(most)[:40]!r}; give a share of at least 0 and below 1")
    share, worst, times = repeated(reply[-MAX_CHARS:], n)
    if share <= most:
        return Verdict.of(1, code="form.varied", reason=f"{share:.1%} of the {n}-grams repeat an earlier one")
    evidence = (Evidence(kind="span", text=printable(worst), data={"times": times, "share": share}),)
    return Verdict.of(
        0,
        code="form.repetition",
        reason=f"{share:.1%} of the {n}-grams repeat an earlier one, at most {most:.1%} may",
        evidence=evidence,
    )


def repeated(text: str, n: int) -> tuple[float, str, int]:
    """The share of n-grams that repeat an earlier one, the most frequent n-gram and how often it is there."""
    words = WORD.findall(text.casefold())
    grams = (
        Counter(zip(*(words[start:] for start in range(min(n, len(words) + 1))), strict=False))
        if len(words) >= n
        else Counter()
    )
    if not grams:
        return 0.0, "", 0
    most, times = grams.most_common(1)[0]
    return 1 - len(grams) / grams.total(), " ".join(most), times


@verifier(needs=("options",))
def length(
    reply: str, gold: object = None, /, *, words: Bounds | None = None, characters: Bounds | None = None
) -> Verdict:
    """PASS when the reply, without its thinking and outer white space, has as many `words` and `characters` as asked for.

    Each is (least, most), both within; None in it is no bound. A word is a run of letters and digits, also with an apostrophe or hyphen
    inside; a Han or Kana character is a word.
    """
    asked = {"words": words, "characters": characters}
    bounds = {unit: _bounds(unit, pair) for unit, pair in asked.items() if pair is not None}
    if not bounds:
        raise UsageError("length has no bounds; give words=(least, most) or characters=(least, most)")
    text = after_thinking(reply)
    if text is None:
        return Verdict.malformed("the reply ends inside its thinking", code="answer.none")
    text = text.strip()
    for unit, (least, most) in bounds.items():
        size = len(text) if unit == "characters" else sum(1 for _ in WORD.finditer(text))
        if least is not None and size < least:
            return Verdict.of(0, code="form.too_short", reason=f"{size:,} {unit}, at least {least:,} are asked for")
        if most is not None and size > most:
            return Verdict.of(0, code="form.too_long", reason=f"{size:,} {unit}, at most {most:,} are asked for")
    return Verdict.of(1, code="form.length", reason="the length is within its bounds")


def _bounds(unit: str, pair: object) -> tuple[int | None, int | None]:
    if isinstance(pair, Sequence) and not isinstance(pair, str) and len(pair) == 2:
        least, most = pair
        known = [each for each in pair if each is not None]
        if known and all(type(each) is int and each >= 0 for each in known) and known == sorted(known):
            return least, most
    raise UsageError(f"{unit} is {str(pair)[:80]!r}; give (least, most), where one may be None")
