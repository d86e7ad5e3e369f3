"""The domain repeats numbers and defaults of the contract; here they are held together."""

import re
from pathlib import Path

import pytest

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2, model_pb2
from sensorium_speech import convert, models, servicer
from sensorium_speech.audio import _limits as audio_limits
from sensorium_speech.domain import Encoding, RecognitionOptions, VoiceActivity
from sensorium_speech.listening import Happening
from sensorium_speech.sessions import _window
from sensorium_speech.settings import SpeechSettings

ROOT = Path(__file__).parents[3]
PROTO = (ROOT / "protos/sensorium/speech/v1/speech_service.proto").read_text()
AUDIO_PROTO = (ROOT / "protos/sensorium/type/v1/audio.proto").read_text()


def comment(message: str, field: str, text: str = PROTO) -> str:
    """What the contract says of a field, on one line."""
    body = re.search(rf"^message {message} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    assert body
    found = re.search(rf"((?:^ *//[^\n]*\n)+) *(?:optional |repeated )?[\w.]+ {field} =", body.group(1), re.MULTILINE)
    assert found
    return " ".join(line.strip().removeprefix("//").strip() for line in found.group(1).splitlines())


def test_encodings_have_the_contract_s_numbers() -> None:
    contract = {name.removeprefix("AUDIO_ENCODING_"): number for name, number in audio_pb2.AudioEncoding.items()}
    assert contract.pop("UNSPECIFIED") == 0
    assert {member.name: member.value for member in Encoding} == contract


def test_every_happening_is_an_event_of_the_contract() -> None:
    events = {convert._EVENTS[happening] for happening in Happening}
    assert events == set(pb.SpeechEventType.values()) - {0}


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        ("min_speech_duration", VoiceActivity().min_speech),
        ("min_silence_duration", VoiceActivity().min_silence),
        ("speech_padding", VoiceActivity().padding),
    ],
)
def test_the_defaults_of_voice_activity(field: str, seconds: float) -> None:
    assert f"Default {seconds:g} s." in comment("VoiceActivityOptions", field)


def test_the_defaults_of_the_threshold_and_of_the_longest_utterance() -> None:
    assert "Default 0.5." in comment("VoiceActivityOptions", "threshold")
    said = comment("VoiceActivityOptions", "max_speech_duration")
    assert f"Default {VoiceActivity().max_speech:g} s, in Recognize {servicer._LONGEST_PASSAGE:g} s." in said
    assert convert.voice_activity(pb.VoiceActivityOptions()) == VoiceActivity()


def test_the_defaults_of_recognition() -> None:
    assert "Default true." in comment("RecognitionFeatures", "enable_word_time_offsets")
    assert "Default 0, which stands for 1." in comment("RecognitionFeatures", "max_alternatives")
    assert convert.recognition_options(pb.RecognitionConfig()) == RecognitionOptions()
    assert models.MOONSHINE.name in comment("RecognitionConfig", "model")


def test_the_defaults_of_sessions() -> None:
    assert f"Default {servicer._DEFAULT_IDLE_SECONDS:g} s." in comment("OpenSessionRequest", "idle_timeout")
    assert f"its newest {_window.MOST_RESPONSES} responses" in comment("WatchResultsRequest", "first_number")


def test_the_limits_on_recordings_admit_what_the_contract_admits() -> None:
    settings = SpeechSettings()
    assert settings.max_message_bytes == 128 * 2**20
    assert AUDIO_PROTO.count("max_len: 134217728") == 2
    assert f"{audio_limits.LOWEST_RATE} to {audio_limits.HIGHEST_RATE} Hz" in comment(
        "AudioFormat", "sample_rate_hertz", AUDIO_PROTO
    )
    assert f"0 to {audio_limits.MOST_CHANNELS}" in comment("AudioFormat", "audio_channel_count", AUDIO_PROTO)


def test_the_model_of_commands() -> None:
    assert f"Default: {models.HAMA.name}." in comment("CommandsConfig", "model")


def test_every_model_has_a_recipe_whose_capabilities_the_contract_knows() -> None:
    recipes = {path.parent.name: path.read_text() for path in (ROOT / "services/speech/models").glob("*/recipe.py")}
    assert {spec.name for spec in models.ALL} == set(recipes)
    for text in recipes.values():
        (named,) = re.findall(r'capability="([a-z_,]+)"', text)
        for capability in named.split(","):
            assert f"CAPABILITY_{capability.upper()}" in model_pb2.Capability.keys()  # noqa: SIM118 - not a dict
