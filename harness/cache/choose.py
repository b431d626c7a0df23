"""The store of a run: the folder of this user, or another one, and what is shared."""

from pathlib import Path

from harness.cache.disk import DiskStore
from harness.cache.interface import Nowhere, Store
from harness.cache.shared import Layered, SharedStore
from harness.config.schema import CacheConfig

FOLDER = "results"


def store_for(config: CacheConfig, state: Path, folder: Path | None, *, off: bool) -> Store:
    """Raises UsageError for a shared place that cannot be used. ``folder`` None: below ``state``."""
    if off:
        return Nowhere()
    near = DiskStore(folder or state / FOLDER, config.max_mb << 20)
    return Layered(near, SharedStore(config.url, writes=config.writes)) if config.url else near
