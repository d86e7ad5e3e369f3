"""What the vision service answers, as frozen dataclasses with numpy arrays.

Arrays are read-only. Results compare by identity, as arrays have no single answer to `==`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sensorium_client._errors import SensoriumError
from sensorium_client._results import Float32Array, Label, Result
from sensorium_client._vision.options import Symbology


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
class VisionResult(Result):
    """What every answer about a picture has."""

    image_size: tuple[int, int]
    """Width and height of the original picture in pixels."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassifyResult(VisionResult):
    """The labels of a picture, by falling score."""

    labels: tuple[Label, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class EmbedResult(VisionResult):
    """The embedding of a picture."""

    embedding: Float32Array
    """`float32[D]`, of Euclidean length 1."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadTextResult(VisionResult):
    """The text lines of a picture, in reading order."""

    lines: tuple[TextLine, ...]

    @property
    def text(self) -> str:
        """The lines' texts, one below the other."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadCodesResult(VisionResult):
    """The codes of a picture, from top to bottom, then left to right."""

    codes: tuple[Code, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnotateResult(VisionResult):
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
