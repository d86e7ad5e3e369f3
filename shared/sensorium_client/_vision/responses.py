"""From protobuf responses to results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from sensorium.type.v1 import geometry_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client._results import CommonFields, Float32Array, Label, common_fields, frozen
from sensorium_client._vision.options import Symbology
from sensorium_client._vision.results import (
    AnnotateResult,
    Character,
    ClassifyResult,
    Code,
    EmbedResult,
    ReadCodesResult,
    ReadTextResult,
    TextLine,
)

_Response: TypeAlias = (
    pb.ClassifyResponse | pb.EmbedResponse | pb.ReadTextResponse | pb.ReadCodesResponse | pb.AnnotateResponse
)


class _Common(CommonFields):
    image_size: tuple[int, int]


def classify_result(response: pb.ClassifyResponse) -> ClassifyResult:
    """The result of Classify."""
    return ClassifyResult(**_common(response), labels=_labels(response.labels))


def embed_result(response: pb.EmbedResponse) -> EmbedResult:
    """The result of Embed."""
    return EmbedResult(**_common(response), embedding=_embedding(response.embedding))


def read_text_result(response: pb.ReadTextResponse) -> ReadTextResult:
    """The result of ReadText."""
    return ReadTextResult(**_common(response), lines=_lines(response.lines))


def read_codes_result(response: pb.ReadCodesResponse) -> ReadCodesResult:
    """The result of ReadCodes."""
    return ReadCodesResult(**_common(response), codes=_codes(response.codes))


def annotate_result(response: pb.AnnotateResponse) -> AnnotateResult:
    """The result of Annotate, and of a frame of StreamAnnotate."""
    return AnnotateResult(
        **_common(response),
        labels=_labels(response.labels),
        embedding=_embedding(response.embedding) if response.HasField("embedding") else None,
        lines=_lines(response.lines),
        codes=_codes(response.codes),
    )


def _common(response: _Response) -> _Common:
    return {
        **common_fields(response),
        "image_size": (response.image_size.width, response.image_size.height),
    }


def _labels(labels: Sequence[pb.Label]) -> tuple[Label, ...]:
    return tuple(Label(label.index, label.name, label.score) for label in labels)


def _lines(lines: Sequence[pb.TextLine]) -> tuple[TextLine, ...]:
    return tuple(
        TextLine(
            text=line.text,
            confidence=line.confidence,
            polygon=_polygon(line.polygon),
            rotation=line.rotation,
            characters=tuple(Character(char.text, char.confidence) for char in line.characters),
            matches_pattern=line.matches_pattern if line.HasField("matches_pattern") else None,
            matched_text=line.matched_text,
        )
        for line in lines
    )


def _codes(codes: Sequence[pb.Code]) -> tuple[Code, ...]:
    return tuple(
        Code(
            symbology=Symbology(code.symbology),
            text=code.text,
            raw_bytes=code.raw_bytes,
            polygon=_polygon(code.polygon),
            symbology_identifier=code.symbology_identifier,
            readable=code.readable,
            detection_score=code.detection_score,
        )
        for code in codes
    )


def _polygon(polygon: geometry_pb2.Polygon) -> Float32Array:
    corners = [(vertex.x, vertex.y) for vertex in polygon.vertices]
    return frozen(np.array(corners, dtype=np.float32).reshape(-1, 2))


def _embedding(embedding: pb.Embedding) -> Float32Array:
    return frozen(np.array(embedding.values, dtype=np.float32))
