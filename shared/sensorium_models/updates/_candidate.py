"""What is to become the next version: read, and held against the one that serves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.text_format import ParseError

from sensorium_core.triton import datatype_name, format_config, parse_config
from sensorium_models.updates._errors import RefusedError
from sensorium_models.updates._versions import Versions

_CONFIG = "config.pbtxt"
# What may differ between versions; services read all other parameters, some of them once when they start.
_FREE = frozenset({"source", "license", "intra_op_thread_count", "previous_version"})
# What a builder leaves beside a model for itself.
_NOTES = frozenset({_CONFIG, "recipe.sha256", "import.json"})
_MODEL_FILES = ("model.onnx", "model.py")


@dataclass(frozen=True)
class Candidate:
    """A version that may be promoted.

    Attributes:
        config: its ModelConfig message, under the name of the model, without a pin.
        files: what it consists of, by name.
        beside: files of its model that every version shares, such as a tokenizer, by name.
        number: where it is a version of the repository already.
    """

    config: Any
    files: Mapping[str, Path]
    beside: Mapping[str, Path]
    number: int | None = None

    @property
    def written_config(self) -> str:
        """Its configuration as text."""
        return format_config(self.config)


def read_candidate(given: str, versions: Versions) -> Candidate:
    """The candidate that an operator names.

    Args:
        given: the number of a version that is there; or a path: a model's folder as Triton has it, of which the highest
            version is taken, the folder of one version, or a `model.onnx`. Without a `config.pbtxt` it gets that of the
            version that serves.
        versions: of the model.

    Raises:
        RefusedError: CANDIDATE_UNREADABLE.
    """
    if given.isdecimal():
        return _placed(int(given), versions)
    path = Path(given)
    if path.is_file():
        return _read(path, None, {"model.onnx": path}, {}, versions)
    if not path.is_dir():
        raise _unreadable(f"{path} is neither a folder nor a file, nor the number of a version")
    numbers = [int(each.name) for each in path.iterdir() if each.name.isdecimal() and each.is_dir()]
    if not numbers:
        return _read(path, path / _CONFIG, _files(path), {}, versions)
    beside = {each.name: each for each in path.iterdir() if each.is_file() and each.name not in _NOTES}
    return _read(path, path / _CONFIG, _files(path / str(max(numbers))), beside, versions)


def problems(candidate: Candidate, versions: Versions) -> list[str]:
    """What would make the candidate another model to those who use it; empty where nothing does."""
    serving = versions.config(versions.serving)
    found = _tensor_problems("input", serving.input, candidate.config.input)
    found += _tensor_problems("output", serving.output, candidate.config.output)
    if candidate.config.max_batch_size < serving.max_batch_size:
        found.append(f"max_batch_size is {candidate.config.max_batch_size}, less than {serving.max_batch_size}")
    found += _parameter_problems(serving, candidate.config)
    found += [
        f"{name} is not the one that services read when they start"
        for name, file in candidate.beside.items()
        if not _same(file, versions.folder / name)
    ]
    return found


def _placed(number: int, versions: Versions) -> Candidate:
    if number not in versions.present:
        there = ", ".join(map(str, versions.present))
        raise _unreadable(f"{versions.name} has no version {number}; there is: {there}")
    config = versions.config(number)
    config.ClearField("version_policy")
    return Candidate(config, _files(versions.folder / str(number)), {}, number)


def _read(
    path: Path, config: Path | None, files: Mapping[str, Path], beside: Mapping[str, Path], versions: Versions
) -> Candidate:
    if not any(name in files for name in _MODEL_FILES):
        raise _unreadable(f"{path} holds no {' and no '.join(_MODEL_FILES)}")
    serving = versions.config(versions.serving)
    message = serving
    if config is not None and config.is_file():
        try:
            message = parse_config(config.read_text())
        except (ParseError, UnicodeDecodeError) as error:
            raise _unreadable(f"{config} is no model configuration: {error}") from error
        if not message.model_warmup:  # without a sample there is no canary
            message.model_warmup.extend(serving.model_warmup)
    message.name = versions.name
    message.ClearField("version_policy")
    message.parameters.pop("previous_version", None)
    return Candidate(message, files, beside)


def _files(folder: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "__pycache__":
            raise _unreadable(f"{path} is a folder; a version consists of files")
        if path.is_file() and path.name not in _NOTES:
            found[path.name] = path
    return found


def _unreadable(text: str) -> RefusedError:
    return RefusedError(text, "CANDIDATE_UNREADABLE")


def _tensor_problems(kind: str, serving: Iterable[Any], candidate: Iterable[Any]) -> list[str]:
    before, after = _described(serving), _described(candidate)
    found = [
        f"{kind} {name} is {after.get(name, 'missing')}, must be {text}"
        for name, text in before.items()
        if after.get(name) != text
    ]
    return found + [f"{kind} {name} is new" for name in after if name not in before and kind == "input"]


def _described(tensors: Iterable[Any]) -> dict[str, str]:
    return {tensor.name: _description(tensor) for tensor in tensors}


def _description(tensor: Any) -> str:
    optional = " optional" if getattr(tensor, "optional", False) else ""  # only an input may be
    return f"{datatype_name(tensor.data_type)}{list(tensor.dims)}{optional}"


def _parameter_problems(serving: Any, candidate: Any) -> list[str]:
    before, after = _parameters(serving), _parameters(candidate)
    names = sorted(before.keys() | after.keys() - _FREE)
    return [
        f"parameter {name} differs, which services read when they start"
        for name in names
        if name not in _FREE and before.get(name) != after.get(name)
    ]


def _parameters(config: Any) -> dict[str, str]:
    return {key: value.string_value for key, value in config.parameters.items()}


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()
