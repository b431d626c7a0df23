"""Words and options of a call, and the commands within a piece of shell text."""

import re
import shlex
from typing import Any, Dict, Iterator, List, Sequence, Tuple

SEPARATORS = frozenset((";", "&&", "||", "|", "&", "(", ")", "{", "}", "\n", ";;", "|&"))
KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "while", "until", "do", "!", "time", "exec", "command", "builtin")
)
PREFIXES = frozenset(
    (
        "sudo",
        "doas",
        "env",
        "nohup",
        "nice",
        "ionice",
        "timeout",
        "time",
        "xargs",
        "watch",
        "setsid",
        "stdbuf",
        "run",
        "retry",
    )
)
HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
ASSIGNMENT = re.compile(r"\w+\+?=")
# A redirection of nothing to a file of the server, by its full path or a variable.
EMPTIES = re.compile(
    r"(?m)(^[ \t]*|[;&|{][ \t]*|\b(?:then|do|else|sudo)[ \t]+)(?::|true|cat[ \t]+/dev/null)?[ \t]*(?<![>&\d])>[ \t]*"
    r"(?=[\"']?(?:/|\$))(?![\"']?/dev/)(?=[^\s;&|<>]+[ \t]*(?:$|[;&|}#]))"
)


def emptied(text: str) -> str:
    """Shell text in which a file that is emptied by ``: > file`` is emptied by a program that can be watched."""
    return EMPTIES.sub(lambda match: match.group(1) + "truncate -s 0 ", text)


def options(argv: Sequence[str], tool: Dict[str, Any]) -> Tuple[List[str], List[str]]:
    """(words, options as ``--name`` or ``--name=value``), by what the tool's options take."""
    values, alias = set(tool.get("values", ())), tool.get("alias", {})
    switches = set(tool.get("switches", ()))
    words: List[str] = []
    flags: List[str] = []
    index = 0
    while index < len(argv):
        word = argv[index]
        index += 1
        if word == "--" or not word.startswith("-") or word == "-":
            words += [] if word == "--" else [word]
            continue
        name, sign, value = word.partition("=")
        takes = name in values or (tool.get("every") and name.startswith("--") and name not in switches)
        if not sign and takes and index < len(argv) and (name in values or not argv[index].startswith("-")):
            value, sign = argv[index], "="
            index += 1
        elif not sign and len(name) > 2 and not name.startswith("--") and name[:2] in values:
            name, value, sign = name[:2], name[2:], "="
        flags.append(alias.get(name, name) + sign + value)
    return words, flags


def commands(text: str) -> Iterator[Tuple[int, List[str]]]:
    """(line from 1, argv) of the simple commands of shell text, as far as it can be read without running it.

    Bodies of here-documents are left out, except those that a shell or a client reads.
    """
    lines = emptied(text).split("\n")
    index = 0
    while index < len(lines):
        number, line = index + 1, lines[index]
        index += 1
        while line.endswith("\\") and index < len(lines):
            line = line[:-1] + " " + lines[index]
            index += 1
        for argv in simple(line):
            yield number, argv
        marker = HEREDOC.search(line)
        if marker:
            while index < len(lines) and lines[index].strip() != marker.group(2):
                index += 1
            index += 1


def simple(line: str) -> List[List[str]]:
    """The simple commands of one line; substitutions count as commands of their own."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        tokens = list(lexer)
    except ValueError:
        tokens = line.replace('"', " ").replace("'", " ").split()
    found: List[List[str]] = [[]]
    for token in tokens:
        if token in SEPARATORS:
            found.append([])
        else:
            found[-1].append(token)
    nested = [inner for text in re.findall(r"\$\(([^()]*)\)|`([^`]*)`", line) for inner in text if inner]
    cleaned = [argv for words in found if (argv := stripped(words))]
    return cleaned + [argv for text in nested for argv in (simple(text) if text != line else [])]


def stripped(words: Sequence[str]) -> List[str]:
    """A command without keywords, assignments, redirections and wrappers in front of it."""
    rest = list(words)
    while rest:
        word = rest[0]
        if word in KEYWORDS or ASSIGNMENT.match(word):
            rest = rest[1:]
        elif word in PREFIXES and len(rest) > 1:
            rest = rest[1:]
            while rest and (
                rest[0].startswith("-") or ASSIGNMENT.match(rest[0]) or re.match(r"\d+[smh]?$", rest[0])
            ):
                takes = (word in ("sudo", "doas") and rest[0] in ("-u", "-g")) or (
                    word == "xargs" and rest[0] in ("-n", "-I", "-P", "-L")
                )
                rest = rest[2:] if takes else rest[1:]
        else:
            break
    if rest:
        rest[0] = rest[0].rsplit("/", 1)[-1]
    kept: List[str] = []
    skip = False
    for word in rest:
        if skip or re.match(r"\d*[<>]+&?\d*$", word):
            skip = not skip and not re.search(r"&\d", word)
            continue
        kept.append(word)
    return kept
