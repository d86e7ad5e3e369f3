"""All rules on one text: what a plant writes, in any language."""

from sensorium_text.domain import Entity
from sensorium_text.entities._codes import find_codes
from sensorium_text.entities._dates import find_dates
from sensorium_text.entities._identifiers import find_identifiers
from sensorium_text.entities._organizations import find_organizations
from sensorium_text.entities._quantities import find_quantities
from sensorium_text.entities._tags import find_tags

# Hyphens that programs put for the plain one: hyphen, non-breaking hyphen, minus sign, full-width hyphen. One character
# stands for one, so that offsets stay.
_PLAIN_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2212\uff0d", "-"))


def find_by_rule(text: str) -> list[Entity]:
    """Dates, quantities, part and serial numbers, tags, error codes and organisations; they may overlap."""
    text = text.translate(_PLAIN_HYPHENS)
    return [
        *find_dates(text),
        *find_quantities(text),
        *find_identifiers(text),
        *find_tags(text),
        *find_codes(text),
        *find_organizations(text),
    ]
