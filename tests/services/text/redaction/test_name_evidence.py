import numpy as np
import pytest

from sensorium_text.domain import Span
from sensorium_text.redaction._name_evidence import name_evidence, shifted

LABELS = ("O", "B-SURNAME")


def evidence(text: str, word: str, *contacts: str) -> float:
    span = Span(text.index(word), text.index(word) + len(word))
    known = sorted(Span(text.index(each), text.index(each) + len(each)) for each in contacts)
    return float(name_evidence(text, [span], known)[0])


def test_a_capitalised_word_within_a_sentence_is_left_to_the_model() -> None:
    assert evidence("the valve was closed and Dunlap left the plant", "Dunlap") > 0  # ... `left` speaks for a person
    assert evidence("the valve near Dunlap is closed", "Dunlap") == 2.0
    assert evidence("the valve near Dunlap closed", "Dunlap") == 0.0


def test_a_small_word_beside_capitals_is_hardly_a_name() -> None:
    assert evidence("Replace the dunlap on pump 3", "dunlap") < -4


@pytest.mark.parametrize("text", ["REPLACE DUNLAP ON PUMP", "replace dunlap on pump"])
def test_without_case_names_need_more(text: str) -> None:
    assert evidence(text, text.split()[1]) == -3.0


@pytest.mark.parametrize(
    "text",
    [
        "Operator Dunlap noticed it.",
        "Call Dunlap before noon.",
        "It was approved by Dunlap today.",
        "Handover from Dunlap to days.",
        "The contact: Dunlap, days",
        "Mr. Dunlap was here",
        "Technician: Dunlap of the shop",
    ],
)
def test_roles_calls_and_acts_announce_names(text: str) -> None:
    assert evidence(text, "Dunlap") >= 5.0


def test_all_of_a_name_is_announced() -> None:
    assert evidence("operator Kara Dunlap noticed it", "Dunlap") == 5.0
    assert evidence("operator Kara, and Dunlap stood there", "Dunlap") == 0.0


def test_people_stand_beside_their_numbers() -> None:
    text = "today Kara Dunlap - 555-0199 - k@x.de"
    assert evidence(text, "Dunlap", "555-0199", "k@x.de") == 2.0
    assert evidence(text, "Kara", "555-0199", "k@x.de") == 2.0
    assert evidence(text, "Kara") == 0.0


def test_a_word_is_not_beside_itself() -> None:
    assert evidence("today Kara came", "Kara", "Kara") == evidence("today Kara came", "Kara")


def test_words_of_the_trade_are_hardly_names() -> None:
    assert evidence("the Gearbox of it", "Gearbox") == -3.0


def test_lines_are_read_by_themselves() -> None:
    text = "HYD HOSE BLOWN\nreplaced by Dunlap today"
    assert evidence(text, "Dunlap") == 5.0
    assert evidence(text, "BLOWN") <= -3.0


def test_evidence_shifts_log_odds() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1]], np.float32)
    result = shifted(probabilities, [False, True], np.array([np.log(9), 0], np.float32))
    assert result == pytest.approx(np.array([[0.5, 0.5], [0.9, 0.1]]), abs=1e-6)
