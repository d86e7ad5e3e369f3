"""From protobuf responses to results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client._results import Label, common_fields, frozen
from sensorium_client._text.options import EntityType, PersonalDataType
from sensorium_client._text.results import (
    AnnotateTextResult,
    Classification,
    ClassifyTextResult,
    DetectedLanguage,
    DetectLanguageResult,
    EmbedTextResult,
    Entity,
    ExplainResult,
    ExtractEntitiesResult,
    PersonalData,
    Quantity,
    RankedDocument,
    RankResult,
    RedactResult,
    RestoreResult,
    Span,
    SummarizeResult,
    SummarySentence,
    TermMatch,
    TextEmbedding,
    TokenContribution,
)


def embed_result(response: pb.EmbedResponse) -> EmbedTextResult:
    """The result of Embed."""
    return EmbedTextResult(**common_fields(response), embeddings=tuple(map(_embedding, response.embeddings)))


def rank_result(response: pb.RankResponse) -> RankResult:
    """The result of Rank."""
    return RankResult(**common_fields(response), results=tuple(map(_ranked, response.results)))


def classify_result(response: pb.ClassifyResponse) -> ClassifyTextResult:
    """The result of Classify."""
    found = tuple(map(_classification, response.classifications))
    return ClassifyTextResult(**common_fields(response), classifications=found)


def extract_entities_result(response: pb.ExtractEntitiesResponse) -> ExtractEntitiesResult:
    """The result of ExtractEntities."""
    return ExtractEntitiesResult(
        **common_fields(response),
        language_code=response.language_code,
        entities=tuple(map(_entity, response.entities)),
    )


def redact_result(response: pb.RedactResponse) -> RedactResult:
    """The result of Redact."""
    findings = tuple(map(_personal_data, response.findings))
    return RedactResult(**common_fields(response), text=response.text, findings=findings)


def restore_result(response: pb.RestoreResponse) -> RestoreResult:
    """The result of Restore."""
    return RestoreResult(**common_fields(response), text=response.text, restored_count=response.restored_count)


def summarize_result(response: pb.SummarizeResponse) -> SummarizeResult:
    """The result of Summarize."""
    found = _sentences(response.sentences)
    return SummarizeResult(**common_fields(response), summary=response.summary, sentences=found)


def detect_language_result(response: pb.DetectLanguageResponse) -> DetectLanguageResult:
    """The result of DetectLanguage."""
    return DetectLanguageResult(**common_fields(response), languages=_languages(response.languages))


def annotate_result(response: pb.AnnotateTextResponse) -> AnnotateTextResult:
    """The result of AnnotateText, and of an item of StreamAnnotateText."""
    has = response.HasField
    return AnnotateTextResult(
        **common_fields(response),
        language_code=response.language_code,
        embedding=_embedding(response.embedding) if has("embedding") else None,
        classification=_classification(response.classification) if has("classification") else None,
        entities=tuple(map(_entity, response.entities)),
        redacted_text=response.redacted_text if has("redacted_text") else None,
        personal_data=tuple(map(_personal_data, response.personal_data)),
        summary_sentences=_sentences(response.summary_sentences),
        languages=_languages(response.languages),
    )


def explain_result(response: pb.ExplainResponse) -> ExplainResult:
    """The result of Explain."""
    found = tuple(TokenContribution(_span(each.span), each.contribution) for each in response.contributions)
    return ExplainResult(**common_fields(response), label=response.label, score=response.score, contributions=found)


def _span(span: pb.Span) -> Span:
    return Span(span.text, span.begin, span.end)


def _embedding(embedding: pb.Embedding) -> TextEmbedding:
    values = frozen(np.array(embedding.values, dtype=np.float32))
    return TextEmbedding(values, embedding.token_count, embedding.truncated)


def _ranked(result: pb.RankResult) -> RankedDocument:
    matches = tuple(TermMatch(match.term, tuple(map(_span, match.spans))) for match in result.matches)
    return RankedDocument(result.index, result.score, result.lexical_score, result.semantic_score, matches)


def _classification(found: pb.Classification) -> Classification:
    labels = tuple(Label(label.index, label.name, label.score) for label in found.labels)
    return Classification(labels, found.unknown)


def _entity(entity: pb.Entity) -> Entity:
    return Entity(
        type=EntityType(entity.type),
        name=entity.name,
        span=_span(entity.span),
        confidence=entity.confidence,
        quantity=_quantity(entity.quantity) if entity.HasField("quantity") else None,
        date=entity.date,
        normalized=entity.normalized,
    )


def _quantity(quantity: pb.Quantity) -> Quantity:
    upper = quantity.upper_value if quantity.HasField("upper_value") else None
    return Quantity(quantity.value, quantity.ucum_unit, upper)


def _personal_data(data: pb.PersonalData) -> PersonalData:
    replacement = _span(data.replacement) if data.HasField("replacement") else None
    return PersonalData(PersonalDataType(data.type), _span(data.span), data.confidence, replacement)


def _sentences(sentences: Sequence[pb.SummarySentence]) -> tuple[SummarySentence, ...]:
    return tuple(SummarySentence(each.document_index, _span(each.span), each.score) for each in sentences)


def _languages(languages: Sequence[pb.DetectedLanguage]) -> tuple[DetectedLanguage, ...]:
    return tuple(DetectedLanguage(each.language_code, each.confidence) for each in languages)
