import pytest

from sensorium_core.errors import InvalidInputError, NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_text.domain import Span, SummarizeOptions, SummarySentence
from sensorium_text.summarizing import Summarizer
from services.text.embedders import recorded, told
from services.text.reports import REPORTS, Report

PUMP, FAN, COFFEE = (1.0, 0.0, 0.0), (0.6, 0.8, 0.0), (0.0, 0.0, 1.0)
MEANINGS = {
    "The pump leaks.": PUMP,
    "Its seal is worn.": FAN,
    "Coffee is ready.": COFFEE,
    "It was replaced.": (0.8, 0.6),
}


def options(sentences: int | None = None, characters: int | None = None, model: str = "") -> SummarizeOptions:
    return SummarizeOptions(model, "options", sentences, characters)


async def summarize(
    work: BoundedExecutor, documents: list[str], wanted: SummarizeOptions, language: str = "en"
) -> list[SummarySentence]:
    embedder, _ = told(MEANINGS)
    return await Summarizer(embedder, work).summarize(documents, language, wanted)


async def test_the_central_sentences_in_their_order(work: BoundedExecutor) -> None:
    text = "Coffee is ready. The pump leaks.\n\nIts seal is worn. It was replaced."
    first, second = await summarize(work, [text], options(sentences=2))
    assert (first.span.of(text), second.span.of(text)) == ("The pump leaks.", "It was replaced.")
    assert first.score == pytest.approx((1 + 0.6**2 + 0.8**2) / (1 + 0.8**2 + 0.96**2), rel=1e-4)
    assert second.score == 1


async def test_sentences_of_many_documents(work: BoundedExecutor) -> None:
    documents = ["Coffee is ready.", "The pump leaks. It was replaced.", "Its seal is worn."]
    summary = await summarize(work, documents, options(sentences=3))
    assert [(sentence.document_index, sentence.span) for sentence in summary] == [
        (0, Span(0, 16)),
        (1, Span(0, 15)),
        (1, Span(16, 32)),
    ]


async def test_as_many_characters_as_fit(work: BoundedExecutor) -> None:
    text = "Its seal is worn. The pump leaks. It was replaced. Coffee is ready."
    summary = await summarize(work, [text], options(characters=32))
    assert "\n".join(sentence.span.of(text) for sentence in summary) == "The pump leaks.\nIt was replaced."
    (only,) = await summarize(work, [text], options(characters=31))
    assert only.span.of(text) == "It was replaced."


async def test_the_highest_score_is_1_also_where_the_best_sentence_does_not_fit(work: BoundedExecutor) -> None:
    text = "The pump leaks. The pump leaks and leaks and leaks and leaks."
    summary = await summarize(work, [text], options(characters=20))
    assert summary == [SummarySentence(0, Span(0, 15), 1.0)]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.language)
async def test_a_report_s_summary_tells_cause_and_action_and_no_small_talk(
    work: BoundedExecutor, report: Report
) -> None:
    summarizer = Summarizer(recorded(), work)
    for count in (3, 4, 5, 6):
        found = await summarizer.summarize([report.text], report.language, options(sentences=count))
        assert [sentence.span for sentence in found] == sorted(sentence.span for sentence in found)
        summary = "\n".join(sentence.span.of(report.text) for sentence in found)
        assert len(found) == count
        assert not [words for words in report.small_talk if words in summary]
        if count > 3:
            assert any(words in summary for words in report.cause)
            assert any(words in summary for words in report.action)


@pytest.mark.parametrize("document", ["The pump leaks from its seal again.", "---", " ", "\n\n", "。"])
async def test_where_nothing_fits_or_nothing_is_said_the_summary_is_empty(work: BoundedExecutor, document: str) -> None:
    assert await summarize(work, [document], options(characters=20)) == []


async def test_one_sentence_is_its_own_summary(work: BoundedExecutor) -> None:
    assert await summarize(work, ["Pump leaks"], options(sentences=3)) == [SummarySentence(0, Span(0, 10), 1.0)]


async def test_entries_that_say_the_same_are_told_once(work: BoundedExecutor) -> None:
    log = "\n".join(["08:00 E-204 raised"] * 50)
    assert await summarize(work, [log], options(sentences=3)) == [SummarySentence(0, Span(0, 18), 1.0)]


async def test_ruled_lines_are_no_sentences(work: BoundedExecutor) -> None:
    embedder, told_embedder = told(MEANINGS)
    await Summarizer(embedder, work).summarize(["The pump leaks.\n-----\n*****"], "en", options(sentences=5))
    assert told_embedder.texts == ["The pump leaks."]


async def test_two_thousand_sentences_and_no_more(work: BoundedExecutor) -> None:
    embedder, told_embedder = told(MEANINGS)
    summarizer = Summarizer(embedder, work)
    documents = ["The pump leaks. " * 1000, "Coffee is ready. " * 1000]
    assert len(await summarizer.summarize(documents, "en", options(sentences=5))) == 2
    told_embedder.texts.clear()
    with pytest.raises(InvalidInputError) as caught:
        await summarizer.summarize([*documents, "One more."], "en", options(sentences=5), field="text")
    assert (caught.value.reason, caught.value.metadata) == ("TOO_MANY_SENTENCES", {"limit": "2000"})
    assert caught.value.violations[0].field == "text"
    assert told_embedder.texts == []


async def test_an_unknown_model_is_refused_before_any_work(work: BoundedExecutor) -> None:
    with pytest.raises(NotFoundError, match=r"options\.model"):
        await summarize(work, ["One. " * 3000], options(sentences=1, model="other"))
