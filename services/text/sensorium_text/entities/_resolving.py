"""Which of several findings in one place is the entity.

In this order: what a rule found, before what a model took for a name (P-101A is no surname); the more confident; among
equals the longer; then by kind, the more special first (a serial number is no part number, an identifier no quantity);
then the one that begins first. What overlaps a finding that is kept, falls. Findings of type CUSTOM are the caller's
own: they stand beside all others and beside each other.
"""

from bisect import bisect_right
from collections.abc import Iterable

from sensorium_text.domain import Entity, EntityType

_KINDS = (
    EntityType.SERIAL_NUMBER,
    EntityType.PART_NUMBER,
    EntityType.ERROR_CODE,
    EntityType.EQUIPMENT_TAG,
    EntityType.DATE,
    EntityType.QUANTITY,
    EntityType.PERSON,
    EntityType.ORGANIZATION,
    EntityType.PLACE,
)
_NAMES = frozenset({EntityType.PERSON, EntityType.ORGANIZATION, EntityType.PLACE})
_RANK = {kind: rank for rank, kind in enumerate(_KINDS)}


def resolve(found: Iterable[Entity]) -> list[Entity]:
    """The entities of a text in its order; they do not overlap."""
    kept: list[Entity] = []
    begins: list[int] = []
    for entity in sorted(found, key=_priority):
        index = bisect_right(begins, entity.span.begin)
        if index and kept[index - 1].span.end > entity.span.begin:
            continue
        if index < len(kept) and kept[index].span.begin < entity.span.end:
            continue
        kept.insert(index, entity)
        begins.insert(index, entity.span.begin)
    return kept


def _priority(entity: Entity) -> tuple[bool, float, int, int, int]:
    length = entity.span.end - entity.span.begin
    is_name = entity.type in _NAMES
    return (is_name, -round(entity.confidence, 3), -length, _RANK[entity.type], entity.span.begin)


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Entities in the order of the text, the longer first where two begin together."""
    return sorted(entities, key=lambda each: (each.span.begin, -each.span.end, each.type.value, each.name))
