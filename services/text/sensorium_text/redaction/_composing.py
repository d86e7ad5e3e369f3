"""From the parts that the model labels to names of persons and to numbers."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.token_labels import LabelledSpan

# Rampart's labels, and what other models of personal data call the same.
NAMES = frozenset(
    {
        "GIVEN_NAME",
        "SURNAME",
        "FIRST_NAME",
        "FIRSTNAME",
        "MIDDLE_NAME",
        "LAST_NAME",
        "LASTNAME",
        "NAME",
        "PERSON",
        "PER",
    }
)
_OTHERS = {
    "PHONE": PersonalDataType.PHONE_NUMBER,
    "PHONE_NUMBER": PersonalDataType.PHONE_NUMBER,
    "TELEPHONE": PersonalDataType.PHONE_NUMBER,
    "EMAIL": PersonalDataType.EMAIL_ADDRESS,
    "EMAIL_ADDRESS": PersonalDataType.EMAIL_ADDRESS,
    "URL": PersonalDataType.URL,
    "TAX_ID": PersonalDataType.TAX_ID,
    "BANK_ACCOUNT": PersonalDataType.BANK_ACCOUNT,
    "ROUTING_NUMBER": PersonalDataType.BANK_ACCOUNT,
    "ACCOUNT_NUMBER": PersonalDataType.BANK_ACCOUNT,
    "SSN": PersonalDataType.GOVERNMENT_ID,
    "GOVERNMENT_ID": PersonalDataType.GOVERNMENT_ID,
    "PASSPORT": PersonalDataType.GOVERNMENT_ID,
    "DRIVERS_LICENSE": PersonalDataType.GOVERNMENT_ID,
}
# Not over the end of a line: lists have one name in each.
_WITHIN_NAME = re.compile(r"(?:[^\S\r\n]|-|\. ?|[^\S\r\n][A-Z]\.?[^\S\r\n])")
_WITHIN_NUMBER = re.compile(r"[\s().+/-]{0,3}")
_LETTERS = "A-Za-z\u00c0-\u024f"
_LATIN = re.compile(f"[{_LETTERS}]")
_LETTERS_BEFORE = re.compile(rf"[{_LETTERS}]+['\u2019-]?\Z")
_LETTERS_BEHIND = re.compile(rf"(?:['\u2019-](?=[A-Z\u00c0-\u00de]))?[{_LETTERS}]+")
_LONGEST_PART = 40


def persons(text: str, spans: Iterable[LabelledSpan]) -> Iterator[Finding]:
    """Names of persons in Latin script: given names and surnames beside each other are one."""
    names = [each for each in spans if each.label in NAMES and _LATIN.search(text, each.span.begin, each.span.end)]
    for group in groups(names, lambda left, right: _is_one_name(text, left, right)):
        span = _whole_words(text, Span(group[0].span.begin, group[-1].span.end))
        yield Finding(PersonalDataType.PERSON_NAME, span, mean(group), Source.MODEL)


def numbers(text: str, spans: Iterable[LabelledSpan]) -> Iterator[Finding]:
    """Everything else that the model knows; what it labels bit by bit is one."""
    known = [each for each in spans if each.label in _OTHERS]

    def is_one(left: LabelledSpan, right: LabelledSpan) -> bool:
        beside = _WITHIN_NUMBER.fullmatch(text, left.span.end, right.span.begin) is not None
        return beside and _OTHERS[left.label] is _OTHERS[right.label]

    for group in groups(known, is_one):
        span = Span(group[0].span.begin, group[-1].span.end)
        yield Finding(_OTHERS[group[0].label], span, mean(group), Source.MODEL)


def groups(
    spans: Sequence[LabelledSpan], is_one: Callable[[LabelledSpan, LabelledSpan], bool]
) -> Iterator[list[LabelledSpan]]:
    """Runs of spans of which each and the next are one."""
    group: list[LabelledSpan] = []
    for span in spans:
        if group and not is_one(group[-1], span):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def mean(group: Sequence[LabelledSpan]) -> float:
    """Confidence of a whole from those of its parts."""
    return sum(each.confidence for each in group) / len(group)


def _is_one_name(text: str, left: LabelledSpan, right: LabelledSpan) -> bool:
    return _WITHIN_NAME.fullmatch(text, left.span.end, right.span.begin) is not None


def _whole_words(text: str, span: Span) -> Span:
    """The span with the rest of its first and last word, such as `O'` before `Neill`."""
    before = _LETTERS_BEFORE.search(text[max(0, span.begin - _LONGEST_PART) : span.begin])
    behind = _LETTERS_BEHIND.match(text, span.end, span.end + _LONGEST_PART)
    begin = span.begin - len(before.group()) if before else span.begin
    return Span(begin, behind.end() if behind else span.end)
