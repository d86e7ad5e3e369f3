"""What the text service works with: texts, options and findings, free of protobuf.

Offsets inside the service are Python's: code points. `convert` turns them into the units that the caller names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]


class EncodingType(Enum):
    """Units in which a caller counts offsets; the value is the number in the contract."""

    UTF8 = 1
    UTF16 = 2
    UTF32 = 3


class EntityType(Enum):
    """Kinds of entities; the value is the number in the contract."""

    PERSON = 1
    PLACE = 2
    ORGANIZATION = 3
    DATE = 4
    PART_NUMBER = 5
    SERIAL_NUMBER = 6
    EQUIPMENT_TAG = 7
    QUANTITY = 8
    ERROR_CODE = 9
    CUSTOM = 10


class PersonalDataType(Enum):
    """Kinds of personal data; the value is the number in the contract."""

    PERSON_NAME = 1
    PHONE_NUMBER = 2
    EMAIL_ADDRESS = 3
    POSTAL_ADDRESS = 4
    CARD_NUMBER = 5
    IBAN = 6
    IP_ADDRESS = 7
    CHINESE_RESIDENT_ID = 8
    URL = 9
    TAX_ID = 10
    BANK_ACCOUNT = 11
    GOVERNMENT_ID = 12


class RedactMode(Enum):
    """What to do with personal data; the value is the number in the contract."""

    INSPECT = 1
    MASK = 2
    PSEUDONYMIZE = 3


@dataclass(frozen=True, order=True)
class Span:
    """A part of a text: offsets in code points, the end behind the last one."""

    begin: int
    end: int

    def of(self, text: str) -> str:
        """The characters of the text that the span covers."""
        return text[self.begin : self.end]

    def overlaps(self, other: "Span") -> bool:
        """Whether the two have a character in common."""
        return self.begin < other.end and other.begin < self.end


# Options. `field` is the path at which they lie in the request, for errors.


@dataclass(frozen=True)
class EmbedOptions:
    """How to embed; `model` may be empty for the default."""

    model: str
    field: str


@dataclass(frozen=True)
class RankOptions:
    """How to rank; `top_k` 0 returns all documents."""

    model: str
    field: str
    top_k: int
    lexical_weight: float


@dataclass(frozen=True)
class LabelDefinition:
    """A class that a request defines."""

    name: str
    description: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class LabelSet:
    """Classes that a request defines: all by description or all by examples; `model` embeds, empty for the default."""

    labels: tuple[LabelDefinition, ...]
    model: str


@dataclass(frozen=True)
class ClassifyOptions:
    """How to classify; without a label set by `model`, empty for the default; `unknown_threshold` None for its own."""

    model: str
    field: str
    label_set: LabelSet | None
    top_k: int
    unknown_threshold: float | None


@dataclass(frozen=True)
class EntityPattern:
    """A caller's pattern, compiled by RE2; where it has a group the first one is the entity."""

    name: str
    pattern: Any


@dataclass(frozen=True)
class GazetteerEntry:
    """A known name and other ways to write it."""

    name: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Gazetteer:
    """A list of known names."""

    name: str
    entries: tuple[GazetteerEntry, ...]
    case_sensitive: bool


@dataclass(frozen=True)
class ExtractEntitiesOptions:
    """How to extract entities; empty `types` stands for all, an empty `model` for what fits the language."""

    field: str
    types: frozenset[EntityType]
    min_confidence: float
    patterns: tuple[EntityPattern, ...]
    gazetteers: tuple[Gazetteer, ...]
    model: str = ""


@dataclass(frozen=True)
class PseudonymKey:
    """The secret of pseudonyms: itself (32, 48 or 64 bytes), or the name of a configured one."""

    secret: bytes = field(default=b"", repr=False)
    name: str = ""


@dataclass(frozen=True)
class RedactOptions:
    """How to redact; empty `types` stands for the default set, an empty `mask_character` for the type's name."""

    field: str
    mode: RedactMode
    types: frozenset[PersonalDataType]
    min_confidence: float
    mask_character: str
    key: PseudonymKey | None
    model: str = ""


@dataclass(frozen=True)
class SummarizeOptions:
    """How to summarize; exactly one of the two limits is set."""

    model: str
    field: str
    max_sentences: int | None
    max_characters: int | None


@dataclass(frozen=True)
class DetectLanguageOptions:
    """How to detect the language."""

    top_k: int


@dataclass(frozen=True)
class AnnotateOptions:
    """The features wanted of a text; None for those that are not."""

    embed: EmbedOptions | None = None
    classify: ClassifyOptions | None = None
    extract_entities: ExtractEntitiesOptions | None = None
    redact: RedactOptions | None = None
    summarize: SummarizeOptions | None = None
    detect_language: DetectLanguageOptions | None = None


# Findings.


@dataclass(frozen=True, eq=False)
class Embedding:
    """A text's vector, `float32[D]` of Euclidean length 1; how many tokens were read, and whether the end was cut."""

    values: Floats
    token_count: int
    truncated: bool


@dataclass(frozen=True)
class TermMatch:
    """A term of the query and where a document has it."""

    term: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class RankResult:
    """A document's place in a ranking; all scores 0 to 1."""

    index: int
    score: float
    lexical_score: float
    semantic_score: float
    matches: tuple[TermMatch, ...]


@dataclass(frozen=True)
class Label:
    """A class and its probability, 0 to 1."""

    index: int
    name: str
    score: float


@dataclass(frozen=True)
class Classification:
    """Labels by falling score, and whether none of the classes fits."""

    labels: tuple[Label, ...]
    unknown: bool


@dataclass(frozen=True)
class Quantity:
    """A number, or a range when `upper_value` is there, and its unit as UCUM code."""

    value: float
    upper_value: float | None
    ucum_unit: str


@dataclass(frozen=True)
class Entity:
    """Something named in a text. At most one of `quantity`, `date` and `normalized` is set.

    Attributes:
        type: what it is.
        span: where it is.
        confidence: 0 to 1.
        name: of the pattern or gazetteer that found it.
        quantity: the number and unit that it means.
        date: ISO 8601, as much of it as is written.
        normalized: a gazetteer entry's name, or the normal form of a tag, number or code.
    """

    type: EntityType
    span: Span
    confidence: float
    name: str = ""
    quantity: Quantity | None = None
    date: str = ""
    normalized: str = ""


@dataclass(frozen=True)
class PersonalData:
    """Personal data in a text, and where its replacement is in the redacted one; None when it was only inspected."""

    type: PersonalDataType
    span: Span
    confidence: float
    replacement: Span | None = None


@dataclass(frozen=True)
class Redaction:
    """The redacted text, and what was found in the original."""

    text: str
    findings: tuple[PersonalData, ...]


@dataclass(frozen=True)
class Restoration:
    """The original text, and how many pseudonyms were turned back."""

    text: str
    count: int


@dataclass(frozen=True)
class SummarySentence:
    """A sentence of a summary; the score is 0 to 1, the highest is 1."""

    document_index: int
    span: Span
    score: float


@dataclass(frozen=True)
class DetectedLanguage:
    """A BCP 47 code, `und` for a text without letters, and its probability."""

    code: str
    confidence: float


@dataclass(frozen=True)
class TokenContribution:
    """The score of the whole text less the score without this token."""

    span: Span
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """A score and what each token contributes to it; `label` is empty for a ranking."""

    label: str
    score: float
    contributions: tuple[TokenContribution, ...]


@dataclass(frozen=True)
class Annotation:
    """The features of a text; those that were not asked for are None or empty."""

    language: str = ""
    embedding: Embedding | None = None
    classification: Classification | None = None
    entities: Sequence[Entity] = ()
    redaction: Redaction | None = None
    summary: Sequence[SummarySentence] = ()
    languages: Sequence[DetectedLanguage] = ()


Parameters = Mapping[str, str]
