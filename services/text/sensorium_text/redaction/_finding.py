"""What the parts of the redactor hand each other, and which of overlapping findings stay."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from sensorium_text.domain import PersonalDataType, Span


class Source(IntEnum):
    """Where a finding comes from; the surer, the higher."""

    MODEL = 1
    RULE = 2
    PATTERN = 3
    CHECKSUM = 4


class Finding(NamedTuple):
    """Personal data; the confidence is 0 to 1, and 1 for checksums."""

    type: PersonalDataType
    span: Span
    confidence: float
    source: Source


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Of overlapping findings the one from the surer source, then the longer one; in the order of the text."""
    kept: list[tuple[int, int, Finding]] = []
    for finding in sorted(findings, key=lambda each: (-each.source, each.span.begin - each.span.end, each.span)):
        begin, end = finding.span.begin, finding.span.end
        place = bisect_right(kept, begin, key=lambda entry: entry[0])
        free_left = place == 0 or kept[place - 1][1] <= begin
        free_right = place == len(kept) or kept[place][0] >= end
        if free_left and free_right:
            insort(kept, (begin, end, finding), key=lambda entry: entry[0])
    return [finding for _, _, finding in kept]
