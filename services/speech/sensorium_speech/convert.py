"""Between the contract's messages and the domain; of this service only this module's package mates know both."""

from collections.abc import Iterable
from typing import TypeVar

from google.protobuf import duration_pb2
from google.protobuf.message import Message

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2, model_pb2
from sensorium_core import responses
from sensorium_core.triton import ServedModel
from sensorium_speech import models
from sensorium_speech.domain import (
    SAMPLE_RATE,
    AudioFormat,
    AudioSource,
    EncodedAudio,
    Encoding,
    Piece,
    RawAudio,
    RecognitionOptions,
    Spoken,
    Transcript,
    VoiceActivity,
    Word,
)
from sensorium_speech.listening import Happened, Happening, ListenOptions

Default = TypeVar("Default", float, None)

_SEPARATE = pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL
_DEFAULT_ALTERNATIVES = 1
_EVENTS = {
    Happening.BEGIN: pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN,
    Happening.END: pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_END,
    Happening.SILENCE_TIMEOUT: pb.SPEECH_EVENT_TYPE_SILENCE_TIMEOUT,
    Happening.DURATION_TIMEOUT: pb.SPEECH_EVENT_TYPE_DURATION_TIMEOUT,
}


def audio_source(audio: audio_pb2.Audio) -> AudioSource:
    """The recording of a request that has been validated."""
    if audio.WhichOneof("source") == "encoded":
        return EncodedAudio(audio.encoded)
    return RawAudio(audio_format(audio.raw.format), audio.raw.content)


def audio_format(given: audio_pb2.AudioFormat) -> AudioFormat:
    """A format with its default filled in."""
    return AudioFormat(Encoding(given.encoding), given.sample_rate_hertz, given.audio_channel_count or 1)


def is_separate(mode: pb.MultiChannelMode) -> bool:
    """Whether channels are kept apart."""
    return mode == _SEPARATE


def voice_activity(given: pb.VoiceActivityOptions, longest: float | None = None) -> VoiceActivity:
    """Options with their defaults filled in; `longest` takes the place of the default of max_speech_duration."""
    default = VoiceActivity() if longest is None else VoiceActivity(max_speech=longest)
    return VoiceActivity(
        threshold=given.threshold if given.HasField("threshold") else default.threshold,
        min_speech=seconds(given, "min_speech_duration", default.min_speech),
        min_silence=seconds(given, "min_silence_duration", default.min_silence),
        padding=seconds(given, "speech_padding", default.padding),
        max_speech=seconds(given, "max_speech_duration", default.max_speech),
    )


def recognition_options(
    given: pb.RecognitionConfig, field: str = "config", longest: float | None = None
) -> RecognitionOptions:
    """Options with their defaults filled in.

    Args:
        given: the message.
        field: path at which it lies in the request.
        longest: takes the place of the default of max_speech_duration.
    """
    features = given.features
    wants_times = features.enable_word_time_offsets if features.HasField("enable_word_time_offsets") else True
    return RecognitionOptions(
        given.model,
        field,
        given.language_code,
        word_times=wants_times,
        alternatives=features.max_alternatives or _DEFAULT_ALTERNATIVES,
        separate=is_separate(features.multi_channel_mode),
        voice_activity=voice_activity(given.voice_activity, longest),
        redact=given.redact_personal_data,
    )


def listen_options(
    given: audio_pb2.AudioFormat,
    features: pb.StreamingRecognitionFeatures,
    activity: VoiceActivity,
    *,
    separate: bool,
    interim: bool,
) -> ListenOptions:
    """How a stream behaves."""
    timeouts = features.voice_activity_timeout
    return ListenOptions(
        audio_format(given),
        activity,
        separate=separate,
        interim=interim,
        events=features.enable_voice_activity_events,
        start_timeout=seconds(timeouts, "speech_start_timeout", None),
        end_timeout=seconds(timeouts, "speech_end_timeout", None),
        max_seconds=seconds(features, "max_duration", None),
    )


def results(spoken: Iterable[Spoken]) -> list[pb.SpeechRecognitionResult]:
    """Utterances of a recording as messages."""
    return [
        pb.SpeechRecognitionResult(
            alternatives=alternatives(one.alternatives),
            channel_tag=one.tag,
            start_offset=offset(one.utterance.begin),
            end_offset=offset(one.utterance.end),
            language_code=one.language,
        )
        for one in spoken
    ]


def alternatives(found: Iterable[Transcript]) -> list[pb.SpeechRecognitionAlternative]:
    """Versions of an utterance as messages."""
    return [
        pb.SpeechRecognitionAlternative(
            transcript=one.text, confidence=one.confidence, words=[word(each) for each in one.words]
        )
        for one in found
    ]


def word(given: Word) -> pb.WordInfo:
    """A word as a message."""
    message = pb.WordInfo(word=given.text, confidence=given.confidence)
    if given.begin is not None and given.end is not None:
        message.start_offset.CopyFrom(offset(given.begin))
        message.end_offset.CopyFrom(offset(given.end))
    return message


def event(given: Happened) -> pb.SpeechEvent:
    """An event as a message."""
    return pb.SpeechEvent(type=_EVENTS[given.what], offset=duration(given.seconds), channel_tag=given.tag)


def segments(found: Iterable[Piece]) -> list[pb.SpeechSegment]:
    """Stretches of speech as messages."""
    return [
        pb.SpeechSegment(
            start_offset=offset(one.utterance.begin),
            end_offset=offset(one.utterance.end),
            confidence=one.utterance.confidence,
            channel_tag=one.tag,
        )
        for one in found
    ]


def model(served: ServedModel, max_seconds: float, max_message_bytes: int) -> model_pb2.Model:
    """A model as ListModels shows it."""
    limits = model_pb2.InputLimits(max_audio_bytes=max_message_bytes, max_audio_duration=duration(max_seconds))
    own = served.name in {spec.name for spec in models.ALL}
    message = responses.model(served, limits, default=own)
    if model_pb2.CAPABILITY_TRANSCRIBE in message.capabilities:
        message.ClearField("labels")  # tens of thousands of pieces of words are no classes
    message.language_codes.extend(models.LANGUAGES.get(served.name, ()) if own else _languages(served))
    return message


def _languages(served: ServedModel) -> list[str]:
    """The languages that a model of the repository hears, once the server has been seen with it."""
    description = served.known_description
    return [code for code in description.parameters.get("languages", "").split(",") if code] if description else []


def offset(sample: int) -> duration_pb2.Duration:
    """Where a sample at 16 kHz is."""
    return duration(sample / SAMPLE_RATE)


def duration(seconds: float) -> duration_pb2.Duration:
    """A time as a message, to the microsecond."""
    message = duration_pb2.Duration()
    message.FromMicroseconds(round(seconds * 1e6))
    return message


def seconds(message: Message, field: str, default: Default) -> float | Default:
    """A duration of a message, or the default where it is absent."""
    given: duration_pb2.Duration = getattr(message, field)
    return given.ToMicroseconds() / 1e6 if message.HasField(field) else default
