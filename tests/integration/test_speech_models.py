"""The built speech models: what shares a batch changes nothing, and what callers may ask for does what it says."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium_core.triton import parse_config
from sensorium_models.inference import open_session
from sensorium_models.python_models.in_process import PythonModel, Request, Response
from sensorium_models.recipe import load_recipe
from sensorium_models.recordings import cut, padded, recording
from sensorium_models.wheels import open_sources
from sensorium_models.workplace import Workplace

pytestmark = pytest.mark.integration

PLACE = Workplace(Path(__file__).parents[2])
BUILT = PLACE.repositories / "speech"
# Utterances of two_cities.wav, in seconds, of very different lengths.
TIMES = ((8.6, 10.6), (1.0, 4.8), (32.5, 41.9))
BEST_OF_TIMES, NOISIEST = 1, 2


@pytest.fixture(scope="module")
def utterances() -> list[Any]:
    (model,) = [model for model in PLACE.models() if model.name == "moonshine_tiny_en"]
    sources = open_sources(PLACE, load_recipe(model).wheels)
    cities = recording(sources.file("moonshine-voice", "moonshine_voice/assets/two_cities.wav"))
    return [cut(cities, *times) for times in TIMES]


@pytest.fixture(scope="module")
def moonshine() -> PythonModel:
    return PythonModel(BUILT / "moonshine_tiny_en")


@pytest.fixture(scope="module")
def pieces() -> list[str]:
    config = parse_config((BUILT / "moonshine_tiny_en" / "config.pbtxt").read_text())
    labels: list[str] = json.loads(config.parameters["labels"].string_value)
    return labels


def request(pcm: Any, **inputs: Any) -> Request:
    tensors = {"pcm": pcm[None], "lengths": np.array([[len(pcm)]], np.int32)}
    return Request(tensors | inputs, ["tokens", "log_probabilities", "scores", "finished"])


def answers(model: PythonModel, requests: Sequence[Request]) -> list[Response]:
    found = model.execute(requests)
    assert [answer.error for answer in found] == [None] * len(found)
    return found


def said(answer: Response, hypothesis: int = 0) -> list[int]:
    tokens = answer.outputs["tokens"][0, hypothesis]
    return [int(token) for token in tokens if token >= 0]


def text(pieces: list[str], tokens: Sequence[int]) -> str:
    return "".join(pieces[token] for token in tokens).replace("\u2581", " ").strip()


def phrase(words: str, boost: float) -> dict[str, Any]:
    return {
        "phrases": np.array([[list(words.encode())]], np.uint8),
        "boosts": np.array([[boost]], np.float32),
    }


def test_speech_becomes_text(moonshine: PythonModel, pieces: list[str], utterances: list[Any]) -> None:
    found = answers(moonshine, [request(utterances[BEST_OF_TIMES])])[0]
    assert text(pieces, said(found)) == "It was the best of times, it was the worst of times."
    assert found.outputs["finished"].all()
    assert (found.outputs["log_probabilities"] <= 0).all()


def test_requests_of_a_batch_are_answered_as_they_are_alone(moonshine: PythonModel, utterances: list[Any]) -> None:
    alone = [answers(moonshine, [request(pcm)])[0] for pcm in utterances]
    together = answers(moonshine, [request(pcm) for pcm in utterances])
    for one, other in zip(alone, together, strict=True):
        assert said(one) == said(other)
        # The decoder's activations are rounded to 8 bits, which tips over by the last bit of a float.
        for name in ("log_probabilities", "scores"):
            np.testing.assert_allclose(one.outputs[name], other.outputs[name], atol=0.2)


def test_rows_of_one_request_are_answered_as_requests_are(moonshine: PythonModel, utterances: list[Any]) -> None:
    pcm, lengths = padded(utterances)
    (rows,) = answers(moonshine, [Request({"pcm": pcm, "lengths": lengths}, ["tokens"])])
    for row, one in zip(rows.outputs["tokens"], utterances, strict=True):
        assert [int(token) for token in row[0] if token >= 0] == said(answers(moonshine, [request(one)])[0])


def test_a_known_beginning_leads_to_the_same_end(moonshine: PythonModel, utterances: list[Any]) -> None:
    whole = [said(answer) for answer in answers(moonshine, [request(pcm) for pcm in utterances])]
    known = [tokens[: 2 + 3 * index] for index, tokens in enumerate(whole)]
    requests = [
        request(pcm, prefix=np.array([tokens], np.int32)) for pcm, tokens in zip(utterances, known, strict=True)
    ]
    rest = [said(answer) for answer in answers(moonshine, requests)]
    assert [[*first, *second] for first, second in zip(known, rest, strict=True)] == whole


def test_several_hypotheses_come_best_first_and_differ(moonshine: PythonModel, utterances: list[Any]) -> None:
    (found,) = answers(moonshine, [request(utterances[NOISIEST], beams=np.array([[4]], np.int32))])
    scores = found.outputs["scores"][0]
    assert len(scores) == 4
    assert list(scores) == sorted(scores, reverse=True)
    assert len({tuple(said(found, place)) for place in range(4)}) == 4


def test_a_favoured_word_is_heard_and_others_stay(
    moonshine: PythonModel, pieces: list[str], utterances: list[Any]
) -> None:
    beams = np.array([[4]], np.int32)
    plain, favoured, absent = (
        text(pieces, said(answers(moonshine, [request(utterances[NOISIEST], beams=beams, **inputs)])[0]))
        for inputs in ({}, phrase("noisiest", 1.0), phrase("zorvex", 1.0))
    )
    assert "noisyest" in plain
    assert favoured == plain.replace("noisyest", "noisiest")
    assert absent == plain


def test_what_is_too_short_to_hold_a_sound_has_no_text(moonshine: PythonModel) -> None:
    (found,) = answers(moonshine, [request(np.full(800, 1000, np.int16))])
    assert said(found) == []
    assert found.outputs["finished"].all()


def test_phonemes_are_heard_in_a_batch_as_alone(utterances: list[Any]) -> None:
    session = open_session(BUILT / "hama_phoneme_ctc" / "1" / "model.onnx")
    pcm, lengths = padded(utterances)
    together, frames = session.run(None, {"pcm": np.pad(pcm, ((0, 0), (0, 777))), "lengths": lengths})
    for row, count, one in zip(together, frames[:, 0], utterances, strict=True):
        alone, length = session.run(None, {"pcm": one[None], "lengths": np.array([[0]], np.int32)})
        assert count == length[0, 0] == alone.shape[1]
        np.testing.assert_allclose(np.exp(row[:count]), np.exp(alone[0]), atol=2e-4)


def test_streams_of_speech_detection_do_not_mix_and_go_on_where_they_were(utterances: list[Any]) -> None:
    session = open_session(BUILT / "silero_vad" / "1" / "model.onnx")
    pcm = np.stack([np.pad(one[: 512 * 50], (64, 0)) for one in utterances])
    zeros = np.zeros((len(pcm), 2, 128), np.float32)
    whole, last = session.run(None, {"pcm": pcm, "state": zeros})
    first, state = session.run(None, {"pcm": pcm[1:2, : 64 + 512 * 20], "state": zeros[:1]})
    second, end = session.run(None, {"pcm": pcm[1:2, 512 * 20 :], "state": state})
    np.testing.assert_allclose(np.hstack([first, second]), whole[1:2], atol=1e-5)
    np.testing.assert_allclose(end, last[1:2], atol=1e-4)


def test_words_are_pronounced_in_a_batch_as_alone() -> None:
    session = open_session(BUILT / "hama_g2p" / "1" / "model.onnx")
    rng = np.random.default_rng(0)
    words = [rng.integers(13, 39, size) for size in (1, 5, 12, 30)]
    batch = np.full((4, 33), -1, np.int32)
    for row, word in zip(batch, words, strict=True):
        row[: len(word)] = word
    together = session.run(None, {"characters": batch})[0]
    for row, word in zip(together, words, strict=True):
        alone = session.run(None, {"characters": word[None].astype(np.int32)})[0][0]
        assert [p for p in row if p >= 0] == [p for p in alone if p >= 0]
