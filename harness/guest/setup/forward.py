"""Connects programs that know only TCP with the proxy's local socket. Runs INSIDE.

The only way out of the sandbox is that socket; what may pass is decided on its other side.
"""

import socket
import threading

SOCKET = "/in/proxy/socket"


def listen() -> socket.socket:
    """A server on a free loopback port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("127.0.0.1", 0))
    server.listen(64)
    return server


def serve(server: socket.socket) -> None:
    """Connect everyone who asks, for ever."""
    while True:
        client, _ = server.accept()
        threading.Thread(target=connect, args=(client,), daemon=True).start()


def connect(client: socket.socket) -> None:
    """Join one client to the proxy until both have ended."""
    proxy = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        proxy.connect(SOCKET)
    except OSError:
        client.close()
        proxy.close()
        return
    other = threading.Thread(target=pump, args=(proxy, client), daemon=True)
    other.start()
    pump(client, proxy)
    other.join()
    client.close()
    proxy.close()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until the end of ``source``, and tell ``target`` of it."""
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
