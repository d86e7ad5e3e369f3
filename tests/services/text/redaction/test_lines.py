"""The generated lines, with what a perfect model would find in them: all else is found by patterns and rules."""

from collections import Counter

import pytest

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.redaction._patterns import find_patterns
from sensorium_text.redaction._redactor import DEFAULT_TYPES
from sensorium_text.redaction._searching import findings
from services.text.redaction.lines import Line, lines

_BY_MODEL = frozenset({PersonalDataType.PERSON_NAME, PersonalDataType.POSTAL_ADDRESS})


def found(line: Line) -> set[tuple[PersonalDataType, Span]]:
    by_model = [Finding(kind, span, 0.9, Source.MODEL) for kind, span in line.data if kind in _BY_MODEL]
    patterns = find_patterns(line.text, DEFAULT_TYPES)
    return {(each.type, each.span) for each in findings(line.text, patterns, by_model, DEFAULT_TYPES, 0.5)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_is_found_and_nothing_else(seed: int) -> None:
    for line in lines(200, seed):
        assert {each for each in found(line) if each[0] not in _BY_MODEL} == {
            each for each in line.data if each[0] not in _BY_MODEL
        }, line.text


def test_what_must_not_be_masked_is_untouched() -> None:
    for line in lines(600, seed=4):
        hit = [span.of(line.text) for _, span in found(line) for number in line.untouched if span.overlaps(number)]
        assert hit == [], line.text


def test_the_lines_have_everything_in_them() -> None:
    kinds = Counter(kind for line in lines(200, seed=1) for kind, _ in line.data)
    assert set(kinds) == DEFAULT_TYPES
    assert min(kinds.values()) >= 10
    assert sum(len(line.untouched) for line in lines(200, seed=1)) > 150
    assert list(lines(200, seed=1)) == list(lines(200, seed=1))
