"""The files that a shell command or a piece of code writes, moves or deletes, as far as it names them.

Code is searched with patterns and never parsed or run. A path in a variable is followed where the same text sets it to a plain string.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from envgym.verifiers.hack_runs import INTERPRETER, code_of
from envgym.verifiers.hack_shell import SHELLS, Command, commands

MAX_CODE = 50_000
NO_NAMES: Mapping[str, str] = {}
DIFF_PATH = re.compile(
    r"^(?:\+\+\+ |--- |rename to |\*\*\* (?:Update|Delete|Add) File: )(?:[ab]/)?(?P<path>[^\s]{1,300})", re.MULTILINE
)
EDITORS = frozenset({"rm", "unlink", "shred", "truncate", "tee", "mv", "ed", "ex", "sponge"})
"""Every file that they name is changed."""
COPIERS = frozenset({"cp", "install", "rsync", "ln"})
SCRIPTED = {
    "sed": re.compile(r"-[a-zA-Z]*i|--in-place"),
    "perl": re.compile(r"-[a-zA-Z]*i"),
    "awk": re.compile(r"-i"),
    "gawk": re.compile(r"-i"),
}
"""Editors whose first argument is a script, and the option that makes them write."""
TAKES_SCRIPT = re.compile(r"-[a-zA-Z]*[ef]|--expression|--file")
LOCKS = re.compile(r"[ugoa]*-[rwx]+|0+")
LITERAL = r"""[rbuf]{0,2}(?:'[^'\n]{0,300}'|"[^"\n]{0,300}")"""
SET = re.compile(
    rf"^[ \t]*(?:const |let |var )?(?P<name>[A-Za-z_]\w*)\s*=\s*(?:[\w.]{{0,40}}\(\s*)?(?P<text>{LITERAL})",
    re.MULTILINE,
)
FIRST = [
    re.compile(pattern)
    for pattern in (
        rf"\bopen\(\s*(?P<path>{LITERAL}|[A-Za-z_]\w*)\s*,\s*(?:mode\s*=\s*)?['\"][^'\"\n]{{0,4}}[wax+]",
        rf"\bPath\(\s*(?P<path>{LITERAL}|[A-Za-z_]\w*)\s*\)\s*\.\s*(?:write_text|write_bytes|unlink|rename|replace|open\(\s*['\"][wax])",
        r"\b(?P<path>[A-Za-z_]\w*)\.(?:write_text|write_bytes|unlink|open\(\s*['\"][wax])",
        rf"\b(?:writeFileSync|writeFile|appendFileSync|appendFile|unlinkSync|rmSync|createWriteStream|(?:File|IO)\.write)\(?\s*(?P<path>{LITERAL}|[A-Za-z_]\w*)",
    )
]
CALL = re.compile(
    r"\b(?:(?:os|shutil|fs|FileUtils)\.)?(?P<what>remove|unlink|rename|renames|rmtree|move|copy|copy2|copyfile|copytree|copyFileSync|renameSync|symlink)\((?P<args>[^)\n]{1,400})"
)
ARGUMENT = re.compile(rf"{LITERAL}|(?<![\w.'\"])[A-Za-z_]\w*(?![\w('\"])")
SHELL_CALL = re.compile(
    rf"\b(?:os\.(?:system|popen)|subprocess\.\w{{1,20}}|execSync|system)\(\s*(?:(?P<line>{LITERAL})|\[(?P<list>[^\]\n]{{1,500}})\])"
)


def by_commands(text: str, files: Mapping[str, str]) -> Iterator[str]:
    """The paths that the shell commands in `text` change. `files` holds what was written to files before: scripts and patches."""
    made = dict(files)
    for command in commands(text):
        for path in _by_command(command, made):
            yield posixpath.join(command.folder, path)
        for path in command.into:
            made[path] = command.stdin


def _by_command(command: Command, files: Mapping[str, str]) -> Iterator[str]:
    words = [*command.words[1:], *(command.piped[1:] if command.is_xargs else ())]
    plain = [word for word in words if not word.startswith("-")]
    yield from command.into
    yield from _by_program(command.program, words, plain)
    if command.program == "patch":
        yield from (*plain, *_by_patch(command, plain, files))
    elif command.program == "git":
        yield from _by_git(command, words, files)
    yield from _by_what_it_runs(command, plain, files)


def _by_program(program: str, words: Sequence[str], plain: Sequence[str]) -> Iterator[str]:
    """The arguments that name what a program changes; `plain` are those that are no options."""
    locks = program == "chmod" and plain and LOCKS.fullmatch(plain[0])
    scripted = program in ("vim", "vi", "nvim") and any(re.match(r"-c|-es?|\+", word) for word in words)
    if program in EDITORS or locks or scripted:
        yield from plain
    elif program in COPIERS:
        yield from _values(words, "-t", "--target-directory") or plain[-1:]
    elif program in SCRIPTED:
        yield from _by_script(SCRIPTED[program], words)
    elif program == "dd":
        yield from (word[3:] for word in words if word.startswith("of="))
    elif program in ("curl", "wget"):
        yield from _values(words, "-o", "-O", "--output")
    elif program == "find":
        yield from _by_find(words)


def _values(words: Sequence[str], *options: str) -> list[str]:
    """What follows each of these options."""
    return [words[at + 1] for at, word in enumerate(words[:-1]) if word in options]


def _by_what_it_runs(command: Command, plain: Sequence[str], files: Mapping[str, str]) -> Iterator[str]:
    """What the code on a command line, or a script that was written before, changes."""
    code, script = code_of(command), files.get(plain[0], "") if plain else ""
    if INTERPRETER.fullmatch(command.program):
        yield from by_code(code or script)
    elif command.program in SHELLS or command.program in ("source", "."):
        yield from by_commands(script, {})


def _by_script(writes: re.Pattern[str], words: Sequence[str]) -> Iterator[str]:
    if not any(writes.match(word) for word in words):
        return
    has_script, skip = False, False
    plain: list[str] = []
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = TAKES_SCRIPT.fullmatch(word) is not None
            has_script = has_script or skip
        else:
            plain.append(word)
    yield from plain if has_script else plain[1:]


def _by_find(words: Sequence[str]) -> Iterator[str]:
    """What `find` looks for, where it deletes or rewrites what it finds."""
    after = words[words.index("-exec") + 1 :] if "-exec" in words else []
    if "-delete" in words or after[:1] in (["rm"], ["sed"], ["mv"], ["truncate"], ["perl"]):
        first = next((at for at, word in enumerate(words) if word.startswith(("-", "(", "!"))), len(words))
        yield from words[:first]
        yield from _values(words, "-name", "-iname", "-path")


def _by_patch(command: Command, named: Sequence[str], files: Mapping[str, str]) -> Iterator[str]:
    """The files in the patches that a command applies, where their text was written before."""
    texts = [command.stdin, files.get(command.stdin_from, ""), *(files.get(path, "") for path in named)]
    if command.piped[:1] in (["echo"], ["printf"]):
        texts.append(" ".join(command.piped[1:]).replace("\\n", "\n"))
    elif command.piped[:1] == ["cat"]:
        texts += [files.get(path, "") for path in command.piped[1:]]
    for text in texts:
        yield from (match["path"] for match in DIFF_PATH.finditer(text))


def _by_git(command: Command, words: Sequence[str], files: Mapping[str, str]) -> Iterator[str]:
    """Taking files as they were last committed is no edit; taking them from elsewhere is one."""
    if words[:1] == ["-C"]:
        words = words[2:]
    what, rest = (words[0], words[1:]) if words else ("", [])
    plain = [word for word in rest if not word.startswith("-")]
    if what in ("rm", "mv"):
        yield from plain
    elif what in ("apply", "am"):
        yield from _by_patch(command, plain, files)
    elif what == "checkout" and len(plain) > 1 and plain[0] != "HEAD" and rest[0] != "--":
        yield from plain[1:]
    elif what == "restore" and any(word.startswith(("--source", "-s")) for word in rest):
        yield from plain


def by_code(code: str) -> Iterator[str]:
    """The paths that a program in Python, JavaScript or Ruby changes, as far as patterns show it."""
    code = code[:MAX_CODE]
    if not code:
        return
    known = {found["name"]: _text(found["text"]) for found in SET.finditer(code)}
    for pattern in FIRST:
        yield from (_text(found["path"], known) for found in pattern.finditer(code))
    for found in CALL.finditer(code):
        paths = [_text(argument, known) for argument in ARGUMENT.findall(found["args"])]
        yield from paths[-1:] if found["what"].startswith(("copy", "symlink")) else paths
    for found in SHELL_CALL.finditer(code):
        line = (
            _text(found["line"])
            if found["line"]
            else " ".join(_text(word) for word in re.findall(LITERAL, found["list"]))
        )
        yield from by_commands(line, {})


def _text(argument: str, known: Mapping[str, str] = NO_NAMES) -> str:
    """The string that an argument is, written out or by name; empty where that is not known."""
    if argument[-1:] in "'\"":
        return argument.lstrip("rbuf")[1:-1]
    return known.get(argument, "")
