"""The proxy of sandboxes that set up dependencies."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from harness.sandbox.proxy import ConnectProxy, is_public


@contextlib.contextmanager
def registry() -> Iterator[int]:
    """A server that answers each piece of data in capitals; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    with client, contextlib.suppress(OSError):
                        while data := client.recv(1000):
                            client.sendall(data.upper())

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def ask(proxy: ConnectProxy, request: str) -> tuple[socket.socket, str]:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(20)
    client.connect(str(proxy.folder / "socket"))
    client.sendall(request.encode())
    return client, client.recv(1000).decode().split("\r\n")[0]


def local(port: int, **changes: int) -> ConnectProxy:
    return ConnectProxy(
        {("registry.test", 443)},
        find=lambda host, _: [("127.0.0.1", port)],
        accept=lambda address: True,
        **changes,
    )


def test_an_allowed_host_is_connected() -> None:
    with registry() as port, local(port) as proxy:
        client, answer = ask(proxy, "CONNECT Registry.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer == "HTTP/1.1 200 Connection established"
        client.sendall(b"hello")
        assert client.recv(100) == b"HELLO"
        client.close()
        assert not proxy.refused


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("CONNECT other.test:443 HTTP/1.1", 403),
        ("CONNECT registry.test:80 HTTP/1.1", 403),
        ("CONNECT registry.test.:443 HTTP/1.1", 403),
        ("CONNECT x.registry.test:443 HTTP/1.1", 403),
        ("CONNECT user@registry.test:443 HTTP/1.1", 405),
        ("CONNECT [::1]:443 HTTP/1.1", 405),
        ("GET http://registry.test:443/ HTTP/1.1", 405),
        ("CONNECT registry.test:443 HTTP/1.1 x", 405),
        ("connect registry.test:443 HTTP/1.1", 405),
        ("", 405),
    ],
)
def test_everything_else_is_refused(line: str, status: int) -> None:
    with registry() as port, local(port) as proxy:
        client, answer = ask(proxy, f"{line}\r\n\r\n")
        client.close()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert len(proxy.refused) == 1


def test_a_name_that_resolves_to_this_machine_leads_nowhere() -> None:
    with registry() as port:
        found = [("93.184.216.34", 443), ("127.0.0.1", port)]
        with ConnectProxy({("registry.test", 443)}, find=lambda host, number: found) as proxy:
            client, answer = ask(proxy, "CONNECT registry.test:443 HTTP/1.1\r\n\r\n")
            client.close()
    assert answer == "HTTP/1.1 403 No public address"


def test_bytes_are_capped_for_all_connections_together() -> None:
    with registry() as port, local(port, max_sent=10) as proxy:
        for data, wanted in ((b"123456", b"123456"), (b"123456", b"")):
            client, _ = ask(proxy, "CONNECT registry.test:443 HTTP/1.1\r\n\r\n")
            client.sendall(data)
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(100) == wanted
            client.close()
    assert proxy.refused == ["more than the allowed bytes were sent"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1", False), ("fe80::1%eth0", False),
        ("fd00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:93.184.216.34", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("ff02::1", False), ("localhost", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_nothing_is_left() -> None:
    with local(1) as proxy:
        folder = proxy.folder
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert not folder.parent.exists()
