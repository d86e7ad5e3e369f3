import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import EncodingType, Span
from sensorium_text.offsets import Offsets

PIECES = [
    "pump P-101A ",
    "4.5 bar\n",
    "é",
    "e\u0301",  # e and a combining acute accent
    "n\u0303\u0325",
    "更换轴承。",
    "𠮷",  # a Chinese character outside the basic plane
    "🔧",
    "👩🏽\u200d🔧",  # woman, skin tone, joiner, wrench
    "🇩🇪",
    "\u200b",
    "\ufeff",
    "µ",
    "Ω",
    "\x00",
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(st.characters(exclude_categories=["Cs"])),
)
CODECS = {EncodingType.UTF8: ("utf-8", 1), EncodingType.UTF16: ("utf-16-le", 2), EncodingType.UTF32: ("utf-32-le", 4)}


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, Span]:
    text = draw(texts)
    begin = draw(st.integers(0, len(text)))
    return text, Span(begin, draw(st.integers(begin, len(text))))


@pytest.mark.parametrize("encoding", EncodingType)
@given(texts_with_spans())
def test_slicing_the_encoded_text_by_the_offsets_gives_the_span(encoding: EncodingType, case: tuple[str, Span]) -> None:
    text, span = case
    codec, unit = CODECS[encoding]
    units = Offsets(text, encoding).units_of(span)
    assert text.encode(codec)[units.begin * unit : units.end * unit].decode(codec) == span.of(text)


@pytest.mark.parametrize("encoding", EncodingType)
@given(texts_with_spans())
def test_offsets_come_back(encoding: EncodingType, case: tuple[str, Span]) -> None:
    text, span = case
    offsets = Offsets(text, encoding)
    assert offsets.code_points_of(offsets.units_of(span)) == span
    assert offsets.size == len(text.encode(CODECS[encoding][0])) // CODECS[encoding][1]


@pytest.mark.parametrize(
    ("encoding", "span"),
    [(EncodingType.UTF8, Span(11, 17)), (EncodingType.UTF16, Span(6, 8)), (EncodingType.UTF32, Span(4, 6))],
)
def test_chinese_behind_an_emoji(encoding: EncodingType, span: Span) -> None:
    assert Offsets("é𠮷🔧 水泵", encoding).units_of(Span(4, 6)) == span


def test_an_offset_inside_a_character_belongs_to_it() -> None:
    offsets = Offsets("a泵b", EncodingType.UTF8)
    assert [offsets.code_points(byte) for byte in range(6)] == [0, 1, 1, 1, 2, 3]


@pytest.mark.parametrize("encoding", EncodingType)
def test_the_empty_text(encoding: EncodingType) -> None:
    offsets = Offsets("", encoding)
    assert offsets.size == 0
    assert offsets.units_of(Span(0, 0)) == Span(0, 0)


@pytest.mark.parametrize(("encoding", "size"), [(EncodingType.UTF8, 5), (EncodingType.UTF16, 3)])
def test_a_lone_surrogate_does_no_harm(encoding: EncodingType, size: int) -> None:
    assert Offsets("a\ud800b", encoding).size == size


@pytest.mark.parametrize("encoding", EncodingType)
def test_every_offset_of_a_long_text(encoding: EncodingType) -> None:
    text = "泵🔧a" * 100_000
    offsets = Offsets(text, encoding)
    period = {EncodingType.UTF8: 8, EncodingType.UTF16: 4, EncodingType.UTF32: 3}[encoding]
    assert [offsets.units(begin) for begin in range(0, len(text), 3)] == list(range(0, 100_000 * period, period))
