"""``harness cache``: what is kept of earlier runs."""

from pathlib import Path

import click

from harness.cache.choose import FOLDER
from harness.cache.disk import DEFAULT_BYTES, DiskStore
from harness.cli.connected import Size
from harness.replay.prepare import state_folder
from harness.report import story


@click.group("cache")
def cache_group() -> None:
    """See and limit what is kept of earlier runs."""


_FOLDER = click.option("--cache-dir", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
                       help="The folder [default: this user's].")  # fmt: skip


@cache_group.command("info")
@_FOLDER
def info_command(cache_dir: Path | None) -> int:
    """Say where results are kept, how many, and how large they are."""
    store = DiskStore(cache_dir or state_folder() / FOLDER)
    usage = store.usage()
    click.echo(f"{store.root}: {story.count(usage.entries, 'result')}, {_size(usage.bytes)}")
    return 0


@cache_group.command("prune")
@_FOLDER
@click.option("--max", "most", type=Size(), default=DEFAULT_BYTES, metavar="SIZE",
              help="Leave at most so much, such as 500M [default: 2G].")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Leave nothing.")
def prune_command(cache_dir: Path | None, most: int, everything: bool) -> int:
    """Remove the least recently used results."""
    store = DiskStore(cache_dir or state_folder() / FOLDER)
    removed = store.prune(0 if everything else most)
    click.echo(f"removed {story.count(removed.entries, 'result')}, {_size(removed.bytes)}")
    return 0


def _size(number: int) -> str:
    return f"{number / (1 << 20):.1f} MiB"
