"""The clients of the vision service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from typing import ClassVar

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_client import _aio, _sync
from sensorium_client._call import Service
from sensorium_client._context import RequestContext
from sensorium_client._defaults import VISION
from sensorium_client._vision import calls
from sensorium_client._vision.options import ALL_FEATURES, Feature
from sensorium_client._vision.results import FrameResult
from sensorium_client._vision.stream import AnyFrame, FrameSession

_SERVICE = Service(VISION, vision_service_pb2_grpc.VisionServiceStub, pb.ListModelsRequest, heavy_requests=True)


class VisionClient(_sync.SyncClient):
    """Calls the vision service and waits for the answers. Threads may share a client.

        with VisionClient("127.0.0.1:50051") as client:
            print(client.classify("cup.jpg").labels[0].name)

    The arguments of the constructor are those of `BaseClient`.
    """

    service: ClassVar[Service] = _SERVICE

    classify = _sync.method(calls.classify)
    embed = _sync.method(calls.embed)
    read_text = _sync.method(calls.read_text)
    read_codes = _sync.method(calls.read_codes)
    annotate = _sync.method(calls.annotate)

    def annotate_stream(
        self,
        frames: Iterable[AnyFrame],
        features: Iterable[Feature] = ALL_FEATURES,
        *,
        context: RequestContext | None = None,
        max_in_flight: int = 0,
        deadline: float | None = None,
    ) -> Generator[FrameResult, None, None]:
        """Annotate frame after frame; see `StreamSession` for frames that fail.

        `frames` is read in a thread of its own, as fast as the service takes frames. Leaving the loop early cancels
        the stream.

        Args:
            frames: pictures, or `Frame`s where a picture has a name or identifiers.
            features: the options of each feature wanted.
            context: identifiers of every frame whose own leave them empty.
            max_in_flight: how many frames the service works on at once, up to 32; 0 for its default, 4.
            deadline: seconds for the whole stream; None for no end.

        Yields:
            One result a frame, in the order of the frames.

        Raises:
            SensoriumError: the stream as a whole failed. There are no retries.
        """
        return self._stream(FrameSession(features, context, max_in_flight), frames, deadline)


class AsyncVisionClient(_aio.AsyncClient):
    """Calls the vision service from asyncio; for use in one event loop.

        async with AsyncVisionClient("127.0.0.1:50051") as client:
            print((await client.classify("cup.jpg")).labels[0].name)

    The arguments of the constructor are those of `BaseClient`.
    """

    service: ClassVar[Service] = _SERVICE

    classify = _aio.method(calls.classify)
    embed = _aio.method(calls.embed)
    read_text = _aio.method(calls.read_text)
    read_codes = _aio.method(calls.read_codes)
    annotate = _aio.method(calls.annotate)

    def annotate_stream(
        self,
        frames: Iterable[AnyFrame] | AsyncIterable[AnyFrame],
        features: Iterable[Feature] = ALL_FEATURES,
        *,
        context: RequestContext | None = None,
        max_in_flight: int = 0,
        deadline: float | None = None,
    ) -> AsyncGenerator[FrameResult, None]:
        """Annotate frame after frame; see `StreamSession` for frames that fail.

        `frames` is read as fast as the service takes frames. Closing the iterator (`contextlib.aclosing`) cancels the
        stream.

        Args:
            frames: pictures, or `Frame`s where a picture has a name or identifiers.
            features: the options of each feature wanted.
            context: identifiers of every frame whose own leave them empty.
            max_in_flight: how many frames the service works on at once, up to 32; 0 for its default, 4.
            deadline: seconds for the whole stream; None for no end.

        Yields:
            One result a frame, in the order of the frames.

        Raises:
            SensoriumError: the stream as a whole failed. There are no retries.
        """
        return self._stream(FrameSession(features, context, max_in_flight), frames, deadline)
