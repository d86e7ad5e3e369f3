from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import model_pb2
from unit.client.scripted import Answer, Script, status
from unit.client.speech.cli import NOWHERE, invoke
from unit.client.speech.test_calls import timed, word


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    file = tmp_path / "shift.wav"
    file.write_bytes(b"RIFF")
    return file


def transcript() -> pb.RecognizeResponse:
    response = pb.RecognizeResponse()
    response.timings.total.FromTimedelta(timedelta(milliseconds=6))
    response.audio_duration.FromTimedelta(timedelta(seconds=9))
    first = timed(response.results.add(), 1, 2.5)
    words = [word("Ever", 1, 1.25), pb.WordInfo(word="tried.", confidence=0.25)]
    first.alternatives.add(transcript="Ever tried.", confidence=0.75, words=words)
    first.alternatives.add(transcript="Never tried.", confidence=0.5)
    timed(response.results.add(channel_tag=2), 3725.5, 3726).alternatives.add(transcript="No matter.")
    timed(response.results.add(), 3727, 3728)
    return response


def test_recognize(run: Any, script: Script, wav: Path) -> None:
    script.always = transcript()
    done = run(
        "recognize",
        wav,
        "--phrases",
        "sluice gate, weir",
        "--phrases",
        "phraseSets/line",
        "--alternatives",
        2,
        "--redact",
        "--language",
        "en",
        "--model",
        "net",
        "--separate-channels",
        "--threshold",
        0.25,
        "--min-silence",
        1,
        "--part-id",
        "p",
    )
    (request,) = script.requests
    assert request.audio.encoded == b"RIFF"
    config = request.config
    assert (config.language_code, config.model, config.redact_personal_data) == ("en", "net", True)
    assert config.features.max_alternatives == 2
    assert config.features.multi_channel_mode == pb.MULTI_CHANNEL_MODE_SEPARATE_RECOGNITION_PER_CHANNEL
    inline, named = config.adaptation.phrase_sets
    assert [phrase.value for phrase in inline.inline_phrase_set.phrases] == ["sluice gate", "weir"]
    assert named.phrase_set == "phraseSets/line"
    assert config.voice_activity.threshold == 0.25
    assert config.voice_activity.min_silence_duration.ToSeconds() == 1
    assert request.context.part_id == "p"
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{wav}  9.0 s of sound, 6 ms",
        "  0:01.000  0:02.500  Ever tried.",
        "                       50.0%  Never tried.",
        "  1:02:05.500  1:02:06.000  [2] No matter.",
        "  1:02:07.000  1:02:08.000  (no words)",
    ]


def test_words(run: Any, script: Script, wav: Path) -> None:
    script.always = transcript()
    lines = run("recognize", wav, "--words").stdout.splitlines()
    assert "    0:01.000  0:01.250   50.0%  Ever" in lines
    assert "                           25.0%  tried." in lines


def test_nothing_said(run: Any, script: Script, wav: Path) -> None:
    script.always = pb.RecognizeResponse()
    assert run("recognize", wav).stdout.splitlines()[1:] == ["  nothing found"]


def test_json(run: Any, script: Script, wav: Path) -> None:
    script.always = transcript()
    done = run("recognize", wav, wav, "--json")
    first, second = done.stdout.splitlines()
    assert first == second
    assert json_format.Parse(first, pb.RecognizeResponse()) == transcript()


def test_subtitles_on_standard_output(run: Any, script: Script, wav: Path) -> None:
    script.always = transcript()
    assert run("recognize", wav, "--srt").stdout.startswith("1\n00:00:01,000 --> 00:00:02,500\nEver tried.\n\n2\n")
    assert run("recognize", wav, "--vtt").stdout.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nEver tried.\n")


def test_results_go_into_a_folder(run: Any, script: Script, wav: Path, tmp_path: Path) -> None:
    script.always = transcript()
    out = tmp_path / "out"
    assert run("recognize", wav, wav, "--out", out).exit_code == 0
    names = [f"{stem}{suffix}" for stem in ("shift", "shift-2") for suffix in (".json", ".srt", ".vtt")]
    assert sorted(file.name for file in out.iterdir()) == sorted(names)
    assert json.loads((out / "shift.json").read_text())["results"][0]["alternatives"][0]["transcript"] == "Ever tried."
    assert (out / "shift.srt").read_text().startswith("1\n00:00:01,000")
    assert (out / "shift.vtt").read_text().startswith("WEBVTT\n")


@pytest.mark.parametrize("command", [["vad"], ["commands", "--phrases", "stop"]])
def test_other_results_go_into_a_folder(
    run: Any, script: Script, wav: Path, tmp_path: Path, command: list[str]
) -> None:
    script.always = pb.DetectSpeechResponse() if command == ["vad"] else pb.RecognizeCommandsResponse()
    assert run(*command, wav, "--out", tmp_path / "out").exit_code == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["shift.json"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--srt", "--vtt"], "one of --json, --srt and --vtt"),
        (["--json", "--vtt"], "one of --json, --srt and --vtt"),
        (["--srt", "more.wav"], "give --out DIR"),
        (["--phrases", "nothing.txt"], "nothing.txt"),
        (["-", "-"], "can be read once"),
        (["--address", ""], "no address"),
    ],
)
def test_wrong_usage(run: Any, script: Script, wav: Path, arguments: list[str], told: str) -> None:
    done = run("recognize", wav, *arguments)
    assert (done.exit_code, script.requests) == (2, [])
    assert told in " ".join(done.stderr.split())


def test_a_file_that_fails_is_named_and_the_others_go_on(run: Any, script: Script, wav: Path, tmp_path: Path) -> None:
    def answer(request: Any) -> Answer:
        if request.audio.encoded == b"bad":
            return status(grpc.StatusCode.INVALID_ARGUMENT, "audio: is damaged", reason="AUDIO_CORRUPT")
        return transcript()

    script.respond = answer
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"bad")
    done = run("recognize", bad, tmp_path / "none.wav", wav)
    assert done.exit_code == 1
    assert "Ever tried." in done.stdout
    corrupt, missing = done.stderr.splitlines()
    assert corrupt == f"{bad}: audio: is damaged [AUDIO_CORRUPT]"
    assert missing.endswith("No such file or directory [FILE_UNREADABLE]")


def test_standard_input(run: Any, script: Script) -> None:
    script.always = transcript()
    done = run("recognize", "-", input=b"OggS")
    assert script.requests[0].audio.encoded == b"OggS"
    assert done.stdout.startswith("standard input  ")


@pytest.mark.parametrize(
    "command",
    [["recognize"], ["vad"], ["commands", "--phrases", "stop"]],
)
def test_nobody_there(wav: Path, command: list[str]) -> None:
    done = invoke(*command, wav, "--address", NOWHERE)
    assert done.exit_code == 3
    assert "SENSORIUM_SPEECH_ADDRESS" in done.stderr


@pytest.mark.parametrize("command", [["models"], ["phrase-sets", "list"]])
def test_nobody_there_to_list(command: list[str]) -> None:
    assert invoke(*command, "--address", NOWHERE).exit_code == 3


def test_commands(run: Any, script: Script, wav: Path) -> None:
    response = pb.RecognizeCommandsResponse()
    command = response.results.add(accepted=True, confidence=0.75, phrase="set speed to {speed}", phrase_id="s")
    timed(command, 1, 2.5)
    command.slots.add(name="speed", transcript="twelve", number=12)
    command.slots.add(name="machine", transcript="pump one", entry="P-101")
    timed(response.results.add(confidence=0.25, phrase="stop", channel_tag=1), 3, 4)
    script.always = response
    done = run("commands", wav, "--phrases", "stop", "--min-confidence", 0, "--model", "net", "--separate-channels")
    config = script.requests[0].config
    assert [phrase.value for phrase in config.vocabulary[0].inline_phrase_set.phrases] == ["stop"]
    assert (config.min_confidence, config.HasField("min_confidence"), config.model) == (0, True, "net")
    assert done.stdout.splitlines()[1:] == [
        "  0:01.000  0:02.500   75.0%  command  set speed to {speed}  s",
        "                              speed 12  twelve",
        "                              machine P-101  pump one",
        "  0:03.000  0:04.000  [1]  25.0%  no command, most like  stop",
    ]


def test_commands_need_phrases(run: Any, wav: Path) -> None:
    done = run("commands", wav)
    assert done.exit_code == 2
    assert "say which commands there are" in done.stderr


def test_vad(run: Any, script: Script, wav: Path) -> None:
    response = pb.DetectSpeechResponse()
    timed(response.segments.add(confidence=0.75), 1, 2.5)
    script.always = response
    done = run("vad", wav, "--max-speech", 10)
    assert script.requests[0].voice_activity.max_speech_duration.ToSeconds() == 10
    assert done.stdout.splitlines()[1:] == ["  0:01.000  0:02.500   75.0%  speech  1.50 s"]


def test_models(run: Any, script: Script) -> None:
    model = model_pb2.Model(name="moonshine", ready=True, language_codes=["en"], license="MIT")
    model.capabilities.append(model_pb2.CAPABILITY_TRANSCRIBE)
    script.always = pb.ListModelsResponse(models=[model])
    assert "transcribe" in run("models").stdout
    assert json.loads(run("models", "--json").stdout)["languageCodes"] == ["en"]


def test_help_tells_the_exit_codes() -> None:
    text = " ".join(invoke("recognize", "--help").stdout.split())
    assert "3 the service cannot be reached" in text
    assert "--redact" in text
