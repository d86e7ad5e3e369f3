"""The speech service on real recordings."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from sensorium_client import (
    AudioFormat,
    CommandOptions,
    DetectSpeechResult,
    PhraseSet,
    RecognizeCommandsResult,
    RecognizeResult,
    SensoriumError,
    SpeechClient,
    StreamedSpeech,
    StreamOptions,
    Word,
)
from sensorium_client.stack.recordings import RecordingMissingError, recording
from sensorium_client.stack.showcases._showcase import Answer, Showcase, Step, answered, models_step

_DEADLINE = 20.0
_PIECE_SECONDS = 0.1
_SET = "sensorium-demo"
COMMANDS = PhraseSet(["ever tried", "ever failed", "no matter", "try again", "fail again", "fail better"])
"""What `beckett` says; `two_cities` says nothing of it."""

AnyResult: TypeAlias = RecognizeResult | RecognizeCommandsResult | DetectSpeechResult
Ask: TypeAlias = Callable[[SpeechClient, Path], AnyResult]


def greet(address: str) -> Iterator[Answer]:
    """Send a recording to be written down, and to be searched for commands."""
    with SpeechClient(address, deadline=_DEADLINE) as client:
        for name, asked, ask in _GREETINGS:
            try:
                file = recording(Path.cwd(), name)
            except RecordingMissingError as error:
                yield Answer(name, asked, f"failed: {error}", 0.0)
                continue
            yield answered(name, asked, functools.partial(ask, client, file), summary)


def demo(address: str, folder: Path) -> Iterator[Step]:
    """Call each method on the recordings, write JSON and subtitles into `folder`, and tell of each.

    Raises:
        SensoriumError: The list of models failed; another call that fails is a step like the others.
    """
    with SpeechClient(address) as client:
        for method, name, ask in _CALLS:
            yield _step(method, name, functools.partial(_one, client, folder, method, name, ask))
        yield _step("StreamingRecognize", "beckett", functools.partial(_stream, client, folder))
        yield _step("StreamingRecognizeCommands", "beckett", functools.partial(_stream_commands, client))
        yield _step("a session", "beckett", functools.partial(_session, client))
        yield _step("phrase sets", _SET, functools.partial(_phrase_sets, client))
        yield models_step(client, folder / "speech-list-models.json")


def summary(result: AnyResult) -> str:
    """What was said, the commands, or where speech is."""
    if isinstance(result, RecognizeResult):
        return result.text
    if isinstance(result, RecognizeCommandsResult):
        heard = [f"{command.phrase} {command.confidence:.0%}" for command in result.accepted]
        others = len(result.results) - len(heard)
        return "\n".join([*heard, *([f"{others} utterances that are no command"] if others else [])])
    return f"{len(result.segments)} stretches of speech in {result.audio_duration.total_seconds():.1f} s"


_Told: TypeAlias = tuple[str, tuple[Path, ...]]
"""What came of a step, and the files that show it."""


def _step(method: str, subject: str, run: Callable[[], _Told]) -> Step:
    start = time.perf_counter()
    try:
        answer, files = run()
    except (SensoriumError, RecordingMissingError) as error:
        return Step(method, subject, f"failed: {error}", time.perf_counter() - start, failed=True)
    return Step(method, subject, answer, time.perf_counter() - start, files)


def _one(client: SpeechClient, folder: Path, method: str, name: str, ask: Ask) -> _Told:
    result = ask(client, recording(Path.cwd(), name))
    stem = f"speech-{method.lower()}-{name}"
    contents = {".json": result.to_json() + "\n"}
    answer = summary(result)
    if isinstance(result, RecognizeResult):
        contents |= {".srt": result.to_srt(), ".vtt": result.to_vtt()}
        answer += "\n" + _timed(word for utterance in result.results for word in utterance.words)
    files = tuple(folder / f"{stem}{suffix}" for suffix in contents)
    for file, content in zip(files, contents.values(), strict=True):
        file.write_text(content, encoding="utf-8")
    return answer, files


def _stream(client: SpeechClient, folder: Path) -> _Told:
    """As fast as it is taken: the results while an utterance lasts, and at its end."""
    sound, pieces = _pieces("beckett")
    responses = list(client.stream(pieces, sound, stream_options=StreamOptions(interim_results=True)))
    file = folder / "speech-stream-beckett.json"
    file.write_text("".join(f"{response.to_json()}\n" for response in responses), encoding="utf-8")
    finals = _finals(responses)
    return "\n".join([*finals, f"and {len(responses) - len(finals)} interim results"]), (file,)


def _stream_commands(client: SpeechClient) -> _Told:
    sound, pieces = _pieces("beckett")
    found = [response.result for response in client.stream_commands(pieces, sound, CommandOptions(COMMANDS))]
    heard = [command.phrase for command in found if command is not None and command.accepted]
    return "\n".join(heard) or "no command", ()


def _session(client: SpeechClient) -> _Told:
    """The same by unary calls, and by results that are watched over a connection that breaks in the middle."""
    sound, pieces = _pieces("beckett")
    half = len(pieces) // 2
    with client.open_session(sound) as session:
        for piece in pieces[:half]:
            session.push(piece)
        watching = session.watch()
        found = [next(watching)]
        watching.close()
        for piece in pieces[half:]:
            session.push(piece)
        session.close()
        found += session.watch()
    streamed = _finals(client.stream(pieces, sound))
    same = "the same words as the stream" if _finals(found) == streamed else "OTHER WORDS THAN THE STREAM"
    return f"{same}, over a connection that broke in the middle", ()


def _phrase_sets(client: SpeechClient) -> _Told:
    """Keep the commands, use them by name, change and remove them."""
    client.delete_phrase_set(_SET, allow_missing=True)
    kept = client.create_phrase_set(COMMANDS, _SET)
    heard = client.recognize_commands(recording(Path.cwd(), "beckett"), _SET).accepted
    changed = client.update_phrase_set(PhraseSet(["no matter"], kept.name, etag=kept.etag), ["phrases"])
    phrases = len(client.get_phrase_set(_SET).phrases)
    listed = len(client.list_phrase_sets().phrase_sets)
    client.delete_phrase_set(_SET, etag=changed.etag)
    return f"created, {len(heard)} commands heard, changed to {phrases} phrase, {listed} kept in all, removed", ()


def _finals(responses: Iterator[StreamedSpeech] | list[StreamedSpeech]) -> list[str]:
    results = (response.result for response in responses)
    return [result.transcript for result in results if result is not None and result.is_final]


def _pieces(name: str) -> tuple[AudioFormat, list[npt.NDArray[Any]]]:
    samples, rate = soundfile.read(recording(Path.cwd(), name), dtype="int16")
    size = round(rate * _PIECE_SECONDS)
    return AudioFormat(rate), np.split(samples, range(size, len(samples), size))


def _timed(words: Iterator[Word]) -> str:
    return "  ".join(
        f"{word.start_offset.total_seconds():.2f} {word.word}" for word in words if word.start_offset is not None
    )


_GREETINGS: tuple[tuple[str, str, Ask], ...] = (
    ("beckett", "recognize", SpeechClient.recognize),
    ("beckett", "hear 6 commands", lambda client, file: client.recognize_commands(file, COMMANDS)),
)
_CALLS: tuple[tuple[str, str, Ask], ...] = (
    ("Recognize", "beckett", SpeechClient.recognize),
    ("Recognize", "two_cities", SpeechClient.recognize),
    ("Recognize", "goforward", SpeechClient.recognize),
    ("RecognizeCommands", "beckett", lambda client, file: client.recognize_commands(file, COMMANDS)),
    ("RecognizeCommands", "two_cities", lambda client, file: client.recognize_commands(file, COMMANDS)),
    ("DetectSpeech", "two_cities", SpeechClient.detect_speech),
)

SHOWCASE = Showcase("recording", greet, demo, "speech recognize FILE")
