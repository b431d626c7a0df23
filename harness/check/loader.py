"""Finding and loading check packs. Built-in ones have no privilege: they load as any other.

A pack is imported as ``harness_packs.<id>`` from its own folder; nothing is put on
``sys.path``, and two packs with one id are refused.
"""

import importlib
import importlib.util
import sys
import threading
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from harness.check.command import command_check
from harness.check.interface import Check
from harness.check.manifest import FILE_NAME, Manifest, read_manifest
from harness.errors import PackError

NAMESPACE = "harness_packs"
ENTRY_POINTS = "harness.checks"
_LOADING = threading.Lock()
SCANNER = "static_scan"
"""The built-in pack that applies the rules of packs of kind ``rules``."""


@dataclass(frozen=True)
class Pack:
    """A pack on disk: its manifest and its folder. ``origin`` says where it was found."""

    manifest: Manifest
    folder: Path
    origin: str

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def guest(self) -> Path | None:
        """The folder of code that runs inside the sandbox, if there is one.

        A pack of rules has none of its own: the static scan's code applies them.
        """
        owner = builtin_folder("checks") / SCANNER if self.manifest.kind == "rules" else self.folder
        folder = owner / "guest"
        return folder if folder.is_dir() else None


def builtin_folder(kind: str) -> Path:
    """Where the installation keeps ``checks`` or ``sandboxes``: in the wheel, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_builtin" / kind
    return installed if installed.is_dir() else package.parent / kind


def find_packs(extra: Iterable[tuple[Path, str]] = ()) -> list[Pack]:
    """All packs, sorted by id: built-in, from entry points, and from ``extra`` (folder, origin).

    An extra folder is a pack itself or holds packs. Raises PackError for a damaged pack and
    for two packs with one id.
    """
    found: dict[str, Pack] = {}
    for folder, origin in [(builtin_folder("checks"), "built in"), *_entry_points(), *extra]:
        for place in pack_folders(folder):
            pack = Pack(read_manifest(place), place, origin)
            if pack.id in found:
                raise PackError(
                    f"Two check packs have the id {pack.id!r}: {found[pack.id].folder} and {place}; rename one."
                )
            found[pack.id] = pack
    return [found[name] for name in sorted(found)]


def pack_folders(folder: Path) -> Sequence[Path]:
    """The folder itself when it is a pack, else the packs directly below it."""
    if (folder / FILE_NAME).is_file():
        return [folder]
    if not folder.is_dir():
        raise PackError(f"{folder} is no folder of check packs: it does not exist.")
    return sorted(place.parent for place in folder.glob(f"*/{FILE_NAME}"))


def _entry_points() -> Iterable[tuple[Path, str]]:
    for point in entry_points(group=ENTRY_POINTS):
        spec = importlib.util.find_spec(point.module)
        if spec is None or not spec.submodule_search_locations:
            raise PackError(
                f"Entry point {point.name!r} names {point.module}, which is no package; reinstall it."
            )
        yield Path(next(iter(spec.submodule_search_locations))), f"entry point {point.name}"


def load_check(pack: Pack) -> Check:
    """The pack's check, by its kind. Raises PackError when the pack cannot be loaded."""
    if pack.manifest.kind == "command":
        return command_check(pack.manifest)
    with _LOADING:  # checks are loaded by their own threads, and importing changes sys.modules
        return _rules_check(pack) if pack.manifest.kind == "rules" else _imported(pack, "check")


def _rules_check(pack: Pack) -> Check:
    if not (pack.folder / "rules").is_dir():
        raise PackError(f"{pack.folder} has no folder rules/, but its kind is 'rules'.")
    folder = builtin_folder("checks") / SCANNER
    scan = _imported(Pack(read_manifest(folder), folder, "built in"), "scan_change")
    return lambda context: scan(context, [pack.folder / "rules"], own=False)


def _imported(pack: Pack, name: str) -> Callable[..., Any]:
    if not (pack.folder / "check.py").is_file():
        raise PackError(f"{pack.folder} has no check.py, but its kind is {pack.manifest.kind!r}.")
    _namespace(NAMESPACE, [])
    package = f"{NAMESPACE}.{pack.id}"
    known = sys.modules.get(package)
    if known is None or list(getattr(known, "__path__", [])) != [str(pack.folder)]:
        for loaded in [one for one in list(sys.modules) if one == package or one.startswith(package + ".")]:
            del sys.modules[loaded]
        _namespace(package, [str(pack.folder)])
    try:
        module = importlib.import_module(f"{package}.check")
    except Exception as problem:
        raise PackError(
            f"Check pack {pack.id!r} cannot be imported: {type(problem).__name__}: {problem}."
        ) from problem
    function = getattr(module, name, None)
    if not callable(function):
        raise PackError(f"{pack.folder / 'check.py'} defines no function {name}(context).")
    return function  # type: ignore[no-any-return]


def _namespace(name: str, path: list[str]) -> types.ModuleType:
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = path
        sys.modules[name] = module
    return sys.modules[name]
