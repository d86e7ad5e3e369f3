"""Between the contract's messages and the domain; the only module here that knows both."""

from collections.abc import Iterable
from typing import Any

from sensorium.type.v1 import geometry_pb2, image_pb2, model_pb2, request_context_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core import responses
from sensorium_core.patterns import compile_pattern
from sensorium_core.triton import ServedModel
from sensorium_vision.decoding import ImageLimits
from sensorium_vision.domain import (
    AnnotateOptions,
    Annotation,
    ClassifyOptions,
    Code,
    EmbedOptions,
    EncodedImage,
    Floats,
    ImageSource,
    Label,
    PixelFormat,
    RawFrame,
    ReadCodesOptions,
    ReadTextOptions,
    Region,
    Symbology,
    TextLine,
)

_DEFAULT_TOP_K = 5
_DEFAULT_MIN_CONFIDENCE = 0.5


def image_source(image: image_pb2.Image) -> ImageSource:
    """The picture of a request that has been validated."""
    region = None
    if image.HasField("region"):
        region = Region(image.region.x, image.region.y, image.region.width, image.region.height)
    if image.WhichOneof("source") == "encoded":
        return ImageSource(EncodedImage(image.encoded), region)
    raw = image.raw_frame
    frame = RawFrame(raw.width, raw.height, raw.stride, PixelFormat(raw.pixel_format), raw.data)
    return ImageSource(frame, region)


# Each takes `field`, the path at which the options lie in the request.


def classify_options(options: pb.ClassifyOptions, field: str = "options") -> ClassifyOptions:
    """Options with their defaults filled in."""
    return ClassifyOptions(options.model, field, top_k=options.top_k or _DEFAULT_TOP_K, min_score=options.min_score)


def embed_options(options: pb.EmbedOptions, field: str = "options") -> EmbedOptions:
    """Options with their defaults filled in."""
    return EmbedOptions(options.model, field)


def read_text_options(options: pb.ReadTextOptions, field: str = "options") -> ReadTextOptions:
    """Options with their defaults filled in and the pattern compiled.

    Raises:
        InvalidInputError: PATTERN_INVALID.
    """
    confidence = options.min_confidence if options.HasField("min_confidence") else _DEFAULT_MIN_CONFIDENCE
    return ReadTextOptions(
        options.model,
        field,
        side_limit=options.side_limit,
        min_confidence=confidence,
        pattern=_pattern(options.expected_pattern, field),
    )


def read_codes_options(options: pb.ReadCodesOptions, field: str = "options") -> ReadCodesOptions:
    """Options with their defaults filled in."""
    symbologies = frozenset(Symbology(number) for number in options.symbologies)
    return ReadCodesOptions(
        options.model, field, symbologies=symbologies, include_unreadable=options.include_unreadable
    )


def annotate_options(options: pb.AnnotateOptions) -> AnnotateOptions:
    """The options of the features that are present.

    Raises:
        InvalidInputError: PATTERN_INVALID.
    """
    has = options.HasField
    return AnnotateOptions(
        classify=classify_options(options.classify, "options.classify") if has("classify") else None,
        embed=embed_options(options.embed, "options.embed") if has("embed") else None,
        read_text=read_text_options(options.read_text, "options.read_text") if has("read_text") else None,
        read_codes=read_codes_options(options.read_codes, "options.read_codes") if has("read_codes") else None,
    )


def common(given: request_context_pb2.RequestContext, annotation: Annotation) -> dict[str, Any]:
    """The fields that every response about a picture has: context, models, timings and image size."""
    width, height = annotation.size
    return responses.common(given) | {"image_size": image_pb2.ImageSize(width=width, height=height)}


def annotate_response(given: request_context_pb2.RequestContext, found: Annotation) -> pb.AnnotateResponse:
    """Everything that was found on a picture."""
    return pb.AnnotateResponse(
        labels=labels(found.labels),
        embedding=embedding(found.embedding),
        lines=lines(found.lines),
        codes=codes(found.codes),
        **common(given, found),
    )


def labels(found: Iterable[Label]) -> list[pb.Label]:
    """Labels as messages."""
    return [pb.Label(index=label.index, name=label.name, score=label.score) for label in found]


def embedding(vector: Floats | None) -> pb.Embedding | None:
    """An embedding as a message; None stays None."""
    return None if vector is None else pb.Embedding(values=vector.tolist())


def lines(found: Iterable[TextLine]) -> list[pb.TextLine]:
    """Text lines as messages."""
    return [
        pb.TextLine(
            text=line.text,
            confidence=line.confidence,
            polygon=_polygon(line.polygon),
            rotation=line.rotation,
            characters=[pb.Character(text=text, confidence=confidence) for text, confidence in line.characters],
            matches_pattern=line.matches,
            matched_text=line.matched,
        )
        for line in found
    ]


def codes(found: Iterable[Code]) -> list[pb.Code]:
    """Codes as messages."""
    return [
        pb.Code(
            symbology=pb.Symbology.Name(code.symbology.value),
            text=code.text,
            raw_bytes=code.raw_bytes,
            polygon=_polygon(code.polygon),
            symbology_identifier=code.symbology_identifier,
            readable=code.readable,
            detection_score=code.detection_score,
        )
        for code in found
    ]


def model(served: ServedModel, limits: ImageLimits, max_message_bytes: int) -> model_pb2.Model:
    """A model as ListModels shows it. Before Triton has been seen with it, only its name is known."""
    accepted = model_pb2.InputLimits(
        max_image_bytes=max_message_bytes, max_image_pixels=limits.max_pixels, max_image_side=limits.max_side
    )
    return responses.model(served, accepted, default=True)  # each capability has one model so far


def _pattern(text: str, field: str) -> object:
    return compile_pattern(text, f"{field}.expected_pattern") if text else None


def _polygon(corners: Floats) -> geometry_pb2.Polygon:
    return geometry_pb2.Polygon(vertices=[geometry_pb2.Point(x=float(x), y=float(y)) for x, y in corners])
