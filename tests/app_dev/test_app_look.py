"""The eye: each defect of layout is found on a page that has it, and none on a page that is in order."""

import pytest

from envgym.browser.chromium import ChromiumBackend
from envgym.verifiers.app.grade import ADDRESS, HOST
from envgym.verifiers.app.look import look
from envgym.verifiers.app.static_site import static_site

DEFECTS = {
    "overflow": '<p style="width: 1600px">wide</p>',
    "clipped": '<div style="width: 60px; overflow: hidden; white-space: nowrap">This is a long text that gets cut</div>',
    "tiny_text": '<p style="font-size: 6px">small print</p>',
    "broken_image": '<img src="missing.png" width="40" height="40" alt="">',
    "off_screen": '<button style="position: absolute; left: -500px">gone</button>',
    "contrast": '<p style="color: #ccc">hard to read</p>',
    "overlap": '<div style="position: absolute; top: 9em">first</div><div style="position: absolute; top: 9em">second</div>',
}
GOOD = """<!doctype html><meta name="viewport" content="width=device-width"><title>Good</title>
<style>.sr {position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0 0 0 0)}
.long {overflow: hidden; text-overflow: ellipsis}</style>
<h1>Things</h1><span class="sr">only for readers</span><label>New <input></label><button disabled style="color: #bbb">Add</button>
<ul><li><label><input type="checkbox"> milk</label> <button>Delete</button></li></ul>
<p>Some <b>bold</b> and <a href="#">linked</a> text that goes on and wraps onto the next line, <em>as text does</em>, in several boxes.</p>
<p class="long" style="width: 90px; white-space: nowrap">shortened with dots on purpose</p>
<div style="overflow-x: auto"><table style="width: 1200px"><tr><td>1<td>2</table></div><details><summary>More</summary>hidden</details>"""


def rules(page: str) -> set[str]:
    backend = ChromiumBackend(apps={HOST: static_site({"index.html": page.encode()})})
    try:
        backend.open(ADDRESS, seed=0)
        return {finding["rule"] for finding in look(backend)}
    finally:
        backend.close()


@pytest.mark.parametrize("rule", DEFECTS)
def test_a_defect_is_found_by_its_rule_alone(rule: str) -> None:
    assert rules(f"<!doctype html><title>x</title><h1>Title</h1>{DEFECTS[rule]}") == {rule}


def test_a_page_in_order_has_no_finding() -> None:
    assert rules(GOOD) == set()
