"""The rules of the contract hold before the servicer is reached."""

from __future__ import annotations

import time
from typing import Any

import grpc

from sensorium.type.v1.image_pb2 import Image
from sensorium.vision.v1 import vision_service_pb2 as pb
from unit.core.support import Caller, Context, Echo, failure_of


async def test_every_broken_rule_is_told_at_once(echo: Echo, caller: Caller) -> None:
    reached: list[Any] = []

    async def note(request: pb.ClassifyRequest, context: Context) -> pb.ClassifyResponse:
        reached.append(request)
        return pb.ClassifyResponse()

    echo.Classify = note  # type: ignore[method-assign]
    failure = await failure_of(caller.classify(pb.ClassifyRequest(options=pb.ClassifyOptions(top_k=-1, min_score=2))))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert sorted(failure.fields) == ["image", "options.min_score", "options.top_k"]
    assert "options.top_k: " in failure.message
    assert reached == []


async def test_a_right_request_passes(caller: Caller) -> None:
    request = pb.ClassifyRequest(image=Image(encoded=b"x"), options=pb.ClassifyOptions(top_k=1000))
    assert isinstance(await caller.classify(request), pb.ClassifyResponse)


async def test_a_list_of_nothing_but_mistakes_gets_a_short_and_quick_answer(caller: Caller) -> None:
    options = pb.ReadCodesOptions(symbologies=[99] * 30_000)  # type: ignore[list-item]  # not a symbology: that is the point
    start = time.monotonic()
    failure = await failure_of(caller.read_codes(pb.ReadCodesRequest(image=Image(encoded=b"x"), options=options)))
    assert time.monotonic() - start < 0.2
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert failure.fields == {"options.symbologies": "must contain no more than 32 item(s)"}


async def test_of_very_many_mistakes_the_first_are_told(caller: Caller) -> None:
    options = pb.ReadCodesOptions(symbologies=[99] * 900)  # type: ignore[list-item]
    failure = await failure_of(caller.read_codes(pb.ReadCodesRequest(image=Image(encoded=b"x"), options=options)))
    assert (failure.code, len(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, 9)
    assert "options.symbologies[0]" in failure.fields
