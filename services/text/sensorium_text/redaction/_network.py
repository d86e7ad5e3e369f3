"""E-mail addresses (RFC 5321), IP addresses (RFC 791, RFC 4291) and web addresses (RFC 3986)."""

import ipaddress
import re
from collections.abc import Iterator

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.scripts import HAN

_LETTERS = "A-Za-z\u00c0-\u024f"
_LOCAL_BACKWARDS = re.compile(rf"[{_LETTERS}0-9._%+'&~-]{{1,64}}")
_DOMAIN = re.compile(
    rf"(?:(?:[{_LETTERS}0-9][{_LETTERS}0-9-]{{0,62}}|[{HAN}]{{1,62}})\.){{1,8}}(?:xn--[a-z0-9-]{{2,59}}|[{_LETTERS}]{{2,24}})",
    re.I,
)
_URL_START = re.compile(r"(?<![A-Za-z0-9])(?:(?:https?|ftps?|sftp|wss?|rtsp|opc\.tcp)://|www\.)", re.IGNORECASE)
_URL_REST = re.compile(r"[^\s<>\"'`{}|\\^\u2e80-\u9fff\uf900-\uffff]+")
_URL_TRAILING = ".,;:!?*_~"
_BRACKETS = {")": "(", "]": "["}
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![0-9A-Za-z_.])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z_]|\.[0-9])")
_IPV6_RUN = re.compile(r"[0-9A-Fa-f:.]{3,}")
_LONGEST_IPV6 = 64
_HARDWARE_ADDRESS = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){7}")
_PRIVATE = ("192.168.", "169.254.", "127.")
_VERSION = re.compile(
    r"""
    (?:(?<![A-Za-z])(?:versions?|ver|v|firmware|fw|rev|revision|releases?|build|software|sw|hw|driver|patch|update|plugin
    |library|image|sections?|chapters?|clauses?|paragraphs?|para|steps?|items?|figures?|fig|tables?|standard)
    |版本号?|固件|软件|补丁|章节|条款|步骤)
    (?:[\s:=(.#第]|no|number|is|was|now|currently|为|是|：|（)*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TO_NEXT_VERSION = re.compile(r"\s*(?:,|/|&|and|or|to|->|=>|→|-|至|到|和|升级到|更新到|升级至)\s*", re.IGNORECASE)
_FROM_VERSION = re.compile(
    r"(?:updated?|upgraded?|downgraded?|version|firmware|升级|更新)\W.{0,24}?(?:from|从|由)\s*$|(?:从|由)$", re.I
)
_BEFORE = 48


def find_addresses(text: str) -> Iterator[Finding]:
    """E-mail, IP and web addresses; they may overlap.

    Args:
        text: folded.
    """
    for span in _emails(text):
        yield Finding(PersonalDataType.EMAIL_ADDRESS, span, 0.99, Source.PATTERN)
    for span in _ipv4(text):
        yield Finding(PersonalDataType.IP_ADDRESS, span, 0.95, Source.PATTERN)
    for span in _ipv6(text):
        yield Finding(PersonalDataType.IP_ADDRESS, span, 0.99, Source.PATTERN)
    for span in _urls(text):
        yield Finding(PersonalDataType.URL, span, 0.99, Source.PATTERN)


def _emails(text: str) -> Iterator[Span]:
    at = text.find("@")
    while at >= 0:
        local = _LOCAL_BACKWARDS.match(text[max(0, at - 64) : at][::-1])
        domain = _DOMAIN.match(text, at + 1)
        if local and domain:
            name = local.group()[::-1].lstrip(".-_%+'&~")
            if name and not name.endswith("."):
                yield Span(at - len(name), domain.end())
        at = text.find("@", at + 1)


def _urls(text: str) -> Iterator[Span]:
    end = 0
    for start in _URL_START.finditer(text):
        if start.start() < end:
            continue
        rest = _URL_REST.match(text, start.end())
        end = start.end() + len(_trimmed(rest.group())) if rest else start.end()
        if end > start.end():
            yield Span(start.start(), end)


def _trimmed(rest: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays where its opening one is there."""
    count = {bracket: rest.count(bracket) for bracket in "()[]"}
    end = len(rest)
    while end:
        last = rest[end - 1]
        opening = _BRACKETS.get(last)
        if last not in _URL_TRAILING and (opening is None or count[opening] >= count[last]):
            break
        if opening is not None:
            count[last] -= 1
        end -= 1
    return rest[:end]


def _ipv4(text: str) -> Iterator[Span]:
    version_end = -1
    for match in _IPV4.finditer(text):
        if _is_version(text, match, version_end):
            version_end = match.end()
        else:
            yield Span(*match.span())


def _is_version(text: str, match: re.Match[str], version_end: int) -> bool:
    """Whether four numbers with points count versions or chapters, by what stands before them."""
    if match.group().startswith(_PRIVATE):
        return False
    if version_end >= 0 and _TO_NEXT_VERSION.fullmatch(text, version_end, match.start()):
        return True
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    if _VERSION.search(before):
        return True
    following = _TO_NEXT_VERSION.match(text, match.end())
    return bool(following and _IPV4.match(text, following.end()) and _FROM_VERSION.search(before))


def _ipv6(text: str) -> Iterator[Span]:
    for run in _IPV6_RUN.finditer(text):
        if run.group().count(":") < 2:
            continue
        begin, end = run.span()
        if begin and text[begin - 1].isascii() and (text[begin - 1].isalnum() or text[begin - 1] == "_"):
            begin = text.index(":", begin) + 1  # what leads up to it, such as `IPv6:`, ends in letters that are digits
        ends_in_word = end < len(text) and text[end].isascii() and text[end].isalnum()
        while end > begin and text[end - 1] in ".:" and text[end - 2 : end] != "::":
            end -= 1
        if text[begin : begin + 1] == ":" and text[begin : begin + 2] != "::":
            begin += 1
        if end - begin <= _LONGEST_IPV6 and not ends_in_word and _is_ipv6(text[begin:end]):
            yield Span(begin, end)


def _is_ipv6(written: str) -> bool:
    groups = [group for group in written.split(":") if group]
    if not groups or _HARDWARE_ADDRESS.fullmatch(written):
        return False
    if len(groups) < 3 and not any(character.isdigit() for character in written):
        return False  # `a::b` is a name in C++
    try:
        ipaddress.IPv6Address(written)
    except ValueError:
        return False
    return True
