"""The models of this service: those in the model folder, shipped and imported alike.

A model says what it is in the parameters of its config.pbtxt. Its tokenizer lies beside it; Triton ignores that file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sensorium_core.limits import BoundedExecutor
from sensorium_core.settings import ConfigurationError
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, ModelFile, ModelSpec, read_repository
from sensorium_text.sequences import SequenceModel, Tokenizer, load_tokenizer

MULTILINGUAL_EMBEDDER = "use_multilingual"
ENGLISH_EMBEDDER = "minilm_l6"
CLASSIFIER = "nestor_major_system"
PERSONAL_DATA = "rampart_pii"
ENTITIES = "spacy_ner_en"
DEFAULTS = (MULTILINGUAL_EMBEDDER, CLASSIFIER, PERSONAL_DATA, ENTITIES)
_NEEDED = (*DEFAULTS, ENGLISH_EMBEDDER)


class ModelFolderError(ConfigurationError):
    """The model folder lacks a model, or holds one that cannot be used; the text says which and what helps."""


@dataclass(frozen=True)
class TextModel:
    """A model as the folder describes it.

    Attributes:
        spec: its tensors, as `config.pbtxt` has them.
        capability: what it is for, such as `embed`.
        parameters: of its configuration.
        tokenizer: that lies beside it.
    """

    spec: ModelSpec
    capability: str
    parameters: Mapping[str, str]
    tokenizer: Tokenizer


def read_models(folder: Path) -> list[TextModel]:
    """The models of a repository, by name.

    Raises:
        ModelFolderError: one that this service needs is missing, or one cannot be read.
    """
    found = [_with_tokenizer(file) for file in read_repository(folder)]
    missing = set(_NEEDED) - {model.spec.name for model in found}
    if missing:
        raise ModelFolderError(
            f"{folder} has no model {', '.join(sorted(missing))}: build it with `sensorium models build`, or set "
            "SENSORIUM_TEXT_MODELS to the folder that has it"
        )
    return found


def _with_tokenizer(file: ModelFile) -> TextModel:
    parameters = file.parameters
    try:
        return TextModel(file.spec, parameters["capability"], parameters, load_tokenizer(file.folder, parameters))
    except Exception as error:  # the libraries of tokenizers raise bare exceptions
        raise ModelFolderError(f"{file.folder} holds no usable text model: {error}") from error


class TextModels:
    """The models by name, bound to what serves them.

    Args:
        found: what the folder describes.
        catalog: has a served model for each of them.
        work: where tokenizing runs.
        metrics: where tokens are counted.
    """

    def __init__(
        self, found: Iterable[TextModel], catalog: ModelCatalog, work: BoundedExecutor, metrics: Metrics
    ) -> None:
        self._catalog = catalog
        self._models = {
            model.spec.name: SequenceModel(
                catalog.get("", default=model.spec.name, among=[model.spec.name], field=""),
                model.tokenizer,
                model.parameters,
                work,
                metrics,
            )
            for model in found
        }

    def get(self, name: str, *, default: str, capability: str, field: str) -> SequenceModel:
        """The model that a request names, or the default.

        Args:
            name: as in the request; empty for the default.
            default: name of the model to use then.
            capability: what it must be for, such as `embed`.
            field: path of the request's field, for the error.

        Raises:
            NotFoundError: MODEL_NOT_FOUND: no such model, or one for another purpose.
        """
        fitting = [model.name for model in self if model.capability == capability]
        return self._models[self._catalog.get(name, default=default, among=fitting, field=field).name]

    def default(self, name: str) -> SequenceModel:
        """A model that this service cannot do without."""
        return self._models[name]

    def __iter__(self) -> Iterator[SequenceModel]:
        return iter(self._models.values())
