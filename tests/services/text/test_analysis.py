import pytest

from sensorium_text.analysis import primary_language


@pytest.mark.parametrize(
    ("code", "primary"),
    [
        ("", ""),
        ("en", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("en_US", "en"),
        ("zh-Hans-CN", "zh"),
        ("zh_CN", "zh"),
        ("zho", "zh"),
        ("cmn-Hans", "zh"),
        ("eng", "en"),
        ("de", "de"),
        ("yue", "yue"),
    ],
)
def test_a_languages_code_may_be_written_in_several_ways(code: str, primary: str) -> None:
    assert primary_language(code) == primary
