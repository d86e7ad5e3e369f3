"""The speech commands: what each of them takes, and what it asks the service."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium_client._defaults import DEFAULT_DEADLINE, SPEECH
from sensorium_client.cli._options import (
    STDIN,
    AsJson,
    Deadline,
    check_standard_input,
    exit_codes,
    output_folder,
    with_common,
)
from sensorium_client.cli.speech import _phrase_sets
from sensorium_client.cli.speech._options import (
    Address,
    Encoding,
    EncodingName,
    Expected,
    Language,
    LiveCommon,
    ModelName,
    RecordingCommon,
    Redact,
    TranscriptCommon,
    Words,
)

if TYPE_CHECKING:
    from sensorium_client import CommandOptions, RecognitionOptions
    from sensorium_client.cli.speech._live import Listening
    from sensorium_client.cli.speech._sounds import Sound

_EXIT_CODES = exit_codes("file")

app = typer.Typer(
    help=f"Hear: what is said in recordings and live, which commands are given.\n\n{_EXIT_CODES}",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
)
app.add_typer(_phrase_sets.app, name="phrase-sets")

Alternatives = Annotated[int, typer.Option(min=0, max=5, help="Versions of an utterance at most; 0 stands for 1.")]
MinConfidence = Annotated[
    float | None, typer.Option(min=0, max=1, help="Reject commands that are less certain.", show_default="0.5")
]
AsCommands = Annotated[bool, typer.Option("--commands", help="Hear commands: the phrases are all that can be said.")]


@app.command(epilog=_EXIT_CODES)
@with_common
def recognize(
    common: TranscriptCommon,
    *,
    srt: Annotated[bool, typer.Option("--srt", help="Print SubRip subtitles.")] = False,
    vtt: Annotated[bool, typer.Option("--vtt", help="Print WebVTT subtitles.")] = False,
    words: Words = False,
    phrases: Expected = None,
    alternatives: Alternatives = 0,
    redact: Redact = False,
    language: Language = "",
    model: ModelName = "",
) -> None:
    """Write down what is said in sound files."""
    from sensorium_client.cli.speech import _show
    from sensorium_client.cli.speech._phrases import wanted_sets
    from sensorium_client.cli.speech._run import run_recordings

    if srt + vtt + common.as_json > 1:
        raise typer.BadParameter("give one of --json, --srt and --vtt")
    if (srt or vtt) and len(common.files) > 1:
        raise typer.BadParameter("subtitles of several files do not go into one: give --out DIR instead")
    sets = wanted_sets(phrases)
    folder = _folder(common)
    arguments = common.recording_arguments()
    plain = _show.show_words if words else _show.show_transcript
    raise typer.Exit(
        run_recordings(
            common,
            folder,
            lambda client, data: client.recognize(
                data,
                model=model,
                language_code=language,
                max_alternatives=alternatives,
                phrase_sets=sets,
                redact=redact,
                **arguments,
            ),
            _show.show_srt if srt else _show.show_vtt if vtt else plain,
        )
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def commands(
    common: RecordingCommon, phrases: Expected = None, min_confidence: MinConfidence = None, model: ModelName = ""
) -> None:
    """Hear commands in sound files: --phrases are all that can be said, and other speech is rejected."""
    from sensorium_client.cli.speech._phrases import wanted_sets
    from sensorium_client.cli.speech._run import run_recordings
    from sensorium_client.cli.speech._show import show_commands

    vocabulary = wanted_sets(phrases)
    if not vocabulary:
        raise typer.BadParameter("say which commands there are", param_hint="--phrases")
    folder = _folder(common)
    arguments = common.recording_arguments()
    raise typer.Exit(
        run_recordings(
            common,
            folder,
            lambda client, data: client.recognize_commands(
                data, vocabulary, model=model, min_confidence=min_confidence, **arguments
            ),
            show_commands,
        )
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def vad(common: RecordingCommon) -> None:
    """Find where speech is in sound files."""
    from sensorium_client.cli.speech._run import run_recordings
    from sensorium_client.cli.speech._show import show_segments

    folder = _folder(common)
    arguments = common.recording_arguments()
    raise typer.Exit(
        run_recordings(common, folder, lambda client, data: client.detect_speech(data, **arguments), show_segments)
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def stream(
    common: LiveCommon,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A sound file; - is WAV or bare samples from standard input.")
    ],
    *,
    full_speed: Annotated[
        bool, typer.Option("--full-speed", help="Send a file as fast as it is heard, not as fast as it was said.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The file has bare samples and no header.")] = False,
    encoding: EncodingName = Encoding.linear16,
    words: Words = False,
    phrases: Expected = None,
    as_commands: AsCommands = False,
    redact: Redact = False,
    language: Language = "",
    model: ModelName = "",
) -> None:
    """Write down what is said while it is said; on a terminal the text grows in place."""
    from sensorium_client.cli.speech._live import run_live

    options = _options(common, phrases, as_commands=as_commands, redact=redact, language=language, model=model)

    def open_sound() -> Listening:
        sound = _sound(file, common, encoding, raw=raw)
        return _listening(common, sound, options, full_speed=full_speed or file == STDIN)

    raise typer.Exit(run_live(common, "standard input" if file == STDIN else file, open_sound, words=words))


@app.command(epilog=_EXIT_CODES)
@with_common
def microphone(
    common: LiveCommon,
    *,
    device: Annotated[
        str | None, typer.Option(metavar="NAME", help="As the recording program calls it.", show_default="its default")
    ] = None,
    words: Words = False,
    phrases: Expected = None,
    as_commands: AsCommands = False,
    redact: Redact = False,
    language: Language = "",
    model: ModelName = "",
) -> None:
    """Write down what the microphone hears, until Ctrl-C; recorded by arecord, parec or rec, whichever is there."""
    from sensorium_client.cli.speech._live import Listening, run_live
    from sensorium_client.cli.speech._microphone import command_for, recorded

    options = _options(common, phrases, as_commands=as_commands, redact=redact, language=language, model=model)

    def open_sound() -> Listening:
        sound = common.raw_format()
        pieces = recorded(command_for(sound, device), sound)
        return Listening(sound, pieces, options, common.stream_options(interim=_interim(common)))

    raise typer.Exit(run_live(common, "microphone", open_sound, words=words))


@app.command(epilog=_EXIT_CODES)
def models(address: Address = SPEECH.address, as_json: AsJson = False, deadline: Deadline = DEFAULT_DEADLINE) -> None:
    """List the models that the service uses."""
    from sensorium_client import SpeechClient
    from sensorium_client.cli._run import run_models

    raise typer.Exit(run_models(SpeechClient, address, deadline, as_json=as_json))


def _folder(common: RecordingCommon) -> Path | None:
    check_standard_input(common.files, "FILE…")
    return output_folder(common.out)


def _options(
    common: LiveCommon, phrases: list[str] | None, *, as_commands: bool, redact: bool, language: str, model: str
) -> RecognitionOptions | CommandOptions:
    from sensorium_client import CommandOptions, RecognitionOptions
    from sensorium_client.cli.speech._phrases import wanted_sets

    sets = wanted_sets(phrases)
    if as_commands and not sets:
        raise typer.BadParameter("say which commands there are", param_hint="--phrases")
    if as_commands and (redact or language):
        raise typer.BadParameter("commands take neither --redact nor --language", param_hint="--commands")
    activity = common.voice_activity()
    if as_commands:
        return CommandOptions(sets, model, None, common.separate_channels, activity)
    return RecognitionOptions(
        model=model,
        language_code=language,
        separate_channels=common.separate_channels,
        phrase_sets=sets,
        voice_activity=activity,
        redact=redact,
    )


def _sound(file: str, common: LiveCommon, encoding: Encoding, *, raw: bool) -> Sound:
    from sensorium_client.cli.speech import _sounds

    if file == STDIN:
        return _sounds.of_pipe(_sounds.standard_input(), common.raw_format(encoding))
    if raw:
        return _sounds.of_raw_file(Path(file), common.raw_format(encoding))
    return _sounds.of_file(Path(file))


def _listening(
    common: LiveCommon, sound: Sound, options: RecognitionOptions | CommandOptions, *, full_speed: bool
) -> Listening:
    import asyncio
    import time

    from sensorium_client.cli._threads import in_thread
    from sensorium_client.cli.speech._live import Listening
    from sensorium_client.cli.speech._sounds import paced

    pieces = in_thread(sound.pieces)
    played = pieces if full_speed else paced(pieces, sound.format, time.monotonic, asyncio.sleep)
    return Listening(sound.format, played, options, common.stream_options(interim=_interim(common)))


def _interim(common: LiveCommon) -> bool:
    """Whether interim results are wanted: where the text grows in place, and in JSON."""
    return common.as_json or sys.stdout.isatty()
