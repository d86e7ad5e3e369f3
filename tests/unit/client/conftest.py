from __future__ import annotations

import contextlib
from collections.abc import Iterator

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2_grpc

from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium.text.v1 import text_service_pb2_grpc
from sensorium.vision.v1 import vision_service_pb2_grpc
from unit.client.driver import Driver, FakeTime, Loop, Serve
from unit.client.scripted import Script, ScriptedHealth, ScriptedVision
from unit.client.speech.scripted import ScriptedSpeech
from unit.client.text.scripted import ScriptedText


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    running = Loop()
    yield running
    running.close()


@pytest.fixture
def serve(loop: Loop) -> Iterator[Serve]:
    """Starts servers; each gives its address."""
    with contextlib.ExitStack() as stack:

        def start(script: Script) -> str:
            server, port = loop.run(_started(script))
            stack.callback(lambda: loop.run(server.stop(None)))
            return f"127.0.0.1:{port}"

        yield start


async def _started(script: Script) -> tuple[grpc.aio.Server, int]:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 48 * 2**20)])
    vision_service_pb2_grpc.add_VisionServiceServicer_to_server(ScriptedVision(script), server)
    speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(ScriptedSpeech(script), server)
    text_service_pb2_grpc.add_TextServiceServicer_to_server(ScriptedText(script), server)
    health_pb2_grpc.add_HealthServicer_to_server(ScriptedHealth(script), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture(params=["sync", "aio"])
def unconnected(request: pytest.FixtureRequest, loop: Loop, serve: Serve, fake_time: FakeTime) -> Iterator[Driver]:
    # it asks for `serve` so that clients are closed before their servers
    driver = Driver(request.param, loop, fake_time)
    yield driver
    driver.close()


@pytest.fixture
def client(unconnected: Driver, serve: Serve, script: Script) -> Driver:
    """A client of either kind, connected to a server that follows `script`."""
    return unconnected.connect(serve(script))
