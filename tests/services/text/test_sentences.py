import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.sentences import sentences


def split(text: str, language: str = "en") -> list[str]:
    return [span.of(text) for span in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pump leaks. The seal is worn.", ["The pump leaks.", "The seal is worn."]),
        ("Stopped! Why? Nobody knows...  Then it ran.", ["Stopped!", "Why?", "Nobody knows...", "Then it ran."]),
        ("It sat... idle for a day.", ["It sat... idle for a day."]),
        ('He shouted "Stop!" and ran. "Why?" He left.', ['He shouted "Stop!" and ran.', '"Why?"', "He left."]),
        ("(The guard was open.) It was closed.", ["(The guard was open.)", "It was closed."]),
        ("The pressure is 4.5 bar. The limit is 6.", ["The pressure is 4.5 bar.", "The limit is 6."]),
        ("Pump P.101 runs v2.1.3 now. Fine.", ["Pump P.101 runs v2.1.3 now.", "Fine."]),
        ("Replaced at approx. 4000 hrs. by Dr. Smith.", ["Replaced at approx. 4000 hrs. by Dr. Smith."]),
        ("See Fig. 3 and No. 12, rev. B. Done.", ["See Fig. 3 and No. 12, rev. B.", "Done."]),
        ("Is it hot? No. It is cold.", ["Is it hot?", "No.", "It is cold."]),
        ("Use grease, e.g. LGMT 2, i.e. a soap.", ["Use grease, e.g. LGMT 2, i.e. a soap."]),
        ("Checked by J. Smith. OK.", ["Checked by J. Smith.", "OK."]),
        ("We stopped pump A. Then we drained it.", ["We stopped pump A.", "Then we drained it."]),
        ("It draws 12 A. Reset done.", ["It draws 12 A.", "Reset done."]),
        ("Shift ends at 5 p.m. The guard closes.", ["Shift ends at 5 p.m.", "The guard closes."]),
        ("Oil, filters, etc. were changed.", ["Oil, filters, etc. were changed."]),
        ("Temp. sensor broken. Max. 5 bar.", ["Temp. sensor broken.", "Max. 5 bar."]),
        ("replaced hose. checked oil. ok", ["replaced hose.", "checked oil.", "ok"]),
        ("L/H CYL. LEAKING. ENG. NO. 4 OK", ["L/H CYL. LEAKING.", "ENG. NO. 4 OK"]),
        ("1. Check oil. 2. Start.", ["1. Check oil.", "2. Start."]),
        ("no end", ["no end"]),
        ("", []),
        (" \n\t\u3000", []),
        ("...", ["..."]),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("更换了机械密封。运行正常！", ["更换了机械密封。", "运行正常！"]),
        ("他说：“泵漏油了。”然后停机？是的；完", ["他说：“泵漏油了。”", "然后停机？", "是的；", "完"]),
        ("压力4.5 bar，温度85.5℃。停机！！恢复", ["压力4.5 bar，温度85.5℃。", "停机！！", "恢复"]),
        ("（轴承已更换。）运行正常。", ["（轴承已更换。）", "运行正常。"]),
        ("更换轴承.恢复正常. 继续运行.", ["更换轴承.", "恢复正常.", "继续运行."]),
        ("更换P-101A泵的seal kit。OK。", ["更换P-101A泵的seal kit。", "OK。"]),
        ("一、检查油位\n二、更换滤芯", ["一、检查油位", "二、更换滤芯"]),
    ],
)
def test_chinese(text: str, expected: list[str]) -> None:
    assert split(text, "zh") == expected


def test_ordinals_end_no_sentence_where_they_are_written_with_a_full_stop() -> None:
    text = "Am 5. März lief sie. Am 6. stand sie."
    assert split(text, "de") == ["Am 5. März lief sie.", "Am 6. stand sie."]
    assert split("We bought 5. Then 6.", "en-US") == ["We bought 5.", "Then 6."]


@pytest.mark.parametrize(("language", "text"), [("hi", "पंप बंद है। तेल कम है।"), ("ar", "هل توقفت؟ نعم.")])
def test_full_stops_of_other_scripts(language: str, text: str) -> None:
    assert len(split(text, language)) == 2


def test_each_entry_of_a_log_is_a_sentence() -> None:
    log = "2024-03-05 08:10 Alarm E-204 raised\r\n2024-03-05 08:12 Operator reset the drive\r\n08:15 Running"
    assert split(log) == [
        "2024-03-05 08:10 Alarm E-204 raised",
        "2024-03-05 08:12 Operator reset the drive",
        "08:15 Running",
    ]
    assert split("BUCKET WON'T OPEN\nL/H TRACK LOOSE\nLOW OIL") == ["BUCKET WON'T OPEN", "L/H TRACK LOOSE", "LOW OIL"]
    assert split("08:00 启动\n08:10 报警停机\n复位", "zh") == ["08:00 启动", "08:10 报警停机", "复位"]


def test_each_item_of_a_list_is_a_sentence() -> None:
    text = "Before the start:\n- check the oil level of the gearbox and the\n* close the guard\n2) press start"
    assert split(text) == [
        "Before the start:",
        "- check the oil level of the gearbox and the",
        "* close the guard",
        "2) press start",
    ]


def test_a_blank_line_ends_a_sentence() -> None:
    assert split("Shift notes\n \nthe pump ran") == ["Shift notes", "the pump ran"]


def test_wrapped_prose_goes_on_over_line_breaks() -> None:
    text = (
        "The main drive was stopped because the temperature of the gearbox\n"
        "rose above the limit of 90 degrees. The shift leader called Mr.\n"
        "Miller, who found that the oil level was low and that the\n"
        "seal leaked."
    )
    assert split(text) == [
        "The main drive was stopped because the temperature of the gearbox\nrose above the limit of 90 degrees.",
        "The shift leader called Mr.\nMiller, who found that the oil level was low and that the\nseal leaked.",
    ]


def test_wrapped_chinese_goes_on_over_line_breaks() -> None:
    line = "三号机组主轴承温度在凌晨两点二十分左右突然升"
    text = f"{line}\n{line}\n高到九十度。停机检查。"
    assert split(text, "zh") == [f"{line}\n{line}\n高到九十度。", "停机检查。"]


fragments = st.lists(
    st.one_of(
        st.sampled_from([". ", ".", "? ", "。", "”", '"', ")", "\n", "\r\n", "\n\n", " ", "- ", "1. ", "No. ", "A. "]),
        st.sampled_from(["pump", "Pump", "泵", "4.5", "e.g. ", "🔧", "\u2029", "\x1c", "\u3000", "…", "Dr. "]),
        st.text(max_size=3),
    ),
    max_size=30,
).map("".join)


@given(fragments, st.sampled_from(["en", "zh", "de", "", "und"]))
def test_every_character_but_white_space_is_in_exactly_one_sentence(text: str, language: str) -> None:
    covered = [0] * len(text)
    end = 0
    for span in sentences(text, language):
        assert end <= span.begin < span.end <= len(text)
        assert span.of(text) == span.of(text).strip()
        end = span.end
        covered[span.begin : span.end] = [1] * (span.end - span.begin)
    assert all(count or character.isspace() for count, character in zip(covered, text, strict=True))


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        (".", 1),
        ("(", 1),
        ("a. ", 1),
        ("1.\n", 33_333),
        (". \n", 33_333),
        ("\n", 0),
        ("。", 1),
        ("x", 1),
        ("'.", 1),
        ("- ", 1),
        ("Go. ", 25_000),
    ],
)
def test_a_hundred_thousand_characters_made_to_hurt(pattern: str, count: int) -> None:
    # Quadratic work on these would run into the test's time limit.
    assert len(sentences(pattern * (100_000 // len(pattern)), "en")) == count
