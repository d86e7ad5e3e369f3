"""What the service answers, as frozen dataclasses with numpy arrays.

Arrays are read-only. Results compare by identity, as arrays have no single answer to `==`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from google.protobuf import json_format
from google.protobuf.message import Message

from sensorium_client._context import RequestContext
from sensorium_client._errors import SensoriumError
from sensorium_client._options import Symbology

Float32Array: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ModelUse:
    """A model that took part in an answer, and the version that ran."""

    name: str
    version: str


@dataclass(frozen=True)
class Timings:
    """Where the time of a call went on the server; concurrent stages are added up."""

    decode: timedelta
    preprocess: timedelta
    triton_queue: timedelta
    triton_compute: timedelta
    postprocess: timedelta
    total: timedelta


@dataclass(frozen=True)
class Label:
    """A class and its probability, 0 to 1."""

    index: int
    name: str
    score: float


@dataclass(frozen=True)
class Character:
    """A character and its probability, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text."""

    text: str
    confidence: float
    """Mean of the characters' confidences, 0 to 1."""
    polygon: Float32Array
    """`float32[4,2]`, x and y in pixels of the picture, from the corner that is upper left when read upright."""
    rotation: float
    """Degrees clockwise from the x axis, above -180 to 180."""
    characters: tuple[Character, ...] = ()
    matches_pattern: bool | None = None
    """Whether the expected pattern was found in the text; None when none was given."""
    matched_text: str = ""


@dataclass(frozen=True, eq=False)
class Code:
    """An optical code."""

    symbology: Symbology
    text: str
    raw_bytes: bytes
    polygon: Float32Array
    """`float32[4,2]`, x and y in pixels of the original picture."""
    symbology_identifier: str = ""
    """ISO/IEC 15424, such as `]Q1`."""
    readable: bool = True
    """Whether it was decoded."""
    detection_score: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What every answer has."""

    context: RequestContext
    """The request's identifiers, the request id filled in."""
    models: tuple[ModelUse, ...]
    timings: Timings
    image_size: tuple[int, int]
    """Width and height of the original picture in pixels."""
    message: Message = field(repr=False)
    """The protobuf response itself."""

    def to_json(self) -> str:
        """The response in protobuf's JSON mapping, on one line."""
        return message_to_json(self.message)


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassifyResult(Result):
    """The labels of a picture, by falling score."""

    labels: tuple[Label, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class EmbedResult(Result):
    """The embedding of a picture."""

    embedding: Float32Array
    """`float32[D]`, of Euclidean length 1."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadTextResult(Result):
    """The text lines of a picture, in reading order."""

    lines: tuple[TextLine, ...]

    @property
    def text(self) -> str:
        """The lines' texts, one below the other."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadCodesResult(Result):
    """The codes of a picture, from top to bottom, then left to right."""

    codes: tuple[Code, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnotateResult(Result):
    """The features of a picture; those that were not asked for are empty."""

    labels: tuple[Label, ...]
    embedding: Float32Array | None
    """`float32[D]`, of Euclidean length 1; None when it was not asked for."""
    lines: tuple[TextLine, ...]
    codes: tuple[Code, ...]


@dataclass(frozen=True, eq=False)
class FrameResult:
    """What became of one frame of a stream: either `annotation` or `error` is there."""

    sequence: int
    """Number of the frame, from 0."""
    frame_id: str
    annotation: AnnotateResult | None = None
    error: SensoriumError | None = None


def message_to_json(message: Message) -> str:
    """A message in protobuf's JSON mapping, on one line, characters beyond ASCII as they are."""
    return json_format.MessageToJson(message, indent=None, ensure_ascii=False)
