from __future__ import annotations

import inspect
import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from google.protobuf import json_format
from numpy.testing import assert_array_equal

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client import (
    AsyncTextClient,
    ClassifyTextOptions,
    DetectedLanguage,
    DetectLanguageOptions,
    EmbedTextOptions,
    Entity,
    EntityType,
    ExtractEntitiesOptions,
    Gazetteer,
    InvalidInputError,
    Label,
    LabelDefinition,
    ModelUse,
    PersonalData,
    PersonalDataType,
    Quantity,
    RankedDocument,
    RankOptions,
    RedactMode,
    RedactOptions,
    RequestContext,
    Span,
    SummarizeOptions,
    SummarySentence,
    TermMatch,
    TextClient,
    TokenContribution,
)
from unit.client.driver import Driver
from unit.client.scripted import Script

CONTEXT = RequestContext("r1", "m1", "p1", "rec1", "prod1", "j1", "cell 7")
KEY = bytes(range(32))


def with_common(response: Any) -> Any:
    response.context.CopyFrom(CONTEXT.to_proto())
    response.models.add(name="net", version="3")
    response.timings.total.FromTimedelta(timedelta(milliseconds=6))
    return response


def span(text: str, begin: int) -> pb.Span:
    return pb.Span(text=text, begin=begin, end=begin + len(text))


def test_embed_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.EmbedResponse())
    response.embeddings.add(values=[0.5, -0.5], token_count=4)
    response.embeddings.add(values=[1.0, 0.0], token_count=9, truncated=True)
    script.then(response)
    result = client.call("embed", ["a", "b"], model="net", context=CONTEXT, deadline=7.0)
    options = pb.EmbedOptions(model="net")
    assert script.requests == [pb.EmbedRequest(context=CONTEXT.to_proto(), texts=["a", "b"], options=options)]
    assert (result.context, result.models) == (CONTEXT, (ModelUse("net", "3"),))
    assert result.timings.total == timedelta(milliseconds=6)
    assert_array_equal(result.matrix, np.array([[0.5, -0.5], [1, 0]], np.float32))
    assert [(found.token_count, found.truncated) for found in result.embeddings] == [(4, False), (9, True)]
    assert not result.embeddings[0].values.flags.writeable


@pytest.mark.parametrize("method", ["embed", "classify", "summarize"])
def test_a_single_text_is_one_text_and_not_its_characters(client: Driver, script: Script, method: str) -> None:
    script.then(
        {"embed": pb.EmbedResponse, "classify": pb.ClassifyResponse, "summarize": pb.SummarizeResponse}[method]()
    )
    client.call(method, "pump")
    (request,) = script.requests
    assert list(request.documents if method == "summarize" else request.texts) == ["pump"]


def test_rank_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.RankResponse())
    best = response.results.add(index=0, score=0.75, lexical_score=0.5, semantic_score=0.875)
    best.matches.add(term="oil", spans=[span("oils", 4)])
    response.results.add(index=1)
    script.then(response)
    result = client.call("rank", "oil", ["the oils", "b"], top_k=2, lexical_weight=0.0, model="net")
    (request,) = script.requests
    assert request == pb.RankRequest(
        query="oil",
        documents=["the oils", "b"],
        encoding_type=pb.ENCODING_TYPE_UTF32,
        options=pb.RankOptions(model="net", top_k=2, lexical_weight=0.0),
    )
    assert request.options.HasField("lexical_weight")
    first, second = result.results
    assert first == RankedDocument(0, 0.75, 0.5, 0.875, (TermMatch("oil", (Span("oils", 4, 8),)),))
    assert (second.index, second.matches) == (1, ())


def test_json_has_the_numbers_that_are_zero(client: Driver, script: Script) -> None:
    response = pb.RankResponse(results=[pb.RankResult(index=0, score=0.5)])
    script.then(response)
    text = client.call("rank", "oil", ["oil"]).to_json()
    (found,) = json.loads(text)["results"]
    assert (found["index"], found["score"]) == (0, 0.5)
    assert json_format.Parse(text, pb.RankResponse()) == response


def test_classify_by_a_head(client: Driver, script: Script) -> None:
    response = with_common(pb.ClassifyResponse())
    response.classifications.add(labels=[pb.Label(index=2, name="Bucket", score=0.75)])
    response.classifications.add(unknown=True)
    script.then(response)
    result = client.call("classify", ["a", "b"], model="head", top_k=1, unknown_threshold=0.0)
    (request,) = script.requests
    assert request.options == pb.ClassifyOptions(model="head", top_k=1, unknown_threshold=0.0)
    assert request.options.HasField("unknown_threshold")
    first, second = result.classifications
    assert (first.labels, first.unknown) == ((Label(2, "Bucket", 0.75),), False)
    assert (second.labels, second.unknown) == ((), True)


@pytest.mark.parametrize(
    ("labels", "definitions"),
    [
        (
            {"leak": "oil escapes", "noise": ""},
            [pb.LabelDefinition(name="leak", description="oil escapes"), pb.LabelDefinition(name="noise")],
        ),
        (
            {"leak": ["hose is wet", "oil below"], "noise": ("it rattles",)},
            [
                pb.LabelDefinition(name="leak", examples=["hose is wet", "oil below"]),
                pb.LabelDefinition(name="noise", examples=["it rattles"]),
            ],
        ),
        (("leak", "noise"), [pb.LabelDefinition(name="leak"), pb.LabelDefinition(name="noise")]),
        (
            [LabelDefinition("leak", "oil escapes", ["wet"]), "noise"],
            [
                pb.LabelDefinition(name="leak", description="oil escapes", examples=["wet"]),
                pb.LabelDefinition(name="noise"),
            ],
        ),
    ],
)
def test_classify_by_labels_of_the_request(
    client: Driver, script: Script, labels: Any, definitions: list[pb.LabelDefinition]
) -> None:
    script.then(pb.ClassifyResponse())
    client.call("classify", "x", labels=labels, model="minilm")
    wanted = pb.ClassifyOptions(label_set=pb.LabelSet(labels=definitions, model="minilm"))
    assert script.requests[0].options == wanted


@pytest.mark.parametrize("labels", ["leak", [3]])
def test_labels_that_are_none(client: Driver, labels: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.call("classify", "x", labels=labels)
    assert caught.value.violations[0].field == "options.label_set"


def test_no_classes_means_the_services_own_head(client: Driver, script: Script) -> None:
    script.then(pb.ClassifyResponse())
    client.call("classify", "x")
    assert script.requests[0].options == pb.ClassifyOptions()
    assert script.requests[0].options.WhichOneof("classes") is None


def test_extract_entities_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.ExtractEntitiesResponse(language_code="en"))
    kinds = (pb.ENTITY_TYPE_QUANTITY, pb.ENTITY_TYPE_DATE, pb.ENTITY_TYPE_CUSTOM, 99)
    for place, kind in enumerate(kinds):
        response.entities.add(type=kind, span=span("x", place), confidence=0.5)
    response.entities[0].quantity.CopyFrom(pb.Quantity(value=4.5, upper_value=6.0, ucum_unit="bar"))
    response.entities[1].date = "2024-03"
    response.entities[2].name, response.entities[2].normalized = "machine", "Press 4"
    script.then(response)
    result = client.call(
        "extract_entities",
        "xxxx",
        types=[EntityType.QUANTITY, EntityType.DATE],
        min_confidence=0.0,
        patterns={"order": r"WO-\d+"},
        gazetteers=[Gazetteer("machine", {"Press 4": ["P4"]}), Gazetteer("line", ["L1"], case_sensitive=True)],
        model="ner",
        language_code="de",
    )
    assert script.requests[0] == pb.ExtractEntitiesRequest(
        text="xxxx",
        language_code="de",
        encoding_type=pb.ENCODING_TYPE_UTF32,
        options=pb.ExtractEntitiesOptions(
            types=[pb.ENTITY_TYPE_QUANTITY, pb.ENTITY_TYPE_DATE],
            min_confidence=0.0,
            model="ner",
            patterns=[pb.EntityPattern(name="order", pattern=r"WO-\d+")],
            gazetteers=[
                pb.Gazetteer(name="machine", entries=[pb.Gazetteer.Entry(name="Press 4", synonyms=["P4"])]),
                pb.Gazetteer(name="line", entries=[pb.Gazetteer.Entry(name="L1")], case_sensitive=True),
            ],
        ),
    )
    assert result.language_code == "en"
    quantity, date, custom, newer = result.entities
    assert quantity == Entity(EntityType.QUANTITY, "", Span("x", 0, 1), 0.5, Quantity(4.5, "bar", 6.0))
    assert date == Entity(EntityType.DATE, "", Span("x", 1, 2), 0.5, date="2024-03")
    assert custom == Entity(EntityType.CUSTOM, "machine", Span("x", 2, 3), 0.5, normalized="Press 4")
    assert newer.type is EntityType.UNSPECIFIED


def test_redact_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.RedactResponse(text="[X] calls"))
    response.findings.add(
        type=pb.PERSONAL_DATA_TYPE_PERSON_NAME, span=span("Jo", 0), confidence=0.5, replacement=span("[X]", 0)
    )
    response.findings.add(type=77)
    script.then(response)
    result = client.call(
        "redact",
        "Jo calls",
        types=[PersonalDataType.PERSON_NAME],
        min_confidence=0.25,
        mask_character="#",
        model="pii",
        language_code="en",
    )
    assert script.requests[0] == pb.RedactRequest(
        text="Jo calls",
        language_code="en",
        encoding_type=pb.ENCODING_TYPE_UTF32,
        options=pb.RedactOptions(
            types=[pb.PERSONAL_DATA_TYPE_PERSON_NAME], min_confidence=0.25, mask_character="#", model="pii"
        ),
    )
    assert result.text == "[X] calls"
    first, newer = result.findings
    assert first == PersonalData(PersonalDataType.PERSON_NAME, Span("Jo", 0, 2), 0.5, Span("[X]", 0, 3))
    assert (newer.type, newer.replacement) == (PersonalDataType.UNSPECIFIED, None)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({"key": KEY}, pb.RedactOptions(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=pb.PseudonymKey(secret=KEY))),
        ({"key": "plant"}, pb.RedactOptions(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=pb.PseudonymKey(name="plant"))),
        ({"mode": RedactMode.INSPECT}, pb.RedactOptions(mode=pb.REDACT_MODE_INSPECT)),
        ({}, pb.RedactOptions()),
    ],
)
def test_a_key_makes_pseudonyms(client: Driver, script: Script, arguments: Any, options: pb.RedactOptions) -> None:
    script.then(pb.RedactResponse())
    client.call("redact", "Jo", **arguments)
    assert script.requests[0].options == options


def test_a_key_is_not_printed() -> None:
    assert "key" not in repr(RedactOptions(key=b"secret" * 8))


def test_restore_both_ways(client: Driver, script: Script) -> None:
    script.then(pb.RestoreResponse(text="Jo", restored_count=1), pb.RestoreResponse())
    result = client.call("restore", "PN_abc", KEY)
    client.call("restore", "PN_abc", "plant")
    assert (result.text, result.restored_count, result.models) == ("Jo", 1, ())
    assert script.requests == [
        pb.RestoreRequest(text="PN_abc", key=pb.PseudonymKey(secret=KEY)),
        pb.RestoreRequest(text="PN_abc", key=pb.PseudonymKey(name="plant")),
    ]


def test_summarize_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.SummarizeResponse(summary="b."))
    response.sentences.add(document_index=1, span=span("b.", 3), score=1.0)
    script.then(response, pb.SummarizeResponse())
    result = client.call("summarize", ["a", "x, b."], max_sentences=2, model="net", language_code="en")
    client.call("summarize", "a", max_characters=100)
    first, second = script.requests
    assert first.options == pb.SummarizeOptions(max_sentences=2, model="net")
    assert (list(first.documents), first.language_code) == (["a", "x, b."], "en")
    assert first.encoding_type == pb.ENCODING_TYPE_UTF32
    assert second.options == pb.SummarizeOptions(max_characters=100)
    assert (result.summary, result.sentences) == ("b.", (SummarySentence(1, Span("b.", 3, 5), 1.0),))


def test_a_summary_has_one_length(client: Driver) -> None:
    with pytest.raises(InvalidInputError, match="not both"):
        client.call("summarize", "a", max_sentences=1, max_characters=100)


def test_detect_language_both_ways(client: Driver, script: Script) -> None:
    script.then(pb.DetectLanguageResponse(languages=[pb.DetectedLanguage(language_code="zh", confidence=0.5)]))
    result = client.call("detect_language", "泵", top_k=1)
    wanted = pb.DetectLanguageRequest(text="泵", options=pb.DetectLanguageOptions(top_k=1))
    assert script.requests == [wanted]
    assert result.languages == (DetectedLanguage("zh", 0.5),)


def test_annotate_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.AnnotateTextResponse(language_code="en", redacted_text=""))
    response.classification.labels.add(name="leak")
    response.summary_sentences.add(score=1.0)
    script.then(response, pb.AnnotateTextResponse(embedding=pb.Embedding(values=[1.0])))
    wanted = [ClassifyTextOptions(labels={"leak": ["wet"], "noise": ["loud"]}), RedactOptions(key=KEY)]
    result = client.call("annotate", "x", wanted, language_code="en")
    request = script.requests[0]
    assert [field.name for field, _ in request.options.ListFields()] == ["classify", "redact"]
    assert request.options.classify.label_set.labels[0].examples == ["wet"]
    assert request.encoding_type == pb.ENCODING_TYPE_UTF32
    assert (result.language_code, result.redacted_text, result.embedding) == ("en", "", None)
    assert result.classification.labels == (Label(0, "leak", 0.0),)
    assert result.summary_sentences[0].score == 1.0
    everything = client.call("annotate", "x")
    assert [field.name for field, _ in script.requests[1].options.ListFields()] == [
        "embed",
        "classify",
        "extract_entities",
        "redact",
        "summarize",
        "detect_language",
    ]
    assert (everything.redacted_text, everything.classification) == (None, None)
    assert_array_equal(everything.embedding.values, np.array([1], np.float32))


@pytest.mark.parametrize("features", [[EmbedTextOptions(), EmbedTextOptions()], ["classify"]])
def test_annotate_refuses_features_that_are_none(client: Driver, features: Any) -> None:
    with pytest.raises(InvalidInputError, match="each feature is given once") as caught:
        client.call("annotate", "x", features)
    assert caught.value.violations[0].field == "options"


def test_explain_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.ExplainResponse(label="leak", score=0.75))
    response.contributions.add(span=span("wet", 5), contribution=-0.25)
    script.then(response, pb.ExplainResponse(), pb.ExplainResponse())
    result = client.call("explain", "hose wet", label="leak", labels=["leak", "noise"], model="net")
    client.call("explain", "hose wet", query="hose", lexical_weight=0.5)
    client.call("explain", "hose wet")
    by_class, by_rank, default = script.requests
    labels = [pb.LabelDefinition(name="leak"), pb.LabelDefinition(name="noise")]
    assert by_class.classification == pb.ExplainClassification(
        text="hose wet",
        label="leak",
        options=pb.ClassifyOptions(label_set=pb.LabelSet(labels=labels, model="net")),
    )
    assert by_class.encoding_type == pb.ENCODING_TYPE_UTF32
    options = pb.RankOptions(lexical_weight=0.5)
    assert by_rank.ranking == pb.ExplainRanking(query="hose", document="hose wet", options=options)
    assert default.classification.text == "hose wet"
    assert (result.label, result.score) == ("leak", 0.75)
    assert result.contributions == (TokenContribution(Span("wet", 5, 8), -0.25),)


@pytest.mark.parametrize(
    "arguments", [{"query": "a", "label": "b"}, {"query": "a", "labels": ["b", "c"]}, {"lexical_weight": 0.5}]
)
def test_explain_is_told_one_target(client: Driver, arguments: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.call("explain", "x", **arguments)
    assert caught.value.violations[0].field == "target"


def test_list_models(client: Driver, script: Script) -> None:
    script.then(pb.ListModelsResponse())
    assert client.call("list_models") == ()
    assert script.method == ["ListModels"]


LONE = json.loads(r'"\ud800"')


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("embed", (["a", "b", "c", f"d{LONE}"],), "texts[3]"),
        ("embed", (LONE,), "texts[0]"),
        ("rank", (LONE, ["a"]), "query"),
        ("rank", ("a", ["a", LONE]), "documents[1]"),
        ("redact", (LONE,), "text"),
        ("restore", ("a", LONE), "key.name"),
        ("explain", (LONE,), "classification.text"),
    ],
)
def test_lone_surrogates_are_refused_with_their_field(
    client: Driver, script: Script, method: str, arguments: Any, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.call(method, *arguments)
    assert (caught.value.reason, caught.value.violations[0].field) == ("TEXT_NOT_UTF8", field)
    assert caught.value.__context__ is None
    assert script.requests == []


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("classify", {"labels": {"a": ["x", LONE], "b": ["y"]}}, "options.label_set.labels[0].examples[1]"),
        ("classify", {"labels": [LONE]}, "options.label_set.labels[0].name"),
        ("extract_entities", {"patterns": {"a": "b", "c": LONE}}, "options.patterns[1].pattern"),
        (
            "annotate",
            {"features": [ExtractEntitiesOptions(patterns={LONE: "b"})]},
            "options.extract_entities.patterns[0].name",
        ),
        ("annotate", {"features": [SummarizeOptions(model=LONE)]}, "options.summarize.model"),
        ("redact", {"context": RequestContext(part_id=LONE)}, "context.part_id"),
    ],
)
def test_lone_surrogates_in_options(client: Driver, method: str, arguments: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.call(method, "x", **arguments)
    assert (caught.value.reason, caught.value.violations[0].field) == ("TEXT_NOT_UTF8", field)


@pytest.mark.parametrize("kind", [TextClient, AsyncTextClient])
def test_methods_show_their_arguments_and_documentation(kind: type) -> None:
    signature = inspect.signature(kind.classify)  # type: ignore[attr-defined]
    assert list(signature.parameters)[:3] == ["self", "texts", "labels"]
    assert "top_k: how many labels" in (kind.classify.__doc__ or "")  # type: ignore[attr-defined]


def test_the_clients_have_every_method_of_the_service() -> None:
    wanted = {
        "Embed": "embed",
        "Rank": "rank",
        "Classify": "classify",
        "ExtractEntities": "extract_entities",
        "Redact": "redact",
        "Restore": "restore",
        "Summarize": "summarize",
        "DetectLanguage": "detect_language",
        "AnnotateText": "annotate",
        "StreamAnnotateText": "annotate_stream",
        "Explain": "explain",
        "ListModels": "list_models",
    }
    assert list(wanted) == [method.name for method in pb.DESCRIPTOR.services_by_name["TextService"].methods]
    for name in wanted.values():
        assert callable(getattr(TextClient, name))
        assert callable(getattr(AsyncTextClient, name))


def test_enums_are_those_of_the_contract() -> None:
    assert {f"ENTITY_TYPE_{kind.name}": int(kind) for kind in EntityType} == dict(pb.EntityType.items())
    known = {f"PERSONAL_DATA_TYPE_{kind.name}": int(kind) for kind in PersonalDataType}
    assert known == dict(pb.PersonalDataType.items())
    assert {f"REDACT_MODE_{kind.name}": int(kind) for kind in RedactMode} == dict(pb.RedactMode.items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (EmbedTextOptions(), pb.EmbedOptions),
        (RankOptions(), pb.RankOptions),
        (ExtractEntitiesOptions(), pb.ExtractEntitiesOptions),
        (RedactOptions(), pb.RedactOptions),
        (SummarizeOptions(), pb.SummarizeOptions),
        (DetectLanguageOptions(), pb.DetectLanguageOptions),
        (Gazetteer("a", ["b"]), pb.Gazetteer),
        (LabelDefinition("a"), pb.LabelDefinition),
    ],
)
def test_options_have_every_field_of_the_contract(options: Any, message: Any) -> None:
    assert set(options.to_fields()) == set(message.DESCRIPTOR.fields_by_name)
