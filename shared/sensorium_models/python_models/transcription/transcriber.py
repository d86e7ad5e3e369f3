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
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .boosting import Bias, Vocabulary
from .decoding import Networks, Utterance, recognize
from .scoring import score
from .search import Hypothesis
from .segmenting import Segmenter

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
# Of one row: a caller's phrase sets fit well, and a trie of them is made in a fraction of a second.
MAX_PHRASE_BYTES = 200_000
# Of one row, and bytes of each: they are all spelled out.
MAX_CANDIDATES, MAX_CANDIDATE_BYTES = 64, 400
# Streams send their phrases with every request.
_BIASES_KEPT = 64


class Transcriber(BatchModel):
    """One instance of such a model; a subclass opens its networks and recognises.

    Attributes:
        shortest: Fewest samples in which there can be a sound; what is shorter has no text.
        longest: Most samples of a row.
        most_known: Most tokens that a text may be known to begin with.
        languages: How many languages the network knows.
    """

    shortest: int
    longest: int
    most_known = 0
    languages = 1

    def recognize(self, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
        """The hypotheses for each utterance, best first; None where nobody waits for them."""
        raise NotImplementedError

    def load(self, folder: Path, config: Config, *, gpu: bool) -> None:  # noqa: ARG002 - a subclass opens its networks
        """Read the vocabulary from the configuration's labels."""
        self._vocabulary = Vocabulary(json.loads(parameters(config)["labels"]))
        self._segment = Segmenter(json.loads(parameters(config)["labels"]))
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
            _check_prefix(inputs["prefix"], self.most_known, len(self._vocabulary.ends_word))
        if "phrases" in inputs:
            _check_phrases(inputs["phrases"], inputs["boosts"])
        if "candidates" in inputs:
            _check_candidates(inputs["candidates"])

    def run(self, items: Sequence[Item]) -> list[Mapping[str, Array] | None]:
        """Recognise all rows of all requests as one batch."""
        rows = [(item, row) for item in items for row in range(len(item.inputs["pcm"]))]
        utterances = [self._utterance(item, row) for item, row in rows]
        # What is too short to hold a sound has no text, and the network is not asked for it.
        heard = [index for index, utterance in enumerate(utterances) if len(utterance.pcm) >= self.shortest]
        found: list[list[Hypothesis] | None] = [[Hypothesis((), (), 0.0, finished=True)] for _ in rows]
        recognized = self.recognize([utterances[index] for index in heard])
        for index, hypotheses in zip(heard, recognized, strict=True):
            found[index] = hypotheses
        answers: list[Mapping[str, Array] | None] = []
        for item in items:
            mine, found = found[: len(item.inputs["pcm"])], found[len(item.inputs["pcm"]) :]
            complete = [each for each in mine if each is not None]
            answers.append(self.outputs(complete) if len(complete) == len(mine) else None)
        return answers

    def outputs(self, rows: Sequence[Sequence[Hypothesis]]) -> dict[str, Array]:
        """The tensors that carry the hypotheses of each row."""
        return outputs(rows)

    def _utterance(self, item: Item, row: int) -> Utterance:
        inputs = item.inputs
        length = int(inputs["lengths"][row, 0]) or inputs["pcm"].shape[1]
        pcm = inputs["pcm"][row, :length]
        beams = int(inputs["beams"][row, 0]) if "beams" in inputs else 1
        prefix = inputs["prefix"][row] if "prefix" in inputs else np.zeros(0, np.int32)
        known = [int(token) for token in prefix[prefix >= 0]]
        bias = self._bias(inputs["phrases"][row], inputs["boosts"][row]) if "phrases" in inputs else None
        language = int(inputs["language"][row, 0]) if "language" in inputs else 0
        candidates = (
            [self._segment(text) for text in _texts(inputs["candidates"][row])] if "candidates" in inputs else ()
        )
        return Utterance(pcm, beams, known, bias, item.cancelled, language, candidates)

    def _bias(self, phrases: Array, boosts: Array) -> Bias | None:
        key = hashlib.sha256(phrases.tobytes() + b"|" + boosts.tobytes()).digest()
        if key in self._biases:
            self._biases.move_to_end(key)
            return self._biases[key]
        chosen = [
            (text, float(boost)) for text, boost in zip(_texts(phrases), boosts, strict=True) if text.strip() and boost
        ]
        bias = Bias(chosen, self._vocabulary) if chosen else None
        self._biases[key] = bias
        if len(self._biases) > _BIASES_KEPT:
            self._biases.popitem(last=False)
        return bias


class NetworkTranscriber(Transcriber):
    """One that encodes and decodes token by token."""

    def use(self, networks: Networks, *, longest: int, most_known: int) -> None:
        """Sets the networks and what they take; to be called by `load`."""
        self._networks, self.shortest = networks, networks.shortest
        self.longest, self.most_known = longest, most_known

    def recognize(self, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
        """As in the base, those without candidates together, and those with."""
        found: list[list[Hypothesis] | None] = [None] * len(utterances)
        for work, given in ((recognize, False), (score, True)):
            places = [place for place, each in enumerate(utterances) if bool(each.candidates) == given]
            if places:
                for place, hypotheses in zip(
                    places, work(self._networks, [utterances[i] for i in places]), strict=True
                ):
                    found[place] = hypotheses
        return found


def outputs(rows: Sequence[Sequence[Hypothesis]]) -> dict[str, Array]:
    """The tensors that carry the hypotheses of each row, without their times."""
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


def _check_prefix(prefix: Array, most: int, vocabulary: int) -> None:
    if prefix.shape[1] > most:
        raise InvalidRequestError(f"prefix has {prefix.shape[1]} tokens, at most {most} are possible")
    if prefix.size and not (prefix.min() >= -1 and prefix.max() < vocabulary):
        raise InvalidRequestError(f"prefix must hold tokens below {vocabulary}, and -1 behind the last of a row")


def _check_phrases(phrases: Array, boosts: Array) -> None:
    if phrases.shape[:2] != boosts.shape:
        raise InvalidRequestError(f"there are {phrases.shape[1]} phrases but {boosts.shape[1]} boosts")
    if phrases[0].size > MAX_PHRASE_BYTES:
        raise InvalidRequestError(f"phrases take {phrases[0].size} bytes, at most {MAX_PHRASE_BYTES} are possible")
    if not np.isfinite(boosts).all() or boosts.min(initial=0) < 0:
        raise InvalidRequestError("boosts must be finite numbers that are not negative")
    _check_utf8(phrases, "phrases")


def _check_candidates(candidates: Array) -> None:
    if not candidates.shape[1] or candidates.shape[1] > MAX_CANDIDATES:
        raise InvalidRequestError(f"there are {candidates.shape[1]} candidates, 1 to {MAX_CANDIDATES} are possible")
    if candidates.shape[2] > MAX_CANDIDATE_BYTES:
        raise InvalidRequestError(
            f"candidates take {candidates.shape[2]} bytes each, at most {MAX_CANDIDATE_BYTES} are possible"
        )
    _check_utf8(candidates, "candidates")


def _check_utf8(texts: Array, name: str) -> None:
    for row in texts.reshape(-1, texts.shape[2]):
        try:
            row.tobytes().rstrip(b"\0").decode()
        except UnicodeDecodeError as error:
            raise InvalidRequestError(f"{name} must be UTF-8, with zeros only behind the end") from error


def _texts(rows: Array) -> list[str]:
    return [row.tobytes().rstrip(b"\0").decode() for row in rows]
