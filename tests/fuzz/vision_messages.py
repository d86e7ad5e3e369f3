"""Requests of the vision service, with everything but its models."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fuzz.requests import requests
from sensorium.vision.v1 import vision_service_pb2 as vision
from sensorium_vision import convert as vision_convert
from sensorium_vision.decoding import ImageLimits, decode, read_header
from services.vision import files

_IMAGE_LIMITS = ImageLimits(max_pixels=100_000, max_side=10_000)


def _answer_vision(message: Any) -> None:
    match message:
        case vision.StreamAnnotateRequest():
            vision_convert.annotate_options(message.config.options)
            return
        case vision.AnnotateRequest():
            vision_convert.annotate_options(message.options)
        case vision.ClassifyRequest():
            vision_convert.classify_options(message.options)
        case vision.EmbedRequest():
            vision_convert.embed_options(message.options)
        case vision.ReadTextRequest():
            vision_convert.read_text_options(message.options)
        case vision.ReadCodesRequest():
            vision_convert.read_codes_options(message.options)
    if hasattr(message, "image"):
        source = vision_convert.image_source(message.image)
        decode(source, read_header(source, _IMAGE_LIMITS))


def _vision_samples() -> list[Message]:
    image: Any = {"encoded": files.saved(files.smooth_picture(8, 6), "PNG"), "region": {"width": 2, "height": 2}}
    raw: Any = {"raw_frame": {"width": 4, "height": 2, "pixel_format": 0x01080001, "data": bytes(8)}}
    options: Any = {"classify": {"top_k": 3}, "read_text": {"expected_pattern": "[A-Z]{2}-[0-9]+"}, "embed": {}}
    return [
        vision.AnnotateRequest(image=image, options=options),
        vision.ClassifyRequest(image=raw, options={"min_score": 0.1}),
        vision.ReadTextRequest(image=raw, options={"side_limit": 960, "min_confidence": 0.3}),
        vision.ReadCodesRequest(image=image, options={"symbologies": [1, 2]}),
        vision.StreamAnnotateRequest(config={"options": options, "max_in_flight": 2}),
        vision.StreamAnnotateRequest(frame={"image": image, "frame_id": "7"}),
    ]


vision_requests = requests(vision, _answer_vision, _vision_samples())
