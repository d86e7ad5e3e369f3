"""Ranks the documents of a request."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor
from sensorium_text.domain import EmbedOptions, Floats, RankOptions, RankResult
from sensorium_text.embedding import Embedder, matrix
from sensorium_text.language import LanguageDetector
from sensorium_text.models import ENGLISH_EMBEDDER
from sensorium_text.ranking._bm25 import Statistics, lexical_scores
from sensorium_text.ranking._fusion import fused, ranking, semantic_scores
from sensorium_text.ranking._terms import DocumentTerms, QueryTerm, document_terms, keys_of, query_terms
from sensorium_text.words import words

# So many characters are cut into words by one job of the executor: some 0.1 s, after which others have their turn and
# a caller who has gone ends the work.
_CHARACTERS_A_JOB = 100_000


class Ranker:
    """Orders documents by how well they answer a query: BM25 over all their words, and embeddings.

    Args:
        embedder: gives the embeddings; it reads as much of a document as its model does.
        detector: tells which texts are English.
        work: where words are found and compared.
    """

    def __init__(self, embedder: Embedder, detector: LanguageDetector, work: BoundedExecutor) -> None:
        self._embedder = embedder
        self._detector = detector
        self._work = work

    def check(self, options: RankOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._embedder.check(_embed_options(options))

    async def rank(self, query: str, documents: Sequence[str], options: RankOptions) -> list[RankResult]:
        """The documents, best first; equal ones in the order of the request."""
        (terms, found), semantic = await together(
            self._terms(query, documents), self._semantic(query, documents, options)
        )
        lexical = await self._work.run(Stage.POSTPROCESS, _lexical, terms, found, found)
        return await self._work.run(
            Stage.POSTPROCESS,
            ranking,
            terms,
            found,
            lexical=lexical,
            semantic=semantic,
            lexical_weight=options.lexical_weight,
            top_k=options.top_k,
        )

    async def scores(self, query: str, variants: Sequence[str], options: RankOptions) -> Floats:
        """Scores of variants of a document, `float32[N]`, each as if it were the request's only one.

        Args:
            query: what is looked for.
            variants: the document itself, then the same without some of its words. How much a word weighs is told by
                the first, so that the scores differ by what was left out and by nothing else.
            options: how to rank.
        """
        (terms, found), semantic = await together(
            self._terms(query, variants), self._semantic(query, variants, options)
        )
        lexical = await self._work.run(Stage.POSTPROCESS, _lexical, terms, found, found[:1])
        return fused(lexical, semantic, options.lexical_weight)

    async def _terms(self, query: str, documents: Sequence[str]) -> tuple[Sequence[QueryTerm], list[DocumentTerms]]:
        terms = await self._work.run(Stage.PREPROCESS, _query_terms, query)
        keys = keys_of(terms)
        found: list[DocumentTerms] = []
        for batch in _batches(documents):
            found += await self._work.run(Stage.PREPROCESS, _document_terms, batch, keys)
        return terms, found

    async def _semantic(self, query: str, documents: Sequence[str], options: RankOptions) -> Floats:
        """Similarities to the query, `float32[N]`.

        Where no model is named, English documents are also compared with an English query by the stronger English
        embedder, and the higher similarity counts: paraphrases that either of the two sees through are found, and
        documents in other languages keep their place beside them.
        """
        similarities = await self._similarities(query, documents, options)
        if options.model:
            return similarities
        english = await self._work.run(Stage.PREPROCESS, self._english, query, documents)
        if english:
            by_english = replace(options, model=ENGLISH_EMBEDDER)
            others = await self._similarities(query, [documents[place] for place in english], by_english)
            similarities[english] = np.maximum(similarities[english], others)
        return similarities

    async def _similarities(self, query: str, documents: Sequence[str], options: RankOptions) -> Floats:
        first, *others = await self._embedder.embed([query, *documents], _embed_options(options))
        return semantic_scores(first.values, matrix(others))

    def _english(self, query: str, documents: Sequence[str]) -> list[int]:
        """Places of the documents that are English, as the query is; none when it is not."""
        if not self._is_english(query):
            return []
        return [place for place, document in enumerate(documents) if self._is_english(document)]

    def _is_english(self, text: str) -> bool:
        return self._detector.detect(text, 1)[0].code == "en"


def _embed_options(options: RankOptions) -> EmbedOptions:
    return EmbedOptions(options.model, options.field)


def _batches(documents: Sequence[str]) -> Iterator[Sequence[str]]:
    begin, size = 0, 0
    for end, document in enumerate(documents):
        if size and size + len(document) > _CHARACTERS_A_JOB:
            yield documents[begin:end]
            begin, size = end, 0
        size += len(document)
    yield documents[begin:]


def _query_terms(query: str) -> tuple[QueryTerm, ...]:
    return query_terms(words(query, ""))


def _document_terms(documents: Sequence[str], keys: frozenset[str]) -> list[DocumentTerms]:
    return [document_terms(words(document, ""), keys) for document in documents]


def _lexical(
    query: Sequence[QueryTerm], documents: Sequence[DocumentTerms], collection: Sequence[DocumentTerms]
) -> Floats:
    return lexical_scores(query, documents, Statistics.of(query, collection))
