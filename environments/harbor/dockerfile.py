"""A Dockerfile as a list of instructions: line ends joined, comments dropped, variables filled in from ARG and ENV."""

import json
import posixpath
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from envgym.errors import UsageError

VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})")
HEREDOC = re.compile(r"<<-?['\"]?\w")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction and the line that it starts at."""

    word: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}, {self.word} {self.text[:100]}"

    @property
    def exec_form(self) -> list[str] | None:
        """The words of ["a", "b"]; None for text."""
        if not self.text.lstrip().startswith("["):
            return None
        try:
            words = json.loads(self.text)
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None

    def words(self) -> list[str]:
        """Words as a shell would split them. Raises UsageError for open quotes."""
        try:
            return self.exec_form or shlex.split(self.text)
        except ValueError as error:
            raise UsageError(f"Dockerfile: {self}: {error}") from None


def read_dockerfile(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile. Raises UsageError for one that is none, and for here-documents."""
    found: list[Instruction] = []
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not joined):
            continue
        start = start if joined else number
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1] + " "
            continue
        found.append(_instruction(joined + line, start))
        joined = ""
    if joined.strip():
        found.append(_instruction(joined, start))
    if not any(each.word == "FROM" for each in found):
        raise UsageError("Dockerfile: there is no FROM")
    return found


def _instruction(text: str, line: int) -> Instruction:
    word, _, rest = text.strip().partition(" ")
    if not re.fullmatch(r"[A-Za-z]+", word) or not rest.strip():
        raise UsageError(f"Dockerfile: line {line} is no instruction: {text.strip()[:100]!r}")
    if word.upper() in ("RUN", "COPY", "ADD") and HEREDOC.search(rest):
        raise UsageError(f"Dockerfile: line {line}: here-documents are not read")
    return Instruction(word.upper(), rest.strip(), line)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Text with $NAME, ${NAME} and ${NAME:-default} filled in; unknown names are empty, as Docker does."""

    def value(found: "re.Match[str]") -> str:
        if found[0] == "\\$":
            return "$"
        return values.get(found[1] or found[2]) or found[3] or ""

    return VARIABLE.sub(value, text)


def assignments(instruction: Instruction) -> dict[str, str]:
    """What an ENV or ARG sets: NAME=value ..., or for ENV the old form NAME value."""
    words = instruction.words()
    if words and "=" not in words[0]:
        return {words[0]: instruction.text.partition(" ")[2].strip()} if instruction.word == "ENV" else {}
    pairs = (word.partition("=") for word in words)
    return {name: value for name, _, value in pairs if name}


def base_images(instructions: list[Instruction]) -> list[str]:
    """Images that are built upon, without the stages of the file itself and `scratch`."""
    values: dict[str, str] = {}
    stages: set[str] = {"scratch"}
    images: list[str] = []
    for each in instructions:
        if each.word == "ARG" and not images:
            values |= assignments(each)
        if each.word == "FROM":
            words = [word for word in each.words() if not word.startswith("--")]
            image = filled(words[0], values)
            if image not in stages:
                images.append(image)
            if len(words) == 3 and words[1].lower() == "as":
                stages.add(words[2])
    return list(dict.fromkeys(images))


def working_folder(instructions: list[Instruction], default: str) -> str:
    """Where the last WORKDIR leads; `default` where there is none, or it is the top folder."""
    values: dict[str, str] = {}
    place = "/"
    for each in instructions:
        if each.word in ("ENV", "ARG"):
            values |= {name: filled(value, values) for name, value in assignments(each).items()}
        elif each.word == "WORKDIR":
            place = posixpath.normpath(posixpath.join(place, filled(each.text.strip("\"' "), values)))
    return default if place == "/" else place
