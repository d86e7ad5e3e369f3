"""The frames of StreamAnnotate and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client._context import RequestContext, context_message
from sensorium_client._errors import SensoriumError
from sensorium_client._stream import StreamSession
from sensorium_client._vision.options import Feature, annotate_options
from sensorium_client._vision.pictures import Picture, PixelFormat, Region, image_message
from sensorium_client._vision.responses import annotate_result
from sensorium_client._vision.results import FrameResult


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


class FrameSession(StreamSession[AnyFrame, pb.StreamAnnotateRequest, pb.StreamAnnotateResponse, FrameResult]):
    """A stream of frames."""

    noun: ClassVar[str] = "frame"

    def __init__(self, features: Iterable[Feature], context: RequestContext | None, max_in_flight: int) -> None:
        """Note the configuration.

        Raises:
            InvalidInputError: a feature is given twice, or is no options object.
        """
        config = pb.StreamAnnotateConfig(
            context=context_message(context), options=annotate_options(features), max_in_flight=max_in_flight
        )
        super().__init__(lambda stubs: stubs.service.StreamAnnotate, pb.StreamAnnotateRequest(config=config))

    def _id(self, item: AnyFrame) -> str:
        return item.frame_id if isinstance(item, Frame) else ""

    def _request(self, item: AnyFrame) -> pb.StreamAnnotateRequest:
        frame = item if isinstance(item, Frame) else Frame(item)
        message = pb.StreamFrame(
            frame_id=frame.frame_id,
            context=context_message(frame.context),
            image=image_message(frame.picture, region=frame.region, pixel_format=frame.pixel_format),
        )
        return pb.StreamAnnotateRequest(frame=message)

    def _answered(
        self, sequence: int, response: pb.StreamAnnotateResponse, error: SensoriumError | None
    ) -> FrameResult:
        annotation = None if error else annotate_result(response.annotation)
        return FrameResult(sequence, response.frame_id, annotation, error)

    def _not_sent(self, sequence: int, item_id: str, error: SensoriumError) -> FrameResult:
        return FrameResult(sequence, item_id, None, error)
