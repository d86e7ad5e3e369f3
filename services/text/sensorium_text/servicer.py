"""The gRPC servicer: converts, delegates, converts."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1 import text_service_pb2_grpc
from sensorium_core import responses
from sensorium_text import convert
from sensorium_text.pipeline import TextPipeline
from sensorium_text.streaming import TextStream

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["TextService"].full_name
Context = grpc.aio.ServicerContext[Any, Any]


class TextServicer(text_service_pb2_grpc.TextServiceServicer):
    """Serves `sensorium.text.v1.TextService` by a pipeline."""

    def __init__(self, pipeline: TextPipeline, stream: TextStream) -> None:
        self._pipeline = pipeline
        self._stream = stream

    async def Embed(self, request: pb.EmbedRequest, context: Context) -> pb.EmbedResponse:
        """The embeddings of texts."""
        found = await self._pipeline.embedder.embed(request.texts, convert.embed_options(request.options))
        return pb.EmbedResponse(
            embeddings=[convert.embedding(each) for each in found], **responses.common(request.context)
        )

    async def Rank(self, request: pb.RankRequest, context: Context) -> pb.RankResponse:
        """Documents in the order of their scores."""
        documents = list(request.documents)
        options = convert.rank_options(request.options)
        found = await self._pipeline.ranker.rank(request.query, documents, options)
        results = [convert.rank_result(each, documents[each.index], request.encoding_type) for each in found]
        return pb.RankResponse(results=results, **responses.common(request.context))

    async def Classify(self, request: pb.ClassifyRequest, context: Context) -> pb.ClassifyResponse:
        """The labels of texts."""
        options = convert.classify_options(request.options)
        found = await self._pipeline.classifier.classify(list(request.texts), options)
        return pb.ClassifyResponse(
            classifications=[convert.classification(each) for each in found], **responses.common(request.context)
        )

    async def ExtractEntities(self, request: pb.ExtractEntitiesRequest, context: Context) -> pb.ExtractEntitiesResponse:
        """The entities of a text."""
        options = convert.extract_entities_options(request.options)
        analysis = self._pipeline.analysis(request.text, request.language_code)
        found = await self._pipeline.extractor.extract(analysis, options)
        return pb.ExtractEntitiesResponse(
            language_code=analysis.known_language,
            entities=convert.entities(found, request.text, convert.offsets(request.text, request.encoding_type)),
            **responses.common(request.context),
        )

    async def Redact(self, request: pb.RedactRequest, context: Context) -> pb.RedactResponse:
        """A text without its personal data."""
        options = convert.redact_options(request.options)
        found = await self._pipeline.redactor.redact(
            self._pipeline.analysis(request.text, request.language_code), options
        )
        units, redacted_units = (convert.offsets(text, request.encoding_type) for text in (request.text, found.text))
        return pb.RedactResponse(
            text=found.text,
            findings=convert.personal_data(found.findings, request.text, units, found.text, redacted_units),
            **responses.common(request.context),
        )

    async def Restore(self, request: pb.RestoreRequest, context: Context) -> pb.RestoreResponse:
        """The text as it was before its data became pseudonyms."""
        found = await self._pipeline.redactor.restore(request.text, convert.pseudonym_key(request.key))
        return pb.RestoreResponse(
            text=found.text, restored_count=found.count, **responses.without_models(request.context)
        )

    async def Summarize(self, request: pb.SummarizeRequest, context: Context) -> pb.SummarizeResponse:
        """The sentences that say most."""
        documents = list(request.documents)
        options = convert.summarize_options(request.options)
        found = await self._pipeline.summarize(documents, request.language_code, options)
        return pb.SummarizeResponse(
            summary="\n".join(_on_one_line(each.span.of(documents[each.document_index])) for each in found),
            sentences=convert.sentences(found, documents, request.encoding_type),
            **responses.common(request.context),
        )

    async def DetectLanguage(self, request: pb.DetectLanguageRequest, context: Context) -> pb.DetectLanguageResponse:
        """The languages that a text may be written in."""
        found = await self._pipeline.languages(request.text, convert.detect_language_options(request.options))
        return pb.DetectLanguageResponse(
            languages=convert.languages(found), **responses.without_models(request.context)
        )

    async def AnnotateText(self, request: pb.AnnotateTextRequest, context: Context) -> pb.AnnotateTextResponse:
        """Any set of features of a text."""
        options = convert.annotate_options(request.options)
        found = await self._pipeline.annotate(request.text, request.language_code, options)
        return convert.annotate_response(request.context, request.text, request.encoding_type, found)

    async def StreamAnnotateText(
        self, request_iterator: AsyncIterator[pb.StreamAnnotateTextRequest], context: Context
    ) -> AsyncIterator[pb.StreamAnnotateTextResponse]:
        """The features of text after text."""
        async with aclosing(self._stream.annotate(request_iterator)) as found:
            async for response in found:
                yield response

    async def Explain(self, request: pb.ExplainRequest, context: Context) -> pb.ExplainResponse:
        """What each token contributes to a score."""
        if request.WhichOneof("target") == "classification":
            wanted = request.classification
            text = wanted.text
            classify = convert.classify_options(wanted.options, "classification.options")
            found = await self._pipeline.explainer.classification(text, classify, wanted.label)
        else:
            text = request.ranking.document
            rank = convert.rank_options(request.ranking.options, "ranking.options")
            found = await self._pipeline.explainer.ranking(request.ranking.query, text, rank)
        return pb.ExplainResponse(
            label=found.label,
            score=found.score,
            contributions=convert.contributions(found, text, convert.offsets(text, request.encoding_type)),
            **responses.common(request.context),
        )

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """The models in use."""
        return pb.ListModelsResponse(models=[convert.model(each) for each in self._pipeline.models])


def _on_one_line(sentence: str) -> str:
    return " ".join(sentence.split())
