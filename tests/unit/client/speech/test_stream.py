from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import grpc
import numpy as np
import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2
from sensorium_client import (
    FINALIZE,
    AsyncSpeechClient,
    AudioEncoding,
    AudioFormat,
    CommandOptions,
    InvalidInputError,
    OverloadedError,
    PhraseSet,
    RecognitionOptions,
    RequestContext,
    SpeechEvent,
    SpeechEventType,
    StreamOptions,
    UnavailableError,
)
from sensorium_client._speech.responses import streamed_command, streamed_speech
from unit.client.driver import Driver, Loop, Serve
from unit.client.scripted import Script, status

FORMAT = AudioFormat(16_000)
STEREO = AudioFormat(48_000, AudioEncoding.FLOAT32, 2)


def stream(client: Driver, chunks: Any, *args: Any, into: list[Any] | None = None, **kwargs: Any) -> list[Any]:
    return client.all_of(client.client.stream(chunks, *args, **kwargs), into)


def told(responses: list[Any]) -> list[tuple[str, bool]]:
    return [(response.result.transcript, response.result.is_final) for response in responses]


def test_results_come_as_they_grow(client: Driver) -> None:
    found = stream(client, [b"ab", b"cd", FINALIZE, b"ef"], FORMAT)
    assert told(found) == [("ab", False), ("abcd", False), ("abcd", True), ("ef", False), ("ef", True)]
    assert [response.result.stability for response in found[:3]] == [0.5, 0.5, 0.0]


def test_no_sound_no_results(client: Driver) -> None:
    assert stream(client, [], FORMAT) == []


def test_the_configuration_comes_first(client: Driver, script: Script) -> None:
    stream(
        client,
        [b"ab"],
        STEREO,
        RecognitionOptions(language_code="en", word_times=False, phrases=["weir"]),
        StreamOptions(
            interim_results=True,
            voice_activity_events=True,
            speech_start_timeout=5,
            speech_end_timeout=timedelta(seconds=2),
            max_duration=3600,
        ),
        context=RequestContext(station="cell 7"),
    )
    first, second = script.requests
    features = pb.StreamingRecognitionFeatures(interim_results=True, enable_voice_activity_events=True)
    features.voice_activity_timeout.speech_start_timeout.FromSeconds(5)
    features.voice_activity_timeout.speech_end_timeout.FromSeconds(2)
    features.max_duration.FromSeconds(3600)
    assert first.config.streaming_features == features
    assert first.config.audio_format == audio_pb2.AudioFormat(
        encoding=audio_pb2.AUDIO_ENCODING_FLOAT32, sample_rate_hertz=48_000, audio_channel_count=2
    )
    assert first.config.config.language_code == "en"
    assert not first.config.config.features.enable_word_time_offsets
    assert first.config.context.station == "cell 7"
    assert second == pb.StreamingRecognizeRequest(audio=b"ab")


def test_defaults_are_the_services_own(client: Driver, script: Script) -> None:
    stream(client, [], FORMAT, None, StreamOptions())
    (first,) = script.requests
    assert not first.config.HasField("config")
    assert not first.config.streaming_features.HasField("voice_activity_timeout")


def test_commands(client: Driver, script: Script) -> None:
    options = CommandOptions(PhraseSet(["stop"]), min_confidence=0.25)
    streaming = StreamOptions(voice_activity_events=True)
    found = client.all_of(client.client.stream_commands([b"st", FINALIZE, b"op"], FORMAT, options, streaming))
    assert [response.result.transcript for response in found] == ["st", "op"]
    first = script.requests[0].config
    assert first.config.vocabulary[0].inline_phrase_set.phrases[0].value == "stop"
    assert first.config.min_confidence == 0.25
    assert first.streaming_features.enable_voice_activity_events


@pytest.mark.parametrize(
    ("chunk", "audio_format", "content"),
    [
        (bytearray(b"ab"), FORMAT, b"ab"),
        (memoryview(b"ab"), FORMAT, b"ab"),
        (np.array([0x6261], ">i2"), FORMAT, b"ab"),
        (np.array([[0.5, 0.0]]), STEREO, b"\0\0\0\x3f\0\0\0\0"),
        (b"", FORMAT, b""),
    ],
)
def test_chunks(client: Driver, script: Script, chunk: Any, audio_format: AudioFormat, content: bytes) -> None:
    stream(client, [chunk], audio_format)
    assert script.requests[1].audio == content


@pytest.mark.parametrize(
    ("chunk", "audio_format", "text"),
    [
        (np.zeros(2, np.float32), FORMAT, "in a stream of LINEAR16"),
        (np.zeros(2, np.float32), STEREO, "in a stream of 2 channels"),
        (np.zeros((2, 2), np.int16), FORMAT, "in a stream of 1 channels"),
        (np.zeros(2, np.int64), FORMAT, "cannot be sent"),
        ("ab", FORMAT, "not str"),
        (bytes(32 * 2**20 + 1), FORMAT, "32 MiB"),
    ],
)
def test_a_chunk_that_cannot_be_sent_ends_the_stream_behind_those_before_it(
    client: Driver, chunk: Any, audio_format: AudioFormat, text: str
) -> None:
    found: list[Any] = []
    with pytest.raises(InvalidInputError, match=text):
        stream(client, [b"ab", chunk, b"cd"], audio_format, into=found)
    assert told(found) == [("ab", False), ("ab", True)]


def test_a_source_that_fails(client: Driver) -> None:
    def source() -> Iterator[bytes]:
        yield b"ab"
        raise OSError("unplugged")

    found: list[Any] = []
    with pytest.raises(OSError, match="unplugged"):
        stream(client, source(), FORMAT, into=found)
    assert told(found) == [("ab", False), ("ab", True)]


def test_a_stream_that_is_refused(client: Driver, script: Script) -> None:
    script.stream_failure = status(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", reason="OVERLOADED", retry_delay=1.0)
    with pytest.raises(OverloadedError):
        stream(client, [b"ab"], FORMAT)


def test_a_stream_that_breaks(client: Driver) -> None:
    found: list[Any] = []
    with pytest.raises(UnavailableError):
        stream(client, [b"ab", b"die"], FORMAT, into=found)
    assert told(found) == [("ab", False)]


def test_chunks_from_an_async_iterator(serve: Serve, script: Script, loop: Loop) -> None:
    async def microphone() -> AsyncIterator[bytes]:
        for chunk in (b"ab", b"cd"):
            yield chunk

    async def use(address: str) -> list[Any]:
        async with AsyncSpeechClient(address) as client:
            return [response async for response in client.stream(microphone(), FORMAT)]

    assert told(loop.run(use(serve(script))))[-1] == ("abcd", True)


def test_events() -> None:
    event = pb.SpeechEvent(type=pb.SPEECH_EVENT_TYPE_SILENCE_TIMEOUT, channel_tag=2)
    event.offset.FromMilliseconds(1500)
    expected = SpeechEvent(SpeechEventType.SILENCE_TIMEOUT, timedelta(seconds=1.5), 2)
    for response in (
        streamed_speech(pb.StreamingRecognizeResponse(event=event)),
        streamed_command(pb.StreamingRecognizeCommandsResponse(event=event)),
    ):
        assert (response.event, response.result) == (expected, None)


def test_a_streamed_result() -> None:
    result = pb.StreamingRecognitionResult(channel_tag=2, utterance_index=7, language_code="en", stability=0.25)
    result.start_offset.FromMilliseconds(500)
    result.end_offset.FromMilliseconds(1500)
    found = streamed_speech(pb.StreamingRecognizeResponse(result=result))
    assert found.event is None
    assert found.result is not None
    assert (found.result.transcript, found.result.channel_tag, found.result.utterance_index) == ("", 2, 7)
    assert (found.result.start_offset, found.result.end_offset) == (timedelta(seconds=0.5), timedelta(seconds=1.5))


@pytest.mark.parametrize(
    ("audio_format", "size"), [(FORMAT, 2), (STEREO, 8), (AudioFormat(8_000, AudioEncoding.LINEAR24), 3)]
)
def test_bytes_of_a_moment(audio_format: AudioFormat, size: int) -> None:
    assert audio_format.frame_bytes == size
