"""Name of the harness's own image, made from the content of its recipe.

Standard library only and no relative import: set-up scripts run this file by itself.
"""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "image"
REPOSITORY = "change-harness/sandbox"
LABEL = "change-harness.recipe"


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 (hex) over the names and contents of the files of the recipe, in name order."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        total.update(f"{path.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def tag(folder: Path = FOLDER) -> str:
    """The image's name; another recipe has another tag, so that a stale image is never used."""
    return f"{REPOSITORY}:{digest(folder)[:16]}"


if __name__ == "__main__":
    print(tag(), digest())
