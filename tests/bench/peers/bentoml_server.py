"""BentoML with adaptive batching and one worker: each of several would have batches of its own to fill."""

from pathlib import Path

import bentoml
import numpy as np
from ready import CORES, Classifier, Embedder, decode, frame

BATCHED = {"batchable": True, "max_batch_size": 64, "max_latency_ms": 60_000}


@bentoml.service(workers=1, threads=CORES, traffic={"timeout": 120})
class Pictures:
    def __init__(self):
        self._classifier = Classifier()

    @bentoml.api(**BATCHED)
    def classify_jpeg(self, content: list[Path]) -> list[int]:
        return self._classifier([decode(path.read_bytes()) for path in content])

    @bentoml.api(**BATCHED)
    def classify_raw(self, content: list[Path]) -> list[int]:
        return self._classifier([frame(path.read_bytes()) for path in content])


@bentoml.service(workers=1, threads=CORES, traffic={"timeout": 120})
class Texts:
    def __init__(self):
        self._embedder = Embedder()

    @bentoml.api(**BATCHED)
    def embed_1(self, texts: list[str]) -> np.ndarray:
        return self._embedder(texts)

    @bentoml.api(**BATCHED)
    def embed_16(self, texts: list[str]) -> np.ndarray:
        return self._embedder(texts)
