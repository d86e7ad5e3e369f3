"""Draws what the service found onto the picture.

from sensorium_client import draw

annotated = draw.annotate(picture, client.annotate(picture))
"""

from sensorium_client.draw._annotate import Drawable, annotate
from sensorium_client.draw._files import read_rgb, write_png

__all__ = ["Drawable", "annotate", "read_rgb", "write_png"]
