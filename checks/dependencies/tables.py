"""Manifests and lock files in TOML, INI and JSON, and go.mod."""

import configparser
import dataclasses
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .entries import Entry, Index, Manifest, normalised, npm_entry, python_entry
from .locks import add_index, digests_in, digests_of, indexes_of
from .requirements import requirement

HOOKS = ("preinstall", "install", "postinstall", "prepare", "prepublish")


class Lines:
    """Finds the line on which something stands, as parsers of TOML and JSON do not say."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self._words: dict[str, int] = {}
        for number, line in enumerate(self.lines, 1):
            for word in re.findall(r"[@\w./-]+", line):
                self._words.setdefault(word.lower(), number)

    def of(self, *words: str) -> int:
        """The first line with one of the words as a whole, else one that contains it, else 1."""
        for word in words:
            if word.lower() in self._words:
                return self._words[word.lower()]
        for number, line in enumerate(self.lines, 1):
            if any(word and word in line for word in words):
                return number
        return 1


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def read_toml(text: str) -> Mapping[str, Any]:
    """The table, empty when the text is no TOML."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def read_json(text: str) -> Mapping[str, Any]:
    """The object, empty when the text is no JSON object."""
    try:
        return _table(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def read_pyproject(path: str, text: str) -> Manifest:
    """PEP 621 and PEP 735 tables, Poetry's groups, indexes of uv, Poetry and PDM."""
    data, lines, manifest = read_toml(text), Lines(text), Manifest(path)
    project, tool = _table(data.get("project")), _table(data.get("tool"))
    poetry = _table(tool.get("poetry"))
    for name in (project.get("name"), poetry.get("name")):
        if isinstance(name, str):
            manifest.local.add(normalised("pypi", name))
    requirements = [
        *_texts(project.get("dependencies")),
        *_texts(_table(data.get("build-system")).get("requires")),
    ]
    for group in (
        *_table(project.get("optional-dependencies")).values(),
        *_table(data.get("dependency-groups")).values(),
    ):
        requirements += _texts(group)
    for text_of_one in requirements:
        entry = requirement(text_of_one, lines.of(text_of_one, re.split(r"[\s\[<>=!~;@(]", text_of_one)[0]))
        if entry:
            manifest.entries.append(entry)
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += [_table(group).get("dependencies") for group in _table(poetry.get("group")).values()]
    for table in tables:
        manifest.entries += _poetry(_table(table), lines)
    sources = [*_tables(_table(tool.get("uv")).get("index")), *_tables(poetry.get("source"))]
    sources += _tables(_table(tool.get("pdm")).get("source"))
    manifest.indexes += [Index("extra-index", url, lines.of(url)) for url in _addresses(sources)]
    _own_sources(manifest, _table(_table(tool.get("uv")).get("sources")), lines)
    return manifest


def _addresses(sources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for source in sources:
        if isinstance(source.get("url"), str):
            yield source["url"]


def _poetry(table: Mapping[str, Any], lines: Lines) -> Iterator[Entry]:
    """Poetry's and Pipfile's form: name to version or table."""
    for name, value in table.items():
        if name == "python":
            continue
        one = value if isinstance(value, dict) else {"version": value}
        spec = str(one.get("version", "*"))
        if re.fullmatch(r"\d[\w.]*", spec):
            spec = f"=={spec}"
        if isinstance(one.get("git"), str):
            spec = f"@ git+{one['git']}" + (f"@{one['rev']}" if isinstance(one.get("rev"), str) else "")
        elif isinstance(one.get("url"), str):
            spec = f"@ {one['url']}"
        elif "path" in one or "workspace" in one:
            spec = "@ ./"
        yield python_entry(name, spec, lines.of(name))


def _own_sources(manifest: Manifest, sources: Mapping[str, Any], lines: Lines) -> None:
    """uv's sources say where a package that is listed elsewhere comes from."""
    changed = {entry.name: entry for entry in _poetry(sources, lines) if entry.source != "index"}
    manifest.entries = [changed.pop(entry.name, entry) for entry in manifest.entries]


def read_setup_cfg(path: str, text: str) -> Manifest:
    """``install_requires`` and extras of setup.cfg."""
    parser, manifest, lines = configparser.RawConfigParser(strict=False), Manifest(path), Lines(text)
    try:
        parser.read_string(text)
    except configparser.Error:
        return manifest
    values = [
        parser.get("options", key)
        for key in ("install_requires", "setup_requires", "tests_require")
        if parser.has_option("options", key)
    ]
    if parser.has_section("options.extras_require"):
        values += [value for _, value in parser.items("options.extras_require")]
    for line in "\n".join(values).split("\n"):
        entry = requirement(line.strip(), lines.of(line.strip())) if line.strip() else None
        if entry:
            manifest.entries.append(entry)
    return manifest


def read_pipfile(path: str, text: str) -> Manifest:
    """Pipfile."""
    data, lines, manifest = read_toml(text), Lines(text), Manifest(path)
    for section, value in data.items():
        if section not in ("source", "requires", "scripts", "pipenv"):
            manifest.entries += _poetry(_table(value), lines)
    for source in _tables(data.get("source")):
        manifest.indexes += [Index("extra-index", url, lines.of(url)) for url in _addresses([source])]
        if source.get("verify_ssl") is False and isinstance(source.get("url"), str):
            manifest.indexes.append(Index("trusted-host", source["url"], lines.of("verify_ssl")))
    return manifest


def read_pipfile_lock(path: str, text: str) -> Manifest:
    """Pipfile.lock."""
    data, lines, manifest = read_json(text), Lines(text), Manifest(path, lock=True)
    for section in ("default", "develop"):
        for name, value in _table(data.get(section)).items():
            one = _table(value)
            spec = str(one.get("version", ""))
            manifest.entries.append(python_entry(name, spec, lines.of(name), hashed=bool(one.get("hashes"))))
    return manifest


def read_python_lock(path: str, text: str) -> Manifest:
    """poetry.lock, uv.lock, pdm.lock: ``[[package]]`` tables."""
    data, lines, manifest = read_toml(text), Lines(text), Manifest(path, lock=True)
    for package in _tables(data.get("package")):
        name, version = package.get("name"), package.get("version")
        if not isinstance(name, str):
            continue
        source = _table(package.get("source"))
        spec = f"=={version}" if isinstance(version, str) else ""
        if (
            any(key in source for key in ("virtual", "editable", "directory", "path"))
            or source.get("type") == "directory"
        ):
            manifest.local.add(normalised("pypi", name))
            continue
        if isinstance(source.get("git"), str) or source.get("type") == "git":
            spec = f"@ git+{source.get('git') or source.get('url')}"
            spec += (
                f"@{source['resolved_reference']}"
                if isinstance(source.get("resolved_reference"), str)
                else ""
            )
        hashed = bool(package.get("files") or package.get("wheels") or package.get("sdist"))
        line = lines.of(f'name = "{name}"', name)
        entry = python_entry(name, spec, line, hashed=hashed)
        manifest.entries.append(dataclasses.replace(entry, digests=digests_of(package)))
        for url in indexes_of(package):
            add_index(manifest.indexes, url, line)
    return manifest


def read_package_json(path: str, text: str) -> Manifest:
    """package.json."""
    data, lines, manifest = read_json(text), Lines(text), Manifest(path)
    if isinstance(data.get("name"), str):
        manifest.local.add(data["name"].lower())
    for key in ("dependencies", "devDependencies", "optionalDependencies"):
        for name, spec in _table(data.get(key)).items():
            if isinstance(spec, str):
                manifest.entries.append(npm_entry(name, spec, lines.of(name)))
    for hook, command in _table(data.get("scripts")).items():
        if hook in HOOKS[:3] and isinstance(command, str):
            manifest.hooks.append((hook, command, lines.of(hook)))
    return manifest


def read_package_lock(path: str, text: str) -> Manifest:
    """package-lock.json, of any version."""
    data, lines, manifest = read_json(text), Lines(text), Manifest(path, lock=True)
    packages = {
        key.rpartition("node_modules/")[2]: value
        for key, value in _table(data.get("packages")).items()
        if key
    }
    for name, value in (packages or _table(data.get("dependencies"))).items():
        one = _table(value)
        if one.get("link") is True or "/" in name.lstrip("@").partition("/")[2]:
            continue
        resolved, spec = one.get("resolved"), str(one.get("version", ""))
        if isinstance(resolved, str) and resolved.startswith("git"):
            spec = resolved
        elif isinstance(resolved, str) and resolved.startswith("http"):
            address = re.match(r"https?://[^/]+", resolved)
            if address:
                add_index(manifest.indexes, address[0], lines.of(resolved))
        entry = npm_entry(name, spec, lines.of(f"node_modules/{name}", name))
        digests = digests_in(str(one.get("integrity", "")))
        manifest.entries.append(dataclasses.replace(entry, digests=digests))
    return manifest


def read_go_mod(path: str, text: str) -> Manifest:
    """go.mod: required and replaced modules."""
    manifest = Manifest(path)
    for number, line in enumerate(text.split("\n"), 1):
        line = line.partition("//")[0].strip()
        match = re.fullmatch(r"(?:require\s+)?([\w.~/-]+\.[\w.~/-]+)\s+(v[\w.+-]+)", line)
        if match and not line.startswith(("module", "go ", "exclude", "retract")):
            manifest.entries.append(Entry("go", match[1].lower(), match[1], match[2], number, "index", True))
        swap = re.fullmatch(r"(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)(?:\s+(v\S+))?", line)
        if swap and not swap[2].startswith((".", "/")) and swap[1] != swap[2]:
            manifest.entries.append(
                Entry("go", swap[2].lower(), swap[2], f"replaces {swap[1]}", number, "vcs", True)
            )
    return manifest


def read_settings(path: str, text: str) -> Manifest:
    """pip.conf and .npmrc: only indexes."""
    manifest = Manifest(path)
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"\s*((?:@[\w-]+:)?[\w-]+)\s*=\s*(\S+)", line)
        if match and match[1] in ("index-url", "extra-index-url", "trusted-host", "find-links"):
            kind = {"index-url": "index", "extra-index-url": "extra-index"}.get(match[1], match[1])
            manifest.indexes.append(Index(kind, match[2], number))  # type: ignore[arg-type]
        elif match and match[1].endswith("registry"):
            manifest.indexes.append(Index("index", match[2], number))
        elif match and match[1] == "strict-ssl" and match[2] == "false":
            manifest.indexes.append(Index("trusted-host", "every host", number))
    return manifest
