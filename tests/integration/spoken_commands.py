"""Ten commands with slots, ways to say them, and what is said on a floor that is none of them."""

import random
from typing import Any, NamedTuple

from google.protobuf.json_format import ParseDict

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_speech.phonetics import cardinal

VOCABULARY: dict[str, Any] = {
    "phrases": [
        {"value": "start conveyor {number}", "id": "start"},
        {"value": "stop conveyor {number}", "id": "stop"},
        {"value": "open valve {number}", "id": "open"},
        {"value": "close valve {number}", "id": "close"},
        {"value": "set speed to {number} percent", "id": "speed"},
        {"value": "set temperature to {number} degrees", "id": "temperature"},
        {"value": "next step", "id": "next"},
        {"value": "repeat instruction", "id": "repeat"},
        {"value": "report defect", "id": "report"},
        {"value": "confirm part", "id": "confirm"},
    ],
    "slots": [{"name": "number", "number": {"minimum": 0, "maximum": 99}}],
}

OTHER_SPEECH = """
the weather is nice today | where is the coffee machine | please call the supplier | i think it is broken
what time does the shift end | can you hand me the hammer | start the engine | stop talking to me
open the door please | close the window | set the table for dinner | the temperature is too high
we need more parts | next week is a holiday | repeat after me | the report is due on friday
confirm my appointment | who left the light on | this bolt does not fit | turn left at the gate
my phone is ringing | five hundred people came | conveyor belts are expensive | valve number unknown
speed kills | a defect in the paint | instruction manuals are boring | step on the scale
part of the problem | ninety nine bottles of beer | good morning everyone | let us have lunch
it is raining outside | the printer is out of paper | check your email | he went to the store
no i do not know | yes that is right | maybe tomorrow | turn up the radio
the meeting is cancelled | bring the blue box | watch your step | i lost my keys
how much does it cost | that was close | open question | stop sign ahead
start over again | percentages are confusing
"""


class Said(NamedTuple):
    """A command as it is said, its phrase's id, and the number in it, if any."""

    text: str
    phrase_id: str
    number: int | None


def phrase_set() -> pb.PhraseSet:
    """The vocabulary as a message."""
    return ParseDict(VOCABULARY, pb.PhraseSet())


def commands(of_each: int, seed: int = 0) -> list[Said]:
    """Every command so many times, each time with another number."""
    choices, said = random.Random(seed), list[Said]()
    for phrase in VOCABULARY["phrases"]:
        if "{number}" not in phrase["value"]:
            said.append(Said(phrase["value"], phrase["id"], None))
            continue
        for number in choices.sample(range(100), of_each):
            said.append(Said(phrase["value"].format(number=" ".join(cardinal(number))), phrase["id"], number))
    return said


def other_speech() -> list[str]:
    """Fifty sentences that are no command, many of which begin like one."""
    return [text.strip() for line in OTHER_SPEECH.strip().splitlines() for text in line.split("|")]


def is_phrase(found: pb.CommandResult, said: Said) -> bool:
    """Whether a result is accepted and has the right phrase."""
    return found.accepted and found.phrase_id == said.phrase_id


def is_right(found: pb.CommandResult, said: Said) -> bool:
    """Whether a result is accepted and has the right phrase and number."""
    return is_phrase(found, said) and [slot.number for slot in found.slots] == (
        [] if said.number is None else [said.number]
    )
