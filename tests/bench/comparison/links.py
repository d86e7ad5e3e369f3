"""Connections of the load generator: one request at a time on each, as a caller of its own has it.

Both protocols are spoken at the lowest level that is still right, so that the generator, which shares the machine with
what it measures, takes little of it, and the same little for gRPC and for HTTP.
"""

import asyncio
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import httptools
from hpack import Decoder, Encoder, HeaderTuple, NeverIndexedHeaderTuple

__all__ = ["GrpcLink", "HttpLink", "Link", "LinkError", "Reply", "Target", "connect"]


class LinkError(Exception):
    """A connection broke, or was used against its protocol."""


class Reply(NamedTuple):
    """What came back: `error` is empty when the call went well, `headers` are those at its end."""

    error: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Target:
    """Where requests go.

    Attributes:
        kind: `grpc` or `http`.
        port: on 127.0.0.1.
        path: of the method or resource.
        headers: that each request carries besides.
    """

    kind: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...] = ()


class Link(Protocol):
    """A connection."""

    async def call(self, body: bytes) -> Reply:
        """Asks, and waits for the answer.

        Raises:
            LinkError: the connection is lost.
        """
        ...

    def close(self) -> None:
        """Ends the connection."""
        ...


async def connect(target: Target) -> Link:
    """A connection of its own."""
    make: Callable[[Target], GrpcLink | HttpLink] = GrpcLink if target.kind == "grpc" else HttpLink
    _, link = await asyncio.get_running_loop().create_connection(lambda: make(target), "127.0.0.1", target.port)
    return link


class _Base(asyncio.Protocol):
    def __init__(self, target: Target) -> None:
        self._target = target
        self._transport: Any = None  # uvloop's is no subclass of asyncio's
        self._answer: asyncio.Future[Reply] | None = None
        self._lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(LinkError(f"connection lost: {exc or 'closed by the server'}"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _begin(self) -> "asyncio.Future[Reply]":
        if self._lost is not None:
            raise self._lost
        assert self._answer is None, "one request at a time"
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    def _finish(self, reply: Reply) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(reply)

    def _fail(self, error: Exception) -> None:
        self._lost = self._lost or error
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _write(self, data: bytes) -> None:
        self._transport.write(data)


class HttpLink(_Base):
    """HTTP/1.1 with a connection that stays (RFC 9112)."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        lines = [f"POST {target.path} HTTP/1.1", f"host: 127.0.0.1:{target.port}"]
        lines += [f"{name}: {value}" for name, value in target.headers]
        self._head = "\r\n".join(lines).encode()
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._headers: dict[str, str] = {}

    async def call(self, body: bytes) -> Reply:
        answer = self._begin()
        self._body, self._headers = [], {}
        self._write(b"%b\r\ncontent-length: %d\r\n\r\n%b" % (self._head, len(body), body))
        return await answer

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(LinkError(f"no HTTP: {error}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode().lower()] = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body, status = b"".join(self._body), self._parser.get_status_code()
        error = "" if 200 <= status < 300 else f"HTTP {status}: {body[:200].decode(errors='replace')}"
        self._parser = httptools.HttpResponseParser(self)
        self._finish(Reply(error, body, self._headers))


# Frames and flags of RFC 9113.
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY, _WINDOW = 0, 1, 3, 4, 6, 7, 8
_ACK = _END_STREAM = 0x1
_END_HEADERS, _PADDED, _PRIORITY = 0x4, 0x8, 0x20
_TABLE_SIZE, _PUSH, _INITIAL_WINDOW, _FRAME_SIZE = 1, 2, 4, 5
_MOST = 2**31 - 1
_DEFAULT_WINDOW, _DEFAULT_FRAME = 65_535, 16_384
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# Received bytes after which the connection's window is opened again.
_REFILL = 2**20


class GrpcLink(_Base):
    """Unary calls of gRPC over HTTP/2, one stream at a time.

    The server is told to keep no table of headers, so that equal headers come as equal bytes and are read once only.
    """

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._head = _request_headers(target)
        self._known: dict[bytes, dict[str, str]] = {}
        self._received = bytearray()
        self._stream = -1
        self._pending = memoryview(b"")
        self._window = self._stream_window = self._initial_window = _DEFAULT_WINDOW
        self._frame = _DEFAULT_FRAME
        self._unacknowledged = 0
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        settings = ((_TABLE_SIZE, 0), (_PUSH, 0), (_INITIAL_WINDOW, _MOST), (_FRAME_SIZE, 2**24 - 1))
        content = b"".join(struct.pack(">HI", *setting) for setting in settings)
        opened = _frame(_WINDOW, 0, 0, struct.pack(">I", _MOST - _DEFAULT_WINDOW))
        self._write(_PREFACE + _frame(_SETTINGS, 0, 0, content) + opened)

    async def call(self, body: bytes) -> Reply:
        answer = self._begin()
        self._stream += 2
        self._stream_window = self._initial_window
        self._body = bytearray()
        self._pending = memoryview(struct.pack(">BI", 0, len(body)) + body)
        self._write(_frame(_HEADERS, _END_HEADERS, self._stream, self._head) + self._next_data())
        return await answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= 9:
            size = int.from_bytes(self._received[:3])
            if len(self._received) < 9 + size:
                return
            kind, flags = self._received[3], self._received[4]
            stream = int.from_bytes(self._received[5:9]) & _MOST
            content = bytes(self._received[9 : 9 + size])
            del self._received[: 9 + size]
            self._take(kind, flags, stream, content)

    def _take(self, kind: int, flags: int, stream: int, content: bytes) -> None:
        if kind == _DATA:
            self._acknowledge(len(content))
            self._body += _unpadded(content, flags)
        elif kind == _HEADERS:
            self._take_headers(flags, content)
        elif kind == _WINDOW:
            self._open_window(stream, int.from_bytes(content) & _MOST)
        elif kind == _SETTINGS and not flags & _ACK:
            self._take_settings(content)
        elif kind == _PING and not flags & _ACK:
            self._write(_frame(_PING, _ACK, 0, content))
        elif kind == _RESET and stream == self._stream:
            self._finish(Reply(f"stream reset, error {int.from_bytes(content)}", b"", {}))
        elif kind == _GOAWAY:
            self._fail(LinkError(f"the server goes away: {content[8:].decode(errors='replace')}"))

    def _take_headers(self, flags: int, content: bytes) -> None:
        if not flags & _END_HEADERS:
            self._fail(LinkError("headers in several frames are not understood"))
            return
        if not flags & _END_STREAM:
            return  # what follows says how it ended
        block = _unpadded(content, flags)
        headers = self._known.get(block)
        if headers is None:
            headers = self._known[block] = _read_headers(block)
        status = headers.get("grpc-status", "missing")
        error = "" if status == "0" else f"gRPC status {status}: {headers.get('grpc-message', '')}"
        self._finish(Reply(error, bytes(self._body[5:]), headers))

    def _take_settings(self, content: bytes) -> None:
        for setting, value in struct.iter_unpack(">HI", content):
            if setting == _INITIAL_WINDOW:
                self._stream_window += value - self._initial_window
                self._initial_window = value
            elif setting == _FRAME_SIZE:
                self._frame = value
        self._write(_frame(_SETTINGS, _ACK, 0, b"") + self._next_data())

    def _open_window(self, stream: int, size: int) -> None:
        if stream == 0:
            self._window += size
        elif stream == self._stream:
            self._stream_window += size
        if self._pending:
            self._write(self._next_data())

    def _next_data(self) -> bytes:
        frames = []
        while self._pending and (room := min(self._window, self._stream_window, self._frame)) > 0:
            part, self._pending = self._pending[:room], self._pending[room:]
            self._window -= len(part)
            self._stream_window -= len(part)
            frames.append(_frame(_DATA, 0 if self._pending else _END_STREAM, self._stream, part))
        return b"".join(frames)

    def _acknowledge(self, size: int) -> None:
        self._unacknowledged += size
        if self._unacknowledged >= _REFILL:
            self._write(_frame(_WINDOW, 0, 0, struct.pack(">I", self._unacknowledged)))
            self._unacknowledged = 0


def _frame(kind: int, flags: int, stream: int, content: bytes | memoryview) -> bytes:
    return struct.pack(">IBI", len(content) << 8 | kind, flags, stream) + content


def _unpadded(content: bytes, flags: int) -> bytes:
    if flags & _PADDED:
        content = content[1 : len(content) - content[0]]
    return content[5:] if flags & _PRIORITY else content


def _request_headers(target: Target) -> bytes:
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", target.path),
        (":authority", f"127.0.0.1:{target.port}"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        *target.headers,
    ]
    # Never indexed: the same bytes serve for every request of the connection.
    return bytes(Encoder().encode([NeverIndexedHeaderTuple(*pair) for pair in headers], huffman=False))


def _read_headers(block: bytes) -> dict[str, str]:
    decoder = Decoder()
    decoder.header_table_size = 0
    decoder.max_allowed_table_size = 0
    return {_text(pair[0]): _text(pair[1]) for pair in decoder.decode(block)}


def _text(value: HeaderTuple | str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
