"""HTML as an agent reads it: the visible text, one block per line, with its headings and links.

Scripts, styles, templates, forms' hidden fields and whatever is marked as hidden are left out. The page is parsed and never run, and
nothing that it names is fetched.
"""

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "title", "svg", "math", "iframe", "object", "embed", "canvas",
    "select", "textarea", "audio", "video", "map",
})  # fmt: skip
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
    "tr", "ul",
})  # fmt: skip
CELLS = frozenset(["td", "th"])
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True)
class Document:
    """What a file says: its title, its text, and (words, target) of every link as the file writes it."""

    title: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


def read_html(content: bytes | str, without: frozenset[str] = frozenset()) -> Document:
    """The text of an HTML document, but for elements of a class in `without`; of something that is no HTML, its characters."""
    source = NOT_TEXT.sub("", content if isinstance(content, str) else decoded(content))
    source = DECLARATION.sub("", source)
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(source, parser=parser) if source.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return Document("", "")
    title = root.findtext(".//title") or ""
    writer = _Writer(without)
    _walk(root, writer)
    writer.end_line()
    return Document(" ".join(title.split()), "\n".join(writer.lines), tuple(writer.links))


def decoded(content: bytes) -> str:
    """Characters by the byte order mark, the declared character set, UTF-8, or else Windows-1252, whichever fits first."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    declared = CHARSET.search(content[:2048])
    for encoding in (declared[1].decode("ascii") if declared else "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("cp1252", "replace")


@dataclass
class _Writer:
    """Lines as they come; words of one line are joined by single spaces."""

    without: frozenset[str]
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    prefix: str = ""
    preformatted: int = 0

    def say(self, text: str | None) -> None:
        if not text:
            return
        if not self.preformatted:
            self.words.append(text)
            return
        *before, last = text.split("\n")
        for line in before:
            self.words.append(line)
            self.end_line()
        self.words.append(last)

    def end_line(self, prefix: str = "") -> None:
        """Ends the line; the next one begins with `prefix`, if anything comes."""
        line = " ".join("".join(self.words).split())
        self.words.clear()
        if line:
            self.lines.append(self.prefix + line)
            self.prefix = prefix
        elif prefix:
            self.prefix = prefix


def _walk(root: etree._Element, writer: _Writer) -> None:
    """Depth first without recursion, so that the depth of a document does not matter. A second visit ends an element."""
    stack: list[tuple[etree._Element, tuple[int, int] | None]] = [(root, None)]
    while stack:
        element, mark = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if mark is not None:
            _finish(element, tag, mark, writer)
        elif not tag or tag in SKIPPED or _hidden(element, writer.without):
            writer.say(element.tail)
        else:
            _begin(element, tag, writer)
            stack.append((element, (len(writer.words), len(writer.lines))))
            writer.say(element.text)
            stack.extend((child, None) for child in reversed(element))


def _begin(element: etree._Element, tag: str, writer: _Writer) -> None:
    if tag in BLOCKS:
        level = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else 0
        writer.end_line("# " if level == 1 else "## " if level else "- " if tag == "li" else "")
    elif tag in CELLS and element.getprevious() is not None:
        writer.say(" | ")
    writer.preformatted += tag == "pre"
    if tag == "img" and (words := element.get("alt")):
        writer.say(f" {words} ")


def _finish(element: etree._Element, tag: str, mark: tuple[int, int], writer: _Writer) -> None:
    target = element.get("href") if tag == "a" else None
    if target and mark[1] == len(writer.lines) and (words := " ".join("".join(writer.words[mark[0] :]).split())):
        writer.links.append((words, target.strip()))
    writer.preformatted -= tag == "pre"
    if tag in BLOCKS:
        writer.end_line()
        writer.prefix = ""
    writer.say(element.tail)


def _hidden(element: etree._Element, without: frozenset[str]) -> bool:
    return (
        not without.isdisjoint((element.get("class") or "").split())
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.tag == "input"
        or bool(HIDING.search(element.get("style") or ""))
    )
