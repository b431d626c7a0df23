"""Which packages a tree declares, so far as it decides whether a missing one is the sandbox's lack."""

import re
from collections.abc import Iterator

from harness.check.interface import Change, Snapshot

LISTS = re.compile(
    r"(?:.*/)?(?:pyproject\.toml|setup\.(?:py|cfg)|Pipfile(?:\.lock)?|(?:poetry|uv|pdm|pylock[\w.-]*)\.(?:lock|toml)"
    r"|[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)"
    r"|environment[\w-]*\.ya?ml|meta\.yaml|pixi\.toml|tox\.ini|Dockerfile[\w.-]*)"
)
MAX_FILES = 60
MAX_BYTES = 1_000_000
OTHER_NAMES = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cairo": "pycairo", "crypto": "pycryptodome", "cv2": "opencv",
    "dateutil": "python-dateutil", "docx": "python-docx", "dotenv": "python-dotenv", "fitz": "pymupdf",
    "git": "gitpython", "github": "pygithub", "jose": "python-jose", "jwt": "pyjwt", "kafka": "kafka-python",
    "levenshtein": "python-levenshtein", "magic": "python-magic", "mysqldb": "mysqlclient", "nacl": "pynacl",
    "openssl": "pyopenssl", "pil": "pillow", "pkg-resources": "setuptools", "pptx": "python-pptx",
    "rest-framework": "djangorestframework", "ruamel": "ruamel-yaml", "sklearn": "scikit-learn",
    "skimage": "scikit-image", "serial": "pyserial", "slugify": "python-slugify", "telegram": "python-telegram-bot",
    "usb": "pyusb", "websocket": "websocket-client", "yaml": "pyyaml", "zmq": "pyzmq",
}  # fmt: skip
"""Distributions by the module that they give, where the names differ by more than an affix."""
REQUIREMENT = re.compile(
    r"""^[+\s]*["'-]*\s*([A-Za-z][\w.-]*)\s*(?:\[[\w,\s-]*\])?\s*["']?\s*(?:[=<>!~@^]|;|,|$|["'])"""
)
SETTINGS = frozenset(
    {"name", "version", "description", "readme", "license", "requires-python", "python", "dependencies", "authors",
     "packages", "include", "exclude", "target-version", "line-length", "select", "ignore", "testpaths", "addopts",
     "keywords", "classifiers", "urls", "homepage", "repository", "build-backend", "requires", "markers"}
)  # fmt: skip


def declares(head: Snapshot, module: str) -> bool:
    """Whether the tree's lists of packages name one that gives a module."""
    name = plain(module)
    other = plain(OTHER_NAMES.get(name, name))
    paths = [entry.path for entry in head.entries if entry.kind == "file" and LISTS.fullmatch(entry.path)]
    texts = [plain(head.read_text(path, MAX_BYTES) or "") for path in paths[:MAX_FILES]]
    word = re.compile(
        rf"(?<![\w-])(?:python-|py|django-)?(?:{re.escape(name)}|{re.escape(other)})(?:-[\w-]+)?(?![\w-])"
    )
    return any(word.search(text) for text in texts)


def added(base: Snapshot, head: Snapshot, change: Change) -> list[str]:
    """Packages that lists of the change newly name."""
    found: list[str] = []
    for file in change.files:
        if LISTS.fullmatch(file.path) and file.status != "deleted":
            before = set(_named(base.read_text(file.old_path or file.path, MAX_BYTES) or ""))
            found += [one for one in _named(head.read_text(file.path, MAX_BYTES) or "") if one not in before]
    return found


def plain(text: str) -> str:
    """Lower case with ``-`` for ``_`` and ``.``, as package names are compared."""
    return re.sub(r"[_.]", "-", text.lower())


def _named(text: str) -> Iterator[str]:
    for line in text.splitlines():
        found = REQUIREMENT.match(line)
        if found and plain(found.group(1)) not in SETTINGS:
            yield plain(found.group(1))
