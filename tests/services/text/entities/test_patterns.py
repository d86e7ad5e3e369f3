"""Callers' patterns: groups, empty matches, and bounds on matches and time."""

import pytest

from sensorium_core.errors import InvalidInputError
from sensorium_core.patterns import compile_pattern
from sensorium_text.domain import Entity, EntityPattern, EntityType, Span
from sensorium_text.entities._patterns import CustomBudget, find_patterns

FIELD = "options.patterns[0]"


def find(pattern: str, text: str, budget: CustomBudget | None = None) -> list[Entity]:
    compiled = EntityPattern("order", compile_pattern(pattern, FIELD))
    return list(find_patterns(text, compiled, budget or CustomBudget(), FIELD))


def written(pattern: str, text: str) -> list[str]:
    return [entity.span.of(text) for entity in find(pattern, text)]


def test_the_whole_match_is_the_entity() -> None:
    assert find(r"WO-\d+", "é😀 WO-12") == [Entity(EntityType.CUSTOM, Span(3, 8), 1.0, name="order")]


def test_the_first_group_is_the_entity() -> None:
    assert written(r"order (\d+) of (\d+)", "order 12 of 30") == ["12"]


def test_a_group_that_took_no_part_gives_nothing() -> None:
    assert written(r"a(b)?", "a ab") == ["b"]


def test_empty_matches_are_left_out() -> None:
    assert written(r"\d*", "a12b") == ["12"]


def test_a_pattern_that_ruins_other_engines_takes_linear_time() -> None:
    assert written(r"(?:a+)+$", "a" * 50_000 + "b") == []


def test_too_many_matches_are_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        find("x", "x" * 11, CustomBudget(most=10))
    assert caught.value.reason == "TOO_MANY_MATCHES"
    assert caught.value.violations[0].field == FIELD
    assert "10 matches" in caught.value.violations[0].description


def test_empty_matches_count_for_the_bound() -> None:
    with pytest.raises(InvalidInputError, match="matches"):
        find("", "x" * 11, CustomBudget(most=10))


def test_patterns_that_take_too_long_are_refused() -> None:
    """Every match of this pattern looks for a y up to the end of the text."""
    with pytest.raises(InvalidInputError) as caught:
        find("x*y|x", "x" * 100_000, CustomBudget(seconds=0.05))
    assert caught.value.reason == "PATTERNS_TOO_SLOW"
    assert caught.value.violations[0].field == FIELD


def test_all_patterns_of_a_text_share_one_budget() -> None:
    budget = CustomBudget(most=5)
    assert len(find("x", "xxx", budget)) == 3
    with pytest.raises(InvalidInputError):
        find("x", "xxx", budget)
