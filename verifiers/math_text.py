"""One spelling for mathematics: unicode signs, LaTeX dress and plain-text habits become the same small LaTeX.

NFKC alone is wrong here: it turns `10²` into `102` and `1½` into `11/2`. Superscripts and vulgar fractions are spelled out before it.
Nothing is evaluated and nothing that carries meaning is dropped; `\\text{...}` stays for the reader of units and words.
"""

import re
import unicodedata

SUPERSCRIPTS = {ord(sign): plain for sign, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True)}
SUBSCRIPTS = {ord(sign): plain for sign, plain in zip("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n", strict=True)}
SIGNS = str.maketrans(
    {
        "−": "-", "–": "-", "‐": "-", "‑": "-", "×": r"\times ", "·": r"\cdot ", "∙": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "∕": "/",
        "⁄": "/", "π": r"\pi ", "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "λ": r"\lambda ", "∞": r"\infty ", "√": r"\sqrt ",
        "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "∪": r"\cup ", "∈": r"\in ", "∅": r"\emptyset ",
        "ℝ": r"\mathbb{R}", "±": r"\pm ", "∓": r"\mp ", "°": r"^\circ ", "⟨": r"\langle ", "⟩": r"\rangle ", "’": "'", "′": "'",
    }
)  # fmt: skip
DELIMITERS = [("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("**", "**"), ("`", "`")]
UNEVALUATED = re.compile(r"\\(?:int|iint|oint|sum|prod|lim|det)(?![A-Za-z])|\\frac\s*\{\s*d\s*\}\s*\{\s*d")
"""What leaves the work to the reader: sums, integrals, limits, derivatives."""
FONTS = r"\\(?:mathrm|mathit|mathbf|mathsf|boldsymbol|operatorname\*?|bm)"
BALANCED = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
REWRITES = [
    (re.compile(pattern), new)
    for pattern, new in (
        (r"\\(?:left|right)(?![A-Za-z])\.?|\\(?:[bB]igg?[lr]?|displaystyle|textstyle|limits|nolimits)(?![A-Za-z])", ""),
        (r"\\\$", "$"),
        (r"\{\s*,\s*\}|(?<=\d)\\,(?=\d{3})", ","),
        (r"(?<!\\)\\[,;:! ]|\\(?:quad|qquad|thinspace)(?![A-Za-z])|~", " "),
        (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
        (r"\\[dt]binom(?![A-Za-z])", r"\\binom"),
        (FONTS + r"\s*\{\s*\\?((?:arc)?(?:sin|cos|tan)|ln|lg|log|exp)\s*\}", r"\\\1 "),
        (FONTS + r"\s*\{\s*([A-Za-z])\s*\}", r"\1"),
        (r"\\(?:text|textrm|textbf|textit|textnormal|mathrm|mathbf|mathit|mbox|hbox|operatorname)\s*\{", r"\\text{"),
        (r"\\text\{\s*([-+\d.,\s]*)\}", r"\1"),
        (r"\\text\{[\s,]*or[\s,]*\}|(?<![A-Za-z\\])or(?![A-Za-z])", r" \\or "),
        (r"\\text\{[\s,]*and[\s,]*\}|(?<![A-Za-z\\])and(?![A-Za-z])", r" \\and "),
        (r"\\mathbb\s*([A-Z])", r"\\mathbb{\1}"),
        (r"\\(?:varnothing)(?![A-Za-z])", r"\\emptyset "),
        (r"\\(?:leqslant|leq|le)(?![A-Za-z])|<=", r"\\le "),
        (r"\\(?:geqslant|geq|ge)(?![A-Za-z])|>=", r"\\ge "),
        (r"\\(?:neq|ne)(?![A-Za-z])|!=", r"\\ne "),
        (r"\\lt(?![A-Za-z])", "<"),
        (r"\\gt(?![A-Za-z])", ">"),
        (r"\\[lr]?vert(?![A-Za-z])", "|"),
        (r"\\[lr]brace(?![A-Za-z])", lambda found: r"\{" if found[0][1] == "l" else r"\}"),
        (r"\\(?:lbrack)(?![A-Za-z])", "["),
        (r"\\(?:rbrack)(?![A-Za-z])", "]"),
        (r"\\(?:div)(?![A-Za-z])", "/"),
        (r"\\%|\\?percent\b|\\text\{\s*(?:\\?%|percent)\s*\}", "%"),
        (r"\*\*", "^"),
        (r"\*", r"\\cdot "),
        (r"(?<![A-Za-z\\])sqrt\s*\(([^()]*)\)", r"\\sqrt{\1}"),
        (r"(?<![A-Za-z\\])(pi|infinity|infty|inf)(?![A-Za-z])", lambda found: r"\pi " if found[1] == "pi" else r"\infty "),
        (r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
        (r"\\frac\s*(\d)\s*\{", r"\\frac{\1}{"),
        (rf"\\frac\s*{BALANCED}\s*(\d)", r"\\frac{\1}{\2}"),
        (r"\\sqrt\s*(\d+|[A-Za-z](?![A-Za-z]))", r"\\sqrt{\1}"),
        (r"\s+", " "),
        (r"^ ?(?:=|\\approx(?![A-Za-z])) ?", ""),
    )
]  # fmt: skip


def plain(text: str) -> str:
    """`text` in one spelling, without delimiters, sizes, thin spaces and a closing full stop."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+", lambda run: "^{" + run[0].translate(SUPERSCRIPTS) + "}", text)
    text = re.sub("[₀₁₂₃₄₅₆₇₈₉ₙ]+", lambda run: "_{" + run[0].translate(SUBSCRIPTS) + "}", text)
    text = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒]", vulgar, text)
    text = unicodedata.normalize("NFKC", text).translate(SIGNS)
    text = undress("".join(sign for sign in text if unicodedata.category(sign) != "Cf"))
    for pattern, new in REWRITES:
        text = pattern.sub(new, text)
    return undress(text)


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
