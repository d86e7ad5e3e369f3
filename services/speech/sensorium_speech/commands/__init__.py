"""Commands of a closed vocabulary: phrases with slots, found by their phonemes; other speech is rejected."""

from sensorium_speech.commands._commander import Commander, CommandHearer
from sensorium_speech.commands._model import Command, CommandOptions, Filled
from sensorium_speech.commands._vocabulary import Vocabulary

__all__ = ["Command", "CommandHearer", "CommandOptions", "Commander", "Filled", "Vocabulary"]
