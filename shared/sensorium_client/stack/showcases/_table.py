"""Which service has which showcase."""

from __future__ import annotations

from sensorium_client.stack.showcases import _speech, _text, _vision
from sensorium_client.stack.showcases._showcase import Showcase

_SHOWCASES: dict[str, Showcase] = {"vision": _vision.SHOWCASE, "speech": _speech.SHOWCASE, "text": _text.SHOWCASE}


def showcase(service: str) -> Showcase:
    """The showcase of a service, by the service's name."""
    return _SHOWCASES[service]
