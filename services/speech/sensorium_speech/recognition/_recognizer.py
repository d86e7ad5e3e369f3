"""Utterances to transcripts: the recogniser, which encodes and decodes inside Triton."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium_core.call import Stage, current_call
from sensorium_core.errors import InvalidInputError
from sensorium_core.triton import ModelCatalog, ServedModel
from sensorium_speech import models
from sensorium_speech.domain import Expected, RecognitionOptions, Recognized, Samples, Token, Transcript
from sensorium_speech.recognition._tokens import transcript

Tensors = dict[str, npt.NDArray[Any]]

# Nats for each character of a phrase that a boost of 1 stands for: at the default boost of 5 invented words are heard
# in 37 of 40 sentences, without boost in 8, and other words stay as they are up to a boost of 10.
_GAIN = 0.2
# Hypotheses that are followed at least where phrases are expected: the likeliest first letters are often others.
_LEAST_BEAMS = 4
# Shorter sound is filled with silence: the recogniser's first filters need some to work on.
_SHORTEST = 4_000


class Recognizer:
    """Writes utterances down."""

    def __init__(self, catalog: ModelCatalog) -> None:
        self._catalog = catalog

    def check(self, options: RecognitionOptions) -> str:
        """Refuses options that ask for a model or a language that is not there; gives the language.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
            InvalidInputError: LANGUAGE_UNSUPPORTED.
        """
        heard = models.LANGUAGES[self._model(options).name]
        if not options.language:
            return heard[0]
        for language in heard:
            if _primary(language) == _primary(options.language):
                return options.language
        text = f"{options.language!r} is not heard; the model hears: {', '.join(heard)}"
        raise InvalidInputError.field(f"{options.field}.language_code", text, reason="LANGUAGE_UNSUPPORTED")

    async def transcribe(
        self,
        samples: Samples,
        options: RecognitionOptions,
        *,
        known: Sequence[Token] = (),
        begun: Sequence[Token] = (),
    ) -> Recognized:
        """What is said.

        Args:
            samples: `int16[N]`.
            options: that `check` has passed.
            known: what is said at the beginning; what comes back is what follows it.
            begun: what that is known to begin with.

        Raises:
            SensoriumError: the model does not answer.
        """
        model = self._model(options)
        filled = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))
        inputs: Tensors = {"pcm": filled[np.newaxis], "lengths": np.array([[len(filled)]], np.int32)}
        beams = max(options.alternatives, _LEAST_BEAMS if options.expected else 1)
        if beams > 1:
            inputs["beams"] = np.array([[beams]], np.int32)
        # Always sent: requests with and without it would not share a batch.
        inputs["prefix"] = np.array([[token.number for token in (*known, *begun)]], np.int32)
        if options.expected:
            inputs |= _bias(options.expected)
        outputs = await model.infer(inputs)
        with current_call().measure(Stage.POSTPROCESS):
            rows = zip(outputs["tokens"][0].tolist(), outputs["log_probabilities"][0].tolist(), strict=True)
            versions = [(*begun, *_tokens(indices, values)) for indices, values in rows]
            found = [transcript(tokens, model.description.labels) for tokens in versions]
        return Recognized(_distinct(found)[: options.alternatives], versions[0])

    def _model(self, options: RecognitionOptions) -> ServedModel:
        return self._catalog.get(
            options.model, default=models.MOONSHINE.name, among=[models.MOONSHINE.name], field=f"{options.field}.model"
        )


def _tokens(indices: Sequence[int], values: Sequence[float]) -> list[Token]:
    return [Token(index, value) for index, value in zip(indices, values, strict=True) if index >= 0]


def _bias(expected: Sequence[Expected]) -> Tensors:
    encoded = [one.phrase.encode() for one in expected]
    phrases = np.zeros((1, len(encoded), max(map(len, encoded))), np.uint8)
    for row, phrase in zip(phrases[0], encoded, strict=True):
        row[: len(phrase)] = np.frombuffer(phrase, np.uint8)
    return {"phrases": phrases, "boosts": np.array([[_GAIN * one.boost for one in expected]], np.float32)}


def _distinct(found: Sequence[Transcript]) -> tuple[Transcript, ...]:
    """Those with words, each text once."""
    best: dict[str, Transcript] = {}
    for one in found:
        if one.words:
            best.setdefault(one.text, one)
    return tuple(best.values())


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
