"""``harness check``."""

import json
import sys
from pathlib import Path

import click

from harness.check.describe import described, facts
from harness.check.loader import Pack, find_packs, pack_folders
from harness.check.manifest import FILE_NAME, read_manifest
from harness.check.scaffold import KINDS, scaffold
from harness.config.load import nearest
from harness.errors import UsageError
from harness.replay.prepare import state_folder
from harness.replay.samples import refusal, run_samples
from harness.report.escape import terminal_text, visible
from harness.sandbox.interface import Settings
from harness.sandbox.registry import choose


@click.group("check")
def check_group() -> None:
    """List checks, begin a new one, run a check's own samples."""


@check_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Everything about every check, as JSON.")
def list_command(as_json: bool) -> int:
    """List the checks that are installed."""
    packs = find_packs()
    if as_json:
        json.dump([facts(pack) for pack in packs], sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0
    for pack in packs:
        manifest = pack.manifest
        finds = ", ".join(manifest.categories) or "no findings"
        click.echo(f"{pack.id:<16} {manifest.title} ({finds}; {pack.origin})")
    return 0


@check_group.command("show")
@click.argument("check_id")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def show_command(check_id: str, as_json: bool) -> int:
    """Print what the check CHECK_ID is: documentation, categories, settings of its run, samples.

    CHECK_ID is the id of an installed check, or the folder of a pack.
    """
    pack = _pack(Path(check_id)) if (Path(check_id) / FILE_NAME).is_file() else _installed(check_id)
    if as_json:
        json.dump(facts(pack), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0
    for line in described(pack):
        click.echo(visible(line))
    return 0


def _installed(check_id: str) -> Pack:
    packs = {pack.id: pack for pack in find_packs()}
    if check_id not in packs:
        raise UsageError(f"There is no check {check_id!r}{nearest(check_id, list(packs))}")
    return packs[check_id]


@check_group.command("new")
@click.argument("check_id")
@click.option("--in", "parent", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default=True,
              help="Folder in which the pack's folder is made.")  # fmt: skip
@click.option("--kind", type=click.Choice(KINDS), default="python", show_default=True,
              help="A semgrep file; a program whose output is compared; Python with proofs.")  # fmt: skip
def new_command(check_id: str, parent: Path, kind: str) -> int:
    """Write a working check pack with the id CHECK_ID: manifest, check, guest and samples."""
    folder = scaffold(check_id, parent, kind)
    click.echo(f"Made {folder}. Run its samples: harness check test {folder}")
    return 0


@check_group.command("test")
@click.argument("folders", type=click.Path(path_type=Path), nargs=-1)
@click.option("--sandbox", default="auto", show_default=True, metavar="NAME", help="Sandbox driver.")
@click.option("--python", type=click.Path(path_type=Path), metavar="FILE", help="Interpreter of the samples.")
def test_command(folders: tuple[Path, ...], sandbox: str, python: Path | None) -> int:
    """Run the samples of the packs in FOLDERS (default: all installed ones) in real sandboxes.

    Exit status: 0 when every sample is right, 1 when not.
    """
    packs = (
        [_pack(place) for folder in folders for place in pack_folders(folder)] if folders else find_packs()
    )
    settings = Settings(state=state_folder(), python=python.absolute() if python else None)
    driver = choose(sandbox, settings)
    passed = failed = 0
    for pack in packs:
        why = refusal(pack)
        if why:
            click.echo(f"{pack.id}: REFUSED: {why}")
            failed += 1
            continue
        for result in run_samples(pack, driver, state_folder()):
            word = "FAILED" if result.problems else "passed"
            click.echo(f"{pack.id}::{result.sample.name}: {word} in {result.seconds:.1f} s")
            for problem in result.problems:
                click.echo(f"    {terminal_text(problem, 500)}")
            passed, failed = passed + (not result.problems), failed + bool(result.problems)
    click.echo(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def _pack(place: Path) -> Pack:
    return Pack(read_manifest(place), place.resolve(), "folder")
