"""The SDK and the command line with the real speech service, over connections that break."""

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from integration import recordings
from integration.conftest import Stack
from sensorium_client import AudioFormat, RecognitionOptions, SpeechClient, StreamedSpeech, StreamOptions
from sensorium_client.cli import app

pytestmark = pytest.mark.integration

FORMAT = AudioFormat(16_000)


class Wire:
    """Hands bytes to a service and back, until it is cut; then it takes new connections."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection there is."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                ours, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._connect, args=(ours,), daemon=True).start()

    def _connect(self, ours: socket.socket) -> None:
        with ours, socket.create_connection(self._target) as theirs:
            self._open += [ours, theirs]
            back = threading.Thread(target=_pump, args=(theirs, ours), daemon=True)
            back.start()
            _pump(ours, theirs)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    wire = Wire(stack.address("speech"))
    yield wire
    wire.close()


@pytest.fixture
def client(stack: Stack) -> Iterator[SpeechClient]:
    with SpeechClient(stack.address("speech")) as client:
        yield client


def pieces(name: str, size: int = 1600) -> list[Any]:
    sound = recordings.pcm(name)
    return [sound[start : start + size] for start in range(0, len(sound), size)]


def finals(responses: Iterable[StreamedSpeech]) -> list[str]:
    return [response.result.transcript for response in responses if response.result and response.result.is_final]


def test_a_session_survives_connections_that_break(client: SpeechClient, wire: Wire) -> None:
    expected = finals(client.stream(pieces("two_cities"), FORMAT))
    found: list[StreamedSpeech] = []
    with SpeechClient(wire.address) as broken:
        streaming = StreamOptions(interim_results=True, voice_activity_events=True)
        session = broken.open_session(FORMAT, stream_options=streaming)
        watching = threading.Thread(target=lambda: found.extend(session.watch()))
        watching.start()
        for number, piece in enumerate(pieces("two_cities")):
            if number % 100 == 50:
                wire.cut()
            session.push(piece)
        closed = session.close()
        wire.cut()
        watching.join(60)
    assert finals(found) == expected
    assert closed.audio_duration.total_seconds() == pytest.approx(len(recordings.pcm("two_cities")) / 16_000, abs=1e-3)
    assert wire.connections >= 5
    final = [response.result.utterance_index for response in found if response.result and response.result.is_final]
    assert final == [*range(len(expected))]


def test_a_recording_says_the_same_as_a_file_and_as_an_array(client: SpeechClient) -> None:
    as_file = client.recognize(recordings.path("beckett"))
    as_array = client.recognize(recordings.pcm("beckett"), sample_rate_hertz=16_000)
    assert as_file.text == as_array.text
    assert recordings.word_error_rate(recordings.BECKETT, as_file.text) == 0


def test_alternatives_are_of_falling_confidence(client: SpeechClient) -> None:
    found = client.recognize(recordings.path("beckett"), max_alternatives=3).results[0].alternatives
    assert 1 < len(found) <= 3
    assert [each.confidence for each in found] == sorted((each.confidence for each in found), reverse=True)


def test_a_stream_without_word_times(client: SpeechClient) -> None:
    options = RecognitionOptions(word_times=False)
    responses = list(client.stream(pieces("beckett"), FORMAT, options))
    words = [word for response in responses if response.result for word in response.result.words]
    assert len(words) == 12
    assert all(word.start_offset is None and word.confidence > 0 for word in words)


def test_the_command_line_writes_subtitles(stack: Stack, tmp_path: Path) -> None:
    run = CliRunner()
    command = ["speech", "recognize", str(recordings.path("two_cities")), "--address", stack.address("speech")]
    done = run.invoke(app, [*command, "--srt", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (tmp_path / "two_cities.srt").read_text()
    lines = done.stdout.splitlines()
    assert lines[0] == "1"
    assert max(map(len, lines)) <= 42
    text = " ".join(line for line in lines if not line.isdigit() and "-->" not in line)
    assert recordings.word_error_rate(recordings.TWO_CITIES, text) <= 0.05
    document = json.loads((tmp_path / "two_cities.json").read_text())
    assert document["results"][0]["alternatives"][0]["words"]


def test_the_command_line_streams_a_file(stack: Stack) -> None:
    command = [
        "speech",
        "stream",
        str(recordings.path("beckett")),
        "--full-speed",
        "--address",
        stack.address("speech"),
    ]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.stderr
    assert recordings.words(done.stdout) == recordings.words(recordings.BECKETT)
