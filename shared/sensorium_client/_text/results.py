"""What the text service answers, as frozen dataclasses.

Offsets count code points, as Python's strings do. Arrays are read-only; results compare by identity, as arrays have no
single answer to `==`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorium_client._errors import SensoriumError
from sensorium_client._results import Float32Array, Label, Result
from sensorium_client._text.options import EntityType, PersonalDataType


@dataclass(frozen=True)
class Span:
    """A part of a text: `text_of_the_request[begin:end] == text`."""

    text: str
    begin: int
    end: int


@dataclass(frozen=True, eq=False)
class TextEmbedding:
    """A vector that stands for a text's meaning."""

    values: Float32Array
    """`float32[D]`, of Euclidean length 1."""
    token_count: int
    """Tokens of the text that the model read."""
    truncated: bool
    """Whether the text was longer than the model reads."""


@dataclass(frozen=True)
class TermMatch:
    """A word of the query that a document contains, and where."""

    term: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class RankedDocument:
    """A document's place in a ranking."""

    index: int
    """Of the document in the request."""
    score: float
    """0 to 1."""
    lexical_score: float
    semantic_score: float
    matches: tuple[TermMatch, ...]


@dataclass(frozen=True)
class Classification:
    """What a text was classified as."""

    labels: tuple[Label, ...]
    """By falling score."""
    unknown: bool
    """Whether none of the classes fits."""


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, or a range."""

    value: float
    ucum_unit: str
    upper_value: float | None = None
    """The upper end of a range; None for a single number."""


@dataclass(frozen=True)
class Entity:
    """Something named in a text; at most one of `quantity`, `date` and `normalized` is there."""

    type: EntityType
    name: str
    """Of the pattern or gazetteer that found it; empty for other types."""
    span: Span
    confidence: float
    quantity: Quantity | None = None
    date: str = ""
    """ISO 8601, as much of it as is written."""
    normalized: str = ""
    """A gazetteer entry's name, or the normal form of a tag, number or code."""


@dataclass(frozen=True)
class PersonalData:
    """Personal data in a text."""

    type: PersonalDataType
    span: Span
    confidence: float
    replacement: Span | None = None
    """Where its replacement is in the redacted text; None when it was only inspected."""


@dataclass(frozen=True)
class SummarySentence:
    """A sentence of a summary; the highest score is 1."""

    document_index: int
    span: Span
    score: float


@dataclass(frozen=True)
class DetectedLanguage:
    """A BCP 47 code (`und` for a text without letters) and its probability."""

    language_code: str
    confidence: float


@dataclass(frozen=True)
class TokenContribution:
    """What a token adds to a score; negative where it speaks against it."""

    span: Span
    contribution: float


@dataclass(frozen=True, eq=False, kw_only=True)
class EmbedTextResult(Result):
    """The embeddings of texts, in their order."""

    embeddings: tuple[TextEmbedding, ...]

    @property
    def matrix(self) -> Float32Array:
        """The vectors below each other, `float32[N,D]`; the cosines of all pairs are `matrix @ matrix.T`."""
        return np.stack([embedding.values for embedding in self.embeddings])


@dataclass(frozen=True, eq=False, kw_only=True)
class RankResult(Result):
    """Documents, best first."""

    results: tuple[RankedDocument, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassifyTextResult(Result):
    """The labels of texts, in their order."""

    classifications: tuple[Classification, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ExtractEntitiesResult(Result):
    """The entities of a text, in its order."""

    language_code: str
    entities: tuple[Entity, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class RedactResult(Result):
    """A text without personal data, and what was found."""

    text: str
    findings: tuple[PersonalData, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class RestoreResult(Result):
    """A text as it was before its data became pseudonyms."""

    text: str
    restored_count: int


@dataclass(frozen=True, eq=False, kw_only=True)
class SummarizeResult(Result):
    """A summary: its sentences one a line, and where they are."""

    summary: str
    sentences: tuple[SummarySentence, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectLanguageResult(Result):
    """The languages that a text may be written in, by falling confidence."""

    languages: tuple[DetectedLanguage, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnotateTextResult(Result):
    """The features of a text; those that were not asked for are None or empty."""

    language_code: str
    """Given or detected; empty when no feature needed it."""
    embedding: TextEmbedding | None
    classification: Classification | None
    entities: tuple[Entity, ...]
    redacted_text: str | None
    personal_data: tuple[PersonalData, ...]
    summary_sentences: tuple[SummarySentence, ...]
    languages: tuple[DetectedLanguage, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ExplainResult(Result):
    """Where a score comes from."""

    label: str
    """Name of the class; empty for a ranking."""
    score: float
    """Of the whole text."""
    contributions: tuple[TokenContribution, ...]
    """In the order of the text."""


@dataclass(frozen=True, eq=False)
class TextItemResult:
    """What became of one text of a stream: either `annotation` or `error` is there."""

    sequence: int
    """Number of the text, from 0."""
    item_id: str
    annotation: AnnotateTextResult | None = None
    error: SensoriumError | None = None
