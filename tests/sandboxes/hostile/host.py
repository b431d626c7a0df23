"""The host that is attacked: canaries of every kind, and whether they are still whole."""

import contextlib
import os
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Host:
    """Plants canaries; ``fill`` puts them into a probe; ``harmed`` says what was damaged."""

    def __init__(self, folder: Path) -> None:
        self.mark = secrets.token_hex(6)
        self.secret = f"secret-{secrets.token_hex(8)}"
        self.later = f"600.{secrets.randbelow(10**8):08}"
        self.folder = folder
        self.canary = folder / f"canary-{self.mark}"
        self.plant()

    def plant(self) -> None:
        """Make the canary afresh, in an otherwise empty folder that everyone may write to."""
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                entry.rmdir()
            else:
                entry.unlink()
        self.canary.write_text(self.secret)
        self.canary.chmod(0o666)
        self.folder.chmod(0o777)
        self._state = self._look()

    def _look(self) -> tuple[object, ...]:
        names = sorted(entry.name for entry in self.folder.iterdir() if not entry.is_socket())
        status = self.canary.lstat() if self.canary.exists() else None
        return names, status and (
            status.st_mode,
            status.st_mtime_ns,
            status.st_size,
            os.listxattr(self.canary),
        )

    def harmed(self) -> bool:
        """Whether the canary or its folder differ from what was planted."""
        return self._look() != self._state

    def open(self, stack: contextlib.ExitStack) -> None:
        """Start the host's servers and processes."""
        sleeper = subprocess.Popen(["sleep", "600"], env={"CANARY": self.secret})
        stack.callback(sleeper.wait)
        stack.callback(sleeper.kill)
        marked = subprocess.Popen(["sh", "-c", "sleep 600 & wait", self.mark], start_new_session=True)
        stack.callback(marked.wait)
        stack.callback(os.killpg, marked.pid, 9)
        self.pid = sleeper.pid
        self.port = self._serve(stack, socket.AF_INET, ("127.0.0.1", 0))[1]
        self.port6 = self._serve(stack, socket.AF_INET6, ("::1", 0))[1]
        self.abstract = f"abstract-{self.mark}"
        self._serve(stack, socket.AF_UNIX, f"\0{self.abstract}")
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="s", dir="/var/tmp"))
        Path(place).chmod(0o755)
        self.socket = f"{place}/s"
        self._serve(stack, socket.AF_UNIX, self.socket)
        Path(self.socket).chmod(0o777)
        self.groups = self._plant_group(stack)
        self.descriptor = os.open(self.canary, os.O_RDONLY)
        os.dup2(self.descriptor, 57, inheritable=True)
        os.close(self.descriptor)
        self.descriptor = 57
        stack.callback(os.close, 57)

    def _plant_group(self, stack: contextlib.ExitStack) -> list[str]:
        """A control group of the host, where this user may make one."""
        for parent in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup"):
            group = Path(parent, f"canary-{self.mark}")
            with contextlib.suppress(OSError):
                group.mkdir()
                stack.callback(group.rmdir)
                return [str(group)]
        return []

    @staticmethod
    def _serve(stack: contextlib.ExitStack, family: int, address: object) -> "tuple[str, int]":
        server = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        server.bind(address)  # type: ignore[arg-type]
        server.listen(64)
        name = server.getsockname()
        return name if isinstance(name, tuple) else ("", 0)

    def fill(self, code: str) -> str:
        """A probe with the placeholders replaced."""
        values = {
            "canary": self.canary, "folder": self.folder, "secret": self.secret, "mark": self.mark,
            "pid": self.pid, "port": self.port, "port6": self.port6, "abstract": self.abstract,
            "socket": self.socket, "descriptor": self.descriptor, "later": self.later,
            "node": os.uname().nodename, "groups": self.groups,
            "services": os.listdir("/run"), "data": os.listdir("/var/lib"),
        }  # fmt: skip
        for name, value in values.items():
            code = code.replace("{" + name + "}", str(value))
        return code

    def breached(self, output: bytes) -> bool:
        """Whether a probe's output or the host's state shows that it worked."""
        return (
            b"BREACH" in output.replace(b"BREACH-LATER", b"")
            or self.secret.encode() in output
            or self.harmed()
        )

    def survived(self) -> bool:
        """Whether a process that a probe left behind still runs."""
        for place in Path("/proc").iterdir():
            if place.name.isdigit():
                with contextlib.suppress(OSError):
                    if self.later.encode() in (place / "cmdline").read_bytes().split(b"\0"):
                        os.kill(int(place.name), 9)
                        return True
        return False


@contextlib.contextmanager
def host(folder: Path) -> Iterator[Host]:
    """An attacked host for the time of the context."""
    with contextlib.ExitStack() as stack:
        os.environ["CANARY"] = ""
        made = Host(folder)
        os.environ["CANARY"] = made.secret
        stack.callback(os.environ.pop, "CANARY", None)
        made.open(stack)
        yield made
