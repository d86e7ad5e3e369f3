"""Moonshine as Triton serves it: int16 samples in, tokens with their log-probabilities out. Tensors: see the recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .networks import MAX_SAMPLES, Networks

if TYPE_CHECKING:
    from sensorium_models.python_models.serving import Config, open_session
    from sensorium_models.python_models.transcription.transcriber import Transcriber
else:  # the build puts them beside this file
    from .serving import Config, open_session
    from .transcriber import Transcriber


class TritonPythonModel(Transcriber):
    """One instance of the model."""

    longest = MAX_SAMPLES

    def load(self, folder: Path, config: Config, *, gpu: bool) -> None:
        """Open both networks and read the vocabulary from the configuration's labels."""
        super().load(folder, config, gpu=gpu)
        self.networks = Networks(folder, lambda path: open_session(path, config, gpu=gpu))
