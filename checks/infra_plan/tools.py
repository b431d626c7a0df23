"""The user's own terraform or tofu, and provider plugins that are already on the machine."""

import importlib.util
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.check.interface import CheckFailed

from .configuration import Configuration
from .hcl import parse
from .providers import OPENTOFU, TERRAFORM, full_source

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


def find_mirrors(
    settings: Mapping[str, Any], environ: Mapping[str, str] = os.environ, roots: Iterable[str] = ()
) -> list[Path]:
    """Folders of provider plugins in the layout HOST/NAMESPACE/TYPE/VERSION/PLATFORM.

    ``roots`` are root modules, relative to the current folder, whose ``.terraform`` may hold some;
    name none that the change itself ships.
    """
    named = settings.get("mirror", [])
    candidates = [str(item) for item in (named if isinstance(named, list) else [named])]
    if environ.get("TF_PLUGIN_CACHE_DIR"):
        candidates.append(environ["TF_PLUGIN_CACHE_DIR"])
    candidates += [*_configured(environ), *IMPLIED]
    candidates += [str(path) for path in _working_folders(roots)]
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


def needed_providers(configurations: Iterable[tuple[Configuration, str]], host: str = TERRAFORM) -> set[str]:
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
                full_source(folder.providers.get(name, f"hashicorp/{name}"), host)
                for name in names - BUILT_IN
            }
    return needed - {"terraform.io/builtin/terraform"}


def _provider_name(kind: str, provider: Any) -> str:
    if provider is not None and provider.value.text:
        return str(provider.value.text).split(".")[0]
    return kind.split("_")[0]


def _working_folders(roots: Iterable[str]) -> Iterable[Path]:
    """Where ``init`` of the user's own checkout has put plugins."""
    return (Path(root) / ".terraform" / "providers" for root in roots)


def registry(binary: Path) -> str:
    """The host that a binary takes providers without one from."""
    return OPENTOFU if "tofu" in binary.name else TERRAFORM


def platform() -> str:
    """This machine in the words of provider packages: ``linux_amd64``."""
    machine = os.uname().machine
    return "linux_" + {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def http2_packages() -> dict[str, Path]:
    """Mounts of the pure-Python packages that the proxy's guest code speaks HTTP/2 with."""
    found = {}
    for name in ("h2", "hpack", "hyperframe"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise CheckFailed(f"The package {name} is not installed; install change-harness as a whole.")
        found[f"python/{name}"] = Path(spec.origin).parent
    return found
