"""`sensorium speech stream` and `microphone`."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
import soundfile

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client import AudioFormat
from sensorium_client._speech.responses import streamed_command, streamed_speech
from sensorium_client.cli.speech._live import Printer
from sensorium_client.cli.speech._microphone import command_for
from unit.client.scripted import Script, status
from unit.client.speech.cli import COMMAND, NOWHERE, invoke
from unit.client.speech.scripted import said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    file = tmp_path / "a.raw"
    file.write_bytes(b"ever tried " * 600)
    return file


def streamed(name: str, arguments: list[str]) -> list[Any]:
    return [*COMMAND, name, *arguments]


def test_a_file_of_bare_samples(run: Any, script: Script, raw: Path) -> None:
    done = run("stream", raw, "--raw", "--full-speed", "--rate", 8000, "--encoding", "mulaw", "--channels", 2)
    assert done.exit_code == 0
    assert done.stdout == raw.read_text() + "\n"
    config, *chunks = script.requests
    audio_format = config.config.audio_format
    assert (audio_format.sample_rate_hertz, audio_format.audio_channel_count, audio_format.encoding) == (8000, 2, 2)
    assert not config.config.streaming_features.interim_results
    assert {len(request.audio) for request in chunks[:-1]} == {1600}


def test_options_of_a_stream(run: Any, script: Script, raw: Path) -> None:
    done = run(
        *(
            "stream",
            raw,
            "--raw",
            "--full-speed",
            "--phrases",
            "weir",
            "--redact",
            "--language",
            "en",
            "--model",
            "net",
        ),
        *("--separate-channels", "--padding", 0, "--start-timeout", 5, "--end-timeout", 2, "--max-duration", 60),
        *("--station", "cell 7"),
    )
    assert done.exit_code == 0
    config = script.requests[0].config
    assert config.config.adaptation.phrase_sets[0].inline_phrase_set.phrases[0].value == "weir"
    assert (config.config.redact_personal_data, config.config.language_code, config.config.model) == (True, "en", "net")
    assert config.config.voice_activity.HasField("speech_padding")
    timeout = config.streaming_features.voice_activity_timeout
    assert (timeout.speech_start_timeout.ToSeconds(), timeout.speech_end_timeout.ToSeconds()) == (5, 2)
    assert config.streaming_features.max_duration.ToSeconds() == 60
    assert config.context.station == "cell 7"


def test_a_sound_file(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "a.flac"
    soundfile.write(file, [0.0] * 4410, 44_100)
    assert run("stream", file, "--full-speed").exit_code == 0
    assert script.requests[0].config.audio_format.sample_rate_hertz == 44_100
    assert script.requests[1].audio == bytes(8820)


def test_a_file_at_the_speed_it_was_said(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    soundfile.write(file, [0.0] * 160, 16_000)
    assert run("stream", file).exit_code == 0
    assert script.requests[1].audio == bytes(320)


def test_json_has_everything(run: Any, script: Script, raw: Path) -> None:
    done = run("stream", raw, "--raw", "--full-speed", "--json")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["result"]["isFinal"] for document in documents] == [False, False, False, True]
    assert script.requests[0].config.streaming_features.interim_results


def test_commands(run: Any, script: Script, raw: Path) -> None:
    done = run("stream", raw, "--raw", "--full-speed", "--commands", "--phrases", "stop,start", "--model", "net")
    assert script.method == ["StreamingRecognizeCommands"]
    config = script.requests[0].config.config
    assert [phrase.value for phrase in config.vocabulary[0].inline_phrase_set.phrases] == ["stop", "start"]
    assert config.model == "net"
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["--commands"],
        ["--commands", "--phrases", "a", "--redact"],
        ["--commands", "--phrases", "a", "--language", "en"],
    ],
)
def test_wrong_usage(run: Any, script: Script, raw: Path, arguments: list[str]) -> None:
    assert run("stream", raw, *arguments).exit_code == 2
    assert script.requests == []


def test_a_file_that_is_no_sound(run: Any, script: Script, raw: Path, tmp_path: Path) -> None:
    done = run("stream", raw)
    assert (done.exit_code, script.requests) == (1, [])
    assert done.stderr.startswith(f"{raw}: cannot read {raw}: it is no sound file")
    assert "No such file" in run("stream", tmp_path / "none").stderr


def test_a_stream_that_is_refused(run: Any, script: Script, raw: Path) -> None:
    script.stream_failure = status(grpc.StatusCode.NOT_FOUND, "config.model: no such", reason="MODEL_NOT_FOUND")
    done = run("stream", raw, "--raw", "--full-speed", "--model", "none")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{raw}: config.model: no such [MODEL_NOT_FOUND]\n"


def test_a_stream_that_breaks_is_no_service_that_is_not_there(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "a.raw"
    file.write_bytes(b"x" * 3200 + b"die")
    done = run("stream", file, "--raw", "--full-speed", "--json")
    assert done.exit_code == 1
    assert "gone" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_nobody_there(raw: Path) -> None:
    done = invoke("stream", raw, "--raw", "--full-speed", "--address", NOWHERE)
    assert done.exit_code == 3
    assert "sensorium up" in done.stderr


def test_standard_input_is_heard_as_it_comes(address: str) -> None:
    args = [*COMMAND, "stream", "-", "--json", "--address", address]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for size, text in ((12, "ever tried, "), (6, "failed")):  # the pipe stays open, as that of a recorder
            assert len(text) == size
            process.stdin.write(text.encode())
            process.stdin.flush()
            assert text in process.stdout.readline().decode()
        process.stdin.close()
        assert json.loads(process.stdout.read())["result"]["isFinal"]
    assert process.returncode == 0


def test_ctrl_c_ends_it_at_once(address: str, script: Script) -> None:
    args = [*COMMAND, "stream", "-", "--address", address]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"ever tried, ")
        process.stdin.flush()
        assert script.arrived.wait(30)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_on_a_terminal_the_text_grows_in_place(address: str, raw: Path) -> None:
    raw.write_bytes(b"ever tried")
    ours, theirs = pty.openpty()
    args = [*COMMAND, "stream", str(raw), "--raw", "--full-speed", "--address", address]
    with subprocess.Popen(args, stdout=theirs) as process:
        process.wait(30)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "\r\x1b[K" in shown
    assert shown.replace("\r\n", "\n").endswith("\r\x1b[K" + raw.read_text() + "\n")


def printed(*responses: Any, out: io.StringIO, as_json: bool = False, words: bool = False) -> str:
    printer = Printer(out, as_json=as_json, words=words)
    for response in responses:
        printer.show(response)
    printer.end()
    return out.getvalue()


def test_interim_texts_are_shown_on_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    responses = [streamed_speech(said(text, is_final=False)) for text in ("ever", "ever tried ever")]
    assert printed(*responses, out=io.StringIO()) == ""
    assert printed(*responses, out=Terminal()) == "\r\x1b[Kever\r\x1b[K…tried ever\r\x1b[K"
    wide = streamed_speech(said("泵的压力太高", is_final=False))
    assert printed(wide, out=Terminal()) == "\r\x1b[K…的压力太高\r\x1b[K"


def test_final_texts() -> None:
    response = said("ever\x1b[31m tried")
    response.result.channel_tag = 2
    response.result.alternatives[0].words.add(word="ever", confidence=0.5)
    found = streamed_speech(response)
    assert printed(found, out=io.StringIO()) == "[2] ever[31m tried\n"
    assert printed(found, out=io.StringIO(), words=True).splitlines()[1].strip() == "50.0%  ever"
    assert printed(streamed_speech(said("")), out=io.StringIO()) == ""


def test_events(capsys: pytest.CaptureFixture[str]) -> None:
    events = [
        pb.SpeechEvent(type=kind)
        for kind in (pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_BEGIN, pb.SPEECH_EVENT_TYPE_SILENCE_TIMEOUT)
    ]
    responses = [streamed_speech(pb.StreamingRecognizeResponse(event=event)) for event in events]
    timeout = pb.SpeechEvent(type=pb.SPEECH_EVENT_TYPE_DURATION_TIMEOUT)
    commands = streamed_command(pb.StreamingRecognizeCommandsResponse(event=timeout))
    assert printed(*responses, commands, out=io.StringIO()) == ""
    assert capsys.readouterr().err.splitlines() == [
        "ended: nothing more was said",
        "ended: that was all the time there is",
    ]


RECORDER = f"""#!{sys.executable}
import sys, time
out = sys.stdout.buffer
out.write(b"x" * 3200)
out.flush()
open(sys.argv[0] + ".arguments", "w").write(" ".join(sys.argv[1:]))
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, source: str) -> Path:
    file = folder / name
    file.write_text(source)
    file.chmod(0o755)
    return file


def test_a_microphone_is_heard_until_ctrl_c_and_what_was_said_is_printed(
    address: str, script: Script, programs: Path
) -> None:
    arecord = program(programs, "arecord", RECORDER)
    args = [*COMMAND, "microphone", "--device", "hw:1", "--channels", "2", "--address", address]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not any(request.WhichOneof("message") == "audio" for request in script.requests):
            assert script.arrived.wait(30)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, b"x" * 3200 + b"\n", b"")
    arguments = Path(f"{arecord}.arguments").read_text()
    assert arguments == "-D hw:1 -q -t raw -f S16_LE -r 16000 -c 2"
    assert script.requests[0].config.audio_format.audio_channel_count == 2


def test_no_microphone(run: Any, programs: Path) -> None:
    program(programs, "arecord", "#!/bin/sh\necho 'ALSA lib' >&2\necho 'audio open error: No such file' >&2\nexit 1\n")
    done = run("microphone")
    assert (done.exit_code, done.stdout) == (1, "")
    text = " ".join(done.stderr.split())
    assert "arecord ended by itself: audio open error: No such file; --device names a microphone" in text


def test_no_recorder(run: Any, script: Script, programs: Path) -> None:
    done = run("microphone")
    assert (done.exit_code, script.requests) == (1, [])
    assert "install one of arecord (alsa-utils), parec (pulseaudio-utils), rec (sox)" in done.stderr
    assert "NO_RECORDER" in done.stderr


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("parec", ["--device=usb", "--raw", "--format=s16le", "--latency-msec=100", "--rate=8000", "--channels=2"]),
        ("rec", ["-q", "-t", "raw", "-e", "signed-integer", "-b", "16", "-L", "-r", "8000", "-c", "2", "-"]),
    ],
)
def test_other_recorders(programs: Path, name: str, arguments: list[str]) -> None:
    path = program(programs, name, "")
    assert command_for(AudioFormat(8000, channel_count=2), "usb") == [str(path), *arguments]
