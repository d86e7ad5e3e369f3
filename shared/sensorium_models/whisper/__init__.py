"""Whisper (Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022) as a Python model.

Made of weights by the names that transformers gives them, whoever publishes them; sizes come from their `config.json`.
"""

from sensorium_models.whisper._graphs import decoder, encoder
from sensorium_models.whisper._model import Whisper
from sensorium_models.whisper._sizes import Sizes, Weights
from sensorium_models.whisper._tokens import Tokens

__all__ = ["Sizes", "Tokens", "Weights", "Whisper", "decoder", "encoder"]
