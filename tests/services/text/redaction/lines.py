"""Lines of a plant's log with personal data and with numbers that are none, made from a seed; each says what is where.

Names, streets and companies are put together at random from lists; card numbers, IBANs and identity numbers are
computed. Numbers at the places marked `{no_...}` must not be masked: serial and part numbers, orders, tags, dates,
quantities, error codes, versions, and cards, IBANs and identity numbers whose check digits are wrong.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sensorium_text.domain import PersonalDataType, Span
from services.text.redaction.values import MAKERS

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Line:
    """A line, the personal data in it, and the spans that must not be masked."""

    text: str
    data: tuple[tuple[PersonalDataType, Span], ...]
    untouched: tuple[Span, ...]


def lines(count: int, seed: int) -> Iterator[Line]:
    """Lines in English and Chinese by turns: two of three are English."""
    chance = random.Random(seed)
    for index in range(count):
        templates = CHINESE if index % 3 == 2 else ENGLISH
        yield _filled(
            templates[(index // 3 * 2 + index % 3 if templates is ENGLISH else index // 3) % len(templates)], chance
        )


def _filled(template: str, chance: random.Random) -> Line:
    parts: list[str] = []
    data: list[tuple[PersonalDataType, Span]] = []
    untouched: list[Span] = []
    length = position = 0
    for place in _PLACE.finditer(template):
        before = template[position : place.start()]
        kind, make = MAKERS[place[1]]
        written = make(chance)
        span = Span(length + len(before), length + len(before) + len(written))
        if kind is None:
            untouched.append(span)
        else:
            data.append((kind, span))
        parts += before, written
        length, position = span.end, place.end()
    parts.append(template[position:])
    return Line("".join(parts), tuple(data), tuple(untouched))


ENGLISH = [
    "Technician {name} replaced the mechanical seal on pump P-101A, S/N {no_serial}.",
    "{name} reported an oil leak at gearbox 3; call back at {phone}.",
    "Call {name} ({phone}) before restarting conveyor {no_tag}.",
    "WO {no_order} assigned to {name}, e-mail {email}, due {no_date}.",
    "Bearing {no_part} on order with {name}; pay by card {card}.",
    "Card {no_card} was declined, new card {card} charged for order {no_order}.",
    "Send the invoice for P/N {no_part} to {email} and refund to IBAN {iban}.",
    "PLC at {ip} lost connection, firmware {no_version}, error {no_error}.",
    "HMI {ip} cannot reach {ip}; serial number {no_luhn_serial} on the nameplate.",
    "Ship the spare pump S/N {no_serial} to {address}.",
    "Deliver gearbox {no_part} to {address}, contact {name}, phone {phone}.",
    "Return address: {address}",
    "Operator {name} noticed {no_quantity} on fan {no_tag} at {no_time}.",
    "Serial no. {no_luhn_serial} replaced by {no_luhn_serial}, checked by {name}.",
    "Shift handover from {name} to {name}: pressure {no_quantity}, alarm {no_error} cleared.",
    "Vendor's account {no_iban} is wrong, use {iban} instead.",
    "Visitor {name}, identity number {resident_id}, phone {chinese_phone}, signed in at {no_time}.",
    "Identity number {no_resident_id} does not verify; ask {name} at {email}.",
    "Contact: {name}, {phone}, {email}",
    "Remote access from {ipv6} to drive {no_tag}, user {email}, version {no_version}.",
    "Ordered {no_quantity} of {no_part} (PO {no_order}), approved by {name} on {no_date}.",
    "{name} can be reached at {phone}; asset tag {no_long_number}.",
    "Refund of 120 EUR to {iban} for {name}.",
    "Motor S/N {no_long_number} tripped with {no_error} at {no_quantity}, fitted new one S/N {no_serial}.",
    "Batch {no_long_number}, lot {no_serial}, EAN {no_ean}: label printer offline.",
    "Part number {no_part} superseded by {no_part}; drawing {no_long_number} rev {no_version}.",
    "Tel. {phone}: {name} from the pump vendor, quote {no_order}.",
    "Gateway {ip} and camera {ipv6} share tag {no_tag}.",
    "Fax {phone}: delivery note {no_order}, attn {name}.",
    "Charged to Visa {card}, cardholder {name}, part {no_part}.",
]

CHINESE = [
    "联系人：{chinese_name}，电话{chinese_phone}，设备序列号{no_serial}。",
    "操作员{chinese_name}发现3号泵轴承异响，报警代码{no_error}。",
    "由{chinese_name}负责更换机械密封，件号{no_part}。",
    "请通知{chinese_name}到场，手机{chinese_phone}请回电",
    "备件寄到{chinese_address}，收件人{chinese_name}，电话{chinese_phone}。",
    "身份证号{resident_id}已登记，身份证号{no_resident_id}校验不通过。",
    "卡号{card}付款成功，订单号{no_order}，卡号{no_card}被拒。",
    "PLC地址{ip}通讯中断，固件版本{no_version}，时间{no_date}",
    "发票请发到{email}，退款账号{iban}。",
    "电机序列号{no_luhn_serial}，资产编号{no_long_number}，{no_quantity}。",
    "姓名：{chinese_name}，身份证{resident_id}，住址：{chinese_address}",
    "班长{chinese_name}确认阀门{no_tag}泄漏，已更换轴承{no_part}。",
    "供应商热线{chinese_landline}，邮箱{email}，工单{no_order}",
    "摄像头{ipv6}离线，交换机{ip}正常，版本{no_version}",
    "维修工{chinese_name}签字，日期{no_date}，压力{no_quantity}",
]
