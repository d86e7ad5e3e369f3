"""The order of a stream of frames: a sans-io object that the sync and the async client both drive."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import _responses
from sensorium_client._context import RequestContext
from sensorium_client._errors import InternalError, SensoriumError, error_from_status
from sensorium_client._options import Feature, annotate_options
from sensorium_client._pictures import Picture, PixelFormat, Region, image_message
from sensorium_client._results import FrameResult


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture of a stream, with a name and identifiers of its own."""

    picture: Picture
    frame_id: str = ""
    """Comes back with the result; at most 256 characters are kept."""
    context: RequestContext | None = None
    """Goes before the stream's context, field by field."""
    region: Region | None = None
    """The part to look at as x, y, width, height in pixels; None for all of it."""
    pixel_format: PixelFormat | None = None
    """What the numbers of an array mean, where the default is not it."""


AnyFrame: TypeAlias = Frame | Picture


class StreamSession:
    """Makes the requests of one stream and puts its results into the order of the frames.

    A frame that cannot even be sent (its file is missing, say) fails like one that the server refuses: its result
    comes when those of the frames before it have come.
    """

    def __init__(self, features: Iterable[Feature], context: RequestContext | None, max_in_flight: int) -> None:
        """Note the configuration.

        Raises:
            InvalidInputError: a feature is given twice, or is no options object.
        """
        self.first_request = pb.StreamAnnotateRequest(
            config=pb.StreamAnnotateConfig(
                context=None if context is None else context.to_proto(),
                options=annotate_options(features),
                max_in_flight=max_in_flight,
            )
        )
        self.source_error: BaseException | None = None
        """What the caller's own iterator of frames raised."""
        # One entry a frame in flight: the frame's id, or the error of a frame that was not sent. The client may make
        # requests in one thread and read results in another: appending and taking from the left are atomic.
        self._pending: deque[tuple[str, SensoriumError | None]] = deque()
        self._sequence = 0

    def request_for(self, frame: AnyFrame) -> pb.StreamAnnotateRequest | None:
        """The request for the next frame, or None when it failed here and there is nothing to send."""
        frame = frame if isinstance(frame, Frame) else Frame(frame)
        try:
            message = pb.StreamFrame(
                frame_id=frame.frame_id,
                context=None if frame.context is None else frame.context.to_proto(),
                image=image_message(frame.picture, region=frame.region, pixel_format=frame.pixel_format),
            )
        except SensoriumError as error:
            self._pending.append((frame.frame_id, error))
            return None
        self._pending.append((frame.frame_id, None))
        return pb.StreamAnnotateRequest(frame=message)

    def results_for(self, response: pb.StreamAnnotateResponse) -> Iterator[FrameResult]:
        """The results that are due with a response: those of failed frames before it, and its own."""
        yield from self._failures()
        if not self._pending:
            raise InternalError("the service answered a frame that was not sent")
        self._pending.popleft()
        error = error_from_status(response.status) if response.status.code else None
        annotation = None if error else _responses.annotate_result(response.annotation)
        yield FrameResult(self._next(), response.frame_id, annotation, error)

    def last_results(self) -> Iterator[FrameResult]:
        """The results that are due when the stream has ended well.

        Raises:
            InternalError: some frames were not answered.
            BaseException: what the caller's own iterator of frames raised.
        """
        yield from self._failures()
        if self.source_error is not None:
            raise self.source_error
        if self._pending:
            raise InternalError(f"the stream ended with {len(self._pending)} frames not answered")

    def _failures(self) -> Iterator[FrameResult]:
        while self._pending and self._pending[0][1] is not None:
            frame_id, error = self._pending.popleft()
            yield FrameResult(self._next(), frame_id, None, error)

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1
