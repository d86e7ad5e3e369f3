"""Quantities: a number, a range or a bound, and its unit as UCUM code."""

import math
from collections.abc import Sequence

from sensorium_text.domain import Entity, EntityType, Quantity, Span
from sensorium_text.entities._characters import at, ideograph, last_word, linear, word_character
from sensorium_text.entities._numbers import Number, numbers, stands_alone
from sensorium_text.entities._units import LABELS, Unit, UnitReader

_TIGHT = frozenset({"-", "–", "—", "~", "～", "…", "...", "..", "至", "到", "−", "÷"})
_WORDS = frozenset({"to", "bis", "and", "und", *_TIGHT})
_BOUNDS = {"<": "<", "≤": "<", "<=": "<", "＜": "<", "⩽": "<", ">": ">", "≥": ">", ">=": ">", "＞": ">", "⩾": ">"}
_CLAUSE_END = linear(r"[，。；、,;\s]")
_TEMPERATURE = linear(r"[温热冷暖]")
_ANGLE = linear(r"[角转倾旋斜]")
_ENERGY = linear(r"[电能耗]")


def find_quantities(text: str) -> list[Entity]:
    """Quantities in the order of the text, without overlaps."""
    found = numbers(text)
    reader = UnitReader(text)
    entities: list[Entity] = []
    for index, number in enumerate(found):
        unit = _degrees(text, number) or reader.after(number)
        if unit is None:
            continue
        both = _range_of_two(text, entities[-1], number, unit) if entities else None
        if both is not None:
            entities[-1] = both
            continue
        entity = _entity(text, found[max(0, index - 1) : index], number, unit)
        if entity is not None and (not entities or entities[-1].span.end <= entity.span.begin):
            entities.append(entity)
    return entities


def _range_of_two(text: str, last: Entity, number: Number, unit: Unit) -> Entity | None:
    """`4 °C–8 °C`: the quantity before and this one, where they are a range with its unit written twice."""
    lower = last.quantity
    sign, begin = _sign(text, number.span.begin)
    if lower is None or lower.upper_value is not None or lower.ucum_unit != unit.code:
        return None
    if text[last.span.end : begin].strip(" ") not in _TIGHT or lower.value >= sign * number.value:
        return None
    return _quantity(last.span.begin, unit, lower.value, sign * number.value, min(last.confidence, unit.certainty))


def _degrees(text: str, number: Number) -> Unit | None:
    """度 alone is a temperature, an angle, or a kilowatt hour, by what stands before it."""
    end = number.span.end
    if at(text, end) != "度" or (
        ideograph(at(text, end + 1)) and at(text, end + 1) not in "以左右时的到至及和与或内后前上下高报。"
    ):
        return None
    before = _CLAUSE_END.split(text[max(0, number.span.begin - 8) : number.span.begin])[-1]
    if _TEMPERATURE.search(before):
        return Unit("Cel", end + 1, 0.85)
    if _ANGLE.search(before):
        return Unit("deg", end + 1, 0.8)
    return Unit("kW.h", end + 1, 0.7) if _ENERGY.search(before) else Unit("Cel", end + 1, 0.6)


def _entity(text: str, before: Sequence[Number], number: Number, unit: Unit) -> Entity | None:
    lower = _lower_end(text, before[0], number) if before else None
    if lower is not None:
        sign, begin = _sign(text, lower.span.begin)
        upper_sign, _ = _sign(text, number.span.begin)
        return _quantity(begin, unit, sign * lower.value, upper_sign * number.value, _certainty(lower, unit))
    tolerance = _tolerance(text, before, number)
    if tolerance is not None:
        begin, centre = tolerance
        return _quantity(begin, unit, centre - number.value, centre + number.value, unit.certainty)
    sign, begin = _sign(text, number.span.begin)
    if not stands_alone(text, begin):
        return None
    certainty = _certainty(number, unit)
    bound, outer = _bound(text, begin)
    if bound == "<":
        return _quantity(outer, unit, -math.inf, sign * number.value, certainty)
    if bound == ">":
        return _quantity(outer, unit, sign * number.value, math.inf, certainty)
    return _quantity(begin, unit, sign * number.value, None, certainty)


def _quantity(begin: int, unit: Unit, value: float, upper: float | None, certainty: float) -> Entity:
    quantity = Quantity(value, upper, unit.code)
    return Entity(EntityType.QUANTITY, Span(begin, unit.end), certainty, quantity=quantity)


def _certainty(number: Number, unit: Unit) -> float:
    return unit.certainty * (0.8 if number.grouped else 1.0)


def _lower_end(text: str, lower: Number, number: Number) -> Number | None:
    """The number before, where the two are a range."""
    begin = lower.span.begin
    upper_sign, upper_begin = _sign(text, number.span.begin)
    gap = text[lower.span.end : upper_begin]
    bare = gap.strip(" \u00a0")
    sign, outer = _sign(text, begin)
    if (
        len(gap) > 6
        or bare not in _WORDS
        or sign * lower.value >= upper_sign * number.value
        or not stands_alone(text, outer)
    ):
        return None
    if bare in ("and", "und") and last_word(text, begin) not in ("between", "zwischen"):
        return None
    if bare in _TIGHT:
        return lower if gap == bare or last_word(text, begin) not in LABELS else None
    return lower if gap.startswith(" ") and gap.endswith(" ") else None


def _tolerance(text: str, before: Sequence[Number], number: Number) -> tuple[int, float] | None:
    """Begin and centre of `±0.02` and `4.5 ±0.1`; 0 is the centre where no other number stands before."""
    begin = number.span.begin
    mark = text[max(0, begin - 4) : begin].rstrip(" ")
    for writing in ("±", "+/-", "+-"):
        if mark.endswith(writing):
            start = text.rindex(writing, max(0, begin - 4), begin)
            if (
                before
                and text[before[0].span.end : start].strip(" ") == ""
                and stands_alone(text, before[0].span.begin)
            ):
                return before[0].span.begin, before[0].value
            return start, 0.0
    return None


def _sign(text: str, begin: int) -> tuple[float, int]:
    """The number's sign and where it begins with it; a hyphen behind a word or number is no sign."""
    mark = at(text, begin - 1)
    if not mark or mark not in "-−+" or word_character(at(text, begin - 2)) or at(text, begin - 2) in ("-", ")", "/"):
        return 1.0, begin
    return (1.0 if mark == "+" else -1.0), begin - 1


def _bound(text: str, begin: int) -> tuple[str, int]:
    """`<` or `>` where one stands before, and where it begins."""
    before = text[max(0, begin - 4) : begin].rstrip(" ")
    for length in (2, 1):
        written = before[-length:]
        if written in _BOUNDS and not before[:-length].endswith(("-", "=", "<", ">")):
            return _BOUNDS[written], text.rindex(written, max(0, begin - 4), begin)
    return "", begin
