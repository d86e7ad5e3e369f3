"""The models of this service and the tensors it exchanges with them. Their recipes lie in `services/speech/models`.

Further ones that transcribe are those that the model repository has: imported, or built by an optional recipe.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sensorium_core.settings import ConfigurationError
from sensorium_core.triton import ModelFile, ModelSpec, TensorSpec, read_repository

MOONSHINE = ModelSpec(
    "moonshine_tiny_en",
    inputs=(
        TensorSpec("pcm", "INT16", (-1, -1)),
        TensorSpec("lengths", "INT32", (-1, 1)),
        TensorSpec("beams", "INT32", (-1, 1)),
        TensorSpec("prefix", "INT32", (-1, -1)),
        TensorSpec("phrases", "UINT8", (-1, -1, -1)),
        TensorSpec("boosts", "FP32", (-1, -1)),
        TensorSpec("candidates", "UINT8", (-1, -1, -1)),
    ),
    outputs=(
        TensorSpec("tokens", "INT32", (-1, -1, -1)),
        TensorSpec("log_probabilities", "FP32", (-1, -1, -1)),
        TensorSpec("scores", "FP32", (-1, -1)),
    ),
)
SILERO = ModelSpec(
    "silero_vad",
    inputs=(TensorSpec("pcm", "INT16", (-1, -1)), TensorSpec("state", "FP32", (-1, 2, 128))),
    outputs=(TensorSpec("probabilities", "FP32", (-1, -1)), TensorSpec("state_out", "FP32", (-1, 2, 128))),
)
HAMA = ModelSpec(
    "hama_phoneme_ctc",
    inputs=(TensorSpec("pcm", "INT16", (-1, -1)), TensorSpec("lengths", "INT32", (-1, 1))),
    outputs=(TensorSpec("log_probabilities", "FP32", (-1, -1, 191)), TensorSpec("frames", "INT32", (-1, 1))),
)
HAMA_G2P = ModelSpec(
    "hama_g2p",
    inputs=(TensorSpec("characters", "INT32", (-1, -1)),),
    outputs=(TensorSpec("phonemes", "INT32", (-1, -1)),),
)

ALL = (MOONSHINE, SILERO, HAMA, HAMA_G2P)

# The languages that a model hears or reads, as BCP 47 codes, its default first.
LANGUAGES = {MOONSHINE.name: ("en",), HAMA.name: ("en",), HAMA_G2P.name: ("en",)}

# Codes that are written otherwise where a model has them: Mandarin as Chinese, Bokmål as Norwegian, and retired ones.
_ALIASES = {"cmn": "zh", "nb": "no", "iw": "he", "in": "id", "fil": "tl", "jw": "jv"}


def primary(language: str) -> str:
    """The language of a BCP 47 code, without country and script."""
    code = language.partition("-")[0].lower()
    return _ALIASES.get(code, code)


@dataclass(frozen=True)
class Transcribing:
    """A model that writes speech down.

    Attributes:
        spec: its tensors.
        languages: that it hears, as BCP 47 codes, its default first.
        longest: samples that it hears at once.
        most_known: tokens that it takes as known, at most.
    """

    spec: ModelSpec
    languages: tuple[str, ...]
    longest: int
    most_known: int = 0

    def takes(self, name: str) -> bool:
        """Whether it has an input of that name."""
        return any(tensor.name == name for tensor in self.spec.inputs)

    @property
    def knows_times(self) -> bool:
        """Whether it says when each token was heard."""
        return any(tensor.name == "begins" for tensor in self.spec.outputs)

    def place(self, language: str) -> int | None:
        """Where a language stands among those that it hears; None where it does not."""
        heard = [primary(one) for one in self.languages]
        return heard.index(primary(language)) if primary(language) in heard else None


DEFAULT = Transcribing(MOONSHINE, LANGUAGES[MOONSHINE.name], 960_000, 400)


def further(folder: Path) -> list[Transcribing]:
    """The models of a repository that transcribe and are none of the service's own, by name.

    Raises:
        ConfigurationError: one lacks what its importer writes.
    """
    return list(_further(folder))


def _further(folder: Path) -> Iterator[Transcribing]:
    own = {spec.name for spec in ALL}
    for file in read_repository(folder):
        if file.spec.name not in own and file.parameters.get("capability") == "transcribe":
            yield _transcribing(file)


def _transcribing(file: ModelFile) -> Transcribing:
    languages = tuple(filter(None, file.parameters.get("languages", "").split(",")))
    longest, known = file.parameters.get("max_samples", ""), file.parameters.get("max_known", "0")
    if not languages or not longest.isdecimal() or not known.isdecimal():
        raise ConfigurationError(f"{file.folder} lacks its languages or max_samples: import or build it again")
    wanted = {tensor.name for tensor in MOONSHINE.outputs} | {"begins", "ends"}
    outputs = tuple(tensor for tensor in file.spec.outputs if tensor.name in wanted)
    return Transcribing(ModelSpec(file.spec.name, file.spec.inputs, outputs), languages, int(longest), int(known))
