"""Whisper as Triton serves it: int16 samples in, tokens with their log-probabilities out.

Tensors as Moonshine has them, and `language` int32[N,1], the language's index in the parameter `languages` (default 0).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .networks import Networks

if TYPE_CHECKING:
    from sensorium_models.python_models.serving import Config, open_session, parameters
    from sensorium_models.python_models.transcription.transcriber import NetworkTranscriber
else:  # the build puts them beside this file
    from .serving import Config, open_session, parameters
    from .transcriber import NetworkTranscriber


class TritonPythonModel(NetworkTranscriber):
    """One instance of the model."""

    def load(self, folder: Path, config: Config, *, gpu: bool) -> None:
        """Open both networks and read what the configuration says of their tokens."""
        super().load(folder, config, gpu=gpu)
        given = parameters(config)
        networks = Networks(folder, lambda path: open_session(path, config, gpu=gpu), given["tokens"])
        self.use(networks, longest=int(given["max_samples"]))
        self.languages = max(1, len(networks.languages))
