"""Phonemes of speech by connectionist temporal classification: word times, and commands of a closed vocabulary.

The graph takes `pcm` int16[N,S], 16 kHz, up to 30 s, and `lengths` int32[N,1], the samples of each row, 0 for all of
them. It gives `log_probabilities` float32[N,T,191], for each 20 ms those of the phonemes, of `<wb>`, the boundary of a
word, and of `<blank>`; and `frames` int32[N,1], how many of the T belong to the row. Frame t is centred at t * 20 ms.

The published network lets what lies behind the end of a row change the row; here each row gives what it gives alone.
It is put together anew from the published weights: a spectrogram, a strided convolution, eleven separable convolutions
with squeeze and excitation, and two layers of attention.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from sensorium_models.assembly import GraphBuilder
from sensorium_models.errors import RecipeError
from sensorium_models.graph import seal
from sensorium_models.inference import open_session
from sensorium_models.recipe import Case, Recipe, Tensors
from sensorium_models.recordings import Pcm, cut, padded, recording
from sensorium_models.wheels import Sources, Wheel

MODEL = "hama/assets/asr_waveform_fp16.onnx"
PHONEMES = 191
OPSET = 20
WINDOW, HOP, BANDS, LONGEST = 400, 160, 80, 3000
WIDTH, HEADS, LAYERS, EPSILON = 256, 4, 2, 1e-5
# Frames between those that a block looks at.
DILATIONS = (1, 1, 2, 2, 4, 1, 1, 2, 2, 4, 1)
# The exporter numbered the matrices: input, output and both of the MLP of each layer of attention.
MATRICES = ((712, 716, 717, 718), (719, 723, 724, 725))
UTTERANCES = ((1.0, 4.8), (8.6, 10.6), (13.2, 17.0), (21.0, 24.3), (32.5, 41.9))


def build(sources: Sources) -> onnx.ModelProto:
    """The published network in single precision: processors would only convert half precision at every operator."""
    published = onnx.load(sources.file("hama", MODEL))
    weights = {each.name: numpy_helper.to_array(each).astype(np.float32) for each in published.graph.initializer}
    return seal(Network(weights).build())


class Network(GraphBuilder):
    """The network; values are float[N,channels,T] up to the attention and float[N,T,256] from there."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        super().__init__()
        self._weights = weights

    def build(self) -> onnx.ModelProto:
        """The graph of the recipe."""
        pcm = self.input("pcm", TensorProto.INT16, ["batch", "samples"])
        lengths = self._lengths(pcm, self.input("lengths", TensorProto.INT32, ["batch", 1]))
        bands, counts = self._spectrogram(pcm, lengths)
        x = self._convolve("onnx::Conv_663", "onnx::Conv_664", bands, pads=[1, 1], strides=[2])
        counts = self.node("Div", self.node("Add", counts, self.integer(1)), self.integer(2))
        x, inside = self.node("Gelu", x), self._inside(counts, x)
        row = self.node("Unsqueeze", self.floats(counts), self.integers(1, 2))
        for block in range(len(DILATIONS)):
            x = self._block(x, inside, row, block)
        x = self.node("Transpose", x, perm=[0, 2, 1])
        for layer in range(LAYERS):
            x = self._attention(x, inside, layer)
        x = self._convolve(*self._pair("proj"), self.node("Transpose", x, perm=[0, 2, 1]))
        scores = self.node("LogSoftmax", self.node("Transpose", x, perm=[0, 2, 1]), axis=-1)
        frames = self.node("Cast", self.node("Unsqueeze", counts, self.integers(1)), to=TensorProto.INT32)
        self.output("log_probabilities", scores, TensorProto.FLOAT, ["batch", "steps", PHONEMES])
        self.output("frames", frames, TensorProto.INT32, ["batch", 1])
        return self.model("hama_phoneme_ctc", opset=OPSET)

    def _lengths(self, pcm: str, given: str) -> str:
        """int64[N,1], the samples of each row."""
        given = self.node("Cast", given, to=TensorProto.INT64)
        whole = self.node("Shape", pcm, start=1, end=2)
        return self.node("Where", self.node("Equal", given, self.integer(0)), whole, given)

    def _spectrogram(self, pcm: str, lengths: str) -> tuple[str, str]:
        """Logarithms of the energies in mel bands, each 10 ms, zero behind the end; and the frames of each row."""
        samples = self.node("Mul", self.floats(pcm), self.number(1 / 32768))
        mirrored = self.node("GatherElements", samples, self._mirror(pcm, lengths), axis=1)
        waves = self.node("Unsqueeze", mirrored, self.integers(1))
        parts = [
            self.node("Conv", waves, self._weight(f"stft_{part}_kernel"), strides=[HOP]) for part in ("real", "imag")
        ]
        energies = self.node("Add", *(self.node("Mul", part, part) for part in parts))
        bands = self.node("MatMul", self.node("Transpose", energies, perm=[0, 2, 1]), self._weight("mel_fb"))
        levels = self.node("Log", self.node("Max", bands, self.number(1e-10)))
        window = (self.integers(0), self.integers(LONGEST), self.integers(1))
        levels = self.node("Transpose", self.node("Slice", levels, *window), perm=[0, 2, 1])
        counts = self.node("Add", self.node("Div", lengths, self.integer(HOP)), self.integer(1))
        counts = self.node("Squeeze", self.node("Min", counts, self.integer(LONGEST)), self.integers(1))
        return self.node("Mul", levels, self._inside(counts, levels)), counts

    def _mirror(self, pcm: str, lengths: str) -> str:
        """int64[N,S+400]: which sample stands at each place when each row is mirrored at its beginning and its end."""
        size = self.node("Squeeze", self.node("Shape", pcm, start=1, end=2))
        margin = self.integer(WINDOW // 2)
        steps = self.node("Range", self.node("Neg", margin), self.node("Add", size, margin), self.integer(1))
        place = self.node("Unsqueeze", self.node("Abs", steps), self.integers(0))
        last = self.node("Sub", lengths, self.integer(1))
        back = self.node("Sub", self.node("Add", last, last), place)
        place = self.node("Where", self.node("Greater", place, last), back, place)
        return self.node("Clip", place, self.integer(0), self.node("Sub", size, self.integer(1)))

    def _inside(self, counts: str, x: str) -> str:
        """float[N,1,T], 1 within the row and 0 behind it."""
        size = self.node("Shape", x, start=2, end=3)
        return self.node("Unsqueeze", self.floats(self.within(counts, size)), self.integers(1))

    def _block(self, x: str, inside: str, count: str, block: int) -> str:
        """A separable convolution, its channels weighted by what the whole row holds."""
        name = f"backbone.{block}"
        x = self.node("Mul", x, inside)
        step = DILATIONS[block]
        y = self._convolve(*self._pair(f"{name}.depthwise"), x, pads=[4 * step] * 2, dilations=[step], group=WIDTH)
        y = self._silu(self._convolve(f"onnx::Conv_{666 + 3 * block}", f"onnx::Conv_{667 + 3 * block}", y))
        total = self.node("ReduceSum", self.node("Mul", y, inside), self.integers(2), keepdims=1)
        squeezed = self._silu(self._convolve(*self._pair(f"{name}.se.fc1"), self.node("Div", total, count)))
        excited = self.node("Sigmoid", self._convolve(*self._pair(f"{name}.se.fc2"), squeezed))
        return self.node("Add", x, self.node("Mul", y, excited))

    def _attention(self, x: str, inside: str, layer: int) -> str:
        """Every frame looks at every frame of its row, and a network of its own follows."""
        entry, out, up, down = (f"onnx::MatMul_{number}" for number in MATRICES[layer])
        name = f"attn_layers.{layer}"
        mixed = self._linear(self._norm(x, f"{name}.norm1"), entry, f"{name}.attn.in_proj_bias")
        query, key, value = (
            self.node("Reshape", part, self.integers(0, 0, HEADS, WIDTH // HEADS))
            for part in self.nodes("Split", mixed, outputs=3, axis=-1, num_outputs=3)
        )
        query, value = (self.node("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
        scores = self.node("MatMul", query, self.node("Transpose", key, perm=[0, 2, 3, 1]))
        scores = self.node("Mul", scores, self.number((WIDTH // HEADS) ** -0.5))
        outside = self.node("Mul", self.node("Sub", self.number(1.0), inside), self.number(-1e9))
        scores = self.node("Add", scores, self.node("Unsqueeze", outside, self.integers(1)))
        heard = self.node("MatMul", self.node("Softmax", scores, axis=-1), value)
        heard = self.node("Transpose", heard, perm=[0, 2, 1, 3])
        heard = self.node("Reshape", heard, self.integers(0, 0, WIDTH))
        x = self.node("Add", x, self._linear(heard, out, f"{name}.attn.out_proj.bias"))
        hidden = self.node("Gelu", self._linear(self._norm(x, f"{name}.norm2"), up, f"{name}.ff.0.bias"))
        return self.node("Add", x, self._linear(hidden, down, f"{name}.ff.3.bias"))

    def _convolve(self, weight: str, bias: str, x: str, **attributes: Any) -> str:
        return self.node("Conv", x, self._weight(weight), self._weight(bias), **attributes)

    def _linear(self, x: str, weight: str, bias: str) -> str:
        return self.node("Add", self.node("MatMul", x, self._weight(weight)), self._weight(bias))

    def _norm(self, x: str, name: str) -> str:
        return self.node("LayerNormalization", x, *map(self._weight, self._pair(name)), axis=-1, epsilon=EPSILON)

    def _silu(self, x: str) -> str:
        return self.node("Mul", x, self.node("Sigmoid", x))

    def _pair(self, name: str) -> tuple[str, str]:
        return f"{name}.weight", f"{name}.bias"

    def _weight(self, name: str) -> str:
        published = name if name in self._weights else f"acoustic_model.model.{name}"
        return self.constant(name, self._weights[published])


def labels(sources: Sources) -> list[str]:
    """Phonemes by index, in IPA; then the boundary of words and the blank, as the package has them."""
    vocabulary = json.loads(sources.file("hama", "hama/assets/g2p_vocab.json").read_text())
    names = [*vocabulary["decoder"], "<wb>", "<blank>"]
    if len(names) != PHONEMES:
        raise RecipeError(f"the vocabulary has {len(names)} entries where the network has {PHONEMES}")
    return names


def cases(sources: Sources) -> Iterator[Case]:
    """The published network, one recording at a time; served they are a batch."""
    session = open_session(sources.file("hama", MODEL))
    beckett, cities = (
        recording(sources.file("moonshine-voice", f"moonshine_voice/assets/{name}.wav"))
        for name in ("beckett", "two_cities")
    )
    yield _case("beckett.wav", session, [beckett])
    yield _case("two_cities.wav, five utterances", session, [cut(cities, *times) for times in UTTERANCES])


def _case(name: str, session: Any, recordings: list[Pcm]) -> Case:
    answers = []
    for pcm in recordings:
        feeds = {"waveform": pcm[None].astype(np.float32) / 32768, "waveform_lengths": np.array([len(pcm)])}
        answers.append(session.run(["log_probs", "out_lengths"], feeds))
    frames = np.array([[lengths[0]] for _, lengths in answers], np.int32)
    scores = np.full((len(answers), int(frames.max()), PHONEMES), np.nan, np.float32)
    for row, (values, lengths) in zip(scores, answers, strict=True):
        row[: lengths[0]] = values[0, : lengths[0]]
    pcm, lengths = padded(recordings)
    return Case(name, {"pcm": pcm, "lengths": lengths}, {"log_probabilities": scores, "frames": frames})


def measure(expected: Tensors, actual: Tensors) -> dict[str, float]:
    """The largest difference of a probability within the rows, and of the frames.

    Logarithms of what is next to impossible differ by whole numbers where the source computes in half precision.
    """
    if expected["log_probabilities"].shape != actual["log_probabilities"].shape:
        return {"log_probabilities": float("inf"), "frames": float("inf")}
    differences = np.abs(np.exp(expected["log_probabilities"]) - np.exp(actual["log_probabilities"]))
    inside = ~np.isnan(expected["log_probabilities"])
    return {
        "log_probabilities": float(differences[inside].max()),
        "frames": float(np.abs(expected["frames"] - actual["frames"]).max()),
    }


RECIPE = Recipe(
    capability="phonemes",
    source="hama 1.3.13, asr_waveform_fp16.onnx",
    license="Apache-2.0",
    wheels=(
        Wheel(
            project="hama",
            version="1.3.13",
            filename="hama-1.3.13-py3-none-any.whl",
            sha256="753ca05c6b3c99f9c8c415776848f84ebb72823f70c11fd46dd7eff5df338dbd",
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
    labels=labels,
    cases=cases,
    tolerances={"log_probabilities": 0.05, "frames": 0},
    measure=measure,
)
