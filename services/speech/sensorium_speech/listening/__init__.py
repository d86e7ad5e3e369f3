"""Sound that comes in piece by piece, and what is heard in it, in order."""

from sensorium_speech.listening._listener import FINALIZE, Finalize, Input, Listener, ListenOptions
from sensorium_speech.listening._outputs import Happened, Happening, Heard, Hearer, Output
from sensorium_speech.listening._places import Places
from sensorium_speech.listening._recognition import RecognitionPlaces, patiently
from sensorium_speech.listening._track import Detector

__all__ = [
    "FINALIZE",
    "Detector",
    "Finalize",
    "Happened",
    "Happening",
    "Heard",
    "Hearer",
    "Input",
    "ListenOptions",
    "Listener",
    "Output",
    "Places",
    "RecognitionPlaces",
    "patiently",
]
