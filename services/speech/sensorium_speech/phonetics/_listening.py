"""Which phonemes are heard when."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium_core.triton import ServedModel
from sensorium_speech.domain import SAMPLE_RATE, Floats, Samples

# Samples from one frame to the next, 20 ms. Frame t is centred at t times as many.
HOP = 320
# Sound is filled with silence up to one of these lengths, in seconds, so that requests of many callers share a batch.
_LENGTHS = (1, 1.5, 2, 3, 4, 6, 8, 11, 15, 20, 28, 30)
_LONGEST = _LENGTHS[-1] * SAMPLE_RATE


@dataclass(frozen=True)
class HeardPhonemes:
    """Log-probabilities `float32[T,L]` of each phoneme in frames of 20 ms; the boundary of words counts as blank."""

    log_probabilities: Floats
    blank: int


class PhonemeListener:
    """Hears phonemes.

    Args:
        model: the phoneme network.
    """

    def __init__(self, model: ServedModel) -> None:
        self._model = model

    @property
    def labels(self) -> tuple[str, ...]:
        """The phonemes by index.

        Raises:
            ModelUnavailableError: the server has not been seen with the model yet.
        """
        return self._model.description.labels

    async def hear(self, samples: Samples) -> HeardPhonemes:
        """The phonemes in `int16[N]`; what is beyond 30 s is not heard.

        Raises:
            SensoriumError: the model does not answer.
        """
        heard = samples[:_LONGEST]
        length = next(round(seconds * SAMPLE_RATE) for seconds in _LENGTHS if len(heard) <= seconds * SAMPLE_RATE)
        filled = np.pad(heard, (0, length - len(heard)))
        inputs: dict[str, npt.NDArray[Any]] = {"pcm": filled[np.newaxis], "lengths": np.array([[len(heard)]], np.int32)}
        outputs = await self._model.infer(inputs)
        frames = int(outputs["frames"][0, 0]) if len(heard) else 0
        values = np.array(outputs["log_probabilities"][0, :frames])
        boundary, blank = self.labels.index("<wb>"), self.labels.index("<blank>")
        values[:, blank] = np.logaddexp(values[:, blank], values[:, boundary])
        return HeardPhonemes(values, blank)
