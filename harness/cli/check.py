"""``harness check``."""

import json
import sys

import click

from harness.check.loader import Pack, find_packs


@click.group("check")
def check_group() -> None:
    """List checks."""


@check_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Everything about every check, as JSON.")
def list_command(as_json: bool) -> int:
    """List the checks that are installed."""
    packs = find_packs()
    if as_json:
        json.dump([_facts(pack) for pack in packs], sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0
    for pack in packs:
        manifest = pack.manifest
        click.echo(f"{pack.id:<16} {manifest.title} ({', '.join(manifest.categories)}; {pack.origin})")
    return 0


def _facts(pack: Pack) -> dict[str, object]:
    manifest = pack.manifest
    return {
        "id": pack.id, "title": manifest.title, "description": manifest.description, "version": manifest.version,
        "kind": manifest.kind, "categories": manifest.categories, "paths": manifest.paths,
        "required": manifest.required, "origin": pack.origin, "folder": str(pack.folder),
    }  # fmt: skip
