import asyncio
from typing import Any

import pytest

from sensorium_core.errors import NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_text.domain import RankOptions, RankResult
from sensorium_text.language import LanguageDetector
from sensorium_text.ranking import Ranker
from services.text.embedders import recorded, told
from services.text.pairs import CHINESE_TO_ENGLISH, ENGLISH, ENGLISH_TO_CHINESE, PAIRS


def options(model: str = "", top_k: int = 0, lexical_weight: float = 0.4) -> RankOptions:
    return RankOptions(model, "options", top_k, lexical_weight)


PUMP, FAN, LAMP = (1, 0), (0.6, 0.8), (0, 1)


async def rank(
    work: BoundedExecutor, query: str, meanings: dict[str, tuple[float, ...]], **kwargs: Any
) -> list[RankResult]:
    embedder, _ = told({query: PUMP, **meanings})
    return await Ranker(embedder, LanguageDetector(), work).rank(query, list(meanings), options(**kwargs))


async def test_words_and_meaning_are_fused(work: BoundedExecutor) -> None:
    first, second = await rank(work, "pump P-101A", {"P-101B leaks": PUMP, "P-101A is loud": (0.8, 0.6)})
    assert (first.index, second.index) == (1, 0)
    assert first.semantic_score == pytest.approx(0.8)
    assert first.score == pytest.approx(0.4 * first.lexical_score + 0.6 * 0.8)
    assert [(match.term, [span.of("P-101A is loud") for span in match.spans]) for match in first.matches] == [
        ("p-101a", ["P-101A"])
    ]
    assert second.score == pytest.approx(0.4 * second.lexical_score + 0.6)


async def test_where_no_document_has_a_word_of_the_query_meaning_decides_alone(work: BoundedExecutor) -> None:
    results = await rank(work, "水泵漏水", {"lamp is dark": LAMP, "the pump leaks": PUMP, "fan is loud": FAN})
    assert [(result.index, result.matches) for result in results] == [(1, ()), (2, ()), (0, ())]
    assert [result.score for result in results] == pytest.approx([1, 0.6, 0])
    assert [result.lexical_score for result in results] == [0, 0, 0]


async def test_a_code_tells_documents_of_another_script_apart(work: BoundedExecutor) -> None:
    texts = ["Seal of P-102A replaced", "Seal of P-101A replaced", "更换P-103A的密封"]
    results = await rank(work, "更换P-101A的密封", dict.fromkeys(texts, FAN))
    assert results[0].index == 1


async def test_as_many_as_asked_for(work: BoundedExecutor) -> None:
    assert len(await rank(work, "pump", {"a": PUMP, "b": FAN, "c": LAMP}, top_k=2)) == 2
    assert len(await rank(work, "pump", {"a": PUMP, "b": FAN, "c": LAMP})) == 3


async def test_all_texts_are_embedded_in_one_go(work: BoundedExecutor) -> None:
    embedder, texts = told({})
    await Ranker(embedder, LanguageDetector(), work).rank("q", ["a", "b", "a"], options())
    assert texts.texts == ["q", "a", "b", "a"]


async def test_long_documents_are_searched_to_their_end(work: BoundedExecutor) -> None:
    long = "Nothing to report. " * 5_000
    results = await rank(work, "P-101A", {long: FAN, f"{long}P-101A stopped.": FAN, "short": FAN})
    assert results[0].index == 1
    assert results[0].matches[0].spans[0].begin == len(long)


class Counting(BoundedExecutor):
    """Tells when as many jobs have begun as were waited for."""

    def __init__(self, awaited: int) -> None:
        super().__init__(1, 10, Metrics())
        self.jobs = 0
        self.reached = asyncio.Event()
        self._awaited = awaited

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        self.jobs += 1
        if self.jobs == self._awaited:
            self.reached.set()
        return await super().run(*args, **kwargs)


async def test_a_caller_who_leaves_ends_the_work_on_many_long_documents() -> None:
    with Counting(awaited=4) as work:
        embedder, _ = told({})
        documents = ["seal of the pump " * 3_000] * 100
        ranking = asyncio.create_task(Ranker(embedder, LanguageDetector(), work).rank("seal", documents, options()))
        await work.reached.wait()
        ranking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ranking
        assert work.jobs == 4


async def test_variants_are_weighed_by_the_first(work: BoundedExecutor) -> None:
    document, without_pump, without_loud = "pump loud", "loud", "pump"
    meanings = dict.fromkeys([document, without_pump, without_loud], FAN)
    embedder, _ = told({"pumps": PUMP, **meanings})
    ranker = Ranker(embedder, LanguageDetector(), work)
    whole, less, same = (await ranker.scores("pumps", list(meanings), options())).tolist()
    (alone,) = await ranker.rank("pumps", [document], options())
    assert whole == pytest.approx(alone.score)
    assert less == pytest.approx(0.6 * 0.6)
    assert same >= whole


async def test_an_unknown_model_is_refused(work: BoundedExecutor) -> None:
    embedder, _ = told({})
    ranker = Ranker(embedder, LanguageDetector(), work)
    ranker.check(options())
    with pytest.raises(NotFoundError, match=r"options\.model"):
        ranker.check(options(model="other"))
    with pytest.raises(NotFoundError):
        await ranker.rank("pump", ["pump"], options(model="other"))


def test_there_are_twenty_pairs_in_three_directions() -> None:
    assert len(PAIRS) == len({pair.query for pair in PAIRS}) == len({pair.document for pair in PAIRS}) == 20
    assert min(len(ENGLISH), len(CHINESE_TO_ENGLISH), len(ENGLISH_TO_CHINESE)) >= 6


async def test_each_sentence_of_the_pairs_finds_its_partner_first(work: BoundedExecutor) -> None:
    ranker, documents = Ranker(recorded(), LanguageDetector(), work), [pair.document for pair in PAIRS]
    for place, pair in enumerate(PAIRS):
        best, *_ = await ranker.rank(pair.query, documents, options())
        assert best.index == place, pair


async def test_the_words_of_the_pairs_do_not_give_them_away(work: BoundedExecutor) -> None:
    """By their words alone not half of the pairs find each other: it takes embeddings."""
    documents = [pair.document for pair in PAIRS]
    embedder, _ = told(dict.fromkeys(documents, LAMP) | {pair.query: PUMP for pair in PAIRS})
    ranker = Ranker(embedder, LanguageDetector(), work)
    results = [await ranker.rank(pair.query, documents, options(lexical_weight=1)) for pair in PAIRS]
    found = [ranked[0].index == place and ranked[0].score > 0 for place, ranked in enumerate(results)]
    assert sum(found) < 10


async def test_english_documents_are_also_compared_by_the_english_model(work: BoundedExecutor) -> None:
    query, synonym, chinese = "the pump is leaking oil", "fluid drips from the machine", "液压泵漏油了"
    meanings = {query: (1.0,), synonym: (0.2, 1.0), chinese: (0.7, 0.7)}
    embedder, seen = told(meanings, english={query: (0.0, 1.0), synonym: (0.1, 1.0)})
    results = await Ranker(embedder, LanguageDetector(), work).rank(
        query, [chinese, synonym], options(lexical_weight=0)
    )
    assert [result.index for result in results] == [1, 0]
    assert [result.semantic_score for result in results] == pytest.approx([0.995, 0.707], abs=1e-3)
    assert seen.english_texts == [query, synonym]


async def test_a_named_model_is_the_only_one(work: BoundedExecutor) -> None:
    embedder, seen = told({})
    ranker = Ranker(embedder, LanguageDetector(), work)
    await ranker.rank("the pump is leaking oil", ["fluid drips from the machine"], options(model="minilm_l6"))
    assert seen.texts == []


async def test_a_query_in_another_language_is_compared_by_the_multilingual_model_alone(work: BoundedExecutor) -> None:
    embedder, seen = told({})
    await Ranker(embedder, LanguageDetector(), work).rank("液压泵漏油了", ["fluid drips from the machine"], options())
    assert seen.english_texts == []
