"""Numbers with check digits: payment cards (ISO/IEC 7812), IBANs (ISO 13616), Chinese identity numbers (GB 11643)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from stdnum import luhn, numdb
from stdnum.cn import ric
from stdnum.iso7064 import mod_97_10

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._context import Context, Leaning, cards
from sensorium_text.redaction._finding import Finding, Source

_RUN = re.compile(r"(?<![0-9A-Za-z_])[0-9]+(?:[ -][0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
# Issuer identification numbers, each with the lengths of its cards.
_ISSUED = re.compile(
    r"""
    4(?:\d{12}|\d{15}|\d{18})                                                           # Visa
    |(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}                   # Mastercard
    |3[47]\d{13}                                                                        # American Express
    |3(?:0[0-5]|09|6\d|[89]\d)\d{11}(?:\d\d)?                                           # Diners Club
    |(?:6011|64[4-9]\d|65\d\d)\d{12,15}                                                 # Discover
    |35\d\d\d{12,15}|(?:2131|1800)\d{11}                                                # JCB
    |(?:62|81)\d{14,17}                                                                 # UnionPay, RuPay
    |(?:5018|5020|5038|5893|5[678]\d\d|6304|6390|6759|676[1-3]|0604)\d{8,15}            # Maestro
    |(?:220[0-5]|9792|8600|9860|50[5-9]\d|60\d\d|63[79]\d|5019)\d{12}                   # Mir, Troy, UzCard, Verve, Elo
    """,
    re.VERBOSE | re.ASCII,
)
_CARD_DIGITS = range(12, 20)
# How cards print their numbers: groups of digits. Others count only where nothing else stands beside them.
_PRINTED = {
    (4, 4, 4, 4),
    (4, 6, 5),
    (4, 6, 4),
    (4, 4, 4, 1),
    (4, 4, 4, 4, 1),
    (4, 4, 4, 4, 2),
    (4, 4, 4, 4, 3),
    (6, 13),
}
_IBAN_START = re.compile(r"(?<![0-9A-Za-z])([A-Za-z]{2})[0-9]{2}(?=[ -]?[0-9A-Za-z])")
# Where the text says that it is one: countries that joined before the registry tells of it, and lengths of old.
_CALLED_IBAN = re.compile(r"(?<![A-Za-z])IBAN\W{0,3}([A-Z]{2}[0-9]{2}[0-9A-Z]{11,30})(?![0-9A-Za-z])", re.IGNORECASE)
_SEPARATED = re.compile(r"[ -]?([0-9A-Za-z])")
_BLOCK = re.compile(r"([1-9][0-9]*)!")
_RESIDENT_ID = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}([ -]?)(?:18|19|20)[0-9]{6}\1[0-9]{3}[0-9Xx](?![0-9A-Za-z]|[ -][0-9])"
)
_PROVINCES = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46} | {
    50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
}  # fmt: skip


def find_numbers(text: str) -> Iterator[Finding]:
    """Numbers whose check digits are right; they may overlap.

    Args:
        text: folded.
    """
    for span in _resident_ids(text):
        yield Finding(PersonalDataType.CHINESE_RESIDENT_ID, span, 1.0, Source.CHECKSUM)
    for span in _ibans(text):
        yield Finding(PersonalDataType.IBAN, span, 1.0, Source.CHECKSUM)
    for span in _cards(text):
        yield Finding(PersonalDataType.CARD_NUMBER, span, 1.0, Source.CHECKSUM)


def _resident_ids(text: str) -> Iterator[Span]:
    for match in _RESIDENT_ID.finditer(text):
        number = re.sub("[ -]", "", match.group()).upper()
        if int(number[:2]) in _PROVINCES and _is_date(number[6:14]) and ric.calc_check_digit(number) == number[17]:
            yield Span(*match.span())


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[1].upper())
        end = None if length is None else _end_of(text, match.end(), length - 4)
        if end is not None and _is_iban(text[match.start() : end]):
            yield Span(match.start(), end)
    for match in _CALLED_IBAN.finditer(text):
        if _is_iban(match[1]):
            yield Span(*match.span(1))


def _is_iban(written: str) -> bool:
    number = re.sub("[ -]", "", written).upper()
    return mod_97_10.is_valid(number[4:] + number[:4])


def _end_of(text: str, begin: int, count: int) -> int | None:
    """Where `count` letters and digits end that single spaces or hyphens may separate; None when there are fewer."""
    for _ in range(count):
        match = _SEPARATED.match(text, begin)
        if match is None:
            return None
        begin = match.end()
    is_end = begin == len(text) or not (text[begin].isascii() and text[begin].isalnum())
    return begin if is_end else None


def _iban_lengths() -> dict[str, int]:
    """Lengths by country, from the registry of SWIFT."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    registry = numdb.get("iban")
    found = {}
    for country in (first + second for first in letters for second in letters):
        _, properties = registry.info(country)[0]
        if "bban" in properties:
            found[country] = 4 + sum(int(count) for count in _BLOCK.findall(properties["bban"]))
    return found


def _cards(text: str) -> Iterator[Span]:
    context = cards(text)
    for run in _RUN.finditer(text):
        groups = [Span(*group.span()) for group in _GROUP.finditer(text, *run.span())]
        index = 0
        while index < len(groups):
            size = _card(text, context, groups, index)
            if size:
                yield Span(groups[index].begin, groups[index + size - 1].end)
            index += size or 1


def _card(text: str, context: Context, groups: Sequence[Span], start: int) -> int:
    """How many groups of digits from `start` on are the number of a card; the most that are."""
    lengths: list[int] = []
    fitting = []
    for group in groups[start:]:
        lengths.append(group.end - group.begin)
        if sum(lengths) > _CARD_DIGITS[-1]:
            break
        if sum(lengths) in _CARD_DIGITS and _is_printed(lengths, len(groups)):
            fitting.append(len(lengths))
    for size in reversed(fitting):
        if _is_card(text, context, groups[start].begin, groups[start + size - 1].end):
            return size
    return 0


def _is_printed(lengths: Sequence[int], groups_in_run: int) -> bool:
    if len(lengths) == 1 or tuple(lengths) in _PRINTED:
        return True
    return len(lengths) == groups_in_run and min(lengths[:-1]) >= 3


def _is_card(text: str, context: Context, begin: int, end: int) -> bool:
    written = text[begin:end]
    number = re.sub("[ -]", "", written)
    if not luhn.is_valid(number) or _is_part_of_more(text, begin, end):
        return False
    said = context.leaning(begin, end)
    if said.speaks_for:
        return True
    if len(number) == 18 and int(number[:2]) in _PROVINCES and _is_date(number[6:14]):
        return False  # an identity number with a slip in it
    in_groups = number != written
    return _ISSUED.fullmatch(number) is not None and (said is Leaning.NONE or (said is Leaning.AGAINST and in_groups))


def _is_part_of_more(text: str, begin: int, end: int) -> bool:
    """Whether a hyphen, point, letter or the like ties the digits to something else."""
    before, after = text[max(0, begin - 2) : begin], text[end : end + 2]
    tied_before = len(before) == 2 and before[1] in "-/." and before[0].isascii() and before[0].isalnum()
    tied_after = bool(after) and (
        (after[0].isascii() and after[0].isalnum())
        or after[0] == "_"
        or (len(after) == 2 and after[0] in "-." and after[1].isascii() and after[1].isalnum())
    )
    return tied_before or tied_after


_IBAN_LENGTHS = _iban_lengths()
