"""The only way out of a sandbox that sets up dependencies: a CONNECT proxy on a local socket.

It knows one method, lets through to the hosts and ports of an allow-list and no others, and
connects only to public addresses, so that a registry's name that resolves to this machine or
its network leads nowhere. TLS stays between the client and the registry.
"""

import contextlib
import ipaddress
import os
import re
import select
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Self

from harness.sandbox.harvest import readable

SOCKET = "socket"
MAX_SENT = 16 << 20
MAX_RECEIVED = 2 << 30
MAX_CONNECTIONS = 32
_MAX_HEAD = 8192
_PATIENCE = 15.0
_IDLE = 90.0
_MAX_REFUSED = 20
_REQUEST = re.compile(rb"CONNECT ([A-Za-z0-9.-]{1,253}):([0-9]{1,5}) HTTP/1\.[01]")
# Addresses that carry another one inside, which may be private.
_CARRIERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))

Address = tuple[str, int]
Resolve = Callable[[str, int], Sequence[Address]]


def resolve(host: str, port: int) -> list[Address]:
    """Numeric addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(item[4][0]), port) for item in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the internet at large: not to this machine or a network of it."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:  # with a scope, hence local
        return False
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped is not None:
            return False
        if any(number in carrier for carrier in _CARRIERS):
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved


class ConnectProxy:
    """A running proxy, for the time of the context. ``folder`` holds its socket and nothing else.

    ``MAX_SENT`` and ``MAX_RECEIVED`` bytes are the bounds of all connections together.
    """

    def __init__(
        self, allowed: Collection[Address], find: Resolve = resolve, accept: Callable[[str], bool] = is_public,
        max_sent: int = MAX_SENT, max_received: int = MAX_RECEIVED,
    ) -> None:  # fmt: skip
        self._allowed = frozenset(allowed)
        self._find = find
        self._accept = accept
        self._left = {"sent": max_sent, "received": max_received}
        self._counting = threading.Lock()
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open = True
        self.refused: list[str] = []

    def __enter__(self) -> Self:
        # Other users of this machine cannot pass the outer folder; the sandbox is given the inner one.
        self._outer = Path(tempfile.mkdtemp(prefix="harness-proxy-"))
        self.folder = self._outer / "proxy"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        handle = os.open(self.folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:  # the real path may be longer than a socket's may be
            self._server.bind(f"/proc/self/fd/{handle}/{SOCKET}")
        finally:
            os.close(handle)
        (self.folder / SOCKET).chmod(0o666)
        self._server.listen(64)
        self._server.settimeout(0.2)
        self._thread = threading.Thread(target=self._serve, name="setup-proxy", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._thread.join()
        self._server.close()
        shutil.rmtree(self._outer, ignore_errors=True)

    def _serve(self) -> None:
        while self._open:
            with contextlib.suppress(TimeoutError, OSError):
                client, _ = self._server.accept()
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if not self._places.acquire(timeout=_PATIENCE):
                client.sendall(_reply("503 Too many connections"))
                return
            try:
                self._handle(client)
            finally:
                self._places.release()

    def _handle(self, client: socket.socket) -> None:
        head, rest = _read_head(client)
        match = _REQUEST.fullmatch(head.split(b"\r\n", 1)[0])
        if match is None:
            self._refuse(client, "405 Only CONNECT", head.split(b"\r\n", 1)[0].decode("latin-1"))
            return
        host, port = match[1].decode().lower(), int(match[2])
        if (host, port) not in self._allowed:
            self._refuse(client, "403 Not allowed", f"{host}:{port}")
            return
        try:
            addresses = self._find(host, port)
        except OSError:
            addresses = []
        if not addresses or not all(self._accept(address) for address, _ in addresses):
            self._refuse(client, "403 No public address", f"{host}:{port} (no public address)")
            return
        try:
            upstream = _connect(addresses)
        except OSError:
            self._refuse(client, "502 Unreachable", f"{host}:{port} (cannot be reached)")
            return
        with upstream:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if rest and self._count("sent", len(rest)):
                upstream.sendall(rest)
            self._join(client, upstream)

    def _refuse(self, client: socket.socket, status: str, what: str) -> None:
        if len(self.refused) < _MAX_REFUSED and readable(what) not in self.refused:
            self.refused.append(readable(what))
        client.sendall(_reply(status))

    def _join(self, client: socket.socket, upstream: socket.socket) -> None:
        ways = {client: (upstream, "sent"), upstream: (client, "received")}
        for one in ways:
            one.settimeout(_PATIENCE)
        last = time.monotonic()
        while ways and self._open and time.monotonic() - last < _IDLE:
            ready, _, _ = select.select(list(ways), [], [], 1.0)
            for source in ready:
                last = time.monotonic()
                target, way = ways[source]
                data = source.recv(65536)
                if not data:
                    del ways[source]
                    target.shutdown(socket.SHUT_WR)
                elif self._count(way, len(data)):
                    target.sendall(data)
                else:
                    return

    def _count(self, way: str, size: int) -> bool:
        with self._counting:
            self._left[way] -= size
            if self._left[way] >= 0:
                return True
            text = f"more than the allowed bytes were {way}"
            if text not in self.refused:
                self.refused.append(text)
            return False


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    """(request line and headers, what came behind them). Raises OSError when they do not come."""
    deadline = time.monotonic() + _PATIENCE
    data = b""
    while b"\r\n\r\n" not in data:
        client.settimeout(max(0.01, deadline - time.monotonic()))
        chunk = client.recv(_MAX_HEAD)
        if not chunk or len(data) + len(chunk) > 2 * _MAX_HEAD or time.monotonic() > deadline:
            raise ConnectionError("no request came")
        data += chunk
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _connect(addresses: Sequence[Address]) -> socket.socket:
    problem = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection(address, _PATIENCE)
        except OSError as error:
            problem = error
    raise problem


def _reply(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
