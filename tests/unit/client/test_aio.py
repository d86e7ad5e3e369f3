from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import AsyncVisionClient
from sensorium_client._aio import AsyncClient, method
from sensorium_client._call import Call
from unit.client.driver import Loop, Serve
from unit.client.scripted import Script


@pytest.mark.parametrize("heavy", [True, False])
def test_requests_that_are_heavy_to_make_are_made_off_the_event_loop(
    serve: Serve, script: Script, loop: Loop, heavy: bool
) -> None:
    def thread() -> Call[threading.Thread]:
        """Which thread makes the request."""
        maker = threading.current_thread()
        return Call(lambda stubs: stubs.service.ListModels, pb.ListModelsRequest(), lambda _: maker, None)

    class Client(AsyncClient):
        service = replace(AsyncVisionClient.service, heavy_requests=heavy)
        maker = method(thread)

    async def use(address: str) -> Any:
        async with Client(address) as client:
            return await client.maker()

    script.always = pb.ListModelsResponse()
    assert (loop.run(use(serve(script))) is loop.thread) is not heavy
