"""Postal addresses in Chinese: places from the largest to the smallest, each with the ending that says what it is."""

import re
from collections.abc import Iterator

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.entities._chinese_lexicon import PLACES
from sensorium_text.redaction._finding import Finding, Source

_PROVINCE = "(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?"
_ADDRESS_START = re.compile(
    "(?P<cue>(?:地址|住址|住在|家住|住于|寄到|寄往|送到|送至|发往|发到)(?:[：:]|为|是)?\\s?)"
    f"|(?P<place>(?:{'|'.join(sorted(PLACES, key=len, reverse=True))}){_PROVINCE})"
)
_NOT_IN_NAMES = "的了把被请与由将泵阀机"
_UNIT = re.compile(
    r"[\u4e00-\u9fff]{1,8}?(?P<suffix>自治州|自治县|新区|开发区|街道|大道|胡同|[市区县镇乡村路街道巷弄])(?![场部长])"
)
_HOUSE = re.compile(r"[0-9A-Za-z一二三四五六七八九十百-]{1,6}(?:号楼|号院|段|弄|号|栋|幢|座|楼|单元|室|层)")
_BUILDING = re.compile(r"[\u4e00-\u9fff]{2,8}?(?:小区|花园|公寓|大厦|广场|工业园|科技园|家园)")
_POSTCODE = re.compile(r"[ ,，]{0,2}(?:邮编[：:]?\s?)?[1-9][0-9]{5}(?![0-9A-Za-z])")
_MOST_UNITS = 8
_STREETS = frozenset({"路", "街", "道", "大道", "巷", "弄", "胡同", "村", "街道", "镇", "乡"})


def find_chinese_addresses(text: str) -> Iterator[Finding]:
    """Postal addresses in the order of the text, without overlaps."""
    position = 0
    while start := _ADDRESS_START.search(text, position):
        begin = start.end() if start["cue"] else start.start()
        end = _address_end(text, start.end())
        if end:
            yield Finding(PersonalDataType.POSTAL_ADDRESS, Span(begin, end), 0.8, Source.RULE)
        position = end or start.end()


def _address_end(text: str, position: int) -> int:
    """Where an address ends whose first place ends at the offset; 0 where none follows."""
    suffixes = set()
    for _ in range(_MOST_UNITS):
        unit = _UNIT.match(text, position)
        if unit is None or any(character in _NOT_IN_NAMES for character in unit.group()):
            break
        suffixes.add(unit["suffix"])
        position = unit.end()
    has_house = False
    for _ in range(_MOST_UNITS):
        house = _HOUSE.match(text, position) or _BUILDING.match(text, position)
        if house is None:
            break
        has_house = True
        position = house.end()
    is_address = bool(suffixes & _STREETS) and (has_house or len(suffixes) > 1)
    if not is_address:
        return 0
    postcode = _POSTCODE.match(text, position)
    return postcode.end() if postcode else position
