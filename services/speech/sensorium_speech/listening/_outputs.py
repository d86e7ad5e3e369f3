"""What comes out of a stream."""

from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from sensorium_core.call import Call
from sensorium_speech.domain import Samples, Utterance

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Happening(Enum):
    """What can happen besides results; the numbers are the contract's."""

    BEGIN = 1
    END = 2
    SILENCE_TIMEOUT = 3
    DURATION_TIMEOUT = 4


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

    async def hear(self, samples: Samples, utterance: Utterance, *, final: bool) -> R_co:
        """What is said in `samples`, `int16[N]`, which are those of the utterance.

        Raises:
            SensoriumError: the recogniser does not answer.
        """
        ...
