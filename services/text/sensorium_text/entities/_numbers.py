"""Numbers in the writings of a plant: `4.5`, `4,5`, `1,200`, `1 200`, `1.2e3`, `½`, `1 1/2`."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sensorium_text.domain import Span
from sensorium_text.entities._characters import at, letter, linear, word_character

_MOST_DIGITS = 18
_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_DENOMINATORS = frozenset({2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64})
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_NUMBER = linear(
    r"(?:(\d{1,3})[ -])?(\d{1,3})/(\d{1,3})"
    rf"|(?:(\d{{1,4}}) ?)?([{_FRACTIONS}])"
    r"|(\d+(?:[.,]\d+)*|\.\d+)"
    r"(?:[eE]([+-]?\d{1,3})\b| ?[x×·*] ?10(?:\^([+-]?\d{1,2})|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})))?"
)
_TIMES = "xX×*"


@dataclass(frozen=True)
class Number:
    """A number without sign; `grouped` by plain spaces is a guess, and a fraction is rarely more than a measure."""

    span: Span
    value: float
    digits: str
    grouped: bool = False
    fraction: bool = False


def numbers(text: str) -> list[Number]:
    """Numbers that stand by themselves or behind Chinese characters, in the order of the text.

    A comma or point before exactly three digits is read as English does, unless the text's other numbers have decimal
    commas. Parts of words, of versions, times, dates and network addresses are no numbers.
    """
    matches = list(_NUMBER.finditer(text))
    comma = _writes_decimal_commas([match.group() for match in matches])
    found = [number for match in matches if (number := _read(match, text, comma)) is not None]
    return _joined(found, text)


def stands_alone(text: str, begin: int) -> bool:
    """Whether nothing before `begin` makes a number there the tail of a word, number, version or path."""
    before, earlier = at(text, begin - 1), at(text, begin - 2)
    if before in _TIMES and before:
        return earlier.isdigit() or earlier == " "
    if word_character(before) or before in ("#", "\\", "$", "€", "£"):
        return False
    if before in (".", ",", ":"):
        return not (earlier.isdigit() or (before == "." and letter(earlier)))
    return not (before in ("/", "-", "–", "+", "=") and before and word_character(earlier))


def _read(match: Any, text: str, decimal_comma: bool) -> Number | None:
    begin, end = match.span()
    written = match.group()
    plain = not written.strip("0123456789.,")
    if at(text, end).isdigit() or (not plain and at(text, end) in ("/", ":") and at(text, end + 1).isdigit()):
        return None
    if written[0] == "." and at(text, begin - 1) in (".", "…"):  # 10...12
        begin, written = begin + 1, written[1:]
    if plain:
        value = parse_decimal(written, decimal_comma)
        return None if value is None else Number(Span(begin, end), value, written)
    whole, numerator, denominator, before, fraction, decimal, *exponents = match.groups()
    span = Span(begin, end)
    if decimal is not None:
        return _with_exponent(span, decimal, next(each for each in exponents if each), decimal_comma)
    if fraction is not None:
        return Number(span, float(before or 0) + unicodedata.numeric(fraction), before or "", fraction=True)
    if int(denominator) not in _DENOMINATORS or int(numerator) >= int(denominator):
        return None
    return Number(span, float(whole or 0) + int(numerator) / int(denominator), numerator, fraction=True)


def _with_exponent(span: Span, decimal: str, exponent: str, decimal_comma: bool) -> Number | None:
    significand = parse_decimal(decimal, decimal_comma)
    if significand is None:
        return None
    value = float(f"{significand!r}e{exponent.translate(_SUPERSCRIPTS)}") if "e" not in repr(significand) else math.inf
    return Number(span, value, decimal) if math.isfinite(value) else None


def parse_decimal(written: str, decimal_comma: bool) -> float | None:
    """The value of digits with points and commas; None where they are no number, such as `1.2.3`."""
    if sum(character.isdigit() for character in written) > _MOST_DIGITS:
        return None
    last = next((character for character in reversed(written) if character in ".,"), "")
    if not last:
        return float(written)
    head, _, tail = written.rpartition(last)
    other = "," if last == "." else "."
    if last in head or (other not in head and _groups(last, head, tail, decimal_comma)):
        return float(written.replace(last, "")) if other not in head and _in_threes(written, last) else None
    if other in head and not _in_threes(head, other):
        return None
    return float(f"{head.replace(other, '')}.{tail}")


def _groups(separator: str, head: str, tail: str, decimal_comma: bool) -> bool:
    """Whether the only separator of a number groups its digits instead of marking decimals."""
    return len(tail) == 3 and len(head) <= 3 and not head.startswith("0") and (separator == ",") != decimal_comma


def _in_threes(written: str, separator: str) -> bool:
    first, *rest = written.split(separator)
    return 1 <= len(first) <= 3 and all(len(part) == 3 for part in rest)


def _writes_decimal_commas(written: Sequence[str]) -> bool:
    """Whether more of a text's clear decimals have a comma than a point."""
    marks = [mark for one in written for mark in (_clear_mark(one),) if mark]
    return marks.count(",") > marks.count(".")


def _clear_mark(written: str) -> str:
    """The decimal mark where it is clear: the only separator, and not before exactly three digits."""
    for mark in ".,":
        head, found, tail = written.partition(mark)
        if found and head.isdigit() and tail.isdigit() and len(tail) != 3:
            return mark
    return ""


def _joined(found: Sequence[Number], text: str) -> list[Number]:
    """Puts together groups of three digits with a space between, `1 200`, if the first stands by itself."""
    result: list[Number] = []
    for number in found:
        last = result[-1] if result else None
        if last is not None and _continues(last, number, text):
            span = Span(last.span.begin, number.span.end)
            digits = last.digits + number.digits
            plain = last.grouped or text[last.span.end] == " "
            result[-1] = Number(span, last.value * 1000 + number.value, digits, grouped=plain)
        else:
            result.append(number)
    return result


def _continues(last: Number, number: Number, text: str) -> bool:
    gap = text[last.span.end : number.span.begin]
    whole = number.digits.partition(".")[0].partition(",")[0]
    return (
        gap in (" ", "\u00a0", "\u202f", "\u2009", "'")
        and len(whole) == 3
        and last.digits.isdigit()
        and not last.digits.startswith("0")
        and len(last.digits) == last.span.end - last.span.begin - last.digits.count(" ")
        and len(last.digits) <= 3
        and not (last.fraction or number.fraction)
        and stands_alone(text, last.span.begin)
    )
