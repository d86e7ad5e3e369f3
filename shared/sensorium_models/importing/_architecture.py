"""What kind of model a folder holds, told from its JSON files only, and whether it can be served."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from sensorium_models.errors import ModelError
from sensorium_models.importing._folder import CONFIG, MODULES, POOLING, read_json, read_object
from sensorium_models.pooling import Pooling

__all__ = ["Architecture", "read_architecture"]

# Class of transformers, and what a service looks for, by how the name of the published class ends.
_TASKS = {
    "ForSequenceClassification": ("AutoModelForSequenceClassification", "classify"),
    "ForTokenClassification": ("AutoModelForTokenClassification", "entities"),
    "Model": ("AutoModel", "embed"),
}
_MODULES = ("Transformer", "Pooling", "Normalize")
# Sizes beyond which building the network would take all memory before its weights could be found not to fit.
_LIMITS = {
    "num_hidden_layers": 200,
    "n_layers": 200,
    "num_attention_heads": 1024,
    "hidden_size": 32_768,
    "dim": 32_768,
    "intermediate_size": 262_144,
    "hidden_dim": 262_144,
    "vocab_size": 4_000_000,
    "max_position_embeddings": 1_000_000,
    "n_positions": 1_000_000,
    "type_vocab_size": 1_000,
}
_MOST_LABELS = 10_000
# What a batch of 64 may take of memory grows with the square of the length.
_MOST_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model that can be served.

    Attributes:
        task: The class of transformers that reads it.
        capability: What services use it for.
        labels: Names of the classes by index; none for an embedder.
        pooling: How an embedder makes one vector of a text's tokens.
        max_tokens: Longest sequence that the files speak of, special tokens included, 512 at most.
        vocabulary: How many ids there are.
    """

    task: str
    capability: str
    labels: tuple[str, ...]
    pooling: Pooling
    max_tokens: int
    vocabulary: int


def read_architecture(folder: Path) -> Architecture:
    """Read the JSON files of `folder`.

    Raises:
        ModelError: The model is of a kind that is not served, has code of its own, or its files are inconsistent.
    """
    config = read_object(folder, CONFIG)
    if "auto_map" in config:
        raise ModelError(f"{CONFIG}: the model needs code of its own (auto_map), which is never run")
    _check_sizes(config)
    task, capability = _task(config)
    return Architecture(
        task=task,
        capability=capability,
        labels=() if capability == "embed" else _labels(config),
        pooling=_pooling(folder) if capability == "embed" else "mean",
        max_tokens=_max_tokens(folder, config),
        vocabulary=int(config["vocab_size"]),
    )


def _check_sizes(config: Mapping[str, Any]) -> None:
    if not _is_number(config.get("vocab_size")):
        raise ModelError(f"{CONFIG}: vocab_size is missing; a text model has one")
    for key, limit in _LIMITS.items():
        value = config.get(key)
        if value is not None and not (_is_number(value) and 0 <= value <= limit):
            raise ModelError(f"{CONFIG}: {key} is {value!r}; expected a number from 0 to {limit:,}")


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _task(config: Mapping[str, Any]) -> tuple[str, str]:
    architectures = config.get("architectures")
    name = architectures[0] if isinstance(architectures, list) and len(architectures) == 1 else None
    found = next((task for ending, task in _TASKS.items() if isinstance(name, str) and name.endswith(ending)), None)
    if found is None or config.get("is_encoder_decoder"):
        kinds = ", ".join(f"...{ending}" for ending in _TASKS)
        raise ModelError(f"{CONFIG}: architectures is {architectures!r}; served are encoders: {kinds} (which embeds)")
    if config.get("problem_type") not in {None, "single_label_classification"}:
        raise ModelError(
            f"{CONFIG}: problem_type is {config['problem_type']!r}; only classes of which one is right are served"
        )
    return found


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    written = config.get("id2label")
    if written is None:
        raise ModelError(f"{CONFIG}: id2label is missing; add it: it names the classes")
    try:
        names = [written[str(index)] for index in range(len(written))]
    except (TypeError, KeyError) as error:
        raise ModelError(f"{CONFIG}: id2label must name the classes from 0 on, {error} is missing") from error
    if not 2 <= len(names) <= _MOST_LABELS or not all(isinstance(name, str) and name for name in names):
        raise ModelError(f"{CONFIG}: id2label must give 2 to {_MOST_LABELS:,} classes a name each")
    if any(not name.isprintable() for name in names):
        raise ModelError(f"{CONFIG}: id2label names a class with characters that cannot be printed")
    if len(set(names)) < len(names):
        raise ModelError(f"{CONFIG}: id2label gives two classes the same name")
    return tuple(names)


def _pooling(folder: Path) -> Pooling:
    if (folder / MODULES).exists():
        _check_modules(folder)
    if not (folder / POOLING).exists():
        return "mean"
    config = read_object(folder, POOLING)
    modes = [
        key.removeprefix("pooling_mode_") for key, value in config.items() if key.startswith("pooling_mode_") and value
    ]
    modes = [str(config["pooling_mode"])] if "pooling_mode" in config else modes
    names = {"mean_tokens": "mean", "cls_token": "cls", "max_tokens": "max"}
    pooling = names.get(modes[0], modes[0]) if len(modes) == 1 else None
    if pooling not in get_args(Pooling):
        raise ModelError(f"{POOLING}: pools by {modes}; one of {', '.join(get_args(Pooling))} is served")
    return cast("Pooling", pooling)


def _check_modules(folder: Path) -> None:
    try:
        modules = read_json(folder, MODULES)
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    except (TypeError, KeyError) as error:
        raise ModelError(f"{MODULES} does not list sentence-transformers' modules") from error
    if extra := [kind for kind in kinds if kind not in _MODULES]:
        raise ModelError(f"{MODULES}: {', '.join(extra)} is not served; known are {', '.join(_MODULES)}")


def _max_tokens(folder: Path, config: Mapping[str, Any]) -> int:
    candidates = [config.get("max_position_embeddings"), config.get("n_positions")]
    for name, key in (("sentence_bert_config.json", "max_seq_length"), ("tokenizer_config.json", "model_max_length")):
        if (folder / name).exists():
            candidates.append(read_object(folder, name).get(key))
    # Some files say 1e30, some say infinity; both mean that there is no limit.
    return int(min([each for each in candidates if isinstance(each, int | float) and each > 0] + [_MOST_TOKENS]))
