"""Bad input to the text service: the right status, reason and field, before any expensive work."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from integration.conftest import Stack
from integration.observing import in_flight
from integration.test_bad_input import failure
from integration.waiting import until
from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1.text_service_pb2_grpc import TextServiceStub

pytestmark = pytest.mark.integration

INVALID, MISSING = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
LABELS = [pb.LabelDefinition(name="a", examples=["x"]), pb.LabelDefinition(name="b", examples=["y"])]
KEY = pb.PseudonymKey(secret=b"k" * 32)


def labelled(*labels: pb.LabelDefinition, model: str = "") -> pb.ClassifyRequest:
    options = pb.ClassifyOptions(label_set=pb.LabelSet(labels=labels, model=model))
    return pb.ClassifyRequest(texts=["pump"], options=options)


def extracting(**options: Any) -> pb.ExtractEntitiesRequest:
    return pb.ExtractEntitiesRequest(text="pump", options=pb.ExtractEntitiesOptions(**options))


def redacting(**options: Any) -> pb.RedactRequest:
    return pb.RedactRequest(text="pump", options=pb.RedactOptions(**options))


Call = tuple[str, Any, grpc.StatusCode, str, str]
BAD: dict[str, Call] = {
    "no texts": ("Embed", pb.EmbedRequest(), INVALID, "INVALID_ARGUMENT", "texts"),
    "an empty text": ("Embed", pb.EmbedRequest(texts=["a", ""]), INVALID, "INVALID_ARGUMENT", "texts[1]"),
    "a text too long": ("Embed", pb.EmbedRequest(texts=["a" * 10_001]), INVALID, "INVALID_ARGUMENT", "texts[0]"),
    "10,000 texts": ("Embed", pb.EmbedRequest(texts=["a"] * 10_000), INVALID, "INVALID_ARGUMENT", "texts"),
    "an unknown model": (
        "Embed",
        pb.EmbedRequest(texts=["a"], options=pb.EmbedOptions(model="no_such")),
        MISSING,
        "MODEL_NOT_FOUND",
        "options.model",
    ),
    "a model for something else": (
        "Embed",
        pb.EmbedRequest(texts=["a"], options=pb.EmbedOptions(model="rampart_pii")),
        MISSING,
        "MODEL_NOT_FOUND",
        "options.model",
    ),
    "no query": ("Rank", pb.RankRequest(documents=["a"]), INVALID, "INVALID_ARGUMENT", "query"),
    "no documents": ("Rank", pb.RankRequest(query="a"), INVALID, "INVALID_ARGUMENT", "documents"),
    "a share beyond one": (
        "Rank",
        pb.RankRequest(query="a", documents=["b"], options=pb.RankOptions(lexical_weight=1.5)),
        INVALID,
        "INVALID_ARGUMENT",
        "options.lexical_weight",
    ),
    "not a number as share": (
        "Rank",
        pb.RankRequest(query="a", documents=["b"], options=pb.RankOptions(lexical_weight=float("nan"))),
        INVALID,
        "INVALID_ARGUMENT",
        "options.lexical_weight",
    ),
    "one label": ("Classify", labelled(LABELS[0]), INVALID, "INVALID_ARGUMENT", "options.label_set.labels"),
    "two labels of one name": (
        "Classify",
        labelled(LABELS[0], LABELS[0]),
        INVALID,
        "INVALID_ARGUMENT",
        "options.label_set",
    ),
    "examples for one label only": (
        "Classify",
        labelled(LABELS[0], pb.LabelDefinition(name="c")),
        INVALID,
        "INVALID_ARGUMENT",
        "options.label_set",
    ),
    "a label set without its embedder": (
        "Classify",
        labelled(*LABELS, model="no_such"),
        MISSING,
        "MODEL_NOT_FOUND",
        "options.label_set.model",
    ),
    "an empty text to search": (
        "ExtractEntities",
        pb.ExtractEntitiesRequest(),
        INVALID,
        "INVALID_ARGUMENT",
        "text",
    ),
    "a pattern that is none": (
        "ExtractEntities",
        extracting(patterns=[pb.EntityPattern(name="x", pattern="a(b")]),
        INVALID,
        "PATTERN_INVALID",
        "options.patterns[0].pattern",
    ),
    "a pattern with a look-ahead": (
        "ExtractEntities",
        extracting(patterns=[pb.EntityPattern(name="x", pattern="a"), pb.EntityPattern(name="y", pattern="(?=a)b")]),
        INVALID,
        "PATTERN_INVALID",
        "options.patterns[1].pattern",
    ),
    "a pattern that needs too much memory": (
        "ExtractEntities",
        extracting(patterns=[pb.EntityPattern(name="x", pattern="((a{100}){100}){100}")]),
        INVALID,
        "PATTERN_INVALID",
        "options.patterns[0].pattern",
    ),
    "a language that is no code": (
        "ExtractEntities",
        pb.ExtractEntitiesRequest(text="pump", language_code="english"),
        INVALID,
        "INVALID_ARGUMENT",
        "language_code",
    ),
    "an entity type that is none": (
        "ExtractEntities",
        extracting(types=[0]),
        INVALID,
        "INVALID_ARGUMENT",
        "options.types[0]",
    ),
    "pseudonyms without a key": (
        "Redact",
        redacting(mode=pb.REDACT_MODE_PSEUDONYMIZE),
        INVALID,
        "INVALID_ARGUMENT",
        "options",
    ),
    "a key that is too short": (
        "Redact",
        redacting(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=pb.PseudonymKey(secret=b"k" * 31)),
        INVALID,
        "INVALID_ARGUMENT",
        "options.key.secret",
    ),
    "a key of an unknown name": (
        "Redact",
        redacting(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=pb.PseudonymKey(name="no_such")),
        MISSING,
        "KEY_NOT_FOUND",
        "options.key.name",
    ),
    "a mask of two characters": (
        "Redact",
        redacting(mask_character="**"),
        INVALID,
        "INVALID_ARGUMENT",
        "options.mask_character",
    ),
    "nothing to restore with": ("Restore", pb.RestoreRequest(text="a"), INVALID, "INVALID_ARGUMENT", "key"),
    "no documents to summarize": ("Summarize", pb.SummarizeRequest(), INVALID, "INVALID_ARGUMENT", "documents"),
    "more sentences than are taken": (
        "Summarize",
        pb.SummarizeRequest(documents=["The pump leaks oil. " * 2100]),
        INVALID,
        "TOO_MANY_SENTENCES",
        "documents",
    ),
    "a summary of no sentence": (
        "Summarize",
        pb.SummarizeRequest(documents=["a"], options=pb.SummarizeOptions(max_sentences=0)),
        INVALID,
        "INVALID_ARGUMENT",
        "options.max_sentences",
    ),
    "an encoding that is none": (
        "AnnotateText",
        pb.AnnotateTextRequest(
            text="a",
            encoding_type=9,  # type: ignore[arg-type]
            options=pb.AnnotateTextOptions(embed=pb.EmbedOptions()),
        ),
        INVALID,
        "INVALID_ARGUMENT",
        "encoding_type",
    ),
    "no features": (
        "AnnotateText",
        pb.AnnotateTextRequest(text="a", options=pb.AnnotateTextOptions()),
        INVALID,
        "INVALID_ARGUMENT",
        "options",
    ),
    "nothing to explain": ("Explain", pb.ExplainRequest(), INVALID, "INVALID_ARGUMENT", "target"),
    "a class that is none": (
        "Explain",
        pb.ExplainRequest(classification=pb.ExplainClassification(text="pump", label="no such")),
        INVALID,
        "LABEL_UNKNOWN",
        "classification.label",
    ),
}


@pytest.fixture
def text(stack: Stack) -> Iterator[TextServiceStub]:
    with stack.channel("text") as channel:
        yield TextServiceStub(channel)


def fields(details: dict[str, Any]) -> list[str]:
    return [violation.field for violation in details["BadRequest"].field_violations]


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(text: TextServiceStub, name: str) -> None:
    method, request, code, reason, field = BAD[name]
    found, details = failure(lambda: getattr(text, method)(request, timeout=5))
    assert (found, details["ErrorInfo"].reason) == (code, reason)
    assert fields(details) == [field]
    assert details["RequestInfo"].request_id


def raw_call(stack: Stack, method: str, raw: bytes) -> Callable[[], object]:
    def call() -> object:
        with stack.channel("text") as channel:
            send: Any = channel.unary_unary(f"/sensorium.text.v1.TextService/{method}")
            return send(raw, timeout=5)

    return call


@pytest.mark.parametrize("content", [b"\xff\xfe\xfd", "\ud800".encode("utf-8", "surrogatepass")])
def test_text_that_is_not_utf8_is_refused_with_its_field(stack: Stack, content: bytes) -> None:
    raw = pb.EmbedRequest(texts=["pump", "zzz"]).SerializeToString().replace(b"zzz", content)
    code, details = failure(raw_call(stack, "Embed", raw))
    assert (code, details["ErrorInfo"].reason) == (INVALID, "TEXT_NOT_UTF8")
    assert fields(details) == ["texts[1]"]


def test_a_catastrophic_pattern_takes_linear_time(text: TextServiceStub) -> None:
    options = pb.ExtractEntitiesOptions(
        types=[pb.ENTITY_TYPE_CUSTOM], patterns=[pb.EntityPattern(name="x", pattern="(a+)+$")]
    )
    request = pb.ExtractEntitiesRequest(text="a" * 50_000 + "!", options=options)
    assert not text.ExtractEntities(request, timeout=20).entities


@pytest.mark.parametrize("content", ["1 " * 10_000, "-" * 20_000, "9" * 20_000, "@a.a" * 5_000, "。" * 20_000])
def test_hostile_texts_are_read_in_bounded_time(text: TextServiceStub, content: str) -> None:
    options = pb.AnnotateTextOptions(extract_entities=pb.ExtractEntitiesOptions(), redact=pb.RedactOptions())
    response = text.AnnotateText(pb.AnnotateTextRequest(text=content, options=options), timeout=60)
    assert response.HasField("redacted_text")


def test_a_wrong_key_restores_nothing(text: TextServiceStub) -> None:
    redacted = text.Redact(
        pb.RedactRequest(
            text="Write to maria@example.com.", options=pb.RedactOptions(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=KEY)
        )
    )
    other = pb.PseudonymKey(secret=b"o" * 32)
    code, details = failure(lambda: text.Restore(pb.RestoreRequest(text=redacted.text, key=other)))
    assert (code, details["ErrorInfo"].reason) == (INVALID, "PSEUDONYM_KEY_MISMATCH")
    assert fields(details) == ["key"]
    assert "maria" not in str(details)


def test_nothing_is_left_of_bad_calls(stack: Stack, text: TextServiceStub) -> None:
    for method, request, *_ in BAD.values():
        failure(lambda method=method, request=request: getattr(text, method)(request, timeout=5))  # type: ignore[misc]
    until(lambda: in_flight(stack, "text") == 0, 10)
    assert len(text.Embed(pb.EmbedRequest(texts=["pump"])).embeddings) == 1
