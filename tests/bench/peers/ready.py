"""What all peers have in common: the models, run by ONNX Runtime, and a count of the batches that reach them.

Everything else, batching above all, is the business of the framework. One thread per session and no spinning is what
measured best for all of them on few cores.
"""

import mmap
import os
import struct
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

MODELS = Path(os.environ["BENCH_MODELS"])
CORES = len(os.sched_getaffinity(0))


class Counter:
    """Rows and runs so far, where the benchmark reads them."""

    def __init__(self) -> None:
        path = Path(os.environ["BENCH_COUNTS"]) / f"{os.getpid()}-{id(self)}"
        path.write_bytes(bytes(16))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 16)
        self._rows = self._runs = 0

    def add(self, rows: int) -> None:
        self._rows, self._runs = self._rows + rows, self._runs + 1
        self._memory[:] = struct.pack("<QQ", self._rows, self._runs)


def session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def decode(jpeg: bytes) -> np.ndarray:
    """The middle of a picture file: uint8[224,224,3]."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    height, width = pixels.shape[:2]
    edge = round(min(height, width) * 224 / 256)
    top, left = (height - edge) // 2, (width - edge) // 2
    return cv2.resize(pixels[top : top + edge, left : left + edge], (224, 224), interpolation=cv2.INTER_AREA)


def frame(raw: bytes) -> np.ndarray:
    """A raw frame: uint8[224,224,3]."""
    return np.frombuffer(raw, np.uint8).reshape(224, 224, 3)


class Classifier:
    """EfficientNet-Lite0."""

    def __init__(self, threads: int = 1) -> None:
        cv2.setNumThreads(1)
        self._session = session(MODELS / "vision/efficientnet_lite0/1/model.onnx", threads)
        self._counter = Counter()

    def __call__(self, pictures: list[np.ndarray]) -> list[int]:
        self._counter.add(len(pictures))
        (scores,) = self._session.run(["probabilities"], {"image": np.stack(pictures)})
        return [int(label) for label in scores.argmax(1)]


class Embedder:
    """MiniLM-L6."""

    def __init__(self, threads: int = 1) -> None:
        self._tokenizer = Tokenizer.from_file(str(MODELS / "text/minilm_l6/tokenizer.json"))
        self._tokenizer.enable_padding(pad_id=0)
        self._session = session(MODELS / "text/minilm_l6/1/model.onnx", threads)
        self._counter = Counter()

    def __call__(self, texts: list[str]) -> np.ndarray:
        """float32[N,384]."""
        self._counter.add(len(texts))
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in encoded], np.int32)
        mask = np.array([one.attention_mask for one in encoded], np.bool_)
        (found,) = self._session.run(["embedding"], {"input_ids": np.where(mask, ids, -1)})
        return found

    def several(self, requests: list[list[str]]) -> list[np.ndarray]:
        """The same for a batch of requests, each of which holds texts."""
        found = self([text for texts in requests for text in texts])
        return np.split(found, np.cumsum([len(texts) for texts in requests])[:-1])
