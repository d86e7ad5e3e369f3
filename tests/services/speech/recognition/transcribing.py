"""Models that write speech down, as the repository describes them."""

from collections.abc import Sequence

from sensorium_core.triton import ModelSpec, TensorSpec
from sensorium_speech.models import Transcribing

INPUTS = ("pcm", "lengths", "beams", "language", "prefix", "phrases", "boosts")
OUTPUTS = ("tokens", "log_probabilities", "scores")


def transcribing(
    name: str = "other",
    languages: tuple[str, ...] = ("en",),
    inputs: Sequence[str] = INPUTS,
    outputs: Sequence[str] = OUTPUTS,
    longest: int = 480_000,
) -> Transcribing:
    """A model with these tensors, whose types do not matter here."""
    given, wanted = (tuple(TensorSpec(one, "INT32", (-1, -1)) for one in names) for names in (inputs, outputs))
    return Transcribing(ModelSpec(name, given, wanted), languages, longest)
