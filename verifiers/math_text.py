"""One spelling for mathematics: unicode signs, LaTeX dress and plain-text habits become the same small LaTeX.

NFKC alone is wrong here: it turns `10²` into `102` and `1½` into `11/2`. Superscripts and vulgar fractions are spelled out before it.
Nothing is evaluated and nothing that carries meaning is dropped; `\\text{...}` stays for the reader of units and words.
"""

import re
import unicodedata

from envgym.verifiers.unicode_form import nfkc

SUPERSCRIPTS = {ord(sign): plain for sign, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True)}
SUBSCRIPTS = {ord(sign): plain for sign, plain in zip("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n", strict=True)}
SIGNS = str.maketrans(
    {
        "−": "-", "–": "-", "‐": "-", "‑": "-", "×": r"\times ", "·": r"\cdot ", "∙": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "∕": "/",
        "⁄": "/", "π": r"\pi ", "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "λ": r"\lambda ", "∞": r"\infty ", "√": r"\sqrt ",
        "∛": r"\sqrt[3]", "∜": r"\sqrt[4]", "∩": r"\cap ", "∖": r"\setminus ", "≡": r"\equiv ",
        "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "∪": r"\cup ", "∈": r"\in ", "∅": r"\emptyset ",
        "±": r"\pm ", "∓": r"\mp ", "°": r"^\circ ", "⟨": r"\langle ", "⟩": r"\rangle ", "’": "'", "′": "'",
    }
)  # fmt: skip
LETTERS = str.maketrans(
    {"ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}"}
)
"""To be spelled out before NFKC, which makes plain letters of them."""
DELIMITERS = [("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("**", "**"), ("`", "`")]
UNEVALUATED = re.compile(r"\\(?:int|iint|oint|sum|prod|lim|det)(?![A-Za-z])|\\frac\s*\{\s*d\s*\}\s*\{\s*d")
"""What leaves the work to the reader: sums, integrals, limits, derivatives."""
FIGURES = re.compile(r"[+-]?[0-9./]*[0-9]")
"""Text that `plain` leaves as it is."""
FONTS = r"\\(?:mathrm|mathit|mathbf|mathsf|boldsymbol|operatorname\*?|bm)"
TEXTS = r"\\(?:text|textrm|textbf|textit|textnormal|mathrm|mathbf|mathit|mbox|hbox|operatorname)"
BALANCED = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
SCALE = rf"({'|'.join(SCALES)})s?\b"


def scaled(found: re.Match[str]) -> str:
    """`2 million dollars` and `2\\text{ million dollars}` as 2 times a power of ten, with what else the words say."""
    rest = (found[2] or "").strip() if found.re.groups > 1 else ""
    return rf"\cdot 10^{{{SCALES[found[1]]}}}" + (rf"\text{{{rest}}}" if rest else "")


def dotted(found: re.Match[str]) -> str:
    """The period of a decimal between its two dots, or under its only one."""
    start, first, middle, last = found[1], found[2] or found[3], found[4] or "", found[5] or found[6] or ""
    return rf".{start}\overline{{{first}{middle if last else ''}{last}}}{'' if last else middle}"


# What makes a rule worth trying is a text that its pattern cannot match without: most answers need few of the rules.
REWRITES = [
    (sign, re.compile(pattern), new)
    for sign, pattern, new in (
        ("\\", r"\\(?:left|right)(?![A-Za-z])\.?|\\(?:[bB]igg?[lr]?|displaystyle|textstyle|limits|nolimits)(?![A-Za-z])", ""),
        ("\\$", r"\\\$", "$"),
        (",", r"\{\s*,\s*\}|(?<=\d)\\,(?=\d{3})", ","),
        ("\\", r"(?<!\\)\\[,;:! ]|\\(?:quad|qquad|thinspace)(?![A-Za-z])", " "),
        ("~", "~", " "),
        ("frac", r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
        ("binom", r"\\[dt]binom(?![A-Za-z])", r"\\binom"),
        ("\\choose", r"\{([^{}]*)\\choose(?![A-Za-z])([^{}]*)\}", r"\\binom{\1}{\2}"),
        ("array", r"\\begin\s*\{array\}\s*\{[^{}]*\}", r"\\begin{matrix}"),
        ("array", r"\\end\s*\{array\}", r"\\end{matrix}"),
        ("\\", rf"(?:{FONTS}|\\text)\s*\{{\s*\\?((?:arc)?(?:sin|cos|tan|cot|sec|csc)|ln|lg|log|exp|cis)\s*\}}", r"\\\1 "),
        ("\\", FONTS + r"\s*\{\s*([A-Za-z])\s*\}", r"\1"),
        ("\\", TEXTS + r"\s*\{", r"\\text{"),
        ("\\", r"\\text\{\s*([-+\d.,\s]*)\}", r"\1"),
        ("\\text", rf"(?<=[\d}}])\s*\\text\{{\s*{SCALE}([^{{}}]*)\}}", scaled),
        ("hundred", rf"(?<=\d)\s*{SCALE}", scaled),
        ("thousand", rf"(?<=\d)\s*{SCALE}", scaled),
        ("illion", rf"(?<=\d)\s*{SCALE}", scaled),
        ("or", r",?\s{0,3}\\text\{[\s,]*or[\s,]*\}|,?\s{0,3}(?<![A-Za-z\\])or(?![A-Za-z])", r" \\or "),
        ("and", r",?\s{0,3}\\text\{[\s,]*and[\s,]*\}|,?\s{0,3}(?<![A-Za-z\\])and(?![A-Za-z])", r" \\and "),
        ("\\", r"\\mathbb\s*([A-Z])", r"\\mathbb{\1}"),
        ("\\", r"\\(?:varnothing)(?![A-Za-z])", r"\\emptyset "),
        ("\\", r"\\(?:leqslant|leq|le)(?![A-Za-z])", r"\\le "),
        ("<=", "<=", r"\\le "),
        ("\\", r"\\(?:geqslant|geq|ge)(?![A-Za-z])", r"\\ge "),
        (">=", ">=", r"\\ge "),
        ("\\", r"\\(?:neq|ne)(?![A-Za-z])", r"\\ne "),
        ("!=", "!=", r"\\ne "),
        ("\\", r"\\lt(?![A-Za-z])", "<"),
        ("\\", r"\\gt(?![A-Za-z])", ">"),
        ("\\", r"\\[lr]?vert(?![A-Za-z])", "|"),
        ("\\", r"\\[lr]brace(?![A-Za-z])", lambda found: r"\{" if found[0][1] == "l" else r"\}"),
        ("\\", r"\\(?:lbrack)(?![A-Za-z])", "["),
        ("\\", r"\\(?:rbrack)(?![A-Za-z])", "]"),
        ("\\", r"\\(?:div)(?![A-Za-z])", "/"),
        ("%", r"\\%|\\text\{\s*\\?%\s*\}", "%"),
        ("percent", r"\\?percent\b|\\text\{\s*percent\s*\}", "%"),
        ("**", r"\*\*", "^"),
        ("*", r"\*", r"\\cdot "),
        ("sqrt", r"(?<![A-Za-z\\])sqrt\s*\(([^()]*)\)", r"\\sqrt{\1}"),
        ("pi", r"(?<![A-Za-z\\])pi(?![A-Za-z])", r"\\pi "),
        ("inf", r"(?<![A-Za-z\\])(?:infinity|infty|inf)(?![A-Za-z])", r"\\infty "),
        ("\\dot", r"\.(\d*)\\dot\s*(?:\{(\d)\}|(\d))(?:(\d*)\\dot\s*(?:\{(\d)\}|(\d)))?", dotted),
        ("\\bar", r"\\bar(?![A-Za-z])", r"\\overline"),
        ("\\overline", r"\\overline\s*(\d)", r"\\overline{\1}"),
        (".(", r"\.\((\d+)\)", r".\\overline{\1}"),
        ("dots", r"\\[lc]?dots(?![A-Za-z])", "..."),
        ("...", r"(?<![\d.])(\d{0,20}\.\d{0,12}?)(?:(\d)\2{2,}|(\d{2,8}?)\3+)\s*\.\.\.", r"\1\\overline{\2\3}"),
        ("\\frac", r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
        ("\\frac", r"\\frac\s*(\d)\s*\{", r"\\frac{\1}{"),
        ("\\frac", rf"\\frac\s*{BALANCED}\s*(\d)", r"\\frac{\1}{\2}"),
        ("\\sqrt", r"\\sqrt\s*(\d+|[A-Za-z](?![A-Za-z]))", r"\\sqrt{\1}"),
    )
]  # fmt: skip
LEADING_EQUALS = re.compile(r"(?:=|\\approx(?![A-Za-z])) ?")


def plain(text: str) -> str:
    """`text` in one spelling, without delimiters, sizes, thin spaces and a closing full stop."""
    if FIGURES.fullmatch(text):
        return text
    text = undress(text if text.isascii() else in_ascii(text))
    for sign, pattern, new in REWRITES:
        if sign in text:
            text = pattern.sub(new, text)
    text = " ".join(text.split())
    return undress(LEADING_EQUALS.sub("", text, count=1) if LEADING_EQUALS.match(text) else text)


def in_ascii(text: str) -> str:
    """`text` with superscripts, vulgar fractions and mathematical signs spelled out, and without invisible characters."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+", lambda run: "^{" + run[0].translate(SUPERSCRIPTS) + "}", text)
    text = re.sub("[₀₁₂₃₄₅₆₇₈₉ₙ]+", lambda run: "_{" + run[0].translate(SUBSCRIPTS) + "}", text)
    text = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒]", vulgar, text)
    text = nfkc(text.translate(LETTERS)).translate(SIGNS)
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def vulgar(found: re.Match[str]) -> str:
    top, _, bottom = unicodedata.normalize("NFKC", found[0]).partition("⁄")
    return rf"\frac{{{top}}}{{{bottom}}}"


def undress(text: str) -> str:
    """`text` without surrounding math delimiters, markdown and closing punctuation."""
    layers = len(DELIMITERS)
    while layers:
        layers -= 1
        text = re.sub(r"(?<![.\\])[.;,]$", "", text.strip()).rstrip()
        pair = next((pair for pair in DELIMITERS if encloses(pair, text)), None)
        if pair is None:
            break
        text = text[len(pair[0]) : -len(pair[1])].strip()
    return text.replace("$", "") if text.count("$") > 1 else text


def encloses(pair: tuple[str, str], text: str) -> bool:
    """Whether the whole of `text` stands between the two delimiters."""
    start, end = pair
    inner = text[len(start) : -len(end)]
    return len(text) > len(start) + len(end) and text.startswith(start) and text.endswith(end) and start not in inner


def compact(text: str) -> str:
    """`plain` text without spaces, but for those between digits: equal texts are equal answers."""
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)
