"""What holds for the rules on any text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sensorium_text.domain import Entity
from sensorium_text.entities._chinese import find_chinese_names
from sensorium_text.entities._resolving import resolve
from sensorium_text.entities._rules import find_by_rule
from services.text.entities.sentences import SENTENCES

WRITINGS = """
    5 1,200 ½ ± < 10-12 bar °C mm/s " P-101A PT-2204 =A1 +K2 -M3 S/N P/N E-204 alarm SPN 110 FMI 3 2024-03-05 Mar
    张伟 3月 5日 度 毫米 公司 上海 : . , - / x 😀 é Ⅳ ²
"""
pieces = st.sampled_from([*WRITINGS.split(), " ", "\n", "e\u0301", "\u00a0", "\uff11\uff12", "\x00", "\ufffe"])


def all_of(text: str) -> list[Entity]:
    return [*find_by_rule(text), *find_chinese_names(text)]


@given(st.lists(pieces, max_size=25).map("".join) | st.lists(pieces, max_size=25).map(" ".join) | st.text(max_size=60))
@example(" ¼BAR")  # the space is none of the number's
def test_findings_lie_in_the_text(text: str) -> None:
    for entity in all_of(text):
        assert 0 <= entity.span.begin < entity.span.end <= len(text)
        assert 0 < entity.confidence <= 1
        assert entity.span.of(text) == entity.span.of(text).strip()
        assert [bool(entity.quantity), bool(entity.date), bool(entity.normalized)].count(True) <= 1


@given(st.permutations([text for text, _ in SENTENCES][:20]))
def test_a_sentence_is_understood_the_same_beside_others(sentences: list[str]) -> None:
    """But for decimal commas and the order of day and month, which the whole text decides."""
    text = "\n".join(sentences)
    whole = {entity.span.of(text) for entity in resolve(find_by_rule(text))}
    alone = {entity.span.of(each) for each in sentences for entity in resolve(find_by_rule(each))}
    assert whole == alone


REPEATED = ["1", "-", "1 ", "1,", "1/", "1e5", "x10 ", "P-1", "P-101 ", "=A1+", "5 bar ", "5kg·kg ", "S/N 123 456 "]
REPEATED += [
    "S/N A11, ",
    "0x",
    "Mar ",
    "十月",
    "张",
    "公司",
    '5"',
    "±",
    "<",
    " ",
    "\n",
    "alarm ",
    "SPN 1 FMI ",
    "e",
    "/min",
]


@pytest.mark.parametrize("piece", REPEATED)
def test_repetition_is_no_trap(piece: str) -> None:
    """A quadratic rule would take minutes and run into the timeout of the test."""
    text = (piece * 30_000)[:30_000]
    assert all(entity.span.end <= len(text) for entity in resolve(find_by_rule(text)))


def test_normal_forms_are_upper_case_without_spaces() -> None:
    found = resolve(find_by_rule("part number ab 12c, serial no. x-1 23, s/n ab-99z, 11 LAB20 AA001, nu 206 ecp"))
    assert {entity.normalized for entity in found} >= {"AB-99Z", "11LAB20AA001"}


@pytest.mark.parametrize("hyphen", ["\u2010", "\u2011", "\u2212", "\uff0d"])
def test_a_typographic_hyphen_is_a_hyphen(hyphen: str) -> None:
    text = (
        f"😀 P{hyphen}101A tripped with alarm ALM{hyphen}17, S/N 4711{hyphen}0815, on 2024{hyphen}03{hyphen}05 at −5 °C"
    )
    found = {entity.span.of(text): entity.normalized for entity in resolve(find_by_rule(text)) if entity.normalized}
    assert found == {
        f"P{hyphen}101A": "P-101A",
        f"ALM{hyphen}17": "ALM-17",
        f"4711{hyphen}0815": "4711-0815",
    }
    assert {f"2024{hyphen}03{hyphen}05", "−5 °C"} <= {entity.span.of(text) for entity in resolve(find_by_rule(text))}
