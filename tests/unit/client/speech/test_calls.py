from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2
from sensorium_client import (
    Alternative,
    AsyncSpeechClient,
    AudioEncoding,
    AudioFormat,
    Command,
    CommandOptions,
    InvalidInputError,
    ListSlot,
    MessageTooLargeError,
    ModelUse,
    NotFoundError,
    NumberSlot,
    Phrase,
    PhraseSet,
    PreconditionError,
    RawAudio,
    RequestContext,
    SlotValue,
    SpeechClient,
    SpeechEventType,
    SpeechSegment,
    UnavailableError,
    UnitSlot,
    Utterance,
    VoiceActivityOptions,
    Word,
)
from unit.client.driver import Driver
from unit.client.scripted import Script, status

CONTEXT = RequestContext("r1", "m1", "p1", "rec1", "prod1", "j1", "cell 7")
SECOND = timedelta(seconds=1)
SOUND = b"RIFF, let us say"


def with_common(response: Any) -> Any:
    response.context.CopyFrom(CONTEXT.to_proto())
    response.models.add(name="net", version="3")
    response.timings.total.FromTimedelta(timedelta(milliseconds=6))
    response.audio_duration.FromTimedelta(timedelta(seconds=9))
    return response


def word(text: str, begin: float, end: float, confidence: float = 0.5) -> pb.WordInfo:
    found = pb.WordInfo(word=text, confidence=confidence)
    found.start_offset.FromTimedelta(begin * SECOND)
    found.end_offset.FromTimedelta(end * SECOND)
    return found


def timed(message: Any, begin: float, end: float) -> Any:
    message.start_offset.FromTimedelta(begin * SECOND)
    message.end_offset.FromTimedelta(end * SECOND)
    return message


def test_recognize_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.RecognizeResponse())
    first = timed(response.results.add(channel_tag=2, language_code="en"), 1, 2.5)
    first.alternatives.add(transcript="Ever tried.", confidence=0.75, words=[word("Ever", 1, 1.25)])
    first.alternatives.add(transcript="Never tried.", confidence=0.5, words=[pb.WordInfo(word="Never")])
    response.results.add()
    script.then(response)
    result = client.call(
        "recognize",
        SOUND,
        model="net",
        language_code="en-US",
        word_times=False,
        max_alternatives=3,
        separate_channels=True,
        phrases=["sluice gate", Phrase("penstock", 7.0, "p")],
        phrase_sets=["pumps", "phraseSets/valves", PhraseSet(["weir"], boost=2.0)],
        voice_activity=VoiceActivityOptions(threshold=0.0, min_silence_duration=SECOND, speech_padding=0.25),
        redact=True,
        context=CONTEXT,
        deadline=7.0,
    )
    activity = pb.VoiceActivityOptions(threshold=0.0)
    activity.min_silence_duration.FromSeconds(1)
    activity.speech_padding.FromMilliseconds(250)
    phrases = pb.PhraseSet(phrases=[pb.Phrase(value="sluice gate"), pb.Phrase(value="penstock", boost=7.0, id="p")])
    config = pb.RecognitionConfig(
        model="net",
        language_code="en-US",
        features=pb.RecognitionFeatures(
            enable_word_time_offsets=False,
            max_alternatives=3,
            multi_channel_mode=pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL,
        ),
        adaptation=pb.SpeechAdaptation(
            phrase_sets=[
                pb.AdaptationPhraseSet(inline_phrase_set=phrases),
                pb.AdaptationPhraseSet(phrase_set="phraseSets/pumps"),
                pb.AdaptationPhraseSet(phrase_set="phraseSets/valves"),
                pb.AdaptationPhraseSet(inline_phrase_set=pb.PhraseSet(phrases=[pb.Phrase(value="weir")], boost=2.0)),
            ]
        ),
        voice_activity=activity,
        redact_personal_data=True,
    )
    audio = audio_pb2.Audio(encoded=SOUND)
    assert script.requests == [pb.RecognizeRequest(context=CONTEXT.to_proto(), audio=audio, config=config)]
    assert script.requests[0].config.voice_activity.HasField("threshold")
    assert (result.context, result.models) == (CONTEXT, (ModelUse("net", "3"),))
    assert result.audio_duration == 9 * SECOND
    best, silent = result.results
    assert best == Utterance(
        (
            Alternative("Ever tried.", 0.75, (Word("Ever", 0.5, SECOND, 1.25 * SECOND),)),
            Alternative("Never tried.", 0.5, (Word("Never", 0.0, None, None),)),
        ),
        2,
        SECOND,
        2.5 * SECOND,
        "en",
    )
    assert (best.transcript, best.words[0].word) == ("Ever tried.", "Ever")
    assert (silent.transcript, silent.words) == ("", ())
    assert result.text == "Ever tried."


def test_defaults_are_the_services_own(client: Driver, script: Script) -> None:
    script.then(pb.RecognizeResponse())
    client.call("recognize", SOUND)
    (request,) = script.requests
    assert request.config == pb.RecognitionConfig(features=pb.RecognitionFeatures(enable_word_time_offsets=True))
    assert script.timeouts[0] == pytest.approx(600, abs=60)  # a recording may be long


def test_json_is_the_response(client: Driver, script: Script) -> None:
    response = pb.RecognizeResponse(results=[timed(pb.SpeechRecognitionResult(), 0, 1)])
    script.then(response)
    text = client.call("recognize", SOUND).to_json()
    assert json.loads(text)["results"][0]["startOffset"] == "0s"
    assert json_format.Parse(text, pb.RecognizeResponse()) == response


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_bytes_of_a_file(client: Driver, script: Script, kind: Any) -> None:
    script.then(pb.DetectSpeechResponse())
    client.call("detect_speech", kind(SOUND))
    assert script.requests[0].audio == audio_pb2.Audio(encoded=SOUND)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path(client: Driver, script: Script, tmp_path: Path, kind: Any) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(SOUND)
    script.then(pb.DetectSpeechResponse())
    client.call("detect_speech", kind(file))
    assert script.requests[0].audio == audio_pb2.Audio(encoded=SOUND)
    with pytest.raises(InvalidInputError, match="No such file"):
        client.call("detect_speech", tmp_path / "none")


@pytest.mark.parametrize(
    ("samples", "encoding", "channels", "content"),
    [
        (np.array([1, -2], ">i2"), AudioEncoding.LINEAR16, 1, b"\1\0\xfe\xff"),
        (np.array([[1, 2], [3, 4]], np.int16)[:, ::-1], AudioEncoding.LINEAR16, 2, b"\2\0\1\0\4\0\3\0"),
        (np.array([1], np.int32), AudioEncoding.LINEAR32, 1, b"\1\0\0\0"),
        (np.array([128, 0], np.uint8), AudioEncoding.UINT8, 1, b"\x80\0"),
        (np.array([0.5], np.float32), AudioEncoding.FLOAT32, 1, b"\0\0\0\x3f"),
        (np.array([0.5], np.float64), AudioEncoding.FLOAT32, 1, b"\0\0\0\x3f"),
    ],
)
def test_arrays(  # noqa: PLR0917  # pytest gives them by name
    client: Driver, script: Script, samples: Any, encoding: AudioEncoding, channels: int, content: bytes
) -> None:
    script.then(pb.DetectSpeechResponse())
    client.call("detect_speech", samples, sample_rate_hertz=22_050)
    raw = script.requests[0].audio.raw
    assert raw.content == content
    assert (raw.format.encoding, raw.format.sample_rate_hertz) == (encoding, 22_050)
    assert raw.format.audio_channel_count == channels


@pytest.mark.parametrize(
    ("recording", "rate", "told"),
    [
        (np.zeros(3, np.int64), 16_000, "int64"),
        (np.zeros((1, 1, 1), np.int16), 16_000, "cannot be sent"),
        (np.zeros(0, np.int16), 16_000, "no samples"),
        (np.zeros(3, np.int16), None, "how fast"),
        (SOUND, 16_000, "not an array"),
        (3, None, "not int"),
        (np.zeros(3, np.int16), -1, "whole numbers"),
        (np.zeros(3, np.int16), 2**31, "whole numbers"),
    ],
)
def test_recordings_that_cannot_be_sent(client: Driver, script: Script, recording: Any, rate: Any, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        client.call("recognize", recording, sample_rate_hertz=rate)
    assert script.requests == []


def test_a_recording_that_is_too_large(client: Driver) -> None:
    raw = RawAudio(bytes(128 * 2**20 + 1), AudioFormat(16_000, AudioEncoding.MULAW))
    with pytest.raises(MessageTooLargeError, match="128 MiB"):
        client.call("recognize", raw)


def test_a_large_recording_goes_through(client: Driver, script: Script) -> None:
    script.then(pb.DetectSpeechResponse())
    client.call("detect_speech", bytes(40 * 2**20))  # more than a picture may have
    assert len(script.requests[0].audio.encoded) == 40 * 2**20


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1e300])
def test_lengths_of_time_that_are_none(client: Driver, seconds: float) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.call("detect_speech", SOUND, voice_activity=VoiceActivityOptions(min_speech_duration=seconds))
    assert caught.value.violations[0].field == "min_speech_duration"


def test_phrases_are_several(client: Driver) -> None:
    with pytest.raises(InvalidInputError, match="several texts"):
        client.call("recognize", SOUND, phrases="penstock")


def test_recognize_commands_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.RecognizeCommandsResponse())
    found = timed(
        response.results.add(
            accepted=True,
            confidence=0.75,
            phrase="set {machine} to {speed} {unit}",
            phrase_id="speed",
            phrase_set="phraseSets/line",
            transcript="set pump one to twelve bar",
            words=[word("set", 1, 1.25)],
            channel_tag=1,
        ),
        1,
        2.5,
    )
    timed(found.slots.add(name="machine", transcript="pump one", entry="P-101"), 1, 2)
    timed(found.slots.add(name="speed", transcript="twelve", number=0.0), 1, 2)
    timed(found.slots.add(name="unit", transcript="bar", ucum_unit="bar"), 1, 2)
    response.results.add(phrase="stop")
    script.then(response)
    vocabulary = PhraseSet(
        [Phrase("set {machine} to {speed} {unit}", id="speed"), "stop"],
        slots={
            "machine": ListSlot({"P-101": ["pump one", "main pump"]}),
            "place": ListSlot(["here", "there"]),
            "speed": NumberSlot(-1, 0.0, 2),
            "unit": UnitSlot(["bar"]),
        },
        pronunciations={"weir": "w i r", "silo": ["s aʊ l oʊ", "s i l oʊ"]},
    )
    result = client.call(
        "recognize_commands",
        SOUND,
        [vocabulary, "line"],
        model="net",
        min_confidence=0.0,
        separate_channels=True,
        voice_activity=VoiceActivityOptions(),
        context=CONTEXT,
    )
    inline = pb.PhraseSet(
        phrases=[pb.Phrase(value="set {machine} to {speed} {unit}", id="speed"), pb.Phrase(value="stop")],
        slots=[
            pb.Slot(
                name="machine",
                list=pb.ListSlot(entries=[pb.ListSlot.Entry(value="P-101", spoken=["pump one", "main pump"])]),
            ),
            pb.Slot(
                name="place",
                list=pb.ListSlot(entries=[pb.ListSlot.Entry(value="here"), pb.ListSlot.Entry(value="there")]),
            ),
            pb.Slot(name="speed", number=pb.NumberSlot(minimum=-1, maximum=0.0, max_fraction_digits=2)),
            pb.Slot(name="unit", unit=pb.UnitSlot(ucum_units=["bar"])),
        ],
        pronunciations=[
            pb.Pronunciation(word="weir", phonemes="w i r"),
            pb.Pronunciation(word="silo", phonemes="s aʊ l oʊ"),
            pb.Pronunciation(word="silo", phonemes="s i l oʊ"),
        ],
    )
    config = script.requests[0].config
    assert config == pb.CommandsConfig(
        model="net",
        vocabulary=[
            pb.AdaptationPhraseSet(inline_phrase_set=inline),
            pb.AdaptationPhraseSet(phrase_set="phraseSets/line"),
        ],
        min_confidence=0.0,
        voice_activity=pb.VoiceActivityOptions(),
        multi_channel_mode=pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL,
    )
    assert config.HasField("min_confidence")
    assert config.vocabulary[0].inline_phrase_set.slots[2].number.HasField("maximum")
    command, other = result.results
    assert command == Command(
        accepted=True,
        confidence=0.75,
        phrase="set {machine} to {speed} {unit}",
        phrase_id="speed",
        phrase_set="phraseSets/line",
        transcript="set pump one to twelve bar",
        words=(Word("set", 0.5, SECOND, 1.25 * SECOND),),
        slots=(
            SlotValue("machine", "pump one", SECOND, 2 * SECOND, entry="P-101"),
            SlotValue("speed", "twelve", SECOND, 2 * SECOND, number=0.0),
            SlotValue("unit", "bar", SECOND, 2 * SECOND, ucum_unit="bar"),
        ),
        start_offset=SECOND,
        end_offset=2.5 * SECOND,
        channel_tag=1,
    )
    assert [command.slot(name) for name in ("machine", "speed", "unit", "place")] == ["P-101", 0.0, "bar", None]
    assert (other.accepted, other.phrase) == (False, "stop")
    assert result.accepted == (command,)


@pytest.mark.parametrize("vocabulary", ["line", ["line"]])
def test_a_vocabulary_by_name(client: Driver, script: Script, vocabulary: Any) -> None:
    script.then(pb.RecognizeCommandsResponse())
    client.call("recognize_commands", SOUND, vocabulary)
    assert [each.phrase_set for each in script.requests[0].config.vocabulary] == ["phraseSets/line"]


def test_a_vocabulary_that_is_none(client: Driver) -> None:
    with pytest.raises(InvalidInputError, match="not int"):
        client.call("recognize_commands", SOUND, [3])


def test_detect_speech_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.DetectSpeechResponse())
    timed(response.segments.add(confidence=0.75, channel_tag=2), 1, 2.5)
    script.then(response)
    activity = VoiceActivityOptions(max_speech_duration=timedelta(seconds=20))
    result = client.call("detect_speech", SOUND, separate_channels=True, voice_activity=activity, context=CONTEXT)
    (request,) = script.requests
    assert request.multi_channel_mode == pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL
    assert request.voice_activity.max_speech_duration.ToSeconds() == 20
    assert not request.voice_activity.HasField("min_speech_duration")
    assert result.segments == (SpeechSegment(SECOND, 2.5 * SECOND, 0.75, 2),)
    assert result.audio_duration == 9 * SECOND


KEPT = pb.PhraseSet(
    name="phraseSets/line",
    display_name="Line 1",
    phrases=[pb.Phrase(value="stop {machine}", boost=3.0, id="s")],
    boost=7.0,
    slots=[
        pb.Slot(name="machine", list=pb.ListSlot(entries=[pb.ListSlot.Entry(value="P-101", spoken=["pump one"])])),
        pb.Slot(name="unit", unit=pb.UnitSlot(ucum_units=["bar"])),
        pb.Slot(name="speed", number=pb.NumberSlot(minimum=1, maximum=2, max_fraction_digits=3)),
        pb.Slot(name="any", number=pb.NumberSlot()),
    ],
    pronunciations=[pb.Pronunciation(word="silo", phonemes=each) for each in ("s aʊ", "s i")],
    etag="e1",
)


def test_a_phrase_set_comes_back_as_it_went(client: Driver, script: Script) -> None:
    kept = pb.PhraseSet()
    kept.CopyFrom(KEPT)
    kept.create_time.FromDatetime(datetime(2026, 1, 2, tzinfo=UTC))
    kept.update_time.FromDatetime(datetime(2026, 1, 3, tzinfo=UTC))
    script.then(kept)
    found = client.call("get_phrase_set", "line", context=CONTEXT)
    assert script.requests == [pb.GetPhraseSetRequest(context=CONTEXT.to_proto(), name="phraseSets/line")]
    assert found.to_proto() == KEPT
    assert (found.create_time, found.update_time) == (
        datetime(2026, 1, 2, tzinfo=UTC),
        datetime(2026, 1, 3, tzinfo=UTC),
    )
    assert found.slots["any"] == NumberSlot()
    assert found.pronunciations == {"silo": ("s aʊ", "s i")}


def test_create_phrase_set(client: Driver, script: Script) -> None:
    script.then(KEPT)
    assert client.call("create_phrase_set", PhraseSet(["stop"]), "line", context=CONTEXT).name == "phraseSets/line"
    phrase_set = pb.PhraseSet(phrases=[pb.Phrase(value="stop")])
    request = pb.CreatePhraseSetRequest(context=CONTEXT.to_proto(), phrase_set_id="line", phrase_set=phrase_set)
    assert script.requests == [request]


def test_list_phrase_sets(client: Driver, script: Script) -> None:
    script.then(pb.ListPhraseSetsResponse(phrase_sets=[KEPT], next_page_token="t2"))
    page = client.call("list_phrase_sets", 7, "t1", context=CONTEXT)
    assert script.requests == [pb.ListPhraseSetsRequest(context=CONTEXT.to_proto(), page_size=7, page_token="t1")]
    assert [found.name for found in page.phrase_sets] == ["phraseSets/line"]
    assert page.next_page_token == "t2"


def test_update_phrase_set(client: Driver, script: Script) -> None:
    script.then(KEPT, KEPT)
    client.call("update_phrase_set", PhraseSet(["stop"], "line", etag="e1"), ["phrases"], allow_missing=True)
    client.call("update_phrase_set", PhraseSet(["stop"], "phraseSets/line"))
    masked, bare = script.requests
    assert masked.phrase_set == pb.PhraseSet(name="phraseSets/line", phrases=[pb.Phrase(value="stop")], etag="e1")
    assert (list(masked.update_mask.paths), masked.allow_missing) == (["phrases"], True)
    assert (bare.phrase_set.name, bare.HasField("update_mask")) == ("phraseSets/line", False)


def test_delete_phrase_set(client: Driver, script: Script) -> None:
    script.then(Empty())
    assert client.call("delete_phrase_set", "line", etag="e1", allow_missing=True, context=CONTEXT) is None
    request = pb.DeletePhraseSetRequest(context=CONTEXT.to_proto(), name="phraseSets/line", etag="e1")
    request.allow_missing = True
    assert script.requests == [request]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("create_phrase_set", [PhraseSet(["stop"])]),
        ("update_phrase_set", [PhraseSet(["stop"], "line")]),
        ("delete_phrase_set", ["line"]),
    ],
)
def test_what_changes_something_is_not_repeated(
    client: Driver, script: Script, method: str, arguments: list[Any]
) -> None:
    script.then(grpc.StatusCode.UNAVAILABLE)
    with pytest.raises(UnavailableError):
        client.call(method, *arguments)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (grpc.StatusCode.NOT_FOUND, "PHRASE_SET_NOT_FOUND", NotFoundError),
        (grpc.StatusCode.ALREADY_EXISTS, "PHRASE_SET_EXISTS", PreconditionError),
        (grpc.StatusCode.ABORTED, "ETAG_MISMATCH", PreconditionError),
    ],
)
def test_errors_of_phrase_sets(client: Driver, script: Script, code: Any, reason: str, kind: Any) -> None:
    script.then(status(code, "no", reason=reason))
    with pytest.raises(kind) as caught:
        client.call("delete_phrase_set", "line")
    assert caught.value.reason == reason


def test_a_lone_surrogate_is_named(client: Driver) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.call("recognize", SOUND, phrases=["\ud800"])
    field = "config.adaptation.phrase_sets[0].inline_phrase_set.phrases[0].value"
    assert (caught.value.reason, caught.value.violations[0].field) == ("TEXT_NOT_UTF8", field)


def test_enums_are_those_of_the_contract() -> None:
    known = {f"AUDIO_ENCODING_{kind.name}": int(kind) for kind in AudioEncoding}
    assert {"AUDIO_ENCODING_UNSPECIFIED": 0} | known == dict(audio_pb2.AudioEncoding.items())
    events = {f"SPEECH_EVENT_TYPE_{kind.name}": int(kind) for kind in SpeechEventType}
    assert events == dict(pb.SpeechEventType.items())
    assert SpeechEventType(99) is SpeechEventType.UNSPECIFIED


def test_both_clients_have_every_method_of_the_contract() -> None:
    renamed = {
        "streaming_recognize": "stream",
        "streaming_recognize_commands": "stream_commands",
        "push_audio": None,  # of a session
        "watch_results": None,
        "close_session": None,
    }
    for method in pb.DESCRIPTOR.services_by_name["SpeechService"].methods:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method.name).lstrip("_")
        name = renamed.get(snake, snake)
        for client in (SpeechClient, AsyncSpeechClient):
            assert name is None or inspect.getdoc(getattr(client, name)), method.name


def test_signatures_are_those_of_the_calls() -> None:
    parameters = inspect.signature(SpeechClient.recognize).parameters
    assert [*parameters][:3] == ["self", "recording", "sample_rate_hertz"]


def test_a_vocabulary_is_needed() -> None:
    with pytest.raises(TypeError):
        CommandOptions()  # type: ignore[call-arg]  # which is the point
