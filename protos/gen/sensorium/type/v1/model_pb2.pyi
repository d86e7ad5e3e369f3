import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Capability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAPABILITY_UNSPECIFIED: _ClassVar[Capability]
    CAPABILITY_CLASSIFY: _ClassVar[Capability]
    CAPABILITY_EMBED: _ClassVar[Capability]
    CAPABILITY_TEXT_DETECTION: _ClassVar[Capability]
    CAPABILITY_LINE_ORIENTATION: _ClassVar[Capability]
    CAPABILITY_TEXT_RECOGNITION: _ClassVar[Capability]
    CAPABILITY_CODE_DETECTION: _ClassVar[Capability]
    CAPABILITY_ENTITIES: _ClassVar[Capability]
    CAPABILITY_PERSONAL_DATA: _ClassVar[Capability]
    CAPABILITY_TRANSCRIBE: _ClassVar[Capability]
    CAPABILITY_DETECT_SPEECH: _ClassVar[Capability]
    CAPABILITY_PHONEMES: _ClassVar[Capability]
    CAPABILITY_PRONOUNCE: _ClassVar[Capability]

class CircuitState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CIRCUIT_STATE_UNSPECIFIED: _ClassVar[CircuitState]
    CIRCUIT_STATE_CLOSED: _ClassVar[CircuitState]
    CIRCUIT_STATE_HALF_OPEN: _ClassVar[CircuitState]
    CIRCUIT_STATE_OPEN: _ClassVar[CircuitState]
CAPABILITY_UNSPECIFIED: Capability
CAPABILITY_CLASSIFY: Capability
CAPABILITY_EMBED: Capability
CAPABILITY_TEXT_DETECTION: Capability
CAPABILITY_LINE_ORIENTATION: Capability
CAPABILITY_TEXT_RECOGNITION: Capability
CAPABILITY_CODE_DETECTION: Capability
CAPABILITY_ENTITIES: Capability
CAPABILITY_PERSONAL_DATA: Capability
CAPABILITY_TRANSCRIBE: Capability
CAPABILITY_DETECT_SPEECH: Capability
CAPABILITY_PHONEMES: Capability
CAPABILITY_PRONOUNCE: Capability
CIRCUIT_STATE_UNSPECIFIED: CircuitState
CIRCUIT_STATE_CLOSED: CircuitState
CIRCUIT_STATE_HALF_OPEN: CircuitState
CIRCUIT_STATE_OPEN: CircuitState

class ModelVersion(_message.Message):
    __slots__ = ("version", "ready")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    version: str
    ready: bool
    def __init__(self, version: _Optional[str] = ..., ready: _Optional[bool] = ...) -> None: ...

class InputLimits(_message.Message):
    __slots__ = ("max_image_bytes", "max_image_pixels", "max_image_side", "max_text_characters", "max_texts", "max_tokens", "max_audio_bytes", "max_audio_duration")
    MAX_IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_IMAGE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    MAX_IMAGE_SIDE_FIELD_NUMBER: _ClassVar[int]
    MAX_TEXT_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    MAX_TEXTS_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_AUDIO_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_AUDIO_DURATION_FIELD_NUMBER: _ClassVar[int]
    max_image_bytes: int
    max_image_pixels: int
    max_image_side: int
    max_text_characters: int
    max_texts: int
    max_tokens: int
    max_audio_bytes: int
    max_audio_duration: _duration_pb2.Duration
    def __init__(self, max_image_bytes: _Optional[int] = ..., max_image_pixels: _Optional[int] = ..., max_image_side: _Optional[int] = ..., max_text_characters: _Optional[int] = ..., max_texts: _Optional[int] = ..., max_tokens: _Optional[int] = ..., max_audio_bytes: _Optional[int] = ..., max_audio_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "versions", "capabilities", "labels", "input_limits", "ready", "default_model", "source", "license", "language_codes", "circuit_state")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    INPUT_LIMITS_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_MODEL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODES_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_STATE_FIELD_NUMBER: _ClassVar[int]
    name: str
    versions: _containers.RepeatedCompositeFieldContainer[ModelVersion]
    capabilities: _containers.RepeatedScalarFieldContainer[Capability]
    labels: _containers.RepeatedScalarFieldContainer[str]
    input_limits: InputLimits
    ready: bool
    default_model: bool
    source: str
    license: str
    language_codes: _containers.RepeatedScalarFieldContainer[str]
    circuit_state: CircuitState
    def __init__(self, name: _Optional[str] = ..., versions: _Optional[_Iterable[_Union[ModelVersion, _Mapping]]] = ..., capabilities: _Optional[_Iterable[_Union[Capability, str]]] = ..., labels: _Optional[_Iterable[str]] = ..., input_limits: _Optional[_Union[InputLimits, _Mapping]] = ..., ready: _Optional[bool] = ..., default_model: _Optional[bool] = ..., source: _Optional[str] = ..., license: _Optional[str] = ..., language_codes: _Optional[_Iterable[str]] = ..., circuit_state: _Optional[_Union[CircuitState, str]] = ...) -> None: ...
