"""Commands through a real channel, spelled in tones."""

import asyncio
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf.json_format import ParseDict

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2
from sensorium_speech.domain import Samples
from services.speech.serving import FORMAT, MOST_STATES, Served, activity
from services.speech.tones import spelled
from unit.core.support import Failure, failure_of

QUIET = np.zeros(12_800, np.int16)
SET: dict[str, Any] = {
    "phrases": [
        {"value": "start pump {pump}", "id": "start"},
        {"value": "set speed to {speed} {unit}", "id": "speed"},
        {"value": "next step"},
    ],
    "slots": [
        {"name": "pump", "list": {"entries": [{"value": "P-1", "spoken": ["left", "first"]}, {"value": "right"}]}},
        {"name": "speed", "number": {"minimum": 0, "maximum": 120, "maxFractionDigits": 1}},
        {"name": "unit", "unit": {"ucumUnits": ["%", "mm"]}},
    ],
}


def vocabulary(content: dict[str, Any] = SET) -> list[pb.AdaptationPhraseSet]:
    return [pb.AdaptationPhraseSet(inline_phrase_set=ParseDict(content, pb.PhraseSet()))]


def config(content: dict[str, Any] = SET, **options: Any) -> pb.CommandsConfig:
    return pb.CommandsConfig(vocabulary=vocabulary(content), voice_activity=activity(), **options)


def recording(*utterances: str) -> audio_pb2.Audio:
    return raw(np.concatenate([QUIET, *(part for text in utterances for part in (spelled(text), QUIET))]))


def raw(samples: Samples) -> audio_pb2.Audio:
    return audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=samples.tobytes()))


async def recognized(served: Served, *utterances: str, **options: Any) -> list[pb.CommandResult]:
    request = pb.RecognizeCommandsRequest(audio=recording(*utterances), config=config(**options))
    return list((await served.stub.RecognizeCommands(request)).results)


async def refused(served: Served, content: dict[str, Any], **options: Any) -> Failure:
    request = pb.RecognizeCommandsRequest(audio=recording("next step"), config=config(content, **options))
    return await failure_of(served.stub.RecognizeCommands(request))


async def test_a_command_with_its_slots(served: Served) -> None:
    (found,) = await recognized(served, "set speed to forty two point five percent")
    assert found.accepted
    assert found.confidence > 0.9
    assert (found.phrase, found.phrase_id, found.phrase_set) == ("set speed to {speed} {unit}", "speed", "")
    assert found.transcript == "set speed to forty two point five percent"
    assert [(slot.name, slot.transcript) for slot in found.slots] == [
        ("speed", "forty two point five"),
        ("unit", "percent"),
    ]
    assert found.slots[0].number == 42.5
    assert found.slots[1].ucum_unit == "%"


async def test_words_and_slots_have_times(served: Served) -> None:
    (found,) = await recognized(served, "start pump left")
    # Each letter takes 120 ms, and the first one begins at 0.8 s.
    begins = [word.start_offset.ToMilliseconds() for word in found.words]
    ends = [word.end_offset.ToMilliseconds() for word in found.words]
    assert begins == pytest.approx([800, 800 + 5 * 120, 800 + 9 * 120], abs=65)
    assert ends == pytest.approx([800 + 5 * 120, 800 + 9 * 120, 800 + 13 * 120], abs=65)
    (slot,) = found.slots
    assert slot.entry == "P-1"
    assert slot.start_offset == found.words[2].start_offset
    assert slot.end_offset == found.words[2].end_offset
    assert all(0.9 < word.confidence <= 1 for word in found.words)


async def test_each_utterance_is_a_result(served: Served) -> None:
    found = await recognized(served, "next step", "start pump right", "set speed to one hundred and five millimeters")
    assert [one.phrase_id for one in found] == ["", "start", "speed"]
    assert found[0].transcript == "next step"
    assert found[1].slots[0].entry == "right"
    assert found[2].slots[0].number == 105


async def test_speech_outside_the_vocabulary_is_rejected(served: Served) -> None:
    (found,) = await recognized(served, "please bring coffee")
    assert not found.accepted
    assert found.confidence < 0.5
    assert found.phrase  # what it is most like


async def test_a_number_outside_the_range_is_no_command(served: Served) -> None:
    (found,) = await recognized(served, "set speed to nine hundred percent")
    assert not found.accepted or found.slots[0].number <= 120


async def test_the_caller_decides_how_sure_a_command_must_be(served: Served) -> None:
    (surely,) = await recognized(served, "next step", min_confidence=0.0)
    assert surely.accepted
    (never,) = await recognized(served, "next stew", min_confidence=1.0)
    assert not never.accepted


async def test_silence_has_no_command(served: Served) -> None:
    request = pb.RecognizeCommandsRequest(audio=raw(QUIET), config=config())
    response = await served.stub.RecognizeCommands(request)
    assert not response.results
    assert response.audio_duration.ToMilliseconds() == 800


async def test_what_is_too_short_for_any_command_is_rejected(served: Served) -> None:
    content = {"phrases": [{"value": "start the second pump of the first line"}]}
    request = pb.RecognizeCommandsRequest(audio=recording("ab"), config=config(content))
    (found,) = (await served.stub.RecognizeCommands(request)).results
    assert (found.accepted, found.phrase, found.confidence) == (False, "", 0)


async def test_a_pronunciation_takes_the_place_of_the_spelling(served: Served) -> None:
    content = {"phrases": [{"value": "open qx"}], "pronunciations": [{"word": "QX", "phonemes": "c o m b o"}]}
    request = pb.RecognizeCommandsRequest(audio=recording("open combo"), config=config(content))
    (found,) = (await served.stub.RecognizeCommands(request)).results
    assert (found.accepted, found.transcript) == (True, "open qx")


async def test_a_kept_set_is_the_vocabulary(served: Served) -> None:
    kept = await served.stub.CreatePhraseSet(
        pb.CreatePhraseSetRequest(phrase_set_id="pumps", phrase_set=ParseDict(SET, pb.PhraseSet()))
    )
    by_name = pb.CommandsConfig(vocabulary=[pb.AdaptationPhraseSet(phrase_set=kept.name)], voice_activity=activity())
    request = pb.RecognizeCommandsRequest(audio=recording("next step"), config=by_name)
    (found,) = (await served.stub.RecognizeCommands(request)).results
    assert (found.phrase, found.phrase_set) == ("next step", "phraseSets/pumps")


@pytest.mark.parametrize(
    ("content", "reason", "field"),
    [
        ({"phrases": []}, "PHRASE_INVALID", ".phrases"),
        ({"phrases": [{"value": "go & stop"}]}, "PHRASE_INVALID", ".phrases[0].value"),
        ({"phrases": [{"value": "go {where}"}]}, "SLOT_UNKNOWN", ".phrases[0].value"),
        (
            {"phrases": [{"value": "go"}], "slots": [{"name": "u", "unit": {"ucumUnits": ["%", "furlong"]}}]},
            "UNIT_UNKNOWN",
            ".slots[0].unit.ucum_units[1]",
        ),
        (
            {"phrases": [{"value": "go"}], "pronunciations": [{"word": "go", "phonemes": "g oo"}]},
            "PRONUNCIATION_INVALID",
            ".pronunciations[0].phonemes",
        ),
        (
            {
                "phrases": [{"value": "go {n}"}],
                "slots": [{"name": "n", "number": {"minimum": 0.3, "maximum": 0.7}}],
            },
            "INVALID_ARGUMENT",
            ".slots[0].number",
        ),
    ],
)
async def test_what_is_wrong_in_a_vocabulary(served: Served, content: dict[str, Any], reason: str, field: str) -> None:
    error = await refused(served, content)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert list(error.fields) == [f"config.vocabulary[0].inline_phrase_set{field}"]


async def test_a_vocabulary_has_a_bound(served: Served) -> None:
    words = [{"value": f"open valve number {number}"} for number in range(900)]
    error = await refused(served, {"phrases": words})
    assert error.reason == "VOCABULARY_TOO_LARGE"
    assert error.metadata == {"limit_states": str(MOST_STATES)}


async def test_a_vocabulary_has_at_most_a_thousand_phrases(served: Served) -> None:
    half = {"phrases": [{"value": "go"}] * 501}
    both = [*vocabulary(half), *vocabulary(half)]
    request = pb.RecognizeCommandsRequest(audio=recording("go"), config=pb.CommandsConfig(vocabulary=both))
    error = await failure_of(served.stub.RecognizeCommands(request))
    assert (error.reason, list(error.fields)) == ("TOO_MANY_PHRASES", ["config.vocabulary"])


async def test_a_model_that_hears_no_phonemes_is_refused(served: Served) -> None:
    error = await refused(served, SET, model="moonshine_tiny_en")
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND")


def streaming(**features: Any) -> pb.StreamingCommandsConfig:
    return pb.StreamingCommandsConfig(
        audio_format=FORMAT, config=config(), streaming_features=pb.StreamingRecognitionFeatures(**features)
    )


async def test_commands_of_a_stream_come_as_they_are_spoken(served: Served) -> None:
    call = served.stub.StreamingRecognizeCommands()
    await call.write(pb.StreamingRecognizeCommandsRequest(config=streaming(enable_voice_activity_events=True)))
    for text in ("next step", "start pump first"):
        sound = np.concatenate([spelled(text), QUIET]).tobytes()
        for start in range(0, len(sound), 3_001):
            await call.write(pb.StreamingRecognizeCommandsRequest(audio=sound[start : start + 3_001]))
        kinds = [await call.read() for _ in range(3)]
        assert [one.WhichOneof("message") for one in kinds] == ["event", "event", "result"]
        assert kinds[2].result.transcript == text
        assert kinds[2].result.accepted
        assert {use.name for use in kinds[2].models} <= {"hama_phoneme_ctc", "silero_vad"}
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_a_wish_ends_an_utterance_at_once(served: Served) -> None:
    call = served.stub.StreamingRecognizeCommands()
    await call.write(pb.StreamingRecognizeCommandsRequest(config=streaming()))
    await call.write(pb.StreamingRecognizeCommandsRequest(audio=spelled("next step").tobytes()))
    await call.write(pb.StreamingRecognizeCommandsRequest(finalize=pb.Finalize()))
    assert (await call.read()).result.transcript == "next step"
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_a_wrong_vocabulary_ends_a_stream_and_frees_its_place(served: Served) -> None:
    wrong = pb.StreamingCommandsConfig(audio_format=FORMAT, config=config({"phrases": [{"value": "{n}"}]}))
    requests = iter([pb.StreamingRecognizeCommandsRequest(config=wrong)])
    error = await failure_of(served.stub.StreamingRecognizeCommands(requests))
    assert error.reason == "SLOT_UNKNOWN"
    assert list(error.fields) == ["config.config.vocabulary[0].inline_phrase_set.phrases[0].value"]
    assert served.places.taken == 0


async def test_a_session_recognises_commands_too(served: Served) -> None:
    opened = await served.stub.OpenSession(pb.OpenSessionRequest(commands=streaming()))
    sound = np.concatenate([spelled("start pump left"), QUIET]).tobytes()
    await served.stub.PushAudio(pb.PushAudioRequest(session=opened.session, audio=sound))
    await served.stub.CloseSession(pb.CloseSessionRequest(session=opened.session))
    watched = [one async for one in served.stub.WatchResults(pb.WatchResultsRequest(session=opened.session))]
    assert [one.WhichOneof("response") for one in watched] == ["commands"]
    assert watched[0].commands.result.slots[0].entry == "P-1"


async def test_callers_may_use_a_vocabulary_at_the_same_time(served: Served) -> None:
    found = await asyncio.gather(*(recognized(served, "next step") for _ in range(5)))
    assert [one[0].transcript for one in found] == ["next step"] * 5
