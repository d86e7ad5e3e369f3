"""From a folder to a served model: check, copy, load, export, compare, put in place."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium_models.config import render_config
from sensorium_models.errors import ModelError
from sensorium_models.imported import Marker
from sensorium_models.importing._architecture import Architecture, read_architecture
from sensorium_models.importing._config import text_config
from sensorium_models.importing._folder import CONFIG, copy_readable, read_weights, weight_files
from sensorium_models.importing._tokenizer import read_tokenizer, sample_rows
from sensorium_models.tokenizer import HUGGINGFACE, huggingface_file
from sensorium_models.workplace import ModelFolder, Workplace

if TYPE_CHECKING:
    from sensorium_models.importing._network import ServedNetwork

__all__ = ["Imported", "import_model"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LICENSE = re.compile(r"^license:[ \t]*([A-Za-z0-9.+-]{1,64})[ \t]*$", re.MULTILINE)
_SERVICES = ("text",)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gave.

    Attributes:
        model: Where it is served from.
        capability: What services use it for.
        max_tokens: Longest sequence.
        size_bytes: Of its graph.
        error: Largest difference between graph and network on real sentences, in units of the output.
    """

    model: ModelFolder
    capability: str
    max_tokens: int
    size_bytes: int
    error: float


def import_model(
    root: Path, folder: Path, *, name: str = "", service: str = "text", languages: str = "multilingual"
) -> Imported:
    """Make a served model of a local Hugging Face folder.

    Args:
        root: The checkout.
        folder: Holds config.json, safetensors and tokenizer.json.
        name: Of the model; by default the folder's.
        service: Which service is to use it.
        languages: "en" where it knows English only.

    Raises:
        ModelError: The folder cannot be served, or the name is taken; the text says why and what would be right.
    """
    place = Workplace(root)
    model = _free_place(place, service, name or _name_of(folder))
    with place.scratch() as scratch:
        source, target = scratch / "source", scratch / "target"
        source.mkdir()
        copy_readable(folder, source)
        imported = _make(model, source, target, languages=languages, origin=folder.name)
        model.path.parent.mkdir(parents=True, exist_ok=True)
        target.rename(model.path)
    return imported


def _name_of(folder: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")


def _free_place(place: Workplace, service: str, name: str) -> ModelFolder:
    if service not in _SERVICES:
        raise ModelError(f"the {service} service takes no imported models; {', '.join(_SERVICES)} does")
    if not _NAME.fullmatch(name):
        raise ModelError(f"{name!r} is no name of a model: take small letters, digits and _, a letter first (--name)")
    shipped = place.models()
    if not shipped:
        raise ModelError("there are no models here: run this in Sensorium's checkout")
    # One Triton serves the repositories of all services.
    if any(model.name == name for model in shipped):
        raise ModelError(f"a model that comes with Sensorium is called {name}; choose another --name")
    for path in place.repositories.glob(f"*/{name}"):
        raise ModelError(f"there is a model called {name} already; choose another --name, or remove {path}")
    return ModelFolder(service, name, place.repositories / service / name)


def _make(model: ModelFolder, source: Path, target: Path, *, languages: str, origin: str) -> Imported:
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
    marker = Marker(architecture.capability, f"imported {origin}, {_digest(source)}", _license(source))
    marker.write(target)
    (target / "config.pbtxt").write_text(_config(model.name, network, architecture, marker, languages))
    return Imported(model, architecture.capability, network.max_tokens, len(graph), error)


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


def _digest(source: Path) -> str:
    total = hashlib.sha256()
    for name in weight_files(source):
        with (source / name).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return f"weights sha256:{total.hexdigest()[:16]}"


def _license(source: Path) -> str:
    card = source / "README.md"
    found = _LICENSE.search(card.read_text(errors="replace")) if card.exists() else None
    return found.group(1) if found else "not stated"
