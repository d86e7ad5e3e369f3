"""Between the contract's messages and the domain; the only module here, beside the servicer's, that knows both."""

from collections.abc import Iterable, Sequence

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.type.v1 import model_pb2, request_context_pb2
from sensorium_core import responses
from sensorium_core.patterns import compile_pattern
from sensorium_text import models
from sensorium_text.domain import (
    AnnotateOptions,
    Annotation,
    Classification,
    ClassifyOptions,
    DetectedLanguage,
    DetectLanguageOptions,
    Embedding,
    EmbedOptions,
    EncodingType,
    Entity,
    EntityPattern,
    EntityType,
    Explanation,
    ExtractEntitiesOptions,
    Gazetteer,
    GazetteerEntry,
    LabelDefinition,
    LabelSet,
    PersonalData,
    PersonalDataType,
    PseudonymKey,
    RankOptions,
    RankResult,
    RedactMode,
    RedactOptions,
    Span,
    SummarizeOptions,
    SummarySentence,
)
from sensorium_text.offsets import Offsets
from sensorium_text.sequences import SequenceModel

_DEFAULT_LABELS = 5
_DEFAULT_LANGUAGES = 3
_DEFAULT_CONFIDENCE = 0.5
_DEFAULT_SENTENCES = 3
_DEFAULT_LEXICAL_WEIGHT = 0.4

# The limits that the rules of the contract declare, for ListModels.
_MAX_ITEM_CHARACTERS, _MAX_ITEMS = 10_000, 512
_MAX_TEXT_CHARACTERS = 100_000


# Requests. Each takes `field`, the path at which the options lie in the request.


def embed_options(options: pb.EmbedOptions, field: str = "options") -> EmbedOptions:
    """Options as they are."""
    return EmbedOptions(options.model, field)


def rank_options(options: pb.RankOptions, field: str = "options") -> RankOptions:
    """Options with their defaults filled in."""
    weight = options.lexical_weight if options.HasField("lexical_weight") else _DEFAULT_LEXICAL_WEIGHT
    return RankOptions(options.model, field, options.top_k, weight)


def classify_options(options: pb.ClassifyOptions, field: str = "options") -> ClassifyOptions:
    """Options with their defaults filled in."""
    threshold = options.unknown_threshold if options.HasField("unknown_threshold") else None
    label_set = _label_set(options.label_set) if options.WhichOneof("classes") == "label_set" else None
    return ClassifyOptions(options.model, field, label_set, options.top_k or _DEFAULT_LABELS, threshold)


def extract_entities_options(options: pb.ExtractEntitiesOptions, field: str = "options") -> ExtractEntitiesOptions:
    """Options with their defaults filled in and the patterns compiled.

    Raises:
        InvalidInputError: PATTERN_INVALID.
    """
    confidence = options.min_confidence if options.HasField("min_confidence") else _DEFAULT_CONFIDENCE
    return ExtractEntitiesOptions(
        field,
        types=frozenset(EntityType(number) for number in options.types),
        min_confidence=confidence,
        patterns=tuple(
            EntityPattern(each.name, compile_pattern(each.pattern, f"{field}.patterns[{place}].pattern"))
            for place, each in enumerate(options.patterns)
        ),
        gazetteers=tuple(_gazetteer(each) for each in options.gazetteers),
        model=options.model,
    )


def redact_options(options: pb.RedactOptions, field: str = "options") -> RedactOptions:
    """Options with their defaults filled in."""
    confidence = options.min_confidence if options.HasField("min_confidence") else _DEFAULT_CONFIDENCE
    return RedactOptions(
        field,
        mode=RedactMode(options.mode or pb.REDACT_MODE_MASK),
        types=frozenset(PersonalDataType(number) for number in options.types),
        min_confidence=confidence,
        mask_character=options.mask_character,
        key=pseudonym_key(options.key) if options.HasField("key") else None,
        model=options.model,
    )


def pseudonym_key(key: pb.PseudonymKey) -> PseudonymKey:
    """The key, given by itself or by name."""
    return PseudonymKey(key.secret, key.name)


def summarize_options(options: pb.SummarizeOptions, field: str = "options") -> SummarizeOptions:
    """Options with their defaults filled in."""
    if options.WhichOneof("length") == "max_characters":
        return SummarizeOptions(options.model, field, None, options.max_characters)
    return SummarizeOptions(options.model, field, options.max_sentences or _DEFAULT_SENTENCES, None)


def detect_language_options(options: pb.DetectLanguageOptions) -> DetectLanguageOptions:
    """Options with their defaults filled in."""
    return DetectLanguageOptions(options.top_k or _DEFAULT_LANGUAGES)


def annotate_options(options: pb.AnnotateTextOptions, field: str = "options") -> AnnotateOptions:
    """The options of the features that are present.

    Raises:
        InvalidInputError: PATTERN_INVALID.
    """
    has = options.HasField
    return AnnotateOptions(
        embed=embed_options(options.embed, f"{field}.embed") if has("embed") else None,
        classify=classify_options(options.classify, f"{field}.classify") if has("classify") else None,
        extract_entities=(
            extract_entities_options(options.extract_entities, f"{field}.extract_entities")
            if has("extract_entities")
            else None
        ),
        redact=redact_options(options.redact, f"{field}.redact") if has("redact") else None,
        summarize=summarize_options(options.summarize, f"{field}.summarize") if has("summarize") else None,
        detect_language=detect_language_options(options.detect_language) if has("detect_language") else None,
    )


# Responses.


def offsets(text: str, encoding: int) -> Offsets:
    """Offsets into a text in the units that a request names."""
    return Offsets(text, EncodingType(encoding or pb.ENCODING_TYPE_UTF32))


def embedding(found: Embedding) -> pb.Embedding:
    """An embedding as a message."""
    return pb.Embedding(values=found.values.tolist(), token_count=found.token_count, truncated=found.truncated)


def classification(found: Classification) -> pb.Classification:
    """A classification as a message."""
    labels = [pb.Label(index=label.index, name=label.name, score=label.score) for label in found.labels]
    return pb.Classification(labels=labels, unknown=found.unknown)


def rank_result(found: RankResult, document: str, encoding: int) -> pb.RankResult:
    """A document's place in a ranking as a message."""
    units = offsets(document, encoding)
    return pb.RankResult(
        index=found.index,
        score=found.score,
        lexical_score=found.lexical_score,
        semantic_score=found.semantic_score,
        matches=[
            pb.TermMatch(term=match.term, spans=[_span(span, document, units) for span in match.spans])
            for match in found.matches
        ],
    )


def entities(found: Iterable[Entity], text: str, units: Offsets) -> list[pb.Entity]:
    """Entities as messages."""
    return [_entity(each, text, units) for each in found]


def personal_data(
    found: Iterable[PersonalData], text: str, units: Offsets, redacted: str, redacted_units: Offsets
) -> list[pb.PersonalData]:
    """Personal data as messages."""
    return [
        pb.PersonalData(
            type=pb.PersonalDataType.Name(each.type.value),
            span=_span(each.span, text, units),
            confidence=each.confidence,
            replacement=None if each.replacement is None else _span(each.replacement, redacted, redacted_units),
        )
        for each in found
    ]


def sentences(found: Sequence[SummarySentence], documents: Sequence[str], encoding: int) -> list[pb.SummarySentence]:
    """Sentences of a summary as messages."""
    units = {place: offsets(documents[place], encoding) for place in {each.document_index for each in found}}
    return [
        pb.SummarySentence(
            document_index=each.document_index,
            span=_span(each.span, documents[each.document_index], units[each.document_index]),
            score=each.score,
        )
        for each in found
    ]


def languages(found: Iterable[DetectedLanguage]) -> list[pb.DetectedLanguage]:
    """Languages as messages."""
    return [pb.DetectedLanguage(language_code=each.code, confidence=each.confidence) for each in found]


def contributions(found: Explanation, text: str, units: Offsets) -> list[pb.TokenContribution]:
    """What tokens contribute, as messages."""
    return [
        pb.TokenContribution(span=_span(each.span, text, units), contribution=each.contribution)
        for each in found.contributions
    ]


def annotate_response(
    given: request_context_pb2.RequestContext, text: str, encoding: int, found: Annotation
) -> pb.AnnotateTextResponse:
    """Everything that was found in a text."""
    units = offsets(text, encoding)
    response = pb.AnnotateTextResponse(
        language_code=found.language,
        embedding=None if found.embedding is None else embedding(found.embedding),
        classification=None if found.classification is None else classification(found.classification),
        entities=entities(found.entities, text, units),
        summary_sentences=sentences(found.summary, [text], encoding),
        languages=languages(found.languages),
        **responses.common(given),
    )
    if found.redaction is not None:
        redacted = found.redaction.text
        response.redacted_text = redacted
        data = personal_data(found.redaction.findings, text, units, redacted, offsets(redacted, encoding))
        response.personal_data.extend(data)
    return response


def model(each: SequenceModel) -> model_pb2.Model:
    """A model as ListModels shows it."""
    in_lists = each.capability in {"embed", "classify"}
    limits = model_pb2.InputLimits(
        max_text_characters=_MAX_ITEM_CHARACTERS if in_lists else _MAX_TEXT_CHARACTERS,
        max_texts=_MAX_ITEMS if in_lists else 1,
        max_tokens=each.max_tokens,
    )
    return responses.model(each.served, limits, default=each.name in models.DEFAULTS)


def _label_set(label_set: pb.LabelSet) -> LabelSet:
    labels = tuple(LabelDefinition(each.name, each.description, tuple(each.examples)) for each in label_set.labels)
    return LabelSet(labels, label_set.model)


def _gazetteer(gazetteer: pb.Gazetteer) -> Gazetteer:
    entries = tuple(GazetteerEntry(entry.name, tuple(entry.synonyms)) for entry in gazetteer.entries)
    return Gazetteer(gazetteer.name, entries, gazetteer.case_sensitive)


def _entity(found: Entity, text: str, units: Offsets) -> pb.Entity:
    entity = pb.Entity(
        type=pb.EntityType.Name(found.type.value),
        name=found.name,
        span=_span(found.span, text, units),
        confidence=found.confidence,
    )
    if found.quantity is not None:
        quantity = found.quantity
        entity.quantity.CopyFrom(
            pb.Quantity(value=quantity.value, upper_value=quantity.upper_value, ucum_unit=quantity.ucum_unit)
        )
    elif found.date:
        entity.date = found.date
    elif found.normalized:
        entity.normalized = found.normalized
    return entity


def _span(span: Span, text: str, units: Offsets) -> pb.Span:
    counted = units.units_of(span)
    return pb.Span(text=span.of(text), begin=counted.begin, end=counted.end)
