"""Spoken commands and phrase sets through the speech service and its real models."""

from collections.abc import Iterator

import grpc
import numpy as np
import pytest

from integration import recordings
from integration.conftest import Stack, running_stack
from integration.spoken_commands import Said, commands, is_phrase, is_right, other_speech, phrase_set
from integration.voices import in_noise, say
from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1.speech_service_pb2_grpc import SpeechServiceStub
from sensorium.type.v1 import audio_pb2
from sensorium_models.recordings import Pcm

pytestmark = pytest.mark.integration

FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)
QUIET = np.zeros(16_000, np.int16)


def config(vocabulary: pb.PhraseSet | None = None) -> pb.CommandsConfig:
    return pb.CommandsConfig(vocabulary=[pb.AdaptationPhraseSet(inline_phrase_set=vocabulary or phrase_set())])


def heard(speech: SpeechServiceStub, sound: Pcm, vocabulary: pb.PhraseSet | None = None) -> list[pb.CommandResult]:
    audio = audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=sound.tobytes()))
    return list(speech.RecognizeCommands(pb.RecognizeCommandsRequest(audio=audio, config=config(vocabulary))).results)


def shares(speech: SpeechServiceStub, said: list[Said], decibels: float, noise: str) -> tuple[float, float]:
    """Of commands in noise: how many have their phrase, and how many their number, too."""
    found = [heard(speech, in_noise(say(one.text), decibels, noise, i)) for i, one in enumerate(said)]
    single = [(results[0], one) for results, one in zip(found, said, strict=True) if len(results) == 1]
    phrases = sum(is_phrase(*pair) for pair in single)
    right = sum(is_right(*pair) for pair in single)
    return phrases / len(said), right / len(said)


def test_ten_commands_are_right_and_have_times(speech: SpeechServiceStub) -> None:
    for said in commands(1):
        (found,) = heard(speech, say(said.text))
        assert is_right(found, said)
        assert found.transcript == said.text
        begins = [word.start_offset.ToMilliseconds() for word in found.words]
        assert begins == sorted(begins)
        assert 300 <= begins[0] <= 700  # the voice begins between


@pytest.mark.parametrize(
    ("decibels", "noise", "phrases", "right"),
    [
        (20, "pink", 1.0, 1.0),
        (10, "pink", 1.0, 1.0),
        (10, "white", 1.0, 1.0),
        (0, "pink", 0.9, 0.9),
        # Where the noise is as loud as the voice at every frequency, numbers of 0 to 99 are taken for others.
        (0, "white", 0.9, 0.6),
    ],
)
def test_commands_are_understood_in_noise(
    speech: SpeechServiceStub, decibels: float, noise: str, phrases: float, right: float
) -> None:
    with_phrase, with_number = shares(speech, commands(2), decibels, noise)
    assert with_phrase >= phrases
    assert with_number >= right


def test_what_people_read_aloud_is_no_command_of_a_machine(speech: SpeechServiceStub) -> None:
    found = [one for name in recordings.SAID for one in heard(speech, recordings.pcm(name))]
    assert len(found) > 15
    assert [one.transcript for one in found if one.accepted] == []


def test_what_only_sounds_like_a_command_is_none(speech: SpeechServiceStub) -> None:
    vocabulary = pb.PhraseSet(phrases=[pb.Phrase(value="try again"), pb.Phrase(value="next step")])
    found = heard(speech, recordings.pcm("beckett"), vocabulary)  # "Try again. Fail again. Fail better."
    assert [one.transcript for one in found if one.accepted] == ["try again"]


@pytest.mark.parametrize("decibels", [None, 0])
def test_other_speech_is_rejected(speech: SpeechServiceStub, decibels: float | None) -> None:
    others = other_speech()
    sounds = [
        say(text) if decibels is None else in_noise(say(text), decibels, "pink", i) for i, text in enumerate(others)
    ]
    accepted = [
        text for text, sound in zip(others, sounds, strict=True) if any(o.accepted for o in heard(speech, sound))
    ]
    assert len(accepted) <= len(others) / 10, accepted


def test_a_stream_gives_the_commands_of_a_recording(speech: SpeechServiceStub) -> None:
    said = commands(1)[:3]
    sound = np.concatenate([part for one in said for part in (say(one.text), QUIET)])

    def requests() -> Iterator[pb.StreamingRecognizeCommandsRequest]:
        streaming = pb.StreamingCommandsConfig(audio_format=FORMAT, config=config())
        yield pb.StreamingRecognizeCommandsRequest(config=streaming)
        for start in range(0, len(sound), 1_600):
            yield pb.StreamingRecognizeCommandsRequest(audio=sound[start : start + 1_600].tobytes())

    streamed = [one.result for one in speech.StreamingRecognizeCommands(requests())]
    assert [one.transcript for one in streamed] == [one.text for one in said]
    assert [one.phrase_id for one in heard(speech, sound)] == [one.phrase_id for one in streamed]


def test_a_pronunciation_decides_how_a_word_sounds(speech: SpeechServiceStub) -> None:
    given = pb.PhraseSet(
        phrases=[pb.Phrase(value="start XK2"), pb.Phrase(value="start QZ7")],
        pronunciations=[pb.Pronunciation(word="xk2", phonemes="k ə n v eɪ ɝ")],
    )
    request = pb.RecognizeCommandsRequest(
        audio=audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=say("start conveyor").tobytes())),
        config=pb.CommandsConfig(vocabulary=[pb.AdaptationPhraseSet(inline_phrase_set=given)]),
    )
    (found,) = speech.RecognizeCommands(request).results
    assert (found.accepted, found.transcript) == (True, "start XK2")


def test_kept_sets_survive_a_restart_of_the_service(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("restart")
    created = None
    for _ in range(2):
        with running_stack(folder, ["speech"]) as stack, stack.channel("speech") as channel:
            stub = SpeechServiceStub(channel)
            if created is None:
                request = pb.CreatePhraseSetRequest(phrase_set_id="floor", phrase_set=phrase_set())
                created = stub.CreatePhraseSet(request)
            assert stub.GetPhraseSet(pb.GetPhraseSetRequest(name="phraseSets/floor")) == created


def test_phrases_make_invented_words_right(stack: Stack, speech: SpeechServiceStub) -> None:
    audio = audio_pb2.Audio(
        raw=audio_pb2.RawAudio(format=FORMAT, content=say("Please check the zorbex before the shift.").tobytes())
    )
    kept = pb.PhraseSet(phrases=[pb.Phrase(value="zorbex")])
    name = speech.CreatePhraseSet(pb.CreatePhraseSetRequest(phrase_set=kept)).name

    def written(*sets: pb.AdaptationPhraseSet) -> str:
        config = pb.RecognitionConfig(adaptation=pb.SpeechAdaptation(phrase_sets=sets))
        response = speech.Recognize(pb.RecognizeRequest(audio=audio, config=config))
        return " ".join(one.alternatives[0].transcript for one in response.results).lower()

    assert "zorbex" not in written()
    assert "zorbex" in written(pb.AdaptationPhraseSet(phrase_set=name))
    speech.DeletePhraseSet(pb.DeletePhraseSetRequest(name=name))
    with pytest.raises(grpc.RpcError):
        written(pb.AdaptationPhraseSet(phrase_set=name))
