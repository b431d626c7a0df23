"""Removes what harnesses that died left in the engine."""

import os
import time
from typing import TYPE_CHECKING

from . import owner
from .engine import told
from .running import remove

if TYPE_CHECKING:
    from docker.api.client import APIClient


def clean_engine(client: "APIClient") -> list[str]:
    """Remove containers, then volumes, whose harness is dead; names them. Raises EngineError."""
    removed = []
    now = time.time()
    chosen = {"label": f"{owner.USER}={os.getuid()}"}
    with told():
        for found in client.containers(all=True, filters=chosen):
            # The engine itself may never get done with a removal: then it is not ours to tell of.
            if found.get("State") == "removing":
                continue
            if owner.abandoned(found.get("Labels") or {}, now) and not remove(client, found["Id"]):
                removed.append(f"container {str(found['Id'])[:12]}")
        for volume in client.volumes(filters=chosen).get("Volumes") or ():
            if owner.abandoned(volume.get("Labels") or {}, now):
                client.remove_volume(volume["Name"], force=True)
                removed.append(f"volume {volume['Name']}")
    return removed
