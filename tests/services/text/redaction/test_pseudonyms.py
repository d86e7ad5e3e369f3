import base64
import re
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.errors import InvalidInputError
from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.redaction._pseudonyms import pseudonymized, restored

KEY, OTHER = bytes(range(64)), bytes(range(1, 65))
NAME, PHONE = PersonalDataType.PERSON_NAME, PersonalDataType.PHONE_NUMBER
TOKEN = re.compile(r"<[A-Z_]+:[A-Za-z0-9_-]+>")


def finding(kind: PersonalDataType, begin: int, end: int) -> Finding:
    return Finding(kind, Span(begin, end), 0.9, Source.MODEL)


def pseudonym(kind: PersonalDataType, written: str, key: bytes = KEY) -> str:
    return pseudonymized(written, [finding(kind, 0, len(written))], key).text


# Texts made of what pseudonyms are made of, of pseudonyms themselves, and of anything.
pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["<", ">", ":", "<PERSON_NAME:", "<LITERAL:", "LITERAL", "<PERSON_NAME:" + "A" * 23 + ">", "=", "<<", ">>"]
    ),
    st.sampled_from([pseudonym(NAME, "Jane Doe"), pseudonym(PHONE, "123"), pseudonym(NAME, "张伟", OTHER)]),
)
texts = st.lists(pieces, max_size=8).map("".join)


@st.composite
def texts_with_findings(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    kinds = st.sampled_from(list(PersonalDataType))
    return text, [finding(draw(kinds), a, b) for a, b in list(pairwise(cuts))[:: draw(st.sampled_from([1, 2]))]]


@given(texts_with_findings(), st.sampled_from([32, 48, 64]))
def test_any_text_comes_back_byte_for_byte(case: tuple[str, list[Finding]], key_length: int) -> None:
    text, findings = case
    redacted = pseudonymized(text, findings, KEY[:key_length])
    back = restored(redacted.text, KEY[:key_length])
    assert back.text == text
    assert back.count == len(findings)


@given(texts_with_findings())
def test_replacements_point_at_the_pseudonyms(case: tuple[str, list[Finding]]) -> None:
    text, findings = case
    redacted = pseudonymized(text, findings, KEY)
    for data, given_finding in zip(redacted.findings, findings, strict=True):
        assert (data.type, data.span, data.confidence) == given_finding[:3]
        assert data.replacement is not None
        assert data.replacement.of(redacted.text) == pseudonym(data.type, data.span.of(text))


@given(texts_with_findings())
def test_another_key_restores_nothing(case: tuple[str, list[Finding]]) -> None:
    text, findings = case
    redacted = pseudonymized(text, findings, KEY).text
    if redacted == text:
        assert restored(text, OTHER).count == 0
        return
    with pytest.raises(InvalidInputError) as raised:
        restored(redacted, OTHER)
    assert raised.value.reason == "PSEUDONYM_KEY_MISMATCH"
    assert raised.value.violations[0].field == "key"


def test_data_is_not_in_the_redacted_text() -> None:
    text = "Jane Doe called 415-555-2671."
    redacted = pseudonymized(text, [finding(NAME, 0, 8), finding(PHONE, 16, 28)], KEY).text
    assert re.fullmatch(r"<PERSON_NAME:[\w-]{32}> called <PHONE_NUMBER:[\w-]{38}>\.", redacted)


def test_the_cipher_is_aes_siv_with_purpose_and_type_as_associated_data() -> None:
    token = pseudonym(NAME, "Jane Doe")
    encrypted = base64.urlsafe_b64decode(token.removeprefix("<PERSON_NAME:").removesuffix(">"))
    associated = [b"sensorium.text.v1 pseudonym", b"PERSON_NAME"]
    assert AESSIV(KEY).decrypt(encrypted, associated) == b"Jane Doe"


def test_the_same_data_has_the_same_pseudonym() -> None:
    first, second, third = TOKEN.findall(
        pseudonymized("Doe met Doe, doe", [finding(NAME, 0, 3), finding(NAME, 8, 11), finding(NAME, 13, 16)], KEY).text
    )
    assert first == second != third


def test_another_type_or_key_makes_another_pseudonym() -> None:
    payloads = {
        pseudonym(NAME, "123").partition(":")[2],
        pseudonym(PHONE, "123").partition(":")[2],
        pseudonym(PHONE, "123", OTHER).partition(":")[2],
    }
    assert len(payloads) == 3


def test_a_pseudonym_cannot_be_passed_off_as_one_of_another_type() -> None:
    with pytest.raises(InvalidInputError, match="was not made under this key"):
        restored(pseudonym(NAME, "Jane").replace("PERSON_NAME", "PHONE_NUMBER"), KEY)


@pytest.mark.parametrize(
    "damage",
    [lambda token: token[:-5] + "AAAA>", lambda token: token[:-2] + ">", lambda token: token.replace(":", ":A")],
)
def test_a_changed_pseudonym_restores_nothing(damage: object) -> None:
    assert callable(damage)
    text = f"{pseudonym(NAME, 'Mary')} and {damage(pseudonym(NAME, 'Jane Doe'))}"
    with pytest.raises(InvalidInputError) as raised:
        restored(text, KEY)
    assert raised.value.reason == "PSEUDONYM_KEY_MISMATCH"
    assert "Mary" not in raised.value.message


def test_pseudonyms_may_move_and_repeat() -> None:
    jane, mary = pseudonym(NAME, "Jane"), pseudonym(NAME, "Mary")
    assert restored(f"{mary}, then {jane} and {mary}", KEY) == restored(f"{mary}, then {jane} and {mary}", KEY)
    back = restored(f"{mary}, then {jane} and {mary}", KEY)
    assert (back.text, back.count) == ("Mary, then Jane and Mary", 3)


def test_a_text_without_pseudonyms_stays_as_it_is() -> None:
    text = "<PERSON_NAME:unknown> <b>3 < 4</b> [PERSON_NAME] <OTHER:AAAAAAAAAAAAAAAAAAAAAAAAAAAA>"
    assert restored(text, KEY) == restored(text, OTHER)
    assert (restored(text, KEY).text, restored(text, KEY).count) == (text, 0)


def test_pseudonymizing_twice_is_undone_by_restoring_twice() -> None:
    text = "Jane Doe and Mary"
    once = pseudonymized(text, [finding(NAME, 0, 8)], KEY).text
    twice = pseudonymized(once, [finding(NAME, len(once) - 4, len(once))], OTHER).text
    assert restored(restored(twice, OTHER).text, KEY).text == text


def test_a_text_that_would_grow_beyond_what_restore_takes_is_refused() -> None:
    findings = [finding(NAME, begin, begin + 2) for begin in range(0, 100_000, 3)]
    with pytest.raises(InvalidInputError) as raised:
        pseudonymized("张伟，" * 33_333 + "张", findings, KEY)
    assert raised.value.reason == "PSEUDONYMIZED_TEXT_TOO_LONG"
    assert raised.value.violations[0].field == "text"
