import pytest

from sensorium_speech.commands._spelling import spelled
from sensorium_speech.phrase_sets import NumberSlot, Slot
from services.speech.commands.test_vocabulary import MACHINE, UNIT, decoded, phrases


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("stop", "Stop."),
        ("start left press", "Start left press."),
        ("heat to seven degrees celsius", "Heat to 7 degrees celsius."),
        ("heat to minus seventy six degrees", "Heat to -76 degrees."),
        ("heat to two point five degrees", "Heat to 2.5 degrees."),
    ],
)
def test_a_command_is_a_sentence_with_its_numbers_in_digits(said: str, written: str) -> None:
    speed = Slot("speed", NumberSlot(-99, 99, 1))
    made, found = decoded(
        phrases("start {machine}", "heat to {speed} {unit}", "stop", slots=(MACHINE, speed, UNIT)), said
    )
    assert spelled(made, [spoken.token for spoken in found.spoken]) == written
