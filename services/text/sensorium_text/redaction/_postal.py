"""Postal addresses: composed from the parts that the model labels, and of forms that it does not know.

A part by itself is mostly something else in a plant, such as `drive box` or `lathe 2`; parts that make an address stand
together, and the model then hardly errs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._composing import groups, mean
from sensorium_text.redaction._context import Context, Leaning
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.token_labels import LabelledSpan

_BUILDING, _STREET, _CITY, _STATE, _ZIP = "BUILDING_NUMBER", "STREET_NAME", "CITY", "STATE", "ZIP_CODE"
_WHOLE = frozenset({"ADDRESS", "STREET_ADDRESS", "POSTAL_ADDRESS"})  # labels of models that do not tell parts apart
_LABELS = _WHOLE | {_BUILDING, _STREET, "SECONDARY_ADDRESS", _CITY, _STATE, _ZIP}
_TELLING = ({_BUILDING, _STREET}, {_STREET, _CITY}, {_STREET, _STATE}, {_CITY, _STATE}, {_CITY, _ZIP})
_WORD = re.compile("[^\\W\\d_]{4}")
_PLACES = frozenset({_CITY, _STATE, _ZIP})
_BETWEEN = re.compile(r"[\s,.;/#-]{0,4}(?:[A-Z0-9][\w.'-]{0,20}[\s,.]{0,3}){0,2}")
# A street's name that says so itself, with the number behind it, as in German, French, Italian and Spanish.
_STREET_BEFORE_NUMBER = re.compile(
    r"\w(?:stra(?:ß|ss)e|str\.?|weg|allee|platz|gasse|ring|damm|ufer|hof|laan|straat)$|^(?:rue|avenue|chemin|via|calle)\b",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(r"(?<![A-Za-z])[A-Z]{1,5}-$")  # WO-20481, but Bidar-436537
_DIGIT = re.compile("[0-9]")
_CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][a-z]")
_BEFORE = re.compile(
    r"(?:(?:studio|flat|level|suite|unit|apt\.?|apartment|room|floor|building|bldg\.?)\s(?:\w{1,5}[\s,/]{1,2})?|(?<![\w.-])[0-9]{1,5}[a-z]?,?\s(?:[^\W\d_a-z][\w'.-]{1,20}\s){0,3})$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r",?\s(?:[A-Z]{2,3},?\s)?(?:[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9]|[0-9]{5}(?:-[0-9]{4})?)(?![0-9A-Za-z-])"
)
_CITY_BEHIND = re.compile(
    r"\s(?:Bad\s)?[A-ZÄÖÜ][a-zäöüß]+(?:[ -](?:am|an der|im|[A-ZÄÖÜ])[a-zäöüß]*){0,2}(?![0-9A-Za-z])"
)
_MILITARY = re.compile(
    r"\b(?:PSC|UNIT|U[.A-Z]{2,5})\s\w{1,20}(?:\.\w{1,20})?,?\s(?:BOX\s[0-9]{1,5},?\s)?(?:APO|FPO|DPO),?\sA[AEP]\s[0-9]{5}(?![0-9])",
    re.IGNORECASE,
)
# From the first small word on that stands behind a capitalised one and in no name of a town.
_SENTENCE = re.compile(
    r"(?<=[a-z0-9ß-ÿ])\s(?!(?:am|an|auf|bei|de|del|der|des|di|do|du|en|im|in|la|le|les|of|sous|sur|the|upon|von|zu)\b)[a-z]"
)
_LONGEST_PART = 48


def addresses(text: str, spans: Iterable[LabelledSpan], context: Context) -> Iterator[Finding]:
    """Postal addresses; they may overlap.

    Args:
        text: the text.
        spans: what the model labelled, in the order of the text.
        context: what the words say of numbers: those of orders and the like belong to no address.
    """
    parts = [each for each in spans if each.label in _LABELS and _may_be_part(text, each, context)]

    def is_one(left: LabelledSpan, right: LabelledSpan) -> bool:
        return _BETWEEN.fullmatch(text, left.span.end, right.span.begin) is not None

    for group in groups(parts, is_one):
        if _is_address(text, group):
            span = _extended(text, Span(group[0].span.begin, _end(text, group[-1].span)))
            yield Finding(PersonalDataType.POSTAL_ADDRESS, span, mean(group), Source.MODEL)
    for match in _MILITARY.finditer(text):
        yield Finding(PersonalDataType.POSTAL_ADDRESS, Span(*match.span()), 0.95, Source.RULE)


def _may_be_part(text: str, part: LabelledSpan, context: Context) -> bool:
    begin, end = part.span.begin, part.span.end
    digit = _DIGIT.search(text, begin, end)
    if digit and _is_number_of_plant(text, digit.start(), end, context):
        return False
    # Where other words are capitalised, places are.
    is_small = part.span.of(text).islower() and part.label in {_STREET, _CITY, _STATE}
    return not (is_small and _CAPITALISED.search(text, max(0, begin - 80), end + 80))


def _is_number_of_plant(text: str, begin: int, end: int, context: Context) -> bool:
    """Whether the number in a part is an order's, a tag's or the like; none within a postal code such as PO1 3AX is."""
    if begin and text[begin - 1].isalpha():
        return False
    is_code = _CODE_BEFORE.search(text, max(0, begin - 8), begin) is not None
    return is_code or context.leaning(begin, end) is Leaning.DIRECTLY_AGAINST


def _is_address(text: str, group: Sequence[LabelledSpan]) -> bool:
    labels = [each.label for each in group]
    kinds = set(labels)
    if kinds & _WHOLE:
        return True
    if not any(_WORD.search(each.span.of(text)) for each in group if each.label in {_STREET, _CITY, _STATE}):
        return False
    if not any(telling <= kinds for telling in _TELLING):
        return False
    if kinds & _PLACES or _STREET not in kinds:
        return True
    street = labels.index(_STREET)
    is_number_first = _BUILDING in labels[:street]
    return is_number_first or _STREET_BEFORE_NUMBER.search(group[street].span.of(text)) is not None


def _end(text: str, last: Span) -> int:
    """Where the last part ends, without the words of the sentence that the model took for more of it."""
    sentence = _SENTENCE.search(last.of(text))
    return last.begin + sentence.start() if sentence else last.end


def _extended(text: str, span: Span) -> Span:
    """The span with parts beside it that the model knows less well: flats, postal codes of Canada, German cities."""
    begin = span.begin
    for _ in range(2):
        window = text[max(0, begin - _LONGEST_PART) : begin]
        before = _BEFORE.search(window)
        begin -= len(before.group()) if before else 0
    behind = _BEHIND.match(text, span.end)
    end = behind.end() if behind else span.end
    city = (
        _CITY_BEHIND.match(text, end) if text[end - 5 : end].isdigit() and text[end - 6 : end - 5].isspace() else None
    )
    return Span(begin, city.end() if city else end)
