"""What models that write speech down have in common: int16 samples in, tokens with log-probabilities out.

Requests of a batch are decoded together, each token of all of them in one run of the decoder; what is finished leaves
the batch, and the key and value caches never leave this process.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .boosting import Bias, Vocabulary
from .decoding import Networks, Utterance, recognize
from .search import Hypothesis

if TYPE_CHECKING:
    from sensorium_models.python_models.serving import (
        BatchModel,
        Config,
        InvalidRequestError,
        Item,
        parameters,
    )
else:  # the build puts it beside this file
    from .serving import BatchModel, Config, InvalidRequestError, Item, parameters

Array = NDArray[Any]

MAX_BEAMS = 8
# More tokens than the longest recording has.
MAX_PREFIX = 400
# Of one row: a caller's phrase sets fit well, and a trie of them is made in a fraction of a second.
MAX_PHRASE_BYTES = 200_000
# Streams send their phrases with every request.
_BIASES_KEPT = 64


class Transcriber(BatchModel):
    """One instance of such a model.

    Attributes:
        networks: That encode and decode.
        longest: Most samples of a row.
        languages: How many languages the network knows.
    """

    networks: Networks
    longest: ClassVar[int]
    languages = 1

    def load(self, folder: Path, config: Config, *, gpu: bool) -> None:  # noqa: ARG002 - a subclass opens its networks
        """Read the vocabulary from the configuration's labels."""
        self._vocabulary = Vocabulary(json.loads(parameters(config)["labels"]))
        self._biases: OrderedDict[bytes, Bias | None] = OrderedDict()

    def check(self, inputs: Mapping[str, Array]) -> None:
        """Refuse what would make no sense to decode."""
        pcm, lengths = inputs["pcm"], inputs["lengths"]
        if pcm.shape[1] > self.longest:
            raise InvalidRequestError(f"pcm has {pcm.shape[1]} samples, at most {self.longest} are possible")
        if lengths.min() < 0 or lengths.max() > pcm.shape[1]:
            raise InvalidRequestError(f"lengths must lie within 0 and {pcm.shape[1]}, the number of samples")
        beams = inputs.get("beams")
        if beams is not None and not 1 <= beams.min() <= beams.max() <= MAX_BEAMS:
            raise InvalidRequestError(f"beams must lie within 1 and {MAX_BEAMS}")
        language = inputs.get("language")
        if language is not None and not 0 <= language.min() <= language.max() < self.languages:
            raise InvalidRequestError(f"language must be less than {self.languages}, and not negative")
        if ("phrases" in inputs) != ("boosts" in inputs):
            raise InvalidRequestError("phrases and boosts belong together")
        if "prefix" in inputs:
            _check_prefix(inputs["prefix"], len(self._vocabulary.ends_word))
        if "phrases" in inputs:
            _check_phrases(inputs["phrases"], inputs["boosts"])

    def run(self, items: Sequence[Item]) -> list[Mapping[str, Array] | None]:
        """Recognise all rows of all requests as one batch."""
        rows = [(item, row) for item in items for row in range(len(item.inputs["pcm"]))]
        utterances = [self._utterance(item, row) for item, row in rows]
        # What is too short to hold a sound has no text, and the network is not asked for it.
        heard = [index for index, utterance in enumerate(utterances) if len(utterance.pcm) >= self.networks.shortest]
        found: list[list[Hypothesis] | None] = [[Hypothesis((), (), 0.0, finished=True)] for _ in rows]
        recognized = self.recognize([utterances[index] for index in heard])
        for index, hypotheses in zip(heard, recognized, strict=True):
            found[index] = hypotheses
        answers: list[Mapping[str, Array] | None] = []
        for item in items:
            mine, found = found[: len(item.inputs["pcm"])], found[len(item.inputs["pcm"]) :]
            complete = [each for each in mine if each is not None]
            answers.append(outputs(complete) if len(complete) == len(mine) else None)
        return answers

    def recognize(self, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
        """The hypotheses for each utterance, best first; None where nobody waits for them."""
        return recognize(self.networks, utterances)

    def _utterance(self, item: Item, row: int) -> Utterance:
        inputs = item.inputs
        length = int(inputs["lengths"][row, 0]) or inputs["pcm"].shape[1]
        pcm = inputs["pcm"][row, :length]
        beams = int(inputs["beams"][row, 0]) if "beams" in inputs else 1
        prefix = inputs["prefix"][row] if "prefix" in inputs else np.zeros(0, np.int32)
        known = [int(token) for token in prefix[prefix >= 0]]
        bias = self._bias(inputs["phrases"][row], inputs["boosts"][row]) if "phrases" in inputs else None
        language = int(inputs["language"][row, 0]) if "language" in inputs else 0
        return Utterance(pcm, beams, known, bias, item.cancelled, language)

    def _bias(self, phrases: Array, boosts: Array) -> Bias | None:
        key = hashlib.sha256(phrases.tobytes() + b"|" + boosts.tobytes()).digest()
        if key in self._biases:
            self._biases.move_to_end(key)
            return self._biases[key]
        texts = [row.tobytes().rstrip(b"\0").decode() for row in phrases]
        chosen = [(text, float(boost)) for text, boost in zip(texts, boosts, strict=True) if text.strip() and boost]
        bias = Bias(chosen, self._vocabulary) if chosen else None
        self._biases[key] = bias
        if len(self._biases) > _BIASES_KEPT:
            self._biases.popitem(last=False)
        return bias


def outputs(rows: Sequence[Sequence[Hypothesis]]) -> dict[str, Array]:
    """The tensors that carry the hypotheses of each row."""
    beams = max(len(hypotheses) for hypotheses in rows)
    length = max(len(each.tokens) for hypotheses in rows for each in hypotheses)
    shape = (len(rows), beams)
    tokens = np.full((*shape, length), -1, np.int32)
    values = np.zeros((*shape, length), np.float32)
    scores = np.full(shape, -np.inf, np.float32)
    finished = np.zeros(shape, np.bool_)
    for row, hypotheses in enumerate(rows):
        for place, each in enumerate(hypotheses):
            tokens[row, place, : len(each.tokens)] = each.tokens
            values[row, place, : len(each.tokens)] = each.log_probabilities
            scores[row, place], finished[row, place] = each.score, each.finished
    return {"tokens": tokens, "log_probabilities": values, "scores": scores, "finished": finished}


def _check_prefix(prefix: Array, vocabulary: int) -> None:
    if prefix.shape[1] > MAX_PREFIX:
        raise InvalidRequestError(f"prefix has {prefix.shape[1]} tokens, at most {MAX_PREFIX} are possible")
    if prefix.size and not (prefix.min() >= -1 and prefix.max() < vocabulary):
        raise InvalidRequestError(f"prefix must hold tokens below {vocabulary}, and -1 behind the last of a row")


def _check_phrases(phrases: Array, boosts: Array) -> None:
    if phrases.shape[:2] != boosts.shape:
        raise InvalidRequestError(f"there are {phrases.shape[1]} phrases but {boosts.shape[1]} boosts")
    if phrases[0].size > MAX_PHRASE_BYTES:
        raise InvalidRequestError(f"phrases take {phrases[0].size} bytes, at most {MAX_PHRASE_BYTES} are possible")
    if not np.isfinite(boosts).all() or boosts.min(initial=0) < 0:
        raise InvalidRequestError("boosts must be finite numbers that are not negative")
    for row in phrases.reshape(-1, phrases.shape[2]):
        try:
            row.tobytes().rstrip(b"\0").decode()
        except UnicodeDecodeError as error:
            raise InvalidRequestError("phrases must be UTF-8, with zeros only behind the end") from error
