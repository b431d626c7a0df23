"""pip's requirement files, and packages that commands of scripts install."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from .entries import Entry, Index, Manifest, npm_entry, python_entry
from .locks import digests_in

NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_OPTIONS = {
    "-i": "index", "--index-url": "index", "--pypi-url": "index", "--extra-index-url": "extra-index",
    "--trusted-host": "trusted-host", "-f": "find-links", "--find-links": "find-links",
}  # fmt: skip
_WORDS = r"""((?:"[^"]*"|'[^']*'|[^|&;<>`"'])*)"""
_PIP = re.compile(r"\b(?:pip[\d.]*|uv(?: pip)?|pipx|poetry|pdm)\s+(?:install|add)\s+" + _WORDS)
_NPM = re.compile(r"\b(?:npm\s+(?:install|i|add)|yarn\s+add|pnpm\s+(?:add|install|i))\s+" + _WORDS)
_TAKES_VALUE = frozenset(
    [
        "-r", "-c", "-e", "-t", "-i", "-f", "--requirement", "--constraint", "--editable", "--target",
        "--index-url", "--extra-index-url", "--prefix", "--trusted-host", "--find-links", "--cache-dir",
        "--group", "--root", "--python", "--platform", "--no-binary", "--only-binary", "--progress-bar",
        "--registry", "--save-prefix", "--timeout", "--retries",
    ]
)  # fmt: skip


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of the first line, text) with continued lines joined."""
    number, parts = 1, list[str]()
    for index, line in enumerate(text.split("\n"), 1):
        if not parts:
            number = index
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield number, " ".join([*parts, line])
        parts = []
    if parts:
        yield number, " ".join(parts)


def read_requirements(path: str, text: str) -> Manifest:
    """A requirements or constraints file."""
    manifest = Manifest(path)
    for number, line in logical_lines(text):
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if not line:
            continue
        if line.startswith("-"):
            _option(manifest, line, number)
            continue
        entry = requirement(line, number)
        if entry:
            manifest.entries.append(entry)
    return manifest


def _option(manifest: Manifest, line: str, number: int) -> None:
    match = re.match(r"(-[a-z]|--[\w-]+)(?:\s*=\s*|\s+|(?<=^-[a-z]))(\S+)", line)
    if not match:
        return
    kind = _OPTIONS.get(match[1])
    if kind:
        manifest.indexes.append(Index(kind, match[2].strip("\"'"), number))  # type: ignore[arg-type]
    elif match[1] in ("-c", "--constraint"):
        manifest.constraints.append(match[2])
    elif match[1] in ("-e", "--editable"):
        entry = requirement(match[2], number)
        if entry:
            manifest.entries.append(entry)


def requirement(text: str, number: int) -> Entry | None:
    """One requirement as pip reads it; None for a path or what is none."""
    hashed, digests = "--hash" in text, digests_in(text)
    text = re.split(r"\s--\w", text, maxsplit=1)[0].strip()
    address = re.match(r"((?:git|hg|svn|bzr)\+\S+|https?://\S+)", text)
    if address:
        egg = re.search(r"[#&]egg=([\w.-]+)", text)
        name = egg[1] if egg else re.split(r"[/#?@]", address[1].split("://", 1)[1].rstrip("/"))[-1]
        guess = (
            egg[1] if egg else re.sub(r"(\.git|\.whl|\.tar\.gz|\.zip|-\d.*)+$", "", _last_part(address[1]))
        )
        return python_entry(guess or name, f"@ {address[1]}", number, hashed=hashed)
    if text.startswith((".", "/", "file:", "$", "{")) or "{{" in text:
        return None
    match = NAME.fullmatch(text)
    if not match or (match[2] and match[2][0] not in "=<>!~@;( ,"):
        return None
    return replace(python_entry(match[1], match[2], number, hashed=hashed), digests=digests)


def _last_part(address: str) -> str:
    path = re.split(r"[#?]", address.split("://", 1)[1])[0]
    return re.sub(r"@[^/]*$", "", path).rstrip("/").rpartition("/")[2]


def read_commands(path: str, text: str) -> Manifest:
    """Packages that install commands of a script, a Dockerfile or a workflow name."""
    manifest = Manifest(path)
    for number, line in logical_lines(text):
        if line.lstrip().startswith("#"):
            continue
        for match in _PIP.finditer(line):
            for word in _words(match[1], manifest, number):
                entry = requirement(word, number)
                if entry:
                    manifest.entries.append(entry)
        for match in _NPM.finditer(line):
            for word in _words(match[1], manifest, number):
                manifest.entries.extend(_npm_word(word, number))
    return manifest


def _words(text: str, manifest: Manifest, number: int) -> Iterator[str]:
    """The packages among the words of an install command."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        words = text.split()
    skip = None
    for word in words:
        if skip is not None:
            kind = _OPTIONS.get(skip)
            if kind:
                manifest.indexes.append(Index(kind, word, number))  # type: ignore[arg-type]
            skip = None
        elif word.startswith("-"):
            name, equals, value = word.partition("=")
            if equals and name in _OPTIONS:
                manifest.indexes.append(Index(_OPTIONS[name], value, number))  # type: ignore[arg-type]
            skip = word if word in _TAKES_VALUE else None
        elif not re.search(r"[${}*()\\]", word) and not word.endswith(
            (".whl", ".tgz", ".tar.gz", ".txt", ".toml")
        ):
            yield word


def _npm_word(word: str, number: int) -> Iterator[Entry]:
    match = re.fullmatch(r"(@[\w.-]+/[\w.-]+|[\w.-]+)(?:@(.+))?", word)
    if match and not word.startswith("."):
        yield npm_entry(match[1], match[2] or "latest", number)
