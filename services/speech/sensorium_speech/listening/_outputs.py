"""What comes out of a stream."""

from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from sensorium_core.call import Call
from sensorium_speech.domain import Piece, Utterance

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Happening(Enum):
    """What can happen besides results."""

    BEGIN = "speech begins"
    END = "speech ends"
    SILENCE_TIMEOUT = "there was no speech for too long"
    DURATION_TIMEOUT = "there was as much sound as is taken"


@dataclass(frozen=True)
class Happened:
    """Something happened at `seconds` of the stream; `tag` is the channel's number, 0 for all."""

    what: Happening
    seconds: float
    tag: int = 0


@dataclass(frozen=True)
class Heard(Generic[R]):
    """What was heard of an utterance.

    Attributes:
        value: the recogniser's finding.
        utterance: where it is; of an interim result, up to where it was heard.
        index: number of the utterance in its channel.
        tag: the channel's number, 0 when channels were mixed.
        final: whether the utterance has ended.
        call: the recogniser's own call: its models and times.
    """

    value: R
    utterance: Utterance
    index: int
    tag: int
    final: bool
    call: Call


Output = Heard[R] | Happened


class Hearer(Protocol[R_co]):
    """Recognises utterances."""

    @property
    def context(self) -> int:
        """Samples before an utterance that it wants to hear with it."""
        ...

    async def hear(self, piece: Piece, *, final: bool) -> R_co:
        """What is said in an utterance, or in what there is of it.

        Raises:
            SensoriumError: the recogniser does not answer.
        """
        ...
