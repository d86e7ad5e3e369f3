"""How a recogniser of free speech writes a command. Pure functions."""

from collections.abc import Sequence
from itertools import groupby

from sensorium_speech.commands._numbers import number_of
from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.phrase_sets import NumberSlot


def spelled(vocabulary: Vocabulary, tokens: Sequence[int]) -> str:
    """A command as a sentence with its numbers in digits, such as `Set speed to 45 percent.` (with the full stop).

    Args:
        vocabulary: of the command.
        tokens: by their numbers.
    """
    said = [vocabulary.tokens[token] for token in tokens]
    parts, words = vocabulary.phrases[said[0].phrase].parts, list[str]()
    for part, run in groupby(said, key=lambda token: token.part):
        slot, texts = parts[part].slot, [token.text for token in run]
        words += [_digits(texts)] if slot is not None and isinstance(slot.kind, NumberSlot) else texts
    text = " ".join(words)
    return f"{text[:1].upper()}{text[1:]}."


def _digits(words: Sequence[str]) -> str:
    value = number_of(words)
    return str(int(value)) if value.is_integer() else str(value)
