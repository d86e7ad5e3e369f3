"""Words of a text in the form in which they are compared."""

from sensorium_text.words._segmentation import Word, words

__all__ = ["Word", "words"]
