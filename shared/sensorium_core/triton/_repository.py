"""What the files of a model repository say of its models, for services that take any number of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.text_format import ParseError

from sensorium_core.settings import ConfigurationError
from sensorium_core.triton._requests import datatype_name, parse_config
from sensorium_core.triton._spec import ModelSpec, TensorSpec


@dataclass(frozen=True)
class ModelFile:
    """A model as its `config.pbtxt` describes it.

    Attributes:
        folder: where the file lies.
        spec: its tensors, the optional ones too.
        parameters: that the model builder noted.
    """

    folder: Path
    spec: ModelSpec
    parameters: Mapping[str, str]


def read_repository(folder: Path) -> list[ModelFile]:
    """The models of a repository, by name; none where there is no folder.

    Raises:
        ConfigurationError: a file is no model configuration.
    """
    return [_read(path) for path in sorted(folder.glob("*/config.pbtxt"))]


def _read(path: Path) -> ModelFile:
    try:
        config = parse_config(path.read_text())
    except (ParseError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is no model configuration: {error}") from error
    parameters = {key: value.string_value for key, value in config.parameters.items()}
    return ModelFile(path.parent, ModelSpec(config.name, _tensors(config.input), _tensors(config.output)), parameters)


def _tensors(written: Iterable[Any]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(tensor.name, datatype_name(tensor.data_type), (-1, *(int(dim) for dim in tensor.dims)))
        for tensor in written
    )
