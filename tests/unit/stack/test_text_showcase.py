"""What the text service shows of itself, against a service that answers by rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.type.v1 import model_pb2
from sensorium_client import TextClient
from sensorium_client.stack.report import OrdersMissingError, WorkOrder, page, survey
from sensorium_client.stack.showcases import _text, showcase
from unit.client.conftest import loop, script, serve  # noqa: F401 - fixtures
from unit.client.driver import Serve
from unit.client.scripted import Answer, Script

ORDERS = [
    WorkOrder("2004-07-01", "A", "bucket open", 100.0, "bucket open", held_out=True),
    WorkOrder("2003-07-01", "B", "oil leak", 5.0, "Hydraulics", held_out=True),
    WorkOrder("2005-07-01", "B", "oil leak", 7.0, "", held_out=False),
]


def classify(request: Any) -> Answer:
    found = pb.Classification(labels=[pb.Label(name="Engine", score=0.75)])
    return pb.ClassifyResponse(classifications=[found] * len(request.texts))


def rank(request: Any) -> Answer:
    results = [pb.RankResult(index=index, score=0.5) for index in range(min(5, len(request.documents)))]
    return pb.RankResponse(results=results)


def summarize(request: Any) -> Answer:
    sentence = pb.SummarySentence(span=pb.Span(text=request.documents[0]))
    return pb.SummarizeResponse(summary=request.documents[0], sentences=[sentence])


def explain(request: Any) -> Answer:
    tokens = [pb.TokenContribution(span=pb.Span(text="oil", begin=0, end=3), contribution=0.5)]
    return pb.ExplainResponse(label="Engine", score=0.75, contributions=tokens)


ANSWERS: dict[type, Any] = {
    pb.EmbedRequest: lambda request: pb.EmbedResponse(
        embeddings=[pb.Embedding(values=[1.0, 0.0]) for _ in request.texts]
    ),
    pb.RankRequest: rank,
    pb.ClassifyRequest: classify,
    pb.ExtractEntitiesRequest: lambda request: pb.ExtractEntitiesResponse(
        entities=[pb.Entity(type=pb.ENTITY_TYPE_DATE, span=pb.Span(text="May", begin=0, end=3))]
    ),
    pb.RedactRequest: lambda request: pb.RedactResponse(text=f"<{request.text}>"),
    pb.RestoreRequest: lambda request: pb.RestoreResponse(text=request.text[1:-1]),
    pb.SummarizeRequest: summarize,
    pb.DetectLanguageRequest: lambda request: pb.DetectLanguageResponse(
        languages=[pb.DetectedLanguage(language_code="zh", confidence=1.0)]
    ),
    pb.AnnotateTextRequest: lambda request: pb.AnnotateTextResponse(language_code="en"),
    pb.ExplainRequest: explain,
    pb.ListModelsRequest: lambda request: pb.ListModelsResponse(models=[model_pb2.Model(name="net", ready=True)]),
}


@pytest.fixture
def address(serve: Serve, script: Script) -> str:  # noqa: F811 - fixtures
    script.respond = lambda request: ANSWERS[type(request)](request)
    return serve(script)


def test_the_greeting_shows_three_answers(address: str) -> None:
    answers = [answer.answer for answer in showcase("text").greet(address)]
    assert len(answers) == 3
    assert answers[1] == "Engine 75%"
    assert not [answer for answer in answers if answer.startswith("failed")]


def test_the_demo_calls_every_method(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_text, "nestor_orders", lambda root: ORDERS)
    steps = list(showcase("text").demo(address, tmp_path))
    assert not [step for step in steps if step.failed]
    methods = {method.name for method in pb.DESCRIPTOR.services_by_name["TextService"].methods}
    assert {step.method for step in steps} == methods | {"report"}
    assert all(file.exists() for step in steps for file in step.files)
    assert len({file for step in steps for file in step.files}) == sum(len(step.files) for step in steps)
    assert "<h1>What 3 work orders say</h1>" in (tmp_path / "text-report.html").read_text()
    assert json.loads((tmp_path / "text-report.json").read_text())["orders"] == 3


def test_a_call_that_fails_is_a_step_like_the_others(
    address: str,
    script: Script,  # noqa: F811 - a fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_: Path) -> list[WorkOrder]:
        raise OrdersMissingError("no network")

    monkeypatch.setattr(_text, "nestor_orders", missing)
    script.respond = lambda request: (
        grpc.StatusCode.INTERNAL if isinstance(request, pb.EmbedRequest) else ANSWERS[type(request)](request)
    )
    failed = [(step.method, step.answer) for step in showcase("text").demo(address, tmp_path) if step.failed]
    assert failed == [("Embed", "failed: no details"), ("report", "failed: no network")]


def test_a_survey_adds_up(address: str) -> None:
    with TextClient(address) as client:
        found = survey(client, ORDERS)
    assert (found.orders, found.first, found.last, found.assets, found.cost) == (
        3,
        "2003-07-01",
        "2005-07-01",
        2,
        112.0,
    )
    assert [(row.name, row.orders, row.cost, row.by_year) for row in found.classes] == [
        ("oil leak", 2, 12.0, {"2003": 1, "2005": 1}),
        ("bucket open", 1, 100.0, {"2004": 1}),
    ]
    assert (found.held_out, found.held_out_right) == (1, 1)
    assert found.languages == {"en": 3}
    assert [answer.text for answer in found.similar[0].answers] == ["bucket open", "oil leak"]
    assert [(each.type, each.count, each.examples) for each in found.named] == [
        ("date", 3, {"OIL LEAK": 2, "BUCKET OPEN": 1})
    ]
    assert found.summary_of == "the last 1 orders of excavator A, which has cost most"
    assert found.restored
    assert (found.explained_label, found.explained_score) == ("Engine", 0.75)
    assert page(found)
