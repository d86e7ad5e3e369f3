"""What the words around a number say it is.

A number is often ambiguous by itself: one serial number in ten passes the check of card numbers, and ten digits may be
a telephone number or an order. The nearest word that names a kind of number decides.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MOST_WORDS = 4
_CODE_LETTERS = re.compile(r"[A-Za-z]{1,4}[-./]?$")  # of a number such as JD-2004
_FARTHEST = 64  # characters between a word and its number
_IDENTIFIERS = _set(
    """
    alarm alarms article articles artikel artikelnr artikelnummer asset assets auftrag auftragsnummer barcode barcodes
    batch batches bestellnummer bestellung case cases charge chargennummer checksum code codes contract contracts
    counter counters crc delivery device devices doc document documents drawing drawings dwg ean epoch equipment error
    errors fault faults firmware gtin guid hash heat iccid id identity identnummer ids imei imsi incident incidents
    inventarnummer invoice invoices isbn item items job jobs licence license lot lots mac machine machines material
    materialnummer materials meter meters model models module modules mpn nameplate notification notifications order
    orders parameter parameters part partno parts passport plate pn po project projects purchase reading readings ref
    reference
    references register registers request requests rev revision rechnung sachnummer ser serial serialno serials
    seriennr seriennummer seriennummern shipment shipments sku sn sscc tag tags task tasks teilenummer ticket tickets
    timestamp timestamps tracking upc uuid version versions vin wo workorder workorders zeichnungsnummer
    """
)
# A number right behind one of these is its number.
_MACHINES = _set(
    """
    actuator bearing bearings belt board breaker cable compressor controller conveyor coupling cylinder
    drive encoder fan filter fuse gasket gearbox getriebe heater hose inverter kit lager lamp motor nozzle piston plc
    pump pumpe relay robot screw seal sensor servo shaft spare spares switch tool transmitter turbine valve ventil
    """
)
_CARDS = _set(
    """
    amex billed card cards carte cc ccn charge charged charging credit debit diners discover jcb karte karten
    kartennummer kreditkarte maestro mastercard mc paid pan pay paying payment payments pays tarjeta unionpay visa
    """
)
_PHONES = _set(
    """
    anruf anrufen appeler appelez call callback called caller callers calling calls cell cellphone cellphones cells
    cellulare contact contacted contacts dial dialed dialled dials durchwahl erreichbar fax festnetz handy handynummer
    helpline hotline joindre landline mob mobil mobile mobiles móvil movil pager phone phoned phones portable reach
    reachable reached rufnummer sms tel telefon telefonnr telefonnummer telefono telephone telephones teléfono text
    texted tél tel téléphone viber voicemail wechat whatsapp
    """
)
_IDENTITIES = _set(
    """
    aba account accounts bank driver drivers ein fein id identity insurance itin licence license national passport
    passports routing security sort ssn tax taxpayer tin vat
    """
)
_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_ABBREVIATION = re.compile(r"(?<![A-Za-z])(?:[sp][/.]n|w[/.]o|p\.o)(?![A-Za-z])", re.IGNORECASE)
_CHINESE_IDENTIFIER = re.compile(
    "身份证|序列号|序号|编号|件号|料号|物料|零件|备件|型号|订单|工单|单号|批次|批号|条码|条形码|资产|设备号|图号|合同|发票|版本|固件"
    "|代码|故障码|报警|(?<!手)机号|出厂|运单|位号|标签|计数|流水号|追溯码|二维码|时间戳|读数"
)
_CHINESE_MACHINE = re.compile("轴承|泵|阀|电机|马达|传感器|变频器|减速机|密封|滤芯|接触器|继电器|皮带|模块|液压缸|气缸")
_CHINESE_CARD = re.compile("卡|银联|付款|支付")
_CHINESE_PHONE = re.compile("电话|手机|联系|致电|拨打|来电|打给|传真|热线|号码|座机|短信|微信")
_POSSESSIVE = re.compile(r"\b(?:his|her|my|their|your|our) (?:new )?number\b", re.IGNORECASE)
_AMERICAN_EXPRESS = re.compile(r"\bamerican express\b", re.IGNORECASE)

# What may stand between a word and the number that belongs to it.
_CONNECTION = re.compile(
    r"(?:[\s:=#.,()\[\]'\"/*-]|numbers?|nummern?|num|nos?|nr|is|was|are|the|reads?|of|为|是|号|码|显示|：|（|【|，)*",
    re.IGNORECASE,
)
# The same where people are called: `call Jane Doe at`, `contact: Jane Doe,`.
_CALLING = re.compile(r"[^0-9]*(?:\b(?:at|on|under|via|unter|au|al)|[:：])\W*", re.IGNORECASE)
# What a number is put in the place of is of its kind.
_REPLACED = re.compile(
    r"[^0-9]{0,16}?(?:(?:replaced|superseded|exchanged|swapped|substituted)\s(?:by|with|for)|->|=>|→|instead of"
    r"|更换为|改为|换成|替换为|替代)\W*",
    re.IGNORECASE,
)
_LIST_SEPARATOR = re.compile(
    r"\s*(?:\([^()0-9]{1,24}\)\s*)?(?:,|;|/|&|\+|、|，|and|or|und|oder|和|及|与|,\s*and)\s*", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[;!?\n。；！？]|\.\s+[A-Z\u4e00-\u9fff]")
_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){2,63}")
# A number is what something was done with, whatever it was done to: `order 17 paid with ...`.
_MEANS = re.compile(r"\b(?:with|using|used|via|by|from)\W*$", re.IGNORECASE)
_AFTERWARDS = re.compile(
    r"[\s(\[（【]{0,2}(?:(?:is|was|as|为|是)\s?)?(?:(?:the|our|its|a|his|her|their|new)\s){0,2}", re.IGNORECASE
)


class Leaning(Enum):
    """What the words around say of a number."""

    NONE = 0
    FOR = 1  # a word of its kind is near
    DIRECTLY_FOR = 2  # a word of its kind belongs to it
    AGAINST = 3  # a word of another kind is near
    DIRECTLY_AGAINST = 4  # a word of another kind belongs to it

    @property
    def speaks_for(self) -> bool:
        """Whether the number is of the kind."""
        return self in {Leaning.FOR, Leaning.DIRECTLY_FOR}


class _Word(NamedTuple):
    begin: int
    end: int
    speaks_for: bool
    is_machine: bool = False


class Context:
    """The words of a text that name kinds of numbers; all found once."""

    def __init__(self, text: str, words: frozenset[str], *patterns: re.Pattern[str]) -> None:
        self._text = text
        self._words = sorted(_words(text, words, patterns))
        self._begins = [word.begin for word in self._words]

    def leaning(self, begin: int, end: int) -> Leaning:
        """What is said of the number between the offsets by the nearest word before it, else by one right behind it."""
        following = bisect_left(self._begins, begin)
        for word in reversed(self._words[max(0, following - _MOST_WORDS) : following]):
            said = self._said_before(word, begin, end)
            if said is not Leaning.NONE:
                return said
            if not word.is_machine:  # `serial number of pump P-7: ...` looks past the pump
                break
        while following < len(self._words) and self._begins[following] < end:
            following += 1  # an extension is called so within the number
        return self._said_after(following, end)

    def _said_before(self, word: _Word, begin: int, end: int) -> Leaning:
        if begin - word.end > _FARTHEST:
            return Leaning.NONE
        between = self._text[word.end : begin]
        others = list(_NUMBER.finditer(between))
        if others:  # they use the word up, unless ours is one more of the same kind
            if not _is_one_more(between, others[-1], self._text[begin:end]):
                return Leaning.NONE
            between = _CODE_LETTERS.sub("", between[: others[0].start()])
        if _CLAUSE_END.search(between + self._text[begin : begin + 1]):
            return Leaning.NONE
        said = _relation(word.speaks_for, between)
        return Leaning.NONE if word.is_machine and said is not Leaning.DIRECTLY_AGAINST else said

    def _said_after(self, following: int, end: int) -> Leaning:
        if following == len(self._words):
            return Leaning.NONE
        word = self._words[following]
        if word.begin - end > _FARTHEST or not _AFTERWARDS.fullmatch(self._text, end, word.begin):
            return Leaning.NONE
        return Leaning.DIRECTLY_FOR if word.speaks_for else Leaning.DIRECTLY_AGAINST


def cards(text: str) -> Context:
    """What a folded text says of numbers that may be those of cards."""
    return Context(text, _CARDS, _CHINESE_CARD, _AMERICAN_EXPRESS)


def phones(text: str) -> Context:
    """What a folded text says of numbers that may be telephone numbers."""
    return Context(text, _PHONES, _CHINESE_PHONE, _POSSESSIVE)


def identities(text: str) -> Context:
    """What a folded text says of numbers that may be those of accounts, passports and the like."""
    return Context(text, _IDENTITIES)


def _words(text: str, words: frozenset[str], patterns: tuple[re.Pattern[str], ...]) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if word in words or word in _IDENTIFIERS or word in _MACHINES:
            yield _Word(*match.span(), word in words, word in _MACHINES)
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield _Word(*match.span(), True)
    for pattern in (_ABBREVIATION, _CHINESE_IDENTIFIER, _CHINESE_MACHINE):
        for match in pattern.finditer(text):
            yield _Word(*match.span(), False, pattern is _CHINESE_MACHINE)


def _is_one_more(between: str, last: re.Match[str], number: str) -> bool:
    """Whether the number goes on a list that ends in `last`, or is put in the place of that."""
    is_list = _LIST_SEPARATOR.fullmatch(between, last.end()) is not None
    is_alike = abs(_digits(last.group()) - _digits(number)) <= 2
    return (is_list and is_alike) or _REPLACED.fullmatch(between, last.end()) is not None


def _relation(speaks_for: bool, between: str) -> Leaning:
    is_direct = _CONNECTION.fullmatch(between) is not None
    if speaks_for:
        return Leaning.DIRECTLY_FOR if is_direct or _CALLING.fullmatch(between) else Leaning.FOR
    if is_direct:
        return Leaning.DIRECTLY_AGAINST
    return Leaning.NONE if _MEANS.search(between) else Leaning.AGAINST


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)
