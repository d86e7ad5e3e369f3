"""Folders from elsewhere: tiny networks made here become served models; what is not right is refused with a reason."""

import json
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers.modeling_outputs import BaseModelOutput

from sensorium_core.triton import parse_config
from sensorium_models.build import build_all, list_models
from sensorium_models.errors import ModelError
from sensorium_models.export import export_text_encoder
from sensorium_models.importing import Imported, _network, import_model
from sensorium_models.importing._config import text_config
from sensorium_models.inference import open_session
from sensorium_models.pooling import Pooling
from sensorium_models.texts import padded
from sensorium_models.transformer import Embedder, load_network

CHECKOUT = Path(__file__).parents[3]
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
SIZES = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
}
LABELS = {0: "O", 1: "B-TAG", 2: "I-TAG"}
LETTER_A, LETTER_B = VOCABULARY.index("a"), VOCABULARY.index("b")
TEXT, LONGER = [2, LETTER_A, LETTER_B, 3], [2, *[LETTER_B] * 9, 3]


def save_tokenizer(folder: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece({word: index for index, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_truncation(8)
    tokenizer.save(str(folder / "tokenizer.json"))


def save_bert(folder: Path, kind: str, **changes: Any) -> None:
    torch.manual_seed(0)
    network = getattr(transformers, f"Bert{kind}")(transformers.BertConfig(**(SIZES | changes)))
    network.save_pretrained(folder)
    save_tokenizer(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders `embedder`, `classifier` and `tagger`, as people share them."""
    root = tmp_path_factory.mktemp("made")
    save_bert(root / "embedder", "Model")
    save_bert(root / "classifier", "ForSequenceClassification", id2label={0: "good", 1: "bad"})
    save_bert(root / "tagger", "ForTokenClassification", id2label=LABELS)
    return root


def checkout(folder: Path) -> Path:
    """A checkout with the recipe of a model of its own, `shipped`."""
    recipe = folder / "checkout" / "services" / "text" / "models" / "shipped" / "recipe.py"
    recipe.parent.mkdir(parents=True)
    recipe.write_text("")
    return folder / "checkout"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return checkout(tmp_path)


@pytest.fixture
def embedder(made: Path, tmp_path: Path) -> Path:
    """A copy of the embedder that a test may spoil."""
    return Path(shutil.copytree(made / "embedder", tmp_path / "embedder"))


@pytest.fixture(scope="module")
def repository(made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Imported]:
    """The three of them imported, and the embedder once more with all that a folder may hold besides."""
    root, folder = checkout(tmp_path_factory.mktemp("imports")), made / "Tiny-Embedder.v1"
    transformers.AutoModel.from_pretrained(made / "embedder").save_pretrained(folder, max_shard_size="8KB")
    shutil.copy(made / "embedder" / "tokenizer.json", folder)
    for name, text in {
        "README.md": "---\nlicense: apache-2.0\n---\n# Tiny\n",
        "modules.json": json.dumps(
            [{"type": f"sentence_transformers.models.{kind}"} for kind in ("Transformer", "Pooling")]
        ),
        "1_Pooling/config.json": '{"word_embedding_dimension": 16, "pooling_mode_cls_token": true}',
        "sentence_bert_config.json": '{"max_seq_length": 24}',
        "tokenizer_config.json": '{"model_max_length": Infinity}',
        "modeling_evil.py": "raise SystemExit",
        "pytorch_model.bin": "cos\nsystem\n.",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return {
        "embedder": import_model(root, made / "embedder"),
        "classifier": import_model(root, made / "classifier", name="mood"),
        "tagger": import_model(root, made / "tagger"),
        "dressed": import_model(root, folder, languages=["en"]),
    }


def served(imported: Imported, ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(open_session(imported.model.path / "1" / "model.onnx").run(None, {"input_ids": ids})[0])


def source(folder: Path, task: str, ids: list[int]) -> Any:
    """What the network says of one text, by transformers alone."""
    network = getattr(transformers, task).from_pretrained(folder).eval()
    with torch.no_grad():
        return network(torch.tensor([ids]))


def test_an_embedder_is_served_as_the_mean_of_its_tokens_of_length_one(
    repository: dict[str, Imported], made: Path
) -> None:
    imported = repository["embedder"]
    assert (imported.model.name, imported.capability, imported.max_tokens) == ("embedder", "embed", 40)
    assert imported.error < 1e-5
    mean = source(made / "embedder", "AutoModel", TEXT).last_hidden_state[0].mean(0).numpy()
    embeddings = served(imported, padded([TEXT, LONGER]))
    np.testing.assert_allclose(embeddings[0], mean / np.linalg.norm(mean), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "lasttoken"])
def test_pooling_sees_a_text_s_own_tokens_only(made: Path, pooling: Pooling) -> None:
    states = source(made / "embedder", "AutoModel", TEXT).last_hidden_state[0].numpy()
    expected = {"mean": states.mean(0), "cls": states[0], "max": states.max(0), "lasttoken": states[-1]}[pooling]
    module = Embedder(load_network(made / "embedder", "AutoModel"), pooling)
    with torch.no_grad():
        embeddings = module(torch.from_numpy(padded([TEXT, LONGER]))).numpy()
    np.testing.assert_allclose(embeddings[0], expected / np.linalg.norm(expected), atol=1e-5)


def test_a_classifier_gives_probabilities_of_its_labels(repository: dict[str, Imported], made: Path) -> None:
    imported = repository["classifier"]
    assert (imported.model.name, imported.capability) == ("mood", "classify")
    logits = source(made / "classifier", "AutoModelForSequenceClassification", TEXT).logits
    probabilities = served(imported, padded([TEXT, LONGER]))
    np.testing.assert_allclose(probabilities[0], torch.softmax(logits[0], -1).numpy(), atol=1e-5)


def test_a_tagger_gives_probabilities_of_each_token(repository: dict[str, Imported], made: Path) -> None:
    imported = repository["tagger"]
    assert imported.capability == "entities"
    logits = source(made / "tagger", "AutoModelForTokenClassification", TEXT).logits
    probabilities = served(imported, padded([TEXT, LONGER]))
    assert probabilities.shape == (2, len(LONGER), 3)
    np.testing.assert_allclose(probabilities[0, : len(TEXT)], torch.softmax(logits[0], -1).numpy(), atol=1e-5)


def test_pooling_length_and_parts_of_weights_are_those_of_the_folder(
    repository: dict[str, Imported], made: Path
) -> None:
    imported = repository["dressed"]
    assert not (made / "Tiny-Embedder.v1" / "model.safetensors").exists()
    assert imported.max_tokens == 24
    first = source(made / "embedder", "AutoModel", TEXT).last_hidden_state[0, 0].numpy()
    (embedding,) = served(imported, padded([TEXT]))
    np.testing.assert_allclose(embedding, first / np.linalg.norm(first), atol=1e-5)


def test_the_repository_gets_a_complete_model_and_nothing_else(repository: dict[str, Imported]) -> None:
    folder = repository["dressed"].model.path
    root = folder.parents[3]
    assert folder == root / "build" / "models" / "text" / "tiny_embedder_v1"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        *("1/model.onnx", "config.pbtxt", "import.json", "tokenizer.json")
    }
    assert list((root / "build" / "tmp").iterdir()) == []
    config = parse_config((folder / "config.pbtxt").read_text())
    parameters = {key: value.string_value for key, value in config.parameters.items()}
    assert (config.name, config.output[0].name, list(config.output[0].dims)) == ("tiny_embedder_v1", "embedding", [16])
    assert parameters.pop("source").startswith("imported Tiny-Embedder.v1, weights sha256:")
    assert parameters == {
        "capability": "embed",
        "intra_op_thread_count": "2",
        "labels": "[]",
        "languages": "en",
        "license": "apache-2.0",
        "max_tokens": "24",
        "parallel_runs": "2",
        "rows_per_run": "16",
        "tokenizer": "huggingface",
    }
    assert json.loads((folder / "tokenizer.json").read_text())["truncation"] is None


def test_imported_models_are_listed_and_survive_a_build(repository: dict[str, Imported]) -> None:
    root = repository["tagger"].model.path.parents[3]
    (root / "services" / "text" / "models" / "shipped" / "recipe.py").unlink()
    build_all(root)
    entries = {entry.name: entry for entry in list_models(root)}
    assert set(entries) == {"embedder", "mood", "tagger", "tiny_embedder_v1"}
    tagger = entries["tagger"]
    assert (tagger.service, tagger.capability, tagger.license, tagger.current) == (
        "text",
        "entities",
        "not stated",
        True,
    )
    assert tagger.size_bytes == repository["tagger"].size_bytes


@pytest.mark.parametrize("shipped", ["minilm_l6"])
def test_its_configuration_is_that_of_the_shipped_models(shipped: str) -> None:
    written = (CHECKOUT / "services" / "text" / "models" / shipped / "config.pbtxt").read_text()
    assert text_config(shipped, output="embedding", dims=[384]) == written


def changed(folder: Path, name: str, **changes: Any) -> None:
    path = folder / name
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({key: value for key, value in (content | changes).items() if value is not ...}))


def truncated(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def only_pickles(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def linked_outside(folder: Path) -> None:
    outside = folder.parent / "blob"
    (folder / "model.safetensors").rename(outside)
    (folder / "model.safetensors").symlink_to(outside)


def far_too_many_values(folder: Path) -> None:
    header = {"x": {"dtype": "F32", "shape": [1 << 30], "data_offsets": [0, 4 << 30]}}
    text = json.dumps(header).encode()
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + (4 << 30))  # takes no room: the file has a hole


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def configured(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: changed(folder, "config.json", **changes)


def written(name: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("config.json"), "holds no config.json, which every Hugging Face model has"),
        (without("tokenizer.json"), "holds no tokenizer.json: older models have only a vocabulary"),
        (without("model.safetensors"), "holds no model.safetensors"),
        (only_pickles, "only as pytorch_model.bin; such files can run code"),
        (linked_outside, "model.safetensors is a link that leads out of the folder"),
        (truncated, "model.safetensors is damaged or not complete"),
        (far_too_many_values, "MB; at most"),
        (written("model.safetensors", "no weights at all, but text"), "model.safetensors is damaged"),
        (written("config.json", "{"), "config.json is not JSON"),
        (written("config.json", "[" * 100_000), "config.json is not JSON"),
        (written("config.json", "[]"), "config.json holds no JSON object"),
        (written("tokenizer.json", "{"), "tokenizer.json is not JSON"),
        (written("tokenizer.json", "[" * 100_000), "tokenizer.json is not JSON"),
        (written("tokenizer.json", '{"model": "\\ud800"}'), "tokenizer.json is not JSON"),
        (written("tokenizer.json", '{"model": 1}'), "tokenizer.json is no tokenizer of the library tokenizers"),
        (written("modules.json", '{"a": 1}'), "modules.json does not list"),
        (written("modules.json", '[{"type": "sentence_transformers.models.Dense"}]'), "Dense is not served"),
        (written("1_Pooling/config.json", '{"pooling_mode_mean_sqrt_len_tokens": true}'), "pools by .*mean_sqrt_len"),
        (
            configured(auto_map={"AutoModel": "modeling_evil.Evil"}),
            r"needs code of its own \(auto_map\), which is never run",
        ),
        (configured(architectures=["GPT2LMHeadModel"], is_encoder_decoder=True), "served are encoders"),
        (configured(architectures=["BertForMaskedLM"]), "served are encoders"),
        (configured(architectures="BertModel"), "served are encoders"),
        (configured(model_type="nonsense"), "transformers cannot load the model"),
        (configured(model_type=...), "transformers cannot load the model"),
        (configured(vocab_size=...), "vocab_size is missing"),
        (configured(vocab_size=10**12), "vocab_size is 1000000000000; expected a number from 0 to"),
        (configured(num_hidden_layers="two"), "num_hidden_layers is 'two'"),
        (configured(num_hidden_layers=2), "the weights lack 16 parameters that config.json asks for, such as"),
        (configured(vocab_size=len(VOCABULARY) + 1), f"no parameter has vocab_size {len(VOCABULARY) + 1} rows"),
        (configured(max_position_embeddings=2), "transformers cannot load the model"),
        (configured(intermediate_size=64), "transformers cannot load the model"),
    ],
)
def test_what_is_not_right_is_named(root: Path, embedder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(embedder)
    with pytest.raises(ModelError, match=message):
        import_model(root, embedder)
    assert not list((root / "build").glob("models/text/*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problem_type": "multi_label_classification"}, "only classes of which one is right are served"),
        ({"id2label": ...}, "id2label is missing"),
        ({"id2label": {"0": "only"}}, "2 to 10,000 classes"),
        ({"id2label": {"0": "good", "2": "bad"}}, "from 0 on, '1' is missing"),
        ({"id2label": {"0": "same", "1": "same"}}, "two classes the same name"),
        ({"id2label": ["good", "bad"]}, "must name the classes"),
        ({"id2label": {"0": "good", "1": "\ud800"}}, "characters that cannot be printed"),
    ],
)
def test_classes_need_names(root: Path, made: Path, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    folder = Path(shutil.copytree(made / "classifier", tmp_path / "classifier"))
    changed(folder, "config.json", **changes)
    with pytest.raises(ModelError, match=message):
        import_model(root, folder)


def test_a_network_that_cannot_be_exported_is_refused_with_the_first_cause_in_one_line(
    root: Path, embedder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Next steps:\n* ...") from ValueError("depends on the data\ndef forward(self)")

    monkeypatch.setattr(_network, "export_text_encoder", fail)
    with pytest.raises(ModelError, match=r"^the network cannot be exported: depends on the data$"):
        import_model(root, embedder)


def test_a_graph_that_says_something_else_than_the_network_is_refused(
    root: Path, embedder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = torch.nn.Embedding(len(VOCABULARY), 16)
    graph = export_text_encoder(Embedder(Stateless(other), "mean"), ["embedding"])
    monkeypatch.setattr(_network, "export_text_encoder", lambda *_: graph)
    with pytest.raises(ModelError, match=r"differs from the network by .* on real sentences"):
        import_model(root, embedder)


class Stateless(torch.nn.Module):
    """A network that knows words only."""

    def __init__(self, words: torch.nn.Embedding) -> None:
        super().__init__()
        self.words = words

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        return BaseModelOutput(last_hidden_state=self.words(input_ids))


def test_a_tokenizer_of_another_model_is_refused(root: Path, embedder: Path) -> None:
    path = embedder / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"]["vocab"]["pump"] = 5000
    path.write_text(json.dumps(content))
    with pytest.raises(
        ModelError, match=r"has the id 5000, config\.json says vocab_size 56: they do not belong together"
    ):
        import_model(root, embedder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "shipped"}, "a model that comes with Sensorium is called shipped"),
        ({"name": "Bad Name"}, "'Bad Name' is no name of a model"),
        ({"name": "../escape"}, "is no name of a model"),
        ({"service": "vision"}, "the vision service takes no imported models; speech and text do"),
    ],
)
def test_a_name_or_service_that_cannot_be_is_refused(
    root: Path, embedder: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        import_model(root, embedder, **options)


def test_a_model_is_not_replaced_unasked(root: Path, embedder: Path) -> None:
    (root / "build" / "models" / "text" / "embedder").mkdir(parents=True)
    with pytest.raises(ModelError, match="there is a model called embedder already; choose another --name, or remove"):
        import_model(root, embedder)


def test_a_folder_that_is_none_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no folder"):
        import_model(root, tmp_path / "nothing")


def test_a_place_that_is_no_checkout_stays_as_it_is(embedder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there are no models here: run this in Sensorium's checkout"):
        import_model(tmp_path / "elsewhere", embedder)
    assert not (tmp_path / "elsewhere").exists()
