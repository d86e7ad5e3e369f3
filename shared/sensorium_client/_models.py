"""The models that a service uses."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import IntEnum
from typing import Any

from sensorium.type.v1 import model_pb2
from sensorium_client._call import Call, Service


class Capability(IntEnum):
    """What a model can be used for."""

    UNSPECIFIED = model_pb2.CAPABILITY_UNSPECIFIED
    CLASSIFY = model_pb2.CAPABILITY_CLASSIFY
    EMBED = model_pb2.CAPABILITY_EMBED
    TEXT_DETECTION = model_pb2.CAPABILITY_TEXT_DETECTION
    LINE_ORIENTATION = model_pb2.CAPABILITY_LINE_ORIENTATION
    TEXT_RECOGNITION = model_pb2.CAPABILITY_TEXT_RECOGNITION
    CODE_DETECTION = model_pb2.CAPABILITY_CODE_DETECTION
    ENTITIES = model_pb2.CAPABILITY_ENTITIES
    PERSONAL_DATA = model_pb2.CAPABILITY_PERSONAL_DATA
    TRANSCRIBE = model_pb2.CAPABILITY_TRANSCRIBE
    DETECT_SPEECH = model_pb2.CAPABILITY_DETECT_SPEECH
    PHONEMES = model_pb2.CAPABILITY_PHONEMES
    PRONOUNCE = model_pb2.CAPABILITY_PRONOUNCE

    @classmethod
    def _missing_(cls, value: object) -> Capability | None:
        # a newer server may know more capabilities than this client
        return cls.UNSPECIFIED if isinstance(value, int) else None


class CircuitState(IntEnum):
    """Whether a service sends requests to a model."""

    UNSPECIFIED = model_pb2.CIRCUIT_STATE_UNSPECIFIED
    CLOSED = model_pb2.CIRCUIT_STATE_CLOSED
    """They are sent."""
    HALF_OPEN = model_pb2.CIRCUIT_STATE_HALF_OPEN
    """They are refused, while a canary finds out whether it answers again."""
    OPEN = model_pb2.CIRCUIT_STATE_OPEN
    """They are refused at once, because it has failed again and again."""

    @classmethod
    def _missing_(cls, value: object) -> CircuitState | None:
        return cls.UNSPECIFIED if isinstance(value, int) else None


@dataclass(frozen=True)
class ModelVersion:
    """One version of a model, and whether it takes requests now."""

    version: str
    ready: bool


@dataclass(frozen=True)
class InputLimits:
    """What is accepted as input; 0 means no limit."""

    max_image_bytes: int
    max_image_pixels: int
    max_image_side: int
    max_text_characters: int = 0
    max_texts: int = 0
    """Most texts in one request."""
    max_tokens: int = 0
    """Tokens of a text that the model reads; what is longer is cut or read in parts."""
    max_audio_bytes: int = 0
    max_audio_duration: timedelta = timedelta()
    """Longest recording."""

    @classmethod
    def from_proto(cls, message: model_pb2.InputLimits) -> InputLimits:
        """The limits that a response tells."""
        numbers = {limit.name: getattr(message, limit.name) for limit in fields(cls)}
        return cls(**{**numbers, "max_audio_duration": message.max_audio_duration.ToTimedelta()})


@dataclass(frozen=True)
class Model:
    """A model that a service uses."""

    name: str
    versions: tuple[ModelVersion, ...]
    """Newest last."""
    capabilities: tuple[Capability, ...]
    labels: tuple[str, ...]
    """Names of its classes by index."""
    input_limits: InputLimits
    ready: bool
    """Whether requests for it succeed now."""
    default_model: bool
    """Whether it is used when a request names none."""
    source: str
    license: str
    language_codes: tuple[str, ...]
    """BCP 47 codes of the languages that it hears or reads; empty where a language does not matter."""
    circuit: CircuitState
    """Whether requests are sent to it."""
    message: model_pb2.Model = field(repr=False, compare=False)
    """The protobuf message itself."""

    @classmethod
    def from_proto(cls, message: model_pb2.Model) -> Model:
        """The model that a response describes."""
        return cls(
            name=message.name,
            versions=tuple(ModelVersion(version.version, version.ready) for version in message.versions),
            capabilities=tuple(Capability(number) for number in message.capabilities),
            labels=tuple(message.labels),
            input_limits=InputLimits.from_proto(message.input_limits),
            ready=message.ready,
            default_model=message.default_model,
            source=message.source,
            license=message.license,
            language_codes=tuple(message.language_codes),
            circuit=CircuitState(message.circuit_state),
            message=message,
        )


def list_models(own: Service, *, deadline: float | None = None) -> Call[tuple[Model, ...]]:
    """List the models that the service uses.

    Args:
        own: the client's own service.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    return Call(lambda stubs: stubs.service.ListModels, own.list_models_request(), _models, deadline)


def _models(response: Any) -> tuple[Model, ...]:
    return tuple(Model.from_proto(model) for model in response.models)
