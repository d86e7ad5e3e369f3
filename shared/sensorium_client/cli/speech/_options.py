"""The options that the speech commands share."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sensorium_client._defaults import SPEECH
from sensorium_client.cli._options import Common, Deadline, address_option

if TYPE_CHECKING:
    from sensorium_client import AudioFormat, StreamOptions, VoiceActivityOptions

Address = Annotated[str, address_option(SPEECH)]
_FOUND = "How speech is found"
_RAW = "Samples without a header"
_ENDS = "When the stream ends by itself"


def _seconds(text: str, low: float, high: float, default: str, panel: str = _FOUND) -> Any:
    return typer.Option(min=low, max=high, metavar="SECONDS", rich_help_panel=panel, help=text, show_default=default)


class Encoding(Enum):
    """How samples without a header are written."""

    linear16 = "linear16"
    mulaw = "mulaw"
    alaw = "alaw"
    uint8 = "uint8"
    linear24 = "linear24"
    linear32 = "linear32"
    float32 = "float32"


@dataclass(frozen=True, kw_only=True)
class SpeechCommon(Common):
    """What every command takes that listens."""

    address: Address = SPEECH.address
    separate_channels: Annotated[
        bool, typer.Option("--separate-channels", help="Hear each channel for itself; else they are mixed.")
    ] = False
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0.05,
            max=0.95,
            rich_help_panel=_FOUND,
            help="How likely speech has to be; more in constant noise.",
            show_default="0.5",
        ),
    ] = None
    min_speech: Annotated[float | None, _seconds("Shorter bursts are no speech.", 0, 2, "0.1")] = None
    min_silence: Annotated[float | None, _seconds("The pause that ends an utterance.", 0.1, 5, "0.4")] = None
    padding: Annotated[float | None, _seconds("Kept before and after speech.", 0, 1, "0.2")] = None
    max_speech: Annotated[float | None, _seconds("Longer utterances are cut.", 2, 28, "the service's default")] = None

    def voice_activity(self) -> VoiceActivityOptions:
        """How speech is found."""
        from sensorium_client import VoiceActivityOptions

        return VoiceActivityOptions(self.threshold, self.min_speech, self.min_silence, self.padding, self.max_speech)


@dataclass(frozen=True, kw_only=True)
class RecordingCommon(SpeechCommon):
    """What the commands take that listen to files."""

    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Sound files: WAV, FLAC, OGG; - is standard input.")
    ]
    deadline: Deadline = 600.0
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="How many to send at once.")] = 4
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Write <name>.json there.")] = None

    def recording_arguments(self) -> dict[str, Any]:
        """The keyword arguments of every method of the client for recordings."""
        return {
            "separate_channels": self.separate_channels,
            "voice_activity": self.voice_activity(),
            **self.call_arguments(),
        }


@dataclass(frozen=True, kw_only=True)
class TranscriptCommon(RecordingCommon):
    """What `recognize` takes."""

    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Write <name>.json, <name>.srt and <name>.vtt there.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class LiveCommon(SpeechCommon):
    """What the commands take that listen while something is said."""

    deadline: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="How long it may take.", show_default="a day")
    ] = 86_400.0
    concurrency: Annotated[int, typer.Option(hidden=True)] = 1
    rate: Annotated[
        int, typer.Option(min=8000, max=48000, metavar="HERTZ", rich_help_panel=_RAW, help="Samples a second.")
    ] = 16_000
    channels: Annotated[int, typer.Option(min=1, max=8, rich_help_panel=_RAW, help="Channels.")] = 1
    start_timeout: Annotated[
        float | None, _seconds("Without speech from the start on for so long.", 0.5, 3600, "never", _ENDS)
    ] = None
    end_timeout: Annotated[float | None, _seconds("Without further speech for so long.", 0.5, 3600, "never", _ENDS)] = (
        None
    )
    max_duration: Annotated[float | None, _seconds("After so much audio.", 1, 86400, "never", _ENDS)] = None

    def stream_options(self, *, interim: bool) -> StreamOptions:
        """How the stream behaves."""
        from sensorium_client import StreamOptions

        return StreamOptions(
            interim_results=interim,
            speech_start_timeout=self.start_timeout,
            speech_end_timeout=self.end_timeout,
            max_duration=self.max_duration,
        )

    def raw_format(self, encoding: Encoding = Encoding.linear16) -> AudioFormat:
        """What samples without a header are."""
        from sensorium_client import AudioEncoding, AudioFormat

        return AudioFormat(self.rate, AudioEncoding[encoding.value.upper()], self.channels)


ModelName = Annotated[str, typer.Option(help="The model to use.", show_default="the service's default")]
Language = Annotated[
    str, typer.Option(metavar="CODE", help="BCP 47 code of the language.", show_default="the model's first")
]
Redact = Annotated[bool, typer.Option("--redact", help="Mask personal data before the text leaves the service.")]
Words = Annotated[bool, typer.Option("--words", help="Also print each word with its times and confidence.")]
Expected = Annotated[
    list[str] | None,
    typer.Option(
        "--phrases",
        metavar="PHRASES",
        help="Expect these: phrases with commas between, phraseSets/NAME, or a file (a phrase a line, or a phrase set "
        "as JSON); may be repeated.",
        show_default=False,
    ),
]
EncodingName = Annotated[Encoding, typer.Option(rich_help_panel=_RAW, help="How a sample is written, little endian.")]
