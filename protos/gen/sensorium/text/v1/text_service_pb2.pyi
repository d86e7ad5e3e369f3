from buf.validate import validate_pb2 as _validate_pb2
from google.rpc import status_pb2 as _status_pb2
from sensorium.type.v1 import inference_pb2 as _inference_pb2
from sensorium.type.v1 import model_pb2 as _model_pb2
from sensorium.type.v1 import request_context_pb2 as _request_context_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EncodingType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_TYPE_UNSPECIFIED: _ClassVar[EncodingType]
    ENCODING_TYPE_UTF8: _ClassVar[EncodingType]
    ENCODING_TYPE_UTF16: _ClassVar[EncodingType]
    ENCODING_TYPE_UTF32: _ClassVar[EncodingType]

class EntityType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENTITY_TYPE_UNSPECIFIED: _ClassVar[EntityType]
    ENTITY_TYPE_PERSON: _ClassVar[EntityType]
    ENTITY_TYPE_PLACE: _ClassVar[EntityType]
    ENTITY_TYPE_ORGANIZATION: _ClassVar[EntityType]
    ENTITY_TYPE_DATE: _ClassVar[EntityType]
    ENTITY_TYPE_PART_NUMBER: _ClassVar[EntityType]
    ENTITY_TYPE_SERIAL_NUMBER: _ClassVar[EntityType]
    ENTITY_TYPE_EQUIPMENT_TAG: _ClassVar[EntityType]
    ENTITY_TYPE_QUANTITY: _ClassVar[EntityType]
    ENTITY_TYPE_ERROR_CODE: _ClassVar[EntityType]
    ENTITY_TYPE_CUSTOM: _ClassVar[EntityType]

class PersonalDataType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSONAL_DATA_TYPE_UNSPECIFIED: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_PERSON_NAME: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_PHONE_NUMBER: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_EMAIL_ADDRESS: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_POSTAL_ADDRESS: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_CARD_NUMBER: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_IBAN: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_IP_ADDRESS: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_CHINESE_RESIDENT_ID: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_URL: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_TAX_ID: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_BANK_ACCOUNT: _ClassVar[PersonalDataType]
    PERSONAL_DATA_TYPE_GOVERNMENT_ID: _ClassVar[PersonalDataType]

class RedactMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REDACT_MODE_UNSPECIFIED: _ClassVar[RedactMode]
    REDACT_MODE_INSPECT: _ClassVar[RedactMode]
    REDACT_MODE_MASK: _ClassVar[RedactMode]
    REDACT_MODE_PSEUDONYMIZE: _ClassVar[RedactMode]
ENCODING_TYPE_UNSPECIFIED: EncodingType
ENCODING_TYPE_UTF8: EncodingType
ENCODING_TYPE_UTF16: EncodingType
ENCODING_TYPE_UTF32: EncodingType
ENTITY_TYPE_UNSPECIFIED: EntityType
ENTITY_TYPE_PERSON: EntityType
ENTITY_TYPE_PLACE: EntityType
ENTITY_TYPE_ORGANIZATION: EntityType
ENTITY_TYPE_DATE: EntityType
ENTITY_TYPE_PART_NUMBER: EntityType
ENTITY_TYPE_SERIAL_NUMBER: EntityType
ENTITY_TYPE_EQUIPMENT_TAG: EntityType
ENTITY_TYPE_QUANTITY: EntityType
ENTITY_TYPE_ERROR_CODE: EntityType
ENTITY_TYPE_CUSTOM: EntityType
PERSONAL_DATA_TYPE_UNSPECIFIED: PersonalDataType
PERSONAL_DATA_TYPE_PERSON_NAME: PersonalDataType
PERSONAL_DATA_TYPE_PHONE_NUMBER: PersonalDataType
PERSONAL_DATA_TYPE_EMAIL_ADDRESS: PersonalDataType
PERSONAL_DATA_TYPE_POSTAL_ADDRESS: PersonalDataType
PERSONAL_DATA_TYPE_CARD_NUMBER: PersonalDataType
PERSONAL_DATA_TYPE_IBAN: PersonalDataType
PERSONAL_DATA_TYPE_IP_ADDRESS: PersonalDataType
PERSONAL_DATA_TYPE_CHINESE_RESIDENT_ID: PersonalDataType
PERSONAL_DATA_TYPE_URL: PersonalDataType
PERSONAL_DATA_TYPE_TAX_ID: PersonalDataType
PERSONAL_DATA_TYPE_BANK_ACCOUNT: PersonalDataType
PERSONAL_DATA_TYPE_GOVERNMENT_ID: PersonalDataType
REDACT_MODE_UNSPECIFIED: RedactMode
REDACT_MODE_INSPECT: RedactMode
REDACT_MODE_MASK: RedactMode
REDACT_MODE_PSEUDONYMIZE: RedactMode

class Span(_message.Message):
    __slots__ = ("text", "begin", "end")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    text: str
    begin: int
    end: int
    def __init__(self, text: _Optional[str] = ..., begin: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class EmbedOptions(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: str
    def __init__(self, model: _Optional[str] = ...) -> None: ...

class Embedding(_message.Message):
    __slots__ = ("values", "token_count", "truncated")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    token_count: int
    truncated: bool
    def __init__(self, values: _Optional[_Iterable[float]] = ..., token_count: _Optional[int] = ..., truncated: _Optional[bool] = ...) -> None: ...

class RankOptions(_message.Message):
    __slots__ = ("model", "top_k", "lexical_weight")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    LEXICAL_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    model: str
    top_k: int
    lexical_weight: float
    def __init__(self, model: _Optional[str] = ..., top_k: _Optional[int] = ..., lexical_weight: _Optional[float] = ...) -> None: ...

class TermMatch(_message.Message):
    __slots__ = ("term", "spans")
    TERM_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    term: str
    spans: _containers.RepeatedCompositeFieldContainer[Span]
    def __init__(self, term: _Optional[str] = ..., spans: _Optional[_Iterable[_Union[Span, _Mapping]]] = ...) -> None: ...

class RankResult(_message.Message):
    __slots__ = ("index", "score", "lexical_score", "semantic_score", "matches")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    LEXICAL_SCORE_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_SCORE_FIELD_NUMBER: _ClassVar[int]
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    index: int
    score: float
    lexical_score: float
    semantic_score: float
    matches: _containers.RepeatedCompositeFieldContainer[TermMatch]
    def __init__(self, index: _Optional[int] = ..., score: _Optional[float] = ..., lexical_score: _Optional[float] = ..., semantic_score: _Optional[float] = ..., matches: _Optional[_Iterable[_Union[TermMatch, _Mapping]]] = ...) -> None: ...

class LabelDefinition(_message.Message):
    __slots__ = ("name", "description", "examples")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    examples: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., examples: _Optional[_Iterable[str]] = ...) -> None: ...

class LabelSet(_message.Message):
    __slots__ = ("labels", "model")
    LABELS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedCompositeFieldContainer[LabelDefinition]
    model: str
    def __init__(self, labels: _Optional[_Iterable[_Union[LabelDefinition, _Mapping]]] = ..., model: _Optional[str] = ...) -> None: ...

class ClassifyOptions(_message.Message):
    __slots__ = ("model", "label_set", "top_k", "unknown_threshold")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    LABEL_SET_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    model: str
    label_set: LabelSet
    top_k: int
    unknown_threshold: float
    def __init__(self, model: _Optional[str] = ..., label_set: _Optional[_Union[LabelSet, _Mapping]] = ..., top_k: _Optional[int] = ..., unknown_threshold: _Optional[float] = ...) -> None: ...

class Label(_message.Message):
    __slots__ = ("index", "name", "score")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    index: int
    name: str
    score: float
    def __init__(self, index: _Optional[int] = ..., name: _Optional[str] = ..., score: _Optional[float] = ...) -> None: ...

class Classification(_message.Message):
    __slots__ = ("labels", "unknown")
    LABELS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedCompositeFieldContainer[Label]
    unknown: bool
    def __init__(self, labels: _Optional[_Iterable[_Union[Label, _Mapping]]] = ..., unknown: _Optional[bool] = ...) -> None: ...

class EntityPattern(_message.Message):
    __slots__ = ("name", "pattern")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    name: str
    pattern: str
    def __init__(self, name: _Optional[str] = ..., pattern: _Optional[str] = ...) -> None: ...

class Gazetteer(_message.Message):
    __slots__ = ("name", "entries", "case_sensitive")
    class Entry(_message.Message):
        __slots__ = ("name", "synonyms")
        NAME_FIELD_NUMBER: _ClassVar[int]
        SYNONYMS_FIELD_NUMBER: _ClassVar[int]
        name: str
        synonyms: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, name: _Optional[str] = ..., synonyms: _Optional[_Iterable[str]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    CASE_SENSITIVE_FIELD_NUMBER: _ClassVar[int]
    name: str
    entries: _containers.RepeatedCompositeFieldContainer[Gazetteer.Entry]
    case_sensitive: bool
    def __init__(self, name: _Optional[str] = ..., entries: _Optional[_Iterable[_Union[Gazetteer.Entry, _Mapping]]] = ..., case_sensitive: _Optional[bool] = ...) -> None: ...

class ExtractEntitiesOptions(_message.Message):
    __slots__ = ("types", "min_confidence", "patterns", "gazetteers", "model")
    TYPES_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    GAZETTEERS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    types: _containers.RepeatedScalarFieldContainer[EntityType]
    min_confidence: float
    patterns: _containers.RepeatedCompositeFieldContainer[EntityPattern]
    gazetteers: _containers.RepeatedCompositeFieldContainer[Gazetteer]
    model: str
    def __init__(self, types: _Optional[_Iterable[_Union[EntityType, str]]] = ..., min_confidence: _Optional[float] = ..., patterns: _Optional[_Iterable[_Union[EntityPattern, _Mapping]]] = ..., gazetteers: _Optional[_Iterable[_Union[Gazetteer, _Mapping]]] = ..., model: _Optional[str] = ...) -> None: ...

class Quantity(_message.Message):
    __slots__ = ("value", "upper_value", "ucum_unit")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UPPER_VALUE_FIELD_NUMBER: _ClassVar[int]
    UCUM_UNIT_FIELD_NUMBER: _ClassVar[int]
    value: float
    upper_value: float
    ucum_unit: str
    def __init__(self, value: _Optional[float] = ..., upper_value: _Optional[float] = ..., ucum_unit: _Optional[str] = ...) -> None: ...

class Entity(_message.Message):
    __slots__ = ("type", "name", "span", "confidence", "quantity", "date", "normalized")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_FIELD_NUMBER: _ClassVar[int]
    type: EntityType
    name: str
    span: Span
    confidence: float
    quantity: Quantity
    date: str
    normalized: str
    def __init__(self, type: _Optional[_Union[EntityType, str]] = ..., name: _Optional[str] = ..., span: _Optional[_Union[Span, _Mapping]] = ..., confidence: _Optional[float] = ..., quantity: _Optional[_Union[Quantity, _Mapping]] = ..., date: _Optional[str] = ..., normalized: _Optional[str] = ...) -> None: ...

class PseudonymKey(_message.Message):
    __slots__ = ("secret", "name")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    secret: bytes
    name: str
    def __init__(self, secret: _Optional[bytes] = ..., name: _Optional[str] = ...) -> None: ...

class RedactOptions(_message.Message):
    __slots__ = ("mode", "types", "min_confidence", "mask_character", "key", "model")
    MODE_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MASK_CHARACTER_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    mode: RedactMode
    types: _containers.RepeatedScalarFieldContainer[PersonalDataType]
    min_confidence: float
    mask_character: str
    key: PseudonymKey
    model: str
    def __init__(self, mode: _Optional[_Union[RedactMode, str]] = ..., types: _Optional[_Iterable[_Union[PersonalDataType, str]]] = ..., min_confidence: _Optional[float] = ..., mask_character: _Optional[str] = ..., key: _Optional[_Union[PseudonymKey, _Mapping]] = ..., model: _Optional[str] = ...) -> None: ...

class PersonalData(_message.Message):
    __slots__ = ("type", "span", "confidence", "replacement")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_FIELD_NUMBER: _ClassVar[int]
    type: PersonalDataType
    span: Span
    confidence: float
    replacement: Span
    def __init__(self, type: _Optional[_Union[PersonalDataType, str]] = ..., span: _Optional[_Union[Span, _Mapping]] = ..., confidence: _Optional[float] = ..., replacement: _Optional[_Union[Span, _Mapping]] = ...) -> None: ...

class SummarizeOptions(_message.Message):
    __slots__ = ("max_sentences", "max_characters", "model")
    MAX_SENTENCES_FIELD_NUMBER: _ClassVar[int]
    MAX_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    max_sentences: int
    max_characters: int
    model: str
    def __init__(self, max_sentences: _Optional[int] = ..., max_characters: _Optional[int] = ..., model: _Optional[str] = ...) -> None: ...

class SummarySentence(_message.Message):
    __slots__ = ("document_index", "span", "score")
    DOCUMENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    document_index: int
    span: Span
    score: float
    def __init__(self, document_index: _Optional[int] = ..., span: _Optional[_Union[Span, _Mapping]] = ..., score: _Optional[float] = ...) -> None: ...

class DetectLanguageOptions(_message.Message):
    __slots__ = ("top_k",)
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    top_k: int
    def __init__(self, top_k: _Optional[int] = ...) -> None: ...

class DetectedLanguage(_message.Message):
    __slots__ = ("language_code", "confidence")
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    confidence: float
    def __init__(self, language_code: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class AnnotateTextOptions(_message.Message):
    __slots__ = ("embed", "classify", "extract_entities", "redact", "summarize", "detect_language")
    EMBED_FIELD_NUMBER: _ClassVar[int]
    CLASSIFY_FIELD_NUMBER: _ClassVar[int]
    EXTRACT_ENTITIES_FIELD_NUMBER: _ClassVar[int]
    REDACT_FIELD_NUMBER: _ClassVar[int]
    SUMMARIZE_FIELD_NUMBER: _ClassVar[int]
    DETECT_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    embed: EmbedOptions
    classify: ClassifyOptions
    extract_entities: ExtractEntitiesOptions
    redact: RedactOptions
    summarize: SummarizeOptions
    detect_language: DetectLanguageOptions
    def __init__(self, embed: _Optional[_Union[EmbedOptions, _Mapping]] = ..., classify: _Optional[_Union[ClassifyOptions, _Mapping]] = ..., extract_entities: _Optional[_Union[ExtractEntitiesOptions, _Mapping]] = ..., redact: _Optional[_Union[RedactOptions, _Mapping]] = ..., summarize: _Optional[_Union[SummarizeOptions, _Mapping]] = ..., detect_language: _Optional[_Union[DetectLanguageOptions, _Mapping]] = ...) -> None: ...

class EmbedRequest(_message.Message):
    __slots__ = ("context", "texts", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    texts: _containers.RepeatedScalarFieldContainer[str]
    options: EmbedOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., texts: _Optional[_Iterable[str]] = ..., options: _Optional[_Union[EmbedOptions, _Mapping]] = ...) -> None: ...

class EmbedResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "embeddings")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    embeddings: _containers.RepeatedCompositeFieldContainer[Embedding]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., embeddings: _Optional[_Iterable[_Union[Embedding, _Mapping]]] = ...) -> None: ...

class RankRequest(_message.Message):
    __slots__ = ("context", "query", "documents", "encoding_type", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    query: str
    documents: _containers.RepeatedScalarFieldContainer[str]
    encoding_type: EncodingType
    options: RankOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., query: _Optional[str] = ..., documents: _Optional[_Iterable[str]] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ..., options: _Optional[_Union[RankOptions, _Mapping]] = ...) -> None: ...

class RankResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "results")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    results: _containers.RepeatedCompositeFieldContainer[RankResult]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., results: _Optional[_Iterable[_Union[RankResult, _Mapping]]] = ...) -> None: ...

class ClassifyRequest(_message.Message):
    __slots__ = ("context", "texts", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    texts: _containers.RepeatedScalarFieldContainer[str]
    options: ClassifyOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., texts: _Optional[_Iterable[str]] = ..., options: _Optional[_Union[ClassifyOptions, _Mapping]] = ...) -> None: ...

class ClassifyResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "classifications")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    classifications: _containers.RepeatedCompositeFieldContainer[Classification]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., classifications: _Optional[_Iterable[_Union[Classification, _Mapping]]] = ...) -> None: ...

class ExtractEntitiesRequest(_message.Message):
    __slots__ = ("context", "text", "language_code", "encoding_type", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    text: str
    language_code: str
    encoding_type: EncodingType
    options: ExtractEntitiesOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., text: _Optional[str] = ..., language_code: _Optional[str] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ..., options: _Optional[_Union[ExtractEntitiesOptions, _Mapping]] = ...) -> None: ...

class ExtractEntitiesResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "language_code", "entities")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    language_code: str
    entities: _containers.RepeatedCompositeFieldContainer[Entity]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., language_code: _Optional[str] = ..., entities: _Optional[_Iterable[_Union[Entity, _Mapping]]] = ...) -> None: ...

class RedactRequest(_message.Message):
    __slots__ = ("context", "text", "language_code", "encoding_type", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    text: str
    language_code: str
    encoding_type: EncodingType
    options: RedactOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., text: _Optional[str] = ..., language_code: _Optional[str] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ..., options: _Optional[_Union[RedactOptions, _Mapping]] = ...) -> None: ...

class RedactResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "text", "findings")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    text: str
    findings: _containers.RepeatedCompositeFieldContainer[PersonalData]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., text: _Optional[str] = ..., findings: _Optional[_Iterable[_Union[PersonalData, _Mapping]]] = ...) -> None: ...

class RestoreRequest(_message.Message):
    __slots__ = ("context", "text", "key")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    text: str
    key: PseudonymKey
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., text: _Optional[str] = ..., key: _Optional[_Union[PseudonymKey, _Mapping]] = ...) -> None: ...

class RestoreResponse(_message.Message):
    __slots__ = ("context", "timings", "text", "restored_count")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RESTORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    timings: _inference_pb2.Timings
    text: str
    restored_count: int
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., text: _Optional[str] = ..., restored_count: _Optional[int] = ...) -> None: ...

class SummarizeRequest(_message.Message):
    __slots__ = ("context", "documents", "language_code", "encoding_type", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    documents: _containers.RepeatedScalarFieldContainer[str]
    language_code: str
    encoding_type: EncodingType
    options: SummarizeOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., documents: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ..., options: _Optional[_Union[SummarizeOptions, _Mapping]] = ...) -> None: ...

class SummarizeResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "summary", "sentences")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    SENTENCES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    summary: str
    sentences: _containers.RepeatedCompositeFieldContainer[SummarySentence]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., summary: _Optional[str] = ..., sentences: _Optional[_Iterable[_Union[SummarySentence, _Mapping]]] = ...) -> None: ...

class DetectLanguageRequest(_message.Message):
    __slots__ = ("context", "text", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    text: str
    options: DetectLanguageOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., text: _Optional[str] = ..., options: _Optional[_Union[DetectLanguageOptions, _Mapping]] = ...) -> None: ...

class DetectLanguageResponse(_message.Message):
    __slots__ = ("context", "timings", "languages")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    timings: _inference_pb2.Timings
    languages: _containers.RepeatedCompositeFieldContainer[DetectedLanguage]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., languages: _Optional[_Iterable[_Union[DetectedLanguage, _Mapping]]] = ...) -> None: ...

class AnnotateTextRequest(_message.Message):
    __slots__ = ("context", "text", "language_code", "encoding_type", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    text: str
    language_code: str
    encoding_type: EncodingType
    options: AnnotateTextOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., text: _Optional[str] = ..., language_code: _Optional[str] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ..., options: _Optional[_Union[AnnotateTextOptions, _Mapping]] = ...) -> None: ...

class AnnotateTextResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "language_code", "embedding", "classification", "entities", "redacted_text", "personal_data", "summary_sentences", "languages")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    REDACTED_TEXT_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_DATA_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_SENTENCES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    language_code: str
    embedding: Embedding
    classification: Classification
    entities: _containers.RepeatedCompositeFieldContainer[Entity]
    redacted_text: str
    personal_data: _containers.RepeatedCompositeFieldContainer[PersonalData]
    summary_sentences: _containers.RepeatedCompositeFieldContainer[SummarySentence]
    languages: _containers.RepeatedCompositeFieldContainer[DetectedLanguage]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., language_code: _Optional[str] = ..., embedding: _Optional[_Union[Embedding, _Mapping]] = ..., classification: _Optional[_Union[Classification, _Mapping]] = ..., entities: _Optional[_Iterable[_Union[Entity, _Mapping]]] = ..., redacted_text: _Optional[str] = ..., personal_data: _Optional[_Iterable[_Union[PersonalData, _Mapping]]] = ..., summary_sentences: _Optional[_Iterable[_Union[SummarySentence, _Mapping]]] = ..., languages: _Optional[_Iterable[_Union[DetectedLanguage, _Mapping]]] = ...) -> None: ...

class StreamAnnotateTextConfig(_message.Message):
    __slots__ = ("context", "language_code", "encoding_type", "options", "max_in_flight")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    language_code: str
    encoding_type: EncodingType
    options: AnnotateTextOptions
    max_in_flight: int
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., language_code: _Optional[str] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ..., options: _Optional[_Union[AnnotateTextOptions, _Mapping]] = ..., max_in_flight: _Optional[int] = ...) -> None: ...

class StreamTextItem(_message.Message):
    __slots__ = ("item_id", "context", "text")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    context: _request_context_pb2.RequestContext
    text: str
    def __init__(self, item_id: _Optional[str] = ..., context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., text: _Optional[str] = ...) -> None: ...

class StreamAnnotateTextRequest(_message.Message):
    __slots__ = ("config", "item")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    config: StreamAnnotateTextConfig
    item: StreamTextItem
    def __init__(self, config: _Optional[_Union[StreamAnnotateTextConfig, _Mapping]] = ..., item: _Optional[_Union[StreamTextItem, _Mapping]] = ...) -> None: ...

class StreamAnnotateTextResponse(_message.Message):
    __slots__ = ("sequence", "item_id", "status", "annotation")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ANNOTATION_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    item_id: str
    status: _status_pb2.Status
    annotation: AnnotateTextResponse
    def __init__(self, sequence: _Optional[int] = ..., item_id: _Optional[str] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., annotation: _Optional[_Union[AnnotateTextResponse, _Mapping]] = ...) -> None: ...

class ExplainClassification(_message.Message):
    __slots__ = ("text", "options", "label")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    text: str
    options: ClassifyOptions
    label: str
    def __init__(self, text: _Optional[str] = ..., options: _Optional[_Union[ClassifyOptions, _Mapping]] = ..., label: _Optional[str] = ...) -> None: ...

class ExplainRanking(_message.Message):
    __slots__ = ("query", "document", "options")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    query: str
    document: str
    options: RankOptions
    def __init__(self, query: _Optional[str] = ..., document: _Optional[str] = ..., options: _Optional[_Union[RankOptions, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("context", "classification", "ranking", "encoding_type")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    RANKING_FIELD_NUMBER: _ClassVar[int]
    ENCODING_TYPE_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    classification: ExplainClassification
    ranking: ExplainRanking
    encoding_type: EncodingType
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., classification: _Optional[_Union[ExplainClassification, _Mapping]] = ..., ranking: _Optional[_Union[ExplainRanking, _Mapping]] = ..., encoding_type: _Optional[_Union[EncodingType, str]] = ...) -> None: ...

class TokenContribution(_message.Message):
    __slots__ = ("span", "contribution")
    SPAN_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    span: Span
    contribution: float
    def __init__(self, span: _Optional[_Union[Span, _Mapping]] = ..., contribution: _Optional[float] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "label", "score", "contributions")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    label: str
    score: float
    contributions: _containers.RepeatedCompositeFieldContainer[TokenContribution]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., label: _Optional[str] = ..., score: _Optional[float] = ..., contributions: _Optional[_Iterable[_Union[TokenContribution, _Mapping]]] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models",)
    MODELS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[_model_pb2.Model]
    def __init__(self, models: _Optional[_Iterable[_Union[_model_pb2.Model, _Mapping]]] = ...) -> None: ...
