"""What the model finds: windows of tokens, put together and read in the light of what is around the words."""

import re
from collections.abc import Sequence

import numpy as np

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_text.analysis import Analysis
from sensorium_text.domain import Floats, PersonalDataType, Span
from sensorium_text.redaction._composing import NAMES, numbers, persons
from sensorium_text.redaction._context import phones
from sensorium_text.redaction._finding import Finding
from sensorium_text.redaction._folding import fold
from sensorium_text.redaction._name_evidence import name_evidence, shifted
from sensorium_text.redaction._plausible import plausible
from sensorium_text.redaction._postal import addresses
from sensorium_text.sequences import Encoding, SequenceModel
from sensorium_text.token_labels import LabelledSpan, merge, spans, windows

# What only patterns find.
_PATTERNS_ONLY = {
    PersonalDataType.CARD_NUMBER,
    PersonalDataType.IBAN,
    PersonalDataType.IP_ADDRESS,
    PersonalDataType.CHINESE_RESIDENT_ID,
}
TYPES = frozenset(PersonalDataType) - _PATTERNS_ONLY
_OVERLAP = 48  # tokens that neighbouring windows share; few addresses are longer
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]{2}")
_OUTSIDE = "O"


class PersonalDataModel:
    """Names, addresses and numbers by a token classifier that reads texts in Latin script.

    Args:
        model: its labels are BIO over those of Rampart.
        work: where its answers are read.
    """

    def __init__(self, model: SequenceModel, work: BoundedExecutor) -> None:
        self._model = model
        self._work = work

    async def find(self, analysis: Analysis, contacts: Sequence[Span]) -> list[Finding]:
        """What is in a text of any length, read window by window; findings may overlap.

        Args:
            analysis: of the text.
            contacts: telephone numbers and e-mail addresses that are known to be in it, in order.
        """
        if not _LATIN.search(analysis.text):
            return []
        encoding = await analysis.encoding(self._model)
        size = self._model.max_tokens
        parts = windows(len(encoding.ids), size, min(_OVERLAP, size // 4))
        if not parts:
            return []
        rows = await self._rows(encoding, parts, analysis.text)
        labels, text = self._model.labels, analysis.text
        return await self._work.run(
            Stage.POSTPROCESS, lambda: read(merge(rows, parts), labels, encoding.spans, text, contacts)
        )

    async def _rows(self, encoding: Encoding, parts: Sequence[slice], text: str) -> list[Floats]:
        """The model's rows for each window; those without a word in Latin script hold nothing and are not asked for."""
        is_read = [_LATIN.search(text, *_extent(encoding.spans[part])) is not None for part in parts]
        answers = iter(
            await self._model.run([encoding.ids[part] for part, read in zip(parts, is_read, strict=True) if read])
        )
        nothing = np.array([label == _OUTSIDE for label in self._model.labels], np.float32)
        return [
            next(answers) if read else np.tile(nothing, (part.stop - part.start, 1))
            for part, read in zip(parts, is_read, strict=True)
        ]


def read(
    probabilities: Floats, labels: Sequence[str], token_spans: Sequence[Span], text: str, contacts: Sequence[Span]
) -> list[Finding]:
    """Findings from the tokens' probabilities `float32[T,L]`; they may overlap."""
    is_name = [label.partition("-")[2] in NAMES for label in labels]

    def labelled_beside(known: Sequence[Span]) -> list[LabelledSpan]:
        evidence = name_evidence(text, token_spans, known)
        return spans(shifted(probabilities, is_name, evidence), labels, token_spans, text)

    names = [each.span for each in labelled_beside(contacts) if each.label in NAMES]
    labelled = labelled_beside(sorted({*contacts, *names}))  # a surname stands beside its given name
    folded = fold(text)
    found = [*persons(text, labelled), *addresses(text, labelled, phones(folded))]
    found.extend(plausible(folded, numbers(text, labelled)))
    return found


def _extent(token_spans: Sequence[Span]) -> tuple[int, int]:
    return token_spans[0].begin, token_spans[-1].end
