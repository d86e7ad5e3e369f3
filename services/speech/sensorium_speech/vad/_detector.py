"""The voice activity model, with the memory of what it heard."""

import numpy as np

from sensorium_core.triton import ServedModel
from sensorium_speech.domain import Floats, Samples
from sensorium_speech.vad._endpointing import FRAME

# Samples before a frame that the model hears with it, and the numbers of its memory.
_CONTEXT = 64
_STATE = (2, 128)
# Frames in one request of a recording, half a minute.
_MOST_FRAMES = 960


class SpeechDetector:
    """Hears tracks that run in parallel, from their start on.

    Args:
        model: Silero's network.
        tracks: how many.
    """

    def __init__(self, model: ServedModel, tracks: int) -> None:
        self._model = model
        self._context: Samples = np.zeros((tracks, _CONTEXT), np.int16)
        self._state: Floats = np.zeros((tracks, *_STATE), np.float32)

    async def likelihoods(self, frames: Samples) -> Floats:
        """How likely speech is, `float32[T,F]`, in the next frames, `int16[T,F,512]`.

        Raises:
            SensoriumError: the model does not answer; the frames count as not heard.
        """
        heard = np.concatenate([self._context, frames.reshape(len(frames), -1)], axis=1)
        outputs = await self._model.infer({"pcm": heard, "state": self._state})
        self._context, self._state = heard[:, -_CONTEXT:].copy(), outputs["state_out"]
        return outputs["probabilities"]


async def track_likelihoods(model: ServedModel, tracks: Samples) -> Floats:
    """How likely speech is in each frame of whole tracks, `float32[T,F]`; silence fills the last frame.

    Args:
        model: Silero's network.
        tracks: `int16[T,N]`.

    Raises:
        SensoriumError: the model does not answer.
    """
    detector = SpeechDetector(model, len(tracks))
    filled = np.pad(tracks, ((0, 0), (0, -tracks.shape[1] % FRAME)))
    frames = filled.reshape(len(tracks), -1, FRAME)
    parts = [
        await detector.likelihoods(frames[:, start : start + _MOST_FRAMES])
        for start in range(0, frames.shape[1], _MOST_FRAMES)
    ]
    return np.concatenate([np.zeros((len(tracks), 0), np.float32), *parts], axis=1)
