"""The text service's unary methods, described once for both clients: arguments, request, how the response is read.

The functions here become the methods of `TextClient` and `AsyncTextClient`, documentation included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client._call import Call
from sensorium_client._context import RequestContext, context_message
from sensorium_client._message import Fields, build, invalid
from sensorium_client._text import responses
from sensorium_client._text.labels import Labels
from sensorium_client._text.options import (
    ALL_TEXT_FEATURES,
    ClassifyTextOptions,
    DetectLanguageOptions,
    EmbedTextOptions,
    EntityType,
    ExtractEntitiesOptions,
    Gazetteer,
    PersonalDataType,
    PseudonymKey,
    RankOptions,
    RedactMode,
    RedactOptions,
    SummarizeOptions,
    TextFeature,
    feature_fields,
    key_fields,
)
from sensorium_client._text.results import (
    AnnotateTextResult,
    ClassifyTextResult,
    DetectLanguageResult,
    EmbedTextResult,
    ExplainResult,
    ExtractEntitiesResult,
    RankResult,
    RedactResult,
    RestoreResult,
    SummarizeResult,
)

M = TypeVar("M", bound=Message)


def embed(
    texts: str | Sequence[str],
    *,
    model: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[EmbedTextResult]:
    """Turn texts into vectors of length 1; the dot product of two is the similarity of the texts.

    Args:
        texts: a text, or up to 512.
        model: name of the model; empty for the server's default.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    fields = {"texts": _several(texts), "options": EmbedTextOptions(model).to_fields()}
    request = _request(pb.EmbedRequest, context, fields)
    return Call(lambda stubs: stubs.service.Embed, request, responses.embed_result, deadline)


def rank(
    query: str,
    documents: str | Sequence[str],
    *,
    top_k: int = 0,
    lexical_weight: float | None = None,
    model: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[RankResult]:
    """Order documents by how well they answer a query, and say which words matched.

    Args:
        query: what is looked for.
        documents: where; up to 512.
        top_k: how many results at most; 0 for all.
        lexical_weight: share of the words' score in the score, 0 to 1; None for the server's default, 0.4.
        model: name of a model that embeds; empty for the server's default.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = RankOptions(model, top_k, lexical_weight).to_fields()
    fields = {"query": query, "documents": _several(documents), **_OFFSETS, "options": options}
    request = _request(pb.RankRequest, context, fields)
    return Call(lambda stubs: stubs.service.Rank, request, responses.rank_result, deadline)


def classify(
    texts: str | Sequence[str],
    *,
    labels: Labels | None = None,
    model: str = "",
    top_k: int = 0,
    unknown_threshold: float | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[ClassifyTextResult]:
    """Say which class texts belong to.

    Args:
        texts: a text, or up to 512.
        labels: the classes, by description (`{"leak": "oil or water escapes", "noise": "…"}`) or by a few examples each
            (`{"leak": ["hose is wet", …], "noise": […]}`); None for those of a trained head.
        model: name of the trained head or, with `labels`, of the model that embeds; empty for the server's default.
        top_k: how many labels at most; 0 for the server's default, 5.
        unknown_threshold: a text whose best label scores lower is marked as unknown; None for the server's default.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = ClassifyTextOptions(labels, model, top_k, unknown_threshold).to_fields()
    request = _request(pb.ClassifyRequest, context, {"texts": _several(texts), "options": options})
    return Call(lambda stubs: stubs.service.Classify, request, responses.classify_result, deadline)


def extract_entities(
    text: str,
    *,
    types: Sequence[EntityType] = (),
    min_confidence: float | None = None,
    patterns: Mapping[str, str] | None = None,
    gazetteers: Sequence[Gazetteer] = (),
    model: str = "",
    language_code: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[ExtractEntitiesResult]:
    """Find persons, places, organisations, dates, part and serial numbers, tags, quantities and codes in a text.

    Args:
        text: the text.
        types: only these; empty for all.
        min_confidence: leave out entities with a lower confidence, 0 to 1; None for the server's default, 0.5.
        patterns: regular expressions (RE2) by the name of what they find.
        gazetteers: lists of names of the caller's own.
        model: name of a model that finds names; empty for the server's default, which depends on the language.
        language_code: BCP 47 code of its language; empty to have it detected.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = ExtractEntitiesOptions(types, min_confidence, patterns or {}, gazetteers, model).to_fields()
    fields = {"text": text, "language_code": language_code, **_OFFSETS, "options": options}
    request = _request(pb.ExtractEntitiesRequest, context, fields)
    return Call(lambda stubs: stubs.service.ExtractEntities, request, responses.extract_entities_result, deadline)


def redact(
    text: str,
    *,
    mode: RedactMode = RedactMode.UNSPECIFIED,
    types: Sequence[PersonalDataType] = (),
    min_confidence: float | None = None,
    mask_character: str = "",
    key: PseudonymKey | None = None,
    model: str = "",
    language_code: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[RedactResult]:
    """Find personal data in a text and mask it or, with a key, replace it by pseudonyms.

    Args:
        text: the text.
        mode: what to do; by default PSEUDONYMIZE with a key, else MASK.
        types: only these; empty for the server's default set.
        min_confidence: leave alone what a model finds with a lower confidence, 0 to 1; None for the default, 0.5.
        mask_character: mask every character by this one instead of by the name of the type.
        key: of the pseudonyms: 32, 48 or 64 random bytes, or the name of a key that the service has.
        model: name of a model that finds personal data; empty for the server's default.
        language_code: BCP 47 code of its language; empty to have it detected.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = RedactOptions(mode, types, min_confidence, mask_character, key, model).to_fields()
    fields = {"text": text, "language_code": language_code, **_OFFSETS, "options": options}
    request = _request(pb.RedactRequest, context, fields)
    return Call(lambda stubs: stubs.service.Redact, request, responses.redact_result, deadline)


def restore(
    text: str,
    key: PseudonymKey,
    *,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[RestoreResult]:
    """Turn pseudonyms back into what they stand for.

    Args:
        text: a text with pseudonyms.
        key: under which they were made: its bytes, or its name in the service's configuration.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how. Under a wrong key nothing is restored.
    """
    request = _request(pb.RestoreRequest, context, {"text": text, "key": key_fields(key)})
    return Call(lambda stubs: stubs.service.Restore, request, responses.restore_result, deadline)


def summarize(
    documents: str | Sequence[str],
    *,
    max_sentences: int | None = None,
    max_characters: int | None = None,
    model: str = "",
    language_code: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[SummarizeResult]:
    """Pick the sentences that say most of one or many documents.

    Args:
        documents: a document, or up to 64.
        max_sentences: how many sentences at most; None for the server's default, 3.
        max_characters: how many characters at most, instead of sentences.
        model: name of a model that embeds; empty for the server's default.
        language_code: BCP 47 code of their language; empty to have it detected.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = SummarizeOptions(max_sentences, max_characters, model).to_fields()
    fields = {"documents": _several(documents), "language_code": language_code, **_OFFSETS, "options": options}
    request = _request(pb.SummarizeRequest, context, fields)
    return Call(lambda stubs: stubs.service.Summarize, request, responses.summarize_result, deadline)


def detect_language(
    text: str,
    *,
    top_k: int = 0,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[DetectLanguageResult]:
    """Say which language a text is written in.

    Args:
        text: the text.
        top_k: how many languages at most; 0 for the server's default, 3.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    fields = {"text": text, "options": DetectLanguageOptions(top_k).to_fields()}
    request = _request(pb.DetectLanguageRequest, context, fields)
    return Call(lambda stubs: stubs.service.DetectLanguage, request, responses.detect_language_result, deadline)


def annotate(
    text: str,
    features: Iterable[TextFeature] = ALL_TEXT_FEATURES,
    *,
    language_code: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[AnnotateTextResult]:
    """Compute several features of one text, which is analysed once.

    Args:
        text: the text.
        features: the options of each feature wanted, such as `[ClassifyTextOptions(top_k=3), RedactOptions()]`.
        language_code: BCP 47 code of its language; empty to have it detected where a feature depends on it.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    fields = {"text": text, "language_code": language_code, **_OFFSETS, "options": feature_fields(features)}
    request = _request(pb.AnnotateTextRequest, context, fields)
    return Call(lambda stubs: stubs.service.AnnotateText, request, responses.annotate_result, deadline)


def explain(
    text: str,
    *,
    label: str = "",
    labels: Labels | None = None,
    query: str | None = None,
    lexical_weight: float | None = None,
    model: str = "",
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[ExplainResult]:
    """Say how much each token of a text contributes to a class or, with a query, to its score as a document.

    Args:
        text: the text or document.
        label: name of the class; empty for the text's best one.
        labels: the classes, as `classify` takes them; None for those of a trained head.
        query: what the document is ranked by.
        lexical_weight: with `query`: as `rank` takes it.
        model: name of the trained head or, with `labels` or `query`, of the model that embeds; empty for the default.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        InvalidInputError: a query, and what only a class has; or the other way round.
        SensoriumError: the call failed; its class says how.
    """
    if query is not None and (label or labels is not None):
        raise invalid("target", "explain a class (label, labels) or a ranking (query), not both")
    if query is None and lexical_weight is not None:
        raise invalid("target", "lexical_weight belongs to a ranking: give its query")
    target: Fields
    if query is not None:
        options = RankOptions(model, lexical_weight=lexical_weight).to_fields()
        target = {"ranking": {"query": query, "document": text, "options": options}}
    else:
        options = ClassifyTextOptions(labels, model).to_fields()
        target = {"classification": {"text": text, "options": options, "label": label}}
    request = _request(pb.ExplainRequest, context, {**target, **_OFFSETS})
    return Call(lambda stubs: stubs.service.Explain, request, responses.explain_result, deadline)


_OFFSETS: Fields = {"encoding_type": pb.ENCODING_TYPE_UTF32}  # code points, as Python's strings count


def _request(kind: type[M], context: RequestContext | None, fields: Fields) -> M:
    return build(kind, {"context": context_message(context), **fields})


def _several(texts: str | Sequence[str]) -> Sequence[str]:
    return [texts] if isinstance(texts, str) else list(texts)
