import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import PersonalDataType
from sensorium_text.redaction._patterns import find_patterns
from services.text.redaction.finding import ALL, found, wide


def test_a_number_with_check_digits_is_no_phone_even_if_it_is_not_asked_for() -> None:
    text = "call about card 4222222222222"
    assert found(text) == [("CARD_NUMBER", "4222222222222")]
    assert found(text, {PersonalDataType.PHONE_NUMBER}) == []


def test_only_the_types_asked_for_are_found() -> None:
    text = "jane@example.com, +49 711 1234567, 10.0.0.1"
    assert found(text, {PersonalDataType.EMAIL_ADDRESS}) == [("EMAIL_ADDRESS", "jane@example.com")]


@given(st.text(st.sampled_from("0123456789 -.()+@:/aAxX，号卡"), max_size=80))
def test_findings_are_in_order_and_do_not_overlap(text: str) -> None:
    spans = [each.span for each in find_patterns(text, ALL).findings]
    assert all(a.end <= b.begin for a, b in pairwise(spans))
    assert all(0 <= span.begin < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    "part",
    [
        "1",
        "1-",
        "1-1-1-",
        "1 ",
        "@a.a",
        "a@",
        "a",
        "1.",
        "1.1.1.1 ",
        ":",
        "a:",
        "::1 ",
        "www.",
        "http://",
        "x)",
        "(",
        "+(",
        "+1 ",
        "(415",
        "123-456-",
        "+4930123456 ",
        "00 1 2 3 4 5 6 7 8 9 ",
        "DE12",
        "DE12 ",
        "4111 ",
        "4111-",
        "4111111111111111 ",
        "call ",
        "call 1 ",
        "0711 123456 ",
        wide("1"),
        "号",
        "serial 1, ",
        "version 1.1.1.1 to ",
        "a.b-",
        "4 ",
        "x1 ",
    ],
)
def test_time_grows_with_the_length_only(part: str) -> None:
    def seconds(length: int) -> float:
        text = (part * (length // len(part) + 1))[:length]
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            find_patterns(text, ALL)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(12_000) < 10 * seconds(3_000) + 0.02  # quadratic time would be 16 times as long
