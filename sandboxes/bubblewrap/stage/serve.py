"""The stage's server: one process per harness that forks a stage for each job.

``python -I -S -c "…serve(FD, UID)"``. Requests arrive on a sequenced socket with the job's
descriptors: specification, standard input, output, error, and the job's control socket. The
server ends with the other end of its socket; each stage ends with its own control socket.
"""

import array
import json
import os
import random
import signal
import socket

from . import hierarchy
from .job import Host, read_spec, run_job
from .mounts import Owner, OwnerMaps

DESCRIPTORS = 5
_FIRST_UID, _UIDS = 0x60000000, 1 << 24


def serve(number: int) -> None:
    """Answer requests on descriptor ``number`` until its other end is closed."""
    listening = socket.socket(fileno=number)
    os.set_inheritable(number, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o022)
    owner = maps = None
    if os.geteuid() == 0:
        uid = _FIRST_UID + random.SystemRandom().randrange(_UIDS)
        owner = Owner(uid, uid)
        maps = OwnerMaps(owner)
        maps.get(0, 0)  # nearly every source belongs to root: made once for all stages
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parents = hierarchy.discover()
    name = hierarchy.PREFIX + (hierarchy.identity_of(os.getppid()) or "0-0-0")
    host = Host(owner, maps, parents, f"{name}-{os.getpid()}")
    serial = 0
    while True:
        descriptors = _receive(listening)
        if descriptors is None:
            return
        serial += 1
        if os.fork() == 0:
            listening.close()
            _stage(host, descriptors, serial)
        for descriptor in descriptors:
            os.close(descriptor)


def _receive(listening: socket.socket) -> list[int] | None:
    """The descriptors of the next request, None at the end."""
    while True:
        space = socket.CMSG_SPACE(DESCRIPTORS * 4)
        data, ancillary, _, _ = listening.recvmsg(16, space, socket.MSG_CMSG_CLOEXEC)
        if not data:
            return None
        received = array.array("i")
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received.frombytes(payload[: len(payload) - len(payload) % 4])
        if len(received) == DESCRIPTORS:
            return list(received)
        for descriptor in received:
            os.close(descriptor)


def _stage(host: Host, descriptors: list[int], serial: int) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        spec_file, stdin, stdout, stderr, control_number = descriptors
        control = socket.socket(fileno=control_number)
        spec, content = read_spec(spec_file)
        os.close(spec_file)
        try:
            report, out = run_job(host, spec, content, (stdin, stdout, stderr), control, serial)
        except Exception as error:  # whatever goes wrong is a failure of the sandbox, and is said
            report, out = {"end": "failed", "reason": f"{type(error).__name__}: {error}"}, None
        message = json.dumps(report).encode()
        try:
            # An order that nobody read would reset the connection and take the report with it.
            control.setblocking(False)
            while control.recv(16):
                pass
        except OSError:
            control.setblocking(True)
        try:
            socket.send_fds(control, [message], [] if out is None else [out])
        except OSError:
            return  # the harness is gone: nobody wants the report
    finally:
        os._exit(0)
