"""What the speech service answers, as frozen dataclasses.

Fields are named as in the contract. Offsets are `timedelta`s from the first sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._results import Result


class SpeechEventType(IntEnum):
    """What happens in a stream besides results."""

    UNSPECIFIED = pb.SPEECH_EVENT_TYPE_UNSPECIFIED
    SPEECH_ACTIVITY_BEGIN = pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN
    SPEECH_ACTIVITY_END = pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_END
    SILENCE_TIMEOUT = pb.SPEECH_EVENT_TYPE_SILENCE_TIMEOUT
    """The stream ends: there was no speech for as long as its options say."""
    DURATION_TIMEOUT = pb.SPEECH_EVENT_TYPE_DURATION_TIMEOUT
    """The stream ends: there was as much audio as its options say."""

    @classmethod
    def _missing_(cls, value: object) -> SpeechEventType | None:
        # a newer server may know more kinds than this client
        return cls.UNSPECIFIED if isinstance(value, int) else None


@dataclass(frozen=True)
class Word:
    """A word that was heard, as the transcript has it, and how sure the model is of it, 0 to 1."""

    word: str
    confidence: float
    start_offset: timedelta | None = None
    """None where times were not asked for or the word could not be found in the sound."""
    end_offset: timedelta | None = None


@dataclass(frozen=True)
class Alternative:
    """One version of what may have been said, and how sure the model is of it, 0 to 1."""

    transcript: str
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Utterance:
    """Something that was said."""

    alternatives: tuple[Alternative, ...]
    """By falling confidence, the best first."""
    channel_tag: int
    """Number of the channel, from 1; 0 when channels were mixed."""
    start_offset: timedelta
    end_offset: timedelta
    language_code: str = ""

    @property
    def transcript(self) -> str:
        """The best version's text; empty when what sounded like speech had no words."""
        return self.alternatives[0].transcript if self.alternatives else ""

    @property
    def words(self) -> tuple[Word, ...]:
        """The best version's words."""
        return self.alternatives[0].words if self.alternatives else ()


@dataclass(frozen=True, kw_only=True)
class StreamedUtterance(Utterance):
    """What is known of an utterance while it lasts, or at its end."""

    is_final: bool
    """Whether this is its last result; otherwise a later one takes its place."""
    stability: float
    """How likely an interim result is to stay, 0 to 1; 0 for final ones."""
    utterance_index: int
    """Number of the utterance in its channel, the same for its interim results and its final one."""


@dataclass(frozen=True)
class SpeechEvent:
    """Something that happens in a stream."""

    type: SpeechEventType
    offset: timedelta
    channel_tag: int
    """Number of the channel, from 1; 0 when channels were mixed, and for timeouts."""


@dataclass(frozen=True)
class SlotValue:
    """What was said in a slot; of `number`, `ucum_unit` and `entry` the one that the slot is for is there."""

    name: str
    transcript: str
    start_offset: timedelta
    end_offset: timedelta
    number: float | None = None
    ucum_unit: str = ""
    entry: str = ""
    """Of a list: the thing's value."""

    @property
    def value(self) -> float | str:
        """What the words mean."""
        return self.number if self.number is not None else self.ucum_unit or self.entry


@dataclass(frozen=True)
class Command:
    """An utterance as a command."""

    accepted: bool
    """Whether it is one; otherwise the other fields say which command it is most like."""
    confidence: float
    """0 to 1."""
    phrase: str
    """As its set has it, slots in braces."""
    phrase_id: str
    phrase_set: str
    """Name of the kept set that the phrase is of; empty for an inline one."""
    transcript: str
    words: tuple[Word, ...]
    slots: tuple[SlotValue, ...]
    """In the order of the phrase."""
    start_offset: timedelta
    end_offset: timedelta
    channel_tag: int
    """Number of the channel, from 1; 0 when channels were mixed."""

    def slot(self, name: str) -> float | str | None:
        """What was said in a slot of this name; None when the phrase has none."""
        return next((slot.value for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True)
class SpeechSegment:
    """A stretch of speech, and how likely it is speech on average, 0 to 1."""

    start_offset: timedelta
    end_offset: timedelta
    confidence: float
    channel_tag: int
    """Number of the channel, from 1; 0 when channels were mixed."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RecordingResult(Result):
    """What every answer about a recording has."""

    audio_duration: timedelta
    """Length of the recording."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RecognizeResult(RecordingResult):
    """What was said in a recording: utterances by their start."""

    results: tuple[Utterance, ...]

    @property
    def text(self) -> str:
        """The utterances' texts, one a line."""
        return "\n".join(result.transcript for result in self.results if result.transcript)

    def to_srt(self) -> str:
        """The utterances as SubRip subtitles."""
        from sensorium_client._speech.subtitles import to_srt  # noqa: PLC0415 - it needs the results itself

        return to_srt(self.results)

    def to_vtt(self) -> str:
        """The utterances as WebVTT subtitles."""
        from sensorium_client._speech.subtitles import to_vtt  # noqa: PLC0415 - it needs the results itself

        return to_vtt(self.results)


@dataclass(frozen=True, eq=False, kw_only=True)
class RecognizeCommandsResult(RecordingResult):
    """The commands of a recording: one result an utterance, by their start."""

    results: tuple[Command, ...]

    @property
    def accepted(self) -> tuple[Command, ...]:
        """Those that are commands."""
        return tuple(result for result in self.results if result.accepted)


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectSpeechResult(RecordingResult):
    """Where speech is in a recording: stretches by their start."""

    segments: tuple[SpeechSegment, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class StreamedSpeech(Result):
    """A response of a stream or session: either `result` or `event` is there."""

    result: StreamedUtterance | None = None
    event: SpeechEvent | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class StreamedCommand(Result):
    """A response of a stream or session of commands: either `result` or `event` is there."""

    result: Command | None = None
    event: SpeechEvent | None = None


@dataclass(frozen=True)
class PushedAudio:
    """What a session has received."""

    audio_duration: timedelta
    repeated_chunk: bool
    """Whether the session had the chunk already."""


@dataclass(frozen=True)
class ClosedSession:
    """What a session was."""

    audio_duration: timedelta
    response_count: int
