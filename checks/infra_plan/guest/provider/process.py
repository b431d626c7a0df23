"""A real provider plugin as a child process: go-plugin's handshake, then gRPC on a unix socket."""

import base64
import os
import select
import socket
import ssl
import subprocess
import tempfile
import time
import zipfile
from typing import Dict, List

from ..wire.grpc import UNAVAILABLE, CallError, Client

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
STARTING = 60.0
LINE = 1 << 16


class Process:
    """One running provider. ``protocol`` is the version that it speaks, 5 or 6."""

    def __init__(self, program: str, env: Dict[str, str], folder: str) -> None:
        self._words = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - as long as the process
        settings = {
            "TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_MIN_PORT": "10000",
            "PLUGIN_MAX_PORT": "25000", "TF_APPEND_USER_AGENT": "",
        }  # fmt: skip
        try:
            self._child = subprocess.Popen(
                [program], env={**env, **settings}, cwd=folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=self._words,
            )  # fmt: skip
        except OSError as error:
            raise CallError(UNAVAILABLE, "the provider does not start: %s" % error)
        parts = self._handshake()
        self.protocol = int(parts[1])
        self._client = Client(_connect(parts))

    def _handshake(self) -> List[str]:
        """The fields of ``core version|protocol|network|address|kind|certificate``."""
        output = self._child.stdout
        assert output is not None
        line, end = b"", time.monotonic() + STARTING
        while not line.endswith(b"\n") and len(line) < LINE:
            ready, _, _ = select.select([output], [], [], max(0.0, end - time.monotonic()))
            part = os.read(output.fileno(), LINE) if ready else b""
            if not part:
                raise CallError(UNAVAILABLE, "the provider does not start: " + self.words())
            line += part
        parts = line.decode("utf-8", "replace").strip().split("|")
        if len(parts) < 5 or parts[4] != "grpc" or parts[1] not in ("5", "6"):
            raise CallError(UNAVAILABLE, "the provider speaks neither protocol 5 nor 6")
        return parts

    def words(self) -> str:
        """The end of what it wrote to standard error."""
        self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, self._words.tell() - 1500))
        return self._words.read().decode("utf-8", "replace").strip()

    def call(self, method: str, message: bytes, timeout: float) -> bytes:
        """Forward a call. Raises CallError, with the provider's last words when it crashed."""
        try:
            return self._client.call(method, message, timeout)
        except CallError as error:
            if error.status == UNAVAILABLE:
                raise CallError(UNAVAILABLE, "the provider crashed: " + self.words()[-600:])
            raise

    def close(self) -> None:
        self._client.close()
        self._child.kill()
        self._child.wait()


def _connect(parts: List[str]) -> socket.socket:
    if parts[2] == "unix":
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(parts[3])
    else:
        host, _, port = parts[3].rpartition(":")
        sock = socket.create_connection((host, int(port)))
    if len(parts) < 6 or not parts[5]:
        return sock
    # It insists on TLS and says with which certificate: its own, for this process only.
    certificate = base64.b64decode(parts[5] + "=" * (-len(parts[5]) % 4))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate)
    context.set_alpn_protocols(["h2"])
    return context.wrap_socket(sock, server_hostname="localhost")


def unpacked(program: str, folder: str) -> str:
    """The program itself; out of its archive where a mirror holds archives."""
    if not program.endswith(".zip"):
        return program
    with zipfile.ZipFile(program) as archive:
        name = next(n for n in archive.namelist() if os.path.basename(n).startswith("terraform-provider-"))
        target = os.path.join(folder, os.path.basename(name))
        with archive.open(name) as source, open(target, "wb") as sink:
            for part in iter(lambda: source.read(1 << 20), b""):
                sink.write(part)
    os.chmod(target, 0o700)
    return target
