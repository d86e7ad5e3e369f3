"""Words are counted as Whisper's authors count them."""

from pathlib import Path

import numpy as np
import pytest

from sensorium_models.recipe import Tensors
from sensorium_models.recordings import READ_ALOUD
from sensorium_models.wheels import Sources
from sensorium_models.words import normalised, right_words, word_error_rate
from unit.models.test_recordings import write


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Go forward, ten meters!", ["go", "forward", "10", "meters"]),
        ("Mr. Dashwood's [noise] pump -- it isn't", ["mister", "dashwood", "is", "pump", "it", "is", "not"]),
        ("", []),
    ],
)
def test_ways_of_writing_are_no_errors(text: str, words: list[str]) -> None:
    assert normalised(text) == words


@pytest.mark.parametrize(
    ("heard", "rate"),
    [
        ("go forward 10 meters", 0.0),
        ("go forward two meters", 0.25),
        ("go forward meters", 0.25),
        ("please go forward ten meters", 0.25),
        ("", 1.0),
        ("a b c d e f g h", 2.0),
    ],
)
def test_words_changed_left_out_and_added_are_counted(heard: str, rate: float) -> None:
    assert word_error_rate("Go forward ten meters.", heard) == rate


async def test_the_share_of_right_words_of_each_recording_is_a_score(tmp_path: Path) -> None:
    for number, one in enumerate(READ_ALOUD.values()):
        file = tmp_path / one.path
        file.parent.mkdir(parents=True, exist_ok=True)
        samples = [number] * 16_000 * 30
        write(file, samples) if file.suffix == ".wav" else file.write_bytes(np.array(samples, "<i2").tobytes())
    lengths = []

    async def predict(inputs: Tensors) -> Tensors:
        lengths.append(int(inputs["lengths"][0, 0]))
        return {"tokens": np.array([[[inputs["pcm"][0, 0], -1]]], np.int32)}

    sources = Sources({one.project: tmp_path for one in READ_ALOUD.values()})
    pieces = [f"\u2581{one.said}" for one in READ_ALOUD.values()]
    scores = await right_words(sources, predict, pieces, least=0.9)
    assert [(score.name.split()[2], score.value, score.passed) for score in scores] == [
        ("beckett", 1.0, True),
        ("two_cities", 0.0, False),  # said twice, once for each of its pieces
        ("goforward", 1.0, True),
    ]
    assert lengths == [480_000, 329_600, 150_400, 480_000]
