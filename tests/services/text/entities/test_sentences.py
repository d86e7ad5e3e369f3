"""What rules and the Chinese dictionary find in a plant's sentences."""

from collections import Counter

import pytest

from sensorium_text.domain import Entity
from sensorium_text.entities._characters import ideograph
from sensorium_text.entities._chinese import find_chinese_names
from sensorium_text.entities._resolving import resolve
from sensorium_text.entities._rules import find_by_rule
from services.text.entities.describing import described, without_meaning
from services.text.entities.held_out import SENTENCES as HELD_OUT
from services.text.entities.sentences import SENTENCES

# Precision and recall on the first run over both parts of the held-out sentences, before anything was mended.
FIRST_RUN = {
    "DATE": (1.0, 1.0),
    "EQUIPMENT_TAG": (0.94, 0.89),
    "ERROR_CODE": (0.92, 0.76),
    "ORGANIZATION": (1.0, 0.75),
    "PART_NUMBER": (0.83, 0.71),
    "PERSON": (0.9, 0.75),
    "PLACE": (0.8, 0.8),
    "QUANTITY": (0.98, 0.94),
    "SERIAL_NUMBER": (1.0, 1.0),
}


def found(text: str) -> list[Entity]:
    names = find_chinese_names(text) if any(map(ideograph, text)) else []
    return [entity for entity in resolve([*find_by_rule(text), *names]) if entity.confidence >= 0.5]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_a_sentence_names(text: str, expected: list[str]) -> None:
    assert [described(entity, text) for entity in resolve(find_by_rule(text)) if entity.confidence >= 0.5] == expected


@pytest.fixture(scope="module")
def counts() -> dict[str, Counter[str]]:
    """Right, wrong and missed entities by type."""
    result: dict[str, Counter[str]] = {"right": Counter(), "wrong": Counter(), "missed": Counter()}
    for text, expected in HELD_OUT:
        given = Counter(without_meaning(described(entity, text)) for entity in found(text))
        wanted = Counter(expected)
        for key, some in (("right", given & wanted), ("wrong", given - wanted), ("missed", wanted - given)):
            result[key].update(description.partition(" ")[0] for description in some.elements())
    return result


@pytest.mark.parametrize("kind", FIRST_RUN)
def test_held_out_sentences_are_understood(kind: str, counts: dict[str, Counter[str]]) -> None:
    precision, recall = FIRST_RUN[kind]
    right, wrong, missed = (counts[key][kind] for key in ("right", "wrong", "missed"))
    assert right / (right + wrong) >= precision
    assert right / (right + missed) >= recall


def test_all_types_of_rules_are_held_out(counts: dict[str, Counter[str]]) -> None:
    assert set(counts["right"]) == set(FIRST_RUN)
