"""Chinese persons, places and organisations."""

import pytest

from sensorium_text.entities._chinese import find_chinese_names
from sensorium_text.entities._resolving import resolve


def names(text: str) -> list[tuple[str, str]]:
    return [(e.type.name, e.span.of(text)) for e in resolve(find_chinese_names(text)) if e.confidence >= 0.5]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("张伟检修了2号泵。", ["张伟"]),
        ("请通知刘洋到现场。", ["刘洋"]),
        ("陈晓明和赵磊值夜班。", ["陈晓明", "赵磊"]),
        ("李强、张敏完成点检。", ["李强", "张敏"]),
        ("欧阳建华是维修主管。", ["欧阳建华"]),
        ("操作员龚志强发现漏油。", ["龚志强"]),
        ("王师傅说轴承坏了，张工建议更换。", ["王师傅", "张工"]),
        ("何师傅和吴建华来电。", ["何师傅", "吴建华"]),
        ("老李和小王在现场。", ["老李", "小王"]),
        ("罗海涛与沈静怡交接班，高建军签字。", ["罗海涛", "沈静怡", "高建军"]),
    ],
)
def test_persons(text: str, persons: list[str]) -> None:
    assert names(text) == [("PERSON", person) for person in persons]


@pytest.mark.parametrize(
    "text",
    [
        "高压泵压力过高。", "马达过热停机。", "白班交接正常。", "黄油加注完毕，石墨密封泄漏。", "调整皮带张力。",
        "水温偏高，检查冷却塔。", "万向节断裂，连杆弯曲。", "安全阀动作，常开触点粘连。", "高工审核，施工完成。",
        "任何人不得启动设备。", "方向盘松动。", "高处作业系好安全带。", "许可证过期，顾客投诉。", "雷达液位计故障。",
    ],
)  # fmt: skip
def test_words_that_look_like_names(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("备件从北京运来，在苏州工厂调试。", [("PLACE", "北京"), ("PLACE", "苏州")]),
        ("设备在上海市浦东新区。", [("PLACE", "上海市浦东新区")]),
        ("上海电气派人来。", [("ORGANIZATION", "上海电气")]),
        ("西门子公司提供备件。", [("ORGANIZATION", "西门子公司")]),
        ("沈阳鼓风机集团制造。", [("ORGANIZATION", "沈阳鼓风机集团")]),
        ("ABB公司工程师杨帆到场。", [("ORGANIZATION", "ABB公司"), ("PERSON", "杨帆")]),
        ("哈尔滨电机厂的电机。", [("ORGANIZATION", "哈尔滨电机厂")]),
        ("华为的交换机掉线。", [("ORGANIZATION", "华为")]),
        ("本公司规定，我厂设备。", []),
        ("夜市附近的超市。", []),
    ],
)
def test_places_and_organizations(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


def test_offsets_count_code_points_behind_emoji_and_spaces() -> None:
    text = "😀 \n\t 张伟到场"
    assert names(text) == [("PERSON", "张伟")]
