"""The microphone, through whatever program of the system records it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from sensorium_client import AudioFormat, InvalidInputError, PreconditionError
from sensorium_client._errors import ErrorDetails
from sensorium_client.cli.speech._sounds import PIECE_SECONDS

_HINT = "or pipe sound into `sensorium speech stream -`"


@dataclass(frozen=True)
class Recorder:
    """A program that writes samples of 16 bits to its standard output."""

    program: str
    package: str
    """Where Debian has it."""
    arguments: Callable[[AudioFormat], list[str]]
    device: Callable[[str], list[str]]


RECORDERS = (
    Recorder(
        "arecord",
        "alsa-utils",
        lambda sound: [
            *("-q", "-t", "raw", "-f", "S16_LE"),
            *("-r", str(sound.sample_rate_hertz), "-c", str(sound.channel_count)),
        ],
        lambda name: ["-D", name],
    ),
    Recorder(
        "parec",
        "pulseaudio-utils",
        lambda sound: [
            *("--raw", "--format=s16le", "--latency-msec=100"),
            *(f"--rate={sound.sample_rate_hertz}", f"--channels={sound.channel_count}"),
        ],
        lambda name: [f"--device={name}"],
    ),
    Recorder(
        "rec",
        "sox",
        lambda sound: [
            *("-q", "-t", "raw", "-e", "signed-integer", "-b", "16", "-L"),
            *("-r", str(sound.sample_rate_hertz), "-c", str(sound.channel_count), "-"),
        ],
        lambda _: [],  # its device is an environment variable
    ),
)


def command_for(sound: AudioFormat, device: str | None) -> list[str]:
    """The command that records, of the first program that is there.

    Raises:
        PreconditionError: there is none.
    """
    for recorder in RECORDERS:
        if (path := shutil.which(recorder.program)) is not None:
            named = [] if device is None else recorder.device(device)
            return [path, *named, *recorder.arguments(sound)]
    names = ", ".join(f"{recorder.program} ({recorder.package})" for recorder in RECORDERS)
    text = f"there is no program here that records sound: install one of {names}; {_HINT}"
    raise PreconditionError(text, details=ErrorDetails(reason="NO_RECORDER"))


async def recorded(command: list[str], sound: AudioFormat) -> AsyncIterator[bytes]:
    """What the microphone hears, until Ctrl-C: the first one ends the recording, the second one everything.

    Raises:
        InvalidInputError: the program ended by itself, as where there is no microphone.
    """
    size = round(sound.sample_rate_hertz * PIECE_SECONDS) * sound.frame_bytes
    with tempfile.TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,  # Ctrl-C is for us to hear
        )
        assert process.stdout is not None
        stopping = _StopOnInterrupt(process)
        try:
            while piece := await process.stdout.read(size):
                yield piece
            if not stopping.stopped:
                complaints.seek(0)
                raise _ended(command, await process.wait(), complaints.read(4096).decode(errors="replace"))
        finally:
            stopping.end()
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


class _StopOnInterrupt:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.stopped = False
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._before = signal.getsignal(signal.SIGINT)
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends everything
            self._loop.add_signal_handler(signal.SIGINT, self._stop)

    def end(self) -> None:
        with suppress(NotImplementedError):
            if self._loop.remove_signal_handler(signal.SIGINT):
                signal.signal(signal.SIGINT, self._before)

    def _stop(self) -> None:
        self.stopped = True
        self.end()
        with suppress(ProcessLookupError):
            self._process.terminate()


def _ended(command: list[str], code: int, complaint: str) -> InvalidInputError:
    last = complaint.strip().rpartition("\n")[2] or f"exit code {code}"
    text = f"{command[0]} ended by itself: {last}; --device names a microphone, {_HINT}"
    return InvalidInputError(text, details=ErrorDetails(reason="RECORDER_ENDED"))
