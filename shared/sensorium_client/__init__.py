"""Sensorium's SDK: its services as Python calls.

    from sensorium_client import VisionClient

    with VisionClient("127.0.0.1:50051") as client:
        for line in client.read_text("nameplate.jpg").lines:
            print(line.text, line.polygon)

`AsyncVisionClient` has the same methods for asyncio. Failures are `SensoriumError`s.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sensorium_client._context import RequestContext
    from sensorium_client._errors import (
        CallCancelledError,
        DeadlineExceededError,
        FieldViolation,
        InternalError,
        InvalidInputError,
        MessageTooLargeError,
        NotFoundError,
        OverloadedError,
        PermissionDeniedError,
        PreconditionError,
        SensoriumError,
        UnauthenticatedError,
        UnavailableError,
        UnsupportedError,
    )
    from sensorium_client._health import HealthStatus
    from sensorium_client._models import Capability, InputLimits, Model, ModelVersion
    from sensorium_client._results import Label, ModelUse, Result, Timings
    from sensorium_client._retry import RetryPolicy
    from sensorium_client._vision.client import AsyncVisionClient, VisionClient
    from sensorium_client._vision.options import (
        ALL_FEATURES,
        ClassifyOptions,
        EmbedOptions,
        ReadCodesOptions,
        ReadTextOptions,
        Symbology,
    )
    from sensorium_client._vision.pictures import Picture, PixelFormat, RawFrame, Region
    from sensorium_client._vision.results import (
        AnnotateResult,
        Character,
        ClassifyResult,
        Code,
        EmbedResult,
        FrameResult,
        ReadCodesResult,
        ReadTextResult,
        TextLine,
        VisionResult,
    )
    from sensorium_client._vision.stream import Frame

__all__ = [
    "ALL_FEATURES",
    "AnnotateResult",
    "AsyncVisionClient",
    "CallCancelledError",
    "Capability",
    "Character",
    "ClassifyOptions",
    "ClassifyResult",
    "Code",
    "DeadlineExceededError",
    "EmbedOptions",
    "EmbedResult",
    "FieldViolation",
    "Frame",
    "FrameResult",
    "HealthStatus",
    "InputLimits",
    "InternalError",
    "InvalidInputError",
    "Label",
    "MessageTooLargeError",
    "Model",
    "ModelUse",
    "ModelVersion",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "Picture",
    "PixelFormat",
    "PreconditionError",
    "RawFrame",
    "ReadCodesOptions",
    "ReadCodesResult",
    "ReadTextOptions",
    "ReadTextResult",
    "Region",
    "RequestContext",
    "Result",
    "RetryPolicy",
    "SensoriumError",
    "Symbology",
    "TextLine",
    "Timings",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsupportedError",
    "VisionClient",
    "VisionResult",
]

# The command line lies in this package too; `sensorium --help` is not to wait for gRPC and numpy, so names are looked
# up where they lie on first use.
_NAMES: dict[str, tuple[str, ...]] = {
    "_context": ("RequestContext",),
    "_errors": (
        "CallCancelledError",
        "DeadlineExceededError",
        "FieldViolation",
        "InternalError",
        "InvalidInputError",
        "MessageTooLargeError",
        "NotFoundError",
        "OverloadedError",
        "PermissionDeniedError",
        "PreconditionError",
        "SensoriumError",
        "UnauthenticatedError",
        "UnavailableError",
        "UnsupportedError",
    ),
    "_health": ("HealthStatus",),
    "_models": ("Capability", "InputLimits", "Model", "ModelVersion"),
    "_results": ("Label", "ModelUse", "Result", "Timings"),
    "_retry": ("RetryPolicy",),
    "_vision.client": ("AsyncVisionClient", "VisionClient"),
    "_vision.options": (
        "ALL_FEATURES",
        "ClassifyOptions",
        "EmbedOptions",
        "ReadCodesOptions",
        "ReadTextOptions",
        "Symbology",
    ),
    "_vision.pictures": ("Picture", "PixelFormat", "RawFrame", "Region"),
    "_vision.results": (
        "AnnotateResult",
        "Character",
        "ClassifyResult",
        "Code",
        "EmbedResult",
        "FrameResult",
        "ReadCodesResult",
        "ReadTextResult",
        "TextLine",
        "VisionResult",
    ),
    "_vision.stream": ("Frame",),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
