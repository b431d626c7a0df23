"""Speaking with a Docker engine: connecting, and its errors as sentences.

The client library is imported on first use: loading it costs more than most commands take.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker.api.client import APIClient

CALL_SECONDS = 120
_OLDEST_API = (1, 40)
_FULL = "no space left on device"
_ROOM = "make room where the engine keeps its data ('docker system df' shows what takes it)"
_START = "start Docker ('systemctl start docker'), or name the engine in DOCKER_HOST"


class EngineError(Exception):
    """The engine cannot be used, or refused a request. ``remedy`` may be empty."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class MissingError(EngineError):
    """The engine does not have what was asked for."""


@dataclass(frozen=True)
class Facts:
    """What an engine says of itself."""

    name: str
    version: str
    architecture: str
    root: str
    memory: bool
    cpu: bool
    processes: bool
    rootless: bool
    runtimes: tuple[str, ...]
    default_runtime: str


def connect() -> "APIClient":
    """A client for DOCKER_HOST, or for the first engine socket of this machine that exists.

    Raises EngineError when nothing answers or what answers is too old.
    """
    import docker
    from docker.utils import kwargs_from_env

    with told(_START):
        arguments: dict[str, Any] = dict(kwargs_from_env())
        if "base_url" not in arguments:
            arguments["base_url"] = _socket()
        client = docker.APIClient(version="auto", timeout=CALL_SECONDS, **arguments)
    # The library never uses a connection twice (it keeps them by address, container's name and
    # all) and yet holds on to dozens: let each be closed when its answer is there.
    client.headers["Connection"] = "close"
    if client.base_url.startswith("http+docker:"):  # a socket of this machine: no proxy, no netrc
        # Otherwise every request reads the whole environment, in threads, while others change it.
        client.trust_env = False
    client.close()  # the one that asked for the engine's version; the client goes on working
    if _numbers(client.api_version) < _OLDEST_API:
        raise EngineError(
            f"the engine's interface {client.api_version} is too old", "install Docker 20.10 or later"
        )
    return client


def facts(client: "APIClient") -> Facts:
    """Ask the engine what it is and which limits it can hold. Raises EngineError."""
    with told(_START):
        info: dict[str, Any] = client.info()
        version: dict[str, Any] = client.version()
    if info.get("OSType") not in (None, "linux"):
        raise EngineError(f"the engine runs {info['OSType']} containers", "switch it to Linux containers")
    components = [str(part.get("Name", "")) for part in version.get("Components") or ()]
    security = [str(option) for option in info.get("SecurityOptions") or ()]
    return Facts(
        name="Podman" if any("podman" in name.lower() for name in components) else "Docker",
        version=str(info.get("ServerVersion", "")),
        architecture=str(info.get("Architecture", "")),
        root=str(info.get("DockerRootDir", "")),
        memory=bool(info.get("MemoryLimit", True)),
        cpu=bool(info.get("CpuCfsQuota", True)),
        processes=bool(info.get("PidsLimit", True)),
        rootless="name=rootless" in security,
        runtimes=tuple(info.get("Runtimes") or ()),
        default_runtime=str(info.get("DefaultRuntime", "")),
    )


@contextmanager
def told(remedy: str = "") -> Iterator[None]:
    """Turn what the client library raises into EngineError."""
    import requests

    import docker.errors

    try:
        yield
    except docker.errors.NotFound as error:
        raise MissingError(_text(error), remedy) from error
    except docker.errors.APIError as error:
        text = _text(error)
        raise EngineError(f"the engine refused: {text}", _ROOM if _FULL in text else remedy) from error
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        if "Permission denied" in str(error):
            remedy = "add this user to the group docker, or use a rootless engine by DOCKER_HOST"
            raise EngineError("this user may not use the engine's socket", remedy) from error
        raise EngineError(f"no engine answers ({_short(error)})", remedy) from error


def _socket() -> str:
    own = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    system = Path("/var/run/docker.sock")
    for choice in (system, own / "docker.sock", own / "podman" / "podman.sock"):
        try:
            if choice.is_socket():
                return f"unix://{choice}"
        except OSError:
            continue
    return f"unix://{system}"


def _text(error: Any) -> str:
    explanation = error.explanation
    text = explanation if isinstance(explanation, str) and explanation else str(error)
    return " ".join(text.split())[:500]


def _short(error: BaseException) -> str:
    # The library wraps the operating system's error several times over.
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    return " ".join(str(error).split())[:200]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
