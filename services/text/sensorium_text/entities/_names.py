"""Names of persons, places and organisations: by a token classifier behind Triton, or by a dictionary."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_text.analysis import Analysis
from sensorium_text.domain import Entity, EntityType, Floats, Span
from sensorium_text.entities._characters import linear
from sensorium_text.entities._chinese import find_chinese_names
from sensorium_text.entities._trade_words import TRADE_WORDS
from sensorium_text.sequences import Encoding, SequenceModel
from sensorium_text.token_labels import merge, spans, windows

NAME_TYPES = frozenset({EntityType.PERSON, EntityType.PLACE, EntityType.ORGANIZATION})
# Labels of token classifiers: OntoNotes (spaCy), CoNLL-2003, and those of personal data.
LABELS: Mapping[str, EntityType] = {
    "PERSON": EntityType.PERSON,
    "PER": EntityType.PERSON,
    "GIVEN_NAME": EntityType.PERSON,
    "SURNAME": EntityType.PERSON,
    "GPE": EntityType.PLACE,
    "LOC": EntityType.PLACE,
    "FAC": EntityType.PLACE,
    "CITY": EntityType.PLACE,
    "STATE": EntityType.PLACE,
    "ORG": EntityType.ORGANIZATION,
}
_LETTERS = linear("[a-z]+")
# Tokens that neighbouring windows of a long text share.
_OVERLAP = 32


class NameFinder(Protocol):
    """What finds names in texts of one language."""

    async def find(self, analysis: Analysis) -> list[Entity]:
        """Names in a text; they may overlap."""
        ...


class ModelNames:
    """Names by a token classifier.

    Args:
        model: its labels are BIO or BILUO over those in `LABELS`; others are left alone.
        work: where decoding runs.
    """

    def __init__(self, model: SequenceModel, work: BoundedExecutor) -> None:
        self._model = model
        self._work = work

    async def find(self, analysis: Analysis) -> list[Entity]:
        """Names in a text of any length, read window by window."""
        encoding = await analysis.encoding(self._model)
        parts = windows(len(encoding.ids), self._model.max_tokens, min(_OVERLAP, self._model.max_tokens // 4))
        if not parts:
            return []
        rows = await self._model.run([encoding.ids[part] for part in parts])
        labels = self._model.labels
        return await self._work.run(Stage.POSTPROCESS, _decoded, rows, parts, labels, encoding, analysis.text)


class DictionaryNames:
    """Chinese names by a dictionary.

    Args:
        work: where that runs.
    """

    def __init__(self, work: BoundedExecutor) -> None:
        self._work = work

    async def find(self, analysis: Analysis) -> list[Entity]:
        """Names in a Chinese text."""
        return await self._work.run(Stage.PREPROCESS, find_chinese_names, analysis.text)


def _decoded(
    rows: Sequence[Floats], parts: Sequence[slice], labels: Sequence[str], encoding: Encoding, text: str
) -> list[Entity]:
    found = spans(merge(rows, parts), labels, encoding.spans, text)
    names = [Entity(LABELS[each.label], each.span, each.confidence) for each in found if each.label in LABELS]
    return [name for name in joined(names, text) if not of_the_trade(name.span.of(text))]


def of_the_trade(written: str) -> bool:
    """Whether words that models take for names in shorthand such as `hyd hose` or `RESEAL ELBOW` are none."""
    if not (written.islower() or written.isupper()):
        return False
    return any(word in TRADE_WORDS for word in _LETTERS.findall(written.lower()))


def joined(names: Sequence[Entity], text: str) -> list[Entity]:
    """Given name and surname as one person, where only a space is between; their confidence by length."""
    result: list[Entity] = []
    for name in names:
        last = result[-1] if result else None
        if last is not None and name.type is last.type is EntityType.PERSON:
            gap = text[last.span.end : name.span.begin]
            if gap in (" ", "", ". "):
                result[-1] = _joined(last, name)
                continue
        result.append(name)
    return result


def _joined(first: Entity, second: Entity) -> Entity:
    lengths = [each.span.end - each.span.begin for each in (first, second)]
    confidence = (lengths[0] * first.confidence + lengths[1] * second.confidence) / sum(lengths)
    return Entity(first.type, Span(first.span.begin, second.span.end), confidence)
