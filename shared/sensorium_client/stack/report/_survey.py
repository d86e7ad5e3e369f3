"""Asks the text service everything that the page tells."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from sensorium_client import (
    ClassifyTextOptions,
    ClassifyTextResult,
    DetectLanguageOptions,
    EmbedTextOptions,
    EntityType,
    ExtractEntitiesOptions,
    Gazetteer,
    TextClient,
)
from sensorium_client._results import Float32Array
from sensorium_client._text.options import TextFeature
from sensorium_client.stack.report._findings import UNKNOWN, Answer, ClassRow, Mark, Named, Read, Similar, Survey
from sensorium_client.stack.report._orders import WorkOrder
from sensorium_client.stack.texts import COMPONENTS, NEW_REPORTS, OWN_CLASSES

__all__ = ["survey"]

_KEY = bytes(range(64))  # of the example; a real key is random and secret
_NEAREST = 200  # past orders that a ranking looks at, chosen by their embeddings
_SHOWN = 5
_NAMES_IN = 1000  # newest orders that entities are looked for in
_SUMMARIZED = 64
_NAMED_TYPES = (
    EntityType.DATE,
    EntityType.PART_NUMBER,
    EntityType.SERIAL_NUMBER,
    EntityType.EQUIPMENT_TAG,
    EntityType.QUANTITY,
    EntityType.ERROR_CODE,
    EntityType.CUSTOM,
)


def survey(client: TextClient, orders: Sequence[WorkOrder]) -> Survey:
    """Ask the service about a log.

    Raises:
        SensoriumError: it does not answer.
    """
    found = Survey(
        orders=len(orders),
        first=min(order.date for order in orders),
        last=max(order.date for order in orders),
        assets=len({order.asset for order in orders}),
        cost=sum(order.cost for order in orders),
    )
    start = time.perf_counter()
    reads, vectors = _read(client, orders, found)
    found.seconds = time.perf_counter() - start
    _classes(found, reads)
    _own_classes(client, found, [read.order for read in reads if read.unknown])
    found.languages = dict(Counter(read.language for read in reads).most_common())
    found.similar = [_similar(client, report, orders, vectors) for report in NEW_REPORTS]
    _names(client, found, sorted(orders, key=lambda order: order.date)[-_NAMES_IN:])
    _summary(client, found, orders)
    _note(client, found)
    _explanation(client, found, reads)
    return found


def _read(client: TextClient, orders: Sequence[WorkOrder], found: Survey) -> tuple[list[Read], Float32Array]:
    features: list[TextFeature] = [ClassifyTextOptions(top_k=1), EmbedTextOptions(), DetectLanguageOptions(top_k=1)]
    reads, vectors = [], []
    for order, item in zip(orders, client.annotate_stream([o.text for o in orders], features), strict=True):
        if item.error is not None:
            raise item.error
        answer = item.annotation
        assert answer is not None
        assert answer.classification is not None
        assert answer.embedding is not None
        found.models |= {model.name: model.version for model in answer.models}
        (label,) = answer.classification.labels
        language = answer.languages[0].language_code
        reads.append(Read(order, label.name, label.score, answer.classification.unknown, language))
        vectors.append(answer.embedding.values)
    return reads, np.stack(vectors)


def _classes(found: Survey, reads: Sequence[Read]) -> None:
    found.classes = _rows([(read.shown_label, read.score, read.order) for read in reads])
    known = {read.label for read in reads}
    tested = [read for read in reads if read.order.held_out and read.order.system in known]
    found.held_out = len(tested)
    found.held_out_right = sum(read.label == read.order.system for read in tested)
    unknown = dict.fromkeys(read.order.text for read in reads if read.unknown)
    found.unknown_examples = list(unknown)[:: max(1, len(unknown) // 12)][:12]


def _own_classes(client: TextClient, found: Survey, orders: Sequence[WorkOrder]) -> None:
    labelled: list[tuple[str, float, WorkOrder]] = []
    for begin in range(0, len(orders), 512):
        part = orders[begin : begin + 512]
        answer: ClassifyTextResult = client.classify([order.text for order in part], labels=OWN_CLASSES, top_k=1)
        found.models |= {model.name: model.version for model in answer.models}
        for order, classification in zip(part, answer.classifications, strict=True):
            (label,) = classification.labels
            labelled.append((UNKNOWN if classification.unknown else label.name, label.score, order))
    found.own_classes = _rows(labelled)


def _rows(labelled: Sequence[tuple[str, float, WorkOrder]]) -> list[ClassRow]:
    groups: defaultdict[str, list[tuple[float, WorkOrder]]] = defaultdict(list)
    for name, score, order in labelled:
        groups[name].append((score, order))
    rows = [
        ClassRow(
            name=name,
            orders=len(group),
            cost=sum(order.cost for _, order in group),
            mean_score=sum(score for score, _ in group) / len(group),
            by_year=dict(sorted(Counter(order.date[:4] for _, order in group).items())),
        )
        for name, group in groups.items()
    ]
    return sorted(rows, key=lambda row: (row.name == UNKNOWN, -row.orders))


def _similar(client: TextClient, report: str, orders: Sequence[WorkOrder], vectors: Float32Array) -> Similar:
    """The nearest by embeddings, each wording once, then in the order of Rank, which looks at the words, too."""
    query = client.embed(report).embeddings[0].values
    by_text = {orders[place].text.upper(): orders[place] for place in np.argsort(vectors @ query)[-4 * _NEAREST :]}
    nearest = list(by_text.values())[-_NEAREST:]
    ranking = client.rank(report, [order.text for order in nearest], top_k=_SHOWN)
    answers = [
        Answer(
            date=nearest[result.index].date,
            asset=nearest[result.index].asset,
            text=nearest[result.index].text,
            cost=nearest[result.index].cost,
            score=result.score,
            matched=[(span.begin, span.end) for match in result.matches for span in match.spans],
        )
        for result in ranking.results
    ]
    return Similar(report, answers)


def _names(client: TextClient, found: Survey, orders: Sequence[WorkOrder]) -> None:
    """What the plant's own list and pattern and the rules find; nobody is named in these orders."""
    plant = [Gazetteer("component", COMPONENTS)]
    options = ExtractEntitiesOptions(_NAMED_TYPES, patterns={"excavator": r"(?i)\bSHD ?\d+\b"}, gazetteers=plant)
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in client.annotate_stream([order.text for order in orders], [options], language_code="en"):
        if item.error is not None:
            raise item.error
        assert item.annotation is not None
        for entity in item.annotation.entities:
            kind = entity.name or entity.type.name.lower().replace("_", " ")
            groups[kind][entity.normalized or entity.span.text.upper()] += 1
    found.named_in = len(orders)
    found.named = [
        Named(kind, names.total(), dict(names.most_common(12)))
        for kind, names in sorted(groups.items(), key=lambda group: -group[1].total())
    ]


def _summary(client: TextClient, found: Survey, orders: Sequence[WorkOrder]) -> None:
    costs: Counter[str] = Counter()
    for order in orders:
        costs[order.asset] += round(order.cost)
    asset = costs.most_common(1)[0][0]
    own = sorted((order for order in orders if order.asset == asset), key=lambda order: order.date)[-_SUMMARIZED:]
    answer = client.summarize([order.text for order in own], max_sentences=_SHOWN)
    found.summary_of = f"the last {len(own)} orders of excavator {asset}, which has cost most"
    found.summary = [sentence.span.text for sentence in answer.sentences]


def _note(client: TextClient, found: Survey) -> None:
    entities = client.extract_entities(found.note)
    found.note_entities = [Mark(each.span.begin, each.span.end, each.type.name.lower()) for each in entities.entities]
    found.note_summary = [each.span.text for each in client.summarize(found.note, max_sentences=2).sentences]
    found.masked = client.redact(found.note).text
    found.pseudonymized = client.redact(found.note, key=_KEY).text
    found.restored = client.restore(found.pseudonymized, _KEY).text == found.note
    found.models |= {model.name: model.version for model in entities.models}


def _explanation(client: TextClient, found: Survey, reads: Sequence[Read]) -> None:
    """Of the longest order in plain words that the head is sure of."""
    sure = [read for read in reads if read.score > 0.9 and read.order.text.replace(" ", "").isalpha()]
    chosen = max(sure or reads, key=lambda read: len(read.order.text))
    answer = client.explain(chosen.order.text)
    found.explained, found.explained_label, found.explained_score = chosen.order.text, answer.label, answer.score
    found.explanation = [
        Mark(token.span.begin, token.span.end, token.span.text, token.contribution) for token in answer.contributions
    ]
