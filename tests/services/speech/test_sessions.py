import asyncio
import gc
from collections.abc import Iterable
from typing import Any

import grpc
import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import request_context_pb2
from services.speech.leftovers import memory_taken
from services.speech.listening.standins import chunks, loud, quiet
from services.speech.serving import Served, config, messages
from unit.core.support import failure_of, until

SENTENCES = quiet(1) + loud(2) + quiet(1) + loud(1) + quiet(1) + loud(0.5)


async def opened(served: Served, **features: Any) -> str:
    request = pb.OpenSessionRequest(recognition=config(**features))
    request.recognition.context.CopyFrom(request_context_pb2.RequestContext(station="cell 7"))
    response = await served.stub.OpenSession(request)
    assert response.context.station == "cell 7"
    assert response.idle_timeout.ToSeconds() == 60
    return str(response.session)


async def push(served: Served, session: str, number: int, audio: bytes, **more: Any) -> pb.PushAudioResponse:
    request = pb.PushAudioRequest(session=session, sequence_number=number, audio=audio, **more)
    response: pb.PushAudioResponse = await served.stub.PushAudio(request)
    return response


async def watched(served: Served, session: str, first: int = 0) -> list[pb.WatchResultsResponse]:
    call = served.stub.WatchResults(pb.WatchResultsRequest(session=session, first_number=first))
    return [response async for response in call]


def said(found: Iterable[pb.StreamingRecognizeResponse]) -> list[tuple[str, int, int]]:
    results = [one.result for one in found if one.HasField("result")]
    return [
        (one.alternatives[0].transcript, one.start_offset.ToMilliseconds(), one.end_offset.ToMilliseconds())
        for one in results
    ]


async def test_a_session_hears_what_a_stream_hears(served: Served) -> None:
    sound = list(chunks(SENTENCES, 7777))
    stream = served.stub.StreamingRecognize(iter(messages(config(), *sound)))
    expected = said([response async for response in stream])
    session = await opened(served)
    for number, chunk in enumerate(sound):
        await push(served, session, number, chunk)
        assert (await push(served, session, number, chunk)).repeated_chunk
    closed = await served.stub.CloseSession(pb.CloseSessionRequest(session=session))
    found = await watched(served, session)
    assert said(one.recognition for one in found) == expected
    assert len(expected) == 3
    assert [one.number for one in found] == [0, 1, 2]
    assert closed.response_count == 3
    assert closed.audio_duration.ToMilliseconds() == 6500


async def test_results_come_while_sound_is_sent_and_after_a_reconnect(served: Served) -> None:
    session = await opened(served, enable_voice_activity_events=True)
    watching = served.stub.WatchResults(pb.WatchResultsRequest(session=session))
    await push(served, session, 0, loud(1) + quiet(1))
    first = await watching.read()
    assert first.recognition.event.type == pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN
    watching.cancel()
    await push(served, session, 1, loud(1), finalize=True)
    again = served.stub.WatchResults(pb.WatchResultsRequest(session=session, first_number=first.number + 1))
    numbers = [(await again.read()).number for _ in range(5)]
    assert numbers == [1, 2, 3, 4, 5]
    await served.stub.CloseSession(pb.CloseSessionRequest(session=session))
    assert await again.read() is grpc.aio.EOF


async def test_errors_of_sessions(served: Served) -> None:
    session = await opened(served)
    gap = await failure_of(push(served, session, 5, b""))
    assert (gap.code, gap.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SEQUENCE_GAP")
    assert gap.metadata == {"next_sequence_number": "0"}
    await served.stub.CloseSession(pb.CloseSessionRequest(session=session))
    closed = await failure_of(push(served, session, 0, loud(1)))
    assert (closed.code, closed.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SESSION_CLOSED")
    for call in (
        push(served, "sessions/0", 0, b""),
        watched(served, "sessions/0"),
        served.stub.CloseSession(pb.CloseSessionRequest(session="sessions/0")),
    ):
        unknown = await failure_of(call)
        assert (unknown.code, unknown.reason) == (grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_a_session_that_is_discarded_gives_its_place_back(served: Served) -> None:
    session = await opened(served)
    assert served.places.taken == 1
    await push(served, session, 0, loud(1))
    await served.stub.CloseSession(pb.CloseSessionRequest(session=session, discard=True))
    assert served.places.taken == 0
    assert (await failure_of(push(served, session, 1, b""))).reason == "SESSION_NOT_FOUND"


async def test_a_session_that_nobody_watches_expires(served: Served) -> None:
    request = pb.OpenSessionRequest(recognition=config())
    request.idle_timeout.FromMilliseconds(5000)
    await served.stub.OpenSession(request)
    (entry,) = served.sessions._entries.values()
    assert entry.timer is not None
    assert 4 < entry.timer.when() - asyncio.get_running_loop().time() <= 5


async def test_a_watch_ends_when_the_server_does(served: Served) -> None:
    session = await opened(served)
    watching = served.stub.WatchResults(pb.WatchResultsRequest(session=session))
    reading = asyncio.create_task(watching.read())
    await until(lambda: any(entry.users for entry in served.sessions._entries.values()))
    served.admission.draining.set()
    failure = await failure_of(reading)
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")


async def test_abandoned_sessions_leave_nothing_behind(served: Served, logs: list[Any]) -> None:
    async def abandon(number: int) -> None:
        session = await opened(served, interim_results=True)
        await push(served, session, 0, loud(1) + quiet(1) + loud(1))
        watching = served.stub.WatchResults(pb.WatchResultsRequest(session=session))
        if number % 3:
            await watching.read()
        if number % 3 == 2:
            pushing = served.stub.PushAudio(pb.PushAudioRequest(session=session, sequence_number=1, audio=loud(1)))
            closing = served.stub.CloseSession(pb.CloseSessionRequest(session=session))
            pushing.cancel()
            closing.cancel()
        watching.cancel()

    def unused() -> bool:
        return not any(entry.users for entry in served.sessions._entries.values())

    async def many(count: int) -> None:
        for start in range(0, count, 10):
            await asyncio.gather(*(abandon(number) for number in range(start, start + 10)))
            assert served.places.taken == len(served.sessions) == 10
            await until(unused)
            for entry in list(served.sessions._entries.values()):
                served.sessions._expire(entry)  # as its timer does in a minute
            assert served.places.taken == 0
            await until(lambda: not served.sessions._ending)
        logs.clear()
        gc.collect()

    await many(20)
    assert await memory_taken(many, 20, 100) < 300_000


@pytest.mark.parametrize("milliseconds", [0, 4_999, 3_600_001])
async def test_an_idle_timeout_that_cannot_be_is_refused(served: Served, milliseconds: int) -> None:
    request = pb.OpenSessionRequest(recognition=config())
    request.idle_timeout.FromMilliseconds(milliseconds)
    failure = await failure_of(served.stub.OpenSession(request))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert list(failure.fields) == ["idle_timeout"]
