"""Sensorium's SDK: the vision service as Python calls.

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
    from sensorium_client._aio import AsyncVisionClient
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
    from sensorium_client._options import (
        ALL_FEATURES,
        ClassifyOptions,
        EmbedOptions,
        ReadCodesOptions,
        ReadTextOptions,
        Symbology,
    )
    from sensorium_client._pictures import Picture, PixelFormat, RawFrame, Region
    from sensorium_client._results import (
        AnnotateResult,
        Character,
        ClassifyResult,
        Code,
        EmbedResult,
        FrameResult,
        Label,
        ModelUse,
        ReadCodesResult,
        ReadTextResult,
        Result,
        TextLine,
        Timings,
    )
    from sensorium_client._retry import RetryPolicy
    from sensorium_client._stream import Frame
    from sensorium_client._sync import VisionClient

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
]

# The command line lies in this package too; `sensorium --help` is not to wait for gRPC and numpy, so names are looked
# up where they lie on first use.
_MODULES = ("_sync", "_aio", "_context", "_errors", "_health", "_models", "_options", "_pictures", "_results", "_retry")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module in (*_MODULES, "_stream"):
        found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
        if found is not None:
            globals()[name] = found
            return found
    raise AttributeError(name)


def __dir__() -> list[str]:
    return sorted(__all__)
