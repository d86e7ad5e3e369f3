"""What recognition expects to hear of phrases."""

from collections.abc import Iterable
from itertools import groupby

from sensorium_core.errors import InvalidInputError
from sensorium_speech.domain import Expected
from sensorium_speech.phrase_sets._model import PhraseSet
from sensorium_speech.phrase_sets._writing import SlotName, elements

_DEFAULT_BOOST = 5.0
# The recogniser takes as many bytes, each phrase filled up to the length of the longest.
_MOST_BYTES = 200_000


def expected(phrase_sets: Iterable[PhraseSet], field: str) -> tuple[Expected, ...]:
    """The words of phrases, around their slots, each once with its greatest boost.

    Args:
        phrase_sets: that have been checked.
        field: path of the sets in the request, for errors.

    Raises:
        InvalidInputError: TOO_MANY_PHRASES, when they are too long together.
    """
    boosts: dict[str, float] = {}
    for phrase_set in phrase_sets:
        for phrase in phrase_set.phrases:
            boost = phrase.boost or phrase_set.boost or _DEFAULT_BOOST
            for slots, run in groupby(elements(phrase.value, phrase_set.field), lambda one: isinstance(one, SlotName)):
                if not slots:
                    text = " ".join(map(str, run))
                    boosts[text] = max(boost, boosts.get(text, 0.0))
    size = len(boosts) * max((len(text.encode()) for text in boosts), default=0)
    if size > _MOST_BYTES:
        text = f"the phrases are too long together: {size} bytes where {_MOST_BYTES} are taken, all as the longest"
        raise InvalidInputError.field(field, text, reason="TOO_MANY_PHRASES")
    return tuple(Expected(text, boost) for text, boost in boosts.items())
