"""The page without its data: its parts from `assets`, joined, under a policy that lets nothing else run.

The content security policy names the one script and the one style by hash and forbids every request, so a mistake of the script that let
model text through as markup would still run nothing and load nothing. Trusted types make such a mistake an error at once.
Source: W3C Content Security Policy Level 3; W3C Trusted Types.
"""

import base64
import hashlib
import html
from importlib.resources import files

SCRIPTS = (
    "dom",
    "json",
    "data",
    "list",
    "charts",
    "overview",
    "verdict",
    "tokens",
    "messages",
    "episode",
    "episodes",
    "compare",
    "main",
)
"""Parts of the page's script, in the order in which they are joined."""
STYLES = ("theme", "overview", "list", "episode", "tokens", "narrow")
"""Parts of its style; later ones win."""


def template(title: str) -> tuple[str, str]:
    """The page before and after its data."""
    script = '"use strict";\n(() => {\n' + joined(SCRIPTS, "js") + "})();\n"
    style = joined(STYLES, "css")
    head, tail = asset("page.html").split("{{data}}")
    shown_title = html.escape(title.encode("utf-8", "replace").decode())
    head = head.replace("{{policy}}", content_policy(script, style)).replace("{{style}}", style)
    return head.replace("{{title}}", shown_title), tail.replace("{{script}}", script)


def joined(names: tuple[str, ...], kind: str) -> str:
    return "\n".join(asset(f"{name}.{kind}") for name in names)


def asset(name: str) -> str:
    return (files("envgym.view") / "assets" / name).read_text(encoding="utf-8")


def content_policy(script: str, style: str) -> str:
    """Nothing may be loaded or run but this script, this style and pictures that carry their own data."""
    return (
        f"default-src 'none'; script-src '{fingerprint(script)}'; style-src '{fingerprint(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def fingerprint(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
