import pytest

from sensorium_text.redaction._chinese_addresses import find_chinese_addresses
from sensorium_text.redaction._chinese_names import find_chinese_persons
from sensorium_text.redaction._finding import without_overlaps


def persons(text: str) -> list[str]:
    return [each.span.of(text) for each in without_overlaps(find_chinese_persons(text))]


def addresses(text: str) -> list[str]:
    return [each.span.of(text) for each in find_chinese_addresses(text)]


@pytest.mark.parametrize("name", ["张伟", "王建国", "欧阳娜娜", "窦桂芳", "冼丽华", "虞欣"])
@pytest.mark.parametrize(
    "sentence",
    [
        "联系人：{}，电话13812345678",
        "操作员{}发现3号泵轴承异响",
        "由{}负责更换机械密封",
        "姓名：{}",
        "请联系{}（13812345678）处理",
        "班长{}已确认，序列号48213377",
        "维修工程师{}，身份证号见附件",
        "送货给收件人{}。",
        "银行卡已停用，户名{}",
    ],
)
def test_persons_are_found_behind_what_announces_them(sentence: str, name: str) -> None:
    assert persons(sentence.format(name)) == [name]


@pytest.mark.parametrize("text", ["姓名：高峰", "姓名：安全", "签名：文静"])
def test_a_form_is_believed_whatever_the_name(text: str) -> None:
    assert persons(text) == [text[3:]]


@pytest.mark.parametrize(
    "text",
    [
        "3号泵轴承异响，更换后正常",
        "操作员工号4711未登记",
        "班长安排明天检修",
        "负责人安全培训已完成",
        "由高压泵供油",
        "请检查管道和阀门",
        "通知车间停机，请关闭阀门",
        "和马达连接的联轴器松动",
        "主任要求尽快完成",
        "高压开关跳闸，电工房钥匙丢失",
        "由金属屑堵塞，让位阀卡滞",
        "夜班：设备运行正常",
        "程序由西门子调试",
        "黄油枪损坏，时间继电器损坏",
    ],
)
def test_words_are_no_persons(text: str) -> None:
    assert persons(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "上海市浦东新区张江路88号3栋502室",
        "广东省深圳市南山区科技南路12号",
        "北京市朝阳区建国路93号院2号楼",
        "四川省成都市武侯区人民南路四段11号",
        "吉林省欣县淄川惠州街B座 674391",
        "苏州工业园区星湖街218号",
    ],
)
@pytest.mark.parametrize("sentence", ["备件寄到{}，收件人李强", "{}", "住址：{}", "他住在{}。"])
def test_addresses_are_found_whole(sentence: str, address: str) -> None:
    assert addresses(sentence.format(address)) == [address]


def test_an_address_that_is_called_so_may_begin_anywhere() -> None:
    assert addresses("收货地址：和平镇向阳村12号，电话") == ["和平镇向阳村12号"]


@pytest.mark.parametrize(
    "text",
    [
        "北京路3号泵房",
        "上海市场部3号文件",
        "1号线2号机3号工位",
        "广州分厂2号线停机",
        "武汉发货的轴承到货",
        "路面积水，街道清洁",
        "地址0x3F写入失败",
    ],
)
def test_places_and_numbers_of_machines_are_no_addresses(text: str) -> None:
    assert addresses(text) == []


@pytest.mark.parametrize("part", ["请", "联系人", "上海市", "王", "、王小明", "地址", "上海浦东路", "号"])
def test_long_texts_take_no_longer_by_the_character(part: str) -> None:
    text = part * (20_000 // len(part))
    list(find_chinese_persons(text))  # quadratic time would run into the limit that all tests have
    list(find_chinese_addresses(text))
