"""Whisper in a folder of Hugging Face."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sensorium_models.bytelevel import read_tokenizer_json
from sensorium_models.config import render_config
from sensorium_models.errors import ModelError
from sensorium_models.importing._config import speech_config
from sensorium_models.importing._folder import CONFIG, TOKENIZER, read_object, read_weights, weight_files
from sensorium_models.importing._kind import Imported, Kind, Wishes
from sensorium_models.importing._origin import marker_of
from sensorium_models.whisper import Sizes, Tokens
from sensorium_models.workplace import ModelFolder

__all__ = ["WHISPER", "WHISPER_CLASS"]

WHISPER_CLASS = "WhisperForConditionalGeneration"
_GENERATION, _FEATURES = "generation_config.json", "preprocessor_config.json"
_CAPABILITY = "transcribe"
# How the graph computes its spectrogram.
_SPECTROGRAM = {"sampling_rate": 16000, "n_fft": 400, "hop_length": 160}


def _make(model: ModelFolder, source: Path, target: Path, wishes: Wishes) -> Imported:
    config = read_object(source, CONFIG)
    sizes = Sizes.of(config)
    _check_spectrogram(source, sizes)
    read_weights(source, weight_files(source))
    tokenizer = read_tokenizer_json((source / TOKENIZER).read_bytes())
    generation = config | (read_object(source, _GENERATION) if (source / _GENERATION).exists() else {})
    tokens = Tokens.read(tokenizer, generation, sizes.vocabulary, wishes.languages)

    from sensorium_models.importing._whisper_network import served_whisper  # noqa: PLC0415 - imports torch: the checks are quick

    whisper, error = served_whisper(source, sizes, tokens, tokenizer, compact=wishes.compact)
    files = whisper.files()
    (target / "1").mkdir(parents=True)
    for name, content in files.items():
        (target / name).write_bytes(content)
    marker = marker_of(source, _CAPABILITY, wishes.origin)
    marker.write(target)
    parameters = {"capability": _CAPABILITY, "source": marker.source, "license": marker.license}
    written = speech_config(model.name, inputs=("beams", "language", "prefix", "phrases", "boosts"))
    rendered = render_config(written, labels=whisper.labels(), parameters=parameters | whisper.parameters())
    (target / "config.pbtxt").write_text(rendered)
    size = sum(len(content) for name, content in files.items() if name.endswith(".onnx"))
    return Imported(model, _CAPABILITY, size, error, max_seconds=whisper.samples / 16000)


def _check_spectrogram(source: Path, sizes: Sizes) -> None:
    given: Mapping[str, Any] = read_object(source, _FEATURES) if (source / _FEATURES).exists() else {}
    expected = _SPECTROGRAM | {"feature_size": sizes.bands, "n_samples": 2 * sizes.frames * 160}
    wrong = {key: given[key] for key, value in expected.items() if given.get(key, value) != value}
    if wrong:
        raise ModelError(f"{_FEATURES}: {wrong} is not how Whisper hears; expected {expected}")


WHISPER = Kind((CONFIG, TOKENIZER), (_GENERATION, _FEATURES, "README.md"), _make)
