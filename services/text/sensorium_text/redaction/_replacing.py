"""Puts replacements into a text."""

from collections.abc import Callable, Sequence

from sensorium_text.domain import PersonalData, Redaction, Span
from sensorium_text.redaction._finding import Finding


def replaced(
    text: str,
    findings: Sequence[Finding],
    replacement: Callable[[Finding, str], str],
    between: Callable[[str], str] = lambda part: part,
) -> Redaction:
    """The text with every finding replaced.

    Args:
        text: the original.
        findings: in its order, without overlaps.
        replacement: for a finding and its characters.
        between: what becomes of the parts between findings.
    """
    parts: list[str] = []
    data: list[PersonalData] = []
    length = position = 0
    for finding in findings:
        kept = between(text[position : finding.span.begin])
        new = replacement(finding, finding.span.of(text))
        begin = length + len(kept)
        length = begin + len(new)
        parts += kept, new
        data.append(PersonalData(finding.type, finding.span, finding.confidence, Span(begin, length)))
        position = finding.span.end
    parts.append(between(text[position:]))
    return Redaction("".join(parts), tuple(data))


def inspected(text: str, findings: Sequence[Finding]) -> Redaction:
    """The text as it is, and what is in it."""
    return Redaction(text, tuple(PersonalData(each.type, each.span, each.confidence) for each in findings))


def masked(text: str, findings: Sequence[Finding], mask_character: str) -> Redaction:
    """The text with names of types in brackets, or with `mask_character` for each code point of a finding."""

    def mask(finding: Finding, written: str) -> str:
        return mask_character * len(written) if mask_character else f"[{finding.type.name}]"

    return replaced(text, findings, mask)
