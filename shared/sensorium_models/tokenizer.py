"""Tokenizer files as they lie beside a text model for the service to read."""

import json
from pathlib import Path
from typing import Any

from sensorium_models.errors import RecipeError

__all__ = ["HUGGINGFACE", "SENTENCEPIECE", "huggingface_file"]

HUGGINGFACE = "tokenizer.json"
"""A file for the library `tokenizers`: ids with the special tokens its post-processor adds, nothing cut or padded."""

SENTENCEPIECE = "sentencepiece.model"
"""A file for the library `sentencepiece`: ids between the model's own <s> and </s>."""


def huggingface_file(path: Path) -> bytes:
    """The published tokenizer at `path` without its padding and truncation: both are the service's business.

    Raises:
        RecipeError: The file is not JSON of an object.
    """
    try:
        content: Any = json.loads(path.read_bytes())
        if isinstance(content, dict):
            return json.dumps(content | {"padding": None, "truncation": None}, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:  # lone surrogates are found when it is written
        raise RecipeError(f"{path.name} is not JSON: {error}") from error
    raise RecipeError(f"{path.name} holds no JSON object")
