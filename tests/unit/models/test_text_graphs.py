"""What text models share: one input of ids, padded on the right with -1, and a tokenizer beside the graph."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from sensorium_models.errors import RecipeError
from sensorium_models.graph import rename_values, seal, take_padded_ids
from sensorium_models.texts import PADDING, in_batches, padded
from sensorium_models.tokenizer import huggingface_file
from unit.models.graphs import answer


def bert(*inputs: str) -> onnx.ModelProto:
    """A graph with BERT's inputs that gives each of them back under `seen_<name>`."""
    values = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in inputs]
    outputs = [helper.make_tensor_value_info(f"seen_{name}", TensorProto.INT64, ["n", "t"]) for name in inputs]
    nodes = [helper.make_node("Identity", [name], [f"seen_{name}"]) for name in inputs]
    return helper.make_model(
        helper.make_graph(nodes, "bert", values, outputs), opset_imports=[helper.make_opsetid("", 18)]
    )


def test_ids_become_what_bert_takes(tmp_path: Path) -> None:
    model = bert("input_ids", "attention_mask", "token_type_ids")
    take_padded_ids(model)
    seen = answer(seal(model), {"input_ids": np.array([[101, 0, 102], [101, 102, -1]], np.int32)}, tmp_path)
    assert seen["seen_input_ids"].tolist() == [[101, 0, 102], [101, 102, 0]]
    assert seen["seen_attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert seen["seen_token_type_ids"].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_graph_that_needs_more_than_ids_is_refused() -> None:
    with pytest.raises(RecipeError, match="inputs position_ids, which ids alone do not determine"):
        take_padded_ids(bert("input_ids", "position_ids"))


def test_names_can_be_exchanged(tmp_path: Path) -> None:
    model = bert("input_ids", "attention_mask")
    rename_values(model, {"seen_input_ids": "seen_attention_mask", "seen_attention_mask": "seen_input_ids"})
    ids, mask = np.array([[7]], np.int64), np.array([[1]], np.int64)
    seen = answer(model, {"input_ids": ids, "attention_mask": mask}, tmp_path)
    assert (seen["seen_attention_mask"].item(), seen["seen_input_ids"].item()) == (7, 1)


def test_rows_are_padded_to_the_longest_of_their_batch() -> None:
    assert padded([[1, 2, 3], [4]]).tolist() == [[1, 2, 3], [4, PADDING, PADDING]]
    assert padded([]).shape == (0, 0)
    batches = [batch.tolist() for batch in in_batches([[1], [], [2, 3]], 2)]
    assert batches == [[[1], [PADDING]], [[2, 3]]]


def test_a_tokenizer_file_neither_cuts_nor_pads(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"truncation": {"max_length": 128}, "padding": {"strategy": "BatchLongest"}, "model": {"é": 1}}')
    assert huggingface_file(path).decode() == '{"truncation": null, "padding": null, "model": {"é": 1}}'


@pytest.mark.parametrize(("content", "message"), [("{", "is not JSON"), ("[]", "holds no JSON object")])
def test_a_file_that_is_no_tokenizer_is_refused(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(RecipeError, match=message):
        huggingface_file(path)
