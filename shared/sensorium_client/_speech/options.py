"""How to recognise speech and commands, and how streams behave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from google.protobuf.duration_pb2 import Duration

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._message import Fields, invalid
from sensorium_client._speech.phrases import Phrase, PhraseSet, Vocabulary, inline_set, set_fields

Seconds: TypeAlias = float | timedelta
"""A length of time."""


@dataclass(frozen=True)
class VoiceActivityOptions:
    """How speech is told from other sound, and where an utterance ends; None stands for the server's default."""

    threshold: float | None = None
    """How likely speech has to be, 0.05 to 0.95; more in constant noise. Default 0.5."""
    min_speech_duration: Seconds | None = None
    """Shorter bursts are no speech, 0 to 2 s. Default 0.1 s."""
    min_silence_duration: Seconds | None = None
    """The pause that ends an utterance, 0.1 to 5 s. Default 0.4 s."""
    speech_padding: Seconds | None = None
    """What is kept before and after speech, 0 to 1 s. Default 0.2 s."""
    max_speech_duration: Seconds | None = None
    """Longer utterances are cut, 2 to 28 s. Default 15 s, of recordings 20 s."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {
            "threshold": self.threshold,
            "min_speech_duration": duration(self.min_speech_duration, "min_speech_duration"),
            "min_silence_duration": duration(self.min_silence_duration, "min_silence_duration"),
            "speech_padding": duration(self.speech_padding, "speech_padding"),
            "max_speech_duration": duration(self.max_speech_duration, "max_speech_duration"),
        }


@dataclass(frozen=True)
class RecognitionOptions:
    """How to recognise."""

    model: str = ""
    """Name of the model; empty for the first that hears the language."""
    language_code: str = ""
    """BCP 47 code of the language; empty for the model's first one."""
    word_times: bool = True
    """Whether words get times."""
    max_alternatives: int = 0
    """How many versions of an utterance at most, up to 5; 0 for one."""
    separate_channels: bool = False
    """Whether each channel is recognised for itself; else they are mixed."""
    phrases: Sequence[Phrase | str] = ()
    """Words and phrases to expect, such as names of machines."""
    phrase_sets: Sequence[PhraseSet | str] = ()
    """Sets of phrases to expect: by value, or by the name of a kept one."""
    voice_activity: VoiceActivityOptions | None = None
    """How speech is found and cut."""
    redact: bool = False
    """Whether personal data is masked before the text leaves the service; then there are no interim results."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        sets = [*([inline_set(self.phrases)] if self.phrases else []), *self.phrase_sets]
        return {
            "model": self.model,
            "language_code": self.language_code,
            "features": {
                "enable_word_time_offsets": self.word_times,
                "max_alternatives": self.max_alternatives,
                "multi_channel_mode": channel_mode(self.separate_channels),
            },
            "adaptation": {"phrase_sets": [set_fields(each) for each in sets]} if sets else None,
            "voice_activity": activity_fields(self.voice_activity),
            "redact_personal_data": self.redact,
        }


@dataclass(frozen=True)
class CommandOptions:
    """Which commands to recognise, and how."""

    vocabulary: Vocabulary
    """All that can be said: phrase sets by value or by the name of a kept one."""
    model: str = ""
    """Name of the model; empty for the server's default."""
    min_confidence: float | None = None
    """Commands with a lower confidence are rejected, 0 to 1; None for the server's default, 0.5."""
    separate_channels: bool = False
    """Whether each channel is recognised for itself; else they are mixed."""
    voice_activity: VoiceActivityOptions | None = None
    """How speech is found and cut."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {
            "model": self.model,
            "vocabulary": [set_fields(each) for each in _sets(self.vocabulary)],
            "min_confidence": self.min_confidence,
            "voice_activity": activity_fields(self.voice_activity),
            "multi_channel_mode": channel_mode(self.separate_channels),
        }


@dataclass(frozen=True)
class StreamOptions:
    """How a stream or session behaves."""

    interim_results: bool = False
    """Whether results are sent while an utterance lasts, every half second. There are none of commands."""
    voice_activity_events: bool = False
    """Whether the begin and the end of speech are told."""
    speech_start_timeout: Seconds | None = None
    """Without speech from the start on for so long the stream ends, 0.5 s to 1 h; None for never."""
    speech_end_timeout: Seconds | None = None
    """Without further speech after an utterance for so long the stream ends, 0.5 s to 1 h; None for never."""
    max_duration: Seconds | None = None
    """After so much audio the stream ends, 1 s to 24 h; None for never."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        timeout = {
            "speech_start_timeout": duration(self.speech_start_timeout, "speech_start_timeout"),
            "speech_end_timeout": duration(self.speech_end_timeout, "speech_end_timeout"),
        }
        return {
            "interim_results": self.interim_results,
            "enable_voice_activity_events": self.voice_activity_events,
            "voice_activity_timeout": timeout if any(timeout.values()) else None,
            "max_duration": duration(self.max_duration, "max_duration"),
        }


def duration(value: Seconds | None, field: str) -> Duration | None:
    """The protobuf message for a length of time; the server says which lengths are right.

    Raises:
        InvalidInputError: it is no finite number.
    """
    if value is None:
        return None
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not math.isfinite(seconds) or abs(seconds) > 10**9:
        raise invalid(field, f"is a length of time in seconds, not {seconds}")
    message = Duration()
    message.FromNanoseconds(round(seconds * 10**9))
    return message


def activity_fields(options: VoiceActivityOptions | None) -> Fields | None:
    """The fields of the protobuf message, or None where there are no options."""
    return None if options is None else options.to_fields()


def channel_mode(separate: bool) -> pb.MultiChannelMode:
    """What becomes of several channels."""
    by_channel = pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL
    return by_channel if separate else pb.MULTI_CHANNEL_MODE_UNSPECIFIED


def _sets(vocabulary: Vocabulary) -> Sequence[PhraseSet | str]:
    if isinstance(vocabulary, PhraseSet | str):
        return [vocabulary]
    return list(vocabulary)
