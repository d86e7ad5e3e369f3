"""Names of persons in Chinese: behind the words that announce them, and as a dictionary knows them.

The model reads English only. ExtractEntities' dictionary names persons where it is sure; where something is to be kept
secret, a surname behind `联系人` or `班长` is reason enough.
"""

import re
from collections.abc import Iterator

import rjieba

from sensorium_text.domain import EntityType, PersonalDataType, Span
from sensorium_text.entities._chinese import find_chinese_names
from sensorium_text.entities._chinese_lexicon import COMPOUND_SURNAMES, GIVEN, SURNAMES, WORD_SURNAMES
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.scripts import HAN

_HAN = re.compile(f"[{HAN}]")
_STRONG, _WEAK, _START = 0.85, 0.7, 0.65  # confidences: behind a role, behind a verb, where a clause begins
_ANNOUNCED = re.compile(
    "(?P<role>(?:维修|设备|电气|工艺|安全|质量|机械|自动化|现场|值班|技术|助理|高级)?工程师|联系人|收件人|收货人|寄件人|负责人|操作员|操作工|操作人|班长|组长|队长|主任|经理|厂长|主管|科长|部长|总监|师傅|技术员|维修工|维修员"
    "|维修人|检修工|检修员|检修人|点检员|电工|钳工|焊工|叉车工|巡检员|巡检人|值班员|值班人|值班长|调度员|同事|员工|工人|司机|客户|顾客|审核人|审批人|批准人|填写人"
    "|填表人|记录人|报告人|报修人|申请人|经办人|验收人|采购员|保管员|质检员|安全员|交班人|接班人|交班|接班|夜班|白班|早班|中班|晚班|签字|签名|姓名|户名|持卡人|开户人|名叫|叫做|用户)"
    "|(?P<verb>请|由|找|让|通知|联系|致电|打给|问|叫|给|和|与|及|跟|同|、|交给|转给|派)"
    "|(?P<start>(?:^|[，。；！？,;!?\n：:（(])\\s*)"
)
_LABEL = re.compile(r"\s?[：:]\s?|[为是]")
_FOLLOWING = re.compile(
    "负责|处理|到场|更换|检查|签字|签名|确认|报告|汇报|发现|反映|表示|说|称|已|在|于|将|把|的|和|与|及|跟|到|来|去|进行|完成|维修|检修|操作|值班|接班|交接|电话|手机"
    "|先生|女士|小姐|师傅|主任|经理|班长|工程师|要求|建议|认为|记录|填写|审核|批准|安装|拆|测|巡检|加|补|清理|关闭|打开|启动|停|通知|是|住|身份证|用|从|为|复位|重启|调整|请|收|等"
)
_BRACKET = re.compile(r"\s?[（(]?[0-9+]|[（(]")
_REPORTING = re.compile(
    "报告|汇报|发现|反映|表示|说|称|签字|确认|负责|值班|巡检|到场|检修了|更换了|检查了|复位|身份证|电话|手机|住"
)
# What follows names and ends few of them.
_FUNCTION_WORDS = frozenset("已和与及于在到把将来去说称是的从给对也都就要请测拆停等收住用")
# More of the Hundred Family Surnames than the dictionary of ExtractEntities goes by.
_MORE_SURNAMES = frozenset(
    "褚尤孔戚谢邹喻柏窦章云苏奚彭鲁韦昌苗凤花俞鲍酆廉岑倪滕殷罗毕郝邬傅皮卞齐伍余元卜顾孟穆萧尹姚湛祁毛禹狄米贝臧计伏成戴谈宋"
    "茅庞熊纪舒屈项祝梁杜阮蓝闵席麻强贾娄危童颜梅盛刁骆夏蔡田樊胡凌霍虞支柯昝卢莫裘缪干解应宗丁宣贲邓郁单杭洪诸左石崔吉钮龚程"
    "嵇邢裴陆荣翁荀惠甄曲封芮羿储靳汲邴糜段富巫乌焦巴弓牧隗谷侯宓蓬全郗仰仲伊宫宁仇栾暴甘厉戎祖武符刘景詹龙叶幸司韶郜黎"
    "薄印宿怀蒲邰鄂索咸籍赖卓蔺屠蒙池乔阴闻莘党翟谭劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕茹宦艾鱼容"
    "古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄东欧殳沃利蔚越隆师巩聂晁勾敖融冷訾辛阚那简饶空曾毋沙养鞠须丰巢关荆红游竺权盖益桓"
    "冼佟仝平向海尉麦区岳帅亢况郎代战展税晋楚闫涂肖覃揭和迟鹿仉督付占苟卿"
)
_RARE_OR_COMMON_WORD = WORD_SURNAMES | (_MORE_SURNAMES - SURNAMES)
_FAMILIAR = frozenset("小老")  # before a surname, for younger and older colleagues
_NAME_TAGS = ("nr", "ns", "nz", "x")


def find_chinese_persons(text: str) -> Iterator[Finding]:
    """Names of persons; they may overlap."""
    if _HAN.search(text):
        yield from _known_persons(text)
        yield from _announced_persons(text)


def _known_persons(text: str) -> Iterator[Finding]:
    for entity in find_chinese_names(text):
        if entity.type is EntityType.PERSON:
            end = entity.span.end - (entity.span.of(text)[2:][-1:] in _FUNCTION_WORDS)
            yield Finding(PersonalDataType.PERSON_NAME, Span(entity.span.begin, end), entity.confidence, Source.MODEL)


def _announced_persons(text: str) -> Iterator[Finding]:
    words = _Words(text)
    for announced in _ANNOUNCED.finditer(text):
        begin = announced.end()
        label = _LABEL.match(text, begin)
        if label and announced["role"]:
            begin = label.end()
        name = _name_at(text, begin, words, announced.lastgroup or "", label is not None)
        if name:
            confidence = {"role": _STRONG, "verb": _WEAK}.get(announced.lastgroup or "", _START)
            yield Finding(PersonalDataType.PERSON_NAME, Span(begin, name), confidence, Source.RULE)


class _Words:
    """Where the dictionary's words begin, with their tags and ends."""

    def __init__(self, text: str) -> None:
        self.at: dict[int, tuple[int, str]] = {}
        begin = 0
        for written, tag in rjieba.tag(text):
            begin = text.index(written, begin)
            self.at[begin] = (begin + len(written), tag)
            begin += len(written)

    def is_boundary(self, offset: int) -> bool:
        return offset in self.at

    def begins_common_word(self, offset: int) -> bool:
        """Whether a word of two characters or more begins here that is no name."""
        end, tag = self.at.get(offset, (offset, "x"))
        return end - offset >= 2 and not tag.startswith(_NAME_TAGS)


def _name_at(text: str, begin: int, words: _Words, announced: str, has_label: bool) -> int:
    """Where the name ends that begins at the offset; 0 where there is none."""
    if text[begin : begin + 1] in _FAMILIAR and text[begin + 1 : begin + 2] in SURNAMES and announced != "start":
        return begin + 2 if _is_followed(text, begin + 2, announced, is_alone=False, words=words) else 0
    surname = 2 if text[begin : begin + 2] in COMPOUND_SURNAMES else 1
    if surname == 1 and text[begin : begin + 1] not in SURNAMES | _MORE_SURNAMES:
        return 0
    for given in (2, 1):
        end = begin + surname + given
        if end > len(text) or not all(_HAN.match(character) for character in text[begin:end]):
            continue
        is_alone = end == len(text) or not _HAN.match(text[end])
        if has_label and is_alone:
            return end  # whatever it is, a form says that it is a name
        is_usual = text[begin] not in _RARE_OR_COMMON_WORD and text[end - 1] in GIVEN
        if given == 2 and text[end - 1] in _FUNCTION_WORDS:
            continue
        if not is_usual and (words.begins_common_word(begin) or _is_doubtful(text[begin:end], announced)):
            continue
        if _is_followed(text, end, announced, is_alone, words):
            return end
    return 0


def _is_doubtful(name: str, announced: str) -> bool:
    """Whether what may begin a clause looks like a word rather than like a name."""
    return announced == "start" and name[0] in _RARE_OR_COMMON_WORD and name[-1] not in GIVEN


def _is_followed(text: str, end: int, announced: str, is_alone: bool, words: _Words) -> bool:
    """Whether what is behind a name is what stands behind names; the less it is announced, the surer that must be."""
    if announced == "start":
        return _REPORTING.match(text, end) is not None
    if _FOLLOWING.match(text, end) or _BRACKET.match(text, end):
        return True
    return announced == "role" and (is_alone or (words.is_boundary(end) and text[end - 1] in GIVEN))
