"""Which of the numbers and addresses that the model finds are what it takes them for.

The model hardly knows serial numbers. Their form and the words beside them decide, as they do for patterns.
"""

import re
from collections.abc import Iterable, Iterator

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._context import Context, Leaning, cards, identities, phones
from sensorium_text.redaction._finding import Finding
from sensorium_text.redaction._phones import is_date, is_tied
from sensorium_text.scripts import HAN

_PHONE_DIGITS = range(7, 16)
_FEWEST_DIGITS = 4
_AGAINST = frozenset({Leaning.AGAINST, Leaning.DIRECTLY_AGAINST})
_SITE = re.compile(r"[A-Za-z0-9-]\.[A-Za-z]{2}")
_DIGIT = re.compile("[0-9]")
_GROUP = re.compile("[0-9]+")
_RUN = re.compile(r"[+(]?[0-9](?:[ ().+/-]{0,3}[0-9])*")
_FARTHEST = 32
_BEHIND_HAN = re.compile(rf"[{HAN}][^A-Za-z]*$")


def plausible(text: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that can be what they are said to be; telephone numbers with all of their digits.

    Args:
        text: folded.
        findings: of the model.
    """
    of_cards, of_phones, of_identities = cards(text), phones(text), identities(text)
    for finding in findings:
        written = finding.span.of(text)
        if finding.type is PersonalDataType.PHONE_NUMBER:
            phone = _phone(text, finding.span, of_phones, of_cards)
            if phone is not None:
                yield finding._replace(span=phone)
        elif finding.type is PersonalDataType.EMAIL_ADDRESS:
            if "@" in written:
                yield finding
        elif finding.type is PersonalDataType.URL:
            if _SITE.search(written):
                yield finding
        elif _is_identity(text, finding.span, of_identities):
            yield finding


def _is_identity(text: str, span: Span, context: Context) -> bool:
    digits = sum(character.isdigit() for character in span.of(text))
    return (
        digits >= _FEWEST_DIGITS
        and not is_tied(text, span.begin)
        and context.leaning(span.begin, span.end) not in _AGAINST
    )


def _phone(text: str, span: Span, of_phones: Context, of_cards: Context) -> Span | None:
    """Where the number is that the model saw a part of; None where it is no telephone number."""
    digit = _DIGIT.search(text, span.begin, span.end)
    if digit is None:
        return None
    runs = _RUN.finditer(text, max(0, digit.start() - _FARTHEST), min(len(text), digit.start() + _FARTHEST))
    run = next((Span(*match.span()) for match in runs if match.start() <= digit.start() < match.end()), None)
    if run is None or sum(character.isdigit() for character in run.of(text)) not in _PHONE_DIGITS:
        return None
    is_something_else = (
        any(is_date(text, group.start()) for group in _GROUP.finditer(text, run.begin, run.end))
        or is_tied(text, run.begin)
        or of_phones.leaning(run.begin, run.end) in _AGAINST
        or of_cards.leaning(run.begin, run.end) is Leaning.DIRECTLY_FOR  # one whose check digit is wrong
        or _BEHIND_HAN.search(text, max(0, run.begin - _FARTHEST), run.begin) is not None  # the model reads no Chinese
    )
    return None if is_something_else else run
