"""From what a stream answers to what the method for a single feature would have answered."""

from __future__ import annotations

from typing import Any

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client import (
    ClassifyTextResult,
    DetectLanguageResult,
    EmbedTextResult,
    ExtractEntitiesResult,
    RedactResult,
)
from sensorium_client._text import responses


def embed_result(found: pb.AnnotateTextResponse) -> EmbedTextResult:
    """As Embed answers for one text."""
    return responses.embed_result(pb.EmbedResponse(**_common(found), embeddings=[found.embedding]))


def classify_result(found: pb.AnnotateTextResponse) -> ClassifyTextResult:
    """As Classify answers for one text."""
    return responses.classify_result(pb.ClassifyResponse(**_common(found), classifications=[found.classification]))


def extract_entities_result(found: pb.AnnotateTextResponse) -> ExtractEntitiesResult:
    """As ExtractEntities answers."""
    response = pb.ExtractEntitiesResponse(**_common(found), language_code=found.language_code, entities=found.entities)
    return responses.extract_entities_result(response)


def redact_result(found: pb.AnnotateTextResponse) -> RedactResult:
    """As Redact answers."""
    response = pb.RedactResponse(**_common(found), text=found.redacted_text, findings=found.personal_data)
    return responses.redact_result(response)


def detect_language_result(found: pb.AnnotateTextResponse) -> DetectLanguageResult:
    """As DetectLanguage answers."""
    response = pb.DetectLanguageResponse(context=found.context, timings=found.timings, languages=found.languages)
    return responses.detect_language_result(response)


def _common(found: pb.AnnotateTextResponse) -> dict[str, Any]:
    return {"context": found.context, "models": found.models, "timings": found.timings}
