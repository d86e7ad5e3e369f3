"""Sensorium's SDK: its services as Python calls.

    from sensorium_client import SpeechClient, TextClient, VisionClient

    with VisionClient("127.0.0.1:50051") as client:
        for line in client.read_text("nameplate.jpg").lines:
            print(line.text, line.polygon)

    with SpeechClient("127.0.0.1:50052") as client:
        print(client.recognize("finding.wav").text)

    with TextClient("127.0.0.1:50053") as client:
        print(client.redact("John Miller replaced the pump").text)

`AsyncVisionClient`, `AsyncSpeechClient` and `AsyncTextClient` have the same methods for asyncio. Failures are
`SensoriumError`s.
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
    from sensorium_client._models import Capability, CircuitState, InputLimits, Model, ModelVersion
    from sensorium_client._results import Label, ModelUse, Result, Timings
    from sensorium_client._retry import RetryPolicy
    from sensorium_client._security import Security
    from sensorium_client._speech.audio import (
        AudioEncoding,
        AudioFormat,
        RawAudio,
    )
    from sensorium_client._speech.client import (
        AsyncSpeechClient,
        SpeechClient,
    )
    from sensorium_client._speech.options import (
        CommandOptions,
        RecognitionOptions,
        StreamOptions,
        VoiceActivityOptions,
    )
    from sensorium_client._speech.phrases import (
        ListSlot,
        NumberSlot,
        Phrase,
        PhraseSet,
        PhraseSetPage,
        UnitSlot,
    )
    from sensorium_client._speech.results import (
        Alternative,
        ClosedSession,
        Command,
        DetectSpeechResult,
        PushedAudio,
        RecognizeCommandsResult,
        RecognizeResult,
        RecordingResult,
        SlotValue,
        SpeechEvent,
        SpeechEventType,
        SpeechSegment,
        StreamedCommand,
        StreamedSpeech,
        StreamedUtterance,
        Utterance,
        Word,
    )
    from sensorium_client._speech.session import (
        AsyncSpeechSession,
        SpeechSession,
    )
    from sensorium_client._speech.stream import (
        FINALIZE,
    )
    from sensorium_client._text.client import (
        AsyncTextClient,
        TextClient,
    )
    from sensorium_client._text.labels import (
        LabelDefinition,
        Labels,
    )
    from sensorium_client._text.options import (
        ALL_TEXT_FEATURES,
        ClassifyTextOptions,
        DetectLanguageOptions,
        EmbedTextOptions,
        EntityType,
        ExtractEntitiesOptions,
        Gazetteer,
        PersonalDataType,
        PseudonymKey,
        RankOptions,
        RedactMode,
        RedactOptions,
        SummarizeOptions,
        TextFeature,
    )
    from sensorium_client._text.results import (
        AnnotateTextResult,
        Classification,
        ClassifyTextResult,
        DetectedLanguage,
        DetectLanguageResult,
        EmbedTextResult,
        Entity,
        ExplainResult,
        ExtractEntitiesResult,
        PersonalData,
        Quantity,
        RankedDocument,
        RankResult,
        RedactResult,
        RestoreResult,
        Span,
        SummarizeResult,
        SummarySentence,
        TermMatch,
        TextEmbedding,
        TextItemResult,
        TokenContribution,
    )
    from sensorium_client._text.stream import (
        TextItem,
    )
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
    "ALL_TEXT_FEATURES",
    "FINALIZE",
    "Alternative",
    "AnnotateResult",
    "AnnotateTextResult",
    "AsyncSpeechClient",
    "AsyncSpeechSession",
    "AsyncTextClient",
    "AsyncVisionClient",
    "AudioEncoding",
    "AudioFormat",
    "CallCancelledError",
    "Capability",
    "Character",
    "CircuitState",
    "Classification",
    "ClassifyOptions",
    "ClassifyResult",
    "ClassifyTextOptions",
    "ClassifyTextResult",
    "ClosedSession",
    "Code",
    "Command",
    "CommandOptions",
    "DeadlineExceededError",
    "DetectLanguageOptions",
    "DetectLanguageResult",
    "DetectSpeechResult",
    "DetectedLanguage",
    "EmbedOptions",
    "EmbedResult",
    "EmbedTextOptions",
    "EmbedTextResult",
    "Entity",
    "EntityType",
    "ExplainResult",
    "ExtractEntitiesOptions",
    "ExtractEntitiesResult",
    "FieldViolation",
    "Frame",
    "FrameResult",
    "Gazetteer",
    "HealthStatus",
    "InputLimits",
    "InternalError",
    "InvalidInputError",
    "Label",
    "LabelDefinition",
    "Labels",
    "ListSlot",
    "MessageTooLargeError",
    "Model",
    "ModelUse",
    "ModelVersion",
    "NotFoundError",
    "NumberSlot",
    "OverloadedError",
    "PermissionDeniedError",
    "PersonalData",
    "PersonalDataType",
    "Phrase",
    "PhraseSet",
    "PhraseSetPage",
    "Picture",
    "PixelFormat",
    "PreconditionError",
    "PseudonymKey",
    "PushedAudio",
    "Quantity",
    "RankOptions",
    "RankResult",
    "RankedDocument",
    "RawAudio",
    "RawFrame",
    "ReadCodesOptions",
    "ReadCodesResult",
    "ReadTextOptions",
    "ReadTextResult",
    "RecognitionOptions",
    "RecognizeCommandsResult",
    "RecognizeResult",
    "RecordingResult",
    "RedactMode",
    "RedactOptions",
    "RedactResult",
    "Region",
    "RequestContext",
    "RestoreResult",
    "Result",
    "RetryPolicy",
    "Security",
    "SensoriumError",
    "SlotValue",
    "Span",
    "SpeechClient",
    "SpeechEvent",
    "SpeechEventType",
    "SpeechSegment",
    "SpeechSession",
    "StreamOptions",
    "StreamedCommand",
    "StreamedSpeech",
    "StreamedUtterance",
    "SummarizeOptions",
    "SummarizeResult",
    "SummarySentence",
    "Symbology",
    "TermMatch",
    "TextClient",
    "TextEmbedding",
    "TextFeature",
    "TextItem",
    "TextItemResult",
    "TextLine",
    "Timings",
    "TokenContribution",
    "UnauthenticatedError",
    "UnavailableError",
    "UnitSlot",
    "UnsupportedError",
    "Utterance",
    "VisionClient",
    "VisionResult",
    "VoiceActivityOptions",
    "Word",
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
    "_models": ("Capability", "CircuitState", "InputLimits", "Model", "ModelVersion"),
    "_results": ("Label", "ModelUse", "Result", "Timings"),
    "_retry": ("RetryPolicy",),
    "_security": ("Security",),
    "_speech.audio": (
        "AudioEncoding",
        "AudioFormat",
        "RawAudio",
    ),
    "_speech.client": (
        "AsyncSpeechClient",
        "SpeechClient",
    ),
    "_speech.options": (
        "CommandOptions",
        "RecognitionOptions",
        "StreamOptions",
        "VoiceActivityOptions",
    ),
    "_speech.phrases": (
        "ListSlot",
        "NumberSlot",
        "Phrase",
        "PhraseSet",
        "PhraseSetPage",
        "UnitSlot",
    ),
    "_speech.results": (
        "Alternative",
        "ClosedSession",
        "Command",
        "DetectSpeechResult",
        "PushedAudio",
        "RecognizeCommandsResult",
        "RecognizeResult",
        "RecordingResult",
        "SlotValue",
        "SpeechEvent",
        "SpeechEventType",
        "SpeechSegment",
        "StreamedCommand",
        "StreamedSpeech",
        "StreamedUtterance",
        "Utterance",
        "Word",
    ),
    "_speech.session": (
        "AsyncSpeechSession",
        "SpeechSession",
    ),
    "_speech.stream": ("FINALIZE",),
    "_text.client": (
        "AsyncTextClient",
        "TextClient",
    ),
    "_text.labels": (
        "LabelDefinition",
        "Labels",
    ),
    "_text.options": (
        "ALL_TEXT_FEATURES",
        "ClassifyTextOptions",
        "DetectLanguageOptions",
        "EmbedTextOptions",
        "EntityType",
        "ExtractEntitiesOptions",
        "Gazetteer",
        "PersonalDataType",
        "PseudonymKey",
        "RankOptions",
        "RedactMode",
        "RedactOptions",
        "SummarizeOptions",
        "TextFeature",
    ),
    "_text.results": (
        "AnnotateTextResult",
        "Classification",
        "ClassifyTextResult",
        "DetectedLanguage",
        "DetectLanguageResult",
        "EmbedTextResult",
        "Entity",
        "ExplainResult",
        "ExtractEntitiesResult",
        "PersonalData",
        "Quantity",
        "RankedDocument",
        "RankResult",
        "RedactResult",
        "RestoreResult",
        "Span",
        "SummarizeResult",
        "SummarySentence",
        "TermMatch",
        "TextEmbedding",
        "TextItemResult",
        "TokenContribution",
    ),
    "_text.stream": ("TextItem",),
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
