"""How likely given texts are for an utterance: the recogniser is asked for each of them, and for no other."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sensorium_core.triton import ServedModel
from sensorium_speech.domain import Samples

# Shorter sound is filled with silence: the recogniser's first filters need some to work on.
_SHORTEST = 4_000


class Likelihood(NamedTuple):
    """How likely a text is, in nats: the log-probability of all of it with its end, and the mean over its tokens."""

    total: float
    mean: float


class TextScorer:
    """Says how likely texts are.

    Args:
        model: a recogniser that takes `candidates`.
    """

    def __init__(self, model: ServedModel) -> None:
        self._model = model

    async def score(self, samples: Samples, texts: Sequence[str]) -> list[Likelihood]:
        """How likely each text is as all that is said.

        Args:
            samples: `int16[N]` at 16 kHz, at most 60 s.
            texts: as the recogniser writes them; 1 to 64 of at most 400 bytes.

        Raises:
            SensoriumError: the model does not answer.
        """
        filled = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))
        encoded = [text.encode() for text in texts]
        candidates = np.zeros((1, len(encoded), max(map(len, encoded))), np.uint8)
        for row, text in zip(candidates[0], encoded, strict=True):
            row[: len(text)] = np.frombuffer(text, np.uint8)
        inputs: dict[str, npt.NDArray[Any]] = {
            "pcm": filled[np.newaxis],
            "lengths": np.array([[len(filled)]], np.int32),
            "candidates": candidates,
        }
        outputs = await self._model.infer(inputs)
        counts = np.count_nonzero(outputs["tokens"][0] >= 0, axis=-1) + 1  # and the end
        totals = outputs["scores"][0]
        return [Likelihood(*pair) for pair in zip(totals.tolist(), (totals / counts).tolist(), strict=True)]
