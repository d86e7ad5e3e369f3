import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import Span
from sensorium_text.words import words


def terms(text: str, language: str = "en") -> list[str]:
    return [word.term for word in words(text, language) if not word.stop]


def keys(text: str, language: str = "en") -> list[str]:
    return [word.key for word in words(text, language)]


def parts(text: str, language: str = "en") -> list[tuple[str, str]]:
    """The parts of the text's one word, as written and as compared."""
    (word,) = words(text, language)
    return [(part.span.of(text), part.key) for part in word.parts]


def test_english_without_inflection_and_stop_words() -> None:
    assert terms("The pump's bearings were LEAKING, and the hoses leak.") == ["pump", "bear", "leak", "hose", "leak"]


def test_words_that_say_something_in_a_plant_are_no_stop_words() -> None:
    assert terms("no oil, not off, shut down") == ["no", "oil", "not", "off", "shut", "down"]


def test_spans_are_those_of_the_text() -> None:
    text = "更换 the Pump\u2019s seal🔧 P-101A。"
    found = [(word.span.of(text), word.stop) for word in words(text, "zh")]
    assert found == [("更换", False), ("the", True), ("Pump\u2019s", False), ("seal", False), ("P-101A", False)]
    assert words(text, "zh")[4].span == Span(20, 26)


@pytest.mark.parametrize(
    ("text", "term", "key"),
    [
        ("P-101A", "p-101a", "p101a"),
        ("P101A", "p101a", "p101a"),
        ("P_101/A", "p_101/a", "p101a"),
        ("\uff30\uff0d\uff11\uff10\uff11\uff21", "p-101a", "p101a"),
        ("P\u2011101A", "p-101a", "p101a"),
        ("6205-2RS", "6205-2rs", "6205-2rs"),
        ("#12", "#12", "#12"),
        ("12V", "12v", "12v"),
        ("4.5", "4.5", "4.5"),
        ("1,000", "1,000", "1000"),
        ("10:15", "10:15", "10:15"),
        ("L/H", "l/h", "lh"),
        ("=A1+K2-M3", "a1+k2-m3", "a1k2m3"),
        ("WON'T", "won't", "wont"),
        ("shut-offs", "shut-offs", "shutoff"),
        ("_tag_", "tag", "tag"),
        ("m²", "m2", "m2"),
        ("cafe\u0301s", "cafés", "cafés"),
    ],
)
def test_codes_are_one_word(text: str, term: str, key: str) -> None:
    (word,) = words(text, "en")
    assert (word.term, word.key) == (term, key)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P-101A", [("101A", "101a"), ("101", "101")]),
        ("6205-2RS/C3", [("6205", "6205"), ("2RS", "2rs"), ("RS", "rs"), ("C3", "c3")]),
        ("#12", [("12", "12")]),
        ("#3", [("3", "3")]),
        ("24VDC", [("24", "24"), ("VDC", "vdc")]),
        ("4.5kW", [("4.5", "4.5"), ("kW", "kw")]),
        ("4.5", []),
        ("1,000", []),
        ("L/H", []),
        ("over-temperatures", [("over", "over"), ("temperatures", "temperatur")]),
        ("cafe\u0301s", []),
        ("密封圈", [("密封", "密封")]),
        ("泵", []),
    ],
)
def test_codes_and_compounds_have_parts(text: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text) == expected


def test_a_comma_joins_only_digits() -> None:
    assert keys("valve,pump 1,5") == ["valv", "pump", "1,5"]


def test_a_compound_of_stop_words_is_one() -> None:
    assert [word.stop for word in words("and/or and/oil", "en")] == [True, False]


def test_chinese_is_cut_into_words() -> None:
    assert keys("更换P-101A泵的密封圈，3号机组主轴承温度过高-报警", "zh") == [
        *("更换", "p101a", "泵", "的", "密封圈", "3", "号", "机组", "主", "轴承", "温度", "过高", "报警")
    ]
    assert terms("更换泵的轴承", "zh") == ["更换", "泵", "轴承"]


def test_chinese_words_come_with_the_words_within() -> None:
    text = "检查温度传感器"
    assert [(word.span.of(text), [part.span.of(text) for part in word.parts]) for word in words(text, "zh")] == [
        ("检查", []),
        ("温度传感器", ["温度", "传感", "感器", "传感器"]),
    ]


def test_english_words_in_chinese_lose_their_inflection() -> None:
    assert keys("更换bearings", "zh-CN") == ["更换", "bear"]


def test_japanese_is_cut_where_the_script_changes() -> None:
    assert (
        keys("ポンプの交換が必要です", "")
        == keys("ポンプの交換が必要です", "ja")
        == ["ポンプ", "の", "交換", "が", "必要", "です"]
    )


def test_other_languages_keep_their_inflection() -> None:
    assert keys("Die Pumpen laufen; Straße", "de") == ["die", "pumpen", "laufen", "strasse"]
    assert keys("насос течёт", "ru") == ["насос", "течёт"]


@pytest.mark.parametrize("text", ["", " \n", "...", "🔧👩🏽\u200d🔧", "#", "_", "-'-", "\u0301", "\ud800"])
def test_no_words(text: str) -> None:
    assert words(text, "en") == []


def test_a_joiner_behind_a_chinese_character_is_no_word() -> None:
    assert keys("泵\u200d", "zh") == ["泵"]


pieces = st.one_of(
    st.sampled_from(
        ["P-101A", "泵", "密封圈", "ポンプ", "の", "#", "12", "'s", "’", "-", ".", "/", "_", " ", "e\u0301"]
    ),
    st.sampled_from(["\uff21", "🔧", "\u200d", "𠮷", "々", "İ", "ﬁ", "Ω", "ǅ", ",", ":", "+", "\n", "ß", "½", "٣"]),
    st.text(max_size=3),
)


@given(st.lists(pieces, max_size=20).map("".join), st.sampled_from(["en", "zh", "ja", "de", ""]))
def test_words_are_in_order_and_leave_out_no_letter_or_digit(text: str, language: str) -> None:
    end = 0
    for word in words(text, language):
        assert end <= word.span.begin < word.span.end <= len(text)
        assert re.search(r"\w", word.span.of(text))
        assert not re.search(r"[^\W_]", text[end : word.span.begin])
        assert all(word.span.begin <= part.span.begin < part.span.end <= word.span.end for part in word.parts)
        end = word.span.end
    assert not re.search(r"[^\W_]", text[end:])


def test_upper_and_lower_case_make_no_difference() -> None:
    text = "Pump P-101A leaks: Bearings won't turn, Straße ΣΟΦΟΣ"
    assert keys(text.upper()) == keys(text.lower()) == keys(text)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("a-", 1), ("1a", 1), ("'", 0), ("#1", 50_000), ("_", 0), ("a\u0301", 1), ("泵a-", 66_666), ("1,", 1), ("-", 0)],
)
def test_a_hundred_thousand_characters_made_to_hurt(pattern: str, count: int) -> None:
    # Quadratic work on these would run into the test's time limit.
    assert len(words(pattern * (100_000 // len(pattern)), "en")) == count


def test_threads_do_not_disturb_each_other() -> None:
    text = "leaking bearings, vibrating hoses, lubricated pumps " * 200
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: tuple(keys(text)), range(16)))) == 1
