"""Requests of the text service, the whole of it, on stand-ins for its models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import numpy as np
from google.protobuf.message import Message

from fuzz.requests import finish, requests
from sensorium.text.v1 import text_service_pb2 as text
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_text import models
from sensorium_text.domain import Floats, Ids
from sensorium_text.pipeline import make_pipeline
from sensorium_text.servicer import TextServicer
from sensorium_text.settings import TextSettings
from services.text.standins import Served, letters, text_models

_NAMES = ("O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-SURNAME", "B-CITY", "B-TAX_ID")


def _labelled(ids: Ids) -> Floats:
    """Each class for as long as a token's number asks for it; so any row of labels can come out."""
    rows: Floats = np.full((*ids.shape, len(_NAMES)), 0.02, np.float32)
    np.put_along_axis(rows, (ids % len(_NAMES))[..., None], 0.9, -1)
    return rows


def _scores(ids: Ids) -> Floats:
    return np.tile(np.array([[0.7, 0.3]], np.float32), (len(ids), 1))


class _TextMethods:
    """The text service on stand-ins."""

    def __init__(self) -> None:
        work, metrics = BoundedExecutor(2, 100, Metrics()), Metrics()
        available = text_models(
            work,
            metrics,
            (Served(models.MULTILINGUAL_EMBEDDER, letters), "embed", {}),
            (Served(models.ENGLISH_EMBEDDER, letters), "embed", {}),
            (Served(models.CLASSIFIER, _scores, dims=(-1, 2), labels=("a", "b")), "classify", {}),
            (Served(models.PERSONAL_DATA, _labelled, dims=(-1, -1, 6), labels=_NAMES), "personal_data", {}),
            (Served(models.ENTITIES, _labelled, dims=(-1, -1, 6), labels=_NAMES), "entities", {}),
        )
        self.servicer = TextServicer(make_pipeline(available, TextSettings(), work), cast(Any, None))

    async def answer(self, message: Any) -> None:
        name = message.DESCRIPTOR.name.removesuffix("Request")
        if name.startswith(("Stream", "List")):
            return
        method: Callable[[Any, Any], Awaitable[Message]] = getattr(self.servicer, name)
        response = await method(message, None)
        response.SerializeToString()  # nothing in it that cannot leave, such as half a surrogate pair


_texts: list[_TextMethods] = []


def _answer_text(message: Any) -> None:
    if not _texts:
        _texts.append(_TextMethods())
    finish(_texts[0].answer(message))


_SENTENCE = "Kara Dunlap (k@x.de, +49 731 5551234) replaced bearing 6204-2RS of P-101 on 2024-03-05: 12.5 bar, 80 °C."
_CHINESE = "张伟更换了二号泵的轴承,压力12.5兆帕,电话13812345678。"


def _text_samples() -> list[Message]:
    key: Any = {"secret": bytes(range(64))}
    gazetteer: Any = {"name": "machine", "entries": [{"name": "Press 4", "synonyms": ["二号泵"]}]}
    entities: Any = {"patterns": [{"name": "order", "pattern": "WO-([0-9]{6})"}], "gazetteers": [gazetteer]}
    labels: Any = {"labels": [{"name": "leak", "examples": ["oil drips", "leaks"]}, {"name": "noise"}]}
    every: Any = {
        "embed": {},
        "classify": {"label_set": labels},
        "extract_entities": entities,
        "redact": {"mode": 3, "key": key},
        "summarize": {"max_sentences": 1},
        "detect_language": {},
    }
    return [
        text.EmbedRequest(texts=[_SENTENCE, _CHINESE]),
        text.RankRequest(query="bearing pump", documents=[_SENTENCE, _CHINESE], options={"lexical_weight": 0.5}),
        text.ClassifyRequest(texts=[_SENTENCE], options={"label_set": labels}),
        text.ExtractEntitiesRequest(text=_SENTENCE, options=entities, encoding_type=text.ENCODING_TYPE_UTF16),
        text.ExtractEntitiesRequest(text=_CHINESE, options=entities, encoding_type=text.ENCODING_TYPE_UTF8),
        text.RedactRequest(text=_SENTENCE, options={"mode": 2, "types": [1, 2, 3, 4, 5, 6, 7, 8]}),
        text.RedactRequest(text=_CHINESE, options={"mode": 3, "key": key}),
        text.RestoreRequest(text="<PERSON_NAME:AAAAAAAAAAAAAAAAAAAAAAAAAAAA> came", key=key),
        text.SummarizeRequest(documents=[_SENTENCE * 3, _CHINESE * 3], options={"max_sentences": 2}),
        text.DetectLanguageRequest(text=_CHINESE),
        text.AnnotateTextRequest(text=_SENTENCE, options=every, encoding_type=text.ENCODING_TYPE_UTF32),
        text.ExplainRequest(classification={"text": _SENTENCE, "label": "leak", "options": {"label_set": labels}}),
        text.ExplainRequest(ranking={"query": "bearing", "document": _SENTENCE}),
        text.StreamAnnotateTextRequest(config={"options": every}),
    ]


text_requests = requests(text, _answer_text, _text_samples())
