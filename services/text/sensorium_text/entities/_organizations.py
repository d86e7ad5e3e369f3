"""Organisations by their writing: those with a legal form (`Muster & Sohn GmbH`), and makers that plants write of."""

from collections.abc import Iterator

from sensorium_text.domain import Entity, EntityType, Span
from sensorium_text.entities._characters import at, linear, word_character
from sensorium_text.entities._lexicon import either, words

_WORD = r"[A-Z][A-Za-z0-9.&'-]{0,30} (?:(?:&|und|and|of) )?"
_FORM = (
    r"(?:GmbH & Co\.? KG|GmbH|AG|SE|KG|Inc\.?|Corp\.?|Corporation|Co\.,? Ltd\.?|Pty Ltd|Ltd\.?|Limited|LLC|LLP"
    r"|S\.p\.A\.|B\.V\.|BV|N\.V\.|Oy|A/S|AB)"
)
_WITH_FORM = linear(rf"\b((?:{_WORD}){{1,4}}{_FORM})(?:[^A-Za-z]|$)")
# Spaces within a name are written as underscores here.
_NAMES = either(r"""
    ABB Siemens SKF FAG INA NSK NTN Timken Schaeffler Rockwell(?:_Automation)? Allen-Bradley Schneider_Electric Emerson
    Honeywell Yokogawa Endress\+Hauser VEGA Krohne Festo SMC Bosch_Rexroth Rexroth Bosch Danfoss Grundfos KSB Sulzer
    Flowserve Alfa_Laval Atlas_Copco Ingersoll[_-]Rand Kaeser Cummins Caterpillar Komatsu Hitachi Liebherr Terex
    John_Deere Volvo Scania MTU FANUC Fanuc KUKA Kuka Yaskawa Mitsubishi(?:_Electric)? Omron Keyence Cognex SICK
    Pepperl\+Fuchs Balluff Turck Phoenix_Contact WAGO Wago Beckhoff Lenze SEW(?:-Eurodrive)? Nord Flender Bonfiglioli
    Sumitomo Toshiba Fuji_Electric Hydac Pall Parker_Hannifin Swagelok Fisher Samson Metso Andritz Voith Krones Trumpf
    DMG_Mori Mazak Haas Okuma Heidenhain Loctite Shell Mobil Castrol Fuchs TÜV(?:_SÜD|_Nord|_Rheinland)? DEKRA Huawei
    Haier CATL BYD Sinopec PetroChina Baosteel
""").replace("_", " ")
_MAKERS = linear(rf"\b{_NAMES}")
# Makers that are also surnames or words.
_ALSO_WORDS = words("VEGA INA FAG Nord Pall Fisher Samson Haas Shell Mobil Fuchs Bosch")


def find_organizations(text: str) -> list[Entity]:
    """Organisations in Latin script; they may overlap."""
    return [*_with_form(text), *_makers(text)]


def _with_form(text: str) -> Iterator[Entity]:
    for match in _WITH_FORM.finditer(text):
        yield Entity(EntityType.ORGANIZATION, Span(*match.span(1)), 0.93)


def _makers(text: str) -> Iterator[Entity]:
    for match in _MAKERS.finditer(text):
        begin, end = match.span()
        if not word_character(at(text, end)) and not word_character(at(text, begin - 1)):
            confidence = 0.55 if match.group() in _ALSO_WORDS else 0.92
            yield Entity(EntityType.ORGANIZATION, Span(begin, end), confidence)
