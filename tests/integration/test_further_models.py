"""Networks that somebody imported, served by the real Triton: tiny ones of random weights, so that what they say is no
speech, but what the same files say outside of Triton."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray

from integration import recordings
from integration.conftest import ROOT, running_stack
from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium.type.v1 import audio_pb2, model_pb2
from sensorium_models.importing import import_model
from sensorium_models.python_models.in_process import PythonModel
from unit.models.speech_folders import save_ctc, save_whisper

pytestmark = pytest.mark.integration

FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)
SECONDS = slice(16_000, 72_000)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped speech models, and two imported ones."""
    root = tmp_path_factory.mktemp("checkout")
    recipe = root / "services" / "speech" / "models" / "shipped" / "recipe.py"
    recipe.parent.mkdir(parents=True)
    recipe.write_text("")
    save_whisper(root / "tiny_whisper")
    save_ctc(root / "tiny_ctc")
    import_model(root, root / "tiny_whisper", service="speech", languages=["zh", "en"])
    import_model(root, root / "tiny_ctc", service="speech", languages=["de"])
    folder = root / "build" / "models"
    for path in (ROOT / "build" / "models" / "speech").iterdir():
        if not (folder / "speech" / path.name).exists():
            (folder / "speech" / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def speech(
    repositories: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[speech_service_pb2_grpc.SpeechServiceStub]:
    settings = {
        "triton": {"REPOSITORIES": str(repositories)},
        "speech": {"MODELS": str(repositories / "speech")},
    }
    folder = tmp_path_factory.mktemp("stack")
    with running_stack(folder, ["speech"], **settings) as stack, stack.channel("speech") as channel:
        yield speech_service_pb2_grpc.SpeechServiceStub(channel)


def recognize(
    speech: speech_service_pb2_grpc.SpeechServiceStub, sound: bytes, **config: object
) -> pb.RecognizeResponse:
    audio = audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=sound))
    return speech.Recognize(pb.RecognizeRequest(audio=audio, config=pb.RecognitionConfig(**config)))  # type: ignore[arg-type]  # fields by name


def tokens(repositories: Path, name: str, pcm: NDArray[np.int16]) -> list[int]:
    inputs: dict[str, NDArray[Any]] = {"pcm": pcm[None], "lengths": np.array([[len(pcm)]], np.int32)}
    found = PythonModel(repositories / "speech" / name).predict(inputs, ["tokens"])["tokens"][0, 0]
    return [int(token) for token in found]


def test_they_are_listed_with_their_languages(speech: speech_service_pb2_grpc.SpeechServiceStub) -> None:
    models = {model.name: model for model in speech.ListModels(pb.ListModelsRequest()).models}
    for name, languages in (("tiny_whisper", ["zh", "en"]), ("tiny_ctc", ["de"])):
        assert list(models[name].language_codes) == languages
        assert list(models[name].capabilities) == [model_pb2.CAPABILITY_TRANSCRIBE]
        assert (models[name].ready, models[name].default_model) == (True, False)
        assert models[name].source.startswith(f"imported {name}, weights sha256:")


@pytest.mark.parametrize(
    ("asked", "used", "told"),
    [
        ({"model": "tiny_whisper"}, "tiny_whisper", "zh"),
        ({"language_code": "zh-CN"}, "tiny_whisper", "zh-CN"),
        ({"language_code": "de"}, "tiny_ctc", "de"),
        ({"model": "tiny_ctc"}, "tiny_ctc", "de"),
        ({"language_code": "en"}, "moonshine_tiny_en", "en"),
        ({}, "moonshine_tiny_en", "en"),
    ],
)
def test_a_request_is_heard_by_the_model_it_names_or_the_first_for_its_language(
    speech: speech_service_pb2_grpc.SpeechServiceStub, asked: dict[str, object], used: str, told: str
) -> None:
    response = recognize(speech, recordings.pcm("beckett")[SECONDS].tobytes(), **asked)
    transcribers = {"tiny_whisper", "tiny_ctc", "moonshine_tiny_en"}
    assert {use.name for use in response.models} & transcribers == {used}
    assert {result.language_code for result in response.results} == {told}


def test_words_of_a_ctc_network_have_its_own_times(
    speech: speech_service_pb2_grpc.SpeechServiceStub, repositories: Path
) -> None:
    response = recognize(speech, recordings.pcm("beckett")[SECONDS].tobytes(), model="tiny_ctc")
    assert {use.name for use in response.models} == {"silero_vad", "tiny_ctc"}
    (result,) = response.results
    words = result.alternatives[0].words
    assert all(word.HasField("start_offset") for word in words)
    begin, end = result.start_offset.ToMilliseconds(), result.end_offset.ToMilliseconds()
    times = [(word.start_offset.ToMilliseconds(), word.end_offset.ToMilliseconds()) for word in words]
    assert all(begin <= first <= last <= end + 20 for first, last in times)
    assert times == sorted(times)
    pcm = recordings.pcm("beckett")[SECONDS][round(begin * 16) : round(end * 16)]
    said = tokens(repositories, "tiny_ctc", pcm)
    assert len(result.alternatives[0].transcript.replace(" ", "")) == sum(token > 4 for token in said)


def test_requests_of_all_kinds_share_the_model(speech: speech_service_pb2_grpc.SpeechServiceStub) -> None:
    kinds: list[dict[str, object]] = [
        {"model": "tiny_whisper"},
        {"model": "tiny_whisper", "language_code": "en"},
        {"model": "tiny_whisper", "features": pb.RecognitionFeatures(max_alternatives=3)},
        {"model": "tiny_ctc", "features": pb.RecognitionFeatures(max_alternatives=3)},
    ]
    sounds = [recordings.pcm("beckett")[16_000:end].tobytes() for end in (56_000, 64_000, 72_000)]
    asked = [(sound, kind) for sound in sounds for kind in kinds]
    alone = [recognize(speech, sound, **kind) for sound, kind in asked]
    with ThreadPoolExecutor(len(asked)) as callers:
        together = list(callers.map(lambda one: recognize(speech, one[0], **one[1]), asked))
    for first, second in zip(alone, together, strict=True):
        assert [one.transcript for result in first.results for one in result.alternatives] == [
            one.transcript for result in second.results for one in result.alternatives
        ]


def test_a_stream_is_heard_by_the_model_it_names(speech: speech_service_pb2_grpc.SpeechServiceStub) -> None:
    for model in ("tiny_whisper", "tiny_ctc"):
        config = pb.StreamingRecognitionConfig(audio_format=FORMAT, config=pb.RecognitionConfig(model=model))
        config.streaming_features.interim_results = True
        sound = recordings.pcm("beckett").tobytes()
        messages = [pb.StreamingRecognizeRequest(config=config)]
        messages += [
            pb.StreamingRecognizeRequest(audio=sound[start : start + 6400]) for start in range(0, len(sound), 6400)
        ]
        responses = list(speech.StreamingRecognize(iter(messages)))
        finals = [one for one in responses if one.result.is_final]
        assert len(finals) == 6
        assert all(model in {use.name for use in one.models} for one in finals)


@pytest.mark.parametrize(
    ("asked", "code", "reason"),
    [
        ({"model": "nonsense"}, "NOT_FOUND", "MODEL_NOT_FOUND"),
        ({"model": "tiny_ctc", "language_code": "en"}, "INVALID_ARGUMENT", "LANGUAGE_UNSUPPORTED"),
    ],
)
def test_what_no_model_hears_is_refused(
    speech: speech_service_pb2_grpc.SpeechServiceStub, asked: dict[str, object], code: str, reason: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        recognize(speech, b"\0\0", **asked)
    assert caught.value.code() is grpc.StatusCode[code]
    assert reason in str(caught.value.trailing_metadata())
