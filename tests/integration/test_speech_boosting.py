"""Words that no recogniser knows: what boosting does for them, and what it does to others."""

import pytest

from integration import recordings
from integration.conftest import Stack
from integration.voices import say
from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1.speech_service_pb2_grpc import SpeechServiceStub
from sensorium.type.v1 import audio_pb2
from sensorium_models.recordings import Pcm

pytestmark = pytest.mark.integration

FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)
# Names of machines and materials that there are not.
SENTENCES = {
    "klyntronic": "The klyntronic is leaking oil again.",
    "brenvalt": "Check the torque of the brenvalt before the next shift.",
    "trivoxan": "We ordered two spare trivoxan units yesterday.",
    "plamotor": "Check the torque of the plamotor before the next shift.",
    "dravolin": "Replace the dravolin on line four.",
    "synchrolast": "The synchrolast is leaking oil again.",
}
BOOST = 7.0


def config(*, boosted: bool) -> pb.RecognitionConfig:
    if not boosted:
        return pb.RecognitionConfig()
    phrases = pb.PhraseSet(phrases=[pb.Phrase(value=word) for word in SENTENCES], boost=BOOST)
    sets = [pb.AdaptationPhraseSet(inline_phrase_set=phrases)]
    return pb.RecognitionConfig(adaptation=pb.SpeechAdaptation(phrase_sets=sets))


def recognized(speech: SpeechServiceStub, sound: Pcm, *, boosted: bool) -> str:
    audio = audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=sound.tobytes()))
    response = speech.Recognize(pb.RecognizeRequest(audio=audio, config=config(boosted=boosted)))
    return " ".join(result.alternatives[0].transcript for result in response.results)


def streamed(speech: SpeechServiceStub, sound: Pcm) -> str:
    streaming = pb.StreamingRecognitionConfig(audio_format=FORMAT, config=config(boosted=True))
    messages = [
        pb.StreamingRecognizeRequest(config=streaming),
        pb.StreamingRecognizeRequest(audio=sound.tobytes()),
    ]
    found = [one.result.alternatives for one in speech.StreamingRecognize(iter(messages))]
    return " ".join(alternatives[0].transcript for alternatives in found if alternatives)


def right(texts: dict[str, str]) -> set[str]:
    return {word for word, text in texts.items() if word in recordings.words(text)}


def test_words_that_are_misheard_are_right_with_boosting(speech: SpeechServiceStub) -> None:
    sounds = {word: say(sentence) for word, sentence in SENTENCES.items()}
    assert right({word: recognized(speech, sound, boosted=False) for word, sound in sounds.items()}) == set()
    assert right({word: recognized(speech, sound, boosted=True) for word, sound in sounds.items()}) == set(SENTENCES)
    assert right({word: streamed(speech, sound) for word, sound in sounds.items()}) == set(SENTENCES)


def test_ordinary_speech_stays_as_it_is(stack: Stack, speech: SpeechServiceStub) -> None:
    said = " ".join(recordings.SAID.values())
    without, boosted = (
        " ".join(recognized(speech, recordings.pcm(name), boosted=on) for name in recordings.SAID)
        for on in (False, True)
    )
    assert not right(dict.fromkeys(SENTENCES, boosted))
    rates = [recordings.word_error_rate(said, heard) for heard in (without, boosted)]
    assert abs(rates[1] - rates[0]) < 0.005
