"""Networks of connectionist temporal classification in a folder of Hugging Face: wav2vec 2.0, HuBERT, WavLM."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensorium_models.config import render_config
from sensorium_models.errors import ModelError
from sensorium_models.importing._architecture import check_sizes
from sensorium_models.importing._config import speech_config
from sensorium_models.importing._folder import CONFIG, read_object, read_weights, weight_files
from sensorium_models.importing._kind import Imported, Kind, Wishes, exact_only
from sensorium_models.importing._origin import marker_of
from sensorium_models.python_models import python_files
from sensorium_models.workplace import ModelFolder

__all__ = ["CTC", "CTC_CLASSES", "Vocabulary"]

CTC_CLASSES = ("Wav2Vec2ForCTC", "HubertForCTC", "WavLMForCTC")
_VOCABULARY, _TOKENIZER, _FEATURES = "vocab.json", "tokenizer_config.json", "preprocessor_config.json"
_CAPABILITY = "transcribe"
_SPACE = "\u2581"
# What attention takes of memory grows with the square of the length.
_MAX_SECONDS = 30
_MOST_CONVOLUTIONS, _LONGEST_KERNEL = 16, 4096


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the network's symbols stand for.

    Attributes:
        labels: By symbol; U+2581 stands for a space, what is empty for nothing.
        blank: The symbol between the others.
        space: The symbol that begins a word; None where there is none.
    """

    labels: tuple[str, ...]
    blank: int
    space: int | None

    @property
    def silent(self) -> tuple[int, ...]:
        """Symbols other than the blank that stand for nothing."""
        return tuple(index for index, label in enumerate(self.labels) if not label and index != self.blank)


def read_vocabulary(source: Path, config: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary of a folder.

    Raises:
        ModelError: It is none of characters, or not the network's.
    """
    written = read_object(source, _VOCABULARY)
    settings = read_object(source, _TOKENIZER) if (source / _TOKENIZER).exists() else {}
    if "Phoneme" in str(settings.get("tokenizer_class", "")):
        raise ModelError(f"{_TOKENIZER}: the network writes phonemes, not words")
    size = int(config["vocab_size"])
    if not written or not all(isinstance(token, int) and 0 <= token < size for token in written.values()):
        raise ModelError(f"{_VOCABULARY} must give each symbol a number below vocab_size {size}, and one language only")
    delimiter, lower = _text(settings.get("word_delimiter_token", "|")), bool(settings.get("do_lower_case"))
    labels = [""] * size
    for symbol, token in written.items():
        plain = symbol.lower() if lower else symbol
        labels[token] = "" if _is_special(symbol) else _SPACE if symbol == delimiter else plain.replace(" ", _SPACE)
    blank = config.get("pad_token_id")
    if not isinstance(blank, int) or not 0 <= blank < size:
        raise ModelError(f"{CONFIG}: pad_token_id is {blank!r}; it is the symbol that stands between the others")
    labels[blank] = ""
    return Vocabulary(tuple(labels), blank, labels.index(_SPACE) if _SPACE in labels else None)


def _is_special(symbol: str) -> bool:
    return len(symbol) > 2 and symbol[0] + symbol[-1] in {"<>", "[]"}


def _text(token: object) -> object:
    """A token as tokenizer_config.json has it: a string, or an object with its content."""
    return token.get("content") if isinstance(token, dict) else token


def _make(model: ModelFolder, source: Path, target: Path, wishes: Wishes) -> Imported:
    exact_only(wishes)
    if not wishes.languages:
        raise ModelError("nothing in the folder says which languages the network hears; say it: --languages zh")
    config = read_object(source, CONFIG)
    check_sizes(config)
    frame, shortest = _frame(config)
    vocabulary = read_vocabulary(source, config)
    normalize = _normalizes(source)
    read_weights(source, weight_files(source))

    from sensorium_models.importing._ctc_network import served_ctc  # noqa: PLC0415 - imports torch: the checks are quick

    graph, error = served_ctc(source, len(vocabulary.labels), normalize=normalize, shortest=shortest)
    content = graph.SerializeToString()
    (target / "1").mkdir(parents=True)
    for name, written in {"1/network.onnx": content, **python_files("ctc", "transcription")}.items():
        (target / name).write_bytes(written)
    marker = marker_of(source, _CAPABILITY, wishes.origin)
    marker.write(target)
    parameters = {
        "capability": _CAPABILITY,
        "source": marker.source,
        "license": marker.license,
        "languages": ",".join(wishes.languages),
        "symbols": json.dumps({"blank": vocabulary.blank, "silent": vocabulary.silent, "space": vocabulary.space}),
        "frame_samples": str(frame),
        "min_samples": str(shortest),
        "max_samples": str(_MAX_SECONDS * 16_000),
    }
    settings = speech_config(model.name, inputs=("beams", "phrases", "boosts"), times=True)
    (target / "config.pbtxt").write_text(render_config(settings, labels=vocabulary.labels, parameters=parameters))
    return Imported(model, _CAPABILITY, len(content), error, max_seconds=_MAX_SECONDS)


def _frame(config: Mapping[str, Any]) -> tuple[int, int]:
    """Samples from one frame to the next, and those of the first."""
    kernels, strides = _lengths(config, "conv_kernel"), _lengths(config, "conv_stride")
    if len(kernels) != len(strides) or config.get("add_adapter"):
        raise ModelError(f"{CONFIG}: conv_kernel and conv_stride must be as long; an adapter behind them is not served")
    first = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        first = (first - 1) * stride + kernel
    return math.prod(strides), first


def _lengths(config: Mapping[str, Any], key: str) -> list[int]:
    given = config.get(key)
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_CONVOLUTIONS:
        raise ModelError(f"{CONFIG}: {key} must be a list of up to {_MOST_CONVOLUTIONS} numbers")
    if not all(isinstance(one, int) and 0 < one <= _LONGEST_KERNEL for one in given):
        raise ModelError(f"{CONFIG}: {key} must hold numbers from 1 to {_LONGEST_KERNEL}")
    return given


def _normalizes(source: Path) -> bool:
    """Whether the network wants sound of mean 0 and variance 1."""
    given = read_object(source, _FEATURES) if (source / _FEATURES).exists() else {}
    if given.get("sampling_rate", 16_000) != 16_000:
        raise ModelError(f"{_FEATURES}: sampling_rate is {given['sampling_rate']!r}; only 16000 is served")
    kind = given.get("feature_extractor_type", "Wav2Vec2FeatureExtractor")
    if kind != "Wav2Vec2FeatureExtractor":
        raise ModelError(f"{_FEATURES}: {kind!r} makes features that are not served; networks that hear samples are")
    return bool(given.get("do_normalize", True))


CTC = Kind((CONFIG, _VOCABULARY), (_TOKENIZER, _FEATURES, "README.md"), _make)
