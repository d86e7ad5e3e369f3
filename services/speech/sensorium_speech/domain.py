"""What the service knows of sound, speech and commands, without protobuf. Times are in seconds of audio."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

# Every model hears 16,000 samples a second of one channel.
SAMPLE_RATE = 16_000

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]


class Encoding(Enum):
    """How a sample is written as bytes; the numbers are the contract's."""

    LINEAR16 = 1
    MULAW = 2
    ALAW = 3
    UINT8 = 4
    LINEAR24 = 5
    LINEAR32 = 6
    FLOAT32 = 7

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of one channel."""
        return _SAMPLE_BYTES[self]


_SAMPLE_BYTES = {
    Encoding.LINEAR16: 2,
    Encoding.MULAW: 1,
    Encoding.ALAW: 1,
    Encoding.UINT8: 1,
    Encoding.LINEAR24: 3,
    Encoding.LINEAR32: 4,
    Encoding.FLOAT32: 4,
}


@dataclass(frozen=True)
class AudioFormat:
    """What bytes of uncompressed sound mean; `rate` in Hz."""

    encoding: Encoding
    rate: int
    channels: int = 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of one moment: a sample of each channel."""
        return self.encoding.sample_bytes * self.channels


@dataclass(frozen=True)
class EncodedAudio:
    """A sound file as it came in."""

    data: bytes


@dataclass(frozen=True)
class RawAudio:
    """Uncompressed sound as it came in."""

    format: AudioFormat
    data: bytes


AudioSource = EncodedAudio | RawAudio


@dataclass(frozen=True)
class Recording:
    """A recording as the models hear it.

    Attributes:
        tracks: `int16[C,N]` at 16 kHz; one track when channels were mixed.
        seconds: length before resampling.
        separate: whether each track is a channel of its own.
    """

    tracks: Samples
    seconds: float
    separate: bool

    def tag(self, track: int) -> int:
        """The channel's number as results tell it: from 1, or 0 for the mix of all."""
        return track + 1 if self.separate else 0


@dataclass(frozen=True)
class VoiceActivity:
    """How speech is told from other sound; times in seconds.

    Attributes:
        threshold: how likely speech has to be to begin.
        min_speech: shorter bursts are none.
        min_silence: the pause that ends an utterance.
        padding: kept before and after it.
        max_speech: longer utterances are cut; infinite for never.
    """

    threshold: float = 0.5
    min_speech: float = 0.1
    min_silence: float = 0.4
    padding: float = 0.2
    max_speech: float = 15.0


DEFAULT_VOICE_ACTIVITY = VoiceActivity()


@dataclass(frozen=True)
class Utterance:
    """A stretch of speech, in samples at 16 kHz from the start of its track.

    Attributes:
        begin, end: its first sample, and the one behind its last.
        confidence: how likely it is speech, on average.
        cut: whether it ends because it had to, not because the speaker paused.
    """

    begin: int
    end: int
    confidence: float
    cut: bool = False


@dataclass(frozen=True)
class Piece:
    """An utterance with its sound.

    Attributes:
        utterance: where it is in its track.
        samples: of the utterance, `int16[N]`.
        tag: the channel's number, 0 for the mix of all.
        before: some of the sound that came before it, `int16[M]`; empty where none is kept.
    """

    utterance: Utterance
    samples: Samples
    tag: int = 0
    before: Samples = field(default_factory=lambda: np.zeros(0, np.int16))


@dataclass(frozen=True)
class Word:
    """A word of a transcript; `begin` and `end` in samples from the start of the track, None when not known."""

    text: str
    confidence: float
    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Transcript:
    """One version of what was said, with its confidence, 0 to 1."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()


class Token(NamedTuple):
    """A part of a text, by its number in the recogniser's vocabulary, and the logarithm of its probability."""

    number: int
    log_probability: float


@dataclass(frozen=True)
class Recognized:
    """What was heard of an utterance.

    Attributes:
        alternatives: versions, the best first; none when nothing was said.
        tokens: of the best version.
    """

    alternatives: tuple[Transcript, ...] = ()
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Expected:
    """A phrase that is likely to be said, and how much more likely it is made, 0 to 10."""

    phrase: str
    boost: float


@dataclass(frozen=True)
class RecognitionOptions:
    """How speech is written down. `field` is the path of these options in the request, for errors.

    Attributes:
        model: name of a model that transcribes; empty for the default.
        language: BCP 47 code; empty for the model's first.
        word_times: whether words are looked for in the sound.
        alternatives: versions at most.
        separate: whether channels are kept apart.
        expected: phrases to expect.
        voice_activity: how utterances are found.
        redact: whether personal data is masked.
    """

    model: str = ""
    field: str = "config"
    language: str = ""
    word_times: bool = True
    alternatives: int = 1
    separate: bool = False
    expected: tuple[Expected, ...] = ()
    voice_activity: VoiceActivity = DEFAULT_VOICE_ACTIVITY
    redact: bool = False


@dataclass(frozen=True)
class Spoken:
    """An utterance and what was said in it, the best version first; `tag` is the channel's number, 0 for the mix."""

    utterance: Utterance
    alternatives: tuple[Transcript, ...]
    language: str
    tag: int
