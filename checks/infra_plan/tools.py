"""The user's own terraform or tofu, and provider plugins that are already on the machine."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.check.interface import CheckFailed

from .configuration import Configuration
from .hcl import parse

BUILT_IN = {"terraform"}
IMPLIED = (
    "~/.terraform.d/plugins", "~/.local/share/terraform/plugins", "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins", "~/.local/share/opentofu/plugins",
)  # fmt: skip


def find_binary(settings: Mapping[str, Any]) -> Path | None:
    """``binary`` of the settings, else tofu, else terraform on the PATH; resolved. None without any.

    Raises CheckFailed when the settings name a binary that is not there.
    """
    named = settings.get("binary")
    for name in [named] if named else ["tofu", "terraform"]:
        found = shutil.which(str(name))
        if found:
            return Path(found).resolve()
    if named:
        raise CheckFailed(f"The binary {named!r} of [checks.infra_plan] is not there; name one that is.")
    return None


def find_mirrors(settings: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Folders of provider plugins in the layout HOST/NAMESPACE/TYPE/VERSION/PLATFORM."""
    named = settings.get("plugin_dir", [])
    candidates = [str(item) for item in (named if isinstance(named, list) else [named])]
    if environ.get("TF_PLUGIN_CACHE_DIR"):
        candidates.append(environ["TF_PLUGIN_CACHE_DIR"])
    candidates += [*_configured(environ), *IMPLIED]
    found: list[Path] = []
    for candidate in candidates:
        path = Path(candidate).expanduser()
        if os.access(path, os.R_OK | os.X_OK) and path.is_dir() and path.resolve() not in found:
            found.append(path.resolve())
    return found


def _configured(environ: Mapping[str, str]) -> Iterable[str]:
    """Mirrors and the plugin cache that the user's CLI configuration names."""
    path = Path(environ.get("TF_CLI_CONFIG_FILE") or "~/.terraformrc").expanduser()
    # It may lie where this user cannot look, as after `su`; terraform itself goes on then, too.
    if not os.access(path, os.R_OK) or not path.is_file():
        return
    for block in parse({"rc": path.read_text("utf-8", "replace")}).files.get("rc", ()):
        cache = block.literal("plugin_cache_dir")
        if isinstance(cache, str):
            yield cache
        for mirror in block.of("filesystem_mirror"):
            folder = mirror.literal("path")
            if isinstance(folder, str):
                yield folder


def needed_providers(configurations: Iterable[tuple[Configuration, str]]) -> set[str]:
    """Sources (HOST/NAMESPACE/TYPE) of the providers that the resources of root modules need."""
    needed: set[str] = set()
    for configuration, root in configurations:
        for path in configuration.reachable(root):
            folder = configuration.folders.get(path)
            if folder is None:
                continue
            names = {
                _provider_name(r.type, r.block.attributes.get("provider")) for r in folder.resources.values()
            }
            names |= set(folder.providers)
            needed |= {
                full_source(folder.providers.get(name, f"hashicorp/{name}")) for name in names - BUILT_IN
            }
    return needed - {"terraform.io/builtin/terraform"}


def _provider_name(kind: str, provider: Any) -> str:
    if provider is not None and provider.value.text:
        return str(provider.value.text).split(".")[0]
    return kind.split("_")[0]


def full_source(source: str) -> str:
    """A provider's source with its host."""
    return source.lower() if source.count("/") == 2 else f"registry.terraform.io/{source.lower()}"


def missing_providers(needed: Iterable[str], mirrors: Iterable[Path]) -> list[str]:
    """The providers that no mirror holds."""
    folders = list(mirrors)
    return sorted(s for s in needed if not any((m / s).is_dir() and any((m / s).iterdir()) for m in folders))
