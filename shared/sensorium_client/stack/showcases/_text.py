"""The text service on what a plant writes."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from sensorium_client import (
    AnnotateTextResult,
    ClassifyTextResult,
    DetectLanguageResult,
    EmbedTextResult,
    ExplainResult,
    ExtractEntitiesResult,
    RankResult,
    RedactResult,
    RestoreResult,
    Result,
    SensoriumError,
    SummarizeResult,
    TextClient,
    TextItem,
    TextItemResult,
)
from sensorium_client.stack.report import OrdersMissingError, nestor_orders, page, survey
from sensorium_client.stack.showcases._showcase import Answer, Showcase, Step, answered, models_step
from sensorium_client.stack.texts import FAULTS, OWN_CLASSES, SHIFT_NOTE, SHIFT_NOTE_CHINESE

_DEADLINE = 20.0
_KEY = bytes(range(64))  # of the example; a real key is random and secret

Ask: TypeAlias = Callable[[TextClient], Result]


def greet(address: str) -> Iterator[Answer]:
    """Send a request of each kind."""
    with TextClient(address, deadline=_DEADLINE) as client:
        for subject, asked, ask in _GREETINGS:
            yield answered(subject, asked, functools.partial(ask, client), summary)


def demo(address: str, folder: Path) -> Iterator[Step]:
    """Call each method, write the JSON into `folder`, then the report over real work orders, and tell of each.

    Raises:
        SensoriumError: The stream or the list of models failed; another call that fails is a step like the others.
    """
    with TextClient(address) as client:
        for method, name, ask in _CALLS:
            yield _one(folder, method, name, functools.partial(ask, client))
        yield _stream(client, folder)
        yield models_step(client, folder / "text-list-models.json")
        yield _report(client, folder)


def summary(result: Result) -> str:
    """What a result says, in a few lines."""
    return _SUMMARIES[type(result)](result)


def _ranking(result: RankResult) -> str:
    return "\n".join(f"{_RANKED[each.index]} {each.score:.0%}" for each in result.results[:2])


def _classes(result: ClassifyTextResult) -> str:
    return "\n".join(
        "unknown" if each.unknown else f"{each.labels[0].name} {each.labels[0].score:.0%}"
        for each in result.classifications
    )


def _vectors(result: EmbedTextResult) -> str:
    return f"{len(result.embeddings)} vectors of {len(result.embeddings[0].values)} numbers"


def _entities(result: ExtractEntitiesResult) -> str:
    return "\n".join(f"{each.type.name.lower().replace('_', ' ')}: {each.span.text}" for each in result.entities)


def _annotation(result: AnnotateTextResult) -> str:
    return f"{result.language_code}, {len(result.entities)} entities, {len(result.personal_data)} personal data"


def _explanation(result: ExplainResult) -> str:
    strongest = max(result.contributions, key=lambda token: token.contribution)
    return f"{result.label} {result.score:.0%}, most by {strongest.span.text!r}"


def _one(folder: Path, method: str, name: str, ask: Callable[[], Result]) -> Step:
    start = time.perf_counter()
    try:
        result = ask()
    except SensoriumError as error:
        return Step(method, name, f"failed: {error}", time.perf_counter() - start, failed=True)
    seconds = time.perf_counter() - start
    file = folder / f"text-{method.lower()}-{name}.json"
    file.write_text(result.to_json() + "\n", encoding="utf-8")
    return Step(method, name, summary(result), seconds, (file,))


def _stream(client: TextClient, folder: Path) -> Step:
    """Good texts, and in their midst one that is empty: it is refused and ends nothing."""
    texts = [TextItem(text, str(number)) for number, text in enumerate(FAULTS, 1)]
    texts.insert(1, TextItem("", "empty"))
    start = time.perf_counter()
    results = list(client.annotate_stream(texts))
    seconds = time.perf_counter() - start
    file = folder / "text-stream.json"
    lines = [result.annotation.to_json() for result in results if result.annotation is not None]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Step("StreamAnnotateText", f"{len(texts)} texts", "\n".join(map(_told, results)), seconds, (file,))


def _told(result: TextItemResult) -> str:
    if result.annotation is None:
        return f"{result.item_id}: refused: {result.error}"
    classification = result.annotation.classification
    assert classification is not None
    label = classification.labels[0]
    return f"{result.item_id}: {'unknown' if classification.unknown else label.name}"


def _report(client: TextClient, folder: Path) -> Step:
    start = time.perf_counter()
    try:
        found = survey(client, nestor_orders(Path.cwd()))
    except (OrdersMissingError, SensoriumError) as error:
        return Step("report", "work orders", f"failed: {error}", time.perf_counter() - start, failed=True)
    files = folder / "text-report.html", folder / "text-report.json"
    files[0].write_text(page(found), encoding="utf-8")
    files[1].write_text(json.dumps(found.to_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    top = found.classes[0]
    answer = f"{found.orders:,} orders read, {found.orders / found.seconds:.0f} a second; most are about: {top.name}"
    return Step("report", "work orders", answer, time.perf_counter() - start, files)


_RANKED = (
    "hydraulic oil leaks at the boom cylinder",
    "replace the air filter of the engine",
    "cab door handle is broken",
)
_SUMMARIES: dict[type[Result], Callable[[Any], str]] = {
    RankResult: _ranking,
    ClassifyTextResult: _classes,
    EmbedTextResult: _vectors,
    ExtractEntitiesResult: _entities,
    RedactResult: lambda result: str(result.text),
    RestoreResult: lambda result: str(result.text),
    SummarizeResult: lambda result: str(result.summary),
    DetectLanguageResult: lambda result: f"{result.languages[0].language_code} {result.languages[0].confidence:.0%}",
    AnnotateTextResult: _annotation,
    ExplainResult: _explanation,
}
_GREETINGS: tuple[tuple[str, str, Ask], ...] = (
    ("液压油泄漏", "rank 3 English orders", lambda client: client.rank("液压油泄漏", _RANKED)),
    ("bucket won't open", "classify", lambda client: client.classify("bucket won't open")),
    (
        "a shift note",
        "redact",
        lambda client: client.redact("John Miller (+49 30 901820) replaced the seal of P-101A, S/N 4711-0815"),
    ),
)
_CALLS: tuple[tuple[str, str, Ask], ...] = (
    ("Embed", "faults", lambda client: client.embed(FAULTS)),
    ("Rank", "chinese-to-english", lambda client: client.rank("液压油泄漏", _RANKED)),
    ("Classify", "faults", lambda client: client.classify(FAULTS)),
    ("Classify", "own-classes", lambda client: client.classify(FAULTS, labels=OWN_CLASSES)),
    ("ExtractEntities", "note", lambda client: client.extract_entities(SHIFT_NOTE)),
    ("ExtractEntities", "chinese-note", lambda client: client.extract_entities(SHIFT_NOTE_CHINESE)),
    ("Redact", "note", lambda client: client.redact(SHIFT_NOTE)),
    ("Redact", "chinese-note", lambda client: client.redact(SHIFT_NOTE_CHINESE)),
    ("Restore", "note", lambda client: client.restore(client.redact(SHIFT_NOTE, key=_KEY).text, _KEY)),
    ("Summarize", "note", lambda client: client.summarize(SHIFT_NOTE, max_sentences=2)),
    ("DetectLanguage", "chinese-note", lambda client: client.detect_language(SHIFT_NOTE_CHINESE)),
    ("AnnotateText", "note", lambda client: client.annotate(SHIFT_NOTE)),
    ("Explain", "fault", lambda client: client.explain(FAULTS[0])),
)

SHOWCASE = Showcase("text", greet, demo, "text classify TEXT")
