"""Networks that write speech down: which kind a folder holds."""

from pathlib import Path

from sensorium_models.errors import ModelError
from sensorium_models.importing._ctc import CTC, CTC_CLASSES
from sensorium_models.importing._folder import CONFIG, read_object
from sensorium_models.importing._kind import Kind
from sensorium_models.importing._whisper import WHISPER, WHISPER_CLASS

__all__ = ["speech_kind"]


def speech_kind(folder: Path) -> Kind:
    """The kind of network in `folder`, told by its `config.json`.

    Raises:
        ModelError: It is none that is served, or has code of its own.
    """
    config = read_object(folder, CONFIG)
    if "auto_map" in config:
        raise ModelError(f"{CONFIG}: the model needs code of its own (auto_map), which is never run")
    architectures = config.get("architectures")
    name = architectures[0] if isinstance(architectures, list) and len(architectures) == 1 else None
    if name == WHISPER_CLASS:
        return WHISPER
    if name in CTC_CLASSES:
        return CTC
    served = ", ".join((WHISPER_CLASS, *CTC_CLASSES))
    raise ModelError(f"{CONFIG}: architectures is {architectures!r}; networks that hear are served: {served}")
