"""A network of connectionist temporal classification that writes speech down, as Triton serves it.

Tensors as Moonshine has them, but without `prefix`; and `begins` and `ends` int32[N,B,L], the first sample of each
token and the one behind its last, -1 behind the end of a text. Rows are heard one by one: what a row gives does not
depend on its neighbours, and on a processor nothing is gained by more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .prefix_search import Symbols, aligned, best_path, prefix_search

if TYPE_CHECKING:
    from sensorium_models.python_models.serving import Config, open_session, parameters
    from sensorium_models.python_models.transcription.decoding import Utterance
    from sensorium_models.python_models.transcription.search import Hypothesis
    from sensorium_models.python_models.transcription.transcriber import Transcriber
else:  # the build puts them beside this file
    from .decoding import Utterance
    from .search import Hypothesis
    from .serving import Config, open_session, parameters
    from .transcriber import Transcriber

Array = NDArray[Any]


class TritonPythonModel(Transcriber):
    """One instance of the model."""

    def load(self, folder: Path, config: Config, *, gpu: bool) -> None:
        """Open the network and read what the configuration says of its vocabulary."""
        super().load(folder, config, gpu=gpu)
        given = parameters(config)
        self.longest, self.shortest = int(given["max_samples"]), int(given["min_samples"])
        symbols = json.loads(given["symbols"])
        self._symbols = Symbols(symbols["blank"], symbols["silent"], symbols["space"])
        self._frame = int(given["frame_samples"])
        self._session = open_session(folder / "network.onnx", config, gpu=gpu)

    def recognize(self, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
        """As in the base."""
        return [None if each.cancelled() else self._hypotheses(each) for each in utterances]

    def outputs(self, rows: Sequence[Sequence[Hypothesis]]) -> dict[str, Array]:
        """As in the base, and the times."""
        found = super().outputs(rows)
        begins = np.full(found["tokens"].shape, -1, np.int32)
        ends = begins.copy()
        for row, hypotheses in enumerate(rows):
            for place, each in enumerate(hypotheses):
                begins[row, place, : len(each.spans)] = [begin for begin, _ in each.spans]
                ends[row, place, : len(each.spans)] = [end for _, end in each.spans]
        return found | {"begins": begins, "ends": ends}

    def _hypotheses(self, utterance: Utterance) -> list[Hypothesis]:
        values = self._session.run(["log_probabilities"], {"pcm": utterance.pcm[np.newaxis]})[0][0]
        if utterance.beams == 1 and utterance.bias is None:
            tokens = best_path(values, self._symbols)
            return [self._timed(values, tokens, None)]
        found = prefix_search(values, self._symbols, utterance.beams, utterance.bias)
        return [self._timed(values, tokens, score) for tokens, score in found]

    def _timed(self, values: Array, tokens: Sequence[int], score: float | None) -> Hypothesis:
        frames = aligned(values, tokens, self._symbols.blank)
        # How sure the network is of a token: its probability where it is highest.
        sure = tuple(
            float(values[first : last + 1, token].max()) for token, (first, last) in zip(tokens, frames, strict=True)
        )
        spans = tuple((first * self._frame, (last + 1) * self._frame) for first, last in frames)
        rank = float(values.max(1).sum()) if score is None else score
        return Hypothesis(tuple(tokens), sure, rank, True, spans)
