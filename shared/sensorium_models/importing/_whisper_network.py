"""Whisper's networks as graphs, and the proof that the graphs say what the networks say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
import transformers
from numpy.typing import NDArray

from sensorium_models.errors import ModelError
from sensorium_models.importing._sounds import sounds
from sensorium_models.inference import open_model
from sensorium_models.transformer import load_network
from sensorium_models.whisper import Sizes, Tokens, Whisper, decoder, encoder

__all__ = ["served_whisper"]

# Of probabilities. Eight bits move them visibly where a network is in doubt; exact graphs do not.
_EXACT, _COMPACT = 1e-3, 0.3
_STEPS = 24


def served_whisper(
    folder: Path, sizes: Sizes, tokens: Tokens, tokenizer: Mapping[str, Any], *, compact: bool
) -> tuple[Whisper, float]:
    """Load the network, make its graphs, and compare them; gives the largest difference of a probability, too.

    Raises:
        ModelError: transformers cannot load it, or the graphs differ.
    """
    network = _loaded(folder)
    weights = {name: values.numpy() for name, values in network.state_dict().items()}
    whisper = Whisper(weights, sizes, tokens, tokenizer, compact=compact)
    error = _difference(network, whisper)
    limit = _COMPACT if compact else _EXACT
    if not error <= limit:
        raise ModelError(
            f"the graphs differ from the network by {error:.2g} of a probability, which is more than {limit:g}"
            + ("; import it without --compact" if compact else ": networks of this kind cannot be served")
        )
    return whisper, error


def _loaded(folder: Path) -> Any:
    try:
        return load_network(folder, "WhisperForConditionalGeneration")
    except ModelError:
        raise
    except Exception as error:  # transformers raises whatever its parts raise
        raise ModelError(f"transformers cannot load the model: {str(error).strip().splitlines()[0]}") from error


def _difference(network: Any, whisper: Whisper) -> float:
    """Over made-up sounds and texts, all read at once by the network and token by token by the graphs."""
    sizes, heard = whisper.sizes, sounds()
    extractor: Any = transformers.WhisperFeatureExtractor  # whose types nobody has written down
    extract = extractor(feature_size=sizes.bands, chunk_length=whisper.samples // 16000)
    batch = np.zeros((len(heard), max(map(len, heard))), np.int16)
    for row, pcm in zip(batch, heard, strict=True):
        row[: len(pcm)] = pcm
    features = extract([pcm / 32768 for pcm in heard], sampling_rate=16000, return_tensors="pt").input_features
    texts = np.random.default_rng(0).integers(0, sizes.vocabulary, (len(heard), min(_STEPS, sizes.positions)))
    with torch.no_grad():
        logits = network(input_features=features, decoder_input_ids=torch.from_numpy(texts)).logits
    expected = torch.softmax(logits, -1).numpy()
    memory = _run(encoder(whisper.weights, sizes), {"pcm": batch, "lengths": np.array([len(pcm) for pcm in heard])})
    graph = decoder(whisper.weights, sizes, compact=whisper.compact)
    return _stepwise(graph, memory, texts, expected)


def _stepwise(
    graph: onnx.ModelProto, memory: Mapping[str, NDArray[Any]], texts: NDArray[np.int64], expected: NDArray[np.float32]
) -> float:
    session = open_model(graph)
    names = [output.name for output in session.get_outputs()]
    rows = len(texts)
    past = {
        tensor.name: np.zeros((rows, tensor.shape[1], 0, tensor.shape[3]), np.float32)
        for tensor in session.get_inputs()
        if tensor.name.startswith("past.")
    }
    error, read = 0.0, 0
    for count in (4, *[1] * (texts.shape[1] - 4)):
        places = np.tile(np.arange(read, read + count), (rows, 1))
        read += count
        feeds = {
            "tokens": texts[:, read - count : read],
            "positions": places,
            "text_mask": np.ones((rows, read), np.int32),
        }
        results = dict(zip(names, session.run(names, {**feeds, **memory, **past}), strict=True))
        found = np.exp(results.pop("log_probabilities"))
        distance = float(np.abs(found - expected[:, read - 1]).max())
        error = distance if not distance <= error else error
        past = {name.replace("present", "past"): values for name, values in results.items()}
    return error


def _run(graph: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    session = open_model(graph)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))
