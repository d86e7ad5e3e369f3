"""How many words of a transcript are wrong, counted as Whisper's authors count."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensorium_models.recipe import Predict
from sensorium_models.recordings import READ_ALOUD, Pcm, cut, read_aloud
from sensorium_models.scores import Score
from sensorium_models.wheels import Sources

__all__ = ["normalised", "right_words", "word_error_rate"]


async def right_words(sources: Sources, predict: Predict, pieces: Sequence[str], *, least: float) -> list[Score]:
    """How many words of each recording of READ_ALOUD a model gets right.

    Args:
        sources: hold the recordings.
        predict: gives `tokens` int32[N,B,L] for `pcm` int16[N,S] and `lengths` int32[N,1].
        pieces: what each token stands for; U+2581 is a space.
        least: the share of right words that will do.
    """
    found = []
    for name, one in READ_ALOUD.items():
        pcm = read_aloud(sources, name)
        heard = " ".join([await _text(predict, cut(pcm, *times), pieces) for times in one.pieces])
        right = 1 - word_error_rate(one.said, heard)
        found.append(Score(f"words of {name} that are right, 1 - WER", right, least=least))
    return found


def normalised(text: str) -> list[str]:
    """The words of an English text without case, punctuation and ways of writing: `ten` and `10` are the same.

    Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision, 2022, appendix C; but British and
    American spelling stay apart.
    """
    words: list[str] = _normaliser()(text).split()
    return words


def word_error_rate(said: str, heard: str) -> float:
    """Words that were changed, left out or added, by the words that were said (Levenshtein 1966)."""
    expected, found = normalised(said), normalised(heard)
    row = list(range(len(found) + 1))
    for i, word in enumerate(expected, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / len(expected)


async def _text(predict: Predict, pcm: Pcm, pieces: Sequence[str]) -> str:
    outputs = await predict({"pcm": pcm[np.newaxis], "lengths": np.array([[len(pcm)]], np.int32)})
    tokens: NDArray[np.int32] = outputs["tokens"][0, 0]
    return "".join(pieces[token] for token in tokens if token >= 0).replace("\u2581", " ")


@cache
def _normaliser() -> Any:
    # A second or two to import: only who counts words needs it.
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer  # noqa: PLC0415

    normaliser: Any = EnglishTextNormalizer  # whose types nobody has written down
    return normaliser({})
