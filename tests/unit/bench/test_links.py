"""The generator's own HTTP/2 and HTTP/1.1, against servers that are none of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest

from bench.comparison.links import LinkError, Target, connect

METHOD = "/bench.Echo/Call"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that sends back what it gets; a request of the text `fail` ends in an error."""

    async def echo(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        if request == b"fail":
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full up", (("x-more", "1"),))
        return request

    server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)])
    handler: Any = grpc.unary_unary_rpc_method_handler(echo)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", {"Call": handler}),))
    found = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield found
    await server.stop(None)


async def test_calls_of_any_size_come_back_whole_on_one_connection(port: int) -> None:
    link = await connect(Target("grpc", port, METHOD, (("x-request-id", "bench"),)))
    for size in (0, 1, 16_384, 65_535, 65_536, 3_000_000):
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        reply = await link.call(body)
        assert (reply.error, reply.body) == ("", body)
    link.close()


async def test_an_error_is_told_with_its_status_and_metadata(port: int) -> None:
    link = await connect(Target("grpc", port, METHOD))
    reply = await link.call(b"fail")
    assert reply.error == "gRPC status 8: full up"
    assert (reply.headers["grpc-status"], reply.headers["x-more"]) == ("8", "1")
    assert (await link.call(b"again")).body == b"again"
    link.close()


async def test_an_unknown_method_is_an_error(port: int) -> None:
    link = await connect(Target("grpc", port, "/bench.Echo/Other"))
    assert (await link.call(b"")).error.startswith("gRPC status 12")
    link.close()


@asynccontextmanager
async def http_server(answer: bytes) -> AsyncIterator[int]:
    """A server that reads requests of ten bytes and gives a fixed answer to each."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while b"close" not in answer or not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                assert b"POST /path HTTP/1.1" in head
                assert b"content-length: 10" in head
                assert await reader.readexactly(10) == b"0123456789"
                writer.write(answer)
                if b"close" in answer:
                    writer.close()
        writer.close()
        await writer.wait_closed()
        ended.set()

    ended = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    await ended.wait()


async def test_http_answers_are_read_by_length_and_in_chunks() -> None:
    for answer in (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ):
        async with http_server(answer) as port:
            link = await connect(Target("http", port, "/path"))
            for _ in range(2):
                reply = await link.call(b"0123456789")
                assert (reply.error, reply.body) == ("", b"hello")
            link.close()


async def test_an_http_error_is_told() -> None:
    async with http_server(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy") as port:
        link = await connect(Target("http", port, "/path"))
        assert (await link.call(b"0123456789")).error == "HTTP 503: busy"
        link.close()


async def test_a_lost_connection_fails_the_call_and_those_after_it() -> None:
    async with http_server(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 50\r\n\r\nhello") as port:
        link = await connect(Target("http", port, "/path"))
        for _ in range(2):
            with pytest.raises(LinkError):
                await link.call(b"0123456789")
