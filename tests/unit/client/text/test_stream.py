from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.type.v1 import request_context_pb2
from sensorium_client import (
    AsyncTextClient,
    ClassifyTextOptions,
    EmbedTextOptions,
    InvalidInputError,
    OverloadedError,
    RequestContext,
    TextItem,
)
from unit.client.driver import Driver, Loop, Serve
from unit.client.scripted import Script, status


def told(results: list[Any]) -> list[str]:
    """The redacted text of each item, or the reason it failed for."""
    return [r.error.reason if r.error else r.annotation.redacted_text for r in results]


def test_results_come_in_the_order_of_the_texts(client: Driver) -> None:
    results = client.stream([f"a{i}" for i in range(200)])
    assert told(results) == [f"A{i}" for i in range(200)]
    assert [result.sequence for result in results] == list(range(200))


def test_no_texts_no_results(client: Driver) -> None:
    assert client.stream([]) == []


def test_requests(client: Driver, script: Script) -> None:
    item = TextItem("b", "line 2", RequestContext(part_id="p2"))
    context = RequestContext(part_id="p1")
    results = client.stream(["a", item], [EmbedTextOptions("m")], language_code="en", context=context, max_in_flight=7)
    config, first, second = script.requests
    assert config.config == pb.StreamAnnotateTextConfig(
        context=request_context_pb2.RequestContext(part_id="p1"),
        language_code="en",
        encoding_type=pb.ENCODING_TYPE_UTF32,
        options=pb.AnnotateTextOptions(embed=pb.EmbedOptions(model="m")),
        max_in_flight=7,
    )
    assert first.item == pb.StreamTextItem(text="a")
    assert (second.item.item_id, second.item.context.part_id) == ("line 2", "p2")
    assert [result.item_id for result in results] == ["", "line 2"]


def test_bad_texts_end_nothing_and_fail_in_their_place(client: Driver, script: Script) -> None:
    results = client.stream(["a", "bad", TextItem("\udcff", "line 3"), "d"])
    assert told(results) == ["A", "INVALID_ARGUMENT", "TEXT_NOT_UTF8", "D"]
    assert (results[2].item_id, results[2].error.violations[0].field) == ("line 3", "text")
    assert len(script.requests) == 1 + 3


def test_a_stream_that_fails(client: Driver, script: Script) -> None:
    script.stream_failure = status(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", reason="OVERLOADED", retry_delay=1.0)
    with pytest.raises(OverloadedError):
        client.stream(["a"])


def test_bad_features_fail_at_once(client: Driver) -> None:
    with pytest.raises(InvalidInputError):
        client.stream(["a"], [ClassifyTextOptions(), ClassifyTextOptions()])


def test_texts_from_an_async_iterator(serve: Serve, script: Script, loop: Loop) -> None:
    async def log() -> AsyncIterator[str]:
        for line in ("a", "b"):
            yield line

    async def use(address: str) -> list[Any]:
        async with AsyncTextClient(address) as client:
            return [result async for result in client.annotate_stream(log())]

    assert told(loop.run(use(serve(script)))) == ["A", "B"]
