"""Dates in figures and words: English, German and Chinese, as ISO 8601 in as much as is written.

`3/5/2024` can be read in two ways. Where another date of the text shows which number is the day (`25/3/2024`), that
decides; else the month comes first, as in the United States, with less confidence. With points (`05.03.2024`) or
hyphens (`05-03-2024`) the day comes first. Years of two digits lie in 1970 to 2069. Days that no calendar has are none.
"""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from sensorium_text.domain import Entity, EntityType, Span
from sensorium_text.entities._characters import at, linear, word_character
from sensorium_text.entities._lexicon import listed

_ENGLISH = listed("january february march april may june july august september october november december")
_GERMAN = listed("januar februar märz april mai juni juli august september oktober november dezember")
_SHORT = {"sept": 9, "mrz": 3, "okt": 10, "dez": 12, "jän": 1}
_MONTHS = {
    **{name[:3]: number for number, name in enumerate(_ENGLISH, 1)},
    **{name: number for names in (_ENGLISH, _GERMAN) for number, name in enumerate(names, 1)},
    **_SHORT,
}
_NAME = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)).replace("ä", "[äÄ]") + r")\b\.?"
_DAY = r"([0-3]?\d)"
_YEAR = r"((?:19|20)\d\d)"
_CHINESE_FIGURES = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_CHINESE_NUMBER = r"([〇零○一二三四五六七八九十]{1,4}|\d{1,4})"

_ISO = linear(rf"\b{_YEAR}([-/.])([01]?\d)([-/.])([0-3]?\d)(?:\b|T)")
_ISO_MONTH = linear(rf"\b{_YEAR}-([01]\d)\b")
_FIGURES = linear(r"\b([0-3]?\d)([-/.])([0-3]?\d)([-/.])((?:19|20)?\d\d)\b")
_MONTH_YEAR = linear(rf"\b(0[1-9]|1[0-2])[/.]{_YEAR}\b")
_DAY_FIRST = linear(rf"(?i)\b{_DAY}(?:st|nd|rd|th|\.)?(?: of)?[ -]?{_NAME}(?:,? ?[-/']?((?:19|20)?\d\d)\b)?")
_MONTH_FIRST = linear(rf"(?i)\b{_NAME} ?{_DAY}(?:st|nd|rd|th)?\b(?:,? ?{_YEAR}\b)?")
_RUN_TOGETHER = linear(rf"(?i)\b([0-3]\d)({'|'.join(name[:3] for name in _ENGLISH)})((?:19|20)?\d\d)\b")
_NAMED_MONTH = linear(rf"(?i)\b{_NAME}(?:,? {_YEAR}|[-/ ]?'?(\d\d))\b")
_CHINESE = linear(
    rf"(?:{_CHINESE_NUMBER}[年/])?{_CHINESE_NUMBER}月(?:份|{_CHINESE_NUMBER}[日号號])?|{_CHINESE_NUMBER}年(?:度)?"
)


def find_dates(text: str) -> list[Entity]:
    """Dates in the order of the text; they may overlap where one writing holds another."""
    found = [
        *_iso(text), *_iso_months(text), *_figures(text), *_months_and_years(text),
        *_day_first(text), *_run_together(text), *_month_first(text), *_named_months(text), *_chinese(text),
    ]  # fmt: skip
    return sorted(found, key=lambda entity: entity.span)


def _iso(text: str) -> Iterator[Entity]:
    for match in _ISO.finditer(text):
        year, first, month, second, day = match.groups()
        end = match.end(5)
        if first == second and _free(text, match.start(), end):
            yield from _date(Span(match.start(), end), int(year), int(month), int(day), 0.95 if first == "-" else 0.9)


def _iso_months(text: str) -> Iterator[Entity]:
    for match in _ISO_MONTH.finditer(text):
        if _free(text, match.start(), match.end()):
            yield from _date(Span(*match.span()), int(match.group(1)), int(match.group(2)), None, 0.65)


def _figures(text: str) -> Iterator[Entity]:
    matches = [
        match
        for match in _FIGURES.finditer(text)
        if match.group(2) == match.group(4) and _free(text, match.start(), match.end())
    ]
    orders = {_order(match) for match in matches if match.group(2) == "/"} - {""}
    for match in matches:
        first, mark, second, _, year = match.groups()
        clear = _order(match)
        day_first = clear == "day" or (not clear and (mark != "/" or orders == {"day"}))
        day, month = (first, second) if day_first else (second, first)
        confidence = 0.9 if clear or mark == "." else 0.8 if len(orders) == 1 or mark == "-" else 0.6
        if len(year) == 2:
            confidence -= 0.15 if mark == "/" else 0.25  # 10.12.24 may be a version, too
        yield from _date(Span(*match.span()), _full_year(year), int(month), int(day), max(confidence, 0.55))


def _order(match: Any) -> str:
    """`day` or `month`, whichever must come first; empty where both can."""
    first, second = int(match.group(1)), int(match.group(3))
    if first > 12 >= second:
        return "day"
    return "month" if second > 12 >= first else ""


def _months_and_years(text: str) -> Iterator[Entity]:
    for match in _MONTH_YEAR.finditer(text):
        if _free(text, match.start(), match.end()):
            yield from _date(Span(*match.span()), int(match.group(2)), int(match.group(1)), None, 0.7)


def _day_first(text: str) -> Iterator[Entity]:
    for match in _DAY_FIRST.finditer(text):
        day, name, year = match.groups()
        month = _month(name)
        if at(text, match.start() - 1) in (".", "/", "-", ",") and at(text, match.start() - 2).isdigit():
            continue
        end = match.end() if year else _without_point(text, match)
        if year is None and not _capital(name):
            continue
        yield from _date(Span(match.start(), end), _full_year(year), month, int(day), 0.9 if year else 0.75)


def _run_together(text: str) -> Iterator[Entity]:
    for match in _RUN_TOGETHER.finditer(text):
        day, name, year = match.groups()
        yield from _date(Span(*match.span()), _full_year(year), _month(name), int(day), 0.8)


def _month_first(text: str) -> Iterator[Entity]:
    for match in _MONTH_FIRST.finditer(text):
        name, day, year = match.groups()
        if not _capital(name) or (not year and not _free(text, match.start(), match.end())):
            continue
        yield from _date(Span(*match.span()), _full_year(year), _month(name), int(day), 0.9 if year else 0.75)


def _named_months(text: str) -> Iterator[Entity]:
    for match in _NAMED_MONTH.finditer(text):
        name, year, short = match.groups()
        if not _capital(name) or not _free(text, match.start(), match.end()):
            continue
        if short and "'" not in match.group() and match.group().partition(name)[2][:1] == " " and int(short) <= 31:
            continue  # "Mar 24" is a day
        confidence = 0.85 if year else 0.6
        yield from _date(Span(*match.span()), _full_year(year or short), _month(name), None, confidence)


def _chinese(text: str) -> Iterator[Entity]:
    for match in _CHINESE.finditer(text):
        year, month, day, only_year = (_chinese_number(group) for group in match.groups())
        begin = match.start()
        if at(text, begin - 1).isdigit() or (at(text, begin - 1) in _CHINESE_FIGURES and at(text, begin - 1)):
            continue
        year = only_year if only_year is not None else year
        if year is not None and not 1900 <= year <= 2100:
            continue
        if month is None:
            if year is not None:
                yield Entity(EntityType.DATE, Span(begin, match.end()), 0.7, date=f"{year:04}")
            continue
        if day is None and year is None and (text[begin : match.end()].endswith("月") and at(text, begin - 1) == "个"):
            continue
        confidence = 0.95 if day and year else 0.85 if day or year else 0.6
        yield from _date(Span(begin, match.end()), year, month, day, confidence)


def _chinese_number(written: str | None) -> int | None:
    """The value of `12`, `十二`, `二十三` or `二〇二四`."""
    if written is None:
        return None
    if written.isascii():
        return int(written)
    if "十" in written:
        tens, _, ones = written.partition("十")
        if len(tens) > 1 or len(ones) > 1 or "十" in ones:
            return -1
        return _CHINESE_FIGURES.get(tens, 1) * 10 + _CHINESE_FIGURES.get(ones, 0)
    value = 0
    for character in written:
        value = value * 10 + _CHINESE_FIGURES[character]
    return value


def _date(span: Span, year: int | None, month: int, day: int | None, confidence: float) -> Iterator[Entity]:
    """The entity, unless no calendar has the day; in an unknown year February has 29 days."""
    try:
        datetime.date(year or 2000, month, day if day is not None else 1)
    except ValueError:
        return
    written = f"{year:04}" if year is not None else "-"
    written += f"-{month:02}" + (f"-{day:02}" if day is not None else "")
    yield Entity(EntityType.DATE, span, confidence, date=written)


def _full_year(written: str | None) -> int | None:
    if not written:
        return None
    year = int(written)
    return year if year >= 100 else year + (2000 if year < 70 else 1900)


def _month(name: str) -> int:
    return _MONTHS[name.lower()]


def _capital(name: str) -> bool:
    """Whether it is written as a name: `may` and `march` are words, too."""
    return name[:1].isupper() and (name.isupper() or name[1:].islower())


def _without_point(text: str, match: Any) -> int:
    end: int = match.end()
    return end - 1 if text[end - 1] == "." else end


def _free(text: str, begin: int, end: int) -> bool:
    """Whether the figures are not a part of a longer number, word or version."""
    before, after = at(text, begin - 1), at(text, end)
    if word_character(before) or (word_character(after) and after != "T"):
        return False
    if before in _MARKS and word_character(at(text, begin - 2)):
        return False
    return not (after in _MARKS and word_character(at(text, end + 1)))


_MARKS: Sequence[str] = ("-", "/", ".", "+")
