"""What `envgym corpus` does."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from envgym.console import say, table
from envgym.environments.web.corpus.corpus import Corpus, home
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.environments.web.corpus.recipes.recipe import build
from envgym.environments.web.corpus.shelf import describe, names, open_corpus
from envgym.errors import UnknownId, UsageError


def build_command(name: str, out: Path | None, packages: Sequence[Path], *, as_json: bool) -> int:
    """Builds a corpus and prints what came of it."""
    if name not in RECIPES:
        raise UnknownId.of("recipe of a corpus", name, RECIPES)
    begun = time.perf_counter()
    corpus = build(RECIPES[name], out=out, given=packages, say=say)
    target = out or home() / name
    result = counts(corpus) | {
        "folder": str(target),
        "bytes": sum(file.stat().st_size for file in target.iterdir()),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    if as_json:
        typer.echo(json.dumps(result))
    else:
        typer.echo(
            f"{target}: {result['pages']} pages, {result['facts']} facts, {result['bytes'] / 1e6:.1f} MB, {result['seconds']} s"
        )
    return 0


def list_command(*, as_json: bool) -> int:
    """Lists the corpora that are here and the recipes of those that are not."""
    here = {name: describe(folder) | {"folder": str(folder)} for name, folder in names().items()}
    recipes = {
        name: {"about": recipe.about, "packages": [package.id for package in recipe.packages]}
        for name, recipe in RECIPES.items()
    }
    if as_json:
        typer.echo(json.dumps({"corpora": here, "recipes": recipes}))
        return 0
    table(
        "Corpora",
        ("name", "pages", "facts", "what it is"),
        (
            (name, about.get("pages", "?"), about.get("facts", "?"), about.get("title", ""))
            for name, about in here.items()
        ),
    )
    table(
        "To build: envgym corpus build NAME",
        ("name", "what it is", "made from"),
        ((name, each["about"], ", ".join(each["packages"])) for name, each in recipes.items() if name not in here),
    )
    return 0


def show_command(name: str, url: str, *, as_json: bool) -> int:
    """Prints one page, or what the corpus holds."""
    corpus = open_corpus(name)
    if url:
        if url not in corpus.pages:
            raise UnknownId.of("page", url, corpus.pages)
        page = corpus.pages[url]
        typer.echo(json.dumps(asdict(page)) if as_json else f"{page.title}\n{page.url}\n\n{page.text}")
        return 0
    about = counts(corpus)
    if as_json:
        typer.echo(json.dumps(about))
        return 0
    typer.echo(f"{corpus.title}\nsha256 {corpus.sha256}, {about['pages']} pages, {about['facts']} facts")
    for source in corpus.sources:
        typer.echo(f"made from {source.package} {source.version} ({source.licence}) {source.attribution}".rstrip())
    lines = (
        (relation, count, corpus.store.relations[relation].says[0]) for relation, count in about["relations"].items()
    )
    if about["relations"]:
        table("Facts", ("relation", "facts", "how a question says it"), lines)
    typer.echo(f"first page: {next(iter(corpus.pages))}")
    return 0


def counts(corpus: Corpus) -> dict[str, Any]:
    """What a corpus holds, for people and for JSON."""
    if not corpus.pages:
        raise UsageError(f"corpus {corpus.name} has no page")
    return {
        "name": corpus.name,
        "title": corpus.title,
        "sha256": corpus.sha256,
        "pages": len(corpus.pages),
        "characters": sum(len(page.text) for page in corpus.pages.values()),
        "links": sum(len(page.links) for page in corpus.pages.values()),
        "facts": len(corpus.store.facts),
        "entities": len(corpus.store.entities),
        "relations": dict(Counter(fact.relation for fact in corpus.store.facts).most_common()),
        "sources": [asdict(source) for source in corpus.sources],
    }
