import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import request_context_pb2
from sensorium_speech.streaming import agreement
from services.speech.leftovers import memory_taken
from services.speech.listening.standins import loud, quiet
from services.speech.serving import MOST_STREAMS, Served, config, messages
from unit.core.support import failure_of, until

SENTENCES = quiet(1) + loud(2) + quiet(1) + loud(1) + quiet(1)


async def answers(served: Served, *items: Any) -> list[pb.StreamingRecognizeResponse]:
    return [answer async for answer in served.stub.StreamingRecognize(iter(messages(*items)))]


def told(found: list[pb.StreamingRecognizeResponse]) -> list[str]:
    """The transcripts, and the names of events."""
    return [
        answer.result.alternatives[0].transcript
        if answer.HasField("result")
        else pb.SpeechEventType.Name(answer.event.type).removeprefix("SPEECH_EVENT_TYPE_")
        for answer in found
    ]


async def test_a_result_says_what_was_said_where(served: Served) -> None:
    one = config()
    one.context.CopyFrom(request_context_pb2.RequestContext(request_id="r", station="cell 7"))
    first, second = await answers(served, one, SENTENCES)
    assert first.result.is_final
    assert (first.result.start_offset.ToMilliseconds(), first.result.end_offset.ToMilliseconds()) == (992, 3008)
    assert [first.result.utterance_index, second.result.utterance_index] == [0, 1]
    assert first.result.language_code == "en"
    assert first.result.channel_tag == 0
    (word,) = first.result.alternatives[0].words
    assert (word.word, word.start_offset.ToMilliseconds()) == ("20", 992)
    assert first.context.station == "cell 7"
    assert first.context.request_id.endswith("/0")
    assert second.context.request_id.endswith("/1")
    assert first.timings.total.ToMicroseconds() > 0


async def test_events_and_interim_results_come_when_they_are_asked_for(served: Served) -> None:
    one = config(interim_results=True, enable_voice_activity_events=True)

    async def paced() -> AsyncIterator[pb.StreamingRecognizeRequest]:
        yield messages(one)[0]
        for start in range(0, len(SENTENCES), 3200):
            yield messages(SENTENCES[start : start + 3200])[0]
            await asyncio.sleep(0.002)

    found = [answer async for answer in served.stub.StreamingRecognize(paced())]
    events = [name for name in told(found) if name.startswith("SPEECH")]
    assert events == ["SPEECH_ACTIVITY_BEGIN", "SPEECH_ACTIVITY_END"] * 2
    interim = [answer.result for answer in found if answer.HasField("result") and not answer.result.is_final]
    assert interim
    assert all(0 <= result.stability <= 1 for result in interim)
    finals = [answer.result for answer in found if answer.result.is_final]
    assert [result.alternatives[0].transcript for result in finals] == ["20", "10"]


async def test_to_finalize_gives_a_result_at_once(served: Served) -> None:
    found = await answers(served, config(), loud(1), pb.Finalize(), loud(1))
    assert told(found) == ["10", "10"]


async def test_a_timeout_is_the_last_response(served: Served) -> None:
    one = config()
    one.streaming_features.voice_activity_timeout.speech_end_timeout.FromSeconds(2)
    assert told(await answers(served, one, loud(1), quiet(60), loud(1))) == ["10", "SILENCE_TIMEOUT"]
    two = config()
    two.streaming_features.max_duration.FromSeconds(1)
    assert told(await answers(served, two, loud(60))) == ["10", "DURATION_TIMEOUT"]


@pytest.mark.parametrize(
    ("items", "reason", "field"),
    [
        ([], "STREAM_ORDER", "config"),
        ([loud(1)], "STREAM_ORDER", "config"),
        ([config(), config()], "STREAM_ORDER", "config"),
        ([config(), loud(0.1), config()], "STREAM_ORDER", "config"),
        ([pb.StreamingRecognitionConfig()], "INVALID_ARGUMENT", "config.audio_format"),
    ],
    ids=["nothing", "sound first", "configuration twice", "configuration later", "no format"],
)
async def test_messages_out_of_order_end_the_stream(served: Served, items: list[Any], reason: str, field: str) -> None:
    failure = await failure_of(_last(served.stub.StreamingRecognize(iter(messages(*items)))))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.reason == reason
    assert list(failure.fields) == [field]


@pytest.mark.parametrize(("rate", "channels"), [(0, 1), (7_999, 1), (48_001, 1), (16_000, 9)])
async def test_a_format_that_cannot_be_is_refused(served: Served, rate: int, channels: int) -> None:
    one = config()
    one.audio_format.sample_rate_hertz = rate
    one.audio_format.audio_channel_count = channels
    failure = await failure_of(_last(served.stub.StreamingRecognize(iter(messages(one)))))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.fields
    assert all(field.startswith("config.audio_format.") for field in failure.fields)


async def test_more_streams_than_there_are_places_are_told_to_come_back(served: Served) -> None:
    streams = [served.stub.StreamingRecognize() for _ in range(MOST_STREAMS)]
    for stream in streams:
        await stream.write(messages(config())[0])
    await until(lambda: served.places.taken == MOST_STREAMS)
    failure = await failure_of(_last(served.stub.StreamingRecognize(iter(messages(config())))))
    assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
    assert failure.retry_delay
    for stream in streams:
        stream.cancel()
    await until(lambda: served.places.taken == 0)


async def test_a_draining_server_sends_what_was_said_and_ends_the_stream(served: Served) -> None:
    stream = served.stub.StreamingRecognize()
    await stream.write(messages(config(enable_voice_activity_events=True))[0])
    await stream.write(messages(loud(1))[0])
    assert (await stream.read()).event.type == pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN
    served.admission.draining.set()
    assert (await stream.read()).event.type == pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_END
    assert (await stream.read()).result.is_final
    failure = await failure_of(stream.read())
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")


async def test_aborted_streams_leave_nothing_behind(served: Served, logs: list[Any]) -> None:
    async def abort(number: int) -> None:
        stream = served.stub.StreamingRecognize()
        await stream.write(messages(config(interim_results=True))[0])
        if number % 3:
            await stream.write(messages(loud(1) + quiet(1) + loud(1))[0])
        if number % 3 == 2:
            await stream.read()
        stream.cancel()

    async def many(count: int) -> None:
        for start in range(0, count, 10):
            await asyncio.gather(*(abort(number) for number in range(start, start + 10)))
            await until(lambda: served.places.taken == 0)
        logs.clear()
        gc.collect()

    await many(100)
    assert await memory_taken(many, 50, 1000) < 1_000_000


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([], ["It"], 0),
        (["It"], ["It"], 1),
        (["It", "wash."], ["It", "was", "the"], 1 / 3),
        (["it", "was."], ["It", "was", "the"], 2 / 3),
        (["It", "was", "the"], ["It"], 1),
        (["It"], [], 0),
    ],
)
def test_stability_is_the_share_of_words_that_stay(before: list[str], now: list[str], expected: float) -> None:
    assert agreement(before, now) == pytest.approx(expected)


async def _last(stream: Any) -> object:
    return [answer async for answer in stream]
