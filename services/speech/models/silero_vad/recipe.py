"""Silero VAD: the probability of speech in every 32 ms, for streams and for whole recordings.

The graph takes `pcm` int16[N,64+512F], 16 kHz: the 64 samples before the F frames, zeros where a stream begins, and the
frames' samples; and `state` float32[N,2,128], zeros where a stream begins. It gives `probabilities` float32[N,F], and
`state_out` float32[N,2,128], which goes with the stream's next frames.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from sensorium_models.errors import RecipeError
from sensorium_models.graph import add_constant, add_node, expose, seal
from sensorium_models.inference import open_session
from sensorium_models.recipe import Case, Recipe
from sensorium_models.recordings import Pcm, recording
from sensorium_models.wheels import Sources, Wheel

CONTEXT, FRAME, STATE = 64, 512, 128
# One call of the check, and the frames that go before it.
FRAMES, BEFORE = 200, 40


def build(sources: Sources) -> onnx.ModelProto:
    """The published network for whole recordings, extended from one stream to many."""
    model = onnx.load(_asset(sources, "silero_vad_16k_sequence.onnx"))
    graph = model.graph
    published = {value.name for value in graph.input}
    if published != {"input", "h", "c"}:
        raise RecipeError(f"the published graph has the inputs {', '.join(sorted(published))}")
    nodes = list(graph.node)
    del graph.node[:]
    _cut_frames(model)
    graph.node.extend(nodes)
    _separate_streams(model)
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("pcm", TensorProto.INT16, ["batch", "samples"]))
    graph.input.append(helper.make_tensor_value_info("state", TensorProto.FLOAT, ["batch", 2, STATE]))
    pair = add_node(model, "Concat", ["hn", "cn"], "states", axis=0)
    state = add_node(model, "Transpose", [pair], "states_by_stream", perm=[1, 0, 2])
    scores = add_node(model, "Squeeze", ["/Sigmoid_output_0", add_constant(model, "one", _integers(1))], "scores")
    expose(
        model,
        {
            "probabilities": (scores, TensorProto.FLOAT, ["frames"]),
            "state_out": (state, TensorProto.FLOAT, [2, STATE]),
        },
    )
    return seal(model)


def _cut_frames(model: onnx.ModelProto) -> None:
    """Make `input`, float[N*F,576] with each frame's context, of `pcm`, and `h` and `c`, float[1,N,128], of `state`."""
    graph = model.graph
    add_constant(model, "scale", np.array(1 / 32768, np.float32))
    for name, values in (
        ("zero", (0,)),
        ("context", (CONTEXT,)),
        ("minus_context", (-CONTEXT,)),
        ("axis_1", (1,)),
        ("axis_2", (2,)),
        ("end", (2**62,)),
        ("stream_of_frames", (0, -1, FRAME)),
        ("all_frames", (-1, CONTEXT + FRAME)),
    ):
        add_constant(model, name, _integers(*values))

    def at(*names: str) -> list[str]:
        return [f"sensorium/{name}" for name in names]

    real = add_node(model, "Cast", ["pcm"], "real", to=TensorProto.FLOAT)
    samples = add_node(model, "Mul", [real, *at("scale")], "samples")
    before = add_node(model, "Slice", [samples, *at("zero", "minus_context", "axis_1")], "before")
    before = add_node(model, "Reshape", [before, *at("stream_of_frames")], "blocks")
    before = add_node(model, "Slice", [before, *at("zero", "context", "axis_2")], "contexts")
    frames = add_node(model, "Slice", [samples, *at("context", "end", "axis_1")], "after")
    frames = add_node(model, "Reshape", [frames, *at("stream_of_frames")], "frames")
    frames = add_node(model, "Concat", [before, frames], "frames_with_context", axis=2)
    graph.node.append(helper.make_node("Reshape", [frames, *at("all_frames")], ["input"], "sensorium/input"))
    states = add_node(model, "Transpose", ["state"], "states_by_kind", perm=[1, 0, 2])
    graph.node.append(helper.make_node("Split", [states], ["h", "c"], "sensorium/split", axis=0))


def _separate_streams(model: onnx.ModelProto) -> None:
    """Let the LSTM run over float[F,N,128] instead of all frames as one stream."""
    lstm = next(node for node in model.graph.node if node.op_type == "LSTM")
    index = list(model.graph.node).index(lstm)
    count = helper.make_node("Shape", ["pcm"], ["sensorium/streams"], "sensorium/count", start=0, end=1)
    rest = add_constant(model, "frames_by_stream", _integers(-1, STATE))
    shape = helper.make_node("Concat", ["sensorium/streams", rest], ["sensorium/shape"], "sensorium/shape", axis=0)
    features = helper.make_node("Reshape", [lstm.input[0], "sensorium/shape"], ["sensorium/streamed"], "sensorium/fold")
    order = helper.make_node(
        "Transpose", ["sensorium/streamed"], ["sensorium/steps"], "sensorium/steps", perm=[1, 0, 2]
    )
    lstm.input[0] = "sensorium/steps"
    for node in (order, features, shape, count):
        model.graph.node.insert(index, node)


def _integers(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def cases(sources: Sources) -> Iterator[Case]:
    """The published streaming network, frame by frame, on two recordings at once: from their start, and going on."""
    network = Source(_asset(sources, "silero_vad_16k_op15.onnx"))
    folder = "moonshine_voice/assets"
    recordings = [
        recording(sources.file("moonshine-voice", f"{folder}/{name}.wav")) for name in ("beckett", "two_cities")
    ]
    start = np.zeros((2, 2, STATE), np.float32)
    silence = np.zeros((2, CONTEXT), np.int16)
    first = np.stack([pcm[: FRAME * BEFORE] for pcm in recordings])
    yield network.case("the beginning of two recordings", np.hstack([silence, first]), start)
    _, state = network(np.hstack([silence, first]), start)
    middle = np.stack([pcm[FRAME * BEFORE - CONTEXT : FRAME * (BEFORE + FRAMES)] for pcm in recordings])
    yield network.case("two recordings, going on", middle, state)


class Source:
    """The published network that streams use, with the package's own handling of context and state."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path)

    def __call__(self, pcm: Pcm, state: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Probabilities and the last state for the served model's inputs."""
        samples = pcm.astype(np.float32) / 32768
        state = state.transpose(1, 0, 2)
        scores = []
        for start in range(0, samples.shape[1] - CONTEXT, FRAME):
            feeds = {"input": samples[:, start : start + CONTEXT + FRAME], "state": state, "sr": np.array(16000)}
            score, state = self._session.run(["output", "stateN"], feeds)
            scores.append(score)
        return np.hstack(scores), state.transpose(1, 0, 2)

    def case(self, name: str, pcm: Pcm, state: NDArray[np.float32]) -> Case:
        """The case of these inputs."""
        probabilities, state_out = self(pcm, state)
        return Case(name, {"pcm": pcm, "state": state}, {"probabilities": probabilities, "state_out": state_out})


def _asset(sources: Sources, name: str) -> Path:
    return sources.file("silero-vad", f"silero_vad/data/{name}")


RECIPE = Recipe(
    capability="detect_speech",
    source="silero-vad 6.2.3, silero_vad_16k_sequence.onnx",
    license="MIT",
    wheels=(
        Wheel(
            project="silero-vad",
            version="6.2.3",
            filename="silero_vad-6.2.3-py3-none-any.whl",
            sha256="7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
        ),
        # Its recordings are what the check listens to.
        Wheel(
            project="moonshine-voice",
            version="0.0.44",
            filename="moonshine_voice-0.0.44-py3-none-manylinux_2_34_x86_64.whl",
            sha256="fddc2fd384b13592bbfb6e57cda8d37624ca5c95c0e83439c93a5caac0f4a730",
        ),
    ),
    build=build,
    cases=cases,
    tolerances={"probabilities": 1e-4, "state_out": 1e-3},
)
