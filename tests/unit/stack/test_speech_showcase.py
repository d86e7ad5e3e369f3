"""What the speech service shows of itself, against a service that answers by rule."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import grpc
import pytest
import soundfile
from google.protobuf.empty_pb2 import Empty

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import model_pb2
from sensorium_client.stack import recordings
from sensorium_client.stack.recordings import RecordingMissingError, recording
from sensorium_client.stack.showcases import _speech, showcase
from unit.client.conftest import loop, script, serve  # noqa: F401 - fixtures
from unit.client.driver import Serve
from unit.client.scripted import Script
from unit.client.speech.scripted import watched
from unit.client.speech.test_calls import timed, word

ROOT = Path(__file__).parents[3]


def recognized(request: Any) -> pb.RecognizeResponse:
    response = pb.RecognizeResponse()
    words = [word("Ever", 0.5, 0.75), pb.WordInfo(word="tried.")]
    timed(response.results.add(), 0, 1).alternatives.add(transcript="Ever tried.", words=words)
    return response


def commanded(request: Any) -> pb.RecognizeCommandsResponse:
    found = [pb.CommandResult(accepted=True, phrase="try again", confidence=0.75), pb.CommandResult()]
    return pb.RecognizeCommandsResponse(results=found)


def pushed(request: Any) -> pb.PushAudioResponse:
    return pb.PushAudioResponse(next_sequence_number=request.sequence_number + 1)


ANSWERS: dict[type, Any] = {
    pb.RecognizeRequest: recognized,
    pb.RecognizeCommandsRequest: commanded,
    pb.DetectSpeechRequest: lambda request: pb.DetectSpeechResponse(segments=[pb.SpeechSegment()]),
    pb.OpenSessionRequest: lambda request: pb.OpenSessionResponse(session="sessions/1"),
    pb.PushAudioRequest: pushed,
    pb.CloseSessionRequest: lambda request: pb.CloseSessionResponse(),
    pb.CreatePhraseSetRequest: lambda request: pb.PhraseSet(name="phraseSets/sensorium-demo", etag="1"),
    pb.GetPhraseSetRequest: lambda request: pb.PhraseSet(phrases=[pb.Phrase(value="no matter")]),
    pb.ListPhraseSetsRequest: lambda request: pb.ListPhraseSetsResponse(phrase_sets=[pb.PhraseSet()]),
    pb.UpdatePhraseSetRequest: lambda request: pb.PhraseSet(etag="2"),
    pb.DeletePhraseSetRequest: lambda request: Empty(),
    pb.ListModelsRequest: lambda request: pb.ListModelsResponse(models=[model_pb2.Model(name="net", ready=True)]),
}


@pytest.fixture
def address(serve: Serve, script: Script) -> str:  # noqa: F811 - fixtures
    script.respond = lambda request: ANSWERS[type(request)](request)
    return serve(script)


@pytest.fixture(autouse=True)
def sounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Recordings of 0.3 s whose samples are letters, as the service answers a stream by its bytes."""
    file = tmp_path / "sound.wav"
    soundfile.write(file, [0x6261 / 32768] * 4800, 16_000, subtype="PCM_16")
    monkeypatch.setattr(_speech, "recording", lambda root, name: file)


def test_the_greeting_writes_a_recording_down(address: str) -> None:
    answers = [answer.answer for answer in showcase("speech").greet(address)]
    assert answers == ["Ever tried.", "try again 75%\n1 utterances that are no command"]


def test_the_demo_calls_every_method(
    address: str,
    script: Script,  # noqa: F811 - a fixture
    tmp_path: Path,
) -> None:
    said = "ab" * 4800
    script.watches.extend([[watched(0, said), None], []])
    steps = list(showcase("speech").demo(address, tmp_path))
    assert not [step for step in steps if step.failed]
    methods = {method.name for method in pb.DESCRIPTOR.services_by_name["SpeechService"].methods}
    assert set(script.method) == methods
    assert all(file.exists() for step in steps for file in step.files)
    assert len({file for step in steps for file in step.files}) == sum(len(step.files) for step in steps)
    by_method = {step.method: step.answer for step in steps}
    assert by_method["Recognize"] == "Ever tried.\n0.50 Ever"
    assert by_method["a session"] == "the same words as the stream, over a connection that broke in the middle"
    assert (tmp_path / "speech-recognize-beckett.srt").read_text().startswith("1\n00:00:00,500 --> ")
    assert (tmp_path / "speech-recognize-two_cities.vtt").read_text().startswith("WEBVTT\n")


def test_a_call_that_fails_is_a_step_like_the_others(
    address: str,
    script: Script,  # noqa: F811 - a fixture
    tmp_path: Path,
) -> None:
    script.watches.extend([[watched(0, "other words"), None], []])
    script.respond = lambda request: (
        grpc.StatusCode.INTERNAL if isinstance(request, pb.DetectSpeechRequest) else ANSWERS[type(request)](request)
    )
    steps = list(showcase("speech").demo(address, tmp_path))
    assert [(step.method, step.answer) for step in steps if step.failed] == [("DetectSpeech", "failed: no details")]
    assert "OTHER WORDS" in next(step.answer for step in steps if step.method == "a session")


def test_without_recordings(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(root: Path, name: str) -> Path:
        raise RecordingMissingError("no network")

    monkeypatch.setattr(_speech, "recording", missing)
    assert {answer.answer for answer in showcase("speech").greet(address)} == {"failed: no network"}
    steps = list(showcase("speech").demo(address, tmp_path))
    assert [step.method for step in steps if not step.failed] == ["ListModels"]


def test_recordings_lie_in_the_package_of_a_model(tmp_path: Path) -> None:
    with pytest.raises(RecordingMissingError, match="in Sensorium's checkout"):
        recording(tmp_path, "beckett")
    folder = tmp_path / "services" / "speech" / "models" / "moonshine_tiny_en"
    folder.mkdir(parents=True)
    (folder / "recipe.py").write_text(
        "from sensorium_models.recipe import Recipe\n"
        "RECIPE = Recipe(capability='', source='', license='', wheels=(), cases=lambda s: (), tolerances={})\n"
    )
    with pytest.raises(RecordingMissingError, match="no package of moonshine-voice"):
        recording(tmp_path, "beckett")


def test_bare_samples_become_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "speech" / "models" / "moonshine_tiny_en"
    folder.mkdir(parents=True)
    (folder / "recipe.py").write_text(
        "from sensorium_models.recipe import Recipe\n"
        "from sensorium_models.wheels import SourceDistribution\n"
        "HERE = SourceDistribution('pocketsphinx', '1', 'speech.tar.gz', sha256=SHA256)\n"
        "RECIPE = Recipe(capability='', source='', license='', wheels=(HERE,), cases=lambda s: (), tolerances={})\n"
    )
    samples = tmp_path / "goforward.raw"
    samples.write_bytes(b"ab" * 10)
    packed = tmp_path / "build/cache/wheels/speech.tar.gz"
    packed.parent.mkdir(parents=True)
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(samples, "speech/test/data/goforward.raw")
    checksum = hashlib.sha256(packed.read_bytes()).hexdigest()
    (folder / "recipe.py").write_text((folder / "recipe.py").read_text().replace("SHA256", repr(checksum)))
    file = recording(tmp_path, "goforward")
    assert soundfile.info(file).samplerate == 16_000
    assert soundfile.read(file, dtype="int16")[0].tobytes() == b"ab" * 10


def test_the_checkout_has_the_recipe_that_recordings_are_looked_up_in() -> None:
    assert (ROOT / "services" / "speech" / "models" / recordings._MODEL / "recipe.py").is_file()
