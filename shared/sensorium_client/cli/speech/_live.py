"""Listens while something is said, and prints it: as it grows on a terminal, line by line elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import sys
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TextIO, TypeAlias

from rich.cells import cell_len
from rich.console import Console

from sensorium_client import (
    AsyncSpeechClient,
    AudioFormat,
    Command,
    CommandOptions,
    RecognitionOptions,
    SensoriumError,
    SpeechEventType,
    StreamedCommand,
    StreamedSpeech,
    StreamedUtterance,
    StreamOptions,
    UnavailableError,
)
from sensorium_client.cli._run import OK, SOME_FAILED, errors, unreachable
from sensorium_client.cli._show import show_error
from sensorium_client.cli.speech._options import LiveCommon
from sensorium_client.cli.speech._show import command_lines, word_lines

Response: TypeAlias = StreamedSpeech | StreamedCommand

_ENDINGS = {
    SpeechEventType.SILENCE_TIMEOUT: "ended: nothing more was said",
    SpeechEventType.DURATION_TIMEOUT: "ended: that was all the time there is",
}


@dataclass(frozen=True)
class Listening:
    """Sound, and how to hear it."""

    format: AudioFormat
    pieces: AsyncIterator[bytes]
    options: RecognitionOptions | CommandOptions
    stream_options: StreamOptions


def run_live(common: LiveCommon, name: str, open_sound: Callable[[], Listening], *, words: bool) -> int:
    """Hear sound to its end and print what is said; gives the exit code.

    Args:
        common: the command's options.
        name: what a person calls the sound.
        open_sound: begins to listen; may raise a SensoriumError.
        words: whether to print the words, too.
    """
    printer = Printer(sys.stdout, as_json=common.as_json, words=words)

    async def listen() -> None:
        listening = open_sound()
        async with (
            AsyncSpeechClient(common.address) as client,
            aclosing(_responses(client, listening, common)) as responses,
        ):
            async for response in responses:
                printer.show(response)

    try:
        asyncio.run(listen())
    except UnavailableError as error:
        if not printer.printed:
            return unreachable(str(error), AsyncSpeechClient.service.defaults)
        show_error(errors(), name, error)
        return SOME_FAILED
    except SensoriumError as error:
        show_error(errors(), name, error)
        return SOME_FAILED
    finally:
        printer.end()
    return OK


def _responses(
    client: AsyncSpeechClient, listening: Listening, common: LiveCommon
) -> AsyncGenerator[StreamedSpeech, None] | AsyncGenerator[StreamedCommand, None]:
    if isinstance(listening.options, CommandOptions):
        return client.stream_commands(
            listening.pieces,
            listening.format,
            listening.options,
            listening.stream_options,
            **common.call_arguments(),
        )
    return client.stream(
        listening.pieces, listening.format, listening.options, listening.stream_options, **common.call_arguments()
    )


class Printer:
    """Prints responses: interim texts in place where the output is a terminal, and final ones below each other."""

    def __init__(self, out: TextIO, *, as_json: bool, words: bool) -> None:
        self.printed = False
        self._out = out
        self._as_json = as_json
        self._words = words
        self._in_place = out.isatty() and not as_json
        self._shown = False
        self._console = Console(file=out)

    def show(self, response: Response) -> None:
        """Print a response."""
        self.printed = True
        if self._as_json:
            self._write(response.to_json() + "\n")
        elif response.event is not None:
            self._event(response.event.type)
        elif isinstance(response.result, StreamedUtterance):
            self._utterance(response.result)
        elif response.result is not None:
            self._command(response.result)

    def end(self) -> None:
        """Take away what is not final."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = False

    def _utterance(self, result: StreamedUtterance) -> None:
        channel = f"[{result.channel_tag}] " if result.channel_tag else ""
        text = channel + _printable(result.transcript)
        if result.is_final:
            self.end()
            if result.transcript:
                self._write(text + "\n")
            for line in word_lines(result.words) if self._words else ():
                self._console.print(line, soft_wrap=True)
        elif self._in_place:
            self._write("\r\x1b[K" + _tail(text, shutil.get_terminal_size().columns - 1))
            self._shown = True

    def _command(self, command: Command) -> None:
        for line in command_lines(command):
            self._console.print(line, soft_wrap=True)

    def _event(self, kind: SpeechEventType) -> None:
        if kind in _ENDINGS:
            self.end()
            errors().print(_ENDINGS[kind], style="dim")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _printable(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) != "Cc")


def _tail(text: str, width: int) -> str:
    """The end of a text, in so many columns at most."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return "…" + text
