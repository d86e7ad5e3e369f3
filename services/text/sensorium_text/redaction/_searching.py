"""Puts together what patterns, rules and the model find in a text."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._chinese_addresses import find_chinese_addresses
from sensorium_text.redaction._chinese_names import find_chinese_persons
from sensorium_text.redaction._finding import Finding, Source, without_overlaps
from sensorium_text.redaction._patterns import Patterns

_SUPPORTED_PHONE = 0.8
# Between a person and a number that is theirs.
_NAME_THEN_NUMBER = re.compile(r"[\s,:;/(\[\u2013\u2014-]{1,3}(?:(?:at|on|under|via|no|nr)\W{1,2})?", re.IGNORECASE)
_NUMBER_THEN_NAME = re.compile(r"[\s,:;/()\u2013\u2014-]{1,3}")


def findings(
    text: str, patterns: Patterns, by_model: Sequence[Finding], types: Set[PersonalDataType], min_confidence: float
) -> list[Finding]:
    """Personal data of the types given, in the order of the text and without overlaps.

    Of overlapping findings stays the one with check digits, then the one of a pattern, of a rule, of the model.

    Args:
        text: the text.
        patterns: what they found in it.
        by_model: what the model found in it.
        types: what is looked for.
        min_confidence: what rules and the model are less sure of is left out.
    """
    sure = [each for each in (*by_model, *_by_rules(text, types)) if each.confidence >= min_confidence]
    if min_confidence <= _SUPPORTED_PHONE:
        sure.extend(_supported(text, patterns.possible_phones, sure))
    return without_overlaps([*patterns.findings, *(each for each in sure if each.type in types)])


def _by_rules(text: str, types: Set[PersonalDataType]) -> Iterator[Finding]:
    if PersonalDataType.PERSON_NAME in types:
        yield from find_chinese_persons(text)
    if PersonalDataType.POSTAL_ADDRESS in types:
        yield from find_chinese_addresses(text)


def _supported(text: str, possible: Sequence[Span], found: Sequence[Finding]) -> Iterator[Finding]:
    """Numbers of doubtful shape that belong to a person or that the model takes for telephone numbers too."""
    persons = sorted(each.span for each in found if each.type is PersonalDataType.PERSON_NAME)
    phones = sorted(each.span for each in found if each.type is PersonalDataType.PHONE_NUMBER)
    for span in possible:
        if _overlaps_any(span, phones) or _is_beside_person(text, span, persons):
            yield Finding(PersonalDataType.PHONE_NUMBER, span, _SUPPORTED_PHONE, Source.RULE)


def _overlaps_any(span: Span, others: Sequence[Span]) -> bool:
    place = bisect_left(others, span)
    return any(span.overlaps(other) for other in others[max(0, place - 1) : place + 1])


def _is_beside_person(text: str, span: Span, persons: Sequence[Span]) -> bool:
    place = bisect_left(persons, span)
    before, behind = persons[max(0, place - 1) : place], persons[place : place + 1]
    return any(_NAME_THEN_NUMBER.fullmatch(text, person.end, span.begin) for person in before) or any(
        _NUMBER_THEN_NAME.fullmatch(text, span.end, person.begin) for person in behind
    )
