"""Moonshine tiny: English speech to text, an encoder and an autoregressive decoder.

A Python model: encoder and decode loop run in one Triton process, for all requests of a batch together.

Inputs: `pcm` int16[N,S], 16 kHz, one channel; `lengths` int32[N,1], the samples of each row, 0 for all of them; and
where wanted `beams` int32[N,1], 1 to 8, how many hypotheses are followed and returned (default 1, greedy);
`prefix` int32[N,P], tokens that the text is known to begin with, padded with -1 (they are not returned);
`phrases` uint8[N,Q,K], UTF-8 with zeros behind the end, and `boosts` float32[N,Q], what they gain in nats per
character; `candidates` uint8[N,C,K], UTF-8, 1 to 64 texts of which one is sought: they are the hypotheses then, in
their order, and their scores are the log-probabilities of the whole texts, ends included.

Outputs, hypotheses best first: `tokens` int32[N,B,L], -1 behind the end; `log_probabilities` float32[N,B,L], those the
network itself gives the tokens; `scores` float32[N,B], by which the hypotheses are ranked: the mean over their tokens,
boosts included, and -inf where there are fewer than B; `finished` bool[N,B], false where a text was cut because it grew
longer than anyone speaks or began to repeat itself.

The labels are the vocabulary's pieces: U+2581 stands for a space, `<0x0A>` for a byte of UTF-8.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensorium_models.errors import RecipeError
from sensorium_models.inference import open_session, read_ort
from sensorium_models.loading import load_module
from sensorium_models.python_models import python_files
from sensorium_models.recipe import Case, Predict, Recipe
from sensorium_models.recordings import POCKETSPHINX, cut, padded, read_aloud
from sensorium_models.scores import Score
from sensorium_models.wheels import Sources, Wheel
from sensorium_models.words import right_words

if TYPE_CHECKING:
    from sensorium_models.recordings import Pcm

HERE = Path(__file__).parent
ENCODER, DECODER = (f"tiny-en/{name}.ort" for name in ("encoder_model", "decoder_model_merged"))
PIECES = 32768
CONTROL = 3  # unknown, start, end
BYTES = 256
START, END = 1, 2
SAMPLE_RATE, TOKENS_PER_SECOND = 16000, 6.5
# Utterances of two_cities.wav, in seconds.
UTTERANCES = ((1.0, 4.8), (8.6, 10.6), (13.2, 17.0), (21.0, 24.3), (32.5, 41.9))


def files(sources: Sources) -> dict[str, bytes]:
    """The two networks and the code that runs them."""
    network = load_module(HERE / "network.py", "_sensorium_moonshine_network")
    encoder, decoder = (network.Weights(read_ort(_asset(sources, name))) for name in (ENCODER, DECODER))
    return {
        "1/encoder.onnx": network.encoder(encoder, decoder).SerializeToString(),
        "1/decoder.onnx": network.decoder(decoder).SerializeToString(),
        **python_files(HERE / "served", "transcription"),
    }


def labels(sources: Sources) -> list[str]:
    """The vocabulary's pieces by token; those of single bytes are written `<0x0A>`."""
    content = _asset(sources, "tiny-en/tokenizer.bin").read_bytes()
    pieces = []
    while content:
        # Lengths from 128 on take two bytes, the lower seven bits first.
        size, content = (
            (content[0], content[1:]) if content[0] < 128 else (content[0] % 128 + content[1] * 128, content[2:])
        )
        pieces.append(content[:size])
        content = content[size:]
    if len(pieces) != PIECES:
        raise RecipeError(f"the vocabulary has {len(pieces)} pieces where the network has {PIECES}")
    names = [piece.decode() for piece in pieces[:CONTROL]]
    names += [f"<0x{piece[0]:02X}>" for piece in pieces[CONTROL : CONTROL + BYTES]]
    return names + [piece.decode() for piece in pieces[CONTROL + BYTES :]]


def cases(sources: Sources) -> Iterator[Case]:
    """The published networks with greedy decoding, on the package's own recordings, one by one and as a batch."""
    network = Source(sources)
    beckett, cities = (read_aloud(sources, name) for name in ("beckett", "two_cities"))
    utterances = [cut(cities, start, end) for start, end in UTTERANCES]
    yield _case("beckett.wav", network, [beckett])
    yield _case("two_cities.wav, five utterances", network, utterances)


class Source:
    """The published graphs, decoded token by token as Moonshine's authors do."""

    def __init__(self, sources: Sources) -> None:
        self._encoder, self._decoder = (open_session(_asset(sources, name)) for name in (ENCODER, DECODER))
        self._names = [output.name for output in self._decoder.get_outputs()]

    def __call__(self, pcm: Pcm) -> tuple[list[int], list[float]]:
        """Tokens and their log-probabilities."""
        samples = pcm[None].astype(np.float32) / 32768
        mask = np.ones(samples.shape, np.int64)
        hidden = self._encoder.run(None, {"input_values": samples, "attention_mask": mask})[0]
        fixed = {"encoder_hidden_states": hidden, "encoder_attention_mask": mask}
        empty = np.zeros((1, 8, 0, 36), np.float32)
        past = {name.replace("present", "past_key_values"): empty for name in self._names[1:]}
        token, tokens, values = START, [], []
        for step in range(math.ceil(len(pcm) / SAMPLE_RATE * TOKENS_PER_SECOND) + 1):
            feeds = {"input_ids": np.array([[token]]), "use_cache_branch": np.array([step > 0]), **fixed, **past}
            logits, *present = self._decoder.run(self._names, feeds)
            past |= self._kept(present, everything=step == 0)
            token = int(logits[0, -1].argmax())
            if token == END:
                break
            tokens.append(token)
            values.append(_log_probability(logits[0, -1], token))
        return tokens, values

    def _kept(self, present: list[NDArray[Any]], *, everything: bool) -> dict[str, NDArray[Any]]:
        """The caches that a step has changed; those of the encoder's output are right from the first step on."""
        named = zip(self._names[1:], present, strict=True)
        return {
            name.replace("present", "past_key_values"): values
            for name, values in named
            if everything or ".decoder." in name
        }


def _log_probability(logits: NDArray[np.float32], index: int) -> float:
    highest = logits.max()
    return float(logits[index] - highest - np.log(np.exp(logits - highest).sum()))


def _case(name: str, network: Source, recordings: list[Pcm]) -> Case:
    texts = [network(pcm) for pcm in recordings]
    shape = (len(texts), 1, max(len(tokens) for tokens, _ in texts))
    expected: dict[str, NDArray[Any]] = {
        "tokens": np.full(shape, -1, np.int32),
        "log_probabilities": np.zeros(shape, np.float32),
    }
    for row, (tokens, values) in enumerate(texts):
        expected["tokens"][row, 0, : len(tokens)] = tokens
        expected["log_probabilities"][row, 0, : len(values)] = values
    pcm, lengths = padded(recordings)
    return Case(name, {"pcm": pcm, "lengths": lengths}, expected)


async def scores(sources: Sources, predict: Predict) -> Sequence[Score]:
    """How many words of real recordings are right."""
    return await right_words(sources, predict, labels(sources), least=0.95)


def _asset(sources: Sources, name: str) -> Path:
    return sources.file("moonshine-voice", f"moonshine_voice/assets/{name}")


RECIPE = Recipe(
    capability="transcribe",
    source="moonshine-voice 0.0.44, tiny-en",
    license="MIT",
    wheels=(
        Wheel(
            project="moonshine-voice",
            version="0.0.44",
            filename="moonshine_voice-0.0.44-py3-none-manylinux_2_34_x86_64.whl",
            sha256="fddc2fd384b13592bbfb6e57cda8d37624ca5c95c0e83439c93a5caac0f4a730",
        ),
        POCKETSPHINX,  # another recording for the scores
    ),
    labels=labels,
    files=files,
    cases=cases,
    scores=scores,
    # The texts are the same. The source quantises activations more coarsely, which moves a doubtful token's
    # log-probability; the mean over all tokens moves by 0.01.
    tolerances={"tokens": 0, "log_probabilities": 0.3},
)
