"""Twenty pairs of sentences from a plant that say the same: each query must find its partner among the twenty.

The English paraphrases share few words with their partners; the others share none but codes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A query, and the document that answers it."""

    query: str
    document: str


ENGLISH = (
    Pair("The pump is dripping at its shaft", "Mechanical seal of the centrifugal pump leaks and must be replaced."),
    Pair("Drive gets far too hot", "The temperature of the motor is too high."),
    Pair("Strange noise from the ball bearing", "Grinding sound heard at the rolling element, probably worn out."),
    Pair("The belt runs to one side", "Conveyor is misaligned and rubs against its frame."),
    Pair("No light in the operator's cabin", "Cab lamp is dead, bulb and fuse have to be checked."),
    Pair(
        "Robot stopped because somebody opened the fence",
        "The robotic arm was halted by an open safety gate.",
    ),
    Pair("Delivery of spare parts is late", "Replacement components have not arrived yet."),
)

CHINESE_TO_ENGLISH = (
    Pair("液压油缸漏油", "Hydraulic cylinder is leaking oil."),
    Pair("冷却水温度过高报警", "High coolant temperature alarm."),
    Pair("压缩机无法启动", "The compressor does not start."),
    Pair("更换空气过滤器滤芯", "Air filter element replaced."),
    Pair("传感器信号丢失", "Signal of the sensor is lost."),
    Pair("焊接机器人手臂振动", "Arm of the welding robot vibrates."),
    Pair("电缆绝缘层破损", "Insulation of the cable is damaged."),
)

ENGLISH_TO_CHINESE = (
    Pair("The valve is stuck and cannot be closed", "阀门卡住，无法关闭。"),
    Pair("Fire extinguisher is past its inspection date", "灭火器已超过检验日期。"),
    Pair("The forklift battery must be charged", "叉车电池需要充电。"),
    Pair("Paint on the door has scratches", "车门漆面有划痕。"),
    Pair("The fan blade is broken", "风扇叶片断裂。"),
    Pair("Dust collector bag is clogged", "除尘器布袋堵塞。"),
)

PAIRS = (*ENGLISH, *CHINESE_TO_ENGLISH, *ENGLISH_TO_CHINESE)
