"""A Triton model that reads token sequences, batched across all callers by length."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from sensorium_core.batching import ShapeBatcher
from sensorium_core.call import Stage, current_call
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ServedModel
from sensorium_text.domain import Floats, Ids
from sensorium_text.sequences._tokenizers import Encoding, Tokenizer

PADDING = -1
# Lengths that sequences are padded to. Each is at most half longer than the one before, so that little is computed for
# padding and sequences of many callers still meet in one batch.
_LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
# So little is tokenized in less than half a millisecond, usually in less than another thread takes to begin.
_LIGHT_CHARACTERS = 256
# Tokens in one request at most: about a second of a small transformer on one core. Longer ones would hold up everybody.
_MOST_TOKENS = 2048


class SequenceModel:
    """A tokenizer and the model behind it.

    Args:
        served: takes `input_ids` int32[N,T], or int32[N,T,K] where a token is several numbers, padded with -1, and has
            one output: float32[N,D] or float32[N,T,L].
        tokenizer: the model's own.
        parameters: strings of the model's configuration.
        work: where padding and tokenizing run.
        metrics: where tokens and padding are counted.
    """

    def __init__(
        self,
        served: ServedModel,
        tokenizer: Tokenizer,
        parameters: Mapping[str, str],
        work: BoundedExecutor,
        metrics: Metrics,
    ) -> None:
        self.name = served.name
        self.served = served
        self.parameters = parameters
        self.capability = parameters["capability"]
        self.max_tokens = int(parameters["max_tokens"]) - len(tokenizer.prefix) - len(tokenizer.suffix)
        self._tokenizer = tokenizer
        self._work = work
        self._tokens = metrics.tokens.labels(self.name)
        self._padding = metrics.padding.labels(self.name)
        self._output = served.spec.outputs[0]
        self._batcher = ShapeBatcher(self._run_batch, self._largest_batch)

    @property
    def labels(self) -> Sequence[str]:
        """Names of the model's classes by index.

        Raises:
            ModelUnavailableError: the server has not been seen with this model yet.
        """
        return self.served.description.labels

    async def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """The tokens of each text, without special ones and however many they are; more than a line in a thread."""
        if sum(map(len, texts)) <= _LIGHT_CHARACTERS:
            return self._work.run_here(Stage.PREPROCESS, self._tokenizer.encode, texts)
        return await self._work.run(Stage.PREPROCESS, self._tokenizer.encode, texts)

    async def run(self, sequences: Sequence[Ids]) -> list[Floats]:
        """What the model says of each sequence; special tokens are put around them, what is too long is cut.

        Args:
            sequences: `int32[T]` or `int32[T,K]` each, as `encode` gives them.

        Returns:
            For each sequence `float32[D]`, or `float32[T,L]` when the model classifies tokens: a row for each token
            given, cut ones left out.
        """
        return list(await together(*(self._run_one(ids[: self.max_tokens]) for ids in sequences)))

    async def _run_one(self, ids: Ids) -> Floats:
        current_call().check_model(self.name)  # here, because a batch belongs to several callers
        framed = self._framed(ids)
        result = await self._batcher.submit(padded_length(len(framed)), framed)
        if result.ndim == 1:
            return result
        start = len(self._tokenizer.prefix)
        return result[start : start + len(ids)]

    def _framed(self, ids: Ids) -> Ids:
        if not self._tokenizer.prefix and not self._tokenizer.suffix:
            return ids
        return np.array([*self._tokenizer.prefix, *ids, *self._tokenizer.suffix], np.int32)

    async def _run_batch(self, length: int, sequences: Sequence[Ids]) -> Sequence[Floats]:
        tokens = sum(len(ids) for ids in sequences)
        self._tokens.inc(tokens)
        self._padding.inc(length * len(sequences) - tokens)
        outputs = await self.served.infer({"input_ids": padded(sequences, length)}, [self._output.name])
        return list(outputs[self._output.name])

    def _largest_batch(self, length: int) -> int:
        return max(1, min(self.served.description.max_batch, _MOST_TOKENS // length))


@functools.lru_cache(maxsize=4096)
def padded_length(length: int) -> int:
    """The length that a sequence of `length` tokens is padded to; beyond the largest by multiples of it."""
    largest = _LENGTHS[-1]
    return next((each for each in _LENGTHS if length <= each), -(-length // largest) * largest)


def padded(sequences: Sequence[Ids], length: int) -> Ids:
    """Sequences below each other: `int32[N,length]`, or `int32[N,length,K]`, filled with -1 on the right."""
    tensor = np.full((len(sequences), length, *sequences[0].shape[1:]), PADDING, np.int32)
    for row, ids in zip(tensor, sequences, strict=True):
        row[: len(ids)] = ids
    return tensor
