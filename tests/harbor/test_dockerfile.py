"""A Dockerfile is read, and carried out without Docker as far as that goes."""

from pathlib import Path

import pytest

from envgym.environments.harbor.dockerfile import base_images, read_dockerfile, working_folder
from envgym.environments.harbor.task_file import HarborFolder
from envgym.environments.harbor.tree_build import TreeBuilt, build_tree
from envgym.errors import UsageError

from .folders import write_folder

DOCKERFILE = """# syntax=docker/dockerfile:1
ARG VERSION=12
FROM debian:${VERSION} AS first
from first

env PLACE=/srv/work  MODE="two words" \\
    # a remark in between
    LAST=1
WORKDIR $PLACE
WORKDIR inner
RUN echo a && \\
    echo b
COPY ["a b.txt", "data/", "./"]
"""


def test_instructions_are_joined_and_filled() -> None:
    read = read_dockerfile(DOCKERFILE)
    assert [each.word for each in read] == ["ARG", "FROM", "FROM", "ENV", "WORKDIR", "WORKDIR", "RUN", "COPY"]
    assert read[-2].text.split() == ["echo", "a", "&&", "echo", "b"]
    assert read[-1].words() == ["a b.txt", "data/", "./"]
    assert base_images(read) == ["debian:12"]
    assert working_folder(read, "/app") == "/srv/work/inner"
    assert working_folder(read_dockerfile("FROM x\n"), "/app") == "/app"


@pytest.mark.parametrize("text", ["", "RUN true\n", "FROM x\n???\n", "FROM x\nRUN <<EOF\ntrue\nEOF\n"])
def test_what_is_no_dockerfile_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Dockerfile"):
        read_dockerfile(text)


def built(tmp_path: Path, dockerfile: str) -> TreeBuilt:
    folder = write_folder(
        tmp_path / "task",
        environment__Dockerfile=f"FROM x\n{dockerfile}",
        environment__data__one_Dtxt="1\n",
        environment__data__deep__two_Dtxt="2\n",
        environment__a_Dtxt="a\n",
    )
    return build_tree(HarborFolder.read(folder), tmp_path / "built", None)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_land_where_docker_would_put_them(tmp_path: Path) -> None:
    found = built(
        tmp_path,
        "WORKDIR /srv/app\nENV MODE=$HOME:x\nCOPY data .\nCOPY data/one.txt a.txt in/\nADD a.txt b.txt\nCOPY *.txt all/\nCOPY data /data\n",
    )
    assert found.workdir == "/srv/app"
    assert found.env == {"MODE": ":x"}
    assert names(found.tree) == ["all/a.txt", "b.txt", "deep/two.txt", "in/a.txt", "in/one.txt", "one.txt"]
    assert list(found.placed) == ["/data"]
    assert names(found.placed["/data"]) == ["deep/two.txt", "one.txt"]


def test_a_run_line_works_where_the_working_folder_is_enough(tmp_path: Path) -> None:
    found = built(
        tmp_path,
        'WORKDIR /app\nENV N=3\nCOPY data data/\nRUN cat data/*.txt > all.txt && rm -r data\nRUN ["touch", "$N"]\n',
    )
    assert names(found.tree) == ["$N", "all.txt"]
    assert (found.tree / "all.txt").read_text() == "1\n"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("RUN touch /usr/bin/x", "read-only root"),
        ("RUN apt-get update && apt-get install -y sl", "sandbox=docker"),
        ("COPY --from=other /a /b", "--from"),
        ("COPY none.txt .", "not in environment/"),
        ("COPY ../task.toml .", "leads out"),
        ("ADD https://example.org/a.txt .", "downloaded"),
        ("COPY a.txt /usr/bin/a", "root filesystem"),
        ('SHELL ["/bin/bash"]', "not carried out"),
        ("FROM y", "several stages"),
    ],
)
def test_what_needs_docker_says_so(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as told:
        built(tmp_path, f"{line}\n")
    assert "Docker" in str(told.value)
