"""Texts as sequences of tokens, and the Triton models that read them."""

from sensorium_text.sequences._model import SequenceModel
from sensorium_text.sequences._tokenizers import Encoding, Tokenizer, load_tokenizer

__all__ = ["Encoding", "SequenceModel", "Tokenizer", "load_tokenizer"]
