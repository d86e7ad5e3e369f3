from __future__ import annotations

from datetime import timedelta
from typing import Any

import grpc
import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client import (
    AudioFormat,
    CommandOptions,
    InvalidInputError,
    NotFoundError,
    PreconditionError,
    RecognitionOptions,
    RequestContext,
    RetryPolicy,
    StreamOptions,
    UnavailableError,
)
from unit.client.driver import Driver, FakeTime, Serve
from unit.client.scripted import Script, status
from unit.client.speech.scripted import watched

FORMAT = AudioFormat(16_000)
NAME = "sessions/0123456789abcdef0123456789abcdef"
GONE = grpc.StatusCode.UNAVAILABLE


def opening() -> pb.OpenSessionResponse:
    response = pb.OpenSessionResponse(session=NAME)
    response.idle_timeout.FromSeconds(60)
    return response


def pushed(following: int, *, repeated: bool = False) -> pb.PushAudioResponse:
    response = pb.PushAudioResponse(next_sequence_number=following, repeated_chunk=repeated)
    response.audio_duration.FromMilliseconds(500 * following)
    return response


def open_session(client: Driver, script: Script, *args: Any, **kwargs: Any) -> Any:
    script.then(opening())
    session = client.call("open_session", FORMAT, *args, **kwargs)
    script.requests.clear()
    script.method.clear()
    return session


@pytest.fixture
def session(client: Driver, script: Script) -> Any:
    return open_session(client, script)


def numbers(script: Script) -> list[tuple[int, bytes]]:
    return [(request.sequence_number, request.audio) for request in script.requests]


def test_opening(client: Driver, script: Script) -> None:
    script.then(opening())
    context = RequestContext(station="cell 7")
    options, streaming = RecognitionOptions(language_code="en"), StreamOptions(interim_results=True)
    session = client.call("open_session", FORMAT, options, streaming, idle_timeout=30, context=context)
    (request,) = script.requests
    assert (request.recognition.config.language_code, request.recognition.context.station) == ("en", "cell 7")
    assert request.recognition.audio_format.sample_rate_hertz == 16_000
    assert request.recognition.streaming_features.interim_results
    assert request.idle_timeout.ToSeconds() == 30
    assert (session.name, session.idle_timeout) == (NAME, timedelta(seconds=60))


def test_a_session_of_commands(client: Driver, script: Script) -> None:
    script.then(opening())
    session = client.call("open_commands_session", FORMAT, CommandOptions("line"))
    (request,) = script.requests
    assert request.commands.config.vocabulary[0].phrase_set == "phraseSets/line"
    assert not request.HasField("idle_timeout")
    command = pb.StreamingRecognizeCommandsResponse(result=pb.CommandResult(accepted=True, phrase="stop"))
    script.watches.append([pb.WatchResultsResponse(commands=command)])
    (found,) = client.all_of(session.watch())
    assert (found.result.accepted, found.result.phrase) == (True, "stop")


def test_chunks_are_numbered(client: Driver, script: Script, session: Any) -> None:
    script.then(pushed(1), pushed(2))
    client.done(session.push(b"ab"))
    found = client.done(session.push(b"cd", finalize=True))
    assert numbers(script) == [(0, b"ab"), (1, b"cd")]
    assert [request.finalize for request in script.requests] == [False, True]
    assert script.requests[0].session == NAME
    assert (found.audio_duration, found.repeated_chunk) == (timedelta(seconds=1), False)


def test_a_push_that_breaks_is_repeated_under_its_number(client: Driver, script: Script, session: Any) -> None:
    script.then(GONE, pushed(1, repeated=True), pushed(2))
    assert client.done(session.push(b"ab")).repeated_chunk
    client.done(session.push(b"cd"))
    assert numbers(script) == [(0, b"ab"), (0, b"ab"), (1, b"cd")]


def test_after_a_push_that_failed_no_other_chunk_is_taken(unconnected: Driver, serve: Serve, script: Script) -> None:
    client = unconnected.connect(serve(script), retry=RetryPolicy(max_attempts=1))
    session = open_session(client, script)
    script.then(GONE)
    with pytest.raises(UnavailableError):
        client.done(session.push(b"ab"))
    for call in (lambda: session.push(b"cd"), lambda: session.push(b"ab", finalize=True), session.close):
        with pytest.raises(PreconditionError) as caught:
            client.done(call())
        assert caught.value.reason == "CHUNK_MISSING"
    script.then(pushed(1, repeated=True), pushed(2))
    client.done(session.push(b"ab"))
    client.done(session.push(b"cd"))
    assert numbers(script) == [(0, b"ab"), (0, b"ab"), (1, b"cd")]


def test_a_chunk_that_is_refused_has_no_number(client: Driver, script: Script, session: Any) -> None:
    script.then(status(grpc.StatusCode.INVALID_ARGUMENT, "no", reason="INVALID_ARGUMENT"), pushed(1))
    with pytest.raises(InvalidInputError):
        client.done(session.push(b"ab"))
    client.done(session.push(b"cd"))
    assert numbers(script) == [(0, b"ab"), (0, b"cd")]


def test_a_session_that_is_gone(client: Driver, script: Script, session: Any) -> None:
    script.then(status(grpc.StatusCode.NOT_FOUND, "no such session", reason="SESSION_NOT_FOUND"))
    with pytest.raises(NotFoundError) as caught:
        client.done(session.push(b"ab"))
    assert caught.value.reason == "SESSION_NOT_FOUND"


def test_closing(client: Driver, script: Script, session: Any) -> None:
    response = pb.CloseSessionResponse(response_count=7)
    response.audio_duration.FromMilliseconds(1500)
    script.then(GONE, response)
    closed = client.done(session.close())
    assert script.requests == [pb.CloseSessionRequest(session=NAME)] * 2
    assert (closed.audio_duration, closed.response_count) == (timedelta(seconds=1.5), 7)


def test_a_session_is_discarded_at_the_end_of_its_block(client: Driver, script: Script, session: Any) -> None:
    script.then(pb.CloseSessionResponse())

    async def use() -> None:
        async with session:
            pass

    if client.kind == "aio":
        client.loop.run(use())
    else:
        with session:
            pass
    assert script.requests == [pb.CloseSessionRequest(session=NAME, discard=True)]


def test_that_it_cannot_be_discarded_hides_nothing(client: Driver, script: Script, session: Any) -> None:
    script.then(status(grpc.StatusCode.NOT_FOUND, "no such session", reason="SESSION_NOT_FOUND"))

    def use() -> Any:
        with session:
            raise ValueError("the reason")

    async def use_async() -> Any:
        async with session:
            raise ValueError("the reason")

    with pytest.raises(ValueError, match="the reason"):
        client.done((use if client.kind == "sync" else use_async)())


def test_results_until_the_end(client: Driver, script: Script, session: Any) -> None:
    script.watches.append([watched(0, "ever"), watched(3, "tried")])
    assert [found.result.transcript for found in client.all_of(session.watch())] == ["ever", "tried"]
    assert script.requests == [pb.WatchResultsRequest(session=NAME)]


def test_a_watch_that_breaks_goes_on_where_it_was(
    client: Driver, script: Script, session: Any, fake_time: FakeTime
) -> None:
    script.watches.extend(
        [
            [watched(0, "a"), GONE],
            [GONE],
            [watched(4, "b"), GONE],
            [GONE],
            [GONE],
            [watched(5, "c")],
        ]
    )
    assert [found.result.transcript for found in client.all_of(session.watch())] == ["a", "b", "c"]
    assert [request.first_number for request in script.requests] == [0, 1, 1, 5, 5, 5]
    assert fake_time.sleeps == [0.1, 0.2, 0.1, 0.2, 0.4]  # each answer makes the patience whole again


def test_a_watch_gives_up_in_the_end(client: Driver, script: Script, session: Any) -> None:
    script.watches.extend([[watched(0, "a"), GONE], [GONE], [GONE], [GONE]])
    found: list[Any] = []
    with pytest.raises(UnavailableError):
        client.all_of(session.watch(), found)
    assert len(found) == 1
    assert not script.watches
    script.watches.append([watched(1, "b")])
    assert [one.result.transcript for one in client.all_of(session.watch())] == ["b"]
    assert script.requests[-1].first_number == 1


def test_results_that_are_gone(client: Driver, script: Script, session: Any) -> None:
    script.watches.append([status(grpc.StatusCode.OUT_OF_RANGE, "gone", reason="RESULTS_GONE")])
    with pytest.raises(InvalidInputError) as caught:
        client.all_of(session.watch())
    assert caught.value.reason == "RESULTS_GONE"


def test_a_loop_that_is_left_goes_on_where_it_was(client: Driver, script: Script, session: Any) -> None:
    script.watches.extend([[watched(0, "a"), watched(1, "b"), None], [watched(1, "b")]])
    watching = session.watch()
    if client.kind == "aio":
        client.loop.run(anext(watching))
        client.loop.run(watching.aclose())
    else:
        next(watching)
        watching.close()
    assert [found.result.transcript for found in client.all_of(session.watch())] == ["b"]
    assert [request.first_number for request in script.requests] == [0, 1]


def test_a_watch_ends_with_its_deadline(client: Driver, script: Script, session: Any) -> None:
    script.watches.append([None])
    with pytest.raises(Exception, match=r"within 0\.05 s"):
        client.all_of(session.watch(deadline=0.05))
