"""Organisations by their writing."""

import pytest

from sensorium_text.entities._organizations import find_organizations
from sensorium_text.entities._resolving import resolve


def organizations(text: str) -> list[str]:
    return [entity.span.of(text) for entity in resolve(find_organizations(text)) if entity.confidence >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ordered from Muster & Sohn GmbH.", ["Muster & Sohn GmbH"]),
        ("Acme Pumps Inc. and Blue River Co., Ltd. quoted", ["Acme Pumps Inc.", "Blue River Co., Ltd."]),
        ("Siemens technician, ABB drive", ["Siemens", "ABB"]),
        ("更换ABB变频器", ["ABB"]),
        ("Bosch Rexroth valve", ["Bosch Rexroth"]),
        ("Siemensstadt, ABBA, siemens", []),
        ("the AG of it, Limited access", []),
    ],
)
def test_legal_forms_and_makers(text: str, expected: list[str]) -> None:
    assert organizations(text) == expected


def test_makers_that_are_also_words_are_less_sure() -> None:
    (sure,), (unsure,) = find_organizations("a Siemens seal"), find_organizations("a Shell oil")
    assert unsure.confidence < sure.confidence
