from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.errors import InvalidInputError, NotFoundError
from sensorium_core.triton import ModelCatalog, ModelDescription
from sensorium_speech.domain import Expected, RecognitionOptions, Token
from sensorium_speech.recognition import Recognizer
from services.speech.recognition.transcribing import OUTPUTS, transcribing

LABELS = ("<s>", "\u2581pump", "\u2581stop", "s")
WHISPER = transcribing("whisper", ("zh", "en", "no"))
GERMAN = transcribing("german", ("de",), inputs=("pcm", "lengths", "beams"), outputs=(*OUTPUTS, "begins", "ends"))
SOUND = np.ones(5000, np.int16)


class Served:
    """Stands for a model: says "pump stops", or in two versions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.description = ModelDescription(labels=LABELS)
        self.asked: list[Mapping[str, Any]] = []

    async def infer(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(inputs)
        tokens = np.array([[[1, 2, 3], [1, 2, -1]]], np.int32)
        return {
            "tokens": tokens,
            "log_probabilities": np.log(np.where(tokens >= 0, 0.5, 1.0)).astype(np.float32),
            "begins": np.where(tokens >= 0, [10, 20, 30], -1),
            "ends": np.where(tokens >= 0, [15, 25, 35], -1),
        }


class Catalog(dict[str, Any]):
    """Stands for the catalog."""

    def get(self, name: str, *, default: str, among: Any, field: str) -> Any:  # type: ignore[override]  # as in the catalog
        if name not in among:
            raise NotFoundError.field(field, "is not there", reason="MODEL_NOT_FOUND")
        return self[name]


@pytest.fixture
def catalog() -> Catalog:
    return Catalog({name: Served(name) for name in ("moonshine_tiny_en", "whisper", "german")})


@pytest.fixture
def recognizer(catalog: Catalog) -> Recognizer:
    return Recognizer(cast(ModelCatalog, catalog), [WHISPER, GERMAN])


@pytest.mark.parametrize(
    ("model", "language", "chosen", "told"),
    [
        ("", "", "moonshine_tiny_en", "en"),
        ("", "en-US", "moonshine_tiny_en", "en-US"),
        ("", "zh", "whisper", "zh"),
        ("", "cmn-Hans-CN", "whisper", "cmn-Hans-CN"),
        ("", "nb", "whisper", "nb"),
        ("", "de-AT", "german", "de-AT"),
        ("whisper", "", "whisper", "zh"),
        ("whisper", "en", "whisper", "en"),
        ("german", "", "german", "de"),
    ],
)
def test_a_model_is_chosen_by_name_or_language(
    recognizer: Recognizer, model: str, language: str, chosen: str, told: str
) -> None:
    options = RecognitionOptions(model, language=language)
    assert recognizer.check(options) == told
    assert recognizer.model(options).spec.name == chosen


def test_a_model_that_is_not_there_is_named_by_its_field(recognizer: Recognizer) -> None:
    with pytest.raises(NotFoundError) as caught:
        recognizer.check(RecognitionOptions("nonsense", "recognition.config"))
    assert caught.value.violations[0].field == "recognition.config.model"


@pytest.mark.parametrize(
    ("model", "language", "heard"),
    [
        ("", "fr", "heard are: en, zh, no, de"),
        ("german", "en", "heard are: de"),
        ("whisper", "de", "heard are: zh, en"),
    ],
)
def test_a_language_that_is_not_heard_is_refused(recognizer: Recognizer, model: str, language: str, heard: str) -> None:
    with pytest.raises(InvalidInputError, match=heard) as caught:
        recognizer.check(RecognitionOptions(model, language=language))
    assert caught.value.reason == "LANGUAGE_UNSUPPORTED"
    assert caught.value.violations[0].field == "config.language_code"


async def test_a_model_is_asked_with_what_it_takes(recognizer: Recognizer, catalog: Catalog) -> None:
    expected = (Expected("gr\u00f6\u00dfer", 5.0),)
    for options in (
        RecognitionOptions(language="en"),
        RecognitionOptions("whisper", language="no", alternatives=2, expected=expected),
    ):
        await recognizer.transcribe(SOUND, options, known=[Token(1, 0.0)], begun=[Token(2, 0.0)])
    await recognizer.transcribe(SOUND, RecognitionOptions("german"))
    (moonshine,) = catalog["moonshine_tiny_en"].asked
    assert set(moonshine) == {"pcm", "lengths", "prefix"}
    assert moonshine["prefix"].tolist() == [[1, 2]]
    (whisper,) = catalog["whisper"].asked
    assert set(whisper) == {"pcm", "lengths", "beams", "prefix", "language", "phrases", "boosts"}
    assert whisper["language"].tolist() == [[2]]
    assert bytes(whisper["phrases"][0, 0]).decode() == "gr\u00f6\u00dfer"
    assert whisper["beams"].tolist() == [[4]]
    (german,) = catalog["german"].asked
    assert set(german) == {"pcm", "lengths"}


async def test_phrases_go_to_models_that_take_them_only(recognizer: Recognizer, catalog: Catalog) -> None:
    options = RecognitionOptions("german", expected=(Expected("pump", 5.0),))
    await recognizer.transcribe(SOUND, options)
    assert set(catalog["german"].asked[0]) == {"pcm", "lengths", "beams"}


async def test_short_sound_is_filled_with_silence(recognizer: Recognizer, catalog: Catalog) -> None:
    await recognizer.transcribe(np.ones(5, np.int16), RecognitionOptions())
    (asked,) = catalog["moonshine_tiny_en"].asked
    assert asked["pcm"].shape == (1, 4000)
    assert asked["pcm"].sum() == 5
    assert asked["lengths"].tolist() == [[4000]]


async def test_versions_are_distinct_and_as_many_as_are_wanted(recognizer: Recognizer) -> None:
    found = await recognizer.transcribe(SOUND, RecognitionOptions(alternatives=5))
    assert [one.text for one in found.alternatives] == ["pump stops", "pump stop"]
    assert [token.number for token in found.tokens] == [1, 2, 3]
    (one,) = (await recognizer.transcribe(SOUND, RecognitionOptions())).alternatives
    assert one.text == "pump stops"
    assert [(word.begin, word.end) for word in one.words] == [(None, None)] * 2


async def test_what_is_begun_is_told_with_what_follows(recognizer: Recognizer) -> None:
    found = await recognizer.transcribe(SOUND, RecognitionOptions(), known=[Token(3, 0.0)], begun=[Token(2, 0.0)])
    assert found.alternatives[0].text == "stop pump stops"
    assert [token.number for token in found.tokens] == [2, 1, 2, 3]


async def test_times_of_tokens_become_those_of_words(recognizer: Recognizer) -> None:
    found = await recognizer.transcribe(SOUND, RecognitionOptions("german"))
    assert [(word.text, word.begin, word.end) for word in found.alternatives[0].words] == [
        ("pump", 10, 15),
        ("stops", 20, 35),
    ]


def test_of_many_languages_an_error_names_some(catalog: Catalog) -> None:
    many = replace(WHISPER, languages=tuple(f"x{number:02d}" for number in range(99)))
    recognizer = Recognizer(cast(ModelCatalog, catalog), [many])
    with pytest.raises(InvalidInputError) as caught:
        recognizer.check(RecognitionOptions(language="fr"))
    assert "en, x00, " in caught.value.message
    assert ", x10, and 88 more, which ListModels tells" in caught.value.message
