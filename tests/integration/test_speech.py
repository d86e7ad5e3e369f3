"""Real recordings through the speech service and its real models."""

import asyncio
import io
import re
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from pocketsphinx import Decoder

from integration import recordings
from integration.conftest import Stack
from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1.speech_service_pb2_grpc import SpeechServiceStub
from sensorium.type.v1 import audio_pb2, model_pb2
from sensorium_core.triton import ModelCounters, TritonClient
from sensorium_models.recordings import Pcm

pytestmark = pytest.mark.integration

FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)


def recognize(speech: SpeechServiceStub, data: bytes) -> pb.RecognizeResponse:
    return speech.Recognize(pb.RecognizeRequest(audio=audio_pb2.Audio(encoded=data)))


def text(response: pb.RecognizeResponse) -> str:
    return " ".join(result.alternatives[0].transcript for result in response.results)


def requests(name: str, *, interim: bool = False, size: int = 3200) -> Iterator[pb.StreamingRecognizeRequest]:
    features = pb.StreamingRecognitionFeatures(interim_results=interim)
    yield pb.StreamingRecognizeRequest(
        config=pb.StreamingRecognitionConfig(audio_format=FORMAT, streaming_features=features)
    )
    sound = recordings.pcm(name).tobytes()
    for start in range(0, len(sound), size):
        yield pb.StreamingRecognizeRequest(audio=sound[start : start + size])


def finals(responses: list[pb.StreamingRecognizeResponse]) -> list[str]:
    return [one.result.alternatives[0].transcript for one in responses if one.result.is_final]


@pytest.fixture(scope="module")
def heard(stack: Stack) -> dict[str, pb.RecognizeResponse]:
    """What is heard of each recording."""
    with stack.channel("speech") as channel:
        speech = SpeechServiceStub(channel)
        return {name: recognize(speech, recordings.path(name).read_bytes()) for name in recordings.SAID}


@pytest.mark.parametrize("name", recordings.SAID)
def test_a_recording_is_written_down(heard: dict[str, pb.RecognizeResponse], name: str) -> None:
    response = heard[name]
    assert recordings.word_error_rate(recordings.SAID[name], text(response)) <= 0.05
    assert {use.name for use in response.models} >= {"silero_vad", "moonshine_tiny_en", "hama_phoneme_ctc"}
    assert {result.language_code for result in response.results} == {"en"}


def test_words_have_times_in_their_order(heard: dict[str, pb.RecognizeResponse]) -> None:
    words = [word for result in heard["two_cities"].results for word in result.alternatives[0].words]
    assert all(word.HasField("start_offset") for word in words)
    times = [(word.start_offset.ToMilliseconds(), word.end_offset.ToMilliseconds()) for word in words]
    assert all(begin < end for begin, end in times)
    assert all(first[1] <= second[0] + 1 for first, second in pairwise(times))
    assert all(0 < word.confidence <= 1 for word in words)


def test_words_begin_and_end_where_another_recogniser_finds_them(heard: dict[str, pb.RecognizeResponse]) -> None:
    apart = []
    for name, response in heard.items():
        words = [word for result in response.results for word in result.alternatives[0].words]
        aligned = align(recordings.pcm(name), [re.sub(r"[^a-z0-9']", "", word.word.lower()) for word in words])
        for word, (begin, end) in zip(words, aligned, strict=True):
            apart += [word.start_offset.ToMilliseconds() - begin, word.end_offset.ToMilliseconds() - end]
    assert len(apart) == 2 * 135
    assert statistics.median(map(abs, apart)) <= 80
    assert sum(abs(one) <= 80 for one in apart) >= 0.85 * len(apart)


def align(pcm: Pcm, words: list[str]) -> list[tuple[int, int]]:
    """Begin and end of each word in ms, by an HMM of triphones: CMU PocketSphinx, whose frames are 10 ms long."""
    spelled = [{"10": "ten"}.get(word, word) for word in words]
    decoder = Decoder(lm=None, loglevel="FATAL")
    decoder.set_align_text(" ".join(spelled))
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    found = [one for one in decoder.seg() if not one.word.startswith("<")]
    assert [one.word.partition("(")[0] for one in found] == spelled
    return [(10 * one.start_frame, 10 * one.end_frame + 10) for one in found]


@pytest.mark.parametrize(
    ("file_format", "subtype", "rate", "channels"),
    [
        ("WAV", "PCM_U8", 16_000, 1),
        ("WAV", "PCM_16", 48_000, 2),
        ("WAV", "ULAW", 8_000, 1),
        ("FLAC", "PCM_16", 16_000, 1),
        ("OGG", "VORBIS", 44_100, 1),
        ("OGG", "OPUS", 48_000, 2),
    ],
)
def test_other_formats_say_the_same(
    speech: SpeechServiceStub, file_format: str, subtype: str, rate: int, channels: int
) -> None:
    sound = recordings.pcm("beckett").astype(np.float32) / 32768
    moments = np.arange(round(len(sound) * rate / 16_000)) * 16_000 / rate
    resampled = np.interp(moments, np.arange(len(sound)), sound)
    file = io.BytesIO()
    soundfile.write(file, np.stack([resampled] * channels, axis=1), rate, format=file_format, subtype=subtype)
    response = recognize(speech, file.getvalue())
    # Eight bits and telephone bands cost a word or two of these twelve.
    assert recordings.word_error_rate(recordings.BECKETT, text(response)) <= 2 / 12


def test_streams_are_written_down_nearly_as_well_as_recordings(
    speech: SpeechServiceStub, heard: dict[str, pb.RecognizeResponse]
) -> None:
    said = " ".join(recordings.SAID.values())
    unary = " ".join(text(heard[name]) for name in recordings.SAID)
    streamed = [one for name in recordings.SAID for one in finals(list(speech.StreamingRecognize(requests(name))))]
    recorded = recordings.word_error_rate(said, unary)
    assert recorded <= 0.05
    assert recordings.word_error_rate(said, " ".join(streamed)) <= recorded + 0.03


def test_a_session_gives_the_words_of_a_stream_whatever_breaks(speech: SpeechServiceStub) -> None:
    expected = finals(list(speech.StreamingRecognize(requests("beckett"))))
    config = pb.StreamingRecognitionConfig(audio_format=FORMAT)
    session = speech.OpenSession(pb.OpenSessionRequest(recognition=config)).session
    sound = recordings.pcm("beckett").tobytes()
    seen: list[pb.WatchResultsResponse] = []
    watching = speech.WatchResults(pb.WatchResultsRequest(session=session))
    for number, start in enumerate(range(0, len(sound), 5000)):
        chunk = pb.PushAudioRequest(session=session, sequence_number=number, audio=sound[start : start + 5000])
        assert not speech.PushAudio(chunk).repeated_chunk
        assert speech.PushAudio(chunk).repeated_chunk
        if number == 30:
            seen.append(next(watching))
            watching.cancel()
    speech.CloseSession(pb.CloseSessionRequest(session=session))
    seen += speech.WatchResults(pb.WatchResultsRequest(session=session, first_number=seen[-1].number + 1))
    assert finals([one.recognition for one in seen]) == expected


def test_interim_results_grow_into_the_final_one(speech: SpeechServiceStub) -> None:
    results = [one.result for one in speech.StreamingRecognize(requests("two_cities", interim=True))]
    interim = [one for one in results if not one.is_final]
    assert interim
    assert all(one.alternatives[0].words[0].HasField("start_offset") for one in interim)
    assert any(one.stability > 0 for one in interim) or len(interim) < 3


def test_a_name_is_masked_by_the_text_service(speech: SpeechServiceStub) -> None:
    audio = audio_pb2.Audio(encoded=recordings.DASHWOOD_FILE.read_bytes())
    plain = speech.Recognize(pb.RecognizeRequest(audio=audio))
    assert "Dashwood" in text(plain)
    config = pb.RecognitionConfig(redact_personal_data=True, features=pb.RecognitionFeatures(max_alternatives=3))
    response = speech.Recognize(pb.RecognizeRequest(audio=audio, config=config))
    assert "[PERSON_NAME]" in text(response)
    assert "Dashwood" not in str(response)
    assert "rampart_pii" in {use.name for use in response.models}
    (masked,) = [
        word for result in response.results for word in result.alternatives[0].words if "[PERSON_NAME]" in word.word
    ]
    name = [word for result in plain.results for word in result.alternatives[0].words if "Dashwood" in word.word]
    assert masked.end_offset == name[0].end_offset
    # All but the name is told as before, each word in its place.
    kept = [word for result in response.results for word in result.alternatives[0].words if word != masked]
    assert [(word.word, word.start_offset) for word in kept[-10:]] == [
        (word.word, word.start_offset) for result in plain.results for word in result.alternatives[0].words
    ][-10:]


def test_a_name_is_masked_in_streams(speech: SpeechServiceStub) -> None:
    sound, _ = soundfile.read(recordings.DASHWOOD_FILE, dtype="int16")
    features = pb.StreamingRecognitionFeatures(interim_results=True)
    config = pb.StreamingRecognitionConfig(audio_format=FORMAT, streaming_features=features)
    config.config.redact_personal_data = True
    messages = [pb.StreamingRecognizeRequest(config=config), pb.StreamingRecognizeRequest(audio=sound.tobytes())]
    found = list(speech.StreamingRecognize(iter(messages)))
    assert all(one.result.is_final for one in found)
    assert "[PERSON_NAME]" in " ".join(finals(found))
    assert "Dashwood" not in str(found)


def counters(stack: Stack, model: str) -> ModelCounters:
    async def ask() -> ModelCounters:
        async with TritonClient(stack.triton_address) as triton:
            return (await triton.statistics(5, model))[model]

    return asyncio.run(ask())


def test_streams_of_many_callers_share_executions(stack: Stack, speech: SpeechServiceStub) -> None:
    before = counters(stack, "moonshine_tiny_en")
    with ThreadPoolExecutor(8) as callers:
        found = list(callers.map(lambda _: finals(list(speech.StreamingRecognize(requests("beckett")))), range(8)))
    assert all(one == found[0] for one in found)
    batches = counters(stack, "moonshine_tiny_en").since(before).batches
    assert max(batches) > 1


def test_speech_is_found(speech: SpeechServiceStub) -> None:
    audio = audio_pb2.Audio(encoded=recordings.path("beckett").read_bytes())
    found = speech.DetectSpeech(pb.DetectSpeechRequest(audio=audio))
    assert len(found.segments) == 6
    assert all(one.confidence > 0.7 for one in found.segments)


def test_models_are_listed(speech: SpeechServiceStub) -> None:
    models = {model.name: model for model in speech.ListModels(pb.ListModelsRequest()).models}
    assert set(models) >= {"moonshine_tiny_en", "silero_vad", "hama_phoneme_ctc", "hama_g2p"}
    assert all(model.ready for model in models.values())
    moonshine = models["moonshine_tiny_en"]
    assert list(moonshine.capabilities) == [model_pb2.CAPABILITY_TRANSCRIBE]
    assert list(moonshine.language_codes) == ["en"]
    assert list(moonshine.labels) == []
    assert moonshine.default_model
    assert moonshine.input_limits.max_audio_duration.ToSeconds() == 3600
    assert moonshine.license == "MIT"
