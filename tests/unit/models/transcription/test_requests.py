"""Which requests are answered, and how hypotheses become tensors: all that needs no network."""

from typing import Any

import numpy as np
import pytest

from sensorium_models.python_models.in_process import triton_utils
from unit.models.transcription.served import served

search = served("search")
SPACE = "\u2581"


@pytest.fixture(scope="module")
def module() -> Any:
    with triton_utils():
        return served("transcriber")


@pytest.fixture
def model(module: Any) -> Any:
    made = module.Transcriber()
    made.longest, made.most_known, made.languages = 960_000, 400, 3
    pieces = ["<unk>", f"{SPACE}pump", "s"]
    made._vocabulary, made._segment = served("boosting").Vocabulary(pieces), served("segmenting").Segmenter(pieces)
    made._biases = module.OrderedDict()
    return made


def inputs(**changes: Any) -> dict[str, Any]:
    return {"pcm": np.zeros((2, 1000), np.int16), "lengths": np.array([[1000], [0]], np.int32), **changes}


def texts(*phrases: bytes, width: int = 8) -> Any:
    return np.array([[list(phrase.ljust(width, b"\0")) for phrase in phrases]] * 2, np.uint8)


def boosts(*values: float) -> Any:
    return np.array([values] * 2, np.float32)


def test_a_plain_request_is_taken(model: Any) -> None:
    model.check(inputs())


def test_a_request_with_everything_is_taken(model: Any) -> None:
    beams, prefix = np.full((2, 1), 8, np.int32), np.array([[1, -1], [1, 2]], np.int32)
    language = np.array([[2], [0]], np.int32)
    model.check(inputs(language=language))
    model.check(inputs(beams=beams, prefix=prefix, phrases=texts("größer".encode()), boosts=boosts(1.0)))
    model.check(inputs(phrases=np.zeros((2, 0, 1), np.uint8), boosts=boosts(), prefix=np.zeros((2, 0), np.int32)))
    model.check(inputs(candidates=texts(b"pump", b"")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lengths": np.array([[1001], [5]])}, "lengths must lie within 0 and 1000"),
        ({"lengths": np.array([[-1], [5]])}, "lengths must lie within 0 and 1000"),
        ({"pcm": np.zeros((1, 960_001), np.int16)}, "pcm has 960001 samples, at most 960000"),
        ({"beams": np.array([[0], [1]])}, "beams must lie within 1 and 8"),
        ({"beams": np.array([[9], [1]])}, "beams must lie within 1 and 8"),
        ({"prefix": np.array([[3], [0]])}, "prefix must hold tokens below 3"),
        ({"prefix": np.array([[-2], [0]])}, "prefix must hold tokens below 3"),
        ({"prefix": np.zeros((2, 401), np.int32)}, "prefix has 401 tokens, at most 400"),
        ({"language": np.array([[3], [0]])}, "language must be less than 3"),
        ({"language": np.array([[-1], [0]])}, "language must be less than 3"),
        ({"phrases": texts(b"pump")}, "phrases and boosts belong together"),
        ({"boosts": boosts(1.0)}, "phrases and boosts belong together"),
        ({"phrases": texts(b"pump"), "boosts": boosts(1.0, 2.0)}, "there are 1 phrases but 2 boosts"),
        ({"phrases": texts(b"pump"), "boosts": boosts(float("nan"))}, "boosts must be finite numbers"),
        ({"phrases": texts(b"pump"), "boosts": boosts(-1.0)}, "boosts must be finite numbers"),
        ({"phrases": texts(b"\xff"), "boosts": boosts(1.0)}, "phrases must be UTF-8"),
        ({"phrases": np.zeros((2, 100, 2001), np.uint8), "boosts": boosts(*[1.0] * 100)}, "phrases take 200100 bytes"),
        ({"candidates": np.zeros((2, 0, 1), np.uint8)}, "there are 0 candidates, 1 to 64"),
        ({"candidates": np.zeros((2, 65, 1), np.uint8)}, "there are 65 candidates, 1 to 64"),
        ({"candidates": np.zeros((2, 1, 401), np.uint8)}, "candidates take 401 bytes each, at most 400"),
        ({"candidates": texts(b"\xff")}, "candidates must be UTF-8"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(module: Any, model: Any, changes: Any, message: str) -> None:
    with pytest.raises(module.InvalidRequestError, match=message):
        model.check(inputs(**changes))


def test_phrases_that_come_again_are_not_prepared_again(model: Any) -> None:
    first = model._bias(texts(b"pump")[0], boosts(1.0)[0])
    assert model._bias(texts(b"pump")[0], boosts(1.0)[0]) is first
    assert model._bias(texts(b"pump")[0], boosts(2.0)[0]) is not first


def test_only_the_phrases_used_last_are_kept(module: Any, model: Any) -> None:
    for number in range(module._BIASES_KEPT + 10):
        model._bias(texts(f"pump{number}".encode())[0], boosts(1.0)[0])
    assert len(model._biases) == module._BIASES_KEPT


def test_phrases_that_are_empty_or_gain_nothing_are_no_bias(model: Any) -> None:
    assert model._bias(texts(b"", b"  ", b"pump")[0], boosts(1.0, 1.0, 0.0)[0]) is None


def test_utterances_with_candidates_are_scored_and_others_recognised(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = module.NetworkTranscriber()
    made._networks = None
    for name in ("recognize", "score"):
        monkeypatch.setattr(module, name, lambda _, given, name=name: [(name, each.candidates) for each in given])
    utterances = [
        served("decoding").Utterance(np.zeros(1, np.int16), 1, (), None, bool, 0, given) for given in ([[1]], (), [[2]])
    ]
    assert made.recognize(utterances) == [("score", [[1]]), ("recognize", ()), ("score", [[2]])]


def test_hypotheses_become_padded_tensors(module: Any) -> None:
    long = search.Hypothesis((5, 6, 7), (-0.1, -0.2, -0.3), -0.2, True)
    short = search.Hypothesis((5,), (-0.4,), -0.4, False)
    result = module.outputs([[long, short], [short]])
    np.testing.assert_array_equal(result["tokens"], [[[5, 6, 7], [5, -1, -1]], [[5, -1, -1], [-1, -1, -1]]])
    expected = np.array([[[-0.1, -0.2, -0.3], [-0.4, 0.0, 0.0]], [[-0.4, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    np.testing.assert_array_almost_equal(result["log_probabilities"], expected)
    np.testing.assert_array_almost_equal(result["scores"], [[-0.2, -0.4], [-0.4, -np.inf]])
    np.testing.assert_array_equal(result["finished"], [[True, False], [False, False]])
