"""Unary gRPC calls over HTTP/2: a server on a unix socket, and a client.

The format is that of the gRPC project's "gRPC over HTTP2": a message is one byte (0: not
compressed), its length in four bytes and its bytes; the status travels in trailers.
"""

import os
import socket
import struct
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, Optional, Tuple
from urllib.parse import quote, unquote

from .link import ClosedError, Link

OK, UNKNOWN, DEADLINE, UNIMPLEMENTED, UNAVAILABLE = 0, 2, 4, 12, 14
CONTENT = ("content-type", "application/grpc")
MAX_MESSAGE = 512 << 20


class CallError(Exception):
    """A call ended with a status other than OK."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def framed(message: bytes) -> bytes:
    return b"\0" + struct.pack(">I", len(message)) + message


def unframed(data: bytes) -> bytes:
    """The one message of a unary call. Raises CallError for anything else."""
    if len(data) < 5 or data[0] or struct.unpack(">I", data[1:5])[0] != len(data) - 5:
        raise CallError(UNKNOWN, "no plain gRPC message")
    return data[5:]


class _Stream:
    def __init__(self, method: str = "") -> None:
        self.method = method
        self.data = bytearray()
        self.status: Optional[int] = None
        self.message = ""
        self.done: "Future[bytes]" = Future()


class Client:
    """Calls over one connection; may be used from several threads."""

    def __init__(self, sock: socket.socket) -> None:
        self._link = Link(sock, client=True)
        self._streams: Dict[int, _Stream] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, method: str, message: bytes, timeout: float) -> bytes:
        """The answer to a unary call. Raises CallError."""
        stream = _Stream(method)
        headers = [
            (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "localhost"),
            ("te", "trailers"), CONTENT, ("user-agent", "harness"),
        ]  # fmt: skip
        try:
            with self._link.lock():
                if self._link.closed:
                    raise ClosedError
                number = self._link.new_stream()
                self._streams[number] = stream
                self._link.headers(number, headers)
            self._link.data(number, framed(message), end=True)
            return stream.done.result(timeout)
        except ClosedError:
            raise CallError(UNAVAILABLE, "the provider is gone")
        except TimeoutError:
            raise CallError(DEADLINE, "no answer within %d s" % timeout)
        except CallError:
            raise
        except Exception as error:  # concurrent.futures.TimeoutError is its own class before 3.11
            raise CallError(DEADLINE, type(error).__name__)

    def close(self) -> None:
        self._link.close()

    def _read(self) -> None:
        self._link.read(self._event)
        for stream in list(self._streams.values()):
            _fail(stream, CallError(UNAVAILABLE, "the provider ended"))

    def _event(self, event: Any) -> None:
        kinds = self._link.events
        stream = self._streams.get(getattr(event, "stream_id", None) or 0)
        if stream is None:
            return
        if isinstance(event, (kinds.ResponseReceived, kinds.TrailersReceived)):
            headers = dict(event.headers)
            if "grpc-status" in headers:
                stream.status = int(headers["grpc-status"])
                stream.message = unquote(headers.get("grpc-message", ""))
        elif isinstance(event, kinds.DataReceived):
            stream.data += event.data
            if len(stream.data) > MAX_MESSAGE:
                _fail(stream, CallError(UNKNOWN, "the answer is too large"))
        elif isinstance(event, kinds.StreamEnded):
            del self._streams[event.stream_id]
            self._finish(stream)
        elif isinstance(event, kinds.StreamReset):
            del self._streams[event.stream_id]
            _fail(stream, CallError(UNAVAILABLE, "the provider reset the call"))

    def _finish(self, stream: _Stream) -> None:
        if stream.status != OK:
            _fail(stream, CallError(UNKNOWN if stream.status is None else stream.status, stream.message))
            return
        try:
            answer = unframed(bytes(stream.data))
        except CallError as error:
            _fail(stream, error)
            return
        if not stream.done.done():
            stream.done.set_result(answer)


def _fail(stream: _Stream, error: CallError) -> None:
    if not stream.done.done():
        stream.done.set_exception(error)


Handler = Callable[[str, bytes, Dict[str, Any]], bytes]


class Server:
    """Answers unary calls on a unix socket.

    ``handler(method, message, session)`` gives the answer or raises CallError; ``session`` is
    a dictionary that lives as long as the caller's connection. Methods for which ``serves``
    is false are unimplemented, streaming ones included.
    """

    def __init__(self, path: str, handler: Handler, serves: Callable[[str], bool]) -> None:
        self.path = path
        self._handler = handler
        self._serves = serves
        self._pool = ThreadPoolExecutor(24)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            link = Link(sock, client=False)
        except ClosedError:
            return
        session: Dict[str, Any] = {}
        streams: Dict[int, _Stream] = {}

        def on_event(event: Any) -> None:
            self._event(link, streams, session, event)

        link.read(on_event)
        link.close()

    def _event(self, link: Link, streams: Dict[int, _Stream], session: Dict[str, Any], event: Any) -> None:
        kinds = link.events
        if isinstance(event, kinds.RequestReceived):
            method = dict(event.headers).get(":path", "")
            if self._serves(method):
                streams[event.stream_id] = _Stream(method)
            else:
                _end(link, event.stream_id, UNIMPLEMENTED, "not served")
        elif isinstance(event, kinds.DataReceived) and event.stream_id in streams:
            streams[event.stream_id].data += event.data
        elif isinstance(event, kinds.StreamEnded) and event.stream_id in streams:
            stream = streams.pop(event.stream_id)
            self._pool.submit(self._answer, link, event.stream_id, stream, session)
        elif isinstance(event, kinds.StreamReset):
            streams.pop(event.stream_id, None)

    def _answer(self, link: Link, number: int, stream: _Stream, session: Dict[str, Any]) -> None:
        try:
            status, message, answer = self._handled(stream, session)
            if status != OK:
                _end(link, number, status, message)
                return
            link.headers(number, [(":status", "200"), CONTENT])
            link.data(number, framed(answer))
            link.headers(number, [("grpc-status", "0")], end=True)
        except Exception:  # the caller reset the stream or is gone
            return

    def _handled(self, stream: _Stream, session: Dict[str, Any]) -> Tuple[int, str, bytes]:
        try:
            return OK, "", self._handler(stream.method, unframed(bytes(stream.data)), session)
        except CallError as error:
            return error.status, str(error), b""
        except Exception as error:  # a fault of ours must reach terraform as an error, not as silence
            return UNKNOWN, "%s: %s" % (type(error).__name__, error), b""

    def close(self) -> None:
        self._listener.close()
        self._pool.shutdown(wait=False)
        try:
            os.unlink(self.path)
        except OSError:
            pass


def _end(link: Link, number: int, status: int, message: str) -> None:
    headers = [
        (":status", "200"),
        CONTENT,
        ("grpc-status", str(status)),
        ("grpc-message", quote(message[:4000])),
    ]
    try:
        link.headers(number, headers, end=True)
    except Exception:  # the stream or the connection ended meanwhile
        return
