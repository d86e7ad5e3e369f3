"""Part and serial numbers: what follows words that announce one, and the shapes of some makers' part numbers."""

from collections.abc import Iterator
from typing import Any

from sensorium_text.domain import Entity, EntityType, Span
from sensorium_text.entities._characters import at, linear, word_character
from sensorium_text.entities._lexicon import either

_LONGEST = 40
_SPACED = r"(\d{3}(?: \d{3,4}){1,4}\b|[A-Za-z0-9][A-Za-z0-9._/+-]{0,60})"
_NO = r"(?:number|num\b\.?|no\b\.?|nr\b\.?|#|№)"
_LINK = r"\s{0,2}(?:(?:is|was|=|:|：|#|为|是|\()\s{0,2}){0,2}"
_FURTHER = linear(r"^(?:, ?| ?/ ?| and | & |、|和| ?; ?)([A-Za-z0-9][A-Za-z0-9._/+-]{0,60})")
_MOST_FURTHER = 20

_SERIAL_WORDS = linear(
    rf"(?i)(?:\b(?:s/n|s\.n\.|ser(?:ial)?\b\.?(?:[ -]?{_NO})?|serial-?(?:nummer|nr\b\.?)|seriennummer|serien-?nr\b\.?"
    r"|fabrik-?nr\b\.?|sn\b\.?)|序列号|系列号|出厂编号|机身号|机号)"
    rf"{_LINK}{_SPACED}"
)
_NUMBERED = either(
    r"material mat\b\.? stock article art\b\.? item order catalog(?:ue)? cat\b\.? model drawing ref\b\.?"
)
_PART_WORDS = linear(
    rf"(?i)(?:\b(?:p/n|p\.n\.|pn\b|(?:spare )?part[ -]?{_NO}|{_NUMBERED}[ -]?{_NO}|sku\b|mlfb\b"
    r"|(?:material|teile|artikel|bestell)-?(?:nummer|nr\b\.?))"
    rf"|料号|物料号|物料编码|物料编号|零件号|备件号|部件号|件号|订货号|型号|货号){_LINK}{_SPACED}"
)
_NOT_PARTS = linear(r"(?i)^(?:item|drawing|order|ref)")
_SERIES = r"(?:1[26]|60|6[0-4]|7[0-4]|22|23|30|32)\d{2,3}"
_SUFFIX = either("2RS[HR]?1? 2RZ 2Z ZZ LLU DDU RS1? BECBP EK? CCK? CC/W33")
_CLEARANCE = r"(?:[-/]C[1-5])?"
_SHAPES = (
    # Rolling bearings (ISO 15): 6205-2RS, NU 206 ECP, 22218 EK/C3.
    (linear(rf"\b{_SERIES}[ -]?{_SUFFIX}{_CLEARANCE}\b"), 0.85),
    (linear(rf"\b(?:NU|NJ|NUP|HK|NA|NK)[ -]?\d{{3,4}}[ -]?(?:ECP|ECJ|ECM|EC){_CLEARANCE}\b"), 0.85),
    (linear(r"\b(?:UCP|UCF|UCFL|UC|UCT)[ -]?2\d\d(?:-\d{1,2})?\b"), 0.75),
    # Siemens order numbers: 6ES7315-2EH14-0AB0, 3RT2026-1BB40.
    (linear(r"\b[1-9][A-Z]{2}\d ?\d{3}-\d?[A-Z]{1,2}[A-Z0-9]{2,3}-\d?[A-Z0-9]{3,4}(?:-[A-Z0-9]{3,4})?\b"), 0.9),
    (linear(r"\b[1-9][A-Z]{2}\d{4}-\d[A-Z]{2}\d{2}(?:-[A-Z0-9]{4})?\b"), 0.85),
)  # fmt: skip


def find_identifiers(text: str) -> list[Entity]:
    """Part and serial numbers, with their normal forms; they may overlap."""
    return [
        *_announced(text, _SERIAL_WORDS, EntityType.SERIAL_NUMBER, 0.95),
        *_announced(text, _PART_WORDS, EntityType.PART_NUMBER, 0.93),
        *_shaped(text),
    ]


def _announced(text: str, pattern: Any, kind: EntityType, confidence: float) -> Iterator[Entity]:
    for match in pattern.finditer(text):
        begin, end = _trimmed(text, *match.span(1))
        if not _is_identifier(text, begin, end):
            continue
        sure = (
            confidence
            if kind is EntityType.SERIAL_NUMBER or not _NOT_PARTS.search(match.group())
            else confidence - 0.25
        )
        yield identifier(kind, text, begin, end, sure)
        yield from _further(text, begin, end, kind, sure)


def _further(text: str, begin: int, end: int, kind: EntityType, confidence: float) -> Iterator[Entity]:
    """Those after the first of a list, as far as they are written alike."""
    shape = _shape(text[begin:end])
    for _ in range(_MOST_FURTHER):
        match = _FURTHER.search(text[end : end + 70])
        if match is None:
            return
        begin, end = _trimmed(text, end + match.start(1), end + match.end(1))
        if _shape(text[begin:end]) != shape or not _is_identifier(text, begin, end):
            return
        yield identifier(kind, text, begin, end, confidence)


def _shaped(text: str) -> Iterator[Entity]:
    for pattern, confidence in _SHAPES:
        for match in pattern.finditer(text):
            begin, end = match.span()
            if at(text, begin - 1) not in ("-", ".", "/") and not word_character(at(text, begin - 1)):
                yield identifier(EntityType.PART_NUMBER, text, begin, end, confidence)


def identifier(kind: EntityType, text: str, begin: int, end: int, confidence: float) -> Entity:
    """The entity with its normal form: upper case, without spaces."""
    normalized = "".join(text[begin:end].split()).upper()
    return Entity(kind, Span(begin, end), confidence, normalized=normalized)


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the punctuation that ends a sentence."""
    while end > begin and text[end - 1] in "./+-_":
        end -= 1
    return begin, end


def _is_identifier(text: str, begin: int, end: int) -> bool:
    written = text[begin:end]
    if not 3 <= len(written) <= _LONGEST or word_character(at(text, end)):
        return False
    return any(character.isdigit() for character in written)


def _shape(written: str) -> str:
    return "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in written)
