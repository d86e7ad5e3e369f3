"""What the vision service works with: pictures, options and findings, free of protobuf."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


class PixelFormat(Enum):
    """Pixel layouts under their GenICam PFNC names; the value is the PFNC code."""

    MONO8 = 0x01080001
    MONO16 = 0x01100007
    BAYER_GR8 = 0x01080008
    BAYER_RG8 = 0x01080009
    BAYER_GB8 = 0x0108000A
    BAYER_BG8 = 0x0108000B
    RGB8 = 0x02180014
    BGR8 = 0x02180015
    YUV422_8 = 0x02100032

    @property
    def bytes_per_pixel(self) -> int:
        """Bytes that a pixel takes, from bits 16 to 23 of its PFNC code."""
        return (self.value >> 16 & 0xFF) // 8


@dataclass(frozen=True)
class Region:
    """A rectangle of whole pixels in the original picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class EncodedImage:
    """A picture file's content."""

    data: bytes


@dataclass(frozen=True)
class RawFrame:
    """A camera's frame; `stride` in bytes, 0 when rows follow each other without a gap."""

    width: int
    height: int
    stride: int
    pixel_format: PixelFormat
    data: bytes


@dataclass(frozen=True)
class ImageSource:
    """A picture as it came in, and the part of it to look at."""

    content: EncodedImage | RawFrame
    region: Region | None = None


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: `uint8[H,W,3]`, RGB: the region that was asked for.
        offset: x and y of the region in the original picture.
        size: width and height of the original picture.
    """

    pixels: Pixels
    offset: tuple[int, int]
    size: tuple[int, int]


@dataclass(frozen=True)
class FeatureOptions:
    """What the options of all features have.

    Attributes:
        model: the model's name; empty for the default.
        field: where the options lie in the request, for errors.
    """

    model: str = ""
    field: str = "options"


@dataclass(frozen=True)
class ClassifyOptions(FeatureOptions):
    """See `sensorium.vision.v1.ClassifyOptions`; defaults filled in."""

    top_k: int = 5
    min_score: float = 0.0


@dataclass(frozen=True)
class EmbedOptions(FeatureOptions):
    """See `sensorium.vision.v1.EmbedOptions`."""


@dataclass(frozen=True)
class ReadTextOptions(FeatureOptions):
    """See `sensorium.vision.v1.ReadTextOptions`; `pattern` is a compiled RE2 pattern or None."""

    side_limit: int = 0
    min_confidence: float = 0.5
    pattern: Any = None


@dataclass(frozen=True)
class ReadCodesOptions(FeatureOptions):
    """See `sensorium.vision.v1.ReadCodesOptions`; an empty set of symbologies stands for all."""

    symbologies: frozenset["Symbology"] = frozenset()
    include_unreadable: bool = False


@dataclass(frozen=True)
class AnnotateOptions:
    """Which features to compute; None leaves one out."""

    classify: ClassifyOptions | None = None
    embed: EmbedOptions | None = None
    read_text: ReadTextOptions | None = None
    read_codes: ReadCodesOptions | None = None


@dataclass(frozen=True)
class Label:
    """A class and its probability."""

    index: int
    name: str
    score: float


@dataclass(frozen=True)
class TextLine:
    """A line of text.

    Attributes:
        polygon: `float32[4,2]`, corners in pixels, from the upper left of the text as it is read.
        rotation: degrees clockwise of the reading direction, above -180 to 180.
        characters: each with its confidence.
        matches: whether the text matches the expected pattern; None when there was none.
        matched: the part of the text that matches.
    """

    text: str
    confidence: float
    polygon: Floats
    rotation: float
    characters: tuple[tuple[str, float], ...]
    matches: bool | None = None
    matched: str = ""


class Symbology(Enum):
    """Kinds of optical code, with the numbers of the contract."""

    UNSPECIFIED = 0
    QR_CODE = 1
    MICRO_QR_CODE = 2
    RMQR_CODE = 3
    DATA_MATRIX = 4
    AZTEC = 5
    PDF417 = 6
    MAXICODE = 7
    CODE_128 = 8
    CODE_39 = 9
    CODE_93 = 10
    CODABAR = 11
    EAN_13 = 12
    EAN_8 = 13
    UPC_A = 14
    UPC_E = 15
    ITF = 16
    GS1_DATABAR = 17
    OTHER_LINEAR = 18


@dataclass(frozen=True)
class Code:
    """An optical code; `polygon` is `float32[4,2]` in pixels. `readable` is False for one found but not decoded."""

    symbology: Symbology
    text: str
    raw_bytes: bytes
    polygon: Floats
    symbology_identifier: str = ""
    readable: bool = True
    detection_score: float = 0.0


@dataclass(frozen=True)
class Annotation:
    """The findings on one picture; what was not asked for is empty."""

    size: tuple[int, int]
    labels: list[Label] = field(default_factory=list)
    embedding: Floats | None = None
    lines: list[TextLine] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
