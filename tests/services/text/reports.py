"""Two maintenance reports as shifts write them, with what a summary must hold and what it must not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """A report, and parts of sentences by which a summary is judged.

    Attributes:
        language: BCP 47.
        text: the report.
        symptom: of the sentences that say what was seen.
        cause: of the sentences that say why.
        action: of the sentences that say what was done.
        small_talk: of sentences that no summary should hold.
    """

    language: str
    text: str
    symptom: tuple[str, ...]
    cause: tuple[str, ...]
    action: tuple[str, ...]
    small_talk: tuple[str, ...]


ENGLISH = Report(
    "en",
    "Good morning everybody, and thanks to the night shift for the coffee. "
    "At 02:20 cooling water pump P-101A tripped on high vibration, 11.2 mm/s at the drive end bearing. "
    "The standby pump P-101B started automatically, so production was not interrupted. "
    "It rained heavily during the night. "
    "We locked out the pump and opened the bearing housing of P-101A. "
    "The drive end bearing 6312 was found with broken cage and dark, burnt grease. "
    "The cause of the bearing failure was a lack of lubrication, because the automatic lubricator of the pump "
    "was empty. "
    "Somebody had parked a bicycle in front of the tool room. "
    "The bearing was replaced by a new one, the shaft was checked for runout, and the lubricator was refilled. "
    "After alignment the pump was started again and ran with a vibration of 1.8 mm/s. "
    "The canteen will be closed on Friday. "
    "The lubricators of all cooling water pumps shall be checked weekly from now on. "
    "P-101A is back in service and P-101B is in standby.",
    symptom=("tripped on high vibration",),
    cause=("lack of lubrication", "broken cage"),
    action=("was replaced by a new one",),
    small_talk=("coffee", "rained", "bicycle", "canteen"),
)

CHINESE = Report(
    "zh",
    "各位早上好，昨晚食堂的夜宵不错。"
    "凌晨3点15分，2号注塑机液压系统压力突然下降，设备报警停机。"
    "操作工立即按下急停按钮并通知维修班。"
    "外面一直在下雨。"
    "维修人员检查发现主液压缸的密封圈老化破裂，液压油大量泄漏。"
    "事故原因是液压油温度长期过高，导致液压缸密封圈加速老化。"
    "班长的自行车停在车间门口，请及时挪走。"
    "我们更换了液压缸密封圈，补充了60升液压油，并清洗了油冷却器。"
    "冷却器内部水垢较多，散热效果差，是油温过高的主要原因。"
    "试机两小时，液压系统压力稳定在16兆帕，油温45度，设备恢复生产。"
    "星期五下午有篮球比赛，欢迎参加。"
    "建议每三个月清洗一次油冷却器，并每周检查液压油温度。",
    symptom=("压力突然下降",),
    cause=("事故原因", "密封圈老化破裂", "主要原因"),
    action=("更换了液压缸密封圈",),
    small_talk=("夜宵", "下雨", "自行车", "篮球"),
)

REPORTS = (ENGLISH, CHINESE)
