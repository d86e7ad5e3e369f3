"""Telephone numbers: shapes found in one pass, then checked against the numbering plans and the words around them.

libphonenumber's own matcher backtracks over long runs of digits, and takes serial numbers for telephone numbers.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import phonenumbers

from sensorium_text.domain import Span
from sensorium_text.redaction._context import Context, Leaning, phones

_START = re.compile(r"(?<![0-9A-Za-z_+(])(?=[+(]{0,2}[0-9])")
_DIGITS = re.compile("[0-9]+")
# Between two digits of a number stand at most two of these.
_NEXT = r"(?:[ .\-/()]{0,2}[0-9])"
_INTERNATIONAL = re.compile(rf"\(?(?:\+|00) ?[1-9]{_NEXT}{{6,15}}(?![0-9])")
_CHINESE_MOBILE = re.compile(
    r"(?:\(?86\)?[- ]?)?1[3-9][0-9](?:[0-9]{8}|([- ])[0-9]{4}\1[0-9]{4}|[- ][0-9]{8}|[0-9][- ][0-9]{3}[- ][0-9]{4})"
    r"(?![0-9])"
)
_CHINESE_SERVICE = re.compile(r"[48]00([- ])(?:[0-9]{3}\1[0-9]{4}|[0-9]{4}\1[0-9]{3}|[0-9]{7})(?![0-9])")
_CHINESE_LANDLINE = re.compile(
    r"(?:86[- ])?(?:\(0[1-9][0-9]{1,2}\)[- ]?|0[1-9][0-9]{1,2}[- ])[1-9][0-9]{2,3}[- ]?[0-9]{4}(?![0-9])"
)
_NORTH_AMERICAN = re.compile(
    r"(?:(?:(?:\+|00) ?)?1[-. ])?(?:\([2-9][0-9]{2}\)[ -]?[0-9]{3}[-. ]?[0-9]{4}|[2-9][0-9]{2}([-.])[0-9]{3}\1[0-9]{4}"
    r"|[2-9][0-9]{2}[/ ][2-9][0-9]{2}-[0-9]{4})(?![0-9])"
)
_NORTH_AMERICAN_LOOSE = re.compile(r"(?:1 ?)?[2-9][0-9]{2} ?[2-9][0-9]{2} ?[0-9]{4}(?![0-9])")
_NORTH_AMERICAN_LOCAL = re.compile(r"[2-9][0-9]{2}[-. ][0-9]{4}")
_TRUNK_ZERO = re.compile(rf"(?:\(0[0-9]{{1,5}}\)|0[0-9]{{1,5}}){_NEXT}{{4,11}}(?![0-9])")
_ANY = re.compile(rf"\(?[0-9]{_NEXT}{{6,14}}(?![0-9])")
_EXTENSION = re.compile(
    r"(?:,? ?(?:x|ext\.?|extn\.?|extension|#|durchwahl|dw|poste|转|分机号?)[:. ]{0,2}|-)[0-9]{1,6}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[-./][01]?[0-9][-./][0-3]?[0-9](?![0-9])"
    r"|[0-3]?[0-9][-./][0-3]?[0-9][-./](?:19|20)?[0-9]{2}(?![-./]?[0-9])"
    r"|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9](?:[ -]?[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)?(?![0-9])"
)
_TIED_BEFORE = re.compile(r"(?:[0-9A-Za-z]-|[0-9][./])$")
_TIED_AFTER = re.compile(
    r"[A-Za-z_]|-[0-9A-Za-z]|\.[0-9]|\s?(?:(?:ms|sec|min|hrs?|hours|rpm|mm|kg|pcs|cycles|units|kWh?|bar|Nm|EUR|USD)\b|毫秒|小时|次|元)"
)
# A block of an IBAN, a card's number or the like, with more of it behind a space.
_BLOCK_BEFORE = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{4,} $")
_SINGLE_DIGIT = re.compile(r"(?<![0-9(])[0-9](?![0-9])")
_FRENCH = re.compile(r"0[1-9](?:([ .-])[0-9]{2})(?:\1[0-9]{2}){3}")


class Phone(NamedTuple):
    """What may be a telephone number.

    Attributes:
        span: where.
        is_certain: whether shape, numbering plan and context suffice; else something beside it must speak for it, such
            as a name.
    """

    span: Span
    is_certain: bool


def find_phones(text: str) -> Iterator[Phone]:
    """Telephone numbers, certain and not, in the order of the text and without overlaps.

    Args:
        text: folded.
    """
    context = phones(text)
    position = 0
    while start := _START.search(text, position):
        digits = _DIGITS.search(text, start.start())
        assert digits is not None
        position = digits.end()
        for begin in range(start.start(), digits.start() + 1):
            phone = _phone_at(text, context, begin)
            if phone is not None:
                yield phone
                position = phone.span.end
                break


def is_date(text: str, begin: int) -> bool:
    """Whether a date in figures begins at the offset."""
    return _DATE.match(text, begin) is not None


def is_tied(text: str, begin: int) -> bool:
    """Whether the digits at the offset go on something before them, such as `P-101` or `3.5`."""
    return _TIED_BEFORE.search(text, max(0, begin - 2), begin) is not None


class _Candidate(NamedTuple):
    """A part of a text that has the shape of a telephone number, and what is around it."""

    written: str
    said: Leaning
    is_behind_block: bool

    @property
    def digits(self) -> int:
        return sum(character.isdigit() for character in self.written)

    def is_valid(self, region: str | None) -> bool:
        """Whether the region's numbering plan has it; None where it names its country itself."""
        return _holds(phonenumbers.is_valid_number, self.written, region)

    def is_possible(self) -> bool:
        return _holds(phonenumbers.is_possible_number, self.written, None)


# Whether a candidate certainly is a telephone number; None when it is none.
_Judge = Callable[[_Candidate], bool | None]


def _phone_at(text: str, context: Context, begin: int) -> Phone | None:
    matches = [(match, judge) for pattern, judge in _SHAPES if (match := pattern.match(text, begin))]
    if not matches:
        return None
    before = text[max(0, begin - 12) : begin]
    said = context.leaning(begin, _with_extension(text, matches[0][0].end()))
    if is_tied(text, begin) and (text[begin - 2].isdigit() or said is not Leaning.DIRECTLY_FOR):
        return None
    if "+" not in matches[0][0].group() and (said is Leaning.DIRECTLY_AGAINST or is_date(text, begin)):
        return None
    is_behind_block = _BLOCK_BEFORE.search(before) is not None
    for match, judge in matches:
        for end in _ends(text, match, judge in _OF_ANY_LENGTH):
            full_end = _with_extension(text, end)
            if not _TIED_AFTER.match(text, full_end):
                is_certain = judge(_Candidate(text[begin:end], said, is_behind_block))
                if is_certain is not None:
                    return Phone(_unbracketed(text, Span(begin, full_end)), is_certain)
    return None


def _with_extension(text: str, end: int) -> int:
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _ends(text: str, match: re.Match[str], may_be_shorter: bool) -> list[int]:
    """Where the number may end: at the match's end or, behind whole groups of digits, before it; the longest first."""
    if not may_be_shorter:
        return [match.end()]
    return [group.end() for group in _DIGITS.finditer(text, *match.span())][::-1][:6]


def _unbracketed(text: str, span: Span) -> Span:
    """Without the opening bracket of a remark that the number stands in."""
    written = span.of(text)
    is_remark = written.startswith("(") and written.count("(") > written.count(")")
    return Span(span.begin + 1, span.end) if is_remark else span


def _international(candidate: _Candidate) -> bool | None:
    has_plus = "+" in candidate.written
    if candidate.digits < 8 or not candidate.is_possible():
        return None
    if candidate.is_valid(None):
        return True if has_plus or not candidate.is_behind_block else None
    if not has_plus:  # two zeros may begin anything
        return True if candidate.said.speaks_for else None
    is_list_of_figures = len(_SINGLE_DIGIT.findall(candidate.written)) > 1
    return None if is_list_of_figures else True


def _spoken_for_by_shape(candidate: _Candidate) -> bool | None:
    return None if candidate.is_behind_block and " " in candidate.written else True


def _chinese_landline(candidate: _Candidate) -> bool | None:
    return None if candidate.is_behind_block else candidate.said.speaks_for or candidate.is_valid("CN")


def _north_american_loose(candidate: _Candidate) -> bool | None:
    if candidate.said.speaks_for:
        return True
    return None if candidate.said is Leaning.AGAINST or candidate.is_behind_block else False


def _trunk_zero(candidate: _Candidate) -> bool | None:
    if candidate.is_behind_block or not 9 <= candidate.digits <= 12:
        return None
    if candidate.said.speaks_for:
        return True
    if candidate.said is Leaning.AGAINST:
        return None
    is_french = _FRENCH.fullmatch(candidate.written) is not None and candidate.is_valid("FR")
    return is_french or (not candidate.written.isdigit() and candidate.is_valid("GB"))


def _any(candidate: _Candidate) -> bool | None:
    if candidate.said is Leaning.DIRECTLY_FOR and 7 <= candidate.digits <= 15:
        return True
    # `call Jane Doe, 555-0199`: no word for a telephone is beside it, but a person may be.
    return False if candidate.said is Leaning.FOR and _NORTH_AMERICAN_LOCAL.fullmatch(candidate.written) else None


def _holds(asked: Callable[[phonenumbers.PhoneNumber], bool], written: str, region: str | None) -> bool:
    international = "+" + written.lstrip("(0 ") if region is None and "+" not in written else written
    try:
        return asked(phonenumbers.parse(international, region))
    except phonenumbers.NumberParseException:
        return False


_SHAPES: tuple[tuple[re.Pattern[str], _Judge], ...] = (
    (_NORTH_AMERICAN, _spoken_for_by_shape),
    (_INTERNATIONAL, _international),
    (_CHINESE_MOBILE, _spoken_for_by_shape),
    (_CHINESE_SERVICE, _spoken_for_by_shape),
    (_CHINESE_LANDLINE, _chinese_landline),
    (_NORTH_AMERICAN_LOOSE, _north_american_loose),
    (_TRUNK_ZERO, _trunk_zero),
    (_ANY, _any),
)
_OF_ANY_LENGTH = (_international, _trunk_zero, _any)
