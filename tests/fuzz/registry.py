"""All targets by name; each is loaded with what it needs only."""

from __future__ import annotations

import importlib

from fuzz.target import Target

_PLACES = {
    "pictures": ("jpeg", "png", "bmp", "tiff", "webp", "raw_frame", "codes"),
    "sounds": ("wav", "flac", "ogg", "raw_audio"),
    "vision_messages": ("vision_requests",),
    "speech_messages": ("speech_requests",),
    "text_messages": ("text_requests",),
    "texts": ("patterns", "texts", "pseudonyms"),
    "configuration": (
        "policy",
        "jwks",
        "token",
        "credentials",
        "certificate",
        "api_keys",
        "entities_file",
        "keys_file",
        "phrase_set_file",
        "audit",
    ),
    "listener": ("metrics_http",),
}
NAMES = tuple(name for names in _PLACES.values() for name in names)


def load(name: str) -> Target:
    """The target of a name."""
    module = next(module for module, names in _PLACES.items() if name in names)
    target: Target = getattr(importlib.import_module(f"fuzz.{module}"), name)
    return target
