"""Plain text and Markdown as lines of a page: a paragraph per line, headings marked, links taken out of their brackets."""

import re

from envgym.environments.web.corpus.html_text import NOT_TEXT, Document

HEADING = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*$")
RULE = re.compile(r"(={3,}|-{3,})\s*$")
LINK = re.compile(
    r"(!?)\[([^\[\]]{0,400})\]\(<?([^\s()<>]{0,1000}(?:\([^\s()]{0,200}\))?[^\s()<>]{0,1000})>?(?:\s+\"[^\"]{0,200}\")?\)"
)
STARTS_A_LINE = re.compile(r"\s|[-*+>|•]|\d{1,3}[.)]\s|#")
FENCE = re.compile(r"\s*(?:```|~~~)")
EMPHASIS = re.compile(r"(?<!\w)(\*\*|__)(?=\S)(.{1,400}?)(?<=\S)\1(?!\w)")


def read_plain(text: str) -> Document:
    """Paragraphs; the first line that is not empty is the title."""
    lines = _paragraphs(NOT_TEXT.sub("", text).splitlines())
    return Document(lines[0][:200] if lines else "", "\n".join(lines))


def read_markdown(text: str) -> Document:
    """Paragraphs with headings as `# ` and `## `; the first heading is the title."""
    links: list[tuple[str, str]] = []

    def unlinked(match: re.Match[str]) -> str:
        image, words, target = match.groups()
        if not image and words.strip() and target:
            links.append((" ".join(words.split()), target))
        return words

    lines, fenced, title = [], False, ""
    source = NOT_TEXT.sub("", text).splitlines()
    for number, line in enumerate(source):
        if FENCE.match(line):
            fenced = not fenced
            lines.append("")
            continue
        if fenced:
            lines.append(f" {line}")
            continue
        plain = EMPHASIS.sub(r"\2", LINK.sub(unlinked, line))
        underlined = RULE.match(source[number + 1]) if number + 1 < len(source) and plain.strip() else None
        if heading := HEADING.match(plain):
            lines += ["", ("# " if heading[1] == "#" else "## ") + heading[2], ""]
        elif underlined:
            lines += ["", ("# " if underlined[1][0] == "=" else "## ") + plain.strip(), ""]
        elif not RULE.match(plain):
            lines.append(plain)
        if not title and lines[-2:] and (heading or underlined):
            title = lines[-2].lstrip("# ")
    paragraphs = _paragraphs(lines)
    return Document(title or (paragraphs[0][:200] if paragraphs else ""), "\n".join(paragraphs), tuple(links))


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines that go on are joined; those that are indented, listed or quoted stand alone."""
    found: list[str] = []
    goes_on = False
    for line in lines:
        words = " ".join(line.split())
        if not words:
            goes_on = False
        elif goes_on and not STARTS_A_LINE.match(line):
            found[-1] += f" {words}"
        else:
            found.append(words)
            goes_on = not line.startswith("#")
    return found
