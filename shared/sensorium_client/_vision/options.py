"""What to compute on a picture, and how: one options class per feature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client._errors import ErrorDetails, FieldViolation, InvalidInputError


class Symbology(IntEnum):
    """Kinds of optical code."""

    UNSPECIFIED = pb.SYMBOLOGY_UNSPECIFIED
    QR_CODE = pb.SYMBOLOGY_QR_CODE
    MICRO_QR_CODE = pb.SYMBOLOGY_MICRO_QR_CODE
    RMQR_CODE = pb.SYMBOLOGY_RMQR_CODE
    DATA_MATRIX = pb.SYMBOLOGY_DATA_MATRIX
    AZTEC = pb.SYMBOLOGY_AZTEC
    PDF417 = pb.SYMBOLOGY_PDF417
    MAXICODE = pb.SYMBOLOGY_MAXICODE
    CODE_128 = pb.SYMBOLOGY_CODE_128
    CODE_39 = pb.SYMBOLOGY_CODE_39
    CODE_93 = pb.SYMBOLOGY_CODE_93
    CODABAR = pb.SYMBOLOGY_CODABAR
    EAN_13 = pb.SYMBOLOGY_EAN_13
    EAN_8 = pb.SYMBOLOGY_EAN_8
    UPC_A = pb.SYMBOLOGY_UPC_A
    UPC_E = pb.SYMBOLOGY_UPC_E
    ITF = pb.SYMBOLOGY_ITF
    GS1_DATABAR = pb.SYMBOLOGY_GS1_DATABAR
    OTHER_LINEAR = pb.SYMBOLOGY_OTHER_LINEAR

    @classmethod
    def _missing_(cls, value: object) -> Symbology | None:
        # a newer server may know more kinds than this client
        return cls.UNSPECIFIED if isinstance(value, int) else None


@dataclass(frozen=True)
class ClassifyOptions:
    """How to classify."""

    model: str = ""
    """Name of the model; empty for the server's default."""
    top_k: int = 0
    """How many labels at most; 0 for the server's default, 5."""
    min_score: float = 0.0
    """Leave out labels with a lower score, 0 to 1."""

    def to_proto(self) -> pb.ClassifyOptions:
        """The protobuf message."""
        return pb.ClassifyOptions(model=self.model, top_k=self.top_k, min_score=self.min_score)


@dataclass(frozen=True)
class EmbedOptions:
    """How to embed."""

    model: str = ""
    """Name of the model; empty for the server's default."""

    def to_proto(self) -> pb.EmbedOptions:
        """The protobuf message."""
        return pb.EmbedOptions(model=self.model)


@dataclass(frozen=True)
class ReadTextOptions:
    """How to read text."""

    model: str = ""
    """Name of the model; empty for the server's default."""
    side_limit: int = 0
    """Longer side, in pixels, of the copy that text is searched in, 128 to 4096; 0 lets the server choose."""
    min_confidence: float | None = None
    """Leave out lines with a lower confidence, 0 to 1; None for the server's default, 0.5."""
    expected_pattern: str = ""
    """A regular expression (RE2) that each line is compared with; empty for no comparison."""

    def to_proto(self) -> pb.ReadTextOptions:
        """The protobuf message."""
        return pb.ReadTextOptions(
            model=self.model,
            side_limit=self.side_limit,
            min_confidence=self.min_confidence,
            expected_pattern=self.expected_pattern,
        )


@dataclass(frozen=True)
class ReadCodesOptions:
    """How to read codes."""

    model: str = ""
    """Name of the model; empty for the server's default."""
    symbologies: Sequence[Symbology] = ()
    """Only these kinds; empty for all."""
    include_unreadable: bool = False
    """Also return codes that were found and could not be decoded."""

    def to_proto(self) -> pb.ReadCodesOptions:
        """The protobuf message."""
        return pb.ReadCodesOptions(
            model=self.model,
            symbologies=[f"SYMBOLOGY_{Symbology(kind).name}" for kind in self.symbologies],
            include_unreadable=self.include_unreadable,
        )


Feature: TypeAlias = ClassifyOptions | EmbedOptions | ReadTextOptions | ReadCodesOptions
"""A feature to compute, named by its options."""

ALL_FEATURES: tuple[Feature, ...] = (ClassifyOptions(), EmbedOptions(), ReadTextOptions(), ReadCodesOptions())

_FIELDS: dict[type, str] = {
    ClassifyOptions: "classify",
    EmbedOptions: "embed",
    ReadTextOptions: "read_text",
    ReadCodesOptions: "read_codes",
}


def annotate_options(features: Iterable[Feature]) -> pb.AnnotateOptions:
    """The protobuf message that asks for some features.

    Raises:
        InvalidInputError: a feature is given twice, or is no options object.
    """
    message = pb.AnnotateOptions()
    for feature in features:
        field = _FIELDS.get(type(feature))
        if field is None or message.HasField(field):
            raise _bad_feature(feature)
        getattr(message, field).CopyFrom(feature.to_proto())
        getattr(message, field).SetInParent()  # options of defaults only are still asked for
    return message


def _bad_feature(feature: object) -> InvalidInputError:
    text = f"each feature is given once, as its options: ClassifyOptions(), ReadTextOptions(), …; not {feature!r}"
    return InvalidInputError(text, details=ErrorDetails(violations=(FieldViolation("options", text),)))
