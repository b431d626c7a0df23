"""Removes control groups of harnesses that died together with their stages.

Mounts and processes need no cleaning: they live in namespaces that end with their stage.
"""

from pathlib import Path

from .stage.groups import kill_members, remove_folder
from .stage.hierarchy import PREFIX, Parents, identity_of


def clean(parents: Parents) -> list[str]:
    """Paths of the groups that were removed. Groups of living harnesses are not touched."""
    removed = []
    for parent in parents.folders():
        # Another session of the same user has its groups beside ours.
        beside = Path(parent).parent.glob(f"*/{PREFIX}*")
        for folder in sorted({*Path(parent).glob(f"{PREFIX}*"), *beside}):
            if folder.is_dir() and is_orphan(folder.name):
                kill_members(str(folder))
                if remove_folder(str(folder)):
                    removed.append(str(folder))
    return removed


def is_orphan(name: str) -> bool:
    """Whether the owner in a group's name was a process of our own pid namespace and is gone.

    Names: ``change-harness-NAMESPACE-PID-START-SERVER-SERIAL``. The owner of a name from
    another pid namespace cannot be seen from here and counts as alive.
    """
    parts = name.removeprefix(PREFIX).split("-")
    if not name.startswith(PREFIX) or len(parts) != 5 or not all(part.isdigit() for part in parts):
        return False
    own = (identity_of(1) or "").partition("-")[0]
    return parts[0] == own and identity_of(int(parts[1])) != "-".join(parts[:3])
