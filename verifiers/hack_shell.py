"""What a shell command runs: its simple commands with their words, redirections and input, also those inside `bash -c`, `eval` and pipes.

It is read as text and only as far as rules need it: no variable, glob or substitution is expanded. Linear in the command.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MAX_COMMAND = 50_000
MAX_DEPTH = 3
MAX_HEREDOCS = 8
TOKEN = re.compile(
    r"""(?P<comment>(?<![^\s;|&(])\#[^\n]*)|(?P<blank>[ \t\r]+|\\\n)|(?P<newline>\n)|(?P<text><<<)
    |(?P<heredoc><<-?)[ \t]*(?P<quote>['"]?)(?P<end>[A-Za-z_]\w*)(?P=quote)|(?P<same>\d?[<>]&[\d-])|(?P<into>\d?>>?\|?|&>>?)|(?P<from><)
    |(?P<pipe>\|&?(?!\|))|(?P<separator>&&|\|\||[;&()`])
    |(?P<word>(?:[^\s'"\\|&;<>()`]|\\.|'[^']*'|"(?:[^"\\]|\\.)*+")++)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
QUOTED = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*+)"|\\(.)""", re.DOTALL)
SUBSTITUTION = re.compile(r"\$\(([^()]+)\)|`([^`]+)`")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
WRAPPERS = frozenset({
    "sudo", "env", "time", "nice", "nohup", "command", "exec", "xargs", "stdbuf", "timeout", "busybox", "builtin", "then", "do",
    "else", "if", "elif", "while", "until", "!", "{", "uv", "poetry", "pdm", "hatch", "pipenv", "conda", "rye", "npx", "bunx", "pnpx",
    "xvfb-run",
})  # fmt: skip
SKIPPED = re.compile(r"-.*|run|\d+[smhd]?")
WITH_VALUE = frozenset({"-I", "-u", "-n", "-k", "-s", "-P", "-L", "--with"})
SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})


@dataclass(slots=True)
class Command:
    """One simple command."""

    words: list[str] = field(default_factory=list)
    """Unquoted, the program first without its folder; without what only wraps it, such as `sudo` or `timeout 60`."""
    into: list[str] = field(default_factory=list)
    """Files that its output goes to."""
    stdin: str = ""
    """A here-document or here-string."""
    stdin_from: str = ""
    folder: str = ""
    """Where `cd` has led."""
    piped: list[str] = field(default_factory=list)
    """The words of the command whose output it reads."""
    is_xargs: bool = False

    @property
    def program(self) -> str:
        return self.words[0] if self.words else ""


def commands(text: str, folder: str = "", depth: int = 0) -> Iterator[Command]:
    """The simple commands of `text` in order, each before those inside it."""
    for command in _split(text[:MAX_COMMAND]):
        command.folder = folder
        yield command
        if command.program in ("cd", "pushd") and len(command.words) > 1:
            folder = posixpath.join(folder, command.words[-1])
        if depth < MAX_DEPTH:
            for inner in _inside(command):
                yield from commands(inner, folder, depth + 1)


def _inside(command: Command) -> Iterator[str]:
    """The scripts that a command hands to a shell."""
    words = command.words
    for word in words:
        if "$(" in word or "`" in word:
            yield from (inner[1] or inner[2] for inner in SUBSTITUTION.finditer(word))
    if command.program == "eval":
        yield " ".join(words[1:])
    for at, word in enumerate(words[:-2]):
        if posixpath.basename(word) in SHELLS and re.fullmatch(r"-\w*c", words[at + 1]):
            yield words[at + 2]
    if command.program in SHELLS:
        yield command.stdin
        if command.piped[:1] in (["echo"], ["printf"]) and len(words) == 1:
            yield " ".join(command.piped[1:])


def _split(text: str) -> Iterator[Command]:
    current, at, target = Command(), 0, ""
    line: list[Command] = []
    pending: list[tuple[Command, str]] = []
    while at < len(text):
        token = TOKEN.match(text, at)
        assert token is not None  # `other` takes any character
        kind, at = token.lastgroup, token.end()
        if kind == "end":
            if len(pending) < MAX_HEREDOCS:
                pending.append((current, token["end"]))
        elif kind in ("into", "from", "text"):
            target = kind
        elif kind == "word":
            _take(current, target, unquoted(token[0]))
            target = ""
        elif kind in ("newline", "separator", "pipe"):
            line += _done(current)
            current = Command(piped=current.words if kind == "pipe" else [])
            if kind == "newline":
                at = _read_heredocs(text, at, pending)
                yield from line
                line, pending = [], []
    yield from (*line, *_done(current))


def _take(command: Command, target: str, word: str) -> None:
    if target == "into":
        command.into.append(word)
    elif target == "from":
        command.stdin_from = word
    elif target == "text":
        command.stdin = word
    else:
        command.words.append(word)


def _read_heredocs(text: str, at: int, pending: Sequence[tuple[Command, str]]) -> int:
    """Gives each command its here-document; where the last one ends."""
    for command, end in pending:
        found = re.compile(rf"^\t*{end}[ \t]*$", re.MULTILINE).search(text, at)
        command.stdin = text[at : found.start() if found else len(text)]
        at = found.end() if found else len(text)
    return at


def _done(command: Command) -> Iterator[Command]:
    if command.words or command.into:
        _unwrap(command)
        yield command


def _unwrap(command: Command) -> None:
    words, at, wrapped = command.words, 0, False
    while at < len(words):
        if words[at] in WRAPPERS and not (words[at] == "uv" and words[at + 1 : at + 2] == ["pip"]):
            command.is_xargs = command.is_xargs or words[at] == "xargs"
            wrapped = True
        elif wrapped and SKIPPED.fullmatch(words[at]):
            at += words[at] in WITH_VALUE
        elif not ASSIGNMENT.match(words[at]):
            break
        at += 1
    command.words = [posixpath.basename(words[at]) or words[at], *words[at + 1 :]] if at < len(words) else []


def unquoted(word: str) -> str:
    if "'" not in word and '"' not in word and "\\" not in word:
        return word
    return QUOTED.sub(lambda part: next((group for group in part.groups() if group is not None), ""), word)
