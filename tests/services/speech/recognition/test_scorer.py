from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.triton import ServedModel
from sensorium_speech.recognition import TextScorer


class Model:
    """Stands for the recogniser: each token of a text, and its end, is as likely as e to the power of -2."""

    asked: Mapping[str, Any]

    async def infer(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        self.asked = inputs
        lengths = (inputs["candidates"][0] != 0).sum(axis=1)
        tokens = np.where(np.arange(9) < lengths[:, np.newaxis], 7, -1)  # a token a byte
        return {"scores": -2.0 * (lengths[np.newaxis] + 1).astype(np.float32), "tokens": tokens[np.newaxis]}


async def test_each_text_gets_its_score() -> None:
    model = Model()
    scorer = TextScorer(cast(ServedModel, model))
    assert await scorer.score(np.ones(5_000, np.int16), ["Stop.", "Größer."]) == [(-12.0, -2.0), (-20.0, -2.0)]
    assert [bytes(row).rstrip(b"\0").decode() for row in model.asked["candidates"][0]] == ["Stop.", "Größer."]
    assert (model.asked["pcm"].shape, model.asked["lengths"].tolist()) == ((1, 5_000), [[5_000]])


@pytest.mark.parametrize("samples", [0, 1, 3_999])
async def test_short_sound_is_filled_with_silence(samples: int) -> None:
    model = Model()
    await TextScorer(cast(ServedModel, model)).score(np.ones(samples, np.int16), ["Stop."])
    assert model.asked["pcm"].shape == (1, 4_000)
    assert model.asked["pcm"].sum() == samples
    assert model.asked["lengths"].tolist() == [[4_000]]
