"""Redaction through a real Triton: 200 generated lines, precision and recall by type, and the way back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from integration.conftest import Stack
from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1.text_service_pb2_grpc import TextServiceStub
from sensorium_text.domain import PersonalDataType, Span
from services.text.redaction.lines import Line, lines

pytestmark = pytest.mark.integration

KEY, OTHER = bytes(range(64)), bytes(range(1, 65))
SEED = 20240305
BY_PATTERN = frozenset(PersonalDataType) - {PersonalDataType.PERSON_NAME, PersonalDataType.POSTAL_ADDRESS}
# Measured 1.00 and 0.99 for names, 1.00 and 1.00 for addresses, over this and four other seeds.
LEAST_PRECISION, LEAST_RECALL = 0.97, 0.97


@dataclass
class Score:
    """How many spans were found exactly, how many are there, and how many of those found are none."""

    right: Counter[PersonalDataType] = field(default_factory=Counter)
    there: Counter[PersonalDataType] = field(default_factory=Counter)
    wrong: Counter[PersonalDataType] = field(default_factory=Counter)

    def precision(self, kind: PersonalDataType) -> float:
        return self.right[kind] / max(1, self.right[kind] + self.wrong[kind])

    def recall(self, kind: PersonalDataType) -> float:
        return self.right[kind] / self.there[kind]

    def table(self) -> str:
        rows = [
            f"{kind.name:20} {self.there[kind]:4}  precision {self.precision(kind):.3f}  recall {self.recall(kind):.3f}"
            for kind in sorted(self.there, key=lambda each: each.value)
        ]
        return "\n".join(rows)


@pytest.fixture
def text(stack: Stack) -> Iterator[TextServiceStub]:
    with stack.channel("text") as channel:
        yield TextServiceStub(channel)


def redacted(text: TextServiceStub, written: str, **options: object) -> pb.RedactResponse:
    return text.Redact(pb.RedactRequest(text=written, options=pb.RedactOptions(**options)))  # type: ignore[arg-type]


def found_in(response: pb.RedactResponse) -> set[tuple[PersonalDataType, Span]]:
    return {(PersonalDataType(each.type), Span(each.span.begin, each.span.end)) for each in response.findings}


def scored(text: TextServiceStub, generated: Sequence[Line]) -> tuple[Score, list[str]]:
    """The score, and the numbers of the plant that were hit."""
    score, hit = Score(), []
    for line in generated:
        found, there = found_in(redacted(text, line.text, mode=pb.REDACT_MODE_INSPECT)), set(line.data)
        score.right.update(kind for kind, _ in found & there)
        score.there.update(kind for kind, _ in there)
        score.wrong.update(kind for kind, _ in found - there)
        hit += [span.of(line.text) for _, span in found for number in line.untouched if span.overlaps(number)]
    return score, hit


def test_personal_data_is_found_and_numbers_of_the_plant_are_not(text: TextServiceStub) -> None:
    score, hit = scored(text, list(lines(200, SEED)))
    print(f"\n{score.table()}")
    assert hit == []
    for kind in score.there:
        if kind in BY_PATTERN:
            assert (score.precision(kind), score.recall(kind)) == (1, 1), kind
        else:
            assert score.precision(kind) >= LEAST_PRECISION, kind
            assert score.recall(kind) >= LEAST_RECALL, kind


def test_every_line_comes_back_byte_for_byte_and_only_with_its_key(text: TextServiceStub) -> None:
    key = pb.PseudonymKey(secret=KEY)
    for line in lines(60, SEED):
        response = redacted(text, line.text, mode=pb.REDACT_MODE_PSEUDONYMIZE, key=key)
        for kind, span in line.data:
            assert kind not in BY_PATTERN or span.of(line.text) not in response.text
        back = text.Restore(pb.RestoreRequest(text=response.text, key=key))
        assert back.text.encode() == line.text.encode()
        assert back.restored_count == len(response.findings)
        if response.findings:
            with pytest.raises(grpc.RpcError) as raised:
                text.Restore(pb.RestoreRequest(text=response.text, key=pb.PseudonymKey(secret=OTHER)))
            assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert reason(raised.value) == "PSEUDONYM_KEY_MISMATCH"


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        (
            "Technician Maria Garcia-Lopez (415-555-2671) fitted bearing 6205-2RS, S/N 4111111111111111.",
            "Technician [PERSON_NAME] ([PHONE_NUMBER]) fitted bearing 6205-2RS, S/N 4111111111111111.",
        ),
        (
            "联系人：张伟，电话13812345678，序列号13912345678",
            "联系人：[PERSON_NAME]，电话[PHONE_NUMBER]，序列号13912345678",
        ),
        ("REPLACED BUCKET TOOTH AND HYD HOSE ON SHOVEL 12", "REPLACED BUCKET TOOTH AND HYD HOSE ON SHOVEL 12"),
        (
            "Ship it to 12 Main St, Springfield, IL 62704 by 2024-03-05",
            "Ship it to [POSTAL_ADDRESS] by 2024-03-05",
        ),
    ],
)
def test_sentences_of_a_plant_are_masked(text: TextServiceStub, written: str, masked: str) -> None:
    assert redacted(text, written).text == masked


def test_a_key_that_is_not_configured_is_not_found(text: TextServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        redacted(text, "Jane", mode=pb.REDACT_MODE_PSEUDONYMIZE, key=pb.PseudonymKey(name="gone"))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND
    assert reason(raised.value) == "KEY_NOT_FOUND"


def test_texts_never_reach_the_log(stack: Stack, text: TextServiceStub) -> None:
    redacted(text, "Operator Zebulon Quillfeather, zq@example.com, left.", mode=pb.REDACT_MODE_INSPECT)
    assert "Quillfeather" not in stack.all_logs()
    assert "zq@example.com" not in stack.all_logs()


def reason(error: grpc.RpcError) -> str:
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)
