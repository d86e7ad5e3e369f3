"""The models of this service and the tensors it exchanges with them. Their recipes lie in `services/speech/models`."""

from sensorium_core.triton import ModelSpec, TensorSpec

MOONSHINE = ModelSpec(
    "moonshine_tiny_en",
    inputs=(
        TensorSpec("pcm", "INT16", (-1, -1)),
        TensorSpec("lengths", "INT32", (-1, 1)),
        TensorSpec("beams", "INT32", (-1, 1)),
        TensorSpec("prefix", "INT32", (-1, -1)),
        TensorSpec("phrases", "UINT8", (-1, -1, -1)),
        TensorSpec("boosts", "FP32", (-1, -1)),
    ),
    outputs=(
        TensorSpec("tokens", "INT32", (-1, -1, -1)),
        TensorSpec("log_probabilities", "FP32", (-1, -1, -1)),
        TensorSpec("scores", "FP32", (-1, -1)),
    ),
)
SILERO = ModelSpec(
    "silero_vad",
    inputs=(TensorSpec("pcm", "INT16", (-1, -1)), TensorSpec("state", "FP32", (-1, 2, 128))),
    outputs=(TensorSpec("probabilities", "FP32", (-1, -1)), TensorSpec("state_out", "FP32", (-1, 2, 128))),
)
HAMA = ModelSpec(
    "hama_phoneme_ctc",
    inputs=(TensorSpec("pcm", "INT16", (-1, -1)), TensorSpec("lengths", "INT32", (-1, 1))),
    outputs=(TensorSpec("log_probabilities", "FP32", (-1, -1, 191)), TensorSpec("frames", "INT32", (-1, 1))),
)
HAMA_G2P = ModelSpec(
    "hama_g2p",
    inputs=(TensorSpec("characters", "INT32", (-1, -1)),),
    outputs=(TensorSpec("phonemes", "INT32", (-1, -1)),),
)

ALL = (MOONSHINE, SILERO, HAMA, HAMA_G2P)

# The languages that a model hears or reads, as BCP 47 codes, its default first.
LANGUAGES = {MOONSHINE.name: ("en",), HAMA.name: ("en",), HAMA_G2P.name: ("en",)}
