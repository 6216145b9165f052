"""HTML and plain documents as pages: what a person would see, and nothing that is hidden."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.environments.web.corpus.html_text import decoded, read_html
from envgym.environments.web.corpus.plain_text import read_markdown, read_plain


def test_blocks_are_lines_and_headings_are_marked() -> None:
    document = read_html(
        "<html><head><title>A  page</title></head><body><h1>One</h1><p>Two <b>bold</b> words<br>and more</p><h3>Three</h3>"
        "<ul><li>four<li>five</ul><table><tr><th>a<th>b<tr><td>1<td>2</table></body>"
    )
    assert document.title == "A page"
    assert document.text.split("\n") == [
        "# One",
        "Two bold words",
        "and more",
        "## Three",
        "- four",
        "- five",
        "a | b",
        "1 | 2",
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>SECRET</script>",
        "<style>SECRET</style>",
        "<template>SECRET</template>",
        "<noscript>SECRET</noscript>",
        "<!-- SECRET -->",
        "<p hidden>SECRET</p>",
        '<p style="color: red; DISPLAY : NONE">SECRET</p>',
        '<div aria-hidden="true"><p>SECRET</p></div>',
        '<div style="visibility:hidden">SECRET</div>',
        "<svg><text>SECRET</text></svg>",
        '<input type="hidden" value="SECRET">',
        '<iframe srcdoc="SECRET">SECRET</iframe>',
    ],
)
def test_what_is_hidden_is_left_out_and_what_follows_is_not(hidden: str) -> None:
    text = read_html(f"<body><p>before</p>{hidden}after</body>").text
    assert "SECRET" not in text
    assert text == "before\nafter"


def test_elements_of_a_class_are_left_out_where_asked() -> None:
    source = '<div class="big menu">Home</div><p>Text</p>'
    assert read_html(source, frozenset({"menu"})).text == "Text"
    assert read_html(source).text == "Home\nText"


def test_links_have_their_words_and_targets() -> None:
    document = read_html(
        '<p>See <a href=" a.html#x ">the <b>first</b> page</a>, <a name="y">no link</a>, <a href="b"></a>.'
    )
    assert document.links == (("the first page", "a.html#x"),)
    assert document.text == "See the first page, no link, ."


def test_preformatted_lines_stay_lines() -> None:
    assert read_html("<pre>one\n  two\nthree</pre>four").text == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("é".encode(), "é"),
        ("é".encode("cp1252"), "é"),
        (b"\xff\xfe" + "é".encode("utf-16-le"), "é"),
        (b"\xfe\xff" + "é".encode("utf-16-be"), "é"),
        (b"\xef\xbb\xbf" + "é".encode(), "é"),
        (b'<meta charset="iso-8859-2">' + "ł".encode("iso-8859-2"), '<meta charset="iso-8859-2">ł'),
        (b'<meta charset="no-such-set">' + "é".encode(), '<meta charset="no-such-set">é'),
        (b"\x81\x8d", "\ufffd\ufffd"),
    ],
)
def test_characters_are_found_in_any_of_the_usual_encodings(content: bytes, text: str) -> None:
    assert decoded(content) == text


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 100_000 + "deep" + "</div>" * 100_000,
        "<b>" * 50_000 + "deep",
        "<p " + "a='1' " * 50_000 + ">deep</p>",
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><p>deep &b;</p>",
        "<?xml version='1.0' encoding='utf-16'?><html><body>deep</body></html>",
        "<p>&#0;&#xD800;\x00deep\ud800</p>",
        "<table><tr>" * 5_000 + "deep",
    ],
)
def test_odd_documents_end_in_text(source: str) -> None:
    text = read_html(source).text
    assert len(text) < 200_000
    text.encode()  # no lone surrogates
    assert "\x00" not in text


def test_an_external_entity_is_not_read() -> None:
    source = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><p>[&e;]</p>'
    assert read_html(source).text in ("[]", "[&e;]", "]>\n[&e;]", "]>\n[]")


@pytest.mark.parametrize("empty", ["", "   ", "<!-- -->", "<html></html>", "\x00", "<?xml version='1.0'?>"])
def test_nothing_gives_nothing(empty: str) -> None:
    assert read_html(empty).text == ""


TAGS = st.sampled_from(
    [
        "<p>", "</p>", "<div", ">", "<a href='x'>", "</a>", "<script>", "<pre>", "</pre>", "<li>", "<!--", "-->", "&amp;", "&#1;",
        "\x00", "é", "<td>",
    ]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.one_of(TAGS, st.text(max_size=20)), max_size=40))
def test_any_soup_of_tags_is_read(parts: list[str]) -> None:
    document = read_html("".join(parts))
    assert "\x00" not in document.text
    assert all(line == " ".join(line.split()) and line for line in document.text.splitlines())


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    read_html(content).text.encode()
    read_markdown(decoded(content)).text.encode()
    read_plain(decoded(content)).text.encode()


def test_markdown_keeps_words_and_takes_links() -> None:
    document = read_markdown(
        'intro\n\nTitle\n=====\n\nOne [word](a.md "t") and ![picture](p.png)\ngoes **on**.\n\n- item [b](http://x.test/(y))\n'
        "```\n# no heading\n[no](link)\n```\n### Third ###\n"
    )
    assert document.title == "Title"
    assert document.text.split("\n") == [
        "intro", "# Title", "One word and picture goes on.", "- item b", "# no heading", "[no](link)", "## Third",
    ]  # fmt: skip
    assert document.links == (("word", "a.md"), ("b", "http://x.test/(y)"))


def test_plain_text_joins_lines_of_a_paragraph() -> None:
    document = read_plain("First line\nof a paragraph.\n\n  indented\n1. one\n2. two\n\nLast.")
    assert document.title == "First line of a paragraph."
    assert document.text.split("\n") == ["First line of a paragraph.", "indented", "1. one", "2. two", "Last."]


@pytest.mark.parametrize(
    "source", ["[" * 30_000, "](" * 30_000, "**" * 30_000, "[a](" * 20_000, "#" * 50_000 + " x", "_" * 50_000]
)
def test_markdown_that_goes_nowhere_ends(source: str) -> None:
    assert read_markdown(source).text
