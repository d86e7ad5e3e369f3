"""StreamAnnotateText: a log goes through in order and in constant memory; one bad line ends nothing."""

import threading
from collections.abc import Iterator

import pytest
from google.rpc import error_details_pb2, status_pb2

from integration.conftest import Stack
from integration.observing import in_flight, metric, resident_bytes
from integration.test_bad_input import failure
from integration.test_batching import during
from integration.waiting import until
from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1.text_service_pb2_grpc import TextServiceStub
from sensorium.type.v1 import request_context_pb2

pytestmark = pytest.mark.integration

EMBED = pb.AnnotateTextOptions(embed=pb.EmbedOptions())
LANGUAGE = pb.AnnotateTextOptions(detect_language=pb.DetectLanguageOptions(top_k=1))
CLASSIFY = pb.AnnotateTextOptions(classify=pb.ClassifyOptions(top_k=1))
MEBIBYTE = 1024 * 1024


@pytest.fixture
def text(stack: Stack) -> Iterator[TextServiceStub]:
    with stack.channel("text") as channel:
        yield TextServiceStub(channel)


def config(options: pb.AnnotateTextOptions = LANGUAGE, **fields: object) -> pb.StreamAnnotateTextRequest:
    return pb.StreamAnnotateTextRequest(config=pb.StreamAnnotateTextConfig(options=options, **fields))  # type: ignore[arg-type]


def item(text: str, item_id: str = "", **context: str) -> pb.StreamAnnotateTextRequest:
    identifiers = request_context_pb2.RequestContext(**context)
    return pb.StreamAnnotateTextRequest(item=pb.StreamTextItem(item_id=item_id, text=text, context=identifiers))


def reason(status: status_pb2.Status) -> str:
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)


def test_items_are_answered_in_order_and_a_bad_one_ends_nothing(text: TextServiceStub) -> None:
    items = [
        item("The pump leaks oil.", "a"),
        item("", "b"),
        item("液压泵漏油", "c"),
        item("x" * 100_001, "d"),
        item("ok", "e"),
    ]
    responses = list(text.StreamAnnotateText(iter([config(), *items])))
    assert [response.sequence for response in responses] == [0, 1, 2, 3, 4]
    assert [response.item_id for response in responses] == ["a", "b", "c", "d", "e"]
    assert [response.status.code for response in responses] == [0, 3, 0, 3, 0]
    assert [reason(responses[place].status) for place in (1, 3)] == ["INVALID_ARGUMENT", "INVALID_ARGUMENT"]
    assert responses[0].annotation.languages[0].language_code == "en"
    assert responses[2].annotation.languages[0].language_code == "zh"
    assert not responses[1].HasField("annotation")


def test_an_items_identifiers_complete_those_of_the_stream(text: TextServiceStub) -> None:
    stream = request_context_pb2.RequestContext(job_id="job", part_id="first")
    items = [item("pump"), item("valve", part_id="second")]
    contexts = [each.annotation.context for each in text.StreamAnnotateText(iter([config(context=stream), *items]))]
    assert [context.job_id for context in contexts] == ["job", "job"]
    assert [context.part_id for context in contexts] == ["first", "second"]
    assert contexts[0].request_id != contexts[1].request_id


@pytest.mark.parametrize(
    ("messages", "expected", "field"),
    [
        ([item("pump")], "STREAM_ORDER", "config"),
        ([config(), item("pump"), config()], "STREAM_ORDER", "item"),
        ([config(max_in_flight=1000)], "INVALID_ARGUMENT", "config.max_in_flight"),
        ([config(language_code="english")], "INVALID_ARGUMENT", "config.language_code"),
        ([config(pb.AnnotateTextOptions())], "INVALID_ARGUMENT", "config.options"),
        (
            [config(pb.AnnotateTextOptions(embed=pb.EmbedOptions(model="no_such")))],
            "MODEL_NOT_FOUND",
            "config.options.embed.model",
        ),
    ],
)
def test_a_stream_with_a_wrong_beginning_or_order_is_refused(
    text: TextServiceStub, messages: list[pb.StreamAnnotateTextRequest], expected: str, field: str
) -> None:
    _, details = failure(lambda: list(text.StreamAnnotateText(iter(messages))))
    assert details["ErrorInfo"].reason == expected
    assert [violation.field for violation in details["BadRequest"].field_violations] == [field]


def test_items_of_one_stream_share_executions(stack: Stack, text: TextServiceStub) -> None:
    lines = [item(f"pump {number} leaks oil") for number in range(512)]
    added = during(stack, "use_multilingual", lambda: list(text.StreamAnnotateText(iter([config(EMBED), *lines]))))
    assert added.inference_count >= 512
    # How many wait for each other depends on how fast the model is beside the reading of the stream.
    assert added.execution_count < 512 / 2


def test_padding_is_measured_and_small_where_lengths_differ(stack: Stack, text: TextServiceStub) -> None:
    def counted() -> tuple[float, float]:
        return metric(stack, "text", "sensorium_tokens_total"), metric(stack, "text", "sensorium_padding_tokens_total")

    tokens, padding = counted()
    lines = [item("pump " * (1 + number * 37 % 90)) for number in range(600)]
    list(text.StreamAnnotateText(iter([config(EMBED), *lines])))
    more_tokens, more_padding = counted()
    assert (more_padding - padding) / (more_tokens - tokens) < 0.25


def test_a_long_stream_takes_no_more_memory_than_a_short_one(stack: Stack, text: TextServiceStub) -> None:
    def run(count: int) -> int:
        lines = (item(f"{number} BUCKET CYL LEAKING") for number in range(count))
        messages: Iterator[pb.StreamAnnotateTextRequest] = (
            message for source in ([config(CLASSIFY)], lines) for message in source
        )
        return sum(response.status.code == 0 for response in text.StreamAnnotateText(messages))

    assert run(2_000) == 2_000
    before = resident_bytes(stack, "text")
    assert run(20_000) == 20_000
    assert resident_bytes(stack, "text") - before < 16 * MEBIBYTE
    until(lambda: in_flight(stack, "text") == 0, 10)


def test_a_caller_that_stops_reading_stalls_only_itself(stack: Stack, text: TextServiceStub) -> None:
    sent = 0
    leave = threading.Event()

    def endless() -> Iterator[pb.StreamAnnotateTextRequest]:
        nonlocal sent
        yield config(EMBED, max_in_flight=8)
        while not leave.is_set():
            sent += 1
            yield item("pump " * 200)

    with stack.channel("text") as channel:
        stalled = TextServiceStub(channel).StreamAnnotateText(endless())
        assert next(stalled).status.code == 0

        def at_rest() -> bool:
            before = sent
            answered = len(text.Embed(pb.EmbedRequest(texts=["valve"] * 64)).embeddings)
            return answered == 64 and sent == before

        until(at_rest, 30)
        before = resident_bytes(stack, "text")
        again = list(text.StreamAnnotateText(iter([config(EMBED), *[item("pump")] * 200])))
        assert [response.status.code for response in again] == [0] * 200
        assert resident_bytes(stack, "text") - before < 16 * MEBIBYTE
        leave.set()
        stalled.cancel()
    until(lambda: in_flight(stack, "text") == 0, 10)
