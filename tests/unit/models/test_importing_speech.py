"""Folders of networks that hear become served models that say what transformers says; others are refused."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from sensorium_core.triton import parse_config
from sensorium_models.errors import ModelError
from sensorium_models.importing import Imported, import_model
from sensorium_models.importing._ctc import read_vocabulary
from sensorium_models.python_models.in_process import PythonModel, Request
from unit.models.speech_folders import LETTERS, SYMBOLS, noise, save_ctc, save_whisper

OUTPUTS = ("tokens", "log_probabilities", "scores", "finished")
SPACE = "\u2581"
STEPS = 24


def checkout(folder: Path) -> Path:
    recipe = folder / "services" / "text" / "models" / "shipped" / "recipe.py"
    recipe.parent.mkdir(parents=True)
    recipe.write_text("")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of a Whisper, and the network in it."""
    folder = tmp_path_factory.mktemp("made") / "whisper"
    return folder, save_whisper(folder)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def whisper(root: Path, made: tuple[Path, Any]) -> Imported:
    return import_model(root, made[0], service="speech")


@pytest.fixture(scope="module")
def served(whisper: Imported) -> PythonModel:
    return PythonModel(whisper.model.path)


def request(pcm: NDArray[np.int16], **inputs: int | Sequence[int]) -> Request:
    tensors: dict[str, Any] = {"pcm": pcm[None], "lengths": np.array([[len(pcm)]], np.int32)}
    tensors |= {name: np.atleast_2d(np.array(value, np.int32)) for name, value in inputs.items()}
    return Request(tensors, OUTPUTS)


def said(model: PythonModel, *requests: Request) -> list[list[int]]:
    answers = model.execute(requests)
    assert [answer.error for answer in answers] == [None] * len(answers)
    return [[int(token) for token in answer.outputs["tokens"][0, 0] if token >= 0] for answer in answers]


def hearing(kind: str) -> Any:
    """How transformers makes features of sound."""
    return getattr(transformers, f"{kind}FeatureExtractor")()


def generated(network: Any, pcm: NDArray[np.int16], language: str | None) -> list[int]:
    """What transformers makes of the sound, greedily."""
    features = hearing("Whisper")(pcm / 32768, sampling_rate=16_000, return_tensors="pt")
    settings = {} if language is None else {"language": language, "task": "transcribe"}
    mask = torch.ones(1, features.input_features.shape[-1], dtype=torch.long)
    found = network.generate(
        features.input_features, attention_mask=mask, max_new_tokens=STEPS, do_sample=False, num_beams=1, **settings
    )
    return [int(token) for token in found[0]]


@pytest.mark.filterwarnings("ignore")
def test_a_whisper_says_what_transformers_says(served: PythonModel, made: tuple[Path, Any]) -> None:
    sounds = [noise(2.1, seed=1), noise(1.3, seed=2)]
    expected = [
        [generated(made[1], pcm, language) for language in ("en", "zh")] for pcm in sounds
    ]  # languages count as in the configuration
    together = said(served, *(request(pcm, language=language) for pcm in sounds for language in (0, 1)))
    alone = [said(served, request(pcm, language=language))[0] for pcm in sounds for language in (0, 1)]
    assert together == alone
    assert [text[:STEPS] for text in alone] == [text for texts in expected for text in texts]
    assert len({tuple(text) for texts in expected for text in texts}) == 4  # sound and language both matter


def test_a_whisper_goes_on_from_what_is_known(served: PythonModel) -> None:
    pcm = noise(2.1, seed=1)
    (whole,) = said(served, request(pcm))
    (rest,) = said(served, request(pcm, prefix=whole[:5]))
    assert whole[5:] == rest


def test_hypotheses_of_a_whisper_are_ranked(served: PythonModel) -> None:
    (answer,) = served.execute([request(noise(2.1, seed=1), beams=3)])
    ranks = list(zip(answer.outputs["finished"][0], answer.outputs["scores"][0], strict=True))
    assert len(ranks) == 3
    assert ranks == sorted(ranks, reverse=True)  # what the network ended itself comes first


def test_a_sound_too_short_has_no_text(served: PythonModel) -> None:
    assert said(served, request(np.zeros(700, np.int16))) == [[]]


def test_what_a_window_does_not_hold_is_refused(served: PythonModel) -> None:
    (answer,) = served.execute([request(np.zeros(480_001, np.int16))])
    assert answer.error is not None
    assert "at most 480000" in answer.error.text


def test_the_graphs_equal_the_network(whisper: Imported) -> None:
    assert (whisper.capability, whisper.max_seconds) == ("transcribe", 30)
    assert whisper.error < 1e-4


def test_a_compact_one_is_smaller_and_nearly_equal(root: Path, made: tuple[Path, Any], whisper: Imported) -> None:
    compact = import_model(root, made[0], service="speech", name="compact", compact=True)
    assert compact.size_bytes < whisper.size_bytes
    assert 1e-4 < compact.error < 0.3


def test_its_configuration_says_what_services_must_know(whisper: Imported) -> None:
    config = parse_config((whisper.model.path / "config.pbtxt").read_text())
    parameters = {key: value.string_value for key, value in config.parameters.items()}
    assert [(tensor.name, tensor.optional) for tensor in config.input] == [
        ("pcm", False),
        ("lengths", False),
        *((name, True) for name in ("beams", "language", "prefix", "phrases", "boosts")),
    ]
    assert parameters["languages"] == "en,zh,jv"  # Javanese has another code in BCP 47
    assert (parameters["capability"], parameters["max_samples"]) == ("transcribe", "480000")
    labels = json.loads(parameters["labels"])
    assert labels[labels.index(f"{SPACE}t") + 1] == f"{SPACE}th"
    assert {"<0xC3>", "!", SPACE, "<|endoftext|>"} <= set(labels)


def test_the_languages_that_are_wanted_come_in_that_order(root: Path, made: tuple[Path, Any]) -> None:
    imported = import_model(root, made[0], service="speech", name="chinese", languages=["zh", "en"])
    config = parse_config((imported.model.path / "config.pbtxt").read_text())
    assert config.parameters["languages"].string_value == "zh,en"
    pcm = noise(2.1, seed=1)
    first, second = (PythonModel(root / "build/models/speech" / name) for name in ("chinese", "whisper"))
    assert said(first, request(pcm)) == said(second, request(pcm, language=1))


@pytest.mark.filterwarnings("ignore")
def test_an_english_whisper_is_told_no_language(root: Path, tmp_path: Path) -> None:
    network = save_whisper(tmp_path / "english", multilingual=False)
    imported = import_model(root, tmp_path / "english", service="speech")
    config = parse_config((imported.model.path / "config.pbtxt").read_text())
    assert config.parameters["languages"].string_value == "en"
    pcm = noise(2.1, seed=1)
    ids = json.loads(config.parameters["tokens"].string_value)
    network.generation_config.forced_decoder_ids = None
    inputs = hearing("Whisper")(pcm / 32768, sampling_rate=16_000, return_tensors="pt").input_features
    prompt = torch.tensor([[ids["start"], *ids["task"]]])
    with torch.no_grad():
        for _ in range(STEPS):
            logits = network(input_features=inputs, decoder_input_ids=prompt).logits[0, -1]
            logits[network.generation_config.suppress_tokens] = -torch.inf
            if prompt.shape[1] == 1 + len(ids["task"]):
                logits[network.generation_config.begin_suppress_tokens] = -torch.inf
            prompt = torch.cat([prompt, logits.argmax()[None, None]], 1)
    expected = prompt[0, 1 + len(ids["task"]) :].tolist()
    assert said(PythonModel(imported.model.path), request(pcm))[0][:STEPS] == expected
    with pytest.raises(ModelError, match="knows English only"):
        import_model(root, tmp_path / "english", service="speech", name="other", languages=["zh"])


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of a wav2vec 2.0, and the network in it."""
    folder = tmp_path_factory.mktemp("made") / "letters"
    return folder, save_ctc(folder)


@pytest.fixture(scope="module")
def ctc(root: Path, letters: tuple[Path, Any]) -> PythonModel:
    imported = import_model(root, letters[0], service="speech", languages=["en", "de"])
    assert imported.error < 1e-4
    return PythonModel(imported.model.path)


def says_what_transformers_says(model: PythonModel, network: Any) -> None:
    sounds = [noise(1.7, seed=1), noise(0.6, seed=2)]
    for pcm, tokens in zip(sounds, said(model, *(request(pcm) for pcm in sounds)), strict=True):
        values = hearing("Wav2Vec2")(pcm / 32768, sampling_rate=16_000, return_tensors="pt").input_values
        with torch.no_grad():
            likeliest = network(values).logits[0].argmax(-1)
        assert tokens == [int(token) for token in torch.unique_consecutive(likeliest) if token > 3]
        assert len(set(tokens)) > 3


def test_a_ctc_network_says_what_transformers_says(ctc: PythonModel, letters: tuple[Path, Any]) -> None:
    says_what_transformers_says(ctc, letters[1])


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("Wav2Vec2", {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}),
        ("Hubert", {}),
        ("WavLM", {}),
    ],
    ids=["wav2vec2 large", "hubert", "wavlm"],
)
def test_its_kin_say_what_transformers_says(tmp_path: Path, kind: str, changes: dict[str, Any]) -> None:
    network = save_ctc(tmp_path / "kin", kind, **changes)
    imported = import_model(checkout(tmp_path), tmp_path / "kin", service="speech", languages=["en"])
    assert imported.error < 1e-4
    says_what_transformers_says(PythonModel(imported.model.path), network)


def test_a_ctc_network_says_when_each_symbol_was_heard(ctc: PythonModel) -> None:
    pcm = noise(1.7, seed=1)
    found = ctc.predict({"pcm": pcm[None], "lengths": np.zeros((1, 1), np.int32)}, (*OUTPUTS, "begins", "ends"))
    begins, ends = found["begins"][0, 0], found["ends"][0, 0]
    assert begins.shape == found["tokens"].shape[2:]
    assert (begins[1:] >= ends[:-1]).all()
    assert (ends > begins).all()
    assert ends[-1] <= len(pcm)
    assert {int(value) % 320 for value in (*begins, *ends)} == {0}
    assert (found["log_probabilities"] <= 0).all()


def test_hypotheses_of_a_ctc_network_are_ranked_and_begin_with_the_likeliest(ctc: PythonModel) -> None:
    pcm = noise(0.6, seed=1)
    (answer,) = ctc.execute([request(pcm, beams=4)])
    scores = answer.outputs["scores"][0]
    assert list(scores) == sorted(scores, reverse=True)
    assert len({tuple(row) for row in answer.outputs["tokens"][0]}) == 4


def test_symbols_that_are_no_text_have_no_label(root: Path, ctc: PythonModel) -> None:
    config = parse_config((root / "build/models/speech/letters/config.pbtxt").read_text())
    assert json.loads(config.parameters["labels"].string_value) == ["", "", "", "", SPACE, *LETTERS, "'"]
    symbols = json.loads(config.parameters["symbols"].string_value)
    assert symbols == {"blank": 0, "silent": [1, 2, 3], "space": 4}
    assert config.parameters["languages"].string_value == "en,de"
    assert [tensor.name for tensor in config.output][-2:] == ["begins", "ends"]


def changed(name: str, **changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({key: value for key, value in (content | changes).items() if value is not ...}))

    return change


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def other_tokenizer(folder: Path) -> None:
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    content["added_tokens"] = content["added_tokens"][:3]
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("tokenizer.json"), r"holds no tokenizer\.json"),
        (changed("config.json", architectures=["BertModel"]), "networks that hear are served: Whisper"),
        (changed("config.json", auto_map={"AutoModel": "evil.Evil"}), "needs code of its own"),
        (changed("config.json", d_model=...), "d_model is None; expected a number"),
        (changed("config.json", d_model=10**9), "expected a number from 1 to"),
        (changed("config.json", decoder_attention_heads=5), "no multiple of decoder_attention_heads"),
        (changed("config.json", activation_function="relu"), "activation_function must be gelu"),
        (changed("config.json", decoder_layers=3), "transformers cannot load the model|the weights lack"),
        (changed("preprocessor_config.json", n_fft=512), "is not how Whisper hears"),
        (changed("preprocessor_config.json", feature_size=128), "is not how Whisper hears"),
        (changed("generation_config.json", suppress_tokens="all"), "suppress_tokens must be a list of tokens"),
        (changed("generation_config.json", suppress_tokens=[10**6]), "suppress_tokens must be a list of tokens"),
        (changed("tokenizer.json", model={"type": "WordPiece", "vocab": {"a": 0}}), "no byte-level BPE"),
        (other_tokenizer, "it is no tokenizer of Whisper"),
    ],
)
def test_what_is_not_right_in_a_whisper_is_named(
    made: tuple[Path, Any], tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = Path(shutil.copytree(made[0], tmp_path / "spoiled"))
    spoil(folder)
    place = checkout(tmp_path / "root")
    with pytest.raises(ModelError, match=message):
        import_model(place, folder, service="speech")
    assert not list((place / "build").glob("models/speech/*"))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("vocab.json"), r"holds no vocab\.json"),
        (changed("vocab.json", A=10**6), "must give each symbol a number below vocab_size"),
        (changed("vocab.json", eng={"A": 1}), "one language only"),
        (changed("tokenizer_config.json", tokenizer_class="Wav2Vec2PhonemeCTCTokenizer"), "phonemes, not words"),
        (changed("config.json", pad_token_id=...), "pad_token_id is None"),
        (changed("config.json", conv_stride=[5]), "must be as long"),
        (changed("config.json", conv_kernel="10"), "conv_kernel must be a list"),
        (changed("config.json", conv_kernel=[10**6] * 7), "conv_kernel must hold numbers from 1 to"),
        (changed("config.json", hidden_size=10**9), "hidden_size is 1000000000"),
        (changed("preprocessor_config.json", sampling_rate=8000), "only 16000 is served"),
        (changed("preprocessor_config.json", feature_extractor_type="SeamlessM4TFeatureExtractor"), "not served"),
    ],
)
def test_what_is_not_right_in_a_ctc_network_is_named(
    letters: tuple[Path, Any], tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = Path(shutil.copytree(letters[0], tmp_path / "spoiled"))
    spoil(folder)
    place = checkout(tmp_path / "root")
    with pytest.raises(ModelError, match=message):
        import_model(place, folder, service="speech", languages=["en"])
    assert not list((place / "build").glob("models/speech/*"))


def test_a_ctc_network_needs_its_languages_and_has_no_compact_form(letters: tuple[Path, Any], tmp_path: Path) -> None:
    place = checkout(tmp_path / "root")
    with pytest.raises(ModelError, match="which languages the network hears; say it: --languages"):
        import_model(place, letters[0], service="speech")
    with pytest.raises(ModelError, match="no compact form"):
        import_model(place, letters[0], service="speech", languages=["en"], compact=True)


def test_a_vocabulary_in_lower_case_is_read_as_such(letters: tuple[Path, Any], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(letters[0], tmp_path / "lower"))
    changed("tokenizer_config.json", do_lower_case=True, word_delimiter_token={"content": "|"})(folder)
    vocabulary = read_vocabulary(folder, {"vocab_size": len(SYMBOLS), "pad_token_id": 0})
    assert vocabulary.labels[SYMBOLS.index("A")] == "a"
    assert vocabulary.labels[SYMBOLS.index("|")] == SPACE
