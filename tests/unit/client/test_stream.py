from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import grpc
import pytest

from sensorium.type.v1 import request_context_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import (
    AsyncVisionClient,
    ClassifyOptions,
    EmbedOptions,
    Frame,
    InternalError,
    InvalidInputError,
    OverloadedError,
    RequestContext,
    SensoriumError,
    UnavailableError,
    VisionClient,
)
from sensorium_client._vision.stream import FrameSession
from unit.client.driver import Driver, Serve
from unit.client.scripted import Script, status


def told(results: list[Any]) -> list[str]:
    """The label of each frame, or the reason it failed for."""
    return [r.error.reason if r.error else r.annotation.labels[0].name for r in results]


def test_results_come_in_the_order_of_the_frames(client: Driver) -> None:
    results = client.stream([f"{i}".encode() for i in range(50)])
    assert told(results) == [str(i) for i in range(50)]
    assert [result.sequence for result in results] == list(range(50))


def test_no_frames_no_results(client: Driver) -> None:
    assert client.stream([]) == []


def test_requests(client: Driver, script: Script) -> None:
    frame = Frame(b"b", "left", RequestContext(part_id="p2"), region=(1, 2, 3, 4))
    context = RequestContext(part_id="p1")
    results = client.stream([b"a", frame], [EmbedOptions("m")], context=context, max_in_flight=7)
    config, first, second = script.requests
    assert config.config == pb.StreamAnnotateConfig(
        context=request_context_pb2.RequestContext(part_id="p1"),
        options=pb.AnnotateOptions(embed=pb.EmbedOptions(model="m")),
        max_in_flight=7,
    )
    assert (first.frame.image.encoded, first.frame.frame_id) == (b"a", "")
    assert (second.frame.frame_id, second.frame.context.part_id) == ("left", "p2")
    assert second.frame.image.region.height == 4
    assert [result.frame_id for result in results] == ["", "left"]


def test_a_bad_frame_ends_nothing(client: Driver) -> None:
    results = client.stream([b"1", b"bad", b"3"])
    assert told(results) == ["1", "IMAGE_CORRUPT", "3"]
    assert isinstance(results[1].error, InvalidInputError)
    assert results[1].annotation is None
    assert results[0].error is None


def test_frames_that_cannot_be_sent_fail_in_their_place(client: Driver, script: Script, tmp_path: Path) -> None:
    missing = Frame(tmp_path / "missing.jpg", "lost")
    results = client.stream([missing, b"1", missing, missing, b"bad", b"5", missing])
    lost = "FILE_UNREADABLE"
    assert told(results) == [lost, "1", lost, lost, "IMAGE_CORRUPT", "5", lost]
    assert [result.sequence for result in results] == list(range(7))
    assert results[0].frame_id == "lost"
    assert len(script.requests) == 1 + 3


def test_a_stream_that_fails(client: Driver, script: Script) -> None:
    script.stream_failure = status(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", reason="OVERLOADED", retry_delay=1.0)
    # again and again, because grpc.aio tells a failed write from the server's status only by chance
    for count in range(50):
        with pytest.raises(OverloadedError) as caught:
            client.stream([b"1"] * (count % 4))
        assert caught.value.reason == "OVERLOADED"


def test_nobody_there(unconnected: Driver) -> None:
    with pytest.raises(UnavailableError, match="cannot reach"):
        unconnected.connect("127.0.0.1:1").stream([b"1"])


def test_bad_features_fail_at_once(client: Driver) -> None:
    with pytest.raises(InvalidInputError):
        client.stream([b"1"], [ClassifyOptions(), ClassifyOptions()])


def test_the_callers_own_failure_comes_back_after_the_results(client: Driver) -> None:
    def frames() -> Iterator[bytes]:
        yield b"1"
        yield b"2"
        raise LookupError("camera gone")

    seen: list[Any] = []
    with pytest.raises(LookupError, match="camera gone"):
        client.stream(frames(), into=seen)
    assert told(seen) == ["1", "2"]


def test_frames_from_an_async_iterator(serve: Serve, script: Script, loop: Any) -> None:
    async def camera() -> AsyncIterator[bytes]:
        for i in range(3):
            yield f"{i}".encode()

    async def use() -> list[Any]:
        async with AsyncVisionClient(serve_address) as client:
            return [result async for result in client.annotate_stream(camera())]

    serve_address = serve(script)
    assert told(loop.run(use())) == ["0", "1", "2"]


def test_leaving_early_ends_the_stream(serve: Serve, script: Script, loop: Any) -> None:
    stop = threading.Event()

    def endless() -> Iterator[bytes]:
        while not stop.is_set():
            yield b"x"

    address = serve(script)
    with VisionClient(address) as client:
        results = client.annotate_stream(endless())
        assert next(results).sequence == 0
        results.close()
        stop.set()

    async def use() -> int:
        async with AsyncVisionClient(address) as client, aclosing(client.annotate_stream(endless_async())) as results:
            async for result in results:
                return int(result.sequence)
        return -1

    async def endless_async() -> AsyncIterator[bytes]:
        while True:
            yield b"x"

    assert loop.run(use()) == 0


def test_answers_that_do_not_fit_the_frames() -> None:
    session = FrameSession([EmbedOptions()], None, 0)
    with pytest.raises(InternalError, match="not sent"):
        list(session.results_for(pb.StreamAnnotateResponse()))
    session.request_for(b"x")
    with pytest.raises(InternalError, match="1 frames not answered"):
        list(session.last_results())


def test_errors_of_frames_are_of_the_tree(client: Driver) -> None:
    (result,) = client.stream([b"bad"])
    assert isinstance(result.error, SensoriumError)
    assert result.error.code is grpc.StatusCode.INVALID_ARGUMENT
