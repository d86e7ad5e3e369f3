"""Masking in every way out of the service, through real channels to it and from it to a text service."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.text.v1 import text_service_pb2 as text_pb
from sensorium.type.v1 import audio_pb2, request_context_pb2
from sensorium_client.stack.ports import free_ports
from sensorium_speech.domain import Piece, RecognitionOptions, Recognized, Transcript, Word
from services.speech.listening.standins import loud, quiet
from services.speech.redaction.text_service import NOT_SERVING, ScriptedText, running
from services.speech.serving import FORMAT, Counting, Served, config, messages, serving
from unit.core.support import failure_of, until

SOUND = quiet(1) + loud(2) + quiet(3) + loud(1) + quiet(1)
MASKED = "Ask [PERSON_NAME], please."


class Saying(Counting):
    """Stands for the transcriber: every utterance is the same, and hears two names that sound alike."""

    language = "en"

    def __init__(self) -> None:
        self.heard = 0

    async def transcribe(self, piece: Piece, options: RecognitionOptions, **more: object) -> Recognized:
        self.heard += 1
        begin = piece.utterance.begin
        return Recognized(tuple(_said(text, begin) for text in ("Ask John Smith, please.", "Ask Jon Smith, please.")))


def _said(text: str, begin: int) -> Transcript:
    words = [
        Word(word, 0.5, begin + 1600 * place, begin + 1600 * place + 800) for place, word in enumerate(text.split())
    ]
    return Transcript(text, 0.25, tuple(words))


@pytest.fixture
def text() -> ScriptedText:
    return ScriptedText("John Smith", "Jon Smith")


@pytest.fixture
def transcriber() -> Saying:
    return Saying()


@pytest.fixture
async def served(text: ScriptedText, transcriber: Saying) -> AsyncIterator[Served]:
    async with running(text) as address, serving(transcriber, text_address=address) as one:
        yield one


@pytest.fixture
async def address() -> str:
    """One at which nobody answers yet."""
    return f"127.0.0.1:{free_ports(1)[0]}"


def recording(*, redact: bool = True, **more: Any) -> pb.RecognizeRequest:
    raw = audio_pb2.RawAudio(format=FORMAT, content=SOUND)
    features = pb.RecognitionFeatures(max_alternatives=5)
    settings = pb.RecognitionConfig(redact_personal_data=redact, features=features)
    return pb.RecognizeRequest(audio=audio_pb2.Audio(raw=raw), config=settings, **more)


def streamed(**features: Any) -> pb.StreamingRecognitionConfig:
    one = config(**features)
    one.config.redact_personal_data = True
    return one


async def answers(served: Served, *items: Any) -> list[pb.StreamingRecognizeResponse]:
    return [answer async for answer in served.stub.StreamingRecognize(iter(messages(*items)))]


def words_of(alternative: pb.SpeechRecognitionAlternative) -> list[tuple[str, int, int]]:
    return [
        (word.word, word.start_offset.ToMilliseconds(), word.end_offset.ToMilliseconds()) for word in alternative.words
    ]


def only(found: Iterable[pb.SpeechRecognitionAlternative]) -> pb.SpeechRecognitionAlternative:
    (one,) = found
    return one


async def test_a_recording_leaves_without_names(served: Served, text: ScriptedText) -> None:
    context = request_context_pb2.RequestContext(request_id="r7", station="cell 7")
    found = await served.stub.Recognize(recording(context=context))
    first = found.results[0]
    assert only(first.alternatives).transcript == MASKED  # versions that are alike now are one
    assert [word for word, _, _ in words_of(only(first.alternatives))] == ["Ask", "[PERSON_NAME],", "please."]
    assert only(first.alternatives).words[1].confidence == 0.25
    assert "Smith" not in str(found)
    assert {use.name: use.version for use in found.models}["rampart_pii"] == "1"


async def test_the_text_service_is_asked_within_the_call(served: Served, text: ScriptedText) -> None:
    context = request_context_pb2.RequestContext(request_id="r7", station="cell 7")
    await served.stub.Recognize(recording(context=context), timeout=3)
    assert text.checked == 1
    assert {one.text for one in text.requests} == {"Ask John Smith, please.", "Ask Jon Smith, please."}
    one = text.requests[0]
    assert one.context == request_context_pb2.RequestContext(request_id="r7")
    assert one.language_code == "en"
    assert one.encoding_type == text_pb.ENCODING_TYPE_UTF32
    assert one.options.mode == text_pb.REDACT_MODE_MASK
    assert all(2 < allowed < 4 for allowed in text.allowed)  # grpc rounds what it sends


async def test_text_leaves_as_it_is_when_nobody_asks(served: Served, text: ScriptedText) -> None:
    found = await served.stub.Recognize(recording(redact=False))
    assert len(found.results[0].alternatives) == 2
    assert (text.checked, text.requests) == (0, [])


async def test_a_stream_leaves_without_names(served: Served, text: ScriptedText) -> None:
    one = streamed(interim_results=True, enable_voice_activity_events=True)
    stream = served.stub.StreamingRecognize(iter(messages(one, SOUND)), metadata=(("x-request-id", "r"),))
    found = [answer async for answer in stream]
    results = [answer for answer in found if answer.HasField("result")]
    assert [answer.result.is_final for answer in results] == [True, True]
    assert [only(answer.result.alternatives).transcript for answer in results] == [MASKED, MASKED]
    assert words_of(only(results[0].result.alternatives)) == [
        ("Ask", 992, 1042),
        ("[PERSON_NAME],", 1092, 1242),
        ("please.", 1292, 1342),
    ]
    assert {one.context.request_id for one in text.requests} == {"r/0", "r/1"}
    assert {use.name for use in results[0].models} == {"rampart_pii"}
    assert "Smith" not in str(found)


async def test_a_session_keeps_and_gives_no_names(served: Served) -> None:
    session = (await served.stub.OpenSession(pb.OpenSessionRequest(recognition=streamed()))).session
    await served.stub.PushAudio(pb.PushAudioRequest(session=session, audio=SOUND))
    await served.stub.CloseSession(pb.CloseSessionRequest(session=session))
    watching = served.stub.WatchResults(pb.WatchResultsRequest(session=session))
    found = [response async for response in watching]
    assert [only(one.recognition.result.alternatives).transcript for one in found] == [MASKED, MASKED]
    (entry,) = served.sessions._entries.values()
    assert "Smith" not in str([kept.response for kept in entry.session._window.since(0)])


async def calls(served: Served) -> list[Any]:
    """Every call that can ask for masking."""
    return [
        served.stub.Recognize(recording()),
        answers(served, streamed(), SOUND),
        served.stub.OpenSession(pb.OpenSessionRequest(recognition=streamed())),
    ]


async def test_where_there_is_no_text_service_masking_is_refused(transcriber: Saying) -> None:
    async with serving(transcriber) as served:
        for call in await calls(served):
            failure = await failure_of(call)
            assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "REDACTION_NOT_CONFIGURED")
            assert all(field.endswith("config.redact_personal_data") for field in failure.fields)
            assert failure.fields
        assert transcriber.heard == 0
        assert served.places.taken == 0


async def test_where_nobody_answers_masking_is_refused_before_any_work(transcriber: Saying, address: str) -> None:
    async with serving(transcriber, text_address=address) as served:
        for call in await calls(served):
            failure = await failure_of(call)
            assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "REDACTION_UNAVAILABLE")
            assert failure.retry_delay == 0.5
        assert transcriber.heard == 0
        await until(lambda: served.places.taken == 0)


async def test_a_text_service_that_does_not_serve_is_as_good_as_none(
    served: Served, text: ScriptedText, transcriber: Saying
) -> None:
    text.status = NOT_SERVING
    for call in await calls(served):
        assert (await failure_of(call)).reason == "REDACTION_UNAVAILABLE"
    assert transcriber.heard == 0


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"])
async def test_a_recording_fails_when_the_text_service_goes(served: Served, text: ScriptedText, code: str) -> None:
    text.failures = [grpc.StatusCode[code]]
    failure = await failure_of(served.stub.Recognize(recording()))
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "REDACTION_UNAVAILABLE")
    assert failure.retry_delay == 0.5
    assert "Smith" not in str(failure)


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "PERMISSION_DENIED", "INTERNAL", "UNIMPLEMENTED"])
async def test_what_the_text_service_refuses_is_a_defect_on_this_side(
    served: Served, text: ScriptedText, logs: list[Any], code: str
) -> None:
    text.failures = [grpc.StatusCode[code]]
    failure = await failure_of(served.stub.Recognize(recording()))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert [entry["code"] for entry in logs if entry["event"] == "text service refuses"] == [code]
    assert "Smith" not in str(failure) + str(logs)


async def test_an_answer_that_does_not_fit_is_no_answer(served: Served, text: ScriptedText) -> None:
    text.lies = True
    failure = await failure_of(served.stub.Recognize(recording()))
    assert failure.reason == "INTERNAL"
    assert "Smith" not in str(failure)


async def test_a_late_answer_is_the_text_services_fault_unless_the_caller_had_no_time(transcriber: Saying) -> None:
    slow = SlowText()
    async with running(slow) as address:
        async with serving(transcriber, text_address=address, redaction_timeout=0.1) as served:
            assert (await failure_of(served.stub.Recognize(recording()))).reason == "REDACTION_UNAVAILABLE"
        async with serving(transcriber, text_address=address, redaction_timeout=30) as served:
            failure = await failure_of(served.stub.Recognize(recording(), timeout=0.2))
            assert failure.code is grpc.StatusCode.DEADLINE_EXCEEDED


class SlowText(ScriptedText):
    """Takes longer than anybody waits."""

    async def redact(self, request: Any, context: Any) -> Any:
        await asyncio.Event().wait()


async def test_a_stream_waits_for_a_text_service_that_comes_back(transcriber: Saying, address: str) -> None:
    text = ScriptedText("John Smith", "Jon Smith")
    async with serving(transcriber, text_address=address) as served, AsyncExitStack() as life:
        await life.enter_async_context(running(text, address))
        stream = served.stub.StreamingRecognize()
        await stream.write(messages(streamed())[0])
        await stream.write(messages(SOUND)[0])
        assert only((await stream.read()).result.alternatives).transcript == MASKED
        text.failures = [grpc.StatusCode.UNAVAILABLE] * 2
        assert only((await stream.read()).result.alternatives).transcript == MASKED
        heard = transcriber.heard
        await life.aclose()
        await stream.write(messages(loud(1) + quiet(1))[0])
        await until(lambda: transcriber.heard > heard)
        async with running(text, address):
            assert only((await stream.read()).result.alternatives).transcript == MASKED
            assert transcriber.heard == heard + 1  # it was the text service that was asked again, not the models
            await stream.done_writing()
            assert await stream.read() is grpc.aio.EOF


async def test_a_stream_ends_when_the_text_service_stays_away(
    served: Served, text: ScriptedText, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = served.stub.StreamingRecognize()
    await stream.write(messages(streamed())[0])
    await stream.write(messages(loud(1) + quiet(1))[0])
    assert only((await stream.read()).result.alternatives).transcript == MASKED
    monkeypatch.setattr("sensorium_speech.listening._recognition.PATIENCE", 0.05)
    text.failures = [grpc.StatusCode.UNAVAILABLE] * 1000
    await stream.write(messages(loud(1) + quiet(1))[0])
    failure = await failure_of(stream.read())
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "REDACTION_UNAVAILABLE")
    assert failure.retry_delay == 0.5
