from __future__ import annotations

import html
import re
import unicodedata
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_client import Alternative, Utterance, Word
from sensorium_client._speech.subtitles import LINE_WIDTH, LINES, columns, cues, to_srt, to_vtt, wrapped

SECOND = timedelta(seconds=1)
# of a group of lines: the number of the cue, its times, its text
SRT = re.compile(r"(\d+)\n(\d\d+):(\d\d):(\d\d),(\d{3}) --> (\d\d+):(\d\d):(\d\d),(\d{3})\n((?:.+\n)+)")
VTT = re.compile(r"\n(\d\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d\d+):(\d\d):(\d\d)\.(\d{3})\n((?:.+\n)+)")


def utterance(text: str, *words: Word, begin: float = 0.0, end: float = 0.0, channel: int = 0) -> Utterance:
    return Utterance((Alternative(text, 0.5, words),), channel, begin * SECOND, end * SECOND)


def word(text: str, begin: float, end: float) -> Word:
    return Word(text, 0.5, begin * SECOND, end * SECOND)


BECKETT = (
    utterance(
        "Ever tried. Ever failed.",
        word("Ever", 0.5, 0.8),
        word("tried.", 0.9, 1.25),
        word("Ever", 3.0, 3.2),
        word("failed.", 3.3, 3.7005),
        begin=0.4,
        end=3.9,
    ),
    utterance("No matter.", begin=3661.5, end=3663),
)


def test_subrip() -> None:
    assert to_srt(BECKETT) == (
        "1\n00:00:00,500 --> 00:00:01,500\nEver tried.\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nEver failed.\n\n"
        "3\n01:01:01,500 --> 01:01:03,000\nNo matter.\n"
    )


def test_webvtt() -> None:
    assert to_vtt(BECKETT) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nEver tried.\n\n"
        "00:00:03.000 --> 00:00:04.000\nEver failed.\n\n"
        "01:01:01.500 --> 01:01:03.000\nNo matter.\n"
    )


def test_nothing_said() -> None:
    for empty in ((), (utterance("", begin=1, end=2),), (Utterance((), 0, SECOND, SECOND),)):
        assert (to_srt(empty), to_vtt(empty)) == ("", "WEBVTT\n")


def test_markup_is_text() -> None:
    found = (utterance("A <b>b</b> & {\\an8} c --> d", end=2),)
    assert "A &lt;b&gt;b&lt;/b&gt; &amp; {\\an8} c --&gt; d" in to_vtt(found)
    text = to_srt(found).split("\n", 2)[2]
    assert not re.search(r"<\w|</|\{\\|-->", text)
    assert text.replace("\u2060", "") == "A <b>b</b> & {\\an8} c --> d\n"


def test_channels() -> None:
    found = (utterance("Left.", begin=1, end=2.5, channel=1), utterance("Right.", begin=1, end=2.5, channel=2))
    assert to_srt(found).count("00:00:01,000 --> 00:00:02,500") == 2
    assert "\n[1] Left.\n" in to_srt(found)
    assert "\n<v Channel 2>Right.\n" in to_vtt(found)


def test_long_texts_are_cut_between_words_and_follow_their_times() -> None:
    words = [f"word{i:02}" for i in range(40)]
    timed = [word(text, 0.25 * i, 0.25 * i + 0.2) for i, text in enumerate(words)]
    found = cues([utterance(" ".join(words), *timed, end=10)])
    assert found[0].lines == (" ".join(words[:6]), " ".join(words[6:12]))
    assert [(cue.begin, cue.end) for cue in found] == [(0, 2950), (3000, 5950), (6000, 8950), (9000, 10000)]


def test_a_cue_lasts_seven_seconds_at_most() -> None:
    timed = [word(text, i * 1.5, i * 1.5 + 1) for i, text in enumerate("abcdefgh")]
    found = cues([utterance("a b c d e f g h", *timed, end=12)])
    assert [cue.lines for cue in found] == [("a b c d e",), ("f g h",)]


def test_words_without_times_share_what_is_between_their_neighbours() -> None:
    found = cues([utterance("aaaa bbbb cccc dddd", word("bbbb", 4, 5), Word("cccc", 0.5), begin=0, end=11)])
    assert [(cue.begin, cue.end, cue.lines) for cue in found] == [
        (0, 5000, ("aaaa bbbb",)),
        (5600, 11000, ("cccc dddd",)),
    ]


def test_chinese_is_cut_between_characters_and_not_before_punctuation() -> None:
    text = "泵的压力太高。" * 10
    (first, *_) = cues([utterance(text, end=6)])
    assert first.lines == ("泵的压力太高。" * 3, "泵的压力太高。" * 3)
    shifted = cues([utterance("a" + text, end=6)])[0].lines
    assert all(line[0] != "。" for line in shifted)


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("泵a", 3), ("e\u0301", 1), ("\u2060a", 1)])
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


def test_wrapping() -> None:
    assert wrapped([("", "ab"), (" ", "c"), (" ", "defghij"), ("", "k")], 4) == ["ab c", "defg", "hijk"]
    assert wrapped([]) == []


def offsets() -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(0), timedelta(hours=30))


@st.composite
def said(draw: st.DrawFn) -> Utterance:
    text = draw(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" <>-&{\\泵。\n"), max_size=200))
    words = tuple(
        Word(part, 0.5, *draw(st.just((None, None)) | st.tuples(offsets(), offsets()))) for part in text.split()
    )
    alternatives = draw(st.sampled_from([(Alternative(text, 0.5, words),), (Alternative(text, 0.5),), ()]))
    begin, end = sorted((draw(offsets()), draw(offsets())))
    return Utterance(alternatives, draw(st.integers(0, 3)), begin, end)


def without_spaces(text: str) -> str:
    kept = (each for each in text if unicodedata.category(each) != "Cc" and each != "\u2060")
    return "".join("".join(kept).split())


@given(st.lists(said(), max_size=4))
def test_any_utterances_make_files_that_can_be_read(utterances: list[Utterance]) -> None:
    shown = cues(utterances)
    srt, vtt = to_srt(utterances), to_vtt(utterances)
    blocks = [match.groups() for match in SRT.finditer(srt)]
    assert "\n".join(match.group() for match in SRT.finditer(srt)) == srt
    assert [int(block[0]) for block in blocks] == [*range(1, len(shown) + 1)]
    assert "WEBVTT\n" + "".join(match.group() for match in VTT.finditer(vtt)) == vtt
    for cue, block, other in zip(shown, blocks, VTT.finditer(vtt), strict=True):
        assert block[1:9] == other.groups()[:8]
        hours, minutes, seconds, rest = map(int, block[1:5])
        assert ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest == cue.begin
        voiceless = re.sub(r"^<v Channel \d>", "", other.group(9))
        assert html.unescape(voiceless) == "\n".join(cue.lines) + "\n"
        assert not re.search("[<>]|-->", voiceless)


@given(st.lists(said(), max_size=4))
def test_any_cues_fit_their_lines_and_keep_apart(utterances: list[Utterance]) -> None:
    shown = cues(utterances)
    assert [cue.begin for cue in shown] == sorted(cue.begin for cue in shown)
    for cue in shown:
        tag = 4 if cue.channel_tag else 0
        assert all(0 < columns(line) + tag <= LINE_WIDTH or not columns(line) for line in cue.lines)
        assert cue.begin < cue.end
    for channel in range(4):
        own = [cue for cue in shown if cue.channel_tag == channel]
        assert all(first.end <= second.begin for first, second in pairwise(own))


@given(said())
def test_no_text_is_lost(utterance: Utterance) -> None:
    shown = "".join(line for cue in cues([utterance]) for line in cue.lines)
    assert without_spaces(shown) == without_spaces(utterance.transcript)


@given(st.text("ab 泵。", max_size=150))
def test_a_cue_has_two_lines(text: str) -> None:
    longest = max(map(len, text.split()), default=0)
    for cue in cues([utterance(text, end=5)]):
        assert len(cue.lines) <= LINES or longest > LINES * LINE_WIDTH // 2
