import pytest

from sensorium_speech.phonetics import pronunciations


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("one", ["w ʌ n"]),
        ("two", ["t u"]),
        ("conveyor", ["k ə n v eɪ ɝ"]),
        ("judge", ["d͡ʒ ʌ d͡ʒ"]),
        ("water", ["w ɔ t ɝ"]),
        ("close", ["k l oʊ s", "k l oʊ z"]),
        ("pallets", ["p æ l ə t s"]),
        ("switches", ["s w ɪ t͡ʃ ɪ z"]),
        ("lathes", ["l eɪ ð z"]),
        ("us", ["ʌ s"]),
        ("zorbex", []),
        ("zorbexs", []),
        ("", []),
        ("s", ["ɛ s"]),
    ],
)
def test_words_are_pronounced_in_the_symbols_of_the_phoneme_model(word: str, said: list[str]) -> None:
    assert [" ".join(symbols) for symbols in pronunciations(word)] == said
