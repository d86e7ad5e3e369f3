"""Utterances to transcripts: the recognisers, which encode and decode inside Triton."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium_core.call import Stage, current_call
from sensorium_core.errors import InvalidInputError
from sensorium_core.triton import ModelCatalog
from sensorium_speech.domain import Expected, RecognitionOptions, Recognized, Samples, Token, Transcript
from sensorium_speech.models import DEFAULT, Transcribing
from sensorium_speech.recognition._tokens import Span, transcript

Array = npt.NDArray[Any]
Tensors = dict[str, Array]

# Nats for each character of a phrase that a boost of 1 stands for: at the default boost of 5 invented words are heard
# in 37 of 40 sentences, without boost in 8, and other words stay as they are up to a boost of 10.
_GAIN = 0.2
# Hypotheses that are followed at least where phrases are expected: the likeliest first letters are often others.
_LEAST_BEAMS = 4
# Languages that an error names; Whisper has a hundred.
_MOST_NAMED = 12
# Shorter sound is filled with silence: the recogniser's first filters need some to work on.
_SHORTEST = 4_000


class Recognizer:
    """Writes utterances down.

    Args:
        catalog: the models.
        further: models besides the default one, in the order in which they are looked at for a language.
    """

    def __init__(self, catalog: ModelCatalog, further: Iterable[Transcribing] = ()) -> None:
        self._catalog = catalog
        self._models = {model.spec.name: model for model in (DEFAULT, *further)}

    def check(self, options: RecognitionOptions) -> str:
        """Refuses options that ask for a model or a language that is not there; gives the language.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
            InvalidInputError: LANGUAGE_UNSUPPORTED.
        """
        model = self.model(options)
        if not options.language:
            return model.languages[0]
        if model.place(options.language) is not None:
            return options.language
        candidates = [model] if options.model else list(self._models.values())
        heard = list(dict.fromkeys(code for one in candidates for code in one.languages))
        more = f", and {len(heard) - _MOST_NAMED} more, which ListModels tells" if len(heard) > _MOST_NAMED else ""
        text = f"{options.language!r} is not heard; heard are: {', '.join(heard[:_MOST_NAMED])}{more}"
        raise InvalidInputError.field(f"{options.field}.language_code", text, reason="LANGUAGE_UNSUPPORTED")

    def model(self, options: RecognitionOptions) -> Transcribing:
        """The model that options ask for: by name, or the first that hears the language, or the default.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        if not options.model:
            models = self._models.values()
            hearing = (one for one in models if options.language and one.place(options.language) is not None)
            return next(hearing, DEFAULT)
        field = f"{options.field}.model"
        return self._models[self._catalog.get(options.model, default="", among=self._models, field=field).name]

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
            known: what is said at the beginning; what comes back is what follows it. Only for models that take a
                `prefix`.
            begun: what that is known to begin with; the same.

        Raises:
            SensoriumError: the model does not answer.
        """
        model = self.model(options)
        served = self._catalog[model.spec.name]
        outputs = await served.infer(_inputs(model, samples, options, (*known, *begun)))
        with current_call().measure(Stage.POSTPROCESS):
            rows = zip(outputs["tokens"][0].tolist(), outputs["log_probabilities"][0].tolist(), strict=True)
            versions = [(*begun, *_tokens(indices, values)) for indices, values in rows]
            spans = _spans(outputs) if model.knows_times else [()] * len(versions)
            labels = served.description.labels
            found = [transcript(tokens, labels, times) for tokens, times in zip(versions, spans, strict=True)]
        return Recognized(_distinct(found)[: options.alternatives], versions[0])


def _inputs(model: Transcribing, samples: Samples, options: RecognitionOptions, prefix: Sequence[Token]) -> Tensors:
    filled = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))
    inputs: Tensors = {"pcm": filled[np.newaxis], "lengths": np.array([[len(filled)]], np.int32)}
    beams = max(options.alternatives, _LEAST_BEAMS if options.expected else 1)
    if beams > 1:
        inputs["beams"] = np.array([[beams]], np.int32)
    if model.takes("prefix"):  # also without one: requests with and without would not share a batch
        inputs["prefix"] = np.array([[token.number for token in prefix]], np.int32)
    if model.takes("language"):
        inputs["language"] = np.array([[model.place(options.language) or 0]], np.int32)
    if options.expected and model.takes("phrases"):
        inputs |= _bias(options.expected)
    return inputs


def _tokens(indices: Sequence[int], values: Sequence[float]) -> list[Token]:
    return [Token(index, value) for index, value in zip(indices, values, strict=True) if index >= 0]


def _spans(outputs: Mapping[str, Array]) -> list[list[Span]]:
    pairs = zip(outputs["begins"][0].tolist(), outputs["ends"][0].tolist(), strict=True)
    return [[span for span in zip(begins, ends, strict=True) if span[0] >= 0] for begins, ends in pairs]


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
