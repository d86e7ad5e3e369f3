"""Which field of a message is not UTF-8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.type.v1 import request_context_pb2
from sensorium_core.wire import not_utf8_field

NOT_UTF8 = b"\xff\xfe\xfd"
LONE_SURROGATE = "\ud800".encode("utf-8", "surrogatepass")
STANDIN = "zzz"


def broken(message: pb.EmbedRequest | pb.RankRequest | pb.ClassifyRequest, content: bytes = NOT_UTF8) -> bytes:
    raw: bytes = message.SerializeToString()
    assert STANDIN.encode() in raw
    return raw.replace(STANDIN.encode(), content)


@pytest.mark.parametrize("content", [NOT_UTF8, LONE_SURROGATE])
def test_an_element_of_a_list_is_named_by_its_place(content: bytes) -> None:
    raw = broken(pb.EmbedRequest(texts=["pump", STANDIN, "valve"]), content)
    assert not_utf8_field(raw, pb.EmbedRequest.DESCRIPTOR) == "texts[1]"


def test_a_field_of_a_message_is_named_by_its_path() -> None:
    context = request_context_pb2.RequestContext(station=STANDIN)
    raw = broken(pb.RankRequest(context=context, query="pump"))
    assert not_utf8_field(raw, pb.RankRequest.DESCRIPTOR) == "context.station"


def test_lists_in_lists_are_counted_each() -> None:
    labels = [
        pb.LabelDefinition(name="a", examples=["x", "y"]),
        pb.LabelDefinition(name="b", examples=["x", "y", STANDIN]),
    ]
    raw = broken(pb.ClassifyRequest(options=pb.ClassifyOptions(label_set=pb.LabelSet(labels=labels))))
    assert not_utf8_field(raw, pb.ClassifyRequest.DESCRIPTOR) == "options.label_set.labels[1].examples[2]"


def test_a_sound_message_has_no_such_field() -> None:
    raw = pb.EmbedRequest(texts=["泵", "🔧"]).SerializeToString()
    assert not_utf8_field(raw, pb.EmbedRequest.DESCRIPTOR) == ""


def test_the_search_ends_in_a_message_made_of_very_many_fields() -> None:
    raw = pb.EmbedRequest(texts=["a"] * 25_000 + [STANDIN]).SerializeToString().replace(b"zzz", NOT_UTF8)
    assert not_utf8_field(raw, pb.EmbedRequest.DESCRIPTOR) == ""


@given(st.binary(max_size=200))
def test_any_bytes_can_be_searched(raw: bytes) -> None:
    assert isinstance(not_utf8_field(raw, pb.ClassifyRequest.DESCRIPTOR), str)
