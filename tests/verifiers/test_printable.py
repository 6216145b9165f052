"""What a verdict quotes of a reply can be written down."""

from hypothesis import given
from hypothesis import strategies as st

from envgym.verdict import Verdict
from envgym.verifiers.printable import printable


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_can_be_written_in_a_verdict(text: str) -> None:
    text = "\ud800" + text
    assert printable(text).startswith("\\ud800")
    assert Verdict.of(0, reason=printable(text)).model_dump_json()


def test_text_in_utf_8_stays_as_it_is_up_to_the_limit() -> None:
    assert printable("naïve 漢字 🙂") == "naïve 漢字 🙂"
    assert printable("abc", 2) == "ab"
