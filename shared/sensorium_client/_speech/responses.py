"""From protobuf responses to results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypedDict

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._results import common_fields
from sensorium_client._speech.phrases import PhraseSet, PhraseSetPage
from sensorium_client._speech.results import (
    Alternative,
    ClosedSession,
    Command,
    DetectSpeechResult,
    PushedAudio,
    RecognizeCommandsResult,
    RecognizeResult,
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


def recognize_result(response: pb.RecognizeResponse) -> RecognizeResult:
    """The result of Recognize."""
    return RecognizeResult(
        **common_fields(response),
        audio_duration=response.audio_duration.ToTimedelta(),
        results=tuple(Utterance(**_utterance(result)) for result in response.results),
    )


def recognize_commands_result(response: pb.RecognizeCommandsResponse) -> RecognizeCommandsResult:
    """The result of RecognizeCommands."""
    return RecognizeCommandsResult(
        **common_fields(response),
        audio_duration=response.audio_duration.ToTimedelta(),
        results=tuple(map(_command, response.results)),
    )


def detect_speech_result(response: pb.DetectSpeechResponse) -> DetectSpeechResult:
    """The result of DetectSpeech."""
    return DetectSpeechResult(
        **common_fields(response),
        audio_duration=response.audio_duration.ToTimedelta(),
        segments=tuple(map(_segment, response.segments)),
    )


def streamed_speech(response: pb.StreamingRecognizeResponse) -> StreamedSpeech:
    """A response of StreamingRecognize, or of a session that recognises."""
    return StreamedSpeech(
        **common_fields(response),
        result=_streamed(response.result) if response.HasField("result") else None,
        event=_event(response.event) if response.HasField("event") else None,
    )


def streamed_command(response: pb.StreamingRecognizeCommandsResponse) -> StreamedCommand:
    """A response of StreamingRecognizeCommands, or of a session of commands."""
    return StreamedCommand(
        **common_fields(response),
        result=_command(response.result) if response.HasField("result") else None,
        event=_event(response.event) if response.HasField("event") else None,
    )


def pushed_audio(response: pb.PushAudioResponse) -> PushedAudio:
    """The result of PushAudio."""
    return PushedAudio(response.audio_duration.ToTimedelta(), response.repeated_chunk)


def closed_session(response: pb.CloseSessionResponse) -> ClosedSession:
    """The result of CloseSession."""
    return ClosedSession(response.audio_duration.ToTimedelta(), response.response_count)


def phrase_set_page(response: pb.ListPhraseSetsResponse) -> PhraseSetPage:
    """The result of ListPhraseSets."""
    return PhraseSetPage(tuple(map(PhraseSet.from_proto, response.phrase_sets)), response.next_page_token)


class _Said(TypedDict):
    alternatives: tuple[Alternative, ...]
    channel_tag: int
    start_offset: timedelta
    end_offset: timedelta
    language_code: str


def _utterance(result: pb.SpeechRecognitionResult | pb.StreamingRecognitionResult) -> _Said:
    return {
        "alternatives": tuple(map(_alternative, result.alternatives)),
        "channel_tag": result.channel_tag,
        "start_offset": result.start_offset.ToTimedelta(),
        "end_offset": result.end_offset.ToTimedelta(),
        "language_code": result.language_code,
    }


def _streamed(result: pb.StreamingRecognitionResult) -> StreamedUtterance:
    return StreamedUtterance(
        **_utterance(result),
        is_final=result.is_final,
        stability=result.stability,
        utterance_index=result.utterance_index,
    )


def _alternative(found: pb.SpeechRecognitionAlternative) -> Alternative:
    return Alternative(found.transcript, found.confidence, _words(found.words))


def _words(words: Iterable[pb.WordInfo]) -> tuple[Word, ...]:
    return tuple(
        Word(word.word, word.confidence, _offset(word, "start_offset"), _offset(word, "end_offset")) for word in words
    )


def _offset(word: pb.WordInfo, field: Any) -> timedelta | None:
    found: timedelta | None = getattr(word, field).ToTimedelta() if word.HasField(field) else None
    return found


def _command(found: pb.CommandResult) -> Command:
    return Command(
        accepted=found.accepted,
        confidence=found.confidence,
        phrase=found.phrase,
        phrase_id=found.phrase_id,
        phrase_set=found.phrase_set,
        transcript=found.transcript,
        words=_words(found.words),
        slots=tuple(map(_slot_value, found.slots)),
        start_offset=found.start_offset.ToTimedelta(),
        end_offset=found.end_offset.ToTimedelta(),
        channel_tag=found.channel_tag,
    )


def _slot_value(found: pb.SlotValue) -> SlotValue:
    return SlotValue(
        name=found.name,
        transcript=found.transcript,
        start_offset=found.start_offset.ToTimedelta(),
        end_offset=found.end_offset.ToTimedelta(),
        number=found.number if found.HasField("number") else None,
        ucum_unit=found.ucum_unit,
        entry=found.entry,
    )


def _segment(found: pb.SpeechSegment) -> SpeechSegment:
    return SpeechSegment(
        found.start_offset.ToTimedelta(), found.end_offset.ToTimedelta(), found.confidence, found.channel_tag
    )


def _event(event: pb.SpeechEvent) -> SpeechEvent:
    return SpeechEvent(SpeechEventType(event.type), event.offset.ToTimedelta(), event.channel_tag)
