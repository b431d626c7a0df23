"""The image that jobs run in: finding it, building the harness's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import SandboxUnavailableError
from harness.sandbox.interface import Settings

from . import recipe
from .engine import EngineError, MissingError, connect, told

if TYPE_CHECKING:
    from docker.api.client import APIClient

BUILD = "run 'harness sandbox build'"


@dataclass(frozen=True)
class Image:
    """An image of the engine. ``digest`` is that of its registry where it has one."""

    name: str
    id: str
    digest: str
    volumes: tuple[str, ...]


def find(client: "APIClient", settings: Settings) -> Image:
    """The image that the settings name, else the harness's own.

    Pulled only when allowed, or when its digest is pinned. Raises EngineError with a remedy.
    """
    name = settings.image or recipe.tag()
    try:
        return _inspect(client, name)
    except MissingError as error:
        if settings.image is None:
            raise EngineError("the sandbox image has not been built yet", BUILD) from error
    if not settings.allow_pull and "@sha256:" not in name:
        raise EngineError(
            f"the image {name} is not there, and it is pulled only when its digest is pinned",
            f"run 'docker pull {name}', pin it as NAME@sha256:…, or allow pulling in harness.toml",
        )
    with told(f"run 'docker pull {name}' to see why"):
        client.pull(name)
    return _inspect(client, name)


def build_image(settings: Settings, progress: Callable[[str], None]) -> str:
    """Build the harness's own image, or see that it is there; its id.

    ``progress`` gets the builder's output line by line. Raises SandboxUnavailableError.
    """
    try:
        client = connect()
        try:
            return _inspect(client, recipe.tag()).id
        except MissingError:
            progress(f"building {recipe.tag()}")
        return _build(client, progress)
    except EngineError as error:
        remedy = f"; {error.remedy}" if error.remedy else ""
        raise SandboxUnavailableError(f"The sandbox image was not built: {error}{remedy}.") from error


def _build(client: "APIClient", progress: Callable[[str], None]) -> str:
    with told():
        steps = client.build(
            path=str(recipe.FOLDER), tag=recipe.tag(), labels={recipe.LABEL: recipe.digest()},
            rm=True, forcerm=True, decode=True,
        )  # fmt: skip
        for step in steps:
            if "error" in step:
                raise EngineError(
                    f"a step of the build failed: {' '.join(str(step['error']).split())[:500]}",
                    "see the lines above; the build needs a Debian mirror and a Python package index",
                )
            text = str(step.get("stream", "")).rstrip()
            if text:
                progress(text)
    return _inspect(client, recipe.tag()).id


def _inspect(client: "APIClient", name: str) -> Image:
    with told():
        found: dict[str, Any] = client.inspect_image(name)  # type: ignore[no-untyped-call]
    config = found.get("Config") or {}
    digests = found.get("RepoDigests") or []
    return Image(
        name, str(found["Id"]), str((digests or [found["Id"]])[0]), tuple(config.get("Volumes") or ())
    )
