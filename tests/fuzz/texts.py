"""Texts beyond what requests on stand-ins reach: patterns of callers on texts made to be slow, and pseudonyms."""

from __future__ import annotations

import random
from collections.abc import Sequence

from fuzz.target import Target, damaged
from sensorium_core.errors import InvalidInputError
from sensorium_core.patterns import compile_pattern
from sensorium_text.domain import EncodingType, EntityPattern, Span
from sensorium_text.entities._patterns import MOST_SECONDS, CustomBudget, find_patterns
from sensorium_text.offsets import Offsets
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.redaction._patterns import find_patterns as find_personal_data
from sensorium_text.redaction._pseudonyms import pseudonymized, restored
from sensorium_text.redaction._redactor import DEFAULT_TYPES
from sensorium_text.sentences import sentences

_SECRET = bytes(range(64))
_LONGEST_PATTERN = 4096


def _two(data: bytes) -> tuple[str, str]:
    """Two texts, with a zero byte between them."""
    first, _, second = data.partition(b"\0")
    return first.decode(errors="ignore"), second.decode(errors="ignore")


def _take_pattern(data: bytes) -> None:
    pattern, text = _two(data)
    if not pattern or len(pattern) > _LONGEST_PATTERN:
        return
    try:
        compiled = EntityPattern("p", compile_pattern(pattern, "pattern"))
        found = list(find_patterns(text, compiled, CustomBudget(), "pattern"))
    except InvalidInputError as error:
        assert error.reason in {"PATTERN_INVALID", "TOO_MANY_MATCHES", "PATTERNS_TOO_SLOW"}
        return
    assert all(0 <= each.span.begin < each.span.end <= len(text) for each in found)


def _pattern_seeds() -> Sequence[bytes]:
    pairs = {
        "WO-([0-9]{6})": "WO-123456 and WO-000001",
        "(a*)*b": "a" * 2000,
        "x*y|x": "x" * 2000,
        "(?i)[\\p{L}\\d]{2,20}(?:\\s|$)": "Ölpumpe P 101 二号泵",
        "(?P<n>a|b){0,100}": "abab" * 50,
        "(((((a{1,10}){1,10}){1,10})))": "a" * 100,
        "\\b\\w+\\b": "one two three",
        "^.*$": "line\nline",
        "[^\\x00-\\x7F]+": "äöü 😀",
    }
    return [f"{pattern}\0{text}".encode() for pattern, text in pairs.items()]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    """Makes the text long of a short piece of it, which is what makes matching slow."""
    pattern, _, text = data.partition(b"\0")
    if not text or chance.random() < 0.5:
        return damaged(pattern, chance).replace(b"\0", b"") + b"\0" + text
    at = chance.randrange(len(text))
    piece = text[at : at + chance.choice((1, 2, 5, 20))]
    return pattern + b"\0" + (piece * 60_000)[:60_000] + chance.choice((b"", b"!", text[:10]))


def _take_text(data: bytes) -> None:
    text = data.decode(errors="ignore")
    end = 0
    for sentence in sentences(text, "en"):
        assert end <= sentence.begin < sentence.end <= len(text)
        end = sentence.end
    for encoding in EncodingType:
        units = Offsets(text, encoding).units_of(Span(0, len(text)))
        assert 0 == units.begin <= units.end
    find_personal_data(text, DEFAULT_TYPES)


def _text_seeds() -> Sequence[bytes]:
    texts = (
        "Kara Dunlap, 12 High Street, Leeds LS1 4AP, +44 113 496 0000. She fixed pump P-101. Dr. Who? No!",
        "张伟住在上海市浦东新区世纪大道100号，电话13812345678，身份证11010519491231002X。",
        "DE89 3704 0044 0532 0130 00, 4111 1111 1111 1111, 10.0.0.1, fe80::1, a@b.example",
        "1. 2. 3.\r\n\r\n- a\n- b\u2028c\x85d … “q” ‘r’",
        "a" * 300 + " " + "1" * 300 + "@" * 300 + "." * 300,
    )
    return [text.encode() for text in texts]


def _stretch(data: bytes, chance: random.Random) -> bytes:
    """Makes a text long of a piece of it: what is not linear shows."""
    at = chance.randrange(len(data) + 1)
    piece = data[at : at + chance.choice((1, 2, 3, 8, 30))] or b"1"
    return data[:at] + piece * (chance.choice((1_000, 20_000)) // len(piece)) + data[at:]


def _take_pseudonyms(data: bytes) -> None:
    text = data.decode(errors="ignore")
    try:
        restored(text, _SECRET)
    except InvalidInputError as error:
        assert error.reason == "PSEUDONYM_KEY_MISMATCH"
    kinds = sorted(DEFAULT_TYPES, key=str)
    findings = [
        Finding(kinds[at % len(kinds)], Span(at, at + 1 + at % 7), 1.0, Source.PATTERN)
        for at in range(0, max(0, len(text) - 8), 8)
    ]
    hidden = pseudonymized(text, findings, _SECRET)
    assert restored(hidden.text, _SECRET).text == text


def _pseudonym_seeds() -> Sequence[bytes]:
    return [
        b"Kara called <PERSON_NAME:AAAAAAAAAAAAAAAAAAAAAAAAAAAA> at noon",
        b"<LITERAL:" + b"A" * 40 + b"><PHONE_NUMBER:" + b"_-" * 20 + b">",
        "漢字 <IBAN:".encode() + b"abcdefghijklmnopqrstuvwxyz" + b"> <IBAN:short>",
    ]


patterns = Target(_take_pattern, _pattern_seeds, seconds=MOST_SECONDS + 2.0, longest=100_000, mutate=_repeat, few=2)
texts = Target(_take_text, _text_seeds, seconds=3.0, longest=30_000, mutate=_stretch, few=5)
pseudonyms = Target(_take_pseudonyms, _pseudonym_seeds, longest=8192)
