"""Words and meaning put together."""

from collections.abc import Sequence

import numpy as np

from sensorium_text.domain import Floats, RankResult
from sensorium_text.ranking._terms import DocumentTerms, QueryTerm, matches


def semantic_scores(query: Floats, documents: Floats) -> Floats:
    """Cosine similarity of embeddings of length 1, `float32[D]` with each of `float32[N,D]`: `float32[N]`, 0 to 1."""
    similarities: Floats = documents @ query
    return similarities.clip(0, 1)


def fused(lexical: Floats, semantic: Floats, lexical_weight: float) -> Floats:
    """The weighted mean of the scores; where no document has a word of the query, the semantic score alone."""
    if not lexical.any():
        return semantic
    return np.float32(lexical_weight) * lexical + np.float32(1 - lexical_weight) * semantic


def ranking(
    query: Sequence[QueryTerm],
    documents: Sequence[DocumentTerms],
    *,
    lexical: Floats,
    semantic: Floats,
    lexical_weight: float,
    top_k: int,
) -> list[RankResult]:
    """The best `top_k` documents by falling score, equal ones in their order; all for 0."""
    scores = fused(lexical, semantic, lexical_weight)
    order = np.argsort(-scores, kind="stable")
    return [
        RankResult(
            index, float(scores[index]), float(lexical[index]), float(semantic[index]), matches(query, documents[index])
        )
        for index in order[: top_k or len(order)].tolist()
    ]
