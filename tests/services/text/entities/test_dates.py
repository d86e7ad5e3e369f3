"""Dates in figures and words, as ISO 8601."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.entities._dates import find_dates
from sensorium_text.entities._resolving import resolve


def dates(text: str) -> list[tuple[str, str]]:
    return [(entity.span.of(text), entity.date) for entity in resolve(find_dates(text))]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.03.05", "2024-03-05"),
        ("2024-03", "2024-03"),
        ("05.03.2024", "2024-03-05"),
        ("05-03-2024", "2024-03-05"),
        ("5.3.24", "2024-03-05"),
        ("5.3.69", "2069-03-05"),
        ("5.3.70", "1970-03-05"),
        ("13/2/06", "2006-02-13"),
        ("5 March 2024", "2024-03-05"),
        ("5th of March, 2024", "2024-03-05"),
        ("5. März 2024", "2024-03-05"),
        ("5. MÄRZ 2024", "2024-03-05"),
        ("March 5th", "--03-05"),
        ("Mar 5, 2024", "2024-03-05"),
        ("29 Feb", "--02-29"),
        ("Mar-24", "2024-03"),
        ("March 2024", "2024-03"),
        ("05MAR24", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("2024年3月", "2024-03"),
        ("2024年", "2024"),
        ("3月5号", "--03-05"),
        ("3月", "--03"),
        ("二〇二四年十二月三十一日", "2024-12-31"),
    ],
)
def test_writings(text: str, date: str) -> None:
    assert dates(f"On {text}: ok") == [(text, date)]
    assert dates(text) == [(text, date)]


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2024", "2023-02-29", "2024-13-01", "30 February", "10.12.24.3", "1/2", "3/5", "version 2024-03-05b",
        "it may 5 times", "march 5 steps", "20240305", "5年", "13月5日", "三十三月", "12345/03/2024", "a-2024-03-05",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert dates(text) == []


def test_a_time_behind_a_date_is_left_out() -> None:
    assert dates("2024-03-05T10:00:00Z") == [("2024-03-05", "2024-03-05")]


def test_an_ambiguous_date_has_the_month_first_with_less_confidence() -> None:
    (entity,) = find_dates("3/5/2024")
    assert (entity.date, entity.confidence) == ("2024-03-05", 0.6)


def test_another_date_of_the_text_shows_which_number_is_the_day() -> None:
    first, second = find_dates("3/5/2024, 25/3/2024")
    assert (first.date, first.confidence) == ("2024-05-03", 0.8)
    assert (second.date, second.confidence) == ("2024-03-25", 0.9)


def test_dates_that_contradict_each_other_show_nothing() -> None:
    (first, *_) = find_dates("3/5/2024, 25/3/2024, 3/25/2024")
    assert (first.date, first.confidence) == ("2024-03-05", 0.6)


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_every_day_is_read_back(day: datetime.date) -> None:
    for written in (
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day.day} {day:%B %Y}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert [date for _, date in dates(written)] == [day.isoformat()]
