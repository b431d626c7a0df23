"""One HTTP/2 connection, either end of it: frames by the library h2, blocking sends, one reader.

h2 is pure Python and comes from the harness's own environment (see ``http2_packages`` of the
check); it is found on the path that :func:`use` names.
"""

import importlib
import socket
import sys
import threading
from typing import Any, Callable, Sequence, Tuple

WINDOW = 1 << 26
CHUNK = 1 << 16
STALLED = 120.0
Headers = Sequence[Tuple[str, str]]


def use(folder: str) -> None:
    """Make the packages of a folder importable, after everything else."""
    if folder not in sys.path:
        sys.path.append(folder)


class ClosedError(Exception):
    """The other end is gone."""


class Link:
    """A connection. ``on_event`` gets every event of h2, from the reader's thread."""

    def __init__(self, sock: socket.socket, client: bool) -> None:
        connection, config = importlib.import_module("h2.connection"), importlib.import_module("h2.config")
        settings = importlib.import_module("h2.settings")
        self.events = importlib.import_module("h2.events")
        self.socket = sock
        self.closed = False
        self._changed = threading.Condition(threading.RLock())
        self._h2 = connection.H2Connection(
            config.H2Configuration(
                client_side=client, header_encoding="utf-8", validate_inbound_headers=False,
                validate_outbound_headers=False, normalize_inbound_headers=False,
                normalize_outbound_headers=False,
            )
        )  # fmt: skip
        codes = settings.SettingCodes
        self._h2.local_settings = settings.Settings(
            client=client,
            initial_values={
                codes.INITIAL_WINDOW_SIZE: WINDOW,
                codes.MAX_CONCURRENT_STREAMS: 1000,
                codes.ENABLE_PUSH: 0,
            },
        )
        with self._changed:
            self._h2.initiate_connection()
            self._h2.increment_flow_control_window(WINDOW)
            self._flush()

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data:
            try:
                self.socket.sendall(data)
            except OSError:
                self._end()
                raise ClosedError

    def _end(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def new_stream(self) -> int:
        """The number of a stream that this client opens; hold :meth:`lock` until its headers are sent."""
        number: int = self._h2.get_next_available_stream_id()
        return number

    def lock(self) -> threading.Condition:
        return self._changed

    def headers(self, stream: int, headers: Headers, end: bool = False) -> None:
        with self._changed:
            self._h2.send_headers(stream, list(headers), end_stream=end)
            self._flush()

    def data(self, stream: int, data: bytes, end: bool = False) -> None:
        """Send a message's bytes as the other end's windows allow. Raises ClosedError."""
        position = 0
        with self._changed:
            while position < len(data) or not data:
                window = self._h2.local_flow_control_window(stream)
                if window <= 0 and data:
                    if self.closed or not self._changed.wait(STALLED):
                        raise ClosedError
                    continue
                size = min(window, self._h2.max_outbound_frame_size, CHUNK)
                part = data[position : position + size]
                position += len(part)
                self._h2.send_data(stream, part, end_stream=end and position >= len(data))
                self._flush()
                if not data:
                    return

    def read(self, on_event: Callable[[Any], None]) -> None:
        """Feed what arrives to h2 and hand its events on, until the connection ends."""
        exceptions = importlib.import_module("h2.exceptions")
        try:
            while True:
                received = self.socket.recv(1 << 18)
                if not received:
                    return
                with self._changed:
                    events = self._h2.receive_data(received)
                    for event in events:
                        if isinstance(event, self.events.DataReceived):
                            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    self._flush()
                    self._changed.notify_all()
                for event in events:
                    on_event(event)
                    if isinstance(event, self.events.ConnectionTerminated):
                        return
        except (OSError, ClosedError, exceptions.ProtocolError):
            return
        finally:
            self._end()

    def close(self) -> None:
        self._end()
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
