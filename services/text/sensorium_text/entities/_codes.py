"""Error, alarm and fault codes: what follows words that announce one, and shapes that are codes by themselves."""

from collections.abc import Iterator

from sensorium_text.domain import Entity, EntityType
from sensorium_text.entities._characters import at, letter, linear, word_character
from sensorium_text.entities._identifiers import identifier
from sensorium_text.entities._lexicon import either, words

_CODE = (
    r"(0x[0-9A-Fa-f]{1,8}|[A-Za-z]{1,6}[-. ]?\d{1,6}[A-Za-z]?(?:[.-]\d{1,4})?"
    r"|\d{1,6}(?:[.-]\d{1,4})?[A-Za-z]?|[A-Za-z]{1,3}[0-9A-F]{2,6})"
)
_LINK = r"\s{0,2}(?:(?:is|was|=|:|：|#|为|是|\(|\[|'|\")\s{0,2}){0,2}"
_NO = r"(?:codes?|numbers?|no\b\.?|nr\b\.?|id|#)"
_FAULTY = either("error err fault alarm failure trip warning diagnostic trouble status event message flash blink")
_SAYS_CODE = linear(
    rf"(?i)(?:\b(?:{_FAULTY}s?[ -]?{_NO}|dtcs?|code|(?:fehler|störungs)-?(?:code|nummer|nr\b\.?))"
    r"|(?:报警|故障|错误|警报|异常|告警)(?:代码|代号|码|号|编号|信息)|错误码|故障码)"
    rf"{_LINK}{_CODE}"
)
_FAULTS = either(r"errors? err\b\.? faults? faulted faulting alarms? fehler störung alrm flt")
_SAYS_FAULT = linear(
    rf"(?i)(?:\b{_FAULTS}(?: message)?|报警|故障|错误|警报|告警|报){_LINK}(?:on |with |shows? )?{_CODE}"
)
_SPN = linear(r"(?i)\bSPN[ :=-]{0,2}(\d{1,6})[ ,;/-]{0,3}FMI[ :=-]{0,2}(\d{1,2})\b")
_SHAPES = (
    (linear(r"\b(?:SRVO|INTP|MOTN|SYST|PRIO|HOST|SPOT|MACR|CVIS|TPIF|MCTL|ARC)-\d{3}\b"), 0.9),  # FANUC robots
    (linear(r"(?i)\b(?:ERR|ERROR|ALM|FLT)[-_.]?\d{1,5}\b"), 0.85),
    (linear(r"\b[FA](?:[0-3]\d{4}|5\d{4})\b"), 0.8),  # Siemens drives: fault F30003, alarm A07991
    (linear(r"\b[PCBU]0[0-9A-F]{3}\b"), 0.75),  # SAE J2012 (OBD-II), generic codes
    (linear(r"\bKSS\d{5}\b"), 0.9),  # KUKA robots
    (linear(r"\bE-?\d{2,5}\b"), 0.6),
    (linear(r"\bE\.[A-Z]{1,3}\d?\b"), 0.6),  # Mitsubishi drives: E.OC1
    (linear(r"\bAL-?\d{2,4}\b"), 0.6),
    (linear(r"\bF\d{4}\b"), 0.6),
)
_EQUIPMENT = linear(r"(?i)(?:exchanger|cooler|heater|condenser|economi[sz]er|reboiler|换热器|冷却器|加热器|冷凝器)\s?$")
_COUNTED = linear(
    r"(?i)^ ?(?:x\b|times|days?|hours?|hrs?|min|sec|weeks?|months?|years?|shifts?|occurrences|more|of\b|per\b|today"
    r"|in (?:a|the)\b|on (?:the|this)\b|[ap]\.m|%|[次个条天点台月日年级楼]|小时|分钟|号[机泵炉])"
)
_CODE_LETTERS = words("""
    E ER ERR F A AL ALM W OC OV UV OH OL GF SRVO INTP MOTN SYST
""")
# Words that are followed by a number without being part of its code.
_NO_CODES = words("""
    at on in to by for of from since after before under over line unit cell pump axis no is was and or a the st nd rd
    th level log logs
""")


def find_codes(text: str) -> list[Entity]:
    """Error codes with their normal forms; they may overlap."""
    return [*_spn(text), *_announced(text), *_shaped(text)]


def _spn(text: str) -> Iterator[Entity]:
    """SAE J1939: suspect parameter number and failure mode identifier."""
    for match in _SPN.finditer(text):
        yield identifier(EntityType.ERROR_CODE, text, match.start(), match.end(), 0.97)


def _announced(text: str) -> Iterator[Entity]:
    for match in _SAYS_CODE.finditer(text):
        begin, end = match.span(1)
        if _is_code(text, begin, end, explicit=True):
            yield identifier(EntityType.ERROR_CODE, text, begin, end, 0.93)
    for match in _SAYS_FAULT.finditer(text):
        begin, end = match.span(1)
        if _is_code(text, begin, end, explicit=False):
            confidence = _behind_fault(match.group()[: begin - match.start()], text[begin:end])
            if confidence:
                yield identifier(EntityType.ERROR_CODE, text, begin, end, confidence)


def _behind_fault(announcement: str, written: str) -> float:
    """How sure what follows a word such as `alarm` is its code and not the machine that has it; 0 for no code."""
    letters = "" if written[:2] == "0x" else "".join(filter(str.isalpha, written.rstrip("0123456789-. "))).upper()
    if not letters or letters in _CODE_LETTERS or announcement.rstrip()[-1:] in (":", "：", "=", "#"):
        return 0.85
    return 0.65 if len(letters) <= 2 and "-" not in written and " " not in written else 0.0


def _is_code(text: str, begin: int, end: int, explicit: bool) -> bool:
    written = text[begin:end]
    if word_character(at(text, end)) or (at(text, end) in ("-", ".", "/", ":") and word_character(at(text, end + 1))):
        return False
    if not any(character.isdigit() for character in written):
        return False
    head = written.rstrip("0123456789-. ").lower()
    if head in _NO_CODES or (" " in written and not written[0].isupper()):
        return False
    if written[0].isdigit():
        if _COUNTED.search(text[end : end + 16]) or (letter(at(text, begin - 1)) and not explicit):
            return False
        return explicit or len(written) >= 2
    return True


def _shaped(text: str) -> Iterator[Entity]:
    for pattern, confidence in _SHAPES:
        for match in pattern.finditer(text):
            begin, end = match.span()
            if not _apart(text, begin, end):
                continue
            is_equipment = text[begin] == "E" and _EQUIPMENT.search(text[max(0, begin - 20) : begin])
            if not is_equipment:
                yield identifier(EntityType.ERROR_CODE, text, begin, end, confidence)


def _apart(text: str, begin: int, end: int) -> bool:
    """Whether it is no part of a longer number or name."""
    before, after = at(text, begin - 1), at(text, end)
    if word_character(before) or before in ("-", ".", "/", "=", "+") or word_character(after):
        return False
    return not (after in ("-", "/", "+", ".") and after and word_character(at(text, end + 1)))
