"""Which of several findings in one place stays."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import Entity, EntityType, Span
from sensorium_text.entities._resolving import in_order, resolve

T = EntityType


def entity(kind: EntityType, begin: int, end: int, confidence: float = 0.9) -> Entity:
    return Entity(kind, Span(begin, end), confidence)


def test_the_more_confident_stays() -> None:
    sure, unsure = entity(T.ERROR_CODE, 0, 5, 0.9), entity(T.EQUIPMENT_TAG, 0, 9, 0.6)
    assert resolve([unsure, sure]) == [sure]


def test_among_equals_the_longer_stays() -> None:
    long, short = entity(T.DATE, 0, 12), entity(T.DATE, 2, 12)
    assert resolve([short, long]) == [long]


def test_among_equals_of_one_length_the_more_special_kind_stays() -> None:
    serial, part, tag = (entity(kind, 0, 5) for kind in (T.SERIAL_NUMBER, T.PART_NUMBER, T.EQUIPMENT_TAG))
    assert resolve([tag, part, serial]) == [serial]


def test_a_rule_stands_before_a_name() -> None:
    name, tag = entity(T.PERSON, 0, 9, 0.99), entity(T.EQUIPMENT_TAG, 3, 9, 0.6)
    assert resolve([name, tag]) == [tag]


def test_neighbours_both_stay() -> None:
    left, right = entity(T.DATE, 0, 5), entity(T.QUANTITY, 5, 9)
    assert resolve([right, left]) == [left, right]


def test_the_order_of_the_text() -> None:
    custom = Entity(T.CUSTOM, Span(0, 3), 1.0, name="b")
    assert in_order([entity(T.DATE, 4, 6), custom, entity(T.DATE, 0, 4)]) == [
        entity(T.DATE, 0, 4),
        custom,
        entity(T.DATE, 4, 6),
    ]


spans = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
findings = st.builds(
    Entity, st.sampled_from([kind for kind in T if kind is not T.CUSTOM]), spans, st.floats(0, 1, width=16)
)


@given(st.lists(findings, max_size=30))
def test_what_stays_is_in_order_and_does_not_overlap_and_covers_what_fell(found: list[Entity]) -> None:
    kept = resolve(found)
    assert all(left.span.end <= right.span.begin for left, right in pairwise(kept))
    assert all(any(each.span.overlaps(other.span) for other in kept) for each in found)
