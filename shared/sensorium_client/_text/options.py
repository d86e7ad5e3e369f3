"""What to compute on a text, and how: one options class per feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client._errors import InvalidInputError
from sensorium_client._message import Fields, invalid
from sensorium_client._text.labels import Labels, label_fields


class EntityType(IntEnum):
    """Kinds of entities."""

    UNSPECIFIED = pb.ENTITY_TYPE_UNSPECIFIED
    PERSON = pb.ENTITY_TYPE_PERSON
    PLACE = pb.ENTITY_TYPE_PLACE
    ORGANIZATION = pb.ENTITY_TYPE_ORGANIZATION
    DATE = pb.ENTITY_TYPE_DATE
    PART_NUMBER = pb.ENTITY_TYPE_PART_NUMBER
    SERIAL_NUMBER = pb.ENTITY_TYPE_SERIAL_NUMBER
    EQUIPMENT_TAG = pb.ENTITY_TYPE_EQUIPMENT_TAG
    QUANTITY = pb.ENTITY_TYPE_QUANTITY
    ERROR_CODE = pb.ENTITY_TYPE_ERROR_CODE
    CUSTOM = pb.ENTITY_TYPE_CUSTOM

    @classmethod
    def _missing_(cls, value: object) -> EntityType | None:
        # a newer server may know more kinds than this client
        return cls.UNSPECIFIED if isinstance(value, int) else None


class PersonalDataType(IntEnum):
    """Kinds of personal data."""

    UNSPECIFIED = pb.PERSONAL_DATA_TYPE_UNSPECIFIED
    PERSON_NAME = pb.PERSONAL_DATA_TYPE_PERSON_NAME
    PHONE_NUMBER = pb.PERSONAL_DATA_TYPE_PHONE_NUMBER
    EMAIL_ADDRESS = pb.PERSONAL_DATA_TYPE_EMAIL_ADDRESS
    POSTAL_ADDRESS = pb.PERSONAL_DATA_TYPE_POSTAL_ADDRESS
    CARD_NUMBER = pb.PERSONAL_DATA_TYPE_CARD_NUMBER
    IBAN = pb.PERSONAL_DATA_TYPE_IBAN
    IP_ADDRESS = pb.PERSONAL_DATA_TYPE_IP_ADDRESS
    CHINESE_RESIDENT_ID = pb.PERSONAL_DATA_TYPE_CHINESE_RESIDENT_ID
    URL = pb.PERSONAL_DATA_TYPE_URL
    TAX_ID = pb.PERSONAL_DATA_TYPE_TAX_ID
    BANK_ACCOUNT = pb.PERSONAL_DATA_TYPE_BANK_ACCOUNT
    GOVERNMENT_ID = pb.PERSONAL_DATA_TYPE_GOVERNMENT_ID

    @classmethod
    def _missing_(cls, value: object) -> PersonalDataType | None:
        # a newer server may know more kinds than this client
        return cls.UNSPECIFIED if isinstance(value, int) else None


class RedactMode(IntEnum):
    """What to do with personal data that is found."""

    UNSPECIFIED = pb.REDACT_MODE_UNSPECIFIED
    """With a key PSEUDONYMIZE, else MASK."""
    INSPECT = pb.REDACT_MODE_INSPECT
    """Only say where it is."""
    MASK = pb.REDACT_MODE_MASK
    """Replace it by the name of its type, such as [PERSON_NAME], or by the mask character."""
    PSEUDONYMIZE = pb.REDACT_MODE_PSEUDONYMIZE
    """Replace it by a pseudonym, which `restore` turns back under the same key."""


PseudonymKey: TypeAlias = bytes | str
"""The key itself, 32, 48 or 64 random bytes; or the name of a key in the service's configuration."""


def key_fields(key: PseudonymKey) -> Fields:
    """The fields of the protobuf message for a key."""
    return {"name": key} if isinstance(key, str) else {"secret": bytes(key)}


@dataclass(frozen=True)
class EmbedTextOptions:
    """How to embed."""

    model: str = ""
    """Name of the model; empty for the server's default."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {"model": self.model}


@dataclass(frozen=True)
class RankOptions:
    """How to rank."""

    model: str = ""
    """Name of a model that embeds; empty for the server's default."""
    top_k: int = 0
    """How many results at most; 0 for all."""
    lexical_weight: float | None = None
    """Share of the words' score in the score, 0 to 1; None for the server's default, 0.4."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {"model": self.model, "top_k": self.top_k, "lexical_weight": self.lexical_weight}


@dataclass(frozen=True)
class ClassifyTextOptions:
    """How to classify."""

    labels: Labels | None = None
    """Classes of the request's own; None for those of a trained head."""
    model: str = ""
    """Name of the trained head or, with `labels`, of the model that embeds; empty for the server's default."""
    top_k: int = 0
    """How many labels at most; 0 for the server's default, 5."""
    unknown_threshold: float | None = None
    """A text whose best label scores lower is marked as unknown, 0 to 1; None for the server's default."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message.

        Raises:
            InvalidInputError: `labels` are none.
        """
        classes: Fields = {}
        if self.labels is not None:
            classes = {"label_set": {"labels": label_fields(self.labels), "model": self.model}}
        elif self.model:
            classes = {"model": self.model}
        return {**classes, "top_k": self.top_k, "unknown_threshold": self.unknown_threshold}


@dataclass(frozen=True)
class Gazetteer:
    """A list of known names, such as a plant's machines."""

    name: str
    """Comes back as the `name` of the entities that it finds."""
    entries: Mapping[str, Sequence[str]] | Sequence[str]
    """The names, with or without other ways to write each."""
    case_sensitive: bool = False

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        entries = self.entries if isinstance(self.entries, Mapping) else dict.fromkeys(self.entries, ())
        found = [{"name": name, "synonyms": list(synonyms)} for name, synonyms in entries.items()]
        return {"name": self.name, "entries": found, "case_sensitive": self.case_sensitive}


@dataclass(frozen=True)
class ExtractEntitiesOptions:
    """How to extract entities."""

    types: Sequence[EntityType] = ()
    """Only these; empty for all."""
    min_confidence: float | None = None
    """Leave out entities with a lower confidence, 0 to 1; None for the server's default, 0.5."""
    patterns: Mapping[str, str] = field(default_factory=dict)
    """Regular expressions (RE2) by the name of what they find; of one with a group the first group is the entity."""
    gazetteers: Sequence[Gazetteer] = ()
    model: str = ""
    """Name of a model that finds names; empty for the server's default, which depends on the language."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {
            "types": [int(kind) for kind in self.types],
            "min_confidence": self.min_confidence,
            "patterns": [{"name": name, "pattern": pattern} for name, pattern in self.patterns.items()],
            "gazetteers": [gazetteer.to_fields() for gazetteer in self.gazetteers],
            "model": self.model,
        }


@dataclass(frozen=True)
class RedactOptions:
    """How to redact."""

    mode: RedactMode = RedactMode.UNSPECIFIED
    """By default PSEUDONYMIZE with a key, else MASK."""
    types: Sequence[PersonalDataType] = ()
    """Only these; empty for the server's default set."""
    min_confidence: float | None = None
    """Leave alone what a model finds with a lower confidence, 0 to 1; None for the server's default, 0.5."""
    mask_character: str = ""
    """Mask every character by this one instead of by the name of the type."""
    key: PseudonymKey | None = field(default=None, repr=False)
    """Under which pseudonyms are made."""
    model: str = ""
    """Name of a model that finds personal data; empty for the server's default."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        by_key = self.mode is RedactMode.UNSPECIFIED and self.key is not None
        return {
            "mode": int(RedactMode.PSEUDONYMIZE if by_key else self.mode),
            "types": [int(kind) for kind in self.types],
            "min_confidence": self.min_confidence,
            "mask_character": self.mask_character,
            "key": None if self.key is None else key_fields(self.key),
            "model": self.model,
        }


@dataclass(frozen=True)
class SummarizeOptions:
    """How to summarize; of `max_sentences` and `max_characters` one may be given."""

    max_sentences: int | None = None
    """Sentences at most, 1 to 100; None for the server's default, 3."""
    max_characters: int | None = None
    """Characters at most, 20 to 10000, instead of sentences."""
    model: str = ""
    """Name of a model that embeds; empty for the server's default."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message.

        Raises:
            InvalidInputError: both lengths are given.
        """
        if self.max_sentences is not None and self.max_characters is not None:
            raise invalid("options", "give max_sentences or max_characters, not both")
        return {"max_sentences": self.max_sentences, "max_characters": self.max_characters, "model": self.model}


@dataclass(frozen=True)
class DetectLanguageOptions:
    """How to detect the language."""

    top_k: int = 0
    """How many languages at most; 0 for the server's default, 3."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {"top_k": self.top_k}


TextFeature: TypeAlias = (
    EmbedTextOptions
    | ClassifyTextOptions
    | ExtractEntitiesOptions
    | RedactOptions
    | SummarizeOptions
    | DetectLanguageOptions
)
"""A feature to compute, named by its options."""

ALL_TEXT_FEATURES: tuple[TextFeature, ...] = (
    EmbedTextOptions(),
    ClassifyTextOptions(),
    ExtractEntitiesOptions(),
    RedactOptions(),
    SummarizeOptions(),
    DetectLanguageOptions(),
)

_FIELDS: dict[type, str] = {
    EmbedTextOptions: "embed",
    ClassifyTextOptions: "classify",
    ExtractEntitiesOptions: "extract_entities",
    RedactOptions: "redact",
    SummarizeOptions: "summarize",
    DetectLanguageOptions: "detect_language",
}


def feature_fields(features: Iterable[TextFeature]) -> Fields:
    """The fields of the protobuf message that asks for some features.

    Raises:
        InvalidInputError: a feature is given twice, or is no options object.
    """
    found: Fields = {}
    for feature in features:
        name = _FIELDS.get(type(feature))
        if name is None or name in found:
            raise _bad_feature(feature)
        found[name] = feature.to_fields()  # options of defaults only are still asked for
    return found


def _bad_feature(feature: object) -> InvalidInputError:
    kind = type(feature).__name__
    return invalid("options", f"each feature is given once, as its options: ClassifyTextOptions(), …; not this {kind}")
