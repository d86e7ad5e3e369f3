"""The phonemes of words: a model that reads spelling, and a bounded memory of what it has read."""

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np

from sensorium_core.triton import ServedModel

Phonemes = tuple[int, ...]

_MOST_WORDS = 20_000
_BATCH = 64
_LONGEST_WORD = 64
# Labels that are no sounds: padding, start, end, unknown, space and signs.
_SILENT = ("<pad>", "<sos>", "<eos>", "<unk>", " ", "%", ",")


class Pronouncer:
    """Says how words are pronounced.

    Args:
        model: grapheme to phoneme.
    """

    def __init__(self, model: ServedModel) -> None:
        self._model = model
        self._known: OrderedDict[str, Phonemes] = OrderedDict()

    async def pronounce(self, words: Iterable[str]) -> dict[str, Phonemes]:
        """The phonemes of each word, as indices into the labels of the phoneme model; empty where there are none.

        Args:
            words: spoken words in lower case, as `readings` gives them.

        Raises:
            SensoriumError: the model does not answer.
        """
        wanted = dict.fromkeys(words)
        missing = [word for word in wanted if word not in self._known]
        found = {word: self._known[word] for word in wanted if word in self._known}
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            found |= dict(zip(batch, await self._ask(batch), strict=True))
        self._remember(found)
        return found

    async def _ask(self, words: Sequence[str]) -> list[Phonemes]:
        description = self._model.description
        characters: list[str] = json.loads(description.parameters["characters"])
        index = {character: number for number, character in enumerate(characters)}
        rows = np.full((len(words), max(1, min(_LONGEST_WORD, max(map(len, words))))), -1, np.int32)
        for row, word in zip(rows, words, strict=True):
            spelled = [index.get(character, 1) for character in word[:_LONGEST_WORD]]
            row[: len(spelled)] = spelled
        outputs = await self._model.infer({"characters": rows})
        silent = {number for number, label in enumerate(description.labels) if label in _SILENT}
        return [
            tuple(label for label in row if label >= 0 and label not in silent) for row in outputs["phonemes"].tolist()
        ]

    def _remember(self, found: dict[str, Phonemes]) -> None:
        for word, phonemes in found.items():
            self._known[word] = phonemes
            self._known.move_to_end(word)
        while len(self._known) > _MOST_WORDS:
            self._known.popitem(last=False)
