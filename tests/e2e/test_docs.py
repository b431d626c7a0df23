"""The documentation is true: every command of the README exists, every linked file is there."""

import json
import re
import tomllib
from pathlib import Path

import click
import jsonschema
import pytest

from harness.check.manifest import Manifest
from harness.cli.main import COMMANDS, cli
from harness.config import json_schema
from harness.config.load import parse_config
from harness.config.schema import Config
from harness.report import schema

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str = "") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def shown_commands() -> list[tuple[str, list[str]]]:
    """(page, words) of each ``harness …`` line in a code block."""
    found = []
    for page in PAGES:
        for block in blocks(page):
            for line in block.splitlines():
                words = line.split("#")[0].split()
                if words[:1] == ["harness"]:
                    found.append((page.name, words[1:]))
    return found


@pytest.mark.parametrize(("page", "words"), shown_commands())
def test_every_shown_command_exists_with_its_options(page: str, words: list[str]) -> None:
    context = click.Context(cli, info_name="harness")
    command: click.Command | None = cli
    while isinstance(command, click.Group):
        command, context = command.get_command(context, words[0]), click.Context(command, parent=context)
        words = words[1:]
    assert command is not None, f"{page} shows an unknown command"
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words[: words.index("--")] if "--" in words else words:
        if word.startswith("--"):
            assert word.split("=")[0] in options, f"{page} shows {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_linked_file_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links {target}"


def test_the_documented_configuration_is_valid_and_complete() -> None:
    text, *examples = blocks(ROOT / "docs" / "configuration.md", "toml")
    config = parse_config(text, "docs/configuration.md")
    assert all(parse_config(example, "docs/configuration.md") for example in examples)
    assert isinstance(config, Config)
    assert config.suppress
    table = tomllib.loads(text)
    for section in ("sandbox", "limits", "run", "cache", "policy", "provenance"):
        fields = set(getattr(config, section).__struct_fields__)
        assert fields == set(table[section]), f"docs/configuration.md leaves out keys of [{section}]"


def test_every_command_is_in_the_help() -> None:
    text = cli.get_help(click.Context(cli, info_name="harness"))
    for name, (_module, _function, line) in COMMANDS.items():
        assert name in text
        assert line.split()[0] in text


@pytest.mark.parametrize(
    ("name", "rendered"),
    [
        ("report", schema.render()),
        ("harness-toml", json_schema.render(Config, "harness.toml")),
        ("check-toml", json_schema.render(Manifest, "check.toml")),
    ],
)
def test_the_published_schemas_are_those_of_the_types(name: str, rendered: bytes) -> None:
    published = (ROOT / "docs" / "schema" / f"{name}.schema.json").read_bytes()
    assert published == rendered, f"write what is rendered here to docs/schema/{name}.schema.json"


def test_the_documented_configuration_fits_the_published_schema() -> None:
    published = json.loads((ROOT / "docs" / "schema" / "harness-toml.schema.json").read_bytes())
    text, *_ = blocks(ROOT / "docs" / "configuration.md", "toml")
    jsonschema.validate(tomllib.loads(text), published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"policy": {"blok": []}}, published)


@pytest.mark.parametrize(
    "manifest", sorted(ROOT.glob("checks/*/check.toml")), ids=lambda file: file.parent.name
)
def test_every_manifest_fits_the_published_schema(manifest: Path) -> None:
    published = json.loads((ROOT / "docs" / "schema" / "check-toml.schema.json").read_bytes())
    jsonschema.validate(tomllib.loads(manifest.read_text()), published)
