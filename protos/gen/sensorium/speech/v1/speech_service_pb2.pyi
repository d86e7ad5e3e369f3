import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sensorium.type.v1 import audio_pb2 as _audio_pb2
from sensorium.type.v1 import inference_pb2 as _inference_pb2
from sensorium.type.v1 import model_pb2 as _model_pb2
from sensorium.type.v1 import request_context_pb2 as _request_context_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MultiChannelMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MULTI_CHANNEL_MODE_UNSPECIFIED: _ClassVar[MultiChannelMode]
    MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL: _ClassVar[MultiChannelMode]

class SpeechEventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPEECH_EVENT_TYPE_UNSPECIFIED: _ClassVar[SpeechEventType]
    SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN: _ClassVar[SpeechEventType]
    SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_END: _ClassVar[SpeechEventType]
    SPEECH_EVENT_TYPE_SILENCE_TIMEOUT: _ClassVar[SpeechEventType]
    SPEECH_EVENT_TYPE_DURATION_TIMEOUT: _ClassVar[SpeechEventType]
MULTI_CHANNEL_MODE_UNSPECIFIED: MultiChannelMode
MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL: MultiChannelMode
SPEECH_EVENT_TYPE_UNSPECIFIED: SpeechEventType
SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN: SpeechEventType
SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_END: SpeechEventType
SPEECH_EVENT_TYPE_SILENCE_TIMEOUT: SpeechEventType
SPEECH_EVENT_TYPE_DURATION_TIMEOUT: SpeechEventType

class VoiceActivityOptions(_message.Message):
    __slots__ = ("threshold", "min_speech_duration", "min_silence_duration", "speech_padding", "max_speech_duration")
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    MIN_SPEECH_DURATION_FIELD_NUMBER: _ClassVar[int]
    MIN_SILENCE_DURATION_FIELD_NUMBER: _ClassVar[int]
    SPEECH_PADDING_FIELD_NUMBER: _ClassVar[int]
    MAX_SPEECH_DURATION_FIELD_NUMBER: _ClassVar[int]
    threshold: float
    min_speech_duration: _duration_pb2.Duration
    min_silence_duration: _duration_pb2.Duration
    speech_padding: _duration_pb2.Duration
    max_speech_duration: _duration_pb2.Duration
    def __init__(self, threshold: _Optional[float] = ..., min_speech_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., min_silence_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., speech_padding: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_speech_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RecognitionFeatures(_message.Message):
    __slots__ = ("enable_word_time_offsets", "max_alternatives", "multi_channel_mode")
    ENABLE_WORD_TIME_OFFSETS_FIELD_NUMBER: _ClassVar[int]
    MAX_ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    MULTI_CHANNEL_MODE_FIELD_NUMBER: _ClassVar[int]
    enable_word_time_offsets: bool
    max_alternatives: int
    multi_channel_mode: MultiChannelMode
    def __init__(self, enable_word_time_offsets: _Optional[bool] = ..., max_alternatives: _Optional[int] = ..., multi_channel_mode: _Optional[_Union[MultiChannelMode, str]] = ...) -> None: ...

class AdaptationPhraseSet(_message.Message):
    __slots__ = ("phrase_set", "inline_phrase_set")
    PHRASE_SET_FIELD_NUMBER: _ClassVar[int]
    INLINE_PHRASE_SET_FIELD_NUMBER: _ClassVar[int]
    phrase_set: str
    inline_phrase_set: PhraseSet
    def __init__(self, phrase_set: _Optional[str] = ..., inline_phrase_set: _Optional[_Union[PhraseSet, _Mapping]] = ...) -> None: ...

class SpeechAdaptation(_message.Message):
    __slots__ = ("phrase_sets",)
    PHRASE_SETS_FIELD_NUMBER: _ClassVar[int]
    phrase_sets: _containers.RepeatedCompositeFieldContainer[AdaptationPhraseSet]
    def __init__(self, phrase_sets: _Optional[_Iterable[_Union[AdaptationPhraseSet, _Mapping]]] = ...) -> None: ...

class RecognitionConfig(_message.Message):
    __slots__ = ("model", "language_code", "features", "adaptation", "voice_activity", "redact_personal_data")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    ADAPTATION_FIELD_NUMBER: _ClassVar[int]
    VOICE_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    REDACT_PERSONAL_DATA_FIELD_NUMBER: _ClassVar[int]
    model: str
    language_code: str
    features: RecognitionFeatures
    adaptation: SpeechAdaptation
    voice_activity: VoiceActivityOptions
    redact_personal_data: bool
    def __init__(self, model: _Optional[str] = ..., language_code: _Optional[str] = ..., features: _Optional[_Union[RecognitionFeatures, _Mapping]] = ..., adaptation: _Optional[_Union[SpeechAdaptation, _Mapping]] = ..., voice_activity: _Optional[_Union[VoiceActivityOptions, _Mapping]] = ..., redact_personal_data: _Optional[bool] = ...) -> None: ...

class WordInfo(_message.Message):
    __slots__ = ("start_offset", "end_offset", "word", "confidence")
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    start_offset: _duration_pb2.Duration
    end_offset: _duration_pb2.Duration
    word: str
    confidence: float
    def __init__(self, start_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., word: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class SpeechRecognitionAlternative(_message.Message):
    __slots__ = ("transcript", "confidence", "words")
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    transcript: str
    confidence: float
    words: _containers.RepeatedCompositeFieldContainer[WordInfo]
    def __init__(self, transcript: _Optional[str] = ..., confidence: _Optional[float] = ..., words: _Optional[_Iterable[_Union[WordInfo, _Mapping]]] = ...) -> None: ...

class SpeechRecognitionResult(_message.Message):
    __slots__ = ("alternatives", "channel_tag", "start_offset", "end_offset", "language_code")
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_TAG_FIELD_NUMBER: _ClassVar[int]
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    alternatives: _containers.RepeatedCompositeFieldContainer[SpeechRecognitionAlternative]
    channel_tag: int
    start_offset: _duration_pb2.Duration
    end_offset: _duration_pb2.Duration
    language_code: str
    def __init__(self, alternatives: _Optional[_Iterable[_Union[SpeechRecognitionAlternative, _Mapping]]] = ..., channel_tag: _Optional[int] = ..., start_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., language_code: _Optional[str] = ...) -> None: ...

class RecognizeRequest(_message.Message):
    __slots__ = ("context", "audio", "config")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    audio: _audio_pb2.Audio
    config: RecognitionConfig
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., audio: _Optional[_Union[_audio_pb2.Audio, _Mapping]] = ..., config: _Optional[_Union[RecognitionConfig, _Mapping]] = ...) -> None: ...

class RecognizeResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "results", "audio_duration")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_DURATION_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    results: _containers.RepeatedCompositeFieldContainer[SpeechRecognitionResult]
    audio_duration: _duration_pb2.Duration
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., results: _Optional[_Iterable[_Union[SpeechRecognitionResult, _Mapping]]] = ..., audio_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class VoiceActivityTimeout(_message.Message):
    __slots__ = ("speech_start_timeout", "speech_end_timeout")
    SPEECH_START_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SPEECH_END_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    speech_start_timeout: _duration_pb2.Duration
    speech_end_timeout: _duration_pb2.Duration
    def __init__(self, speech_start_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., speech_end_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class StreamingRecognitionFeatures(_message.Message):
    __slots__ = ("interim_results", "enable_voice_activity_events", "voice_activity_timeout", "max_duration")
    INTERIM_RESULTS_FIELD_NUMBER: _ClassVar[int]
    ENABLE_VOICE_ACTIVITY_EVENTS_FIELD_NUMBER: _ClassVar[int]
    VOICE_ACTIVITY_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MAX_DURATION_FIELD_NUMBER: _ClassVar[int]
    interim_results: bool
    enable_voice_activity_events: bool
    voice_activity_timeout: VoiceActivityTimeout
    max_duration: _duration_pb2.Duration
    def __init__(self, interim_results: _Optional[bool] = ..., enable_voice_activity_events: _Optional[bool] = ..., voice_activity_timeout: _Optional[_Union[VoiceActivityTimeout, _Mapping]] = ..., max_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class StreamingRecognitionConfig(_message.Message):
    __slots__ = ("context", "audio_format", "config", "streaming_features")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FORMAT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FEATURES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    audio_format: _audio_pb2.AudioFormat
    config: RecognitionConfig
    streaming_features: StreamingRecognitionFeatures
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., audio_format: _Optional[_Union[_audio_pb2.AudioFormat, _Mapping]] = ..., config: _Optional[_Union[RecognitionConfig, _Mapping]] = ..., streaming_features: _Optional[_Union[StreamingRecognitionFeatures, _Mapping]] = ...) -> None: ...

class Finalize(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamingRecognizeRequest(_message.Message):
    __slots__ = ("config", "audio", "finalize")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    FINALIZE_FIELD_NUMBER: _ClassVar[int]
    config: StreamingRecognitionConfig
    audio: bytes
    finalize: Finalize
    def __init__(self, config: _Optional[_Union[StreamingRecognitionConfig, _Mapping]] = ..., audio: _Optional[bytes] = ..., finalize: _Optional[_Union[Finalize, _Mapping]] = ...) -> None: ...

class StreamingRecognitionResult(_message.Message):
    __slots__ = ("alternatives", "is_final", "stability", "channel_tag", "start_offset", "end_offset", "language_code", "utterance_index")
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    STABILITY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_TAG_FIELD_NUMBER: _ClassVar[int]
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_INDEX_FIELD_NUMBER: _ClassVar[int]
    alternatives: _containers.RepeatedCompositeFieldContainer[SpeechRecognitionAlternative]
    is_final: bool
    stability: float
    channel_tag: int
    start_offset: _duration_pb2.Duration
    end_offset: _duration_pb2.Duration
    language_code: str
    utterance_index: int
    def __init__(self, alternatives: _Optional[_Iterable[_Union[SpeechRecognitionAlternative, _Mapping]]] = ..., is_final: _Optional[bool] = ..., stability: _Optional[float] = ..., channel_tag: _Optional[int] = ..., start_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., language_code: _Optional[str] = ..., utterance_index: _Optional[int] = ...) -> None: ...

class SpeechEvent(_message.Message):
    __slots__ = ("type", "offset", "channel_tag")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_TAG_FIELD_NUMBER: _ClassVar[int]
    type: SpeechEventType
    offset: _duration_pb2.Duration
    channel_tag: int
    def __init__(self, type: _Optional[_Union[SpeechEventType, str]] = ..., offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., channel_tag: _Optional[int] = ...) -> None: ...

class StreamingRecognizeResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "result", "event")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    result: StreamingRecognitionResult
    event: SpeechEvent
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., result: _Optional[_Union[StreamingRecognitionResult, _Mapping]] = ..., event: _Optional[_Union[SpeechEvent, _Mapping]] = ...) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ("recognition", "commands", "idle_timeout")
    RECOGNITION_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    recognition: StreamingRecognitionConfig
    commands: StreamingCommandsConfig
    idle_timeout: _duration_pb2.Duration
    def __init__(self, recognition: _Optional[_Union[StreamingRecognitionConfig, _Mapping]] = ..., commands: _Optional[_Union[StreamingCommandsConfig, _Mapping]] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class OpenSessionResponse(_message.Message):
    __slots__ = ("context", "session", "idle_timeout")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    session: str
    idle_timeout: _duration_pb2.Duration
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., session: _Optional[str] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PushAudioRequest(_message.Message):
    __slots__ = ("session", "sequence_number", "audio", "finalize")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    FINALIZE_FIELD_NUMBER: _ClassVar[int]
    session: str
    sequence_number: int
    audio: bytes
    finalize: bool
    def __init__(self, session: _Optional[str] = ..., sequence_number: _Optional[int] = ..., audio: _Optional[bytes] = ..., finalize: _Optional[bool] = ...) -> None: ...

class PushAudioResponse(_message.Message):
    __slots__ = ("next_sequence_number", "audio_duration", "repeated_chunk")
    NEXT_SEQUENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    AUDIO_DURATION_FIELD_NUMBER: _ClassVar[int]
    REPEATED_CHUNK_FIELD_NUMBER: _ClassVar[int]
    next_sequence_number: int
    audio_duration: _duration_pb2.Duration
    repeated_chunk: bool
    def __init__(self, next_sequence_number: _Optional[int] = ..., audio_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., repeated_chunk: _Optional[bool] = ...) -> None: ...

class WatchResultsRequest(_message.Message):
    __slots__ = ("session", "first_number")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    FIRST_NUMBER_FIELD_NUMBER: _ClassVar[int]
    session: str
    first_number: int
    def __init__(self, session: _Optional[str] = ..., first_number: _Optional[int] = ...) -> None: ...

class WatchResultsResponse(_message.Message):
    __slots__ = ("number", "recognition", "commands")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    RECOGNITION_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    number: int
    recognition: StreamingRecognizeResponse
    commands: StreamingRecognizeCommandsResponse
    def __init__(self, number: _Optional[int] = ..., recognition: _Optional[_Union[StreamingRecognizeResponse, _Mapping]] = ..., commands: _Optional[_Union[StreamingRecognizeCommandsResponse, _Mapping]] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("session", "discard")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    DISCARD_FIELD_NUMBER: _ClassVar[int]
    session: str
    discard: bool
    def __init__(self, session: _Optional[str] = ..., discard: _Optional[bool] = ...) -> None: ...

class CloseSessionResponse(_message.Message):
    __slots__ = ("audio_duration", "response_count")
    AUDIO_DURATION_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_COUNT_FIELD_NUMBER: _ClassVar[int]
    audio_duration: _duration_pb2.Duration
    response_count: int
    def __init__(self, audio_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., response_count: _Optional[int] = ...) -> None: ...

class Phrase(_message.Message):
    __slots__ = ("value", "boost", "id")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BOOST_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    value: str
    boost: float
    id: str
    def __init__(self, value: _Optional[str] = ..., boost: _Optional[float] = ..., id: _Optional[str] = ...) -> None: ...

class NumberSlot(_message.Message):
    __slots__ = ("minimum", "maximum", "max_fraction_digits")
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    MAX_FRACTION_DIGITS_FIELD_NUMBER: _ClassVar[int]
    minimum: float
    maximum: float
    max_fraction_digits: int
    def __init__(self, minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., max_fraction_digits: _Optional[int] = ...) -> None: ...

class UnitSlot(_message.Message):
    __slots__ = ("ucum_units",)
    UCUM_UNITS_FIELD_NUMBER: _ClassVar[int]
    ucum_units: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ucum_units: _Optional[_Iterable[str]] = ...) -> None: ...

class ListSlot(_message.Message):
    __slots__ = ("entries",)
    class Entry(_message.Message):
        __slots__ = ("value", "spoken")
        VALUE_FIELD_NUMBER: _ClassVar[int]
        SPOKEN_FIELD_NUMBER: _ClassVar[int]
        value: str
        spoken: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, value: _Optional[str] = ..., spoken: _Optional[_Iterable[str]] = ...) -> None: ...
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[ListSlot.Entry]
    def __init__(self, entries: _Optional[_Iterable[_Union[ListSlot.Entry, _Mapping]]] = ...) -> None: ...

class Slot(_message.Message):
    __slots__ = ("name", "number", "unit", "list")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: NumberSlot
    unit: UnitSlot
    list: ListSlot
    def __init__(self, name: _Optional[str] = ..., number: _Optional[_Union[NumberSlot, _Mapping]] = ..., unit: _Optional[_Union[UnitSlot, _Mapping]] = ..., list: _Optional[_Union[ListSlot, _Mapping]] = ...) -> None: ...

class Pronunciation(_message.Message):
    __slots__ = ("word", "phonemes")
    WORD_FIELD_NUMBER: _ClassVar[int]
    PHONEMES_FIELD_NUMBER: _ClassVar[int]
    word: str
    phonemes: str
    def __init__(self, word: _Optional[str] = ..., phonemes: _Optional[str] = ...) -> None: ...

class PhraseSet(_message.Message):
    __slots__ = ("name", "display_name", "phrases", "boost", "slots", "pronunciations", "etag", "create_time", "update_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PHRASES_FIELD_NUMBER: _ClassVar[int]
    BOOST_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    PRONUNCIATIONS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    phrases: _containers.RepeatedCompositeFieldContainer[Phrase]
    boost: float
    slots: _containers.RepeatedCompositeFieldContainer[Slot]
    pronunciations: _containers.RepeatedCompositeFieldContainer[Pronunciation]
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., phrases: _Optional[_Iterable[_Union[Phrase, _Mapping]]] = ..., boost: _Optional[float] = ..., slots: _Optional[_Iterable[_Union[Slot, _Mapping]]] = ..., pronunciations: _Optional[_Iterable[_Union[Pronunciation, _Mapping]]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CommandsConfig(_message.Message):
    __slots__ = ("model", "vocabulary", "min_confidence", "voice_activity", "multi_channel_mode")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VOCABULARY_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    VOICE_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    MULTI_CHANNEL_MODE_FIELD_NUMBER: _ClassVar[int]
    model: str
    vocabulary: _containers.RepeatedCompositeFieldContainer[AdaptationPhraseSet]
    min_confidence: float
    voice_activity: VoiceActivityOptions
    multi_channel_mode: MultiChannelMode
    def __init__(self, model: _Optional[str] = ..., vocabulary: _Optional[_Iterable[_Union[AdaptationPhraseSet, _Mapping]]] = ..., min_confidence: _Optional[float] = ..., voice_activity: _Optional[_Union[VoiceActivityOptions, _Mapping]] = ..., multi_channel_mode: _Optional[_Union[MultiChannelMode, str]] = ...) -> None: ...

class SlotValue(_message.Message):
    __slots__ = ("name", "transcript", "number", "ucum_unit", "entry", "start_offset", "end_offset")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    UCUM_UNIT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    name: str
    transcript: str
    number: float
    ucum_unit: str
    entry: str
    start_offset: _duration_pb2.Duration
    end_offset: _duration_pb2.Duration
    def __init__(self, name: _Optional[str] = ..., transcript: _Optional[str] = ..., number: _Optional[float] = ..., ucum_unit: _Optional[str] = ..., entry: _Optional[str] = ..., start_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("accepted", "confidence", "phrase", "phrase_id", "phrase_set", "transcript", "words", "slots", "start_offset", "end_offset", "channel_tag")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    PHRASE_FIELD_NUMBER: _ClassVar[int]
    PHRASE_ID_FIELD_NUMBER: _ClassVar[int]
    PHRASE_SET_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_TAG_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    confidence: float
    phrase: str
    phrase_id: str
    phrase_set: str
    transcript: str
    words: _containers.RepeatedCompositeFieldContainer[WordInfo]
    slots: _containers.RepeatedCompositeFieldContainer[SlotValue]
    start_offset: _duration_pb2.Duration
    end_offset: _duration_pb2.Duration
    channel_tag: int
    def __init__(self, accepted: _Optional[bool] = ..., confidence: _Optional[float] = ..., phrase: _Optional[str] = ..., phrase_id: _Optional[str] = ..., phrase_set: _Optional[str] = ..., transcript: _Optional[str] = ..., words: _Optional[_Iterable[_Union[WordInfo, _Mapping]]] = ..., slots: _Optional[_Iterable[_Union[SlotValue, _Mapping]]] = ..., start_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., channel_tag: _Optional[int] = ...) -> None: ...

class RecognizeCommandsRequest(_message.Message):
    __slots__ = ("context", "audio", "config")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    audio: _audio_pb2.Audio
    config: CommandsConfig
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., audio: _Optional[_Union[_audio_pb2.Audio, _Mapping]] = ..., config: _Optional[_Union[CommandsConfig, _Mapping]] = ...) -> None: ...

class RecognizeCommandsResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "results", "audio_duration")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_DURATION_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    results: _containers.RepeatedCompositeFieldContainer[CommandResult]
    audio_duration: _duration_pb2.Duration
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., results: _Optional[_Iterable[_Union[CommandResult, _Mapping]]] = ..., audio_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class StreamingCommandsConfig(_message.Message):
    __slots__ = ("context", "audio_format", "config", "streaming_features")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FORMAT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FEATURES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    audio_format: _audio_pb2.AudioFormat
    config: CommandsConfig
    streaming_features: StreamingRecognitionFeatures
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., audio_format: _Optional[_Union[_audio_pb2.AudioFormat, _Mapping]] = ..., config: _Optional[_Union[CommandsConfig, _Mapping]] = ..., streaming_features: _Optional[_Union[StreamingRecognitionFeatures, _Mapping]] = ...) -> None: ...

class StreamingRecognizeCommandsRequest(_message.Message):
    __slots__ = ("config", "audio", "finalize")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    FINALIZE_FIELD_NUMBER: _ClassVar[int]
    config: StreamingCommandsConfig
    audio: bytes
    finalize: Finalize
    def __init__(self, config: _Optional[_Union[StreamingCommandsConfig, _Mapping]] = ..., audio: _Optional[bytes] = ..., finalize: _Optional[_Union[Finalize, _Mapping]] = ...) -> None: ...

class StreamingRecognizeCommandsResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "result", "event")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    result: CommandResult
    event: SpeechEvent
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., result: _Optional[_Union[CommandResult, _Mapping]] = ..., event: _Optional[_Union[SpeechEvent, _Mapping]] = ...) -> None: ...

class DetectSpeechRequest(_message.Message):
    __slots__ = ("context", "audio", "voice_activity", "multi_channel_mode")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    VOICE_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    MULTI_CHANNEL_MODE_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    audio: _audio_pb2.Audio
    voice_activity: VoiceActivityOptions
    multi_channel_mode: MultiChannelMode
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., audio: _Optional[_Union[_audio_pb2.Audio, _Mapping]] = ..., voice_activity: _Optional[_Union[VoiceActivityOptions, _Mapping]] = ..., multi_channel_mode: _Optional[_Union[MultiChannelMode, str]] = ...) -> None: ...

class SpeechSegment(_message.Message):
    __slots__ = ("start_offset", "end_offset", "confidence", "channel_tag")
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_TAG_FIELD_NUMBER: _ClassVar[int]
    start_offset: _duration_pb2.Duration
    end_offset: _duration_pb2.Duration
    confidence: float
    channel_tag: int
    def __init__(self, start_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., confidence: _Optional[float] = ..., channel_tag: _Optional[int] = ...) -> None: ...

class DetectSpeechResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "segments", "audio_duration")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_DURATION_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    segments: _containers.RepeatedCompositeFieldContainer[SpeechSegment]
    audio_duration: _duration_pb2.Duration
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., segments: _Optional[_Iterable[_Union[SpeechSegment, _Mapping]]] = ..., audio_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CreatePhraseSetRequest(_message.Message):
    __slots__ = ("context", "phrase_set_id", "phrase_set")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PHRASE_SET_ID_FIELD_NUMBER: _ClassVar[int]
    PHRASE_SET_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    phrase_set_id: str
    phrase_set: PhraseSet
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., phrase_set_id: _Optional[str] = ..., phrase_set: _Optional[_Union[PhraseSet, _Mapping]] = ...) -> None: ...

class GetPhraseSetRequest(_message.Message):
    __slots__ = ("context", "name")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    name: str
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., name: _Optional[str] = ...) -> None: ...

class ListPhraseSetsRequest(_message.Message):
    __slots__ = ("context", "page_size", "page_token")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    page_size: int
    page_token: str
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPhraseSetsResponse(_message.Message):
    __slots__ = ("phrase_sets", "next_page_token")
    PHRASE_SETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    phrase_sets: _containers.RepeatedCompositeFieldContainer[PhraseSet]
    next_page_token: str
    def __init__(self, phrase_sets: _Optional[_Iterable[_Union[PhraseSet, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdatePhraseSetRequest(_message.Message):
    __slots__ = ("context", "phrase_set", "update_mask", "allow_missing")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PHRASE_SET_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    phrase_set: PhraseSet
    update_mask: _field_mask_pb2.FieldMask
    allow_missing: bool
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., phrase_set: _Optional[_Union[PhraseSet, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class DeletePhraseSetRequest(_message.Message):
    __slots__ = ("context", "name", "etag", "allow_missing")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    name: str
    etag: str
    allow_missing: bool
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., name: _Optional[str] = ..., etag: _Optional[str] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models",)
    MODELS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[_model_pb2.Model]
    def __init__(self, models: _Optional[_Iterable[_Union[_model_pb2.Model, _Mapping]]] = ...) -> None: ...
