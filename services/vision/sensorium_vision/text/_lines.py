"""Lines cut from the picture and made into tensors, and what the recognition network says of them. Pure functions."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from sensorium_vision.domain import Floats, Pixels
from sensorium_vision.preprocess import resize
from sensorium_vision.text._layout import Line

HEIGHT = 48
ORIENTATION_WIDTH = 192
# Widths at which lines are recognised. Lines of all callers that fall into one width share one execution; each is at
# most a third wider than the one before, so that little is computed for padding.
WIDTHS = (96, 128, 160, 208, 272, 352, 464, 608, 800, 1056, 1408, 1888, 2528)
_LIKELY_SPACE = 0.25
_PADDING = 127  # the middle of the range, which is zero after normalisation


def cut_line(pixels: Pixels, line: Line, offset: tuple[int, int]) -> Pixels:
    """A line as an upright strip, `uint8[48,W,3]`, at the picture's full resolution.

    Args:
        pixels: `uint8[H,W,3]`.
        line: in coordinates of the original picture.
        offset: of `pixels` in the original picture.
    """
    width, height = max(1, round(line.width)), max(1, round(line.height))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    source = (line.corners - np.array(offset, np.float32)).astype(np.float32)
    transform = cv2.getPerspectiveTransform(source, target)
    strip = cv2.warpPerspective(
        pixels, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    strip_width = min(max(8, round(width * HEIGHT / height)), WIDTHS[-1])
    return resize(np.asarray(strip, np.uint8), strip_width, HEIGHT)


def orientation_tensor(strips: Sequence[Pixels]) -> Pixels:
    """The beginnings of strips for the orientation network: `uint8[N,48,192,3]`."""
    return padded(strips, ORIENTATION_WIDTH)


def upside_down(strip: Pixels) -> Pixels:
    """The strip turned by 180 degrees."""
    return np.ascontiguousarray(strip[::-1, ::-1])


def width_bucket(strip: Pixels) -> int:
    """The width at which a strip is recognised."""
    return next(width for width in WIDTHS if strip.shape[1] <= width)


def padded(strips: Sequence[Pixels], width: int) -> Pixels:
    """Strips side by side in one tensor `uint8[N,48,width,3]`, cut or padded on the right."""
    tensor = np.full((len(strips), HEIGHT, width, 3), _PADDING, np.uint8)
    for row, strip in zip(tensor, strips, strict=True):
        row[:, : strip.shape[1]] = strip[:, :width]
    return tensor


def decode_ctc(
    indices: npt.NDArray[np.int32], confidences: Floats, space_confidences: Floats, alphabet: Sequence[str]
) -> tuple[tuple[str, float], ...]:
    """Characters and their confidences by best-path decoding (Graves et al. 2006): repeats merged, blanks dropped.

    A space is hard to tell from the blank between characters, so its probability is summed over the steps between
    two characters. On a line foreshortened by perspective each single step prefers the blank.

    Args:
        indices: `int32[T]`, the likeliest class at each step; 0 is the blank.
        confidences: `float32[T]`, its probability.
        space_confidences: `float32[T]`, the probability of a space.
        alphabet: the classes' characters.
    """
    changes = np.ones(len(indices), bool)
    changes[1:] = indices[1:] != indices[:-1]
    characters: list[tuple[str, float]] = []
    before = 0
    for step in np.flatnonzero(changes & (indices != 0)):
        character = alphabet[indices[step]]
        between = float(space_confidences[before + 1 : step].sum())
        if characters and between > _LIKELY_SPACE and not (character.isspace() or characters[-1][0].isspace()):
            characters.append((" ", min(between, 1.0)))
        characters.append((character, float(confidences[step])))
        before = int(step)
    return _stripped(characters)


def _stripped(characters: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    written = [i for i, (character, _) in enumerate(characters) if not character.isspace()]
    return tuple(characters[written[0] : written[-1] + 1]) if written else ()
