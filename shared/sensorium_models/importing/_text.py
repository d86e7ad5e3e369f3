"""Text encoders: sentence embedders, classifiers of texts and of tokens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sensorium_models.config import render_config
from sensorium_models.errors import ModelError
from sensorium_models.imported import Marker
from sensorium_models.importing._architecture import Architecture, read_architecture
from sensorium_models.importing._config import text_config
from sensorium_models.importing._folder import CONFIG, MODULES, POOLING, TOKENIZER, read_weights, weight_files
from sensorium_models.importing._kind import Imported, Kind, Wishes, exact_only
from sensorium_models.importing._origin import marker_of
from sensorium_models.importing._tokenizer import read_tokenizer, sample_rows
from sensorium_models.tokenizer import HUGGINGFACE, huggingface_file
from sensorium_models.workplace import ModelFolder

if TYPE_CHECKING:
    from sensorium_models.importing._network import ServedNetwork

__all__ = ["TEXT"]

_MULTILINGUAL = "multilingual"


def _make(model: ModelFolder, source: Path, target: Path, wishes: Wishes) -> Imported:
    exact_only(wishes)
    architecture = read_architecture(source)
    weights = read_weights(source, weight_files(source))
    if not any(shape[:1] == (architecture.vocabulary,) for shape in weights.values()):
        raise ModelError(f"{CONFIG}: no parameter has vocab_size {architecture.vocabulary} rows")
    tokenizer = read_tokenizer(source, architecture)

    from sensorium_models.importing._network import served_network  # noqa: PLC0415 - imports torch: the checks are quick

    network = served_network(source, architecture)
    error = network.compare(sample_rows(tokenizer, network.max_tokens))
    (target / "1").mkdir(parents=True)
    graph = network.graph.SerializeToString()
    (target / "1" / "model.onnx").write_bytes(graph)
    (target / HUGGINGFACE).write_bytes(huggingface_file(source / HUGGINGFACE))
    marker = marker_of(source, architecture.capability, wishes.origin)
    marker.write(target)
    languages = ",".join(wishes.languages) or _MULTILINGUAL
    (target / "config.pbtxt").write_text(_config(model.name, network, architecture, marker, languages))
    return Imported(model, architecture.capability, len(graph), error, max_tokens=network.max_tokens)


def _config(name: str, network: ServedNetwork, architecture: Architecture, marker: Marker, languages: str) -> str:
    parameters = {
        "capability": marker.capability,
        "source": marker.source,
        "license": marker.license,
        "tokenizer": "huggingface",
        "languages": languages,
        "max_tokens": str(network.max_tokens),
    }
    written = text_config(name, output=network.output, dims=network.dims)
    return render_config(written, labels=architecture.labels, parameters=parameters)


TEXT = Kind(
    (CONFIG, TOKENIZER),
    (MODULES, POOLING, "sentence_bert_config.json", "tokenizer_config.json", "README.md"),
    _make,
)
