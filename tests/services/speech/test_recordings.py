from typing import Any

import grpc
import numpy as np
import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2, request_context_pb2
from sensorium_core.errors import UnavailableError
from sensorium_speech.domain import Piece, RecognitionOptions, Recognized
from services.speech.listening.standins import loud, quiet
from services.speech.serving import FORMAT, Counting, Served, activity, serving
from services.speech.sounds import sound_file, tone
from unit.core.support import failure_of

SENTENCES = quiet(1) + loud(2) + quiet(3) + loud(1) + quiet(1)
SEPARATE = pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL


def raw(content: bytes, audio_format: audio_pb2.AudioFormat = FORMAT) -> audio_pb2.Audio:
    return audio_pb2.Audio(raw=audio_pb2.RawAudio(format=audio_format, content=content))


def stereo(left: bytes, right: bytes) -> audio_pb2.Audio:
    frames = np.stack([np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")], axis=1).tobytes()
    two = audio_pb2.AudioFormat(encoding=FORMAT.encoding, sample_rate_hertz=16_000, audio_channel_count=2)
    return raw(frames, two)


def request(audio: audio_pb2.Audio, **features: Any) -> pb.RecognizeRequest:
    config = pb.RecognitionConfig(voice_activity=activity(), features=pb.RecognitionFeatures(**features))
    return pb.RecognizeRequest(audio=audio, config=config)


async def test_a_recording_is_written_down_utterance_by_utterance(served: Served) -> None:
    asked = request(raw(SENTENCES))
    asked.context.CopyFrom(request_context_pb2.RequestContext(request_id="r7", part_id="P"))
    found = await served.stub.Recognize(asked)
    assert [result.alternatives[0].transcript for result in found.results] == ["20", "10"]
    assert [result.start_offset.ToMilliseconds() for result in found.results] == [992, 5984]
    assert found.results[0].alternatives[0].confidence == 0.25
    assert found.results[0].alternatives[0].words[0].confidence == 0.5
    assert found.results[0].language_code == "en"
    assert found.audio_duration.ToMilliseconds() == 8000
    assert (found.context.request_id, found.context.part_id) == ("r7", "P")
    assert found.timings.decode.ToMicroseconds() > 0


async def test_utterances_that_are_near_are_heard_together(served: Served) -> None:
    found = await served.stub.Recognize(request(raw(quiet(1) + loud(2) + quiet(1) + loud(1) + quiet(1))))
    assert [result.alternatives[0].transcript for result in found.results] == ["40"]


async def test_channels_are_heard_each_for_itself(served: Served) -> None:
    audio = stereo(quiet(1) + loud(1) + quiet(3), quiet(3) + loud(1.5) + quiet(0.5))
    found = await served.stub.Recognize(request(audio, multi_channel_mode=SEPARATE))
    assert [(one.channel_tag, one.alternatives[0].transcript) for one in found.results] == [(1, "10"), (2, "15")]
    mixed = await served.stub.Recognize(request(audio))
    assert [one.channel_tag for one in mixed.results] == [0]


class Away(Counting):
    """Stands for a transcriber whose model is away at some calls, counted from 0."""

    def __init__(self, *away: int) -> None:
        super().__init__()
        self.away = away
        self.calls = 0

    async def transcribe(self, piece: Piece, options: RecognitionOptions, **more: object) -> Recognized:
        self.calls += 1
        if self.calls - 1 in self.away:
            raise UnavailableError("restarting", reason="MODEL_UNAVAILABLE", retry_delay=0.001)
        return await super().transcribe(piece, options, **more)


MANY = (loud(1) + quiet(3)) * 7


async def test_a_model_that_restarts_in_the_middle_of_a_recording_is_waited_for() -> None:
    async with serving(Away(5, 6, 7)) as served:
        found = await served.stub.Recognize(request(raw(MANY)))
        assert [result.alternatives[0].transcript for result in found.results] == ["10"] * 7


async def test_a_model_that_is_away_from_the_beginning_is_told_at_once() -> None:
    async with serving(Away(*range(100))) as served:
        failure = await failure_of(served.stub.Recognize(request(raw(MANY))))
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "MODEL_UNAVAILABLE")


async def test_a_file_in_silence_has_no_results(served: Served) -> None:
    audio = audio_pb2.Audio(encoded=sound_file(tone(2, level=0.001)))
    found = await served.stub.Recognize(request(audio))
    assert list(found.results) == []
    assert found.audio_duration.ToMilliseconds() == 2000


async def test_speech_is_found_and_not_cut(served: Served) -> None:
    asked = pb.DetectSpeechRequest(audio=raw(quiet(1) + loud(30) + quiet(1)), voice_activity=activity())
    found = await served.stub.DetectSpeech(asked)
    (segment,) = found.segments
    assert (segment.start_offset.ToMilliseconds(), segment.end_offset.ToMilliseconds()) == (992, 31_008)
    assert segment.confidence == pytest.approx(0.9)
    assert found.audio_duration.ToMilliseconds() == 32_000


async def test_long_speech_is_cut_when_it_is_asked_for(served: Served) -> None:
    asked = pb.DetectSpeechRequest(audio=raw(loud(30)), voice_activity=activity())
    asked.voice_activity.max_speech_duration.FromSeconds(10)
    assert len((await served.stub.DetectSpeech(asked)).segments) >= 3


NOT_FINITE = np.array([0, np.nan], "<f4").tobytes()
FLOATS = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_FLOAT32, sample_rate_hertz=16_000)


@pytest.mark.parametrize(
    ("audio", "reason", "field"),
    [
        (audio_pb2.Audio(), "INVALID_ARGUMENT", "audio.source"),
        (audio_pb2.Audio(encoded=b""), "INVALID_ARGUMENT", "audio.encoded"),
        (audio_pb2.Audio(encoded=b"It was the best of times"), "AUDIO_FORMAT_UNSUPPORTED", "audio.encoded"),
        (audio_pb2.Audio(encoded=sound_file(tone())[:10_000]), "AUDIO_CORRUPT", "audio.encoded"),
        (audio_pb2.Audio(encoded=sound_file(tone(61, 8_000), 8_000)), "AUDIO_TOO_LONG", "audio.encoded"),
        (raw(b"\0\0\0"), "AUDIO_CORRUPT", "audio.raw.content"),
        (raw(NOT_FINITE, FLOATS), "AUDIO_CORRUPT", "audio.raw.content"),
        (raw(b"\0\0", audio_pb2.AudioFormat(encoding=FORMAT.encoding)), "INVALID_ARGUMENT",
         "audio.raw.format.sample_rate_hertz"),
        (raw(b"\0\0", audio_pb2.AudioFormat(sample_rate_hertz=8000)), "INVALID_ARGUMENT", "audio.raw.format.encoding"),
    ],
    ids=["nothing", "0 bytes", "text", "cut short", "long", "half a sample", "not a number", "rate 0", "no encoding"],
)  # fmt: skip
async def test_what_is_no_recording_is_refused(served: Served, audio: audio_pb2.Audio, reason: str, field: str) -> None:
    for call in (
        served.stub.Recognize(pb.RecognizeRequest(audio=audio)),
        served.stub.DetectSpeech(pb.DetectSpeechRequest(audio=audio)),
    ):
        failure = await failure_of(call)
        assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
        assert failure.reason == reason
        assert list(failure.fields) == [field]
