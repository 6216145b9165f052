"""Tasks on web sites of our own, on a reader of HTML in our process or in Chromium, judged by the database of the site.

`site:shop`, `site:tickets`, `site:forum` and `site:wiki`; docs/sites.md says how to write one.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from envgym.env import EnvKnobs
from envgym.environments.browser.sites.forum.forum import Forum
from envgym.environments.browser.sites.forum.tasks import FORUM
from envgym.environments.browser.sites.shop.shop import Shop
from envgym.environments.browser.sites.shop.tasks import SHOP
from envgym.environments.browser.sites.site import Site
from envgym.environments.browser.sites.site_env import SiteEnv, SiteKnobs
from envgym.environments.browser.sites.tickets.tasks import TICKETS
from envgym.environments.browser.sites.tickets.tickets import Tickets
from envgym.environments.browser.sites.wiki.tasks import WIKI
from envgym.environments.browser.sites.wiki.wiki import wiki_over


class ShopEnv(SiteEnv):
    """Shop on a site with a catalogue, basket, orders, returns, reviews and an address book."""

    id = "site:shop"
    site = Shop
    shown_also: ClassVar[Mapping[str, Any]] = {"backend": "chromium", "screenshots": True}
    families = SHOP


class TicketsEnv(SiteEnv):
    """Work with issues: states, labels, assignees, comments, several at once."""

    id = "site:tickets"
    site = Tickets
    families = TICKETS


class ForumEnv(SiteEnv):
    """Read, answer, vote, write messages and moderate."""

    id = "site:forum"
    site = Forum
    families = FORUM


class WikiKnobs(SiteKnobs):
    """Settings of a wiki."""

    corpus: str = Field("atlas", description="What it is over: a corpus by its name, or the folder of one.")


class WikiEnv(SiteEnv):
    """Look things up in a wiki over a corpus, add to it, discuss it and keep it clean."""

    id = "site:wiki"
    families = WIKI
    Knobs: ClassVar[type[EnvKnobs]] = WikiKnobs
    knobs: WikiKnobs

    def kind(self) -> type[Site]:
        return wiki_over(self.knobs.corpus)


shop, tickets, forum, wiki = ShopEnv, TicketsEnv, ForumEnv, WikiEnv
