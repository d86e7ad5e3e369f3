"""Summarizes the documents of a request."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorium_core.call import Stage
from sensorium_core.errors import InvalidInputError
from sensorium_core.limits import BoundedExecutor
from sensorium_text.domain import EmbedOptions, Floats, Span, SummarizeOptions, SummarySentence
from sensorium_text.embedding import Embedder, matrix
from sensorium_text.sentences import sentences
from sensorium_text.summarizing._selection import Limits, centrality, select, similarities

# The similarities of so many sentences take 16 MB.
_MOST_SENTENCES = 2000
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class _Sentence:
    """A sentence and where it is."""

    document_index: int
    span: Span
    text: str


class Summarizer:
    """Picks the sentences that say most of documents.

    Args:
        embedder: gives the embeddings of sentences.
        work: where sentences are found and chosen.
    """

    def __init__(self, embedder: Embedder, work: BoundedExecutor) -> None:
        self._embedder = embedder
        self._work = work

    def check(self, options: SummarizeOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._embedder.check(_embed_options(options))

    async def summarize(
        self, documents: Sequence[str], language: str, options: SummarizeOptions, *, field: str = "documents"
    ) -> list[SummarySentence]:
        """The sentences of a summary, in the order of the documents; none where none fits.

        Args:
            documents: one or more texts.
            language: BCP 47 code of their language.
            options: how long the summary may be.
            field: path of the documents in the request, for errors.

        Raises:
            InvalidInputError: TOO_MANY_SENTENCES.
            NotFoundError: MODEL_NOT_FOUND.
        """
        self.check(options)
        found = await self._sentences(documents, language, field)
        if not found:
            return []
        embeddings = await self._embedder.embed([sentence.text for sentence in found], _embed_options(options))
        return await self._work.run(Stage.POSTPROCESS, _summary, found, matrix(embeddings), options)

    async def _sentences(self, documents: Sequence[str], language: str, field: str) -> list[_Sentence]:
        found: list[_Sentence] = []
        for index, document in enumerate(documents):
            found += await self._work.run(Stage.PREPROCESS, _sentences_of, index, document, language)
            if len(found) > _MOST_SENTENCES:
                raise InvalidInputError.field(
                    field,
                    f"has more than {_MOST_SENTENCES} sentences; summarize it in parts",
                    reason="TOO_MANY_SENTENCES",
                    limit=str(_MOST_SENTENCES),
                )
        return found


def _embed_options(options: SummarizeOptions) -> EmbedOptions:
    return EmbedOptions(options.model, options.field)


def _sentences_of(index: int, document: str, language: str) -> list[_Sentence]:
    """The sentences of a document, without those of nothing but punctuation, such as a ruled line."""
    texts = ((span, span.of(document)) for span in sentences(document, language))
    return [_Sentence(index, span, text) for span, text in texts if _LETTER_OR_DIGIT.search(text)]


def _summary(found: Sequence[_Sentence], embeddings: Floats, options: SummarizeOptions) -> list[SummarySentence]:
    similar = similarities(embeddings)
    worth = centrality(similar)
    lengths = np.array([len(sentence.text) for sentence in found])
    chosen = select(similar, worth, lengths, Limits(options.max_sentences, options.max_characters))
    highest = max((float(worth[place]) for place in chosen), default=1.0)
    return [
        SummarySentence(found[place].document_index, found[place].span, float(worth[place]) / highest)
        for place in sorted(chosen)
    ]
