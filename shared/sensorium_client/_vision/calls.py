"""The vision service's unary methods, described once for both clients: arguments, request, how the response is read.

The functions here become the methods of `VisionClient` and `AsyncVisionClient`, documentation included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client._call import Call
from sensorium_client._context import RequestContext, context_message
from sensorium_client._vision import responses
from sensorium_client._vision.options import (
    ALL_FEATURES,
    ClassifyOptions,
    EmbedOptions,
    Feature,
    ReadCodesOptions,
    ReadTextOptions,
    Symbology,
    annotate_options,
)
from sensorium_client._vision.pictures import Picture, PixelFormat, Region, image_message
from sensorium_client._vision.results import (
    AnnotateResult,
    ClassifyResult,
    EmbedResult,
    ReadCodesResult,
    ReadTextResult,
)


def classify(
    picture: Picture,
    *,
    top_k: int = 0,
    min_score: float = 0.0,
    model: str = "",
    region: Region | None = None,
    pixel_format: PixelFormat | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[ClassifyResult]:
    """Say what a picture shows.

    Args:
        picture: a picture file's bytes, a path, an array or a RawFrame.
        top_k: how many labels at most; 0 for the server's default, 5.
        min_score: leave out labels with a lower score, 0 to 1.
        model: name of the model; empty for the server's default.
        region: the part to look at as x, y, width, height in pixels; None for all of it.
        pixel_format: what the numbers of an array mean, where the default is not it.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    request = pb.ClassifyRequest(
        context=context_message(context),
        image=image_message(picture, region=region, pixel_format=pixel_format),
        options=ClassifyOptions(model, top_k, min_score).to_proto(),
    )
    return Call(lambda stubs: stubs.service.Classify, request, responses.classify_result, deadline)


def embed(
    picture: Picture,
    *,
    model: str = "",
    region: Region | None = None,
    pixel_format: PixelFormat | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[EmbedResult]:
    """Turn a picture into a vector of length 1; the dot product of two is the similarity of the pictures.

    Args:
        picture: a picture file's bytes, a path, an array or a RawFrame.
        model: name of the model; empty for the server's default.
        region: the part to look at as x, y, width, height in pixels; None for all of it.
        pixel_format: what the numbers of an array mean, where the default is not it.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    request = pb.EmbedRequest(
        context=context_message(context),
        image=image_message(picture, region=region, pixel_format=pixel_format),
        options=EmbedOptions(model).to_proto(),
    )
    return Call(lambda stubs: stubs.service.Embed, request, responses.embed_result, deadline)


def read_text(
    picture: Picture,
    *,
    side_limit: int = 0,
    min_confidence: float | None = None,
    expected_pattern: str = "",
    model: str = "",
    region: Region | None = None,
    pixel_format: PixelFormat | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[ReadTextResult]:
    """Read the printed text on a picture.

    Args:
        picture: a picture file's bytes, a path, an array or a RawFrame.
        side_limit: longer side, in pixels, of the copy that text is searched in, 128 to 4096; 0 lets the server choose.
        min_confidence: leave out lines with a lower confidence, 0 to 1; None for the server's default, 0.5.
        expected_pattern: a regular expression (RE2); each line is marked as matching or not.
        model: name of the model; empty for the server's default.
        region: the part to look at as x, y, width, height in pixels; None for all of it.
        pixel_format: what the numbers of an array mean, where the default is not it.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    request = pb.ReadTextRequest(
        context=context_message(context),
        image=image_message(picture, region=region, pixel_format=pixel_format),
        options=ReadTextOptions(model, side_limit, min_confidence, expected_pattern).to_proto(),
    )
    return Call(lambda stubs: stubs.service.ReadText, request, responses.read_text_result, deadline)


def read_codes(
    picture: Picture,
    *,
    symbologies: Sequence[Symbology] = (),
    include_unreadable: bool = False,
    model: str = "",
    region: Region | None = None,
    pixel_format: PixelFormat | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[ReadCodesResult]:
    """Read the QR, Data Matrix, linear and other codes on a picture.

    Args:
        picture: a picture file's bytes, a path, an array or a RawFrame.
        symbologies: only these kinds; empty for all.
        include_unreadable: also return codes that were found and could not be decoded.
        model: name of the model; empty for the server's default.
        region: the part to look at as x, y, width, height in pixels; None for all of it.
        pixel_format: what the numbers of an array mean, where the default is not it.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    request = pb.ReadCodesRequest(
        context=context_message(context),
        image=image_message(picture, region=region, pixel_format=pixel_format),
        options=ReadCodesOptions(model, symbologies, include_unreadable).to_proto(),
    )
    return Call(lambda stubs: stubs.service.ReadCodes, request, responses.read_codes_result, deadline)


def annotate(
    picture: Picture,
    features: Iterable[Feature] = ALL_FEATURES,
    *,
    region: Region | None = None,
    pixel_format: PixelFormat | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[AnnotateResult]:
    """Compute several features of one picture, which is decoded once.

    Args:
        picture: a picture file's bytes, a path, an array or a RawFrame.
        features: the options of each feature wanted, such as `[ClassifyOptions(top_k=3), ReadTextOptions()]`.
        region: the part to look at as x, y, width, height in pixels; None for all of it.
        pixel_format: what the numbers of an array mean, where the default is not it.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    request = pb.AnnotateRequest(
        context=context_message(context),
        image=image_message(picture, region=region, pixel_format=pixel_format),
        options=annotate_options(features),
    )
    return Call(lambda stubs: stubs.service.Annotate, request, responses.annotate_result, deadline)
