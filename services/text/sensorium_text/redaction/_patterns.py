"""Everything that patterns find, of the types asked for."""

from collections.abc import Set
from typing import NamedTuple

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._finding import Finding, Source, without_overlaps
from sensorium_text.redaction._folding import fold
from sensorium_text.redaction._network import find_addresses
from sensorium_text.redaction._numbers import find_numbers
from sensorium_text.redaction._phones import find_phones

CHECKSUMMED = frozenset({PersonalDataType.CARD_NUMBER, PersonalDataType.IBAN, PersonalDataType.CHINESE_RESIDENT_ID})
ADDRESSES = frozenset({PersonalDataType.EMAIL_ADDRESS, PersonalDataType.IP_ADDRESS, PersonalDataType.URL})
_CONTACTS = frozenset({PersonalDataType.PHONE_NUMBER, PersonalDataType.EMAIL_ADDRESS})
_CERTAIN_PHONE = 0.95


class Patterns(NamedTuple):
    """What patterns find in a text: findings without overlaps, and numbers that are a phone's if anything says so."""

    findings: list[Finding]
    possible_phones: list[Span]

    def contacts(self) -> list[Span]:
        """Where the telephone numbers and e-mail addresses are, doubtful ones too, in order."""
        return sorted([*(each.span for each in self.findings if each.type in _CONTACTS), *self.possible_phones])


def find_patterns(text: str, types: Set[PersonalDataType]) -> Patterns:
    """Personal data of the types given that has a form of its own, in the order of the text. Linear in its length."""
    folded = fold(text)
    found: list[Finding] = []
    possible_phones: list[Span] = []
    if types & (CHECKSUMMED | {PersonalDataType.PHONE_NUMBER}):
        found.extend(find_numbers(folded))
    if types & ADDRESSES:
        found.extend(each for each in find_addresses(folded) if each.type in types)
    if PersonalDataType.PHONE_NUMBER in types:
        for span, is_certain in find_phones(folded):
            if is_certain:
                found.append(Finding(PersonalDataType.PHONE_NUMBER, span, _CERTAIN_PHONE, Source.PATTERN))
            else:
                possible_phones.append(span)
    # A number with check digits keeps others from seeing a telephone number in it, whether or not it is asked for.
    kept = without_overlaps(found)
    return Patterns([each for each in kept if each.type in types], possible_phones)
