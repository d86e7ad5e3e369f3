"""Entities as the tables of sentences write them."""

from sensorium_text.domain import Entity


def described(entity: Entity, text: str) -> str:
    """`TYPE written`, or `TYPE written -> meaning` where the text means something."""
    written = f"{entity.type.name} {entity.span.of(text)}"
    meaning = _meaning(entity)
    return f"{written} -> {meaning}" if meaning else written


def _meaning(entity: Entity) -> str:
    quantity = entity.quantity
    if quantity is None:
        return entity.date or entity.normalized
    upper = "" if quantity.upper_value is None else f"..{quantity.upper_value:.10g}"
    return f"{quantity.value:.10g}{upper} {quantity.ucum_unit}"


def without_meaning(description: str) -> str:
    """The description without what identifiers are normalised to, as the held-out table writes it."""
    kind = description.partition(" ")[0]
    return description if kind in ("QUANTITY", "DATE") else description.partition(" -> ")[0]
