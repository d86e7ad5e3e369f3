"""What the generated lines are filled with: personal data of every form, and numbers that are none."""

import random
import string
from collections.abc import Callable

from stdnum import iban, luhn
from stdnum.cn import ric
from stdnum.iso7064 import mod_97_10

from sensorium_text.domain import PersonalDataType


def _words(written: str) -> list[str]:
    return written.split()


def _numbered(*patterns: str) -> Callable[[random.Random], str]:
    """Patterns in which # stands for a digit, % for one from 2 to 9, @ for a capital letter."""

    def make(chance: random.Random) -> str:
        classes = {"#": string.digits, "%": "23456789", "@": string.ascii_uppercase}
        return "".join(chance.choice(classes.get(character, character)) for character in chance.choice(patterns))

    return make


_GIVEN = _words(
    "James Mary Robert Patricia John Jennifer Michael Linda David Susan William Karen Richard Nancy Joseph Lisa Thomas "
    "Sandra Daniel Ashley Kevin Emily Brian Michelle Steven Laura Hans Anke Jürgen Sabine Priya Arjun Fatima Omar "
    "Giulia Marco Chloé Pierre Sofia Diego Agnieszka Piotr Yuki Ingrid Lars Olga Ahmed Grace Tyrone Siobhan"
)
_SURNAMES = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Wilson Anderson Taylor Thompson Moore "
    "Jackson White Harris Clark Lewis Robinson Walker Allen Wright Scott Nguyen Hill Adams Baker Nelson Campbell "
    "Mitchell Roberts Schmidt Müller Weber Fischer Patel Sharma Rossi Ferrari Dubois Lefebvre Kowalski Nowak O'Neill "
    "Johansson Petrov Okafor Hernandez"
)


def _name(chance: random.Random) -> str:
    given, surname = chance.choice(_GIVEN), chance.choice(_SURNAMES)
    if chance.random() < 0.15:
        return f"{given} {chance.choice(string.ascii_uppercase)}. {surname}"
    return f"{given} {surname}"


def _email(chance: random.Random) -> str:
    user = _name(chance).replace(" ", chance.choice("._-")).replace("..", ".").lower()
    user = user.encode("ascii", "ignore").decode()
    address = f"{user}@{chance.choice(['example.com', 'plant-7.example.de', 'mail.example.co.uk', 'qq.com'])}"
    return address.upper() if chance.random() < 0.2 else address


_BRANDS = (
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("36", 14),
    ("305", 14),
    ("38", 14),
    ("6011", 16),
    ("65", 16),
    ("3528", 16),
    ("3589", 16),
    ("2131", 15),
    ("1800", 15),
    ("62", 16),
    ("62", 19),
    ("5018", 12),
    ("6759", 12),
    ("6304", 16),
    ("58", 12),
)


def _card_digits(chance: random.Random) -> str:
    start, length = chance.choice(_BRANDS)
    body = start + "".join(chance.choices(string.digits, k=length - len(start) - 1))
    return body + str(luhn.calc_check_digit(body))


def _printed(chance: random.Random, digits: str) -> str:
    separator = chance.choice(["", " ", "-"])
    groups = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(digits), (4,) * (len(digits) // 4) + (len(digits) % 4,))
    parts, begin = [], 0
    for size in groups:
        parts.append(digits[begin : begin + size])
        begin += size
    return separator.join(part for part in parts if part)


def _card(chance: random.Random) -> str:
    return _printed(chance, _card_digits(chance))


def _wrong_card(chance: random.Random) -> str:
    digits = _card_digits(chance)
    return _printed(chance, digits[:-1] + str((int(digits[-1]) + chance.randint(1, 9)) % 10))


_BANK_ACCOUNTS = {
    "DE": "##################",
    "GB": "@@@@##############",
    "FR": "#######################",
    "NL": "@@@@##########",
    "ES": "####################",
    "IT": "@######################",
    "PL": "########################",
    "CH": "#################",
    "AT": "################",
    "BE": "############",
    "NO": "###########",
    "TR": "######################",
    "MT": "@@@@#######################",
    "BR": "#######################@#",
    "SE": "####################",
    "SA": "####################",
}


def _iban_of(chance: random.Random) -> str:
    country = chance.choice(sorted(_BANK_ACCOUNTS))
    account = _numbered(_BANK_ACCOUNTS[country])(chance)
    return country + mod_97_10.calc_check_digits(account + country) + account


def _spelt(chance: random.Random, number: str) -> str:
    return chance.choice([number, number.lower(), iban.format(number)])


def _iban(chance: random.Random) -> str:
    return _spelt(chance, _iban_of(chance))


def _wrong_iban(chance: random.Random) -> str:
    number = _iban_of(chance)
    return _spelt(chance, f"{number[:2]}{(int(number[2:4]) + chance.randint(1, 90)) % 97 + 2:02}{number[4:]}")


def _ip(chance: random.Random) -> str:
    start = chance.choice(["192.168.", "10.", "172.16.", "203.0.", "8.8."])
    missing = 4 - start.count(".")
    return start + ".".join(str(chance.randint(0, 255)) for _ in range(missing))


def _ipv6(chance: random.Random) -> str:
    groups = [f"{chance.randint(0, 0xFFFF):x}" for _ in range(4)]
    return chance.choice(["2001:db8::{}:{}", "fe80::{}:{}:{}:{}", "2001:0db8:85a3:0000:{}:{}:{}:{}"]).format(*groups)


def _resident_id_of(chance: random.Random) -> str:
    area = chance.choice(["110101", "310115", "440305", "510104", "330106", "622201", "420111"])
    birth = f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    body = f"{area}{birth}{chance.randint(0, 999):03}"
    return body + ric.calc_check_digit(body + "0")


def _resident_id(chance: random.Random) -> str:
    number = _resident_id_of(chance)
    return number.lower() if chance.random() < 0.3 else number


def _wrong_resident_id(chance: random.Random) -> str:
    number = _resident_id_of(chance)
    return number[:-1] + ("5" if number[-1] != "5" else "6")


_STREETS = (
    "Main St",
    "Oak Avenue",
    "Maple Drive",
    "Church Road",
    "Mill Lane",
    "Station Road",
    "Park Blvd",
    "Elm Street",
    "Lincoln Way",
)
_GERMAN_STREETS = ("Hauptstraße", "Bahnhofstr.", "Gartenweg", "Schillerplatz", "Industriestraße", "Lindenallee")
_CITIES = (
    "Springfield, IL",
    "Dayton, OH",
    "Peoria, IL",
    "Tulsa, OK",
    "Mobile, AL",
    "Fresno, CA",
    "Gary, IN",
    "Reno, NV",
)
_BRITISH = ("Leeds LS1 4AP", "Sheffield S1 2HH", "London SW1A 1AA", "Coventry CV1 5FB", "Derby DE1 2GU")
_GERMAN_CITIES = ("70173 Stuttgart", "80331 München", "44135 Dortmund", "20095 Hamburg", "04109 Leipzig")


def _address(chance: random.Random) -> str:
    number, street = chance.randint(1, 9999), chance.choice(_STREETS)
    kind = chance.random()
    if kind < 0.5:
        flat = f", {chance.choice(['Apt', 'Suite', 'Unit'])} {chance.randint(1, 400)}" if chance.random() < 0.3 else ""
        return f"{number} {street}{flat}, {chance.choice(_CITIES)} {chance.randint(10000, 99999)}"
    if kind < 0.75:
        return f"{number % 300 + 1} {street}, {chance.choice(_BRITISH)}"
    return f"{chance.choice(_GERMAN_STREETS)} {number % 200 + 1}, {chance.choice(_GERMAN_CITIES)}"


_CHINESE_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱郭何罗林梁宋郑谢韩唐冯邓曹彭曾萧田董潘袁蔡蒋"
    "余杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛"
)
_CHINESE_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红玲建国志文辉力鹏峰晓东海波宇浩欣怡佳俊梅兰云"


def _chinese_name(chance: random.Random) -> str:
    surname = chance.choice(["欧阳", "司马"]) if chance.random() < 0.03 else chance.choice(_CHINESE_SURNAMES)
    return surname + "".join(chance.choices(_CHINESE_GIVEN, k=chance.choice([1, 2, 2])))


def _chinese_address(chance: random.Random) -> str:
    place = chance.choice(
        [
            "上海市浦东新区",
            "北京市朝阳区",
            "广东省深圳市南山区",
            "江苏省苏州市工业园区",
            "四川省成都市武侯区",
            "湖北省武汉市洪山区",
        ]
    )
    street = chance.choice(["张江路", "科技南路", "建国路", "人民大道", "星湖街", "中山北路", "光谷大道"])
    house = f"{chance.randint(1, 999)}号"
    flat = f"{chance.randint(1, 30)}栋{chance.randint(101, 2804)}室" if chance.random() < 0.5 else ""
    return place + street + house + flat


_T = PersonalDataType
MAKERS: dict[str, tuple[PersonalDataType | None, Callable[[random.Random], str]]] = {
    "name": (_T.PERSON_NAME, _name),
    "chinese_name": (_T.PERSON_NAME, _chinese_name),
    "phone": (
        _T.PHONE_NUMBER,
        _numbered(
            "+1-%##-%##-####",
            "(%##) %##-####",
            "%##-%##-####",
            "%##.%##.####",
            "%##%######",
            "(%##)%##-####x###",
            "001-%##-%##-####x####",
            "+44 20 7946 0###",
            "+44(0)113 496 0###",
            "0113 496 0###",
            "07700 900###",
            "+49 711 %######",
            "+49 (0)30 %#######",
            "0711 %######",
            "0711/%#####",
            "+33 1 42 ## ## ##",
            "01 42 ## ## ##",
            "+86 138 #### ####",
            "1-800-555-01##",
            "+81 3-3###-####",
        ),
    ),
    "chinese_phone": (
        _T.PHONE_NUMBER,
        _numbered("138########", "159########", "186 #### ####", "177-####-####", "+86 135########", "199########"),
    ),
    "chinese_landline": (
        _T.PHONE_NUMBER,
        _numbered("010-6#######", "(021)5#######", "0755-8#######转8##", "400-8##-####"),
    ),
    "email": (_T.EMAIL_ADDRESS, _email),
    "card": (_T.CARD_NUMBER, _card),
    "iban": (_T.IBAN, _iban),
    "ip": (_T.IP_ADDRESS, _ip),
    "ipv6": (_T.IP_ADDRESS, _ipv6),
    "resident_id": (_T.CHINESE_RESIDENT_ID, _resident_id),
    "address": (_T.POSTAL_ADDRESS, _address),
    "chinese_address": (_T.POSTAL_ADDRESS, _chinese_address),
    "no_card": (None, _wrong_card),
    "no_iban": (None, _wrong_iban),
    "no_resident_id": (None, _wrong_resident_id),
    "no_luhn_serial": (None, _card_digits),
    "no_serial": (
        None,
        _numbered(
            "####-####",
            "@@##-######",
            "########",
            "SN-####-@@",
            "############",
            "#@###@####",
            "##########",
            "138########",
        ),
    ),
    "no_part": (
        None,
        _numbered(
            "6205-2RS",
            "7-####-##",
            "@@-####.###",
            "6ES7315-2EH14-0AB0",
            "###-###-####",
            "0 986 ### ###",
            "##########",
            "@####-##/#",
        ),
    ),
    "no_order": (None, _numbered("45########", "WO-2024####-00##", "########", "PO-######", "800#######")),
    "no_long_number": (None, _numbered("################", "#############", "###########", "##########", "0#########")),
    "no_ean": (None, _numbered("400638#######", "690#########", "40170781####")),
    "no_tag": (None, _numbered("P-###@", "PT-####", "=A1+K##-M#", "XV-####", "10LAC##AP001", "C-##")),
    "no_date": (None, _numbered("2024-0%-1#", "1#.0%.2023", "0%/1#/2024", "202405##")),
    "no_time": (None, _numbered("0#:##", "1#:##:##")),
    "no_quantity": (None, _numbered("#.# bar", "1#.## mm", "###0 rpm", "1### Nm", "#% °C", "12 pcs", "±0.0# mm")),
    "no_error": (None, _numbered("E-###", "F3000#", "SPN 110 FMI #", "0x8007####", "A####", "Err ##")),
    "no_version": (None, _numbered("#.#.#.#", "%.1#.0.#", "V#.#", "1.#.##.%##", "%.0")),
}
