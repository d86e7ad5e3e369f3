"""Tags of equipment: ISA-5.1 (`PT-2204`, `FIC101A`, `P-101A`), KKS (`10LAB20AA001`), IEC 81346 (`=A1+K2-M3`).

Names of standards, interfaces, grades and orders are written alike (`RS-485`, `ISO-9001`, `UTF-8`): they are known by
their letters. A letter or two alone makes a tag only with a hyphen or a word such as `pump` before.
"""

from collections.abc import Iterator

from sensorium_text.domain import Entity, EntityType
from sensorium_text.entities._characters import at, last_word, linear, word_character
from sensorium_text.entities._identifiers import identifier
from sensorium_text.entities._lexicon import either, words

_FUNCTION, _LOCATION = r"==?[A-Z][A-Z0-9.]{0,15}", r"\+{1,2}[A-Z][A-Z0-9.]{0,15}"
_PRODUCT = r"-[A-Z]{1,3}\d{1,4}(?::[A-Z0-9]{1,6})?"
_IEC_FULL = linear(rf"{_FUNCTION}(?:{_LOCATION})?{_PRODUCT}|{_LOCATION}{_PRODUCT}|{_FUNCTION}{_LOCATION}")
_IEC_PRODUCT = linear(r"-[A-Z]{1,2}\d{1,3}(?::\d{1,3})?\b")
_KKS = linear(r"\b\d{0,2} ?[A-HJ-NP-Z]{3} ?\d{2} ?[A-HJ-NP-Z]{2} ?\d{3}[A-Z]?\b")
_TAG = linear(r"\b((?:\d{1,4}-)?)([A-Z]{1,5})([- ]?)(\d{1,5})((?:-?[A-Z])?(?:[-/]\d{1,2}|/[A-Z])?)\b")
_KINDS = either("""
    pump valve motor fan tank compressor conveyor blower mixer robot transmitter vessel reactor drive tag loop exchanger
    boiler gearbox agitator chiller crane instrument
""")
_CHINESE_KINDS = either("泵 阀 阀门 电机 风机 设备 位号 变送器 压缩机 换热器 罐 传感器 机器人 输送机")
_NAMED = linear(
    rf"(?i)(?:\b{_KINDS}(?: no\.?)?|{_CHINESE_KINDS})[ :：#]{{0,2}}([A-Z]{{1,5}}[- ]?\d{{1,5}}(?:-?[A-Z])?)\b"
)

# ISA-5.1, table 1: what is measured, and what is done with it (readout, output, modifiers).
_VARIABLES = frozenset("ABCDEFGHIJKLMPQRSTUVWXYZ")
_FUNCTIONS = words("""
    A AH AHH AL ALL C CV D DC DI DIC DIT DS DT DV E G GL H HH HS I IA IC ICA IK IR IS ISA IT K L LL Q QI QIC QIT QT R
    RC S SH SHH SL SLL SV T TR U V VA W X XV Y YA YC Z ZA ZH ZI ZL ZO ZS ZSC ZSO ZT O
""")
# Two letters and more that plants use for machines.
_MACHINES = words("""
    AHU CNV CONV CV CVR TK TNK PMP PU PP COMP CMP BLR HX FAN FN MTR MOT MCC VFD VSD PLC HMI RTU XFMR TR GEN GT ST BFP
    CWP FWP AG AGI MIX ROB RBT ROBOT EX EXC HT SH DR DRV VLV XV HV MV CB UPS DG EDG CT CTW CH CHL BLW SCR CRN CR FLT
    SEP CYC BF EF SF RF AC PSV PRV TCV SDV BDV ESD MOV SOV AOV NRV PV HCV LCV FCV PCV TV FV LV CNC MC WC AGV ASRS
""")
_NO_TAGS = words("""
    ISO DIN EN IEC ANSI ASME ASTM API NEMA IEEE UL CE CSA JIS GB GBT NFPA OSHA SAE AISI SS SUS AL RS USB UTF COVID
    SARS IP IK HTTP HTTPS TCP UDP COM LPT RJ DB CAT VG EP HRC HB HRB PH CO NO SO H O N R REV VER V NR PO WO PR MR
    JO RFQ INV CR PN SN Q KW WK CW FY H1 MM CM KM KG KV KVA MW HP PSI BAR RPM GPM CFM HZ DEG VAC VDC AMP AM PM MON
    TUE WED THU FRI SAT SUN JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC AT ON IN IS IT AS TO BY OF OR AND THE FOR
    WAS ALL SET ADD GOT HAS NEW OLD OUT OFF PAGE ITEM STEP TYPE UNIT LINE SHOP SIZE CODE ERR ERROR ALM ALARM FAULT
    FLT ROOM BLDG BAY FIG TAB REF PART QTY PCS EA NPT UNC UNF BSP SCH CL DN OD ID MP GPT WIN ABS EPDM FKM NBR PTFE
    PVC HEPA ULPA TIG MIG LED AWG EX II III IV VI XL XS MAX MIN AVG APPROX ABOUT TOTAL TEL EXT FAX PIN
""")  # fmt: skip
# What is numbered like equipment and is none.
_OTHER_THINGS = words("drawing dwg room cert certificate sheet invoice order quote form spec standard manual building")
# Without a hyphen two letters are a tag only where they are common: RH120 is a machine's model.
_COMMON_PAIRS = words("""
    PT TT FT LT PI TI FI LI TE FE LE FV LV PV TV XV HV PS TS LS FS ZS CV SV AT VT ST WT JT DT FC TC
""")
_COMMON_SINGLE = frozenset("BCDEFGHKMPRTVXY")


def find_tags(text: str) -> list[Entity]:
    """Equipment tags with their normal forms; they may overlap."""
    return [*_reference_designations(text), *_power_plant(text), *_loops(text), *_behind_kinds(text)]


def _reference_designations(text: str) -> Iterator[Entity]:
    """IEC 81346: function `=`, location `+`, product `-`; a product alone needs a space before its hyphen."""
    for match in _IEC_FULL.finditer(text):
        begin, end = match.span()
        if not word_character(at(text, begin - 1)) and not word_character(at(text, end)):
            yield identifier(EntityType.EQUIPMENT_TAG, text, begin, end, 0.92)
    for match in _IEC_PRODUCT.finditer(text):
        begin, end = match.span()
        apart = (
            at(text, begin - 1) in ("", " ", "\n", "\t", "(", "（", "，", "：")
            or "\u4e00" <= at(text, begin - 1) <= "\u9fff"
        )
        if apart and at(text, end) not in ("x", "-", ".") and last_word(text, begin) not in ("bolt", "screw", "nut"):
            yield identifier(EntityType.EQUIPMENT_TAG, text, begin, end, 0.6)


def _power_plant(text: str) -> Iterator[Entity]:
    for match in _KKS.finditer(text):
        begin, end = match.span()
        while text[begin] == " ":
            begin += 1
        if at(text, begin - 1) not in ("-", ".", "/") and " " not in text[begin:end].strip()[:0]:
            yield identifier(EntityType.EQUIPMENT_TAG, text, begin, end, 0.92 if " " not in text[begin:end] else 0.85)


def _loops(text: str) -> Iterator[Entity]:
    for match in _TAG.finditer(text):
        area, letters, mark, digits, suffix = match.groups()
        begin, end = match.span()
        if not _apart(text, begin, end) or last_word(text, begin) in _OTHER_THINGS:
            continue
        confidence = _confidence(letters, mark, digits, bool(area) or _is_letter(suffix))
        if confidence:
            yield identifier(EntityType.EQUIPMENT_TAG, text, begin, end, confidence)


def _confidence(letters: str, mark: str, digits: str, further: bool) -> float:
    """How sure letters and digits are a tag by their form; 0 where they are none."""
    if letters in _NO_TAGS or (mark == " " and (len(digits) < 3 or len(letters) < 2)):
        return 0.0
    if len(digits) == 1:
        return 0.7 if mark == "-" and len(letters) >= 3 and letters in _MACHINES else 0.0
    instrument = len(letters) >= 2 and letters[0] in _VARIABLES and letters[1:] in _FUNCTIONS
    if not mark and len(letters) == 2 and letters not in _COMMON_PAIRS:
        return 0.0
    if instrument or letters in _MACHINES:
        base = {"-": 0.88, "": 0.72, " ": 0.6}[mark]
        return base if len(digits) >= 3 or mark == "-" else 0.0
    if len(letters) == 1:
        return _single(letters, mark, digits, further)
    return 0.55 if mark == "-" and len(digits) >= 2 and len(letters) <= 4 else 0.0


def _single(letters: str, mark: str, digits: str, further: bool) -> float:
    """`P-101A` is a pump; `E-204` more often an error; without hyphen one letter says nothing."""
    if mark != "-" or letters not in _COMMON_SINGLE or len(digits) < 2:
        return 0.0
    if letters == "E" and not further:
        return 0.5
    if len(digits) > 4:
        return 0.45
    return 0.8 if len(digits) >= 3 or further else 0.6


def _behind_kinds(text: str) -> Iterator[Entity]:
    for match in _NAMED.finditer(text):
        begin, end = match.span(1)
        letters = "".join(character for character in text[begin:end].partition("-")[0] if character.isalpha())
        plain = text[begin:end].isupper()
        if plain and (len(letters) == 1 or letters not in _NO_TAGS) and _apart(text, begin, end):
            yield identifier(EntityType.EQUIPMENT_TAG, text, begin, end, 0.9)


def _is_letter(suffix: str) -> bool:
    return suffix.lstrip("-/")[:1].isalpha()


def _apart(text: str, begin: int, end: int) -> bool:
    """Whether it is no part of a longer number or name."""
    before, after = at(text, begin - 1), at(text, end)
    if word_character(before) or before in ("-", "/", ".", "+", "=", "$", "#") or word_character(after):
        return False
    return not (after in ("-", "/", ".", "+", "@") and after and word_character(at(text, end + 1)))
