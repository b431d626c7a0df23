"""There is no network beyond the loopback interface of the job itself."""

import socket
import threading

from harness.sandbox.conformance.world import World, behaviour, expect, says, succeeded

_TRY = """
import socket
try:
    s = socket.socket({family}, {kind})
    s.settimeout(3)
    s.connect({address!r})
    {after}
    print("reached")
except OSError as error:
    print("refused")
"""


def _attempt(family: str, kind: str, address: object, after: str = "pass") -> str:
    return _TRY.format(family=f"socket.{family}", kind=f"socket.{kind}", address=address, after=after)


@behaviour("network: no address outside is reached")
def outside(world: World) -> None:
    for address in (("192.0.2.1", 80), ("1.1.1.1", 53), ("169.254.169.254", 80), ("10.0.0.1", 22)):
        says(world.python(_attempt("AF_INET", "SOCK_STREAM", address)), "refused")


@behaviour("network: no address outside is reached by datagrams or IPv6")
def datagrams(world: World) -> None:
    says(world.python(_attempt("AF_INET", "SOCK_DGRAM", ("1.1.1.1", 53), "s.send(b'x')")), "refused")
    says(world.python(_attempt("AF_INET6", "SOCK_STREAM", ("2606:4700:4700::1111", 53))), "refused")


@behaviour("network: a server of the host is not reached")
def host_server(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted = threading.Event()

        def accept() -> None:
            try:
                server.accept()[0].close()
                accepted.set()
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        says(world.python(_attempt("AF_INET", "SOCK_STREAM", server.getsockname())), "refused")
        expect(not accepted.is_set(), "the host's server got a connection")
        server.settimeout(0)


@behaviour("network: an abstract socket of the host is not reached")
def abstract_socket(world: World) -> None:
    name = "\0conformance-abstract"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        says(world.python(_attempt("AF_UNIX", "SOCK_STREAM", name)), "refused")


@behaviour("network: names are not resolved")
def names(world: World) -> None:
    code = (
        "import socket\n"
        "try:\n"
        "  socket.getaddrinfo('example.com', 80); print('resolved')\n"
        "except OSError: print('refused')"
    )
    says(world.python(code), "refused")


@behaviour("network: the job's own loopback works")
def loopback(world: World) -> None:
    code = (
        "import socket\ns = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname());"
        "a = s.accept()[0]; c.send(b'hi'); print(a.recv(9).decode())"
    )
    says(world.python(code), "hi")


@behaviour("network: localhost has a name")
def localhost(world: World) -> None:
    says(world.python("import socket; print(socket.gethostbyname('localhost'))"), "127.0.0.1")


@behaviour("network: there is only the loopback interface")
def interfaces(world: World) -> None:
    result = succeeded(world.shell("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"))
    found = set(result.stdout.decode().split())
    expect("lo" in found and all(name == "lo" or name.startswith(("tunl", "sit", "gre", "ip6", "erspan", "ip_vti"))
                                 for name in found), f"interfaces: {found}")  # fmt: skip


@behaviour("network: unusual socket families are refused")
def families(world: World) -> None:
    code = (
        "import socket\nfor family in (16, 17, 38, 40, 29, 30, 31, 21):\n"
        "  kind = socket.SOCK_RAW if family in (16, 17) else socket.SOCK_STREAM\n"
        "  try: socket.socket(family, kind); print('made', family)\n"
        "  except OSError: pass"
    )
    says(world.python(code), "")


@behaviour("network: raw sockets are refused")
def raw(world: World) -> None:
    code = (
        "import socket\n"
        "try:\n"
        "  socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print('made')\n"
        "except OSError: print('refused')"
    )
    says(world.python(code), "refused")
